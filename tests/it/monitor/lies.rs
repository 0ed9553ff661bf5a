//! A log whose owner lies in what it logs and in what it hands out: each lie has its own exit code.

use chengxin::record::credential::Audience;
use chengxin::record::did::method_id;
use chengxin::record::entry::{Entry, EntryKind};
use chengxin::record::multikey;
use chengxin::record::signer::{Signer as _, SoftwareSigner};
use chengxin::record::status::StatusPurpose;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::forger::{Log, Reply, honest, start};
use super::{Watch, clean, is};

/// A log in order: six employers, two of whom only partners see.
fn six() -> Log {
    let mut log = Log::new();
    for n in 0..6 {
        let audience = if n % 3 == 2 {
            Audience::Partners
        } else {
            Audience::Public
        };
        log.grade(n, audience);
    }
    log
}

/// The page of changes with one of them changed.
fn page(path: &str, log: &Log, index: u64, change: impl Fn(&mut Vec<Value>, usize)) -> Reply {
    let (status, body) = honest(path, log)?;
    if !path.starts_with("/api/v1/changes") {
        return Some((status, body));
    }
    let mut page: Value = serde_json::from_slice(&body).unwrap();
    let changes = page["changes"].as_array_mut().unwrap();
    if let Some(place) = changes.iter().position(|change| change["logIndex"] == index) {
        change(changes, place);
    }
    Some((status, chengxin::record::canonical::to_vec(&page).unwrap()))
}

#[test]
fn a_log_in_order() {
    let watch = Watch::new("monitor-order");
    let mut log = six();
    log.snapshot(|_| {});
    let round = watch.see(&log);
    clean(&round);
    let said = &round.1;
    assert_eq!(
        (&said["size"], &said["checked"], &said["hidden"]),
        (&log.size().into(), &log.size().into(), &2.into())
    );
    assert_eq!(said["root"], log.root(log.size()).to_base64());
    assert_eq!(
        (&said["first"], &said["snapshots"][0]["result"]),
        (&true.into(), &"equal".into())
    );
    // Suspended and restored, replaced, revoked: what may happen.
    let [revocation, suspension, refresh] = StatusPurpose::ALL;
    log.lists(&[(suspension, 1), (revocation, 3)]);
    log.lists(&[(revocation, 3), (refresh, 4)]);
    log.snapshot(|_| {});
    let round = watch.see(&log);
    clean(&round);
    assert_eq!((&round.1["added"], &round.1["first"]), (&7.into(), &false.into()));
    assert_eq!(round.1["snapshots"][0]["result"], "equal");
    // Nothing new.
    let round = watch.see(&log);
    clean(&round);
    assert_eq!(
        (&round.1["added"], &round.1["snapshots"]),
        (&0.into(), &json!([]))
    );
}

#[test]
fn a_body_that_is_changed_or_withheld_and_comes_at_last() {
    let watch = Watch::new("monitor-body");
    let log = six();
    let changed = watch.hear(&log, |path, log| {
        page(path, log, 5, |changes, at| {
            changes[at]["credential"]["credentialSubject"]["grade"] = "C".into();
        })
    });
    is(&changed, 15, "body-changed");
    assert!(
        changed.1["alarms"][0]["about"]
            .as_str()
            .unwrap()
            .starts_with("entry 5, ")
    );
    clean(&watch.see(&log));

    let watch = Watch::new("monitor-missing");
    let withheld = |path: &str, log: &Log| page(path, log, 5, |changes, at| drop(changes.remove(at)));
    is(&watch.hear(&log, withheld), 16, "body-missing");
    is(&watch.hear(&log, withheld), 16, "body-missing");
    // A server that breaks over one body: the others are looked at all the same.
    let broken = watch.hear(&log, |path, log| match path {
        "/api/v1/changes?since=5&limit=1" => Some((500, Vec::new())),
        path => honest(path, log),
    });
    is(&broken, 16, "body-missing");
    assert_eq!(broken.1["checked"], log.size());
    clean(&watch.see(&log));
    let watch = Watch::new("monitor-broken");
    let broken = watch.hear(&log, |path, log| {
        let asked = path
            .strip_prefix("/api/v1/changes?since=")
            .and_then(|rest| rest.split_once("&limit="));
        let Some((since, limit)) = asked else {
            return honest(path, log);
        };
        let (since, limit): (u64, u64) = (since.parse().unwrap(), limit.parse().unwrap());
        if (since..since + limit).contains(&5) {
            Some((500, Vec::new()))
        } else {
            honest(path, log)
        }
    });
    is(&broken, 16, "body-missing");
    assert_eq!(
        (&broken.1["checked"], broken.1["alarms"].as_array().unwrap().len()),
        (&log.size().into(), 1)
    );
}

#[test]
fn a_withdrawn_body() {
    let watch = Watch::new("monitor-erased");
    let mut log = six();
    clean(&watch.see(&log));
    let kept = || {
        super::forger::files(&watch.dir.join("mirror/private/bodies"))
            .into_values()
            .flatten()
            .collect::<Vec<u8>>()
    };
    let body = log.items[5].body.clone().unwrap();
    let holds = |kept: &[u8]| kept.windows(body.len()).any(|window| window == body);
    assert!(holds(&kept()));
    let before = log.clone();
    log.erase(5);
    let round = watch.see(&log);
    clean(&round);
    assert_eq!(round.1["erased"], 1);
    assert!(!holds(&kept()), "the mirror keeps what was withdrawn");
    // Somebody who comes later never sees it, and a snapshot can be rebuilt without it.
    log.snapshot(|_| {});
    let late = Watch::new("monitor-late");
    let round = late.see(&log);
    clean(&round);
    assert_eq!(round.1["snapshots"][0]["result"], "equal");
    // Withdrawn between the head and the page: the next head explains it.
    let racing = Watch::new("monitor-race");
    let looks = std::sync::atomic::AtomicU32::new(0);
    let after = log.clone();
    let round = racing.hear(&before, move |path, before| {
        let first = path == "/log/checkpoint" && looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        honest(path, if first { before } else { &after })
    });
    clean(&round);
    // Handed out under a head that says that it is withdrawn.
    let mut log = before;
    log.erase(5);
    log.items[5].body = Some(body);
    is(&Watch::new("monitor-kept").see(&log), 23, "erased-served");
}

/// An erasure that the log's key alone made: it is told of, and no mirror lets go on it, until the issuer's own
/// withdrawal is logged.
#[test]
fn erased_by_nobody_who_could() {
    let watch = Watch::new("monitor-unproved");
    let mut log = six();
    clean(&watch.see(&log));
    let body = log.items[5].body.clone().unwrap();
    let holds = |watch: &Watch| {
        let kept: Vec<u8> = super::forger::files(&watch.dir.join("mirror/private/bodies"))
            .into_values()
            .flatten()
            .collect();
        kept.windows(body.len()).any(|window| window == body)
    };
    let unproved = |round: &(i32, Value)| {
        let alarms = round.1["alarms"].as_array().unwrap();
        alarms.iter().any(|alarm| alarm["kind"] == "erased-unproved")
    };
    log.withdraw_for(5, 4, Audience::Partners);
    log.withdraw(6, 4);
    log.erase_alone(5);
    for _ in 0..2 {
        let round = watch.see(&log);
        is(&round, 26, "erased-unproved");
        assert_eq!((&round.1["erased"], holds(&watch)), (&0.into(), true));
        log.lists(&[]);
    }
    // Who comes later has no copy, and is told all the same.
    is(
        &Watch::new("monitor-unproved-late").see(&log),
        26,
        "erased-unproved",
    );
    // A withdrawal by a key that nobody listed is none.
    let mut forged = log.clone();
    forged.withdraw(5, 77);
    let other = Watch::new("monitor-forged");
    let round = other.see(&forged);
    is(&round, 17, "record");
    assert!(unproved(&round));
    // One that is withheld is not shown; once it is, the body goes.
    let index = log.withdraw(5, 4);
    let withheld = watch.hear(&log, move |path, log| {
        page(path, log, index, |changes, at| drop(changes.remove(at)))
    });
    is(&withheld, 16, "body-missing");
    assert!(unproved(&withheld) && holds(&watch));
    let round = watch.see(&log);
    clean(&round);
    assert_eq!((&round.1["erased"], holds(&watch)), (&1.into(), false));
}

/// Who comes after years finds more withdrawals than bodies that could be owed, each explained further on.
#[test]
fn many_were_withdrawn_long_ago() {
    let mut log = six();
    let gone: Vec<u64> = (0..1100).map(|_| log.day()).collect();
    gone.iter().for_each(|index| log.erase(*index));
    log.lists(&[]);
    let round = Watch::new("monitor-many").see(&log);
    clean(&round);
    assert_eq!(
        (&round.1["checked"], &round.1["erased"]),
        (&log.size().into(), &1100.into())
    );
    // One more, of which nobody says so.
    let index = log.day();
    log.items[index as usize].body = None;
    is(&Watch::new("monitor-many").see(&log), 16, "body-missing");
}

#[test]
fn signed_by_nobody_who_could() {
    let watch = Watch::new("monitor-record");
    let mut log = six();
    let index = log.grade_by(9, Audience::Public, 77);
    let round = watch.see(&log);
    is(&round, 17, "record");
    assert_eq!(round.1["alarms"][0]["about"], format!("entry {index}"));
    // It stands until somebody has taken note.
    log.grade(10, Audience::Public);
    let round = watch.see(&log);
    is(&round, 17, "record");
    assert_eq!(round.1["checked"], log.size());
    let file = watch
        .dir
        .join("mirror")
        .join(round.1["alarms"][0]["file"].as_str().unwrap());
    std::fs::rename(&file, watch.dir.join("seen.json")).unwrap();
    clean(&watch.see(&log));
    // A key that had ended, and one that a document lists only afterwards.
    let mut ended = six();
    let mut document = ended.document();
    document.methods[0].revoked = Some(start());
    let mut other = document.methods[0].clone();
    let signer = SoftwareSigner::generate(&mut [6; 32], "x");
    other.key = multikey::usable(&signer.public_key()).unwrap();
    other.id = method_id(&document.host, &signer.public_key());
    other.revoked = None;
    document.methods.push(other);
    let mut early = ended.clone();
    early.grade_by(9, Audience::Public, 6);
    early.keys(&document, 2);
    is(&Watch::new("monitor-early").see(&early), 17, "record");
    ended.keys(&document, 2);
    let mut good = ended.clone();
    good.grade_by(9, Audience::Public, 6);
    clean(&Watch::new("monitor-rotated").see(&good));
    ended.grade(9, Audience::Public);
    is(&Watch::new("monitor-ended").see(&ended), 17, "record");
    // What is no entry at all, and a body of another kind than its entry.
    let mut odd = six();
    odd.items[5].entry = b"{}".to_vec();
    is(&Watch::new("monitor-odd").see(&odd), 17, "record");
    let mut kind = six();
    let mut entry = Entry::decode(&kind.items[5].entry).unwrap();
    entry.kind = EntryKind::RuleSet;
    kind.items[5].entry = entry.encode();
    is(&Watch::new("monitor-kind").see(&kind), 17, "record");
}

#[test]
fn lists_that_take_back() {
    let [revocation, suspension, refresh] = StatusPurpose::ALL;
    for purpose in [revocation, refresh] {
        let watch = Watch::new("monitor-cleared");
        let mut log = six();
        log.lists(&[(purpose, 3), (suspension, 1)]);
        clean(&watch.see(&log));
        log.lists(&[(suspension, 1)]);
        let round = watch.see(&log);
        is(&round, 18, "list-cleared");
        assert!(round.1["alarms"][0]["says"].as_str().unwrap().contains("bit 3"));
        assert_eq!(round.1["alarms"].as_array().unwrap().len(), 1);
    }
    // Within one page too, and one that goes back in time.
    let mut log = six();
    log.lists(&[(revocation, 3)]);
    log.lists(&[]);
    is(&Watch::new("monitor-cleared").see(&log), 18, "list-cleared");
    let mut back = six();
    let at = back.now() - TimeDelta::hours(1);
    back.list(revocation, &[], at);
    is(&Watch::new("monitor-back").see(&back), 19, "list-time");
    let mut future = six();
    let at = future.now() + TimeDelta::hours(1);
    future.list(revocation, &[], at);
    is(&Watch::new("monitor-future").see(&future), 19, "list-time");
    // The version that takes back is withheld at first and comes late.
    let watch = Watch::new("monitor-held-back");
    let mut log = six();
    let set = log.list(revocation, &[(revocation, 3)], log.now());
    log.list(revocation, &[], log.now());
    let withheld = move |path: &str, log: &Log| page(path, log, set, |changes, at| drop(changes.remove(at)));
    is(&watch.hear(&log, withheld), 16, "body-missing");
    is(&watch.see(&log), 18, "list-cleared");
    // Logged properly, and yesterday's is handed out.
    let mut log = six();
    let old = log.clone();
    log.lists(&[(revocation, 3)]);
    let served = Watch::new("monitor-served").hear(&log, move |path, log| {
        honest(path, if path.starts_with("/status/") { &old } else { log })
    });
    is(&served, 19, "list-time");
    assert_eq!(served.1["alarms"][0]["stands"], false, "it may be put right");
    // A newer one is handed out, and nowhere in the log.
    let log = six();
    let mut other = log.clone();
    other.lists(&[]);
    let served = Watch::new("monitor-unlogged").hear(&log, move |path, log| {
        honest(path, if path.starts_with("/status/") { &other } else { log })
    });
    is(&served, 17, "record");
}

#[test]
fn a_list_that_is_a_bomb() {
    use std::io::Write as _;
    let gzip = |bytes: usize| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let block = vec![0; 1 << 20];
        (0..bytes >> 20).for_each(|_| gzip.write_all(&block).unwrap());
        use base64::Engine as _;
        format!(
            "u{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(gzip.finish().unwrap())
        )
    };
    for text in [gzip(24 << 20), format!("u{}", "A".repeat(60_000)), "u".to_owned()] {
        let mut log = six();
        log.changed_list(|list| list["credentialSubject"]["encodedList"] = text.clone().into());
        let round = Watch::new("monitor-bomb").see(&log);
        is(&round, 20, "list-malformed");
        assert_eq!(round.1["checked"], log.size());
    }
}

#[test]
fn key_documents_that_are_not_the_roots() {
    let mut log = six();
    let document = log.document();
    let mut few = log.clone();
    few.keys(&document, 1);
    is(&Watch::new("monitor-roots").see(&few), 21, "keys");
    let mut ended = document.clone();
    ended.methods[0].expires = Some(log.now() + TimeDelta::days(9));
    let mut second = document.methods[0].clone();
    let other = SoftwareSigner::generate(&mut [6; 32], "x");
    second.key = multikey::usable(&other.public_key()).unwrap();
    second.id = method_id(&document.host, &other.public_key());
    ended.methods.push(second);
    log.keys(&ended, 2);
    let mut taken_back = log.document();
    taken_back.methods = ended.methods.clone();
    taken_back.methods[0].expires = None;
    let watch = Watch::new("monitor-unexpired");
    clean(&watch.see(&log));
    log.keys(&taken_back, 2);
    is(&watch.see(&log), 21, "keys");
}

#[test]
fn snapshots_that_lie() {
    for (label, lie) in [
        (
            "tree",
            (|state| state.tree_root = [7; 32]) as fn(&mut chengxin::record::snapshot::State),
        ),
        ("root", |state| state.log_root = [7; 32]),
        ("size", |state| state.log_size -= 1),
        ("lists", |state| state.lists.truncate(2)),
    ] {
        let mut log = six();
        log.snapshot(lie);
        is(
            &Watch::new(&format!("monitor-snapshot-{label}")).see(&log),
            22,
            "snapshot",
        );
    }
}

#[test]
fn a_server_that_stands_still() {
    let watch = Watch::new("monitor-stale");
    let log = six();
    clean(&watch.see(&log));
    let stage = super::forger::Stage::of(&log);
    is(
        &watch.round(&stage.url(), log.now() + TimeDelta::hours(25), &[]),
        25,
        "stale",
    );
    clean(&watch.round(
        &stage.url(),
        log.now() + TimeDelta::hours(25),
        &["--max-age", "26h"],
    ));
    // The key document's own end.
    let month = log.now() + TimeDelta::days(31);
    let round = watch.round(&stage.url(), month, &["--max-age", "26h"]);
    assert!(
        round.1["alarms"].to_string().contains("key document"),
        "{}",
        round.1
    );
}

//! Two histories under one log key, and heads that are nobody's.

use std::fs;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chengxin::log::checkpoint::Checkpoint;
use chengxin::log::hash::Hash;
use chengxin::log::key::{KeyKind, VerifierKey};
use chengxin::log::note::Note;
use chengxin::log::proof::verify_growth;
use chengxin::log::witness::AddCheckpoint;
use chengxin::record::credential::Audience;
use chengxin::witness::{StateFile, Witness, WitnessKey};
use serde_json::Value;

use super::forger::{HOST, Log, Stage, files, honest};
use super::{Watch, clean, is};

/// A log, and two ways to go on from its first entries.
fn forked() -> (Log, Log) {
    let (mut one, mut other) = (Log::new(), Log::new());
    for n in 0..20 {
        one.grade(n, Audience::Public);
        other.grade(n + u32::from(n >= 10), Audience::Public);
    }
    (one, other)
}

/// The one alarm file, and the notes beside it.
fn evidence(watch: &Watch) -> (Value, String, String) {
    let all = files(&watch.dir.join("mirror/alarms"));
    let file = |ending: &str| {
        let found: Vec<&Vec<u8>> = all
            .iter()
            .filter(|(name, _)| name.ends_with(ending))
            .map(|(_, file)| file)
            .collect();
        assert_eq!(found.len(), 1, "{:?}", all.keys());
        String::from_utf8(found[0].clone()).unwrap()
    };
    (
        serde_json::from_str(&file(".json")).unwrap(),
        file(".held"),
        file(".shown"),
    )
}

fn head(note: &str) -> Checkpoint {
    Checkpoint::of(&Note::parse(note.as_bytes()).unwrap()).unwrap()
}

/// Anybody can check the evidence with nothing else: one of the heads is not a beginning of the other.
#[track_caller]
fn proves_a_fork(watch: &Watch) {
    let (alarm, held, shown) = evidence(watch);
    let (held, shown) = (head(&held), head(&shown));
    if held.size == shown.size {
        assert_ne!(held.root, shown.root);
        return;
    }
    let (old, new) = if held.size < shown.size {
        (held, shown)
    } else {
        (shown, held)
    };
    let other = Hash::from_base64(alarm["evidence"]["other_root"].as_str().unwrap()).unwrap();
    let hash = |text: &Value| Hash::from_slice(&STANDARD.decode(text.as_str().unwrap()).unwrap()).unwrap();
    let path: Vec<Hash> = alarm["evidence"]["path"]
        .as_array()
        .unwrap()
        .iter()
        .map(hash)
        .collect();
    assert_eq!(
        verify_growth(old.size, &other, new.size, &new.root, &path),
        Ok(())
    );
    assert_ne!(other, old.root);
}

#[test]
fn two_histories() {
    let (one, other) = forked();
    let mut longer = other.clone();
    longer.grade(50, Audience::Public);
    let mut shorter = other.clone();
    shorter.items.truncate(18);
    for (label, second) in [("same", other), ("longer", longer), ("shorter", shorter)] {
        let watch = Watch::new(&format!("monitor-fork-{label}"));
        clean(&watch.see(&one));
        let before = fs::read(watch.dir.join("mirror/checkpoint")).unwrap();
        let round = watch.see(&second);
        is(&round, 10, "fork");
        assert_eq!(round.1["size"], one.size(), "the mirror stays with the first");
        proves_a_fork(&watch);
        assert_eq!(fs::read(watch.dir.join("mirror/checkpoint")).unwrap(), before);
        // The first history again: the proof stands.
        is(&watch.see(&one), 10, "fork");
        assert_eq!(files(&watch.dir.join("mirror/alarms")).len(), 3);
    }
}

/// The head that the monitor proves a fork by is refused by a witness that has cosigned the first history.
#[test]
fn the_same_head_before_a_witness() {
    let (one, other) = forked();
    let watch = Watch::new("monitor-fork-witness");
    let (key, state) = (watch.dir.join("witness.key"), watch.dir.join("witness.state"));
    WitnessKey::create(&key, "bank.example/witness", &mut [8; 32]).unwrap();
    StateFile::create(&state).unwrap();
    let policy = fs::read_to_string(watch.dir.join("trust/policy.txt")).unwrap();
    let log = VerifierKey::parse(policy.lines().next().unwrap().strip_prefix("log ").unwrap()).unwrap();
    let witness = Witness::new(
        WitnessKey::read(&key).unwrap(),
        vec![log],
        StateFile::open(&state).unwrap(),
        Box::new(|| 1),
    )
    .unwrap();
    let witness = Arc::new(witness);
    let ask = |old, note: String| {
        let request = AddCheckpoint {
            old,
            proof: Vec::new(),
            checkpoint: Note::parse(note.as_bytes()).unwrap(),
        };
        witness.add_checkpoint(request.to_string().as_bytes())
    };
    ask(0, one.head()).unwrap();
    clean(&watch.see(&one));
    is(&watch.see(&other), 10, "fork");
    let (_, _, shown) = evidence(&watch);
    let refused = ask(one.size(), shown).unwrap_err().to_string();
    assert!(refused.contains("two histories"), "{refused}");
}

#[test]
fn shown_smaller_than_before() {
    let (one, _) = forked();
    let watch = Watch::new("monitor-smaller");
    clean(&watch.see(&one));
    let mut before = one.clone();
    before.items.truncate(15);
    is(&watch.see(&before), 11, "rolled-back");
    let (_, held, shown) = evidence(&watch);
    assert_eq!((head(&held).size, head(&shown).size), (one.size(), 15));
    // A cache that was late, say: all is well again.
    clean(&watch.see(&one));
}

#[test]
fn heads_of_nobody() {
    let (one, _) = forked();
    let lie = |head: String| {
        move |path: &str, log: &Log| match path {
            "/log/checkpoint" => Some((200, head.clone().into_bytes())),
            path => honest(path, log),
        }
    };
    for (label, note) in [
        ("other", one.head().replace(HOST, "other.example")),
        (
            "size",
            one.head().replacen(&format!("\n{}\n", one.size()), "\n7\n", 1),
        ),
        ("nothing", String::new()),
        ("text", "hello\n".to_owned()),
    ] {
        let watch = Watch::new(&format!("monitor-head-{label}"));
        is(&watch.hear(&one, lie(note)), 12, "head");
        assert_eq!(
            files(&watch.dir.join("mirror"))
                .keys()
                .filter(|name| name.starts_with("tile"))
                .count(),
            0
        );
    }
    // A policy that demands a witness who has not signed.
    let watch = Watch::new("monitor-quorum");
    let policy = fs::read_to_string(watch.dir.join("trust/policy.txt")).unwrap();
    let witness = chengxin::record::signer::SoftwareSigner::generate(&mut [8; 32], "x");
    use chengxin::record::signer::Signer as _;
    let witness = VerifierKey::new(
        "bank.example/witness",
        KeyKind::Cosignature,
        &witness.public_key(),
    )
    .unwrap();
    let policy = policy.replace("quorum none", &format!("witness bank {witness}\nquorum bank"));
    fs::write(watch.dir.join("trust/policy.txt"), policy).unwrap();
    is(&watch.see(&one), 13, "quorum");
}

#[test]
fn tiles_and_entries_that_are_not_the_heads() {
    let (mut one, _) = forked();
    for n in 100..400 {
        one.grade(n, Audience::Partners);
    }
    let changed = |wanted: &'static str, change: fn(&mut Vec<u8>)| {
        move |path: &str, log: &Log| {
            let (status, mut body) = honest(path, log)?;
            if path == wanted {
                change(&mut body);
            }
            Some((status, body))
        }
    };
    let bundle = "/log/tile/entries/000";
    for (label, path, change) in [
        ("flipped", bundle, (|body| body[40] ^= 1) as fn(&mut Vec<u8>)),
        ("short", bundle, |body| body.truncate(body.len() - 9)),
        ("empty", bundle, Vec::clear),
        ("last-withheld", bundle, |body| {
            let last = chengxin::log::entries::decode(body)
                .unwrap()
                .last()
                .unwrap()
                .len()
                + 2;
            body.truncate(body.len() - last);
        }),
        ("tile", "/log/tile/0/000", |body| body[40] ^= 1),
        ("above", "/log/tile/1/000.p/1", |body| body[3] ^= 1),
    ] {
        is(
            &Watch::new(&format!("monitor-tree-{label}")).hear(&one, changed(path, change)),
            14,
            "tree",
        );
    }
    for withheld in [bundle, "/log/tile/0/000", "/log/tile/1/000.p/1"] {
        let round = Watch::new("monitor-tree-withheld").hear(&one, move |path, log| match path == withheld {
            true => Some((404, Vec::new())),
            false => honest(path, log),
        });
        is(&round, 14, "tree");
        assert!(
            round.1["alarms"][0]["says"]
                .as_str()
                .unwrap()
                .contains("withheld")
        );
    }
    // A head of more entries than there are.
    let (size, root) = (one.size() + 3, one.root(one.size()));
    let more = Log::sign(size, root);
    let watch = Watch::new("monitor-tree-more");
    clean(&watch.see(&one));
    let round = watch.round(
        &Stage::lying(&one, move |path, log| match path {
            "/log/checkpoint" => Some((200, more.clone().into_bytes())),
            path => honest(path, log),
        })
        .url(),
        one.now(),
        &[],
    );
    is(&round, 14, "tree");
    clean(&watch.see(&one));
}

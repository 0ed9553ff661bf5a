//! One thing wrong at a time: the right axis says so, with the right reason, and no other axis fails.

use chrono::{TimeDelta, TimeZone, Utc};

use super::super::bundle::Bundle;
use super::super::check::{Input, Unusable, check_record, identify, judge_bundle};
use super::super::fixture::{Plan, World, at, now, options};
use super::super::options::Options;
use super::*;

const FAILS: State = State::Fails;
const UNDECIDED: State = State::Undecided;

/// The verdict on record 0's bundle after a change to the bundle.
fn changed(change: impl FnOnce(&mut Bundle)) -> Verdict {
    let world = World::new(&Plan::default());
    let mut bundle = world.bundle(0);
    change(&mut bundle);
    judge_bundle(&bundle, &world.trust, &options())
}

#[test]
fn syntax() {
    let verdict = changed(|bundle| {
        let record = String::from_utf8(bundle.record.clone()).unwrap();
        bundle.record = record
            .replace("\"gradeYear\":2025", "\"gradeYear\":\"2025\"")
            .into_bytes();
    });
    assert_eq!(odd(&verdict)[0], (Axis::Syntax, FAILS, Reason::Malformed));
    assert_eq!(verdict.outcome(), Outcome::Rejected);

    let mut world = World::new(&Plan::default());
    let bundle = world.bundle(0);
    world.trust.issuer.host = "other.example".parse().unwrap();
    let verdict = judge_bundle(&bundle, &world.trust, &options());
    assert_eq!(verdict.finding(Axis::Syntax).reason, Reason::ForeignIssuer);
    assert_eq!(
        verdict.finding(Axis::IssuerKey).reason,
        Reason::KeyDocumentMalformed
    );
}

#[test]
fn unknown_members_and_other_files() {
    let world = World::new(&Plan::default());
    let text = String::from_utf8(world.bundle(0).to_canonical().unwrap()).unwrap();
    let check = |text: &str| check_bundle(text.as_bytes(), &world.trust, &options());
    let extended = text.replacen("{\"checkpoints\"", "{\"also\":1,\"checkpoints\"", 1);
    assert_eq!(
        odd(&check(&extended).unwrap())[0],
        (Axis::Syntax, FAILS, Reason::Malformed)
    );
    assert!(check(&format!("{text}\n")).is_ok());
    for bad in [
        format!(" {text}"),
        format!("{text}\n\n"),
        format!("{text}x"),
        "[]".into(),
        "{}".into(),
    ] {
        assert!(check(&bad).is_err());
    }
    let other = text.replace("LabourCreditBundle", "LabourCreditBungle");
    assert_eq!(check(&other), Err(Unusable::Unknown));
    assert_eq!(identify(text.as_bytes(), 1 << 20), Ok(Input::Bundle));
}

#[test]
fn signature() {
    let edit = |record: String| record.replace("第1号", "第2号");
    let verdict = verdict(&Plan {
        edit,
        ..Plan::default()
    });
    assert_eq!(
        odd(&verdict),
        [(Axis::Signature, FAILS, Reason::SignatureInvalid)]
    );
}

#[test]
fn issuer_key() {
    let of = |plan: Plan| odd(&verdict(&plan));
    let too_few = of(Plan {
        roots: 1,
        ..Plan::default()
    });
    assert_eq!(too_few[0], (Axis::Signature, UNDECIDED, Reason::NoTrustedKey));
    assert_eq!(too_few[1], (Axis::IssuerKey, FAILS, Reason::RootsTooFew));
    assert_eq!(
        of(Plan {
            roots: 0,
            ..Plan::default()
        })[1]
            .2,
        Reason::RootsTooFew
    );

    // Between the latest logged time, 08:35:02, and one that the record would have been logged before.
    let ends = |expires, revoked| {
        of(Plan {
            key_end: [expires, revoked],
            ..Plan::default()
        })
    };
    let list = (Axis::Status, FAILS, Reason::ListSignature);
    let key = |reason| vec![(Axis::IssuerKey, FAILS, reason), list, stale_unchecked()];
    assert_eq!(ends(Some(at(8, 35)), None), key(Reason::KeyExpired));
    assert_eq!(ends(None, Some(at(8, 35))), key(Reason::KeyRevoked));
    assert_eq!(
        ends(None, Some(at(8, 36))),
        [list, stale_unchecked()],
        "old records stay good"
    );
    assert_eq!(ends(Some(now()), None), []);

    let other = |record: String| record.replace("#key-1", "#key-2");
    let unlisted = of(Plan {
        edit: other,
        ..Plan::default()
    });
    assert_eq!(unlisted[1], (Axis::IssuerKey, FAILS, Reason::KeyNotListed));
}

fn stale_unchecked() -> (Axis, State, Reason) {
    (Axis::Freshness, UNDECIDED, Reason::NotChecked)
}

#[test]
fn key_documents_must_be_logged_and_whole() {
    let verdict = changed(|bundle| bundle.keys[1].place.index -= 1);
    assert_eq!(
        verdict.finding(Axis::IssuerKey).reason,
        Reason::KeyDocumentNotLogged
    );
    let verdict = changed(|bundle| bundle.keys.clear());
    assert_eq!(
        odd(&verdict)[1],
        (Axis::IssuerKey, UNDECIDED, Reason::NotSupplied)
    );
}

#[test]
fn an_ended_trust_folder() {
    let mut world = World::new(&Plan::default());
    world.trust.issuer.valid_until = at(0, 0);
    let verdict = judge_bundle(&world.bundle(0), &world.trust, &options());
    assert_eq!(
        odd(&verdict),
        [(Axis::IssuerKey, UNDECIDED, Reason::TrustExpired)]
    );
}

#[test]
fn logged() {
    let world = World::new(&Plan::default());
    let reason = |change: &dyn Fn(&mut Bundle)| {
        let mut bundle = world.bundle(0);
        change(&mut bundle);
        let verdict = judge_bundle(&bundle, &world.trust, &options());
        let finding = verdict.finding(Axis::Logged);
        assert_eq!(finding.state, FAILS);
        finding.reason
    };
    assert_eq!(
        reason(&|b| b.place.inclusion[0].0[0] ^= 1),
        Reason::InclusionInvalid
    );
    assert_eq!(reason(&|b| b.place.index += 1), Reason::InclusionInvalid);
    assert_eq!(reason(&|b| b.place = world.place(5)), Reason::EntryDigest);
    assert_eq!(reason(&|b| b.place.entry[0] = b'['), Reason::EntryMalformed);
    let kind = |b: &mut Bundle| {
        let entry = String::from_utf8(b.place.entry.clone()).unwrap();
        b.place.entry = entry.replace("\"record\"", "\"keys\"").into_bytes();
    };
    assert_eq!(reason(&kind), Reason::EntryKind);
    assert_eq!(
        reason(&|b| b.checkpoints.before = b.checkpoints.after.clone()),
        Reason::CheckpointsInconsistent
    );
    assert_eq!(
        reason(&|b| b.checkpoints.after.consistency[0].0[0] ^= 1),
        Reason::CheckpointsInconsistent
    );
    assert_eq!(
        reason(&|b| b.checkpoints.current.note += "x"),
        Reason::CheckpointInvalid
    );
    // Heads that do not enclose the record: the first two are both of the time before it.
    let misplaced = |b: &mut Bundle| {
        b.checkpoints.after = b.checkpoints.current.clone();
        b.checkpoints.before = b.checkpoints.current.clone();
        b.checkpoints.before.consistency.clear();
        b.checkpoints.after.consistency.clear();
        b.checkpoints.current.consistency.clear();
    };
    assert_eq!(reason(&misplaced), Reason::CheckpointsMisplaced);
}

#[test]
fn time() {
    let mut times = Plan::default().times;
    times[2] = at(8, 36);
    let contradictory = verdict(&Plan {
        times,
        ..Plan::default()
    });
    assert_eq!(
        odd(&contradictory)[0],
        (Axis::Time, FAILS, Reason::TimeContradictory)
    );
    times[2] = at(8, 25) - TimeDelta::days(2);
    let wide = verdict(&Plan {
        times,
        ..Plan::default()
    });
    let too_wide = |axis| (axis, UNDECIDED, Reason::TimeTooWide);
    assert_eq!(odd(&wide), [too_wide(Axis::Time), too_wide(Axis::Backdating)]);
}

#[test]
fn witnessed() {
    let mut witnesses: [&'static [u8]; 5] = [&[1, 2]; 5];
    witnesses[3] = &[3];
    let verdict = verdict(&Plan {
        witnesses,
        ..Plan::default()
    });
    assert_eq!(
        odd(&verdict),
        [
            (Axis::Time, UNDECIDED, Reason::TimeUnknown),
            (Axis::Witnessed, FAILS, Reason::QuorumMissing),
            (Axis::Backdating, UNDECIDED, Reason::TimeUnknown),
        ]
    );
}

#[test]
fn validity_and_freshness_follow_the_clock() {
    let world = World::new(&Plan::default());
    let at = |now, max_age| {
        let options = Options {
            max_age,
            ..Options::at(now)
        };
        odd(&judge_bundle(&world.bundle(0), &world.trust, &options))
    };
    let day = TimeDelta::days(1);
    let expired = Utc.with_ymd_and_hms(2027, 10, 31, 15, 59, 59).unwrap();
    assert_eq!(
        at(expired, day * 1000),
        [(Axis::Validity, FAILS, Reason::Expired)]
    );
    assert_eq!(
        at(now() + day, day),
        [Axis::Status, Axis::Freshness].map(|axis| (axis, UNDECIDED, Reason::ListStale))
    );
    // 23 hours after the lists, 24 after the key document.
    let between = super::super::fixture::at(19, 0) + day + TimeDelta::seconds(1);
    assert_eq!(
        at(between, day),
        [(Axis::Freshness, UNDECIDED, Reason::KeyDocumentStale)]
    );
    let early = super::super::fixture::at(12, 0);
    let behind = |axis| (axis, UNDECIDED, Reason::ClockBehind);
    assert_eq!(at(early, day), [behind(Axis::Validity), behind(Axis::Freshness)]);

    let none = World::new(&Plan::unwitnessed());
    let options = Options::at(super::super::fixture::at(0, 0) - day);
    let verdict = judge_bundle(&none.bundle(0), &none.trust, &options);
    assert_eq!(verdict.finding(Axis::Validity).reason, Reason::NotYetValid);
}

#[test]
fn a_list_dated_after_its_checkpoint() {
    let verdict = verdict(&Plan {
        listed: at(21, 0),
        ..Plan::default()
    });
    assert_eq!(
        odd(&verdict),
        [(Axis::Freshness, FAILS, Reason::DatedAfterCheckpoint)]
    );
}

#[test]
fn status() {
    let bits = |bits| {
        odd(&verdict(&Plan {
            bits,
            ..Plan::default()
        }))
    };
    let fails = |reason| [(Axis::Status, FAILS, reason)];
    assert_eq!(bits([true, false, false]), fails(Reason::Revoked));
    assert_eq!(bits([false, true, false]), fails(Reason::Suspended));
    assert_eq!(bits([false, false, true]), fails(Reason::Replaced));

    let forged = odd(&verdict(&Plan {
        list_signer: 43,
        ..Plan::default()
    }));
    assert_eq!(
        forged,
        [(Axis::Status, FAILS, Reason::ListSignature), stale_unchecked()]
    );
    let missing = odd(&changed(|bundle| drop(bundle.lists.pop())));
    assert_eq!(
        missing,
        [(Axis::Status, UNDECIDED, Reason::ListMissing), stale_unchecked()]
    );
    let twice = odd(&changed(|bundle| bundle.lists[2] = bundle.lists[1].clone()));
    assert_eq!(twice[0], (Axis::Status, UNDECIDED, Reason::ListMissing));
    let unlogged = odd(&changed(|bundle| bundle.lists[1].place.index = 1));
    assert_eq!(unlogged[0], (Axis::Status, FAILS, Reason::ListNotLogged));
}

#[test]
fn another_record_keeps_its_own_bits() {
    let world = World::new(&Plan {
        bits: [true; 3],
        ..Plan::default()
    });
    assert_eq!(odd(&judge_bundle(&world.bundle(1), &world.trust, &options())), []);
}

#[test]
fn backdating() {
    let of = |created| {
        odd(&verdict(&Plan {
            created,
            ..Plan::default()
        }))
    };
    let fails = |reason| [(Axis::Backdating, FAILS, reason)];
    assert_eq!(of(at(8, 24) - TimeDelta::days(1)), fails(Reason::CreatedTooEarly));
    assert_eq!(of(at(8, 26) - TimeDelta::days(1)), []);
    assert_eq!(of(at(8, 36)), fails(Reason::CreatedAfterLogged));

    let world = World::new(&Plan::default());
    let mut options = options();
    // The decision is of 28 September; it ends at 16:00 UTC, and 9 October 08:25 is 10 days 16 hours later.
    options.allowances.decided = TimeDelta::days(10);
    let early = judge_bundle(&world.bundle(0), &world.trust, &options);
    assert_eq!(odd(&early), fails(Reason::DecidedTooEarly));
}

#[test]
fn a_bare_record_proves_little() {
    let world = World::new(&Plan::default());
    let verdict = check_record(&world.bundle(0).record, &world.trust, &options()).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Undecided);
    assert_eq!(verdict.finding(Axis::Syntax).state, State::Holds);
    assert_eq!(verdict.finding(Axis::Validity).state, State::Holds);
    let open = odd(&verdict);
    assert_eq!(open.len(), 8);
    assert!(
        open.iter()
            .all(|(_, state, reason)| (*state, *reason) == (UNDECIDED, Reason::NotSupplied))
    );
}

#[test]
fn reason_codes_are_unique_and_translated() {
    let mut codes: Vec<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        let [zh, en] = [super::super::Lang::Zh, super::super::Lang::En].map(|lang| reason.text(lang));
        assert_eq!(zh.contains("{}"), en.contains("{}"), "{}", reason.code());
    }
}

//! A status list handed in as if it were the record: as strictly read as where lists are opened, and said to
//! be what it is.

use chrono::TimeDelta;

use super::super::bundle::Bundle;
use super::super::check::{check_record, judge_bundle};
use super::super::fixture::{Plan, World, now, options};
use super::super::options::Options;
use super::super::{Axis, Headline, Reason, State};
use super::odd;

const FAILS: State = State::Fails;

#[test]
fn is_said_to_be_one() {
    let world = World::new(&Plan::default());
    for list in 0..3 {
        let bundle = world.list_bundle(list);
        let verdict = judge_bundle(&bundle, &world.trust, &options());
        assert_eq!(
            odd(&verdict),
            [(Axis::Status, State::NotRequired, Reason::NoStatus)]
        );
        assert_eq!(verdict.headline(), Headline::StatusList);
        assert_eq!(verdict.warnings, [Reason::StatusListItself]);

        let late = Options::at(now() + TimeDelta::hours(24));
        let verdict = judge_bundle(&bundle, &world.trust, &late);
        assert_eq!(verdict.finding(Axis::Freshness).reason, Reason::ListStale);
        assert_eq!(verdict.headline(), Headline::Stale);
    }
}

#[test]
fn of_another_shape_proves_nothing() {
    let world = World::new(&Plan::default());
    let good = world.list_bundle(0);
    let record = String::from_utf8(good.record.clone()).unwrap();
    for (from, to) in [
        ("#list\"", "#lost\""),
        (
            "\"statusPurpose\":\"revocation\"",
            "\"statusPurpose\":\"suspension\"",
        ),
        ("\"encodedList\":\"u", "\"encodedList\":\"z"),
        ("\"encodedList\":\"u", "\"encodedList\":\"uAAAA"),
        ("/status/revocation/1", "/status/revocation/0"),
        ("/status/revocation/1", "/status/erasure/1"),
        ("\"BitstringStatusList\"", "\"StatusList\""),
    ] {
        let mutant = record.replace(from, to);
        assert_ne!(mutant, record, "{from}");
        let bare = check_record(mutant.as_bytes(), &world.trust, &options()).unwrap();
        let bundle = Bundle {
            record: mutant.into_bytes(),
            ..good.clone()
        };
        for verdict in [bare, judge_bundle(&bundle, &world.trust, &options())] {
            assert_eq!(odd(&verdict)[0], (Axis::Syntax, FAILS, Reason::Malformed), "{to}");
            let holds = verdict
                .findings()
                .any(|(_, finding)| finding.state == State::Holds);
            assert!(!holds, "{to}: an axis holds unproved");
            assert_eq!(verdict.headline(), Headline::Forged);
        }
    }
}

#[test]
fn of_another_issuer_or_key_fails() {
    let mut world = World::new(&Plan::default());
    let bundle = world.list_bundle(1);
    world.trust.issuer.host = "other.example".parse().unwrap();
    let verdict = judge_bundle(&bundle, &world.trust, &options());
    assert_eq!(verdict.finding(Axis::Syntax).reason, Reason::ForeignIssuer);

    let forged = World::new(&Plan {
        list_signer: 43,
        ..Plan::default()
    });
    let verdict = judge_bundle(&forged.list_bundle(0), &forged.trust, &options());
    assert_eq!(verdict.finding(Axis::Signature).reason, Reason::SignatureInvalid);
    assert_eq!(verdict.headline(), Headline::Forged);
}

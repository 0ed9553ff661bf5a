//! A record withdrawn: what its own bundle says, and the bundle of the withdrawal.

use super::super::Headline;
use super::super::check::judge_bundle;
use super::super::fixture::{Plan, World, at, options};
use super::*;
use crate::record::credential::{Template, samples};
use crate::record::signer::Signer as _;

pub(super) fn withdrawal(_: String) -> String {
    let signer = samples::signer();
    let template = Template::new(&samples::host(), signer.verification_method(), samples::created());
    let draft = samples::withdrawal();
    String::from_utf8(template.unwrap().issue_withdrawal(&draft, &signer).unwrap()).unwrap()
}

/// It has no status, so it needs no list, and no list that comes with it counts.
#[test]
fn a_withdrawal_verifies() {
    let world = World::new(&Plan {
        edit: withdrawal,
        bits: [true; 3],
        ..Plan::default()
    });
    let mut bundle = world.bundle(0);
    for lists in [Vec::new(), bundle.lists.clone()] {
        bundle.lists = lists;
        let verdict = judge_bundle(&bundle, &world.trust, &options());
        assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
        assert_eq!(verdict.headline(), Headline::Withdrawal);
        assert_eq!(verdict.warnings, [Reason::WithdrawalItself]);
        assert_eq!(verdict.finding(Axis::Status).reason, Reason::NoStatus);
        let about = verdict.about.unwrap();
        assert_eq!(
            (about.record_type, about.name, about.code),
            ("RecordWithdrawal", None, None)
        );
    }
}

/// A bank that kept the withdrawn record: with today's lists it learns of it; with lists of the day
/// before it is not told that all is well.
#[test]
fn a_kept_record_is_withdrawn_or_unknown() {
    let revoked = World::new(&Plan {
        bits: [true, false, false],
        ..Plan::default()
    });
    let verdict = judge_bundle(&revoked.bundle(0), &revoked.trust, &options());
    let status = verdict.finding(Axis::Status);
    assert_eq!(
        (status.state, status.reason, &status.detail),
        (State::Fails, Reason::Revoked, &Detail::At(at(20, 0)))
    );
    assert_eq!(verdict.outcome(), Outcome::Rejected);
    assert_eq!(verdict.headline(), Headline::Revoked);

    let old = World::new(&Plan {
        listed: at(5, 0),
        ..Plan::default()
    });
    let verdict = judge_bundle(&old.bundle(0), &old.trust, &options());
    let undecided = [Axis::Status, Axis::Freshness].map(|axis| (axis, State::Undecided, Reason::ListStale));
    assert_eq!(odd(&verdict), undecided);
    assert_eq!(verdict.headline(), Headline::Stale);
    assert_eq!(
        (verdict.outcome(), verdict.outcome().exit_code()),
        (Outcome::Undecided, 3)
    );

    // What is final was final then: no newer list can take it back.
    let both = World::new(&Plan {
        listed: at(5, 0),
        bits: [true, false, false],
        ..Plan::default()
    });
    let verdict = judge_bundle(&both.bundle(0), &both.trust, &options());
    assert_eq!(verdict.headline(), Headline::Revoked);
    assert_eq!(verdict.outcome(), Outcome::Rejected);
}

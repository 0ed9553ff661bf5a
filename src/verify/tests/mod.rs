//! Verdicts on the little registry: all axes hold; one thing wrong at a time; every byte flipped.

mod axes;
mod bulk;
mod bytes;
mod golden;
mod golden_statements;
mod headline;
mod rotation;
mod speed;
mod statement;
mod status_list;
mod succession;
mod withdrawal;

use super::fixture::{Plan, World, options};
use super::{Axis, Detail, Finding, Outcome, Reason, State, Verdict, check_bundle};
use crate::verify::check::judge_bundle;

/// The verdict on record 0's bundle.
fn verdict(plan: &Plan) -> Verdict {
    let world = World::new(plan);
    judge_bundle(&world.bundle(0), &world.trust, &options())
}

/// The axes that do not hold, with their reasons.
fn odd(verdict: &Verdict) -> Vec<(Axis, State, Reason)> {
    let odd = |(axis, finding): (Axis, &Finding)| {
        (finding.state != State::Holds).then_some((axis, finding.state, finding.reason))
    };
    verdict.findings().filter_map(odd).collect()
}

#[test]
fn a_good_bundle_holds_on_every_axis() {
    let world = World::new(&Plan::default());
    let bytes = world.bundle(0).to_canonical().unwrap();
    let verdict = check_bundle(&bytes, &world.trust, &options()).unwrap();
    assert_eq!(odd(&verdict), []);
    assert_eq!(verdict.outcome(), Outcome::Accepted);
    assert_eq!(verdict.warnings, []);
}

#[test]
fn without_witnesses_three_axes_are_not_required() {
    let verdict = verdict(&Plan::unwitnessed());
    let none = |axis| (axis, State::NotRequired, Reason::NotRequired);
    assert_eq!(
        odd(&verdict),
        [none(Axis::Time), none(Axis::Witnessed), none(Axis::Backdating)]
    );
    assert_eq!(verdict.outcome(), Outcome::Accepted);
    assert_eq!(verdict.warnings, [Reason::KeyTimeClaimed]);
}

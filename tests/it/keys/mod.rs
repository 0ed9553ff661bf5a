//! `chengxin keys`: the ceremony as keys/README.md tells it, and what each step refuses.

mod ceremony;
mod files;
#[cfg(feature = "failpoints")]
mod killed;
mod readme;
mod stolen_log;

use chengxin::record::credential::{self, RuleSetFacts};
use chengxin::registry::Registry;
use chengxin::registry::export;
use chengxin::registry::key_ceremony;
use chengxin::registry::publish::{NoStops, Publisher};
use chengxin::store::log::body::{self, Body};
use chengxin::verify::{Axis, Options, Outcome, Reason, State, Verdict, check_bundle};
use chrono::{DateTime, TimeDelta, Utc};

/// Publishes one more record, a rule set of that version, under whatever key signs now.
pub(crate) fn publish_one(registry: &Registry, version: &str) -> Result<Body, String> {
    let facts = RuleSetFacts {
        id: "test".into(),
        version: version.to_owned().into(),
        effective_from: "2026-01-01".parse().unwrap(),
        effective_until: None,
        content: "{}".into(),
    };
    let mut publisher = Publisher::open(registry, &NoStops).map_err(|error| error.to_string())?;
    let index = publisher
        .publish_rule_set(facts)
        .map_err(|error| error.to_string())?;
    drop(publisher);
    let row = body::at(&mut registry.store.conn().unwrap(), i64::try_from(index).unwrap()).unwrap();
    Ok(row.expect("it was just logged"))
}

/// The method that signed a record.
fn signed_by(row: &Body) -> String {
    credential::read(&row.bytes)
        .unwrap()
        .proof
        .verification_method()
        .to_owned()
}

/// The verdict on a record's bundle of now, under the trust folder in the registry's own.
pub(crate) fn verdict(registry: &Registry, row: &Body, now: DateTime<Utc>) -> Verdict {
    let bundle = export::bundle(&mut registry.store.conn().unwrap(), row).unwrap();
    check_bundle(&bundle, &registry.trust().unwrap(), &Options::at(now)).unwrap()
}

#[track_caller]
pub(crate) fn holds(registry: &Registry, row: &Body, now: DateTime<Utc>) {
    let verdict = verdict(registry, row, now);
    assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
}

/// A record signed now is signed by a method that a logged document lists, below it in the log.
#[track_caller]
fn signs_by_a_listed_key(registry: &Registry, version: &str) -> Body {
    let listed = key_ceremony::newest(registry).unwrap();
    let row = publish_one(registry, version).unwrap();
    let method = listed.method(&signed_by(&row)).expect("a listed method signs");
    assert!(method.in_force(registry.clock.now()));
    row
}

/// Documents are dated a second apart at least, so the newest may be some seconds ahead of the clock.
fn soon(registry: &Registry) -> DateTime<Utc> {
    registry.clock.now() + TimeDelta::seconds(20)
}

pub(crate) fn reason(verdict: &Verdict, axis: Axis) -> (State, Reason) {
    let finding = verdict.finding(axis);
    (finding.state, finding.reason)
}

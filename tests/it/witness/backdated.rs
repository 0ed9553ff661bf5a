//! A registry that sets its own clock back a year, and signs today what it says it decided then.

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;

use super::*;
use chengxin::domain::code::UnifiedCode;
use chengxin::domain::ruleset::builtin;
use chengxin::record::credential::{
    Audience, Authority, Employer, EmployerId, GradeFacts, RuleSetRef, Subject,
};
use chengxin::record::digest::Digest;
use chengxin::registry::export;
use chengxin::registry::publish::{Item, PublishError, Publisher, Source};
use chengxin::registry::witness;
use chengxin::store::batch::{self, BatchRow};

use crate::support::command::verify;

crate::on_both_databases!(a_year_old_claim);

static NEXT: AtomicI64 = AtomicI64::new(1);

/// One grade that was decided on a day.
struct One {
    decided_on: &'static str,
    place: i64,
}

impl Source for One {
    fn len(&self) -> u64 {
        1
    }

    fn digest(&self) -> [u8; 32] {
        [7; 32]
    }

    fn items(&mut self, _: u64, _: u64) -> Result<Vec<Item>, PublishError> {
        let rules = builtin::find("cn-500000", "2020.3").unwrap();
        let code = UnifiedCode::from_parts("91", "500105", &format!("MA{:06}", self.place)).unwrap();
        Ok(vec![Item {
            employer_id: self.place,
            audience: Audience::Public,
            year: Some(2025),
            outcome: "A".into(),
            valid_until: None,
            supersedes: None,
            subject: Subject::Grade(GradeFacts {
                employer: Employer {
                    name: "重庆示例有限公司".into(),
                    id: EmployerId::UnifiedCode(code.as_str().to_owned().into()),
                    division: "500105".into(),
                },
                year: 2025,
                grade: "A".into(),
                basis: vec!["A".into()],
                document_number: "渝人社诚信〔2026〕1号".into(),
                decided_on: self.decided_on.parse().unwrap(),
                decided_by: Authority {
                    name: "重庆市人力资源和社会保障局".into(),
                    division: "500000".into(),
                },
                rule_set: RuleSetRef {
                    id: "cn-500000".into(),
                    version: "2020.3".into(),
                    digest: Digest::from_bytes(rules.digest()),
                },
            }),
        }])
    }
}

/// Publishes one grade under a clock and gives the axis `backdating` of its bundle: state and reason.
fn publish(world: &Witnessed, clock: &str, decided_on: &'static str) -> (String, String) {
    let place = NEXT.fetch_add(1, Ordering::SeqCst);
    let id = format!("00000000-0000-4000-8000-{place:012}");
    // The witnesses would not cosign under a clock that is a year off; whoever lies asks them under the
    // true one.
    let liar = Registry {
        clock: Arc::new(StoryClock::starting(clock.parse().unwrap())),
        witnesses: None,
        ..world.registry.clone()
    };
    let mut source = One { decided_on, place };
    let now = liar.clock.now().naive_utc();
    let row = BatchRow {
        id: id.clone(),
        kind: "test".into(),
        title: "test".into(),
        authority_id: "500000".into(),
        state: "publishing".into(),
        size: 1,
        digest: source.digest().to_vec(),
        rule_set: "{}".into(),
        proposed_by: "test".into(),
        proposed_at: now,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        published_by: None,
        published_at: None,
    };
    let mut conn = world.registry.store.conn().unwrap();
    batch::insert(&mut conn, &row, &[]).unwrap();
    witness::settle(&world.registry).unwrap();
    Publisher::open(&liar, &NoStops)
        .unwrap()
        .publish(&id, &mut source, &|_, _| ())
        .unwrap();
    witness::settle(&world.registry).unwrap();
    // Lists signed under the true clock again, so that only the record is odd.
    world.publish();
    let served = world.served().size;
    let record = body::of_employer(&mut conn, place, served).unwrap().remove(0);
    let path = world
        .dir
        .write("bundle.json", export::bundle(&mut conn, &record).unwrap());
    let trust = world.data().trust();
    let at = world.clock.now().to_rfc3339();
    let ran = verify([
        path.as_os_str(),
        "--trust".as_ref(),
        trust.as_os_str(),
        "--json".as_ref(),
        "--at".as_ref(),
        at.as_ref(),
    ]);
    let verdict: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    let axes = verdict["axes"].as_array().unwrap();
    let find = |name: &str| axes.iter().find(|axis| axis["axis"] == name).unwrap();
    for proven in ["time", "witnessed", "logged", "signature"] {
        assert_eq!(find(proven)["state"], "holds", "{proven}: {verdict}");
    }
    let text = |member: &str| find("backdating")[member].as_str().unwrap().to_owned();
    (text("state"), text("reason"))
}

fn a_year_old_claim(database: Option<&str>) {
    let world = Witnessed::new("backdated", database);
    world.pass(TimeDelta::days(1));
    let now = world.clock.now().to_rfc3339();
    let is = |state: &str, reason: &str| (state.to_owned(), reason.to_owned());
    assert_eq!(publish(&world, &now, "2026-02-27"), is("holds", "not-backdated"));
    assert_eq!(
        publish(&world, "2025-03-03T01:00:00Z", "2025-03-01"),
        is("fails", "created-too-early")
    );
    // Signed under the true clock, with a decision a year ago only.
    assert_eq!(
        publish(&world, &now, "2025-03-01"),
        is("fails", "decided-too-early")
    );
}

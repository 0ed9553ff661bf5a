//! Proposing and deciding by several people at once, on either database: each document number once, each
//! batch decided once, never both halves by one person.

use std::sync::Barrier;
use std::thread;

use chengxin::domain::authority::{Actor, PersonId};
use chengxin::domain::batch::BatchRefusal;
use chengxin::domain::ruleset::{RuleSet, builtin};
use chengxin::registry::account::{self, Holder};
use chengxin::registry::assessment::KIND;
use chengxin::registry::batch::{self, BatchError, Heading, Proposed};
use chengxin::registry::decision::{DecidedBy, Decision, GradeDecision, Named};
use chengxin::registry::{Registry, fsck};
use chengxin::store::batch as batches;
use chengxin::store::employer::{self, EmployerRow};
use chengxin::store::{account as accounts, audit};
use diesel::{RunQueryDsl, sql_query};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::support::registry::Fixture;

crate::on_both_databases!(
    numbers_are_given_once,
    numbers_tell_no_order,
    one_of_two_approvers_decides,
    two_accounts_of_one_person,
    acts_at_once_leave_a_whole_trail,
);

const ALL: &str = "reviewer,approver,publisher";

fn rules() -> &'static RuleSet {
    builtin::find("cn-500000", "2020.3").unwrap()
}

/// A registry with one employer.
fn fixture(label: &str, database: Option<&str>) -> Fixture {
    let fixture = Fixture::new(label, database);
    let row = EmployerRow {
        id: 1,
        code: Some("91500105MA5U000015".into()),
        registration: None,
        division: "500105".into(),
        name: "甲有限公司".into(),
        kind: "enterprise".into(),
        industry: "C".into(),
        headcount: 10,
        registered_on: "2015-01-01".parse().unwrap(),
        code_override: None,
    };
    employer::insert(&mut fixture.registry.store.conn().unwrap(), &[row]).unwrap();
    fixture
}

fn officer(registry: &Registry, person: &str, login: &str) -> Actor {
    let holder = Holder::Officer {
        authority: "500000".into(),
        roles: ALL.into(),
    };
    account::create_for(registry, &PersonId::new(person).unwrap(), login, login, holder).unwrap();
    actor(registry, login)
}

fn actor(registry: &Registry, login: &str) -> Actor {
    let mut conn = registry.store.conn().unwrap();
    let row = accounts::by_login(&mut conn, login).unwrap().unwrap();
    batch::actor(&mut conn, &row).unwrap()
}

fn grade() -> Proposed {
    Proposed {
        employer_id: 1,
        decision: Decision::Grade(GradeDecision {
            employer: Named {
                name: "甲有限公司".into(),
                code: Some("91500105MA5U000015".into()),
                registration: None,
                division: "500105".into(),
            },
            year: 2025,
            grade: "A".into(),
            basis: vec!["A".into()],
            document_number: String::new(),
            decided_by: DecidedBy {
                name: "重庆市人力资源和社会保障局".into(),
                division: "500000".into(),
            },
            rule_set: rules().reference(),
            valid_until: "2027-10-31".parse().unwrap(),
            audience: "public".into(),
        }),
        trace: "{}".into(),
    }
}

fn propose(registry: &Registry, actor: &Actor, count: usize) -> Result<String, BatchError> {
    let heading = Heading {
        kind: KIND,
        title: "评级".into(),
    };
    batch::propose(registry, actor, &heading, rules(), |_| {
        Ok((0..count).map(|_| grade()).collect())
    })
}

fn digest(registry: &Registry, id: &str) -> Vec<u8> {
    batches::find(&mut registry.store.conn().unwrap(), id)
        .unwrap()
        .unwrap()
        .digest
}

/// Neither the register's order nor the log's: a gap between two neighbours' numbers would tell of a third.
fn numbers_tell_no_order(database: Option<&str>) {
    const MANY: usize = 40;
    let fixture = fixture("order", database);
    let registry = &fixture.registry;
    let proposer = officer(registry, "p", "officer");
    let heading = Heading {
        kind: KIND,
        title: "评级".into(),
    };
    let named = |place: usize| {
        let mut proposed = grade();
        if let Decision::Grade(grade) = &mut proposed.decision {
            grade.employer.name = format!("{place:02}");
        }
        proposed
    };
    let id = batch::propose(registry, &proposer, &heading, rules(), |_| {
        Ok((0..MANY).map(named).collect())
    })
    .unwrap();
    let items = batches::items(&mut registry.store.conn().unwrap(), &id, 0, 100).unwrap();
    let read = |item: &batches::ItemRow| match serde_json::from_str(&item.decision).unwrap() {
        Decision::Grade(grade) => (grade.employer.name, grade.document_number),
        other => panic!("{other:?}"),
    };
    let by_place: Vec<(String, String)> = items.iter().map(read).collect();
    let mut by_register = by_place.clone();
    by_register.sort();
    for (order, rows) in [("log", by_place), ("register", by_register)] {
        assert_eq!(rows.len(), MANY);
        assert!(
            !rows.is_sorted_by_key(|(_, number)| number.clone()),
            "the numbers follow the {order}"
        );
    }
}

/// Four officers propose at once, again and again; some proposals fail in their transaction.
fn numbers_are_given_once(database: Option<&str>) {
    const WRITERS: usize = 4;
    const ROUNDS: usize = 5;
    const EACH: usize = 3;
    let fixture = fixture("numbers", database);
    let registry = &fixture.registry;
    let officers: Vec<Actor> = (0..WRITERS)
        .map(|n| officer(registry, &format!("p{n}"), &format!("officer-{n}")))
        .collect();
    let barrier = Barrier::new(WRITERS);
    let ids: Vec<String> = thread::scope(|scope| {
        let work = |actor| {
            let barrier = &barrier;
            scope.spawn(move || {
                (0..ROUNDS)
                    .map(|_| {
                        barrier.wait();
                        let heading = Heading {
                            kind: KIND,
                            title: String::new(),
                        };
                        let failed = batch::propose(registry, actor, &heading, rules(), |_| {
                            // The numbers are taken before the database refuses the unknown employer.
                            let stranger = Proposed {
                                employer_id: 99,
                                ..grade()
                            };
                            Ok(vec![grade(), stranger])
                        });
                        assert!(failed.is_err());
                        propose(registry, actor, EACH).unwrap()
                    })
                    .collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = officers.iter().map(work).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut numbers = Vec::new();
    for id in &ids {
        for item in batches::items(&mut registry.store.conn().unwrap(), id, 0, 100).unwrap() {
            let decision: serde_json::Value = serde_json::from_str(&item.decision).unwrap();
            numbers.push(decision["document_number"].as_str().unwrap().to_owned());
        }
    }
    numbers.sort();
    let wanted: Vec<String> = (1..=WRITERS * ROUNDS * EACH)
        .map(|n| format!("渝人社诚信〔2026〕{n:05}号"))
        .collect();
    assert_eq!(numbers, wanted, "without a gap, and none twice");
}

/// Two approvers press the button at once.
fn one_of_two_approvers_decides(database: Option<&str>) {
    let fixture = fixture("approvers", database);
    let registry = &fixture.registry;
    let clerk = officer(registry, "li", "li.shencha");
    let heads = [
        officer(registry, "wang", "wang.hezhun"),
        officer(registry, "wu", "wu.hezhun"),
    ];
    for round in 0..5 {
        let id = propose(registry, &clerk, 1).unwrap();
        let shown = digest(registry, &id);
        let barrier = Barrier::new(2);
        let told: Vec<Result<(), BatchError>> = thread::scope(|scope| {
            let work = |head| {
                let (barrier, shown, id) = (&barrier, &shown, &id);
                scope.spawn(move || {
                    barrier.wait();
                    batch::approve(registry, head, id, shown, "同意")
                })
            };
            let threads: Vec<_> = heads.iter().map(work).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let won = told.iter().filter(|told| told.is_ok()).count();
        assert_eq!(won, 1, "round {round}: {told:?}");
        for told in told.iter().filter(|told| told.is_err()) {
            assert!(
                matches!(
                    told,
                    Err(BatchError::Meanwhile | BatchError::Refused(BatchRefusal::State { .. }))
                ),
                "{told:?}"
            );
        }
        let acts = audit::about(&mut registry.store.conn().unwrap(), "batch.approve", &id).unwrap();
        assert_eq!(acts.len(), 1);
    }
}

fn two_accounts_of_one_person(database: Option<&str>) {
    let fixture = fixture("persons", database);
    let registry = &fixture.registry;
    let first = officer(registry, "li", "li.1");
    let second = officer(registry, "li", "li.2");
    let other = officer(registry, "wu", "wu.1");
    assert_ne!(first.account, second.account);
    let id = propose(registry, &first, 1).unwrap();
    let shown = digest(registry, &id);
    for told in [
        batch::approve(registry, &second, &id, &shown, "同意"),
        batch::reject(registry, &second, &id, &shown, "不同意"),
    ] {
        let person = PersonId::new("li").unwrap();
        assert!(
            matches!(&told, Err(BatchError::Refused(BatchRefusal::SamePerson(who))) if *who == person),
            "{told:?}"
        );
    }
    batch::approve(registry, &other, &id, &shown, "同意").unwrap();
    // The trail names the accounts.
    let acts = audit::about(&mut registry.store.conn().unwrap(), "batch.propose", &id).unwrap();
    assert_eq!(acts[0].actor, first.account.as_str());
    // It comes out that the second person was the first one: nothing is published.
    sql_query("UPDATE account SET person_id = 'li' WHERE login = 'wu.1'")
        .execute(&mut *registry.store.conn().unwrap())
        .unwrap();
    let told = batch::begin_publishing(registry, &actor(registry, "wu.1"), &id);
    assert!(
        matches!(told, Err(BatchError::Refused(BatchRefusal::NotApprovedByAnother))),
        "{told:?}"
    );
    // Whoever changed it is seen.
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    let row = format!("account {}", other.account.as_str());
    assert!(report.findings.iter().any(|found| found.row == row), "{report:?}");
}

/// Different acts at once take different numbers of the audit trail.
fn acts_at_once_leave_a_whole_trail(database: Option<&str>) {
    let fixture = fixture("trail", database);
    let registry = &fixture.registry;
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for n in 0..4 {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                officer(registry, &format!("p{n}"), &format!("officer-{n}"));
            });
        }
    });
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    assert_eq!(report.exit_code(), 0, "{report:?}");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    Propose,
    Approve,
    Reject,
    Publish,
}

/// Three people with two accounts each press whatever they like, on the stored batches: what got past
/// proposal was touched by two people.
#[test]
fn nobody_completes_a_decision_alone() {
    let fixture = fixture("alone", None);
    let registry = &fixture.registry;
    let who: Vec<Actor> = (0..6)
        .map(|n| officer(registry, ["li", "wu", "he"][n / 2], &format!("officer-{n}")))
        .collect();
    let presses = [Press::Propose, Press::Approve, Press::Reject, Press::Publish];
    let press = (0..who.len(), prop::sample::select(presses.to_vec()), 0_usize..3);
    let mut runner = TestRunner::new(Config {
        cases: 60,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..Config::default()
    });
    let told = runner.run(&prop::collection::vec(press, 1..24), |steps| {
        let mut ids = vec![propose(registry, &who[0], 1).unwrap()];
        for (by, press, which) in steps {
            let (by, id) = (&who[by], ids[which % ids.len()].clone());
            let shown = digest(registry, &id);
            // What is refused changes nothing; what is let through is looked at below.
            match press {
                Press::Propose => ids.push(propose(registry, by, 1).unwrap()),
                Press::Approve => drop(batch::approve(registry, by, &id, &shown, "同意")),
                Press::Reject => drop(batch::reject(registry, by, &id, &shown, "不同意")),
                Press::Publish => drop(batch::begin_publishing(registry, by, &id)),
            }
        }
        ids.iter().try_for_each(|id| decided_by_two(registry, id))
    });
    assert_eq!(told, Ok(()));
}

fn decided_by_two(registry: &Registry, id: &str) -> Result<(), TestCaseError> {
    let conn = &mut *registry.store.conn().unwrap();
    let state = batches::find(conn, id).unwrap().unwrap().state;
    if state == "proposed" {
        return Ok(());
    }
    let mut person = |action: &str| {
        let acts = audit::about(conn, action, id).unwrap();
        let account = &acts.first()?.actor;
        Some(accounts::find(conn, account).unwrap().unwrap().person_id)
    };
    let proposer = person("batch.propose");
    let decider = person("batch.approve").or_else(|| person("batch.reject"));
    prop_assert!(proposer.is_some() && decider.is_some());
    prop_assert_ne!(proposer, decider, "{} is {}", id, state);
    Ok(())
}

use proptest::prelude::*;

use super::*;
use crate::domain::authority::{AccountId, Roles};
use crate::domain::ruleset::builtin;

fn actor(person: &str, roles: &str, division: &str) -> Actor {
    Actor {
        person: PersonId::new(person).unwrap(),
        account: AccountId::new(person).unwrap(),
        roles: roles.parse().unwrap(),
        authority: AuthorityId::new(division).unwrap(),
        division: division.parse().unwrap(),
    }
}

fn approval() -> Approval {
    builtin::find("cn-500000", "2020.3").unwrap().approval().clone()
}

fn proposed() -> BatchMeta {
    let rules = builtin::find("cn-500000", "2020.3").unwrap().reference();
    propose(
        &actor("li", "reviewer", "500105"),
        "500105".parse().unwrap(),
        rules,
        &approval(),
    )
    .unwrap()
}

#[test]
fn the_lawful_way() {
    let approved = approve(&proposed(), &actor("wu", "approver", "500105"), &approval()).unwrap();
    assert_eq!(approved.state, BatchState::Approved);
    let publisher = actor("he", "publisher", "500000");
    let publishing = begin_publishing(&approved, &publisher, &approval()).unwrap();
    assert_eq!(
        begin_publishing(&publishing, &publisher, &approval()),
        Ok(publishing.clone())
    );
    assert_eq!(
        finish_publishing(&publishing).unwrap().state,
        BatchState::Published
    );
}

/// What the evidence of the day no longer bears out has an exit: another person than the proposer turns it
/// down, with a reason, until it is released.
#[test]
fn an_approved_batch_is_turned_down_until_it_is_released() {
    let approver = actor("wu", "approver", "500105");
    let approved = approve(&proposed(), &approver, &approval()).unwrap();
    let down = |batch: &BatchMeta, by: &str, reason: &str| {
        reject(
            batch,
            &actor(by, "reviewer,approver", "500105"),
            &approval(),
            reason,
        )
    };
    assert_eq!(
        down(&approved, "li", "new evidence"),
        Err(BatchRefusal::SamePerson(PersonId::new("li").unwrap()))
    );
    assert_eq!(down(&approved, "wu", ""), Err(BatchRefusal::NoReason));
    for second in ["wu", "he"] {
        let rejected = down(&approved, second, "new evidence").unwrap();
        assert_eq!(rejected.state, BatchState::Rejected);
        assert!(down(&rejected, second, "again").is_err());
    }
    let publishing = begin_publishing(&approved, &actor("he", "publisher", "500000"), &approval()).unwrap();
    let published = finish_publishing(&publishing).unwrap();
    for gone in [publishing, published] {
        assert!(matches!(
            down(&gone, "wu", "too late"),
            Err(BatchRefusal::State { step: "rejected", .. })
        ));
    }
}

#[test]
fn each_refusal_has_its_reason() {
    let batch = proposed();
    let all = "clerk,reviewer,approver,publisher,auditor,administrator";
    assert_eq!(
        approve(&batch, &actor("li", all, "500000"), &approval()),
        Err(BatchRefusal::SamePerson(PersonId::new("li").unwrap()))
    );
    assert!(matches!(
        approve(
            &batch,
            &actor("wu", "reviewer,publisher,administrator", "500105"),
            &approval()
        ),
        Err(BatchRefusal::Actor(ActorRefusal::Role { .. }))
    ));
    assert!(matches!(
        approve(&batch, &actor("wu", "approver", "500106"), &approval()),
        Err(BatchRefusal::Actor(ActorRefusal::Jurisdiction { .. }))
    ));
    let provincial = Approval {
        approve_at: Level::Province,
        ..approval()
    };
    assert!(matches!(
        approve(&batch, &actor("wu", "approver", "500105"), &provincial),
        Err(BatchRefusal::Level { .. })
    ));
    assert!(approve(&batch, &actor("wu", "approver", "500000"), &provincial).is_ok());
    assert_eq!(
        reject(&batch, &actor("wu", "approver", "500105"), &approval(), " "),
        Err(BatchRefusal::NoReason)
    );
    assert!(matches!(
        begin_publishing(&batch, &actor("he", all, "500105"), &approval()),
        Err(BatchRefusal::State {
            found: BatchState::Proposed,
            ..
        })
    ));
    let rejected = reject(
        &batch,
        &actor("wu", "approver", "500105"),
        &approval(),
        "wrong year",
    )
    .unwrap();
    assert!(matches!(
        approve(&rejected, &actor("wu", "approver", "500105"), &approval()),
        Err(BatchRefusal::State {
            found: BatchState::Rejected,
            ..
        })
    ));
    let approved = approve(&batch, &actor("wu", "approver", "500105"), &approval()).unwrap();
    assert!(matches!(
        begin_publishing(&approved, &actor("he", "approver", "500105"), &approval()),
        Err(BatchRefusal::Actor(ActorRefusal::Role { .. }))
    ));
    let forged = BatchMeta {
        approved_by: Some(batch.proposed_by.clone()),
        ..approved
    };
    assert_eq!(
        begin_publishing(&forged, &actor("he", all, "500105"), &approval()),
        Err(BatchRefusal::NotApprovedByAnother)
    );
    assert!(finish_publishing(&batch).is_err());
}

#[test]
fn states_are_stored_by_name() {
    for state in BatchState::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
        assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
    }
    assert!("lost".parse::<BatchState>().is_err());
}

proptest! {
    /// Whoever does whatever in whatever order: a published batch was proposed and approved by two persons.
    #[test]
    fn no_path_lets_one_person_publish(steps in prop::collection::vec((0usize..4, 0usize..3), 0..24)) {
        let everything: Roles = Role::ALL.into_iter().collect();
        let mut batch = proposed();
        for (step, who) in steps {
            let mut person = actor(["li", "wu", "he"][who], "", "500105");
            person.roles = everything.clone();
            let next = match step {
                0 => approve(&batch, &person, &approval()),
                1 => reject(&batch, &person, &approval(), "no"),
                2 => begin_publishing(&batch, &person, &approval()),
                _ => finish_publishing(&batch),
            };
            batch = next.unwrap_or(batch);
            if !matches!(batch.state, BatchState::Proposed | BatchState::Rejected) {
                prop_assert_ne!(batch.approved_by.as_ref(), Some(&batch.proposed_by));
                prop_assert!(batch.approved_by.is_some());
            }
        }
    }
}

/// Accounts of three people, two each: what a person does by one must count when it acts by the other.
fn account(index: usize) -> Actor {
    let (person, account) = [
        ("li", "li-1"),
        ("li", "li-2"),
        ("wu", "wu-1"),
        ("wu", "wu-2"),
        ("he", "he-1"),
        ("he", "he-2"),
    ][index];
    Actor {
        account: AccountId::new(account).unwrap(),
        roles: Role::ALL.into_iter().collect(),
        ..actor(person, "", "500105")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// No path of any length on which one natural person completes a decision, however many accounts it has.
    #[test]
    fn no_path_lets_one_person_decide_by_two_accounts(
        proposer in 0usize..6,
        steps in prop::collection::vec((0usize..4, 0usize..6), 0..16),
    ) {
        let rules = builtin::find("cn-500000", "2020.3").unwrap().reference();
        let by = account(proposer);
        let mut batch = propose(&by, "500105".parse().unwrap(), rules, &approval()).unwrap();
        for (step, who) in steps {
            let who = account(who);
            let next = match step {
                0 => approve(&batch, &who, &approval()),
                1 => reject(&batch, &who, &approval(), "no"),
                2 => begin_publishing(&batch, &who, &approval()),
                _ => finish_publishing(&batch),
            };
            if step < 2 && who.person == by.person {
                prop_assert!(next.is_err(), "{} decided what {} proposed", who.account.as_str(), by.account.as_str());
            }
            if let Ok(next) = next {
                batch = next;
            }
            if !matches!(batch.state, BatchState::Proposed | BatchState::Rejected) {
                prop_assert!(batch.approved_by.as_ref().is_some_and(|second| *second != by.person));
            }
        }
    }
}

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::authority::Role;

fn decisions() -> Vec<Decision> {
    vec![
        listing(),
        listing(),
        Decision::DoNotList {},
        Decision::CloseNotEstablished {},
        Decision::UpholdObjection {},
        Decision::RejectObjection {},
        Decision::Extend {},
        Decision::GrantRemoval {},
        Decision::RefuseRemoval {},
        Decision::Revoke {},
        Decision::Restore {},
    ]
}

fn actions(today: NaiveDate) -> Vec<Action> {
    let mut actions = vec![
        Action::ServePayOrder {
            number: "1".to_owned(),
            served_on: today,
            pay_by: today,
            service: Service::Direct,
        },
        Action::RecordPayment { paid_on: today },
        Action::RecordOverdue {},
        Action::Examine { facts: facts() },
        Action::Examine {
            facts: ArrearsFacts {
                workers: None,
                ..facts()
            },
        },
        Action::CloseNotMet {},
        Action::ServeNotice {
            number: "1".to_owned(),
            received_on: today,
        },
        Action::RecordObjection { received_on: today },
        Action::RecordCorrection {
            corrected_on: today,
            promise: true,
        },
        Action::RecordBar { bar: Bar::OtherLaw },
        Action::RecordOrderRevoked { revoked_on: today },
        Action::TurnDown {},
        Action::TakeBack {},
        Action::Unlist {},
        Action::Publish {},
        Action::ApplyForRemoval { received_on: today },
        Action::Expire {},
        Action::Withdraw {},
    ];
    actions.extend(std::iter::repeat_n(Action::Approve {}, 6));
    actions.extend(
        decisions()
            .into_iter()
            .map(|decision| Action::Propose { decision }),
    );
    actions
}

/// Runs a random sequence from `case`: each item chooses an action, a person and how many days pass before
/// it. Starts far in let the sequences reach the late states too.
fn seeded(case: Case, choices: &[(prop::sample::Index, usize, i64)], people: &[&str]) -> Case {
    let everything = Role::ALL.map(Role::as_str).join(",");
    let mut case = case;
    let mut at = case.history().last().map_or(noon("2026-01-05"), |last| last.at);
    for (which, who, days) in choices {
        at += TimeDelta::days(*days);
        let possible = actions(crate::domain::dates::in_china(at));
        let mut by = step(people[who % people.len()], &everything, "2026-01-05");
        by.at = at;
        if let Ok(next) = take(&case, which.get(&possible).clone(), &by) {
            case = next;
        }
    }
    case
}

fn choices() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, i64)>> {
    let days = prop_oneof![4 => 0i64..12, 1 => 100i64..500];
    prop::collection::vec((any::<prop::sample::Index>(), 0usize..3, days), 0..60)
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let (mut proposer, mut lister) = (None, None);
    let mut last = None;
    for transition in case.history() {
        prop_assert!(last.is_none_or(|last| last <= transition.at), "time runs forward");
        last = Some(transition.at);
        if let Action::Propose {
            decision: Decision::List { .. },
        } = &transition.action
        {
            lister.clone_from(&transition.person);
        }
        match &transition.action {
            Action::Propose { .. } => proposer.clone_from(&transition.person),
            Action::Unlist {} => prop_assert_ne!(&lister, &transition.person, "nor by who proposed it"),
            Action::Approve {} => {
                prop_assert!(proposer.is_some() && transition.person.is_some());
                prop_assert_ne!(&proposer, &transition.person, "two persons for every decision");
            }
            _ => {}
        }
        let enters_list = !matches!(
            transition.from,
            State::Listed | State::Published | State::RemovalApplied
        ) && transition.to == State::Listed;
        if enters_list {
            prop_assert_eq!(&transition.action, &Action::Approve {});
        }
    }
    if let Some(trigger) = case.trigger()
        && case.is_listed()
    {
        prop_assert!(trigger.outcome.is_met());
    }
    prop_assert_eq!(case.closure().is_some(), case.state() == State::Closed);
    Ok(())
}

/// Turning a listing down after a refused removal takes back the listing: without one, a case that still
/// stood under removal had no exit.
#[test]
fn a_refused_removal_is_not_what_put_it_on_the_list() {
    let apply = Action::ApplyForRemoval {
        received_on: date("2026-04-01"),
    };
    let applied = take(&listed(), apply, &step("li", "clerk", "2026-04-01")).unwrap();
    let refused = decide(&applied, Decision::RefuseRemoval {}, "2026-04-02");
    let off = take(&refused, Action::Unlist {}, &step("wu", "approver", "2026-04-03")).unwrap();
    assert_eq!((off.state(), off.listing()), (State::NoticeServed, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_decision_takes_two_persons(
        choices in choices(), start in 0usize..5,
    ) {
        let people = ["li", "wu", "he"];
        let start = [case(), overdue(), noticed(), listed(), published()][start].clone();
        check(&seeded(start, &choices, &people))?;
    }

    /// One person with every role, alone, for as long as it takes: no listing, no decision at all.
    #[test]
    fn one_person_decides_nothing(choices in choices(), start in 0usize..3) {
        let start = [case(), overdue(), noticed()][start].clone();
        let case = seeded(start, &choices, &["li"]);
        prop_assert!(case.listing().is_none());
        let approved = case.history().iter().any(|t| t.action == Action::Approve {});
        prop_assert!(!approved);
        prop_assert!(!matches!(case.state(), State::Listed | State::Published | State::ObjectionRejected));
    }

    /// No state without an exit: whatever happened, two persons can bring the procedure to an end.
    #[test]
    fn nothing_is_stuck(choices in choices(), start in 0usize..5) {
        let start = [case(), overdue(), noticed(), listed(), published()][start].clone();
        let mut case = seeded(start, &choices, &["li", "wu"]);
        let everything = Role::ALL.map(Role::as_str).join(",");
        let mut at = case.history().last().map_or(noon("2026-01-05"), |last| last.at);
        for _ in 0..12 {
            at += TimeDelta::days(1200);
            if matches!(case.state(), State::Closed | State::Withdrawn) {
                break;
            }
            let mut possible = actions(crate::domain::dates::in_china(at));
            // What ends things first; an application or a proposal would only prolong them.
            possible.sort_by_key(|action| match action {
                Action::Approve {} => 0,
                Action::TurnDown {} | Action::Expire {} | Action::Withdraw {} | Action::Publish {} => 1,
                Action::RecordPayment { .. } | Action::RecordOverdue {} => 2,
                Action::ServeNotice { .. } => 3,
                Action::Propose { .. } => 4,
                _ => 5,
            });
            let mut by = ["li", "wu"].iter().cycle();
            let moved = possible.iter().flat_map(|action| [action, action]).find_map(|action| {
                let mut step = step(by.next().unwrap(), &everything, "2026-01-05");
                step.at = at;
                take(&case, action.clone(), &step).ok()
            });
            case = moved.unwrap();
        }
        prop_assert!(matches!(case.state(), State::Closed | State::Withdrawn), "{:?}", case.state());
    }
}

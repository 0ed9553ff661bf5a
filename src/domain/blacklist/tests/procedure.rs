use super::*;
use crate::domain::authority::{ActorRefusal, Role};

fn correct(case: &Case, corrected_on: &str, promise: bool, day: &str) -> Case {
    let action = Action::RecordCorrection {
        corrected_on: date(corrected_on),
        promise,
    };
    take(case, action, &fact_step(day)).unwrap()
}

fn apply_for_removal(case: &Case, day: &str) -> Case {
    take(
        case,
        Action::ApplyForRemoval {
            received_on: date(day),
        },
        &fact_step(day),
    )
    .unwrap()
}

/// Corrected in May 2026, removed early on 2027-04-01 (the one-year floor prevails over 2026-11-20).
fn removed_early() -> Case {
    let corrected = correct(&published(), "2026-05-20", true, "2026-05-21");
    let applied = apply_for_removal(&corrected, "2027-03-31");
    decide(&applied, Decision::GrantRemoval {}, "2027-04-01")
}

#[test]
fn from_the_order_to_the_end_of_the_term() {
    let case = published();
    let entry = case.listing().unwrap();
    assert_eq!(
        (entry.listed_on, entry.last_day),
        (date("2026-03-31"), date("2029-03-31"))
    );
    let clock = |day| Step {
        who: Who::Clock,
        at: noon(day),
        evidence: vec![],
        reason: String::new(),
    };
    assert!(matches!(
        take(&case, Action::Expire {}, &clock("2029-03-31")),
        Err(Refusal::TooEarly(_))
    ));
    let ended = take(&case, Action::Expire {}, &clock("2029-04-01")).unwrap();
    assert_eq!(ended.removal(), Some((Removal::Expired, date("2029-04-01"))));
    let publisher = |day| step("he", "publisher", day);
    let down = take(&ended, Action::Withdraw {}, &publisher("2029-04-02")).unwrap();
    assert_eq!((down.state(), down.is_over()), (State::Withdrawn, true));
    assert!(!down.history().last().unwrap().late);
    let late = take(&ended, Action::Withdraw {}, &publisher("2029-06-01")).unwrap();
    assert!(late.history().last().unwrap().late);
    for transition in down.history() {
        assert_eq!(transition.rule_set, rules().reference());
    }
    let approval = &down.history()[5];
    assert_eq!(approval.action, Action::Approve {});
    assert_eq!(approval.person.as_ref().unwrap().as_str(), "wu");
    assert_eq!(approval.role, Some(Role::Approver));
    assert_eq!(approval.authority.as_ref().unwrap().as_str(), "430200");
    assert_eq!((approval.from, approval.to), (State::NoticeServed, State::Listed));
    assert!(!approval.evidence.is_empty());
    let json = serde_json::to_string(&down).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), down);
}

#[test]
fn paid_in_time_or_before_any_order() {
    let paid = |case: &Case, on: &str| {
        take(
            case,
            Action::RecordPayment { paid_on: date(on) },
            &fact_step("2026-03-25"),
        )
    };
    assert_eq!(
        paid(&case(), "2026-03-01").unwrap().closure(),
        Some(Closure::PaidInTime)
    );
    let served = take(
        &case(),
        order("2026-03-02", "2026-03-20"),
        &fact_step("2026-03-02"),
    )
    .unwrap();
    assert!(paid(&served, "2026-03-20").unwrap().is_over());
    assert!(matches!(paid(&served, "2026-03-21"), Err(Refusal::Date { .. })));
    assert!(matches!(
        take(&served, Action::RecordOverdue {}, &fact_step("2026-03-20")),
        Err(Refusal::TooEarly(_))
    ));
}

#[test]
fn an_order_cannot_be_served_tomorrow_nor_end_before_it_begins() {
    let serve = |served, pay_by| take(&case(), order(served, pay_by), &fact_step("2026-03-02"));
    assert!(matches!(
        serve("2026-03-03", "2026-03-20"),
        Err(Refusal::Date { .. })
    ));
    assert!(matches!(
        serve("2026-03-02", "2026-03-01"),
        Err(Refusal::Date { .. })
    ));
}

#[test]
fn an_undetermined_or_unmet_trigger_leads_to_no_notice() {
    let notice = || Action::ServeNotice {
        number: "1".to_owned(),
        received_on: date("2026-03-23"),
    };
    let examined = |facts| take(&overdue(), Action::Examine { facts }, &fact_step("2026-03-23")).unwrap();
    let unknown = examined(ArrearsFacts {
        workers: None,
        ..facts()
    });
    assert!(matches!(
        take(&unknown, notice(), &fact_step("2026-03-23")),
        Err(Refusal::TriggerUndetermined(missing)) if missing.contains(&Missing::Workers)
    ));
    assert!(matches!(
        take(&unknown, Action::CloseNotMet {}, &fact_step("2026-03-23")),
        Err(Refusal::TriggerOpen(_))
    ));
    let given_up = decide(&unknown, Decision::CloseNotEstablished {}, "2026-03-23");
    assert_eq!(given_up.closure(), Some(Closure::NotEstablished));
    let other = examined(ArrearsFacts {
        migrant_workers: Some(false),
        ..facts()
    });
    assert_eq!(
        take(&other, notice(), &fact_step("2026-03-23")),
        Err(Refusal::TriggerNotMet)
    );
    let closed = take(&other, Action::CloseNotMet {}, &fact_step("2026-03-23")).unwrap();
    assert_eq!(closed.closure(), Some(Closure::TriggerNotMet));
    assert!(matches!(
        propose(&overdue(), Decision::CloseNotEstablished {}, "2026-03-23"),
        Err(Refusal::TriggerOpen(_))
    ));
}

#[test]
fn the_party_is_heard_first() {
    // Received on Monday 23 March: five working days end on Monday 30 March.
    assert!(matches!(
        propose(&noticed(), listing(), "2026-03-30"),
        Err(Refusal::TooEarly(_))
    ));
    let object = |on: &str, day: &str| {
        take(
            &noticed(),
            Action::RecordObjection {
                received_on: date(on),
            },
            &fact_step(day),
        )
    };
    assert!(matches!(
        object("2026-03-31", "2026-03-31"),
        Err(Refusal::TooLate(_))
    ));
    let objected = object("2026-03-30", "2026-03-31").unwrap();
    assert!(matches!(
        propose(&objected, listing(), "2026-03-31"),
        Err(Refusal::State(State::Objected))
    ));
    let upheld = decide(&objected, Decision::UpholdObjection {}, "2026-04-01");
    assert_eq!(upheld.closure(), Some(Closure::ObjectionUpheld));
    let rejected = decide(&objected, Decision::RejectObjection {}, "2026-04-20");
    assert!(
        rejected.history().last().unwrap().late,
        "verified after more than five working days"
    );
    assert_eq!(decide(&rejected, listing(), "2026-04-20").state(), State::Listed);
}

#[test]
fn correction_with_a_promise_may_spare_the_listing() {
    let spare = |case: &Case| propose(case, Decision::DoNotList {}, "2026-04-01");
    assert_eq!(spare(&noticed()), Err(Refusal::NotCorrected));
    assert_eq!(
        spare(&correct(&noticed(), "2026-03-24", false, "2026-03-25")),
        Err(Refusal::NoPromise)
    );
    let corrected = correct(&noticed(), "2026-03-24", true, "2026-03-25");
    assert_eq!(
        decide(&corrected, Decision::DoNotList {}, "2026-04-01").closure(),
        Some(Closure::Corrected)
    );
    assert!(
        decide(&corrected, listing(), "2026-04-01").is_listed(),
        "it may be listed all the same"
    );
}

#[test]
fn two_persons_roles_and_place() {
    let proposed = propose(&noticed(), listing(), "2026-03-31").unwrap();
    let all = "clerk,reviewer,approver,publisher,auditor,administrator";
    let by = |person: &str, roles: &str, division: &str| {
        let mut step = step(person, roles, "2026-03-31");
        step.who = Who::Officer(officer(person, roles, division));
        take(&proposed, Action::Approve {}, &step)
    };
    assert_eq!(
        by("li", all, "430000"),
        Err(Refusal::SamePerson(PersonId::new("li").unwrap()))
    );
    assert!(matches!(
        by("wu", "reviewer", "430200"),
        Err(Refusal::Actor(ActorRefusal::Role { .. }))
    ));
    assert!(matches!(
        by("wu", "approver", "430100"),
        Err(Refusal::Actor(ActorRefusal::Jurisdiction { .. }))
    ));
    assert!(by("wu", "approver", "430000").is_ok());
    let clock = Step {
        who: Who::Clock,
        ..step("li", all, "2026-03-31")
    };
    assert_eq!(
        take(&proposed, Action::Approve {}, &clock),
        Err(Refusal::NeedsOfficer)
    );
    assert_eq!(
        propose(&proposed, listing(), "2026-03-31"),
        Err(Refusal::DecisionPending)
    );
    let down = take(
        &proposed,
        Action::TurnDown {},
        &step("wu", "approver", "2026-03-31"),
    )
    .unwrap();
    assert_eq!((down.state(), down.pending()), (State::NoticeServed, None));
    assert_eq!(approve(&down, "2026-03-31"), Err(Refusal::NothingPending));
    assert!(matches!(
        take(
            &proposed,
            Action::TakeBack {},
            &step("wu", "reviewer", "2026-03-31")
        ),
        Err(Refusal::NotTheProposer(_))
    ));
    let back = take(
        &proposed,
        Action::TakeBack {},
        &step("li", "reviewer", "2026-03-31"),
    )
    .unwrap();
    assert_eq!(back.pending(), None);
}

/// What was approved is not yet what is public: until then a second person may turn it down.
#[test]
fn an_approved_listing_is_turned_down_before_it_is_published() {
    let unlist = |case: &Case, person: &str, reason: &str| {
        let mut step = step(person, "reviewer,approver", "2026-04-01");
        step.reason = reason.to_owned();
        take(case, Action::Unlist {}, &step)
    };
    assert_eq!(
        unlist(&listed(), "li", "the amount was wrong"),
        Err(Refusal::SamePerson(PersonId::new("li").unwrap()))
    );
    assert_eq!(unlist(&listed(), "wu", ""), Err(Refusal::NoReason));
    let down = unlist(&listed(), "wu", "the amount was wrong").unwrap();
    assert_eq!((down.state(), down.listing()), (State::NoticeServed, None));
    assert!(propose(&down, listing(), "2026-04-02").is_ok());
    assert_eq!(
        unlist(&published(), "wu", "too late"),
        Err(Refusal::State(State::Published))
    );
    let revoked = Action::RecordOrderRevoked {
        revoked_on: date("2026-04-01"),
    };
    let revoked = take(&listed(), revoked, &fact_step("2026-04-01")).unwrap();
    let closed = unlist(&revoked, "wu", "the order was revoked").unwrap();
    assert_eq!(closed.state(), State::Closed);
}

#[test]
fn the_period_for_the_decision_is_extended_once() {
    // Twenty working days after 20 March 2026 end on 20 April (Qingming falls on 6 April).
    let extended = decide(&noticed(), Decision::Extend {}, "2026-04-20");
    assert!(extended.extended());
    assert_eq!(
        propose(&extended, Decision::Extend {}, "2026-04-20"),
        Err(Refusal::ExtendedAlready)
    );
    assert!(matches!(
        propose(&noticed(), Decision::Extend {}, "2026-04-21"),
        Err(Refusal::TooLate(_))
    ));
    let late = |case: &Case, day| decide(case, listing(), day).history().last().unwrap().late;
    assert!(!late(&noticed(), "2026-04-20"));
    assert!(late(&noticed(), "2026-04-21"));
    assert!(!late(&extended, "2026-04-21"));
    assert!(late(&extended, "2026-06-30"));
}

#[test]
fn early_removal_asks_for_correction_promise_time_and_no_bar() {
    let grant = |case: &Case, day| propose(case, Decision::GrantRemoval {}, day);
    let applied = apply_for_removal(&published(), "2026-06-01");
    assert_eq!(grant(&applied, "2026-06-01"), Err(Refusal::NotCorrected));
    let unpromised = correct(&applied, "2026-05-20", false, "2026-06-01");
    assert_eq!(grant(&unpromised, "2026-06-01"), Err(Refusal::NoPromise));
    let corrected = correct(&applied, "2026-05-20", true, "2026-06-01");
    let Err(Refusal::RemovalTooEarly(dates)) = grant(&corrected, "2027-03-30") else {
        panic!()
    };
    assert_eq!(
        (dates.after_correction, dates.floor),
        (date("2026-11-20"), date("2027-03-31"))
    );
    let bar = Action::RecordBar {
        bar: Bar::ArrearsAgain,
    };
    let barred = take(&corrected, bar, &fact_step("2026-07-01")).unwrap();
    assert_eq!(
        grant(&barred, "2027-04-01"),
        Err(Refusal::Barred(Bar::ArrearsAgain))
    );
    let refused = decide(&barred, Decision::RefuseRemoval {}, "2027-04-01");
    assert_eq!(refused.state(), State::Published);
    assert!(
        refused.history().last().unwrap().late,
        "decided after more than fifteen working days"
    );
    assert_eq!(
        removed_early().removal(),
        Some((Removal::Early, date("2027-04-01")))
    );
}

#[test]
fn a_bar_that_comes_up_before_the_approval_stops_it() {
    let corrected = correct(&published(), "2026-05-20", true, "2026-05-21");
    let applied = apply_for_removal(&corrected, "2027-03-31");
    let proposed = propose(&applied, Decision::GrantRemoval {}, "2027-04-01").unwrap();
    let barred = take(
        &proposed,
        Action::RecordBar { bar: Bar::Criminal },
        &fact_step("2027-04-02"),
    )
    .unwrap();
    assert_eq!(
        approve(&barred, "2027-04-02"),
        Err(Refusal::Barred(Bar::Criminal))
    );
}

#[test]
fn false_material_restores_and_restarts() {
    let down = take(
        &removed_early(),
        Action::Withdraw {},
        &step("he", "publisher", "2027-04-02"),
    )
    .unwrap();
    assert!(!down.is_over());
    for removed in [removed_early(), down] {
        let restored = decide(&removed, Decision::Restore {}, "2027-09-01");
        let entry = restored.listing().unwrap();
        assert!(entry.restored && restored.is_listed());
        assert_eq!(entry.last_day, date("2030-09-01"));
        assert_eq!(entry.persons.len(), 1, "all parties move together");
        assert_eq!((restored.corrected_on(), restored.removal()), (None, None));
    }
    let mut unproved = step("li", "reviewer", "2027-09-01");
    unproved.evidence.clear();
    let restore = || Action::Propose {
        decision: Decision::Restore {},
    };
    assert_eq!(
        take(&removed_early(), restore(), &unproved),
        Err(Refusal::NoEvidence)
    );
}

#[test]
fn a_revoked_order_takes_the_listing_with_it() {
    let revoke = |case: &Case| {
        take(
            case,
            Action::RecordOrderRevoked {
                revoked_on: date("2026-04-10"),
            },
            &fact_step("2026-04-10"),
        )
    };
    assert_eq!(revoke(&noticed()).unwrap().closure(), Some(Closure::OrderRevoked));
    assert_eq!(
        propose(&published(), Decision::Revoke {}, "2026-04-10"),
        Err(Refusal::OrderStands)
    );
    let unpublished = revoke(&listed()).unwrap();
    let publish = take(
        &unpublished,
        Action::Publish {},
        &step("he", "publisher", "2026-04-11"),
    );
    assert_eq!(publish, Err(Refusal::OrderRevoked));
    let ended = decide(&revoke(&published()).unwrap(), Decision::Revoke {}, "2026-04-11");
    assert_eq!(ended.removal(), Some((Removal::Revoked, date("2026-04-11"))));
    assert_eq!(
        propose(&ended, Decision::Restore {}, "2026-04-12"),
        Err(Refusal::NotRemovedEarly)
    );
    assert!(matches!(revoke(&case()), Err(Refusal::State(State::CaseOpen))));
}

#[test]
fn evidence_reason_time_and_law() {
    let mut bare = fact_step("2026-03-02");
    bare.evidence.clear();
    assert_eq!(
        take(&case(), order("2026-03-02", "2026-03-20"), &bare),
        Err(Refusal::NoEvidence)
    );
    let mut mute = step("li", "reviewer", "2026-03-31");
    mute.reason = " ".to_owned();
    let list = || Action::Propose { decision: listing() };
    assert_eq!(take(&noticed(), list(), &mute), Err(Refusal::NoReason));
    let back = step("li", "reviewer", "2026-03-01");
    assert!(matches!(
        take(&noticed(), list(), &back),
        Err(Refusal::TimeRunsBackwards { .. })
    ));
    let early = fact_step("2021-12-31");
    assert!(matches!(
        take(&case(), order("2021-12-01", "2021-12-31"), &early),
        Err(Refusal::NotInForce { .. })
    ));
    let grades = builtin::find("cn-national", "2016.1").unwrap();
    let other = case().apply(list(), &fact_step("2026-03-02"), grades, Calendar::standard());
    assert!(matches!(other, Err(Refusal::NoListingRules(_))));
}

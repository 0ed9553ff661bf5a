use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::filing::{Filing, FilingAction as Do, FilingRefusal, FilingState as At, FilingStep, Party};
use super::*;
use crate::domain::authority::{AccountId, Actor, PersonId};
use crate::domain::employer::{EmployerKey, EmployerKind, Industry};
use crate::domain::evidence::EvidenceKind;
use crate::domain::ruleset::{RuleSet, builtin};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn plan() -> Plan {
    let kind = |kind, minimum_headcount| KindRule {
        kind,
        minimum_headcount,
    };
    Plan {
        id: CampaignId::new("2025").unwrap(),
        authority: AuthorityId::new("cq").unwrap(),
        division: "500000".parse().unwrap(),
        review_year: 2025,
        opens: date("2026-03-15"),
        closes: date("2026-06-15"),
        population: PopulationRule {
            kinds: vec![
                kind(EmployerKind::Enterprise, None),
                kind(EmployerKind::IndividualBusiness, Some(5)),
            ],
            registered_by: Some(date("2025-12-31")),
            industries: None,
            exempt_last_grades: vec![],
        },
        channels: vec![Channel::Online, Channel::Papers],
        form_version: "2025.1".to_owned(),
    }
}

fn campaign() -> Campaign {
    Campaign::new(plan()).unwrap()
}

fn employer() -> Employer {
    Employer {
        key: "uscc:91110000600037341L".parse().unwrap(),
        name: "某某有限公司".parse().unwrap(),
        kind: EmployerKind::Enterprise,
        division: "500105".parse().unwrap(),
        industry: Industry::Construction,
        headcount: Some(12),
        registered_on: Some(date("2019-05-05")),
    }
}

fn rules() -> &'static RuleSet {
    builtin::find("cn-500000", "2020.3").unwrap()
}

#[test]
fn impossible_plans_are_refused() {
    assert!(matches!(
        Campaign::new(Plan {
            closes: date("2026-03-14"),
            ..plan()
        }),
        Err(CampaignError::Window { .. })
    ));
    assert!(matches!(
        Campaign::new(Plan {
            review_year: 2026,
            ..plan()
        }),
        Err(CampaignError::YearNotOver { .. })
    ));
    assert_eq!(
        Campaign::new(Plan {
            channels: vec![],
            ..plan()
        }),
        Err(CampaignError::Channels)
    );
    let mut nobody = plan();
    nobody.population.kinds.clear();
    assert_eq!(Campaign::new(nobody), Err(CampaignError::Population));
    let json = serde_json::to_string(&campaign()).unwrap();
    assert_eq!(serde_json::from_str::<Campaign>(&json).unwrap(), campaign());
}

#[test]
fn every_exclusion_has_its_reason() {
    let scope = |employer: &Employer| campaign().scope(employer, None);
    assert_eq!(scope(&employer()), ScopeDecision::InScope {});
    let out = |employer: Employer| match scope(&employer) {
        ScopeDecision::OutOfScope { reason } => {
            assert!(!reason.zh().is_empty() && !reason.en().is_empty());
            reason
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        out(Employer {
            division: "430200".parse().unwrap(),
            ..employer()
        }),
        OutOfScope::Elsewhere {}
    );
    let kind = EmployerKind::Branch;
    assert_eq!(out(Employer { kind, ..employer() }), OutOfScope::Kind { kind });
    let registered_on = date("2026-01-01");
    assert_eq!(
        out(Employer {
            registered_on: Some(registered_on),
            ..employer()
        }),
        OutOfScope::RegisteredLater {
            registered_on,
            by: date("2025-12-31")
        }
    );
    let sole = |headcount| Employer {
        kind: EmployerKind::IndividualBusiness,
        headcount,
        ..employer()
    };
    assert_eq!(
        out(sole(Some(4))),
        OutOfScope::TooSmall {
            headcount: 4,
            minimum: 5
        }
    );
    assert_eq!(scope(&sole(Some(5))), ScopeDecision::InScope {});
    assert_eq!(
        scope(&sole(None)),
        ScopeDecision::Undetermined {
            missing: ScopeGap::Headcount
        }
    );
    assert_eq!(
        scope(&Employer {
            registered_on: None,
            ..employer()
        }),
        ScopeDecision::Undetermined {
            missing: ScopeGap::RegisteredOn
        }
    );
    let mut narrow = plan();
    narrow.population.industries = Some(vec![Industry::Manufacturing]);
    narrow.population.exempt_last_grades = vec![Grade::A];
    let narrow = Campaign::new(narrow).unwrap();
    assert!(matches!(
        narrow.scope(&employer(), None),
        ScopeDecision::OutOfScope {
            reason: OutOfScope::Industry { .. }
        }
    ));
    let maker = Employer {
        industry: Industry::Manufacturing,
        ..employer()
    };
    assert!(matches!(
        narrow.scope(&maker, Some(Grade::A)),
        ScopeDecision::OutOfScope {
            reason: OutOfScope::ExemptByGrade { grade: Grade::A }
        }
    ));
    let decisions = [
        narrow.scope(&maker, Some(Grade::B)),
        scope(&sole(None)),
        scope(&sole(Some(1))),
    ];
    let tally: Tally = decisions.iter().collect();
    assert_eq!(
        tally,
        Tally {
            in_scope: 1,
            out_of_scope: 1,
            undetermined: 1
        }
    );
}

fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T04:00:00Z").parse().unwrap()
}

fn by(party: Party, day: &str) -> FilingStep {
    FilingStep {
        by: party,
        at: noon(day),
        evidence: vec![],
        reason: "as documented".to_owned(),
    }
}

fn officer(person: &str, roles: &str, day: &str) -> FilingStep {
    let actor = Actor {
        person: PersonId::new(person).unwrap(),
        account: AccountId::new(person).unwrap(),
        roles: roles.parse().unwrap(),
        authority: AuthorityId::new("jb").unwrap(),
        division: "500105".parse().unwrap(),
    };
    by(Party::Officer(actor), day)
}

fn own(day: &str) -> FilingStep {
    by(Party::Employer(employer().key), day)
}

fn notified() -> Filing {
    Filing::notified(&campaign(), employer().key, employer().division)
}

fn take(filing: &Filing, action: Do, step: &FilingStep) -> Result<Filing, FilingRefusal> {
    filing.apply(action, step, &campaign(), rules())
}

fn walk(start: Filing, steps: Vec<(Do, FilingStep)>) -> Filing {
    steps.into_iter().fold(start, |filing, (action, step)| {
        take(&filing, action, &step).unwrap()
    })
}

const ONLINE: Channel = Channel::Online;

fn checked() -> Filing {
    walk(
        notified(),
        vec![
            (Do::Begin {}, own("2026-03-20")),
            (Do::Submit { channel: ONLINE }, own("2026-03-21")),
            (Do::Return {}, officer("li", "clerk", "2026-03-25")),
            (Do::Resubmit {}, own("2026-07-01")),
            (Do::Accept {}, officer("li", "clerk", "2026-07-02")),
            (Do::DeskCheck {}, officer("li", "reviewer", "2026-07-03")),
        ],
    )
}

fn rechecked() -> Filing {
    walk(
        checked(),
        vec![
            (Do::OrderSiteCheck {}, officer("li", "reviewer", "2026-07-03")),
            (
                Do::OrderCorrection {
                    by: date("2026-07-20"),
                },
                officer("li", "reviewer", "2026-07-06"),
            ),
            (Do::ReCheck {}, officer("li", "reviewer", "2026-07-21")),
        ],
    )
}

fn ordered_to_file() -> Filing {
    let clock = by(Party::Clock, "2026-06-16");
    let order = Do::OrderToFile {
        by: date("2026-07-15"),
    };
    walk(
        notified(),
        vec![
            (Do::CloseWindow {}, clock),
            (order, officer("li", "clerk", "2026-06-17")),
        ],
    )
}

#[test]
fn the_four_results() {
    let passed = take(&checked(), Do::Pass {}, &officer("li", "reviewer", "2026-07-04")).unwrap();
    assert_eq!(
        passed.result(),
        Some(EvidenceKind::ReviewPassed {
            review_year: 2025,
            after_correction: false
        })
    );
    let after = take(
        &rechecked(),
        Do::Pass {},
        &officer("li", "reviewer", "2026-07-21"),
    )
    .unwrap();
    assert_eq!(after.state(), At::PassedAfterCorrection);
    let failed = take(
        &rechecked(),
        Do::Fail {},
        &officer("wu", "approver", "2026-07-22"),
    )
    .unwrap();
    assert_eq!(
        failed.result(),
        Some(EvidenceKind::ReviewFailed { review_year: 2025 })
    );
    let declare = Do::DeclareNotParticipated {};
    let absent = take(
        &ordered_to_file(),
        declare,
        &officer("wu", "approver", "2026-07-16"),
    )
    .unwrap();
    assert_eq!(
        absent.result(),
        Some(EvidenceKind::NonParticipation { review_year: 2025 })
    );
    assert!(absent.state().is_final());
    let late = take(
        &ordered_to_file(),
        Do::FileLate { channel: ONLINE },
        &own("2026-07-10"),
    )
    .unwrap();
    assert_eq!((late.state(), late.result()), (At::LateFiled, None));
    let json = serde_json::to_string(&absent).unwrap();
    assert_eq!(serde_json::from_str::<Filing>(&json).unwrap(), absent);
}

#[test]
fn each_refusal_has_its_reason() {
    let submit = || Do::Submit { channel: ONLINE };
    assert!(matches!(
        take(&notified(), submit(), &own("2026-03-14")),
        Err(FilingRefusal::Window { .. })
    ));
    assert!(matches!(
        take(&notified(), submit(), &own("2026-06-16")),
        Err(FilingRefusal::Window { .. })
    ));
    assert_eq!(
        take(
            &notified(),
            Do::Submit {
                channel: Channel::OnSite
            },
            &own("2026-03-20")
        ),
        Err(FilingRefusal::Channel(Channel::OnSite))
    );
    let stranger: EmployerKey = "uscc:91350200776049653A".parse().unwrap();
    assert_eq!(
        take(
            &notified(),
            submit(),
            &by(Party::Employer(stranger), "2026-03-20")
        ),
        Err(FilingRefusal::NotTheEmployer)
    );
    let submitted = take(&notified(), submit(), &own("2026-03-20")).unwrap();
    assert_eq!(
        take(&submitted, Do::Accept {}, &own("2026-03-21")),
        Err(FilingRefusal::NeedsOfficer)
    );
    assert_eq!(
        take(&submitted, Do::Accept {}, &by(Party::Clock, "2026-03-21")),
        Err(FilingRefusal::NeedsOfficer)
    );
    assert!(matches!(
        take(&submitted, Do::Accept {}, &officer("li", "auditor", "2026-03-21")),
        Err(FilingRefusal::Actor(_))
    ));
    assert_eq!(
        take(&submitted, Do::Begin {}, &own("2026-03-21")),
        Err(FilingRefusal::State(At::Submitted))
    );
    assert!(matches!(
        take(&submitted, Do::Accept {}, &officer("li", "clerk", "2026-03-19")),
        Err(FilingRefusal::TimeRunsBackwards { .. })
    ));
    let mut mute = officer("li", "clerk", "2026-03-21");
    mute.reason.clear();
    assert_eq!(
        take(&submitted, Do::Return {}, &mute),
        Err(FilingRefusal::NoReason)
    );
    assert_eq!(
        take(&notified(), Do::CloseWindow {}, &by(Party::Clock, "2026-06-15")),
        Err(FilingRefusal::TooEarly(date("2026-06-15")))
    );
    let order = Do::OrderCorrection {
        by: date("2026-07-01"),
    };
    assert!(matches!(
        take(&checked(), order, &officer("li", "reviewer", "2026-07-04")),
        Err(FilingRefusal::Deadline { .. })
    ));
    let mut next_year = plan();
    next_year.id = CampaignId::new("2026").unwrap();
    let other = Campaign::new(next_year).unwrap();
    assert!(matches!(
        notified().apply(submit(), &own("2026-03-20"), &other, rules()),
        Err(FilingRefusal::Campaign(_))
    ));
}

#[test]
fn a_result_against_the_employer_takes_a_second_person_and_the_whole_period() {
    let li = PersonId::new("li").unwrap();
    let fail = |step: &FilingStep| take(&rechecked(), Do::Fail {}, step);
    assert_eq!(
        fail(&officer("li", "reviewer,approver", "2026-07-22")),
        Err(FilingRefusal::SamePerson(li.clone()))
    );
    assert!(matches!(
        fail(&officer("wu", "reviewer", "2026-07-22")),
        Err(FilingRefusal::Actor(_))
    ));
    let declare = |step: &FilingStep| take(&ordered_to_file(), Do::DeclareNotParticipated {}, step);
    assert_eq!(
        declare(&officer("li", "clerk,approver", "2026-07-16")),
        Err(FilingRefusal::SamePerson(li))
    );
    assert_eq!(
        declare(&officer("wu", "approver", "2026-07-15")),
        Err(FilingRefusal::TooEarly(date("2026-07-15")))
    );
}

proptest! {
    #[test]
    fn no_path_lets_one_officer_decide_against_an_employer(
        steps in prop::collection::vec((0usize..15, 0usize..3, 0i64..30), 0..40),
    ) {
        let mut filing = notified();
        let mut at = noon("2026-03-15");
        for (which, who, days) in steps {
            at += chrono::TimeDelta::days(days);
            let today = crate::domain::dates::in_china(at);
            let actions = [
                Do::Begin {}, Do::Submit { channel: ONLINE }, Do::Return {}, Do::Resubmit {}, Do::Accept {},
                Do::CloseWindow {}, Do::OrderToFile { by: today }, Do::FileLate { channel: ONLINE },
                Do::DeskCheck {}, Do::OrderSiteCheck {}, Do::OrderCorrection { by: today }, Do::ReCheck {},
                Do::Pass {}, Do::Fail {}, Do::DeclareNotParticipated {},
            ];
            let mut step = match who {
                0 => own("2026-03-15"),
                1 => by(Party::Clock, "2026-03-15"),
                _ => officer("li", "clerk,reviewer,approver,publisher", "2026-03-15"),
            };
            step.at = at;
            filing = take(&filing, actions[which].clone(), &step).unwrap_or(filing);
        }
        prop_assert!(!matches!(filing.state(), At::Failed | At::NotParticipated));
    }
}

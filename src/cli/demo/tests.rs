//! The only file here that may name the rating's type.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;

use super::conduct::{Conduct, Quota};
use super::*;
use crate::domain::calendar::Calendar;
use crate::domain::campaign::ScopeDecision;
use crate::domain::campaign::filing::FilingState;
use crate::domain::employer::{Employer, EmployerKind};
use crate::domain::evidence::Evidence;
use crate::domain::grade::{Assessment, Grade, RuleOutcome, assess};
use crate::domain::ruleset::{RuleSet, builtin};

const YEAR: i32 = 2025;

fn rules() -> &'static RuleSet {
    builtin::find("cn-500000", "2020.3").unwrap()
}

fn files(city: &City) -> Vec<Vec<Evidence>> {
    let mut files = vec![Vec::new(); city.employers.len()];
    for (employer, piece) in &city.evidence {
        files[*employer].push(piece.clone());
    }
    files
}

fn assess_all(city: &City) -> Vec<(Vec<Evidence>, Assessment)> {
    let files = files(city).into_iter().enumerate();
    let in_scope = files.filter(|(place, _)| city.scope[*place] == ScopeDecision::InScope {});
    in_scope
        .map(|(_, file)| (file.clone(), assess(rules(), YEAR, &file).unwrap()))
        .collect()
}

fn totals(assessed: &[(Vec<Evidence>, Assessment)]) -> [usize; 3] {
    Grade::ALL.map(|grade| assessed.iter().filter(|(_, one)| one.grade == grade).count())
}

#[test]
fn totals_are_the_planned_ones_for_any_seed_and_size() {
    let sizes = [
        (20_u64, 1),
        (20, 7),
        (20, 100),
        (20, 500),
        (20, 2000),
        (20, 11_497),
    ];
    for (seeds, size) in sizes {
        for seed in 0..seeds {
            let city = generate(seed * 7919 + 1, size, YEAR).unwrap();
            let assessed = assess_all(&city);
            let Quota { clean, lesser, grave } = Quota::of(size);
            assert_eq!(
                totals(&assessed),
                [clean, lesser, grave],
                "seed {seed}, size {size}"
            );
            assert!(assessed.iter().all(|(_, one)| one.undetermined.is_empty()));
            assert_eq!(city.tally.in_scope, size as u64);
            assert_eq!(city.tally.undetermined, 0);
            assert_eq!(city.filings.len(), size);
        }
    }
    assert_eq!(
        Quota::of(11_497),
        Quota {
            clean: 4467,
            lesser: 6936,
            grave: 94
        }
    );
}

#[test]
fn for_every_rule_someone_depends_on_its_evidence() {
    let city = generate(42, 11_497, YEAR).unwrap();
    let mut by_all: BTreeSet<&str> = BTreeSet::new();
    let mut by_one: BTreeMap<&str, &Employer> = BTreeMap::new();
    let in_scope = city
        .employers
        .iter()
        .zip(&city.scope)
        .filter(|(_, one)| **one == ScopeDecision::InScope {});
    let assessed = assess_all(&city);
    for ((employer, _), (file, assessment)) in in_scope.zip(&assessed) {
        for line in assessment
            .trace
            .iter()
            .filter(|line| line.outcome == RuleOutcome::Met)
        {
            let rule = rules()
                .integrity()
                .unwrap()
                .rules
                .iter()
                .find(|rule| rule.id == line.rule)
                .unwrap();
            let without = |gone: &dyn Fn(&Evidence) -> bool| {
                let rest: Vec<Evidence> = file.iter().filter(|piece| !gone(piece)).cloned().collect();
                assess(rules(), YEAR, &rest).unwrap().grade
            };
            if without(&|piece| line.evidence.contains(&piece.id)) < assessment.grade {
                by_all.insert(&rule.id);
            }
            if line
                .evidence
                .iter()
                .any(|id| without(&|piece| piece.id == *id) < assessment.grade)
            {
                by_one.insert(&rule.id, employer);
            }
        }
    }
    // The best rating rests on no evidence; it is what the others fall back to.
    let all: BTreeSet<&str> = rules()
        .integrity()
        .unwrap()
        .rules
        .iter()
        .map(|rule| rule.id.as_str())
        .collect();
    let resting: BTreeSet<&str> = all.iter().filter(|id| **id != "A").copied().collect();
    assert_eq!(by_all, resting);
    assert_eq!(by_one.keys().copied().collect::<BTreeSet<_>>(), resting);
    for (rule, employer) in by_one {
        println!("{rule}: {} {}", employer.key, employer.name);
    }
    assert!(assessed.iter().any(|(_, one)| one.basis == ["A"]));
}

#[test]
fn every_grave_condition_occurs_three_times() {
    let city = generate(5, 11_497, YEAR).unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, assessment) in assess_all(&city) {
        for rule in assessment.basis {
            *counts.entry(rule).or_default() += 1;
        }
    }
    for rule in &rules().integrity().unwrap().rules {
        assert!(counts[&rule.id] >= 3, "{} {counts:?}", rule.id);
    }
    let mut conduct: BTreeMap<Conduct, usize> = BTreeMap::new();
    for one in city.conduct.iter().flatten() {
        *conduct.entry(*one).or_default() += 1;
    }
    println!("{counts:?}\n{conduct:?}");
    assert_eq!(conduct.len(), 20);
    // One condition each as soon as there are seven grave ones.
    let small = generate(5, 900, YEAR).unwrap();
    let basis: BTreeSet<String> = assess_all(&small)
        .into_iter()
        .filter(|(_, one)| one.grade == Grade::C)
        .flat_map(|(_, one)| one.basis)
        .collect();
    let expected: Vec<&str> = vec!["C1", "C2", "C3", "C4", "C5", "C6", "L2"];
    assert_eq!(basis.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn the_same_seed_gives_the_same_city() {
    assert_eq!(generate(9, 300, YEAR), generate(9, 300, YEAR));
    assert_ne!(
        generate(9, 300, YEAR).unwrap().employers,
        generate(10, 300, YEAR).unwrap().employers
    );
    assert!(generate(9, 0, YEAR).unwrap().employers.is_empty());
    assert!(matches!(generate(9, usize::MAX, YEAR), Err(Error::TooMany(_))));
}

#[test]
fn names_codes_and_numbers_are_unique_and_codes_pass() {
    let city = generate(11, 11_497, YEAR).unwrap();
    let count = city.employers.len();
    assert_eq!(count, 11_497 + 2_300);
    let names: BTreeSet<&str> = city.employers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), count);
    let mut organisations = BTreeSet::new();
    let mut elsewhere = 0;
    for employer in &city.employers {
        let code = employer.key.code().unwrap();
        code.check().unwrap();
        assert!(organisations.insert(code.organisation()));
        let shop = employer.kind == EmployerKind::IndividualBusiness;
        assert_eq!(code.kind_str(), if shop { "92" } else { "91" });
        elsewhere += usize::from(code.division_str() != employer.division.as_str());
    }
    assert!((200..1500).contains(&elsewhere), "{elsewhere}");
    let numbers: BTreeSet<&String> = city
        .evidence
        .iter()
        .filter_map(|(_, piece)| piece.document_number.as_ref())
        .collect();
    assert_eq!(numbers.len(), city.evidence.len());
    let ids: BTreeSet<_> = city.evidence.iter().map(|(_, piece)| &piece.id).collect();
    assert_eq!(ids.len(), city.evidence.len());
}

#[test]
fn documents_lie_on_working_days_after_the_employer_began_and_in_order() {
    let city = generate(13, 11_497, YEAR).unwrap();
    for (place, piece) in &city.evidence {
        let decided = piece.decided_on.unwrap();
        for day in [piece.occurred_on, decided] {
            assert_eq!(Calendar::standard().is_working_day(day), Some(true), "{piece:?}");
        }
        assert!(piece.occurred_on <= decided, "{piece:?}");
        assert!(
            city.employers[*place].registered_on.unwrap() < piece.occurred_on,
            "{piece:?}"
        );
        assert!(
            piece
                .document_number
                .as_ref()
                .unwrap()
                .contains(&decided.year().to_string())
        );
        assert!(decided < "2026-09-01".parse().unwrap(), "{piece:?}");
    }
    let (opens_on, closes_on) = (city.campaign.plan().opens, city.campaign.plan().closes);
    for filing in &city.filings {
        if let Some(day) = filing.submitted_on {
            assert!(opens_on <= day && day < filing.closed_on, "{filing:?}");
        }
        assert!(
            filing.closed_on > opens_on && filing.closed_on <= closes_on + chrono::Days::new(75),
            "{filing:?}"
        );
        assert_eq!(
            filing.channel.is_none(),
            filing.state == FilingState::NotParticipated
        );
    }
    assert!(city.filings.iter().any(|filing| filing.is_late(&city.campaign)));
}

#[test]
fn the_scope_follows_from_the_register() {
    let city = generate(17, 2000, YEAR).unwrap();
    let mut reasons = BTreeSet::new();
    for (decision, conduct) in city.scope.iter().zip(&city.conduct) {
        assert_eq!(*decision == ScopeDecision::InScope {}, conduct.is_some());
        assert!(!reason_zh(decision).is_empty());
        if let ScopeDecision::OutOfScope { reason } = decision {
            reasons.insert(
                serde_json::to_value(reason).unwrap()["reason"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    assert_eq!(
        reasons.into_iter().collect::<Vec<_>>(),
        ["registered_later", "too_small"]
    );
}

#[test]
fn authorities_and_officers_fit_together() {
    let authorities = authorities();
    assert_eq!(authorities.len(), 40);
    assert_eq!(authorities[0].name, "重庆市人力资源和社会保障局");
    assert!(
        authorities
            .iter()
            .any(|one| one.name == "江北区人力资源和社会保障局")
    );
    assert!(authorities[39].name.contains("虚构"));
    let officers = officers();
    assert_eq!(officers.len(), 5);
    for officer in &officers {
        assert!(authorities.iter().any(|one| one.id == officer.authority));
    }
}

#[test]
fn facts_that_must_not_count_are_there() {
    use crate::domain::evidence::{EvidenceKind as Kind, Outcome, TransferTarget};
    let city = generate(23, 11_497, YEAR).unwrap();
    let among_clean = |wanted: &dyn Fn(&Evidence) -> bool| {
        let clean = city
            .evidence
            .iter()
            .filter(|(place, _)| city.conduct[*place] == Some(Conduct::Clean));
        clean.filter(|(_, piece)| wanted(piece)).count()
    };
    let handled_in = |year: i32| {
        move |piece: &Evidence| {
            let counts = !matches!(
                piece.kind,
                Kind::Handled {
                    outcome: Outcome::FilingWithdrawn,
                    ..
                }
            );
            matches!(piece.kind, Kind::Handled { .. }) && counts && piece.decided_on.unwrap().year() == year
        }
    };
    for (what, count) in [
        ("handled before", among_clean(&handled_in(YEAR - 1))),
        ("decided later", among_clean(&handled_in(YEAR + 1))),
        (
            "withdrawn",
            among_clean(&|one| {
                matches!(
                    one.kind,
                    Kind::Handled {
                        outcome: Outcome::FilingWithdrawn,
                        ..
                    }
                )
            }),
        ),
        (
            "elsewhere",
            among_clean(&|one| {
                one.kind
                    == Kind::Transfer {
                        to: TransferTarget::OtherDepartment,
                    }
            }),
        ),
        (
            "incident",
            among_clean(&|one| matches!(one.kind, Kind::Incident { .. })),
        ),
        (
            "obstructed before",
            among_clean(&|one| one.kind == Kind::Obstruction),
        ),
        (
            "absent before",
            among_clean(&|one| matches!(one.kind, Kind::NonParticipation { .. })),
        ),
        (
            "corrected",
            among_clean(&|one| {
                matches!(
                    one.kind,
                    Kind::ReviewPassed {
                        after_correction: true,
                        ..
                    }
                )
            }),
        ),
    ] {
        assert!(count > 0, "{what}");
    }
    assert_eq!(among_clean(&handled_in(YEAR)), 0);
}

#[test]
#[ignore = "prints a sample to look at"]
fn sample() {
    let city = generate(42, 11_497, YEAR).unwrap();
    for (place, employer) in city.employers.iter().enumerate().step_by(230) {
        let code = employer.key.code().unwrap();
        println!(
            "{code} {} {} {:?} {:?}",
            employer.name, employer.industry, employer.headcount, employer.registered_on
        );
        for (_, piece) in city.evidence.iter().filter(|(who, _)| *who == place) {
            let (document, case) = (
                piece.document_number.as_ref().unwrap(),
                piece.case_number.as_deref(),
            );
            println!(
                "    {} {} {:?} {document} {case:?}",
                piece.id, piece.occurred_on, piece.kind
            );
        }
    }
}

#[test]
fn no_file_here_names_the_rating() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/demo");
    let entries =
        [folder.to_owned(), format!("{folder}/blacklist")].map(|one| std::fs::read_dir(one).unwrap());
    for entry in entries.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        if path.file_name().unwrap() == "tests.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["domain::grade", "Grade", "assess("] {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

mod listing {
    use super::*;
    use crate::domain::blacklist::{Case, Decision, LimbOutcome, State};

    fn run(procedure: &Procedure) -> Case {
        let rules = builtin::find("cn-wage-blacklist", "2022.1").unwrap();
        procedure
            .steps
            .iter()
            .fold(procedure.open(), |case, (action, step)| {
                case.apply(action.clone(), step, rules, Calendar::standard())
                    .unwrap()
            })
    }

    fn outcomes(case: &Case) -> Vec<LimbOutcome> {
        case.trigger()
            .unwrap()
            .limbs
            .iter()
            .map(|limb| limb.outcome.clone())
            .collect()
    }

    #[test]
    fn the_four_rows_run_through_to_publication_in_time() {
        let procedures = zhuzhou("2025-12-22".parse().unwrap());
        assert_eq!(procedures.len(), 4);
        for (place, procedure) in procedures.iter().enumerate() {
            let case = run(procedure);
            assert_eq!(case.state(), State::Published);
            assert!(case.history().iter().all(|step| !step.late), "{place}");
            let met: Vec<bool> = outcomes(&case).iter().map(LimbOutcome::is_met).collect();
            // Three workers can meet the single-worker limb alone.
            assert_eq!(
                met,
                if place == 2 {
                    [true, false, false]
                } else {
                    [false, true, false]
                }
            );
            assert!(procedure.employer.name.as_str().contains("示例"));
            procedure.employer.key.code().unwrap().check().unwrap();
        }
        let keys: BTreeSet<String> = procedures
            .iter()
            .map(|one| one.employer.key.to_string())
            .collect();
        assert_eq!(keys.len(), 4);
        assert_eq!(outcomes(&run(&procedures[2]))[1], LimbOutcome::NotMet {});
    }

    #[test]
    fn the_citys_case_waits_and_rests_on_the_incident_alone() {
        for today in ["2026-11-22", "2026-11-23", "2026-10-07", "2027-03-01"] {
            let city = generate(21, 11_497, YEAR).unwrap();
            let procedure = pending(&city, today.parse().unwrap()).unwrap();
            let case = run(&procedure);
            assert!(matches!(case.pending().unwrap().decision, Decision::List { .. }));
            let undetermined = |outcome: &LimbOutcome| matches!(outcome, LimbOutcome::Undetermined { .. });
            let outcomes = outcomes(&case);
            assert!(undetermined(&outcomes[0]) && undetermined(&outcomes[1]) && outcomes[2].is_met());
            let place = city
                .employers
                .iter()
                .position(|one| *one == procedure.employer)
                .unwrap();
            assert!(city.conduct[place].unwrap().is_wage_incident());
            // The new facts change nothing about the year under review.
            let mut file = files(&city).swap_remove(place);
            let before = assess(rules(), YEAR, &file).unwrap();
            file.extend(procedure.evidence.clone());
            assert_eq!(assess(rules(), YEAR, &file).unwrap(), before);
            let numbers: BTreeSet<_> = procedure
                .evidence
                .iter()
                .map(|one| &one.document_number)
                .collect();
            assert!(
                city.evidence
                    .iter()
                    .all(|(_, one)| !numbers.contains(&one.document_number))
            );
        }
    }

    #[test]
    fn small_cities_have_a_case_too() {
        for size in [1, 7, 100] {
            let city = generate(3, size, YEAR).unwrap();
            let case = run(&pending(&city, "2026-11-22".parse().unwrap()).unwrap());
            assert!(case.trigger().unwrap().outcome.is_met());
        }
        let empty = generate(3, 0, YEAR).unwrap();
        assert!(pending(&empty, "2026-11-22".parse().unwrap()).is_none());
        let city = generate(3, 100, YEAR).unwrap();
        assert!(pending(&city, "2025-12-30".parse().unwrap()).is_none());
    }
}

use proptest::prelude::*;

use super::*;
use crate::domain::evidence::{
    EvidenceKind as Kind, IncidentForm, Matter, Outcome, RefusedDocument, SeriousMatter, TransferTarget,
};
use crate::domain::ruleset::builtin;

const YEAR: i32 = 2025;

fn national() -> &'static RuleSet {
    builtin::find("cn-national", "2016.1").unwrap()
}

fn local() -> &'static RuleSet {
    builtin::find("cn-500000", "2020.3").unwrap()
}

/// A rule set with one flag turned over.
fn flipped(set: &RuleSet, flag: &str) -> RuleSet {
    let mut file: serde_json::Value = serde_json::from_slice(set.canonical()).unwrap();
    let flags = file["flags"].as_array_mut().unwrap();
    let found = flags
        .iter_mut()
        .find(|candidate| candidate["id"] == flag)
        .unwrap();
    found["value"] = (!found["value"].as_bool().unwrap()).into();
    RuleSet::parse(file.to_string().as_bytes()).unwrap()
}

fn fact(id: &str, kind: Kind) -> Evidence {
    Evidence {
        id: EvidenceId::new(id).unwrap(),
        kind,
        occurred_on: "2025-03-03".parse().unwrap(),
        decided_on: Some("2025-05-20".parse().unwrap()),
        document_number: None,
        case_number: None,
    }
}

fn handled(id: &str, outcome: Outcome) -> Evidence {
    fact(
        id,
        Kind::Handled {
            outcome,
            matter: Matter::Wages,
        },
    )
}

fn absent(id: &str, review_year: i32) -> Evidence {
    fact(id, Kind::NonParticipation { review_year })
}

fn incident(form: IncidentForm, effect: Option<bool>, cause: Option<bool>) -> Kind {
    Kind::Incident {
        form,
        serious_effect: effect,
        caused_by_violation: cause,
    }
}

fn graded(set: &RuleSet, evidence: &[Evidence]) -> (Grade, Vec<String>) {
    let assessment = assess(set, YEAR, evidence).unwrap();
    (assessment.grade, assessment.basis)
}

fn expect(set: &RuleSet, evidence: &[Evidence], grade: Grade, basis: &[&str]) {
    let basis: Vec<String> = basis.iter().map(|&rule| rule.to_owned()).collect();
    assert_eq!(graded(set, evidence), (grade, basis), "{evidence:?}");
}

/// For each rule: evidence that meets it, which piece decides, and the grade with and without that piece.
fn deciding_cases() -> Vec<(&'static str, Vec<Evidence>, &'static str, Grade, Grade)> {
    let three = vec![
        handled("h1", Outcome::Penalty),
        handled("h2", Outcome::HandlingDecision),
        handled("h3", Outcome::Penalty),
    ];
    let single = |kind| vec![fact("e1", kind)];
    vec![
        ("C1", three, "h3", Grade::C, Grade::B),
        (
            "C2",
            single(incident(IncidentForm::Mass, None, Some(true))),
            "e1",
            Grade::C,
            Grade::A,
        ),
        (
            "C3",
            single(Kind::SeriousViolation {
                of: SeriousMatter::ChildLabour,
            }),
            "e1",
            Grade::C,
            Grade::A,
        ),
        (
            "C4",
            single(Kind::Refusal {
                of: RefusedDocument::RectificationOrder,
            }),
            "e1",
            Grade::C,
            Grade::A,
        ),
        ("C5", single(Kind::Obstruction), "e1", Grade::C, Grade::A),
        ("C6", single(Kind::CriminalLiability), "e1", Grade::C, Grade::A),
        (
            "L2",
            vec![absent("n3", 2023), absent("n2", 2024), absent("n1", 2025)],
            "n2",
            Grade::C,
            Grade::B,
        ),
        (
            "B",
            vec![handled("h1", Outcome::Penalty)],
            "h1",
            Grade::B,
            Grade::A,
        ),
        ("L1", vec![absent("n1", 2025)], "n1", Grade::B, Grade::A),
    ]
}

#[test]
fn every_rule_flips_with_its_deciding_evidence() {
    let cases = deciding_cases();
    for (rule, evidence, decides, with, without) in &cases {
        let assessment = assess(local(), YEAR, evidence).unwrap();
        assert_eq!(
            (assessment.grade, &assessment.basis),
            (*with, &vec![(*rule).to_owned()]),
            "{rule}"
        );
        let line = assessment.trace.iter().find(|line| line.rule == *rule).unwrap();
        assert_eq!(line.outcome, RuleOutcome::Met);
        assert!(line.evidence.iter().any(|id| id.as_str() == *decides), "{rule}");
        let rest: Vec<_> = evidence
            .iter()
            .filter(|piece| piece.id.as_str() != *decides)
            .cloned()
            .collect();
        let after = assess(local(), YEAR, &rest).unwrap();
        assert_eq!(after.grade, *without, "{rule}");
        assert!(!after.basis.contains(&(*rule).to_owned()), "{rule}");
    }
    let rules = local().integrity().unwrap().rules.iter();
    for rule in rules.filter(|rule| rule.when != Condition::Otherwise) {
        assert!(
            cases.iter().any(|case| case.0 == rule.id),
            "rule {} has no flip case",
            rule.id
        );
    }
}

#[test]
fn a_clean_file_is_an_a() {
    expect(national(), &[], Grade::A, &["A"]);
    let passed = fact(
        "r",
        Kind::ReviewPassed {
            review_year: YEAR,
            after_correction: true,
        },
    );
    expect(local(), &[passed], Grade::A, &["A"]);
    let other = fact(
        "t",
        Kind::Transfer {
            to: TransferTarget::OtherDepartment,
        },
    );
    expect(local(), &[other], Grade::A, &["A"]);
}

#[test]
fn non_participation_is_a_local_rule() {
    let file = [absent("n1", 2025), absent("n2", 2024), absent("n3", 2023)];
    expect(national(), &file, Grade::A, &["A"]);
    expect(local(), &file, Grade::C, &["L2"]);
    expect(
        local(),
        &[absent("n1", 2025), absent("n3", 2023), absent("n4", 2022)],
        Grade::B,
        &["L1"],
    );
    expect(
        local(),
        &[absent("n2", 2024), absent("n3", 2023), absent("n4", 2022)],
        Grade::A,
        &["A"],
    );
}

#[test]
fn open_points_are_flags() {
    for (flag, kind, by_default, turned) in [
        (
            "order_to_correct_counts",
            handled("e", Outcome::OrderToCorrect).kind,
            Grade::B,
            Grade::A,
        ),
        (
            "withdrawn_filing_counts",
            handled("e", Outcome::FilingWithdrawn).kind,
            Grade::A,
            Grade::B,
        ),
        (
            "transfer_to_police_counts",
            Kind::Transfer {
                to: TransferTarget::Police,
            },
            Grade::B,
            Grade::A,
        ),
    ] {
        let file = [fact("e", kind)];
        assert_eq!(graded(national(), &file).0, by_default, "{flag}");
        assert_eq!(graded(&flipped(national(), flag), &file).0, turned, "{flag}");
    }
    let of_one_case: Vec<_> = ["h1", "h2", "h3"]
        .map(|id| Evidence {
            case_number: Some("case-1".into()),
            ..handled(id, Outcome::Penalty)
        })
        .into();
    expect(national(), &of_one_case, Grade::B, &["B"]);
    expect(
        &flipped(national(), "once_per_case"),
        &of_one_case,
        Grade::C,
        &["C1"],
    );
}

#[test]
fn only_the_assessed_year_counts() {
    let mut late = handled("h", Outcome::Penalty);
    late.occurred_on = "2025-12-20".parse().unwrap();
    late.decided_on = Some("2026-01-05".parse().unwrap());
    expect(national(), &[late.clone()], Grade::A, &["A"]);
    assert_eq!(assess(national(), 2026, &[late]).unwrap().grade, Grade::B);
}

#[test]
fn missing_facts_never_make_a_grade_worse() {
    for (kind, decided, rule, missing) in [
        (
            incident(IncidentForm::Mass, Some(true), None),
            true,
            "C2",
            "e: caused_by_violation",
        ),
        (
            incident(IncidentForm::Other, None, Some(true)),
            true,
            "C2",
            "e: serious_effect",
        ),
        (
            Kind::SeriousViolation {
                of: SeriousMatter::ForcedLabour,
            },
            false,
            "C3",
            "e: decided_on",
        ),
    ] {
        let mut piece = fact("e", kind);
        piece.decided_on = piece.decided_on.filter(|_| decided);
        let assessment = assess(national(), YEAR, &[piece]).unwrap();
        assert_eq!(
            (assessment.grade, assessment.undetermined),
            (Grade::A, vec![rule.to_owned()])
        );
        let line = assessment.trace.iter().find(|line| line.rule == rule).unwrap();
        assert_eq!(
            (line.outcome, &line.missing),
            (RuleOutcome::Undetermined, &vec![missing.to_owned()])
        );
    }
    for (form, effect, cause) in [
        (IncidentForm::Mass, Some(true), Some(false)),
        (IncidentForm::Other, Some(false), Some(true)),
        (IncidentForm::Other, None, Some(false)),
    ] {
        let assessment = assess(national(), YEAR, &[fact("e", incident(form, effect, cause))]).unwrap();
        assert_eq!((assessment.grade, assessment.undetermined), (Grade::A, vec![]));
    }
    expect(
        national(),
        &[fact("e", incident(IncidentForm::Other, Some(true), Some(true)))],
        Grade::C,
        &["C2"],
    );
}

#[test]
fn the_trace_counts_and_reads_back() {
    let file = [
        handled("h2", Outcome::Penalty),
        handled("h1", Outcome::OrderToCorrect),
    ];
    let assessment = assess(national(), YEAR, &file).unwrap();
    let line = &assessment.trace[0];
    assert_eq!((line.rule.as_str(), line.outcome), ("C1", RuleOutcome::NotMet));
    assert_eq!((line.found, line.needed), (Some(2), Some(3)));
    assert_eq!(
        line.evidence.iter().map(EvidenceId::as_str).collect::<Vec<_>>(),
        ["h1", "h2"]
    );
    assert!(line.text_zh.contains("三次") && line.text_en.contains("three"));
    let json = serde_json::to_string(&assessment).unwrap();
    assert_eq!(serde_json::from_str::<Assessment>(&json).unwrap(), assessment);
    assert_eq!(assessment.rule_set, national().reference());
}

/// Handled for a violation *and no condition of C*: under a C the trace must not call the rule of B met.
#[test]
fn a_rule_that_a_worse_one_overtakes_is_superseded() {
    let child = fact(
        "child",
        Kind::SeriousViolation {
            of: SeriousMatter::ChildLabour,
        },
    );
    for set in [national(), local()] {
        let outcome = |file: &[Evidence]| {
            let computed = assess(set, YEAR, file).unwrap();
            let b = computed.trace.iter().filter(|line| line.grade == Grade::B);
            let told: Vec<RuleOutcome> = b
                .filter(|line| !line.evidence.is_empty())
                .map(|line| line.outcome)
                .collect();
            (computed, told)
        };
        let (alone, told) = outcome(&[handled("h", Outcome::Penalty)]);
        assert_eq!(alone.grade, Grade::B);
        assert_eq!(told, [RuleOutcome::Met], "{alone:?}");
        let (both, told) = outcome(&[handled("h", Outcome::Penalty), child.clone()]);
        assert_eq!(both.grade, Grade::C);
        assert!(
            !told.is_empty() && told.iter().all(|found| *found == RuleOutcome::Superseded),
            "{both:?}"
        );
        let (only, _) = outcome(std::slice::from_ref(&child));
        assert_eq!(both.basis, only.basis, "what is signed stays");
        let json = serde_json::to_string(&both).unwrap();
        assert!(json.contains(r#""outcome":"superseded""#), "{json}");
        assert_eq!(serde_json::from_str::<Assessment>(&json).unwrap(), both);
    }
}

#[test]
fn what_cannot_be_assessed_says_so() {
    let blacklist = builtin::find("cn-wage-blacklist", "2022.1").unwrap();
    assert!(matches!(
        assess(blacklist, YEAR, &[]),
        Err(AssessError::NoGradeRules(_))
    ));
    let twice = [handled("h", Outcome::Penalty), handled("h", Outcome::Penalty)];
    expect(national(), &twice, Grade::B, &["B"]);
    let clash = [
        handled("h", Outcome::Penalty),
        handled("h", Outcome::OrderToCorrect),
    ];
    assert!(matches!(
        assess(national(), YEAR, &clash),
        Err(AssessError::Conflict(_))
    ));
}

fn any_kind() -> impl Strategy<Value = Kind> {
    let outcome = prop::sample::select(vec![
        Outcome::Penalty,
        Outcome::HandlingDecision,
        Outcome::OrderToCorrect,
        Outcome::FilingWithdrawn,
    ]);
    let form = prop::sample::select(vec![
        IncidentForm::Mass,
        IncidentForm::Extreme,
        IncidentForm::Other,
    ]);
    prop_oneof![
        4 => outcome.prop_map(|outcome| Kind::Handled { outcome, matter: Matter::Other }),
        1 => (form, any::<Option<bool>>(), any::<Option<bool>>())
            .prop_map(|(form, effect, cause)| incident(form, effect, cause)),
        2 => (2022i32..2027).prop_map(|review_year| Kind::NonParticipation { review_year }),
        1 => Just(Kind::Obstruction),
        1 => Just(Kind::Transfer { to: TransferTarget::Police }),
        1 => Just(Kind::CriminalLiability),
    ]
}

fn any_file() -> impl Strategy<Value = Vec<Evidence>> {
    prop::collection::vec((any_kind(), 2024i32..2027, prop::option::of(0u8..3)), 0..8).prop_map(|pieces| {
        let piece = |(place, (kind, year, case)): (usize, (Kind, i32, Option<u8>))| {
            let day = format!("{year}-06-01").parse().unwrap();
            Evidence {
                occurred_on: day,
                decided_on: Some(day),
                case_number: case.map(|case| format!("case-{case}")),
                ..fact(&format!("e{place}"), kind)
            }
        };
        pieces.into_iter().enumerate().map(piece).collect()
    })
}

proptest! {
    #[test]
    fn order_does_not_matter(file in any_file(), seed in any::<prop::sample::Index>()) {
        let mut turned = file.clone();
        if !turned.is_empty() {
            let by = seed.index(turned.len());
            turned.rotate_left(by);
            turned.reverse();
        }
        prop_assert_eq!(assess(local(), YEAR, &file), assess(local(), YEAR, &turned));
    }

    /// More evidence never makes a grade better, and the decision table of the law holds.
    #[test]
    fn evidence_only_weighs_down(file in any_file()) {
        let whole = assess(local(), YEAR, &file).unwrap();
        for left_out in 0..file.len() {
            let mut rest = file.clone();
            rest.remove(left_out);
            prop_assert!(assess(local(), YEAR, &rest).unwrap().grade <= whole.grade);
        }
        let met = |grade| whole.trace.iter().any(|l| l.grade == grade && l.outcome == RuleOutcome::Met);
        let expected = if met(Grade::C) { Grade::C } else if met(Grade::B) { Grade::B } else { Grade::A };
        prop_assert_eq!(whole.grade, expected);
        prop_assert!(!whole.basis.is_empty());
    }
}

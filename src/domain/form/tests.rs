//! The shipped form, filled in by an employer of 156.

use super::*;

fn form() -> &'static Form {
    builtin::find("2025.1").unwrap()
}

/// Every field answered so that nothing is wrong and nothing to be confirmed.
fn filled() -> Answers {
    let mut answers = Answers::default();
    for field in form().fields() {
        let typed = match &field.kind {
            FieldKind::Count => "0",
            FieldKind::Money => "0",
            FieldKind::Hours => "12.5",
            FieldKind::YesNo => "no",
            FieldKind::Text { .. } => "某某",
            FieldKind::Phone => "023-12345678",
            FieldKind::Choice { choices } => choices[0].value.as_str(),
        };
        answers.set(&field.id, typed);
    }
    for (field, typed) in [
        ("staff_total", "156"),
        ("staff_own", "１５０人"),
        ("staff_dispatched", "6"),
        ("staff_migrant", "40"),
        ("contract_signed", "150"),
        ("contract_fixed", "120"),
        ("contract_open", "30"),
        ("insured_pension", "150"),
        ("women", "70"),
        ("wage_total", "11,232,000.00"),
        ("wage_average", "6000"),
        ("wage_lowest", "2330元"),
    ] {
        answers.set(field, typed);
    }
    answers
}

fn with(changes: &[(&str, &str)]) -> Vec<(Option<String>, String, Severity)> {
    let mut answers = filled();
    for (field, typed) in changes {
        answers.set(field, typed);
    }
    form()
        .issues(&answers)
        .into_iter()
        .map(|issue| (issue.check, issue.field, issue.severity))
        .collect()
}

#[test]
fn a_form_in_order_has_no_issues_and_every_topic_is_done() {
    let answers = filled();
    assert_eq!(form().issues(&answers), []);
    assert!(form().is_complete(&answers));
    for topic in &form().topics {
        assert_eq!(form().state(topic, &answers), TopicState::Done, "{}", topic.id);
        assert_eq!(form().state(topic, &Answers::default()), TopicState::NotStarted);
    }
}

#[test]
fn every_check_of_the_form_can_fail() {
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Severity);
    let cases: [Case<'_>; 24] = [
        ("staff_adds_up", &[("staff_students", "1")], Severity::Mend),
        ("migrant_in_total", &[("staff_migrant", "157")], Severity::Mend),
        (
            "part_time_in_total",
            &[("staff_part_time", "157")],
            Severity::Mend,
        ),
        (
            "registered_in_hired",
            &[("staff_hired_registered", "1")],
            Severity::Mend,
        ),
        (
            "contracts_in_own",
            &[("contract_signed", "151"), ("contract_task", "1")],
            Severity::Mend,
        ),
        ("contracts_add_up", &[("contract_task", "1")], Severity::Mend),
        (
            "all_have_contracts",
            &[("contract_signed", "149"), ("contract_open", "29")],
            Severity::Confirm,
        ),
        (
            "dispatched_share",
            &[("staff_dispatched", "17"), ("staff_total", "167")],
            Severity::Confirm,
        ),
        ("women_in_total", &[("women", "157")], Severity::Mend),
        (
            "minors_in_total",
            &[("minors", "157"), ("minors_registered", "157")],
            Severity::Mend,
        ),
        (
            "minors_registered",
            &[("minors", "2"), ("minors_registered", "1")],
            Severity::Confirm,
        ),
        (
            "registered_in_minors",
            &[("minors_registered", "1")],
            Severity::Mend,
        ),
        ("no_children", &[("children", "1")], Severity::Confirm),
        ("overtime_limit", &[("overtime_month", "36.1")], Severity::Confirm),
        (
            "lowest_below_average",
            &[("wage_lowest", "6000.01")],
            Severity::Mend,
        ),
        ("average_below_total", &[("wage_total", "5999")], Severity::Mend),
        (
            "arrears_both",
            &[
                ("arrears", "yes"),
                ("arrears_people", "3"),
                ("arrears_amount", "0"),
            ],
            Severity::Mend,
        ),
        ("pension_in_own", &[("insured_pension", "157")], Severity::Mend),
        ("own_insured", &[("insured_pension", "149")], Severity::Confirm),
        ("injury_in_total", &[("insured_injury", "157")], Severity::Mend),
        ("medical_in_total", &[("insured_medical", "157")], Severity::Mend),
        (
            "unemployment_in_total",
            &[("insured_unemployment", "157")],
            Severity::Mend,
        ),
        (
            "maternity_in_total",
            &[("insured_maternity", "157")],
            Severity::Mend,
        ),
        ("trained_in_total", &[("safety_training", "157")], Severity::Mend),
    ];
    assert_eq!(cases.len(), form().checks.len());
    for (check, changes, severity) in cases {
        let issues = with(changes);
        assert_eq!(issues.len(), 1, "{check}: {issues:?}");
        assert_eq!((issues[0].0.as_deref(), issues[0].2), (Some(check), severity));
    }
    // The bound itself is still in order.
    assert_eq!(with(&[("overtime_month", "36")]), []);
    assert_eq!(
        with(&[
            ("staff_dispatched", "16"),
            ("staff_own", "144"),
            ("staff_total", "160"),
            ("contract_signed", "144"),
            ("contract_open", "24")
        ]),
        []
    );
}

#[test]
fn what_depends_on_a_yes_is_asked_only_then() {
    assert_eq!(with(&[("arrears_people", "")]), []);
    let issues = with(&[
        ("arrears", "yes"),
        ("arrears_people", ""),
        ("arrears_amount", "12.345"),
    ]);
    let fields: Vec<&str> = issues.iter().map(|(_, field, _)| field.as_str()).collect();
    assert_eq!(fields, ["arrears_people", "arrears_amount"]);
    // What was typed under a yes that became a no takes no part any more.
    assert_eq!(with(&[("arrears", "no"), ("arrears_people", "x")]), []);
}

#[test]
fn what_cannot_be_read_is_kept_and_told_of() {
    for (field, typed, problem) in [
        ("staff_total", "约150", Problem::NoCount),
        ("staff_total", "-1", Problem::NoCount),
        ("staff_total", "99999999999", Problem::TooMany),
        ("wage_total", "一百万", Problem::NoMoney),
        ("overtime_month", "1.25", Problem::NoHours),
        ("union", "也许", Problem::NoChoice),
        ("contact_phone", "请打前台", Problem::NoPhone),
        (
            "contact_person",
            &"长".repeat(41),
            Problem::TooLong { longest: 40 },
        ),
    ] {
        let mut answers = filled();
        answers.set(field, typed);
        assert_eq!(answers.typed(field), typed);
        assert_eq!(answers.value(form().field(field).unwrap()), Err(problem));
        let topic = form()
            .topics
            .iter()
            .find(|topic| topic.fields.iter().any(|one| one.id == field))
            .unwrap();
        assert_eq!(
            form().state(topic, &answers),
            TopicState::HasErrors,
            "{field} {typed}"
        );
    }
}

#[test]
fn a_topic_half_filled_in_is_in_progress() {
    let mut answers = Answers::default();
    answers.set("contact_person", "王小明");
    let topic = form().topic("employer").unwrap();
    assert_eq!(form().state(topic, &answers), TopicState::InProgress);
    assert!(!form().is_complete(&answers));
}

#[test]
fn a_form_that_contradicts_itself_is_refused() {
    let file = include_str!("../forms/review-2025.1.json");
    for (from, to, words) in [
        ("\"id\": \"women\"", "\"id\": \"minors\"", "is there twice"),
        (
            "\"when\": \"arrears\"",
            "\"when\": \"wage_total\"",
            "no earlier yes or no",
        ),
        (
            "\"field\": \"children\"",
            "\"field\": \"union\"",
            "which is no number",
        ),
        (
            "\"field\": \"children\"",
            "\"field\": \"nowhere\"",
            "which is no number",
        ),
        (
            "\"id\": \"no_children\"",
            "\"id\": \"own_insured\"",
            "is there twice",
        ),
        ("\"version\"", "\"versions\"", "unknown field"),
    ] {
        let broken = file.replacen(from, to, 1);
        assert_ne!(broken, file, "{from}");
        let error = Form::parse(broken.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

use super::*;
use crate::domain::calendar::DueDate;

fn firm(day: &str) -> DueDate {
    DueDate {
        date: date(day),
        provisional: false,
    }
}

#[test]
fn clocks_run_in_working_days() {
    let law = rules().blacklist().unwrap();
    let calendar = Calendar::standard();
    assert_eq!(
        objection_until(law, calendar, date("2026-09-18")),
        firm("2026-09-24")
    );
    assert_eq!(
        verification_due(law, calendar, date("2026-02-13")),
        firm("2026-02-27")
    );
    assert_eq!(
        decision_deadline(law, calendar, date("2026-09-18"), false),
        firm("2026-10-22")
    );
    assert_eq!(
        decision_deadline(law, calendar, date("2025-09-26"), false),
        firm("2025-10-30")
    );
    assert_eq!(
        decision_deadline(law, calendar, date("2026-01-05"), true),
        firm("2026-03-06")
    );
    assert_eq!(
        early_removal_due(law, calendar, date("2026-04-30")),
        firm("2026-05-25")
    );
    assert_eq!(
        withdrawal_due(law, calendar, date("2026-02-13")),
        firm("2026-03-05")
    );
    assert!(decision_deadline(law, calendar, date("2026-12-15"), false).provisional);
}

#[test]
fn the_term_and_both_removal_dates() {
    let law = rules().blacklist().unwrap();
    assert_eq!(last_day(law, date("2022-12-22")), date("2025-12-22"));
    assert_eq!(last_day(law, date("2024-02-29")), date("2027-02-28"));
    let early = removal_dates(rules(), law, date("2026-04-01"), date("2026-05-31"));
    assert_eq!(early.after_correction, date("2026-11-30"));
    assert_eq!(early.floor, date("2027-04-01"));
    assert_eq!((early.floor_applies, early.earliest), (true, date("2027-04-01")));
    let late = removal_dates(rules(), law, date("2026-04-01"), date("2027-08-31"));
    assert_eq!(late.earliest, date("2028-02-29"));
    let without = String::from_utf8(rules().canonical().to_vec()).unwrap();
    let without = without.replace(r#""value":true"#, r#""value":false"#);
    let without = RuleSet::parse(without.as_bytes()).unwrap();
    let dates = removal_dates(&without, law, date("2026-04-01"), date("2026-05-31"));
    assert_eq!((dates.floor, dates.floor_applies), (date("2027-04-01"), false));
    assert_eq!(dates.earliest, date("2026-11-30"));
}

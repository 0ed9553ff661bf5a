//! Rows with one known fault each, and what is found in them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::*;

const RULES: RosterRules = RosterRules {
    least_age: 16,
    adult_age: 18,
    contract_months: 1,
    open_months: 12,
};

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 31).unwrap()
}

/// A row without faults; `changes` replace cells.
fn cells(changes: &[(Column, &str)]) -> BTreeMap<Column, Cell> {
    let mut cells: BTreeMap<Column, Cell> = [
        (Column::Name, "王小明"),
        (Column::Sex, "女"),
        (Column::IdNumber, "11010519491231002X"),
        (Column::Household, "北京市朝阳区某路1号"),
        (Column::Address, "重庆市渝中区某街2号"),
        (Column::Contact, "13800000000"),
        (Column::Employment, "全日制"),
        (Column::StartedOn, "2024-03-01"),
        (Column::Contract, "2024-03-01至2027-02-28"),
    ]
    .map(|(column, text)| (column, Cell::of_text(text)))
    .into();
    for (column, text) in changes {
        cells.insert(*column, Cell::of_text(text));
    }
    cells
}

fn check_in(checker: &mut Checker, row: u32, changes: &[(Column, &str)]) -> Vec<Finding> {
    let cells = cells(changes);
    let mut found = Vec::new();
    checker.row(
        row,
        |column| cells.get(&column).cloned().unwrap_or(Cell::Empty),
        &mut found,
    );
    found
}

fn check(changes: &[(Column, &str)]) -> Vec<(Column, Found)> {
    check_in(&mut Checker::new(RULES, as_of()), 2, changes)
        .into_iter()
        .map(|finding| {
            assert_eq!(finding.row, Some(2));
            (finding.column.unwrap(), finding.found)
        })
        .collect()
}

/// Seventeen digits with the check character that fits them.
fn id(first: &str) -> String {
    ('0'..='9')
        .chain(['X'])
        .map(|check| format!("{first}{check}"))
        .find(|text| IdNumber::parse(text).is_ok())
        .unwrap()
}

#[test]
fn a_row_in_order_has_no_findings() {
    assert_eq!(check(&[]), []);
}

#[test]
fn each_fault_is_found_alone() {
    use Column as C;
    type Case<'a> = (&'a [(Column, &'a str)], Column, Found);
    let cases: &[Case<'_>] = &[
        (&[(C::Name, "")], C::Name, Found::Missing {}),
        (&[(C::IdNumber, "")], C::IdNumber, Found::Missing {}),
        (&[(C::StartedOn, " ")], C::StartedOn, Found::Missing {}),
        (&[(C::Household, "")], C::Household, Found::Incomplete {}),
        (&[(C::Sex, "男")], C::Sex, Found::SexDiffers {}),
        (&[(C::Sex, "先生")], C::Sex, Found::UnknownSex {}),
        (&[(C::BornOn, "1949-12-30")], C::BornOn, Found::BirthDiffers {}),
        (&[(C::BornOn, "1949年")], C::BornOn, Found::NotADay {}),
        (
            &[(C::IdNumber, "110105194912310021")],
            C::IdNumber,
            Found::IdCheck {},
        ),
        (&[(C::IdNumber, "1.10105E+17")], C::IdNumber, Found::LostDigits {}),
        (
            &[(C::Employment, "朋友")],
            C::Employment,
            Found::UnknownEmployment {},
        ),
        (&[(C::StartedOn, "2026-01-04")], C::StartedOn, Found::Later {}),
        (&[(C::Contract, "三年")], C::Contract, Found::UnknownContract {}),
        (
            &[(C::Contract, "2022-01-01至2024-12-31")],
            C::Contract,
            Found::TermOver {},
        ),
        (
            &[(C::Contract, "2027-01-01至2024-12-31")],
            C::Contract,
            Found::TermBackwards {},
        ),
        (
            &[(C::Contract, "未签订")],
            C::Contract,
            Found::CountsAsOpen { months: 21 },
        ),
        (
            &[(C::Contract, ""), (C::StartedOn, "2025-11-30")],
            C::Contract,
            Found::NoContract { months: 1 },
        ),
        (
            &[(C::Contract, ""), (C::StartedOn, "2025-12-02")],
            C::Contract,
            Found::Incomplete {},
        ),
    ];
    for (changes, column, found) in cases {
        assert_eq!(check(changes), [(*column, *found)], "{changes:?}");
    }
}

#[test]
fn who_is_owed_no_contract_misses_none() {
    for employment in ["非全日制", "劳务派遣", "实习", "退休返聘"] {
        assert_eq!(
            check(&[(Column::Employment, employment), (Column::Contract, "")]),
            [],
            "{employment}"
        );
    }
    // Who has left misses none either; on the roster's day itself one is gone.
    let gone = [(Column::Contract, "未签订"), (Column::LeftOn, "2025-12-31")];
    assert_eq!(check(&gone), []);
}

#[test]
fn ages_turn_on_the_birthday() {
    // Born on 2008-05-05: sixteen on 2024-05-05, eighteen on 2026-05-05.
    let young = id("50010520080505002");
    let sex = (Column::Sex, "女");
    let from = |day: &'static str| [(Column::IdNumber, young.as_str()), sex, (Column::StartedOn, day)];
    assert_eq!(
        check(&from("2024-05-04")),
        [(Column::StartedOn, Found::ChildLabour { age: 15 })]
    );
    assert_eq!(
        check(&from("2024-05-05")),
        [(Column::IdNumber, Found::Minor { age: 17 })]
    );
    let grown = id("50010520071231002");
    assert_eq!(check(&[(Column::IdNumber, &grown), sex]), []);
    let tomorrow = id("50010520080101002");
    assert_eq!(
        check(&[(Column::IdNumber, &tomorrow), sex]),
        [(Column::IdNumber, Found::Minor { age: 17 })]
    );
}

#[test]
fn the_same_number_twice_names_the_first_row() {
    let mut checker = Checker::new(RULES, as_of());
    assert_eq!(check_in(&mut checker, 2, &[]), []);
    let again = check_in(&mut checker, 9, &[(Column::Name, "李四")]);
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].found, Found::Twice { first: 2 });
    assert_eq!(again[0].row, Some(9));
}

#[test]
fn the_roster_is_counted_and_held_against_the_form() {
    let mut checker = Checker::new(RULES, as_of());
    assert_eq!(checker.end(Some(0))[0].found, Found::NobodyListed {});
    check_in(&mut checker, 2, &[]);
    check_in(
        &mut checker,
        3,
        &[(Column::IdNumber, &id("50010519900307003")), (Column::Sex, "男")],
    );
    check_in(
        &mut checker,
        4,
        &[
            (Column::IdNumber, &id("50010519900307005")),
            (Column::LeftOn, "2025-06-30"),
        ],
    );
    check_in(
        &mut checker,
        5,
        &[
            (Column::IdNumber, &id("50010519900307007")),
            (Column::Employment, "劳务派遣"),
        ],
    );
    let summary = checker.summary();
    assert_eq!(
        summary,
        Summary {
            rows: 4,
            present: 3,
            women: 1,
            minors: 0,
            dispatched: 1,
            contracts: 2,
            owed: 2,
        }
    );
    assert_eq!(checker.end(Some(3)), []);
    assert_eq!(checker.end(None), []);
    assert_eq!(
        checker.end(Some(4))[0].found,
        Found::Headcount { roster: 3, form: 4 }
    );
}

#[test]
fn no_finding_holds_what_a_cell_held() {
    let secret = "张三丰专用文本";
    let changes: Vec<(Column, &str)> = Column::ALL.into_iter().map(|column| (column, secret)).collect();
    let found = check_in(&mut Checker::new(RULES, as_of()), 2, &changes);
    assert!(found.len() > 5);
    for finding in found {
        let told = format!("{finding:?}{}{}", finding.found.zh(), finding.found.en());
        assert!(!told.contains("张三") && !told.contains(secret), "{told}");
    }
}

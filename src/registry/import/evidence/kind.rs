//! What kind of fact a row states: its `type` and the columns that belong to it.

use chrono::{Datelike as _, NaiveDate};
use serde::de::DeserializeOwned;

use super::super::cell;
use super::super::problem::Fault;
use super::super::table::Row;
use crate::domain::evidence::EvidenceKind;

/// A word of the interface and the Chinese words for it.
pub(in super::super) type Terms = &'static [(&'static str, &'static [&'static str])];

/// What a detail can hold.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(test), expect(dead_code, reason = "docs/import.md is made of it"))]
pub(in super::super) enum Values {
    /// One of these.
    Terms(Terms),
    /// A year under review.
    Year,
    /// Yes or no.
    YesNo,
}

/// A column that belongs to a type of fact.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(test), expect(dead_code, reason = "docs/import.md is made of it"))]
pub(in super::super) struct Detail {
    /// The column.
    pub(in super::super) column: &'static str,
    /// Whether it must be filled.
    pub(in super::super) required: bool,
    /// What it can hold.
    pub(in super::super) values: Values,
}

const fn must(column: &'static str, values: Values) -> Detail {
    Detail {
        column,
        required: true,
        values,
    }
}

const fn may(column: &'static str, values: Values) -> Detail {
    Detail {
        required: false,
        ..must(column, values)
    }
}

pub(in super::super) const TYPES: Terms = &[
    ("handled", &["查处", "已查处"]),
    ("incident", &["事件"]),
    ("serious_violation", &["严重违法"]),
    ("refusal", &["拒不履行", "拒不改正"]),
    ("obstruction", &["阻挠检查", "阻挠执法"]),
    ("transfer", &["移送"]),
    ("criminal_liability", &["刑事责任", "追究刑事责任"]),
    ("non_participation", &["未参加审查", "未参加书面审查", "未参评"]),
    ("review_passed", &["审查合格"]),
    ("review_failed", &["审查不合格"]),
];
const OUTCOMES: Terms = &[
    ("penalty", &["行政处罚"]),
    ("handling_decision", &["行政处理", "行政处理决定"]),
    ("order_to_correct", &["责令改正"]),
    ("filing_withdrawn", &["撤销立案"]),
];
const MATTERS: Terms = &[
    ("internal_rules", &["规章制度", "内部劳动保障规章制度"]),
    ("labour_contracts", &["劳动合同"]),
    ("dispatch", &["劳务派遣"]),
    ("child_labour", &["童工", "禁止使用童工"]),
    (
        "women_and_minors",
        &["女职工和未成年工", "女职工和未成年工特殊劳动保护"],
    ),
    ("hours_and_rest", &["工时休假", "工作时间和休息休假"]),
    ("wages", &["工资", "支付工资", "支付工资和最低工资"]),
    ("social_insurance", &["社会保险", "参加社会保险和缴费"]),
    ("other", &["其他"]),
];
const FORMS: Terms = &[
    ("mass", &["群体性事件"]),
    ("extreme", &["极端事件"]),
    ("other", &["其他"]),
];
const SERIOUS: Terms = &[
    ("child_labour", &["使用童工", "童工"]),
    ("forced_labour", &["强迫劳动"]),
];
const REFUSED: Terms = &[
    ("rectification_order", &["责令改正", "整改指令"]),
    ("handling_decision", &["行政处理决定"]),
    ("penalty", &["行政处罚决定"]),
];
const TARGETS: Terms = &[
    ("police", &["公安机关", "公安"]),
    ("other_department", &["其他部门"]),
];

/// Every column that belongs to some type.
const DETAILS: [&str; 9] = [
    "outcome",
    "matter",
    "form",
    "serious_effect",
    "caused_by_violation",
    "of",
    "to",
    "review_year",
    "after_correction",
];

/// The kind of fact; problems are noted and `None` returned otherwise.
pub fn read(row: &mut Row, today: NaiveDate) -> Option<EvidenceKind> {
    let kind = if row.has("type") {
        row.required("type", |text| word(text, TYPES))?
    } else {
        row.problem("type", empty(TYPES));
        return None;
    };
    let belongs = details(kind);
    let belongs = |column: &str| belongs.iter().any(|detail| detail.column == column);
    let stray: Vec<&str> = DETAILS
        .into_iter()
        .filter(|column| row.has(column) && !belongs(column))
        .collect();
    for column in &stray {
        row.problem(column, does_not_belong(kind));
    }
    let kind = read_details(row, kind, today);
    if stray.is_empty() { kind } else { None }
}

const HANDLED: &[Detail] = &[
    must("outcome", Values::Terms(OUTCOMES)),
    must("matter", Values::Terms(MATTERS)),
];
const INCIDENT: &[Detail] = &[
    must("form", Values::Terms(FORMS)),
    may("serious_effect", Values::YesNo),
    may("caused_by_violation", Values::YesNo),
];
const SERIOUS_VIOLATION: &[Detail] = &[must("of", Values::Terms(SERIOUS))];
const REFUSAL: &[Detail] = &[must("of", Values::Terms(REFUSED))];
const TRANSFER: &[Detail] = &[must("to", Values::Terms(TARGETS))];
const REVIEW: &[Detail] = &[must("review_year", Values::Year)];
const PASSED: &[Detail] = &[
    must("review_year", Values::Year),
    must("after_correction", Values::YesNo),
];

/// The columns that belong to a type.
pub(in super::super) fn details(kind: &str) -> &'static [Detail] {
    match kind {
        "handled" => HANDLED,
        "incident" => INCIDENT,
        "serious_violation" => SERIOUS_VIOLATION,
        "refusal" => REFUSAL,
        "transfer" => TRANSFER,
        "non_participation" | "review_failed" => REVIEW,
        "review_passed" => PASSED,
        _ => &[],
    }
}

/// The value of a column that must be filled; where it is empty, the choices are named.
fn chosen<T: DeserializeOwned>(row: &mut Row, column: &'static str, terms: Terms) -> Option<T> {
    if row.has(column) {
        return row.required(column, |text| value(text, terms));
    }
    row.problem(column, empty(terms));
    None
}

fn empty(terms: Terms) -> Fault {
    let (zh, en) = choices(terms);
    Fault::new(
        (
            format!("必填项为空；可用：{zh}"),
            format!("it may not be empty; use one of {en}"),
        ),
        ("请从可用的值中选择", "choose one of them"),
    )
}

/// All words of a list, in Chinese and in the interface's own.
fn choices(terms: Terms) -> (String, String) {
    let zh: Vec<&str> = terms
        .iter()
        .map(|(word, also)| *also.first().unwrap_or(word))
        .collect();
    let en: Vec<&str> = terms.iter().map(|(word, _)| *word).collect();
    (zh.join("、"), en.join(", "))
}

fn read_details(row: &mut Row, kind: &str, today: NaiveDate) -> Option<EvidenceKind> {
    let year = |text: &str| cell::year(text, today.year());
    Some(match kind {
        "handled" => {
            let outcome = chosen(row, "outcome", OUTCOMES);
            let matter = chosen(row, "matter", MATTERS);
            EvidenceKind::Handled {
                outcome: outcome?,
                matter: matter?,
            }
        }
        "incident" => {
            let form = chosen(row, "form", FORMS);
            let serious_effect = row.optional("serious_effect", cell::yes_no);
            let caused_by_violation = row.optional("caused_by_violation", cell::yes_no);
            EvidenceKind::Incident {
                form: form?,
                serious_effect: serious_effect?,
                caused_by_violation: caused_by_violation?,
            }
        }
        "serious_violation" => EvidenceKind::SeriousViolation {
            of: chosen(row, "of", SERIOUS)?,
        },
        "refusal" => EvidenceKind::Refusal {
            of: chosen(row, "of", REFUSED)?,
        },
        "obstruction" => EvidenceKind::Obstruction,
        "transfer" => EvidenceKind::Transfer {
            to: chosen(row, "to", TARGETS)?,
        },
        "criminal_liability" => EvidenceKind::CriminalLiability,
        "non_participation" => EvidenceKind::NonParticipation {
            review_year: row.required("review_year", year)?,
        },
        "review_passed" => {
            let review_year = row.required("review_year", year);
            let after_correction = row.required("after_correction", cell::yes_no);
            EvidenceKind::ReviewPassed {
                review_year: review_year?,
                after_correction: after_correction?,
            }
        }
        _ => EvidenceKind::ReviewFailed {
            review_year: row.required("review_year", year)?,
        },
    })
}

/// The interface's word for a word in either language.
fn word(text: &str, terms: Terms) -> Result<&'static str, Fault> {
    let lower = text.to_lowercase();
    let found = terms
        .iter()
        .find(|(word, also)| *word == lower || also.contains(&text));
    found.map(|(word, _)| *word).ok_or_else(|| {
        let (zh, en) = choices(terms);
        Fault::new(
            (
                format!("不是可用的值；可用：{zh}"),
                format!("no such value; use one of {en}"),
            ),
            ("请从可用的值中选择", "choose one of them"),
        )
    })
}

/// The domain's value for a word in either language: its serde name is the interface's word.
fn value<T: DeserializeOwned>(text: &str, terms: Terms) -> Result<T, Fault> {
    let word = word(text, terms)?;
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(|error| {
        Fault::new(
            ("不是可用的值", format!("no such value: {error}")),
            ("请核对", "check it"),
        )
    })
}

fn does_not_belong(kind: &str) -> Fault {
    Fault::new(
        (
            format!("类型 {kind} 没有这一项"),
            format!("type {kind} has no such detail"),
        ),
        ("请清空该单元格或改正类型", "clear the cell or correct the type"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{
        IncidentForm, Matter, Outcome, RefusedDocument, SeriousMatter, TransferTarget,
    };

    /// A term that the domain does not know would be refused only when somebody writes it.
    #[test]
    fn the_domain_knows_every_term() {
        fn all<T: DeserializeOwned>(terms: Terms) {
            for (word, also) in terms {
                for text in [word].into_iter().chain(*also) {
                    assert!(value::<T>(text, terms).is_ok(), "{text}");
                }
            }
        }
        all::<Outcome>(OUTCOMES);
        all::<Matter>(MATTERS);
        all::<IncidentForm>(FORMS);
        all::<SeriousMatter>(SERIOUS);
        all::<RefusedDocument>(REFUSED);
        all::<TransferTarget>(TARGETS);
        let fault = word("罚款", OUTCOMES).unwrap_err();
        assert!(
            fault.reason.zh.contains("行政处罚、行政处理") && fault.reason.en.contains("penalty, handling")
        );
    }
}

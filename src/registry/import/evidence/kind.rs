//! What kind of fact a row states: its `type` and the columns that belong to it.

use chrono::{Datelike as _, NaiveDate};
use serde::de::DeserializeOwned;

use super::super::cell;
use super::super::problem::Fault;
use super::super::table::Row;
use crate::domain::evidence::EvidenceKind;

/// A word of the interface and the Chinese words for it.
type Terms = &'static [(&'static str, &'static [&'static str])];

const TYPES: Terms = &[
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
    let kind = row.required("type", |text| word(text, TYPES))?;
    let belongs: &[&str] = match kind {
        "handled" => &["outcome", "matter"],
        "incident" => &["form", "serious_effect", "caused_by_violation"],
        "serious_violation" | "refusal" => &["of"],
        "transfer" => &["to"],
        "non_participation" | "review_failed" => &["review_year"],
        "review_passed" => &["review_year", "after_correction"],
        _ => &[],
    };
    let stray: Vec<&str> = DETAILS
        .into_iter()
        .filter(|c| row.has(c) && !belongs.contains(c))
        .collect();
    for column in &stray {
        row.problem(column, does_not_belong(kind));
    }
    let kind = read_details(row, kind, today);
    if stray.is_empty() { kind } else { None }
}

fn read_details(row: &mut Row, kind: &str, today: NaiveDate) -> Option<EvidenceKind> {
    let year = |text: &str| cell::year(text, today.year());
    Some(match kind {
        "handled" => {
            let outcome = row.required("outcome", |text| value(text, OUTCOMES));
            let matter = row.required("matter", |text| value(text, MATTERS));
            EvidenceKind::Handled {
                outcome: outcome?,
                matter: matter?,
            }
        }
        "incident" => {
            let form = row.required("form", |text| value(text, FORMS));
            let serious_effect = row.optional("serious_effect", cell::yes_no);
            let caused_by_violation = row.optional("caused_by_violation", cell::yes_no);
            EvidenceKind::Incident {
                form: form?,
                serious_effect: serious_effect?,
                caused_by_violation: caused_by_violation?,
            }
        }
        "serious_violation" => EvidenceKind::SeriousViolation {
            of: row.required("of", |text| value(text, SERIOUS))?,
        },
        "refusal" => EvidenceKind::Refusal {
            of: row.required("of", |text| value(text, REFUSED))?,
        },
        "obstruction" => EvidenceKind::Obstruction,
        "transfer" => EvidenceKind::Transfer {
            to: row.required("to", |text| value(text, TARGETS))?,
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
        let list = |pick: fn(&(&'static str, &'static [&'static str])) -> &'static str, join: &str| {
            terms.iter().map(pick).collect::<Vec<_>>().join(join)
        };
        Fault::new(
            (
                format!(
                    "不是可用的值；可用：{}",
                    list(|(word, also)| also.first().unwrap_or(word), "、")
                ),
                format!("no such value; use one of {}", list(|(word, _)| word, ", ")),
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

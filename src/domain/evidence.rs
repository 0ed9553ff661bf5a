//! Evidence: the facts on an employer's file that grades and listings are computed from.
//!
//! Evidence states what happened, by whom it was decided and when; it never states a grade. What counts
//! in which year, and for what, is the rule set's business.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::id::identifier;

identifier! {
    /// Identifies one piece of evidence.
    EvidenceId
}

/// One fact on an employer's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its identifier.
    pub id: EvidenceId,
    /// What it is.
    pub kind: EvidenceKind,
    /// The day of the fact, in Asia/Shanghai.
    pub occurred_on: NaiveDate,
    /// The day of the document that determined it; none while no authority has decided.
    pub decided_on: Option<NaiveDate>,
    /// The determining document's number.
    pub document_number: Option<String>,
    /// The case it belongs to; documents of one case can count as one handling (rule-set flag).
    pub case_number: Option<String>,
}

/// What a piece of evidence is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum EvidenceKind {
    /// A case was closed with an outcome of 监察条例 Art 18 (查处).
    Handled {
        /// How it ended.
        outcome: Outcome,
        /// What it was about.
        matter: Matter,
    },
    /// An incident (群体性事件, 极端事件) or serious bad social effect.
    Incident {
        /// Its form.
        form: IncidentForm,
        /// Whether it had serious bad social effect; none while not determined.
        serious_effect: Option<bool>,
        /// Whether a labour-security violation caused it; none while not determined.
        caused_by_violation: Option<bool>,
    },
    /// A violation that the rule names serious by its nature.
    SeriousViolation {
        /// Which.
        of: SeriousMatter,
    },
    /// The employer refused to carry out a document.
    Refusal {
        /// Which kind of document.
        of: RefusedDocument,
    },
    /// The employer obstructed or resisted inspection.
    Obstruction,
    /// The case was transferred (移送).
    Transfer {
        /// To whom.
        to: TransferTarget,
    },
    /// Criminal liability for a labour-security violation was established.
    CriminalLiability,
    /// The employer took no part in an annual review.
    NonParticipation {
        /// The year under review, not the year of the campaign.
        review_year: i32,
    },
    /// The employer passed an annual review.
    ReviewPassed {
        /// The year under review.
        review_year: i32,
        /// Whether only after a rectification order.
        after_correction: bool,
    },
    /// The employer failed an annual review.
    ReviewFailed {
        /// The year under review.
        review_year: i32,
    },
}

/// How a case ended (监察条例 Art 18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 行政处罚.
    Penalty,
    /// 行政处理.
    HandlingDecision,
    /// 责令改正.
    OrderToCorrect,
    /// 撤销立案: minor and corrected.
    FilingWithdrawn,
}

/// The nine items of 人社部规〔2016〕1号.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// 内部劳动保障规章制度.
    InternalRules,
    /// 劳动合同.
    LabourContracts,
    /// 劳务派遣.
    Dispatch,
    /// 禁止使用童工.
    ChildLabour,
    /// 女职工和未成年工特殊劳动保护.
    WomenAndMinors,
    /// 工作时间和休息休假.
    HoursAndRest,
    /// 支付工资和最低工资.
    Wages,
    /// 参加社会保险和缴费.
    SocialInsurance,
    /// 其他.
    Other,
}

/// The form of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentForm {
    /// 群体性事件.
    Mass,
    /// 极端事件.
    Extreme,
    /// Neither; it counts only by its effect.
    Other,
}

/// A violation serious by its nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriousMatter {
    /// 使用童工.
    ChildLabour,
    /// 强迫劳动.
    ForcedLabour,
}

/// A document that an employer can refuse to carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedDocument {
    /// 整改指令 (责令改正).
    RectificationOrder,
    /// 行政处理决定.
    HandlingDecision,
    /// 行政处罚决定.
    Penalty,
}

/// To whom a case went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTarget {
    /// 公安机关, on suspicion of a crime.
    Police,
    /// Another department: the matter was not one of labour security.
    OtherDepartment,
}

/// Which day puts evidence into a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dating {
    /// The day of the determining document; the day of the fact where there is no document yet.
    Decision,
    /// The day of the fact.
    Occurrence,
}

impl Evidence {
    /// The year in which it counts: the year under review for review results, otherwise by `dating`.
    #[must_use]
    pub fn year(&self, dating: Dating) -> i32 {
        match self.kind {
            EvidenceKind::NonParticipation { review_year }
            | EvidenceKind::ReviewPassed { review_year, .. }
            | EvidenceKind::ReviewFailed { review_year } => review_year,
            _ => match dating {
                Dating::Decision => self.decided_on.unwrap_or(self.occurred_on).year(),
                Dating::Occurrence => self.occurred_on.year(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_tagged_and_strict() {
        let text = r#"{"id":"e1","kind":{"type":"handled","outcome":"penalty","matter":"wages"},
            "occurred_on":"2024-12-20","decided_on":"2025-01-08","document_number":"〔2025〕1","case_number":null}"#;
        let evidence: Evidence = serde_json::from_str(text).unwrap();
        assert_eq!(evidence.year(Dating::Decision), 2025);
        assert_eq!(evidence.year(Dating::Occurrence), 2024);
        let again = serde_json::to_string(&evidence).unwrap();
        assert_eq!(serde_json::from_str::<Evidence>(&again).unwrap(), evidence);
        assert!(serde_json::from_str::<Evidence>(&text.replace("wages", "wages\",\"x\":\"y")).is_err());
        assert!(serde_json::from_str::<Evidence>(&text.replace("case_number", "case_no")).is_err());
    }

    #[test]
    fn a_review_counts_in_the_year_under_review() {
        let evidence = Evidence {
            id: EvidenceId::new("e2").unwrap(),
            kind: EvidenceKind::NonParticipation { review_year: 2025 },
            occurred_on: "2026-06-30".parse().unwrap(),
            decided_on: Some("2026-07-15".parse().unwrap()),
            document_number: None,
            case_number: None,
        };
        assert_eq!(evidence.year(Dating::Decision), 2025);
    }
}

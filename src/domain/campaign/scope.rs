//! Who is in the scope of a review, and why not.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::employer::{Employer, EmployerKind, Industry};
use crate::domain::grade::Grade;

/// A kind of employer that has to file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    /// The kind.
    pub kind: EmployerKind,
    /// The least staff; none asks for no number.
    pub minimum_headcount: Option<u32>,
}

/// Who has to file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationRule {
    /// These kinds.
    pub kinds: Vec<KindRule>,
    /// Registered on this day or before.
    pub registered_by: Option<NaiveDate>,
    /// Only these sections; none asks all.
    pub industries: Option<Vec<Industry>>,
    /// Exempt with one of these as the last grade.
    pub exempt_last_grades: Vec<Grade>,
}

/// Whether an employer has to file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub enum ScopeDecision {
    /// It has to.
    InScope {},
    /// It has not.
    OutOfScope {
        /// Why.
        reason: OutOfScope,
    },
    /// A fact is missing: an officer decides.
    Undetermined {
        /// Which.
        missing: ScopeGap,
    },
}

/// Why an employer is out of scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case", deny_unknown_fields)]
pub enum OutOfScope {
    /// It lies outside the campaign's division.
    Elsewhere {},
    /// Its kind is not asked.
    Kind {
        /// Its kind.
        kind: EmployerKind,
    },
    /// Its section is not asked.
    Industry {
        /// Its section.
        industry: Industry,
    },
    /// It was registered too late.
    RegisteredLater {
        /// When.
        registered_on: NaiveDate,
        /// The last day.
        by: NaiveDate,
    },
    /// It is too small.
    TooSmall {
        /// Its staff.
        headcount: u32,
        /// The least.
        minimum: u32,
    },
    /// Exempt by its last grade.
    ExemptByGrade {
        /// The grade.
        grade: Grade,
    },
}

/// A fact without which scope cannot be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeGap {
    /// The head-count.
    Headcount,
    /// The day of registration.
    RegisteredOn,
}

impl OutOfScope {
    /// The reason for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Elsewhere {} => "不在本机关管辖区域".to_owned(),
            Self::Kind { kind } => format!("不属于年审范围的单位类型（{}）", kind.zh()),
            Self::Industry { industry } => format!("不属于年审范围的行业（{}）", industry.zh()),
            Self::RegisteredLater { registered_on, by } => format!("登记日期{registered_on}晚于{by}"),
            Self::TooSmall { headcount, minimum } => format!("职工人数{headcount}少于{minimum}"),
            Self::ExemptByGrade { grade } => format!("上年度等级为{grade}，免予年审"),
        }
    }

    /// The reason in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Elsewhere {} => "outside the authority's division".to_owned(),
            Self::Kind { kind } => format!("this kind of employer is not reviewed ({kind})"),
            Self::Industry { industry } => format!("this industry is not reviewed ({})", industry.en()),
            Self::RegisteredLater { registered_on, by } => {
                format!("registered on {registered_on}, after {by}")
            }
            Self::TooSmall { headcount, minimum } => format!("{headcount} staff, fewer than {minimum}"),
            Self::ExemptByGrade { grade } => format!("exempt by last year's grade {grade}"),
        }
    }
}

impl PopulationRule {
    pub(super) fn names_kinds_once(&self) -> bool {
        let once = |rule: &KindRule| self.kinds.iter().filter(|other| other.kind == rule.kind).count() == 1;
        !self.kinds.is_empty() && self.kinds.iter().all(once)
    }

    /// A reason that excludes for certain wins over a missing fact.
    pub(super) fn decide(&self, employer: &Employer, last_grade: Option<Grade>) -> ScopeDecision {
        let Some(rule) = self.kinds.iter().find(|rule| rule.kind == employer.kind) else {
            return ScopeDecision::OutOfScope {
                reason: OutOfScope::Kind { kind: employer.kind },
            };
        };
        let industry = employer.industry;
        let by_industry = self
            .industries
            .as_ref()
            .is_some_and(|asked| !asked.contains(&industry))
            .then_some(OutOfScope::Industry { industry });
        let by_day = self
            .registered_by
            .zip(employer.registered_on)
            .and_then(|(by, registered_on)| {
                (registered_on > by).then_some(OutOfScope::RegisteredLater { registered_on, by })
            });
        let by_size = rule
            .minimum_headcount
            .zip(employer.headcount)
            .and_then(|(minimum, headcount)| {
                (headcount < minimum).then_some(OutOfScope::TooSmall { headcount, minimum })
            });
        let by_grade = last_grade
            .filter(|grade| self.exempt_last_grades.contains(grade))
            .map(|grade| OutOfScope::ExemptByGrade { grade });
        if let Some(reason) = by_industry.or(by_day).or(by_size).or(by_grade) {
            return ScopeDecision::OutOfScope { reason };
        }
        if self.registered_by.is_some() && employer.registered_on.is_none() {
            return ScopeDecision::Undetermined {
                missing: ScopeGap::RegisteredOn,
            };
        }
        if rule.minimum_headcount.is_some() && employer.headcount.is_none() {
            return ScopeDecision::Undetermined {
                missing: ScopeGap::Headcount,
            };
        }
        ScopeDecision::InScope {}
    }
}

/// Scope decisions counted; `in_scope` is the denominator of coverage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Have to file.
    pub in_scope: u64,
    /// Have not.
    pub out_of_scope: u64,
    /// Wait for an officer.
    pub undetermined: u64,
}

impl<'a> FromIterator<&'a ScopeDecision> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a ScopeDecision>>(decisions: I) -> Self {
        decisions
            .into_iter()
            .fold(Self::default(), |mut tally, decision| {
                match decision {
                    ScopeDecision::InScope {} => tally.in_scope += 1,
                    ScopeDecision::OutOfScope { .. } => tally.out_of_scope += 1,
                    ScopeDecision::Undetermined { .. } => tally.undetermined += 1,
                }
                tally
            })
    }
}

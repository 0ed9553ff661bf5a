//! The shape of grade rules: evidence sets, conditions over them, and what follows from a grade.
//!
//! The vocabulary is small on purpose: count matching evidence within the assessment year, or ask for it
//! in each of several consecutive years, and combine. [`crate::domain::grade`] evaluates it.

use chrono::{Datelike as _, NaiveDate};
use serde::Deserialize;

use super::text::{Audience, Mark, Text};
use crate::domain::dates;
use crate::domain::evidence::{
    Dating, IncidentForm, Matter, Outcome, RefusedDocument, SeriousMatter, TransferTarget,
};
use crate::domain::grade::Grade;

/// Grade rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrityRules {
    /// Which day puts evidence into a year.
    pub dating: Dating,
    /// What each grade is called, who sees it, what follows from it: one per grade.
    pub grades: Vec<GradeNotes>,
    /// How long a published grade stands.
    pub validity: Validity,
    /// How far the validity is confirmed.
    pub validity_mark: Mark,
    /// Years that a grade is kept on file at least (A.4).
    pub retention_years: u32,
    /// Evidence by name, for the conditions.
    pub evidence_sets: Vec<EvidenceSet>,
    /// The rules. The worst grade of which a rule is met is the employer's.
    pub rules: Vec<Rule>,
}

/// What a grade means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeNotes {
    /// The grade.
    pub grade: Grade,
    /// Its name.
    pub name: Text,
    /// Who sees a published grade of this kind.
    pub audience: Audience,
    /// What follows from it.
    pub consequence: Text,
    /// How far this is confirmed.
    pub mark: Mark,
}

/// How long a published grade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Validity {
    /// A number of months from the decision.
    Months {
        /// How many.
        months: u32,
    },
    /// Up to a fixed day of the year, so that all grades of a year lapse together.
    FixedDay {
        /// Years after the graded year.
        years_after: i32,
        /// 1 to 12.
        month: u32,
        /// Day of the month.
        day: u32,
    },
}

/// Evidence that conditions refer to by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceSet {
    /// Its name.
    pub id: String,
    /// Evidence that matches any of these belongs to the set.
    pub any_of: Vec<EvidenceFilter>,
}

/// One way into an evidence set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFilter {
    /// What matches.
    #[serde(rename = "match")]
    pub matching: EvidenceMatch,
    /// Only while this flag is set.
    #[serde(default)]
    pub when: Option<String>,
}

/// What evidence matches; a list or value that is not given matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum EvidenceMatch {
    /// Closed cases.
    Handled {
        /// Ended so.
        #[serde(default)]
        outcomes: Option<Vec<Outcome>>,
        /// About this.
        #[serde(default)]
        matters: Option<Vec<Matter>>,
    },
    /// Incidents; an undetermined fact that is asked for leaves the match undetermined.
    Incident {
        /// Of this form.
        #[serde(default)]
        forms: Option<Vec<IncidentForm>>,
        /// With (or without) serious bad social effect.
        #[serde(default)]
        serious_effect: Option<bool>,
        /// Caused (or not) by a violation.
        #[serde(default)]
        caused_by_violation: Option<bool>,
    },
    /// Violations serious by nature.
    SeriousViolation {
        /// These.
        #[serde(default)]
        of: Option<Vec<SeriousMatter>>,
        /// Only where an authority decided; without a decision the match is undetermined.
        decided: bool,
    },
    /// Refusals.
    Refusal {
        /// Of these documents.
        #[serde(default)]
        of: Option<Vec<RefusedDocument>>,
    },
    /// Obstruction of inspection.
    Obstruction {},
    /// Transfers.
    Transfer {
        /// To these.
        #[serde(default)]
        to: Option<Vec<TransferTarget>>,
    },
    /// Criminal liability.
    CriminalLiability {},
    /// No part taken in the annual review.
    NonParticipation {},
    /// Review passed.
    ReviewPassed {},
    /// Review failed.
    ReviewFailed {},
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id, named in the basis of a grade.
    pub id: String,
    /// The grade that it leads to.
    pub grade: Grade,
    /// When it is met.
    pub when: Condition,
    /// The criterion for officers and employers.
    pub text: Text,
    /// The provision it comes from.
    pub basis: Text,
    /// How far it is confirmed.
    pub mark: Mark,
}

/// When a rule is met.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// So many pieces of a set count in the assessment year.
    AtLeast {
        /// The least number.
        count: u32,
        /// Name of the evidence set.
        of: String,
        /// While this flag is set, documents of one case count once.
        #[serde(default)]
        once_per_case_when: Option<String>,
    },
    /// A piece of a set counts in the assessment year and in each of the years before it.
    EachOfLastYears {
        /// How many consecutive years, the assessment year included.
        years: u32,
        /// Name of the evidence set.
        of: String,
    },
    /// All hold.
    All(Vec<Condition>),
    /// One holds.
    Any(Vec<Condition>),
    /// No rule of a worse grade is met. Exactly one rule has this condition, that of the best grade.
    Otherwise,
}

impl IntegrityRules {
    /// What the rule set says about a grade.
    #[must_use]
    pub fn notes(&self, grade: Grade) -> Option<&GradeNotes> {
        self.grades.iter().find(|notes| notes.grade == grade)
    }

    /// Who sees a published grade; partners where the rule set is silent.
    #[must_use]
    pub fn audience(&self, grade: Grade) -> Audience {
        self.notes(grade)
            .map_or(Audience::Partners, |notes| notes.audience)
    }

    /// The last day (Asia/Shanghai) on which a grade for `year`, decided on `decided_on`, stands.
    #[must_use]
    pub fn valid_until(&self, year: i32, decided_on: NaiveDate) -> NaiveDate {
        match self.validity {
            Validity::Months { months } => dates::add_months(decided_on, months),
            Validity::FixedDay {
                years_after,
                month,
                day,
            } => {
                let year = year.saturating_add(years_after);
                // 29 February exists only in leap years: the end of the month stands in.
                NaiveDate::from_ymd_opt(year, month, day)
                    .or_else(|| NaiveDate::from_ymd_opt(year, month, 1).and_then(last_of_month))
                    .unwrap_or(decided_on)
            }
        }
    }
}

fn last_of_month(first: NaiveDate) -> Option<NaiveDate> {
    let next = dates::add_months(first, 1).with_day(1)?;
    next.pred_opt()
}

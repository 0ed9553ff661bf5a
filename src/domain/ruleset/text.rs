//! The parts that every rule set has: texts, sources, flags, period of effect, approval.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::authority::Role;
use crate::domain::division::{DivisionCode, Level};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// How far an item is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mark {
    /// The full text of the law was read.
    L,
    /// Read in a published page, in part.
    S,
    /// Computed.
    C,
    /// Not confirmed by a source: to be checked by the authority that deploys the registry.
    M,
}

/// A law, order or notice that the rule set implements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its name.
    pub name: Text,
    /// Its number.
    pub number: String,
    /// Its first day in force.
    pub from: NaiveDate,
    /// How far it is confirmed.
    pub mark: Mark,
    /// Where it was read.
    pub source: String,
}

/// A half-open period of days: `from` belongs to it, `until` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effective {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last; none while open.
    pub until: Option<NaiveDate>,
}

impl Effective {
    /// Whether `date` lies in the period.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    /// Whether the two periods share a day.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }
}

/// A named decision on a point that the sources leave open, with its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// Its name, referred to by conditions.
    pub id: String,
    /// The decision taken in this rule set.
    pub value: bool,
    /// How far it is confirmed.
    pub mark: Mark,
    /// What it decides and why so.
    pub note: Text,
}

/// Who sees a published record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Everyone.
    Public,
    /// Partners with a key, and the employer itself.
    Partners,
}

impl Audience {
    /// The name used in storage and interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Partners => "partners",
        }
    }
}

/// The roles of each step. That the approver is another person than the proposer is not data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who records facts and serves documents.
    pub record: Vec<Role>,
    /// Who proposes a decision.
    pub propose: Vec<Role>,
    /// Who decides what another person proposed.
    pub approve: Vec<Role>,
    /// Who publishes what was decided.
    pub publish: Vec<Role>,
    /// The lowest level of authority that may decide: a county's rule is met by every level.
    pub approve_at: Level,
    /// How far this is confirmed.
    pub mark: Mark,
}

impl Approval {
    /// Whether an authority of `division` stands high enough to decide.
    #[must_use]
    pub fn high_enough(&self, division: DivisionCode) -> bool {
        division.level() <= self.approve_at
    }
}

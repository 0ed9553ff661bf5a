//! The shape of wage-blacklist rules: limbs, local amounts, clocks, term, early removal.

use chrono::NaiveDate;
use serde::Deserialize;

use super::text::{Audience, Effective, Mark, Text};
use crate::domain::division::DivisionCode;
use crate::domain::evidence::IncidentForm;
use crate::domain::money::Fen;

/// Listing rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlacklistRules {
    /// Who sees a published entry.
    pub audience: Audience,
    /// Any one of them, met, allows a listing.
    pub limbs: Vec<Limb>,
    /// Local amounts by place and date.
    pub thresholds: Vec<Threshold>,
    /// The periods of the procedure.
    pub clocks: Clocks,
    /// How long a listing lasts.
    pub term: Term,
    /// When it can end sooner.
    pub early_removal: EarlyRemoval,
}

/// One alternative of the trigger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limb {
    /// Its id.
    pub id: String,
    /// What it asks.
    pub test: LimbTest,
    /// The criterion for officers and employers.
    pub text: Text,
    /// The provision it comes from.
    pub basis: Text,
    /// How far it is confirmed.
    pub mark: Mark,
}

/// What a limb asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum LimbTest {
    /// One and the same worker is owed so many months **and** the local amount.
    OneWorker {
        /// Months of pay.
        months_at_least: u32,
    },
    /// So many workers, and the local amount in total.
    ManyWorkers {
        /// Workers.
        workers_at_least: u32,
    },
    /// An incident of one of these forms, caused by the arrears, with serious bad social effect.
    Incident {
        /// The forms.
        forms: Vec<IncidentForm>,
    },
}

/// A place's amounts in a period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Digits that the division begins with; the longest match counts.
    pub division_prefix: String,
    /// The place for readers.
    pub place: Text,
    /// When it holds; where the source gives no day, the rule set's own period.
    #[serde(default)]
    pub effective: Option<Effective>,
    /// For one worker.
    pub one_worker: Fen,
    /// For many workers, in total.
    pub many_workers: Fen,
    /// Lower amounts for parts of the place.
    #[serde(default)]
    pub reduced: Option<Reduced>,
    /// How far it is confirmed.
    pub mark: Mark,
    /// Where it was read.
    pub source: String,
}

/// Lower amounts for named counties.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reduced {
    /// For one worker.
    pub one_worker: Fen,
    /// For many workers, in total.
    pub many_workers: Fen,
    /// The counties known to have them.
    pub divisions: Vec<DivisionCode>,
    /// Whether the list of counties is complete. While it is not, an amount between the two leaves the
    /// limb undetermined elsewhere in the place.
    pub complete: bool,
    /// What the list is.
    pub note: Text,
}

/// The periods of the procedure, in working days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// For the party's objection, from receipt of the prior notice.
    pub objection: Clock,
    /// For verifying the objection.
    pub verification: Clock,
    /// For the decision, from the end of the period set in the pay order.
    pub decision: Clock,
    /// The one extension of the decision, approved by the head.
    pub decision_extension: Clock,
    /// For deciding an application for early removal.
    pub early_removal: Clock,
    /// For taking an ended listing down everywhere.
    pub withdrawal: Clock,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Working days, the day of the event not counted.
    pub working_days: u32,
    /// How far it is confirmed.
    pub mark: Mark,
    /// The provision it comes from.
    pub source: String,
}

/// How long a listing lasts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Years from the day of the decision.
    pub years: u32,
    /// How far it is confirmed.
    pub mark: Mark,
    /// The provision it comes from.
    pub source: String,
}

/// When a listing can end before its term.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyRemoval {
    /// Months from the day of correction.
    pub months_after_correction: u32,
    /// The other instrument's floor.
    pub floor: Floor,
    /// How far it is confirmed.
    pub mark: Mark,
    /// The provision it comes from.
    pub source: String,
}

/// A shortest time on the list, counted from the listing, that holds while a flag is set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The flag.
    pub flag: String,
    /// Years from the day of listing.
    pub years_after_listing: u32,
}

impl BlacklistRules {
    /// The amounts of `division` on `date`: the longest matching prefix whose period holds the date.
    /// `None` where the rule set has no local amount: then no amount may be assumed.
    #[must_use]
    pub fn threshold(&self, division: DivisionCode, date: NaiveDate) -> Option<&Threshold> {
        self.thresholds
            .iter()
            .filter(|row| division.has_prefix(&row.division_prefix))
            .filter(|row| row.effective.is_none_or(|period| period.contains(date)))
            .max_by_key(|row| row.division_prefix.len())
    }
}

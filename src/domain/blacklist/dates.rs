//! The dates of a listing, from the clocks of the rule set. Days in Asia/Shanghai; working days may be
//! provisional.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{Calendar, DueDate};
use crate::domain::dates::{add_months, add_years};
use crate::domain::ruleset::{BlacklistRules, Clock, RuleSet};

fn due(calendar: &Calendar, event: NaiveDate, clock: &Clock) -> DueDate {
    calendar.add_working_days(event, clock.working_days)
}

/// The last day for the party's objection, from receipt of the prior notice.
#[must_use]
pub fn objection_until(rules: &BlacklistRules, calendar: &Calendar, received_on: NaiveDate) -> DueDate {
    due(calendar, received_on, &rules.clocks.objection)
}

/// The last day for verifying an objection.
#[must_use]
pub fn verification_due(rules: &BlacklistRules, calendar: &Calendar, objected_on: NaiveDate) -> DueDate {
    due(calendar, objected_on, &rules.clocks.verification)
}

/// The last day for the decision, from the end of the period set in the pay order; an extension adds its
/// own working days after the first period.
#[must_use]
pub fn decision_deadline(
    rules: &BlacklistRules,
    calendar: &Calendar,
    pay_by: NaiveDate,
    extended: bool,
) -> DueDate {
    let first = due(calendar, pay_by, &rules.clocks.decision);
    if !extended {
        return first;
    }
    let second = due(calendar, first.date, &rules.clocks.decision_extension);
    DueDate {
        date: second.date,
        provisional: first.provisional || second.provisional,
    }
}

/// The last day of a listing decided on `listed_on`: the same date when its years have run
/// (民法典 Art 202: the corresponding day is the period's last).
#[must_use]
pub fn last_day(rules: &BlacklistRules, listed_on: NaiveDate) -> NaiveDate {
    add_years(listed_on, rules.term.years)
}

/// The last day for deciding an application for early removal.
#[must_use]
pub fn early_removal_due(rules: &BlacklistRules, calendar: &Calendar, applied_on: NaiveDate) -> DueDate {
    due(calendar, applied_on, &rules.clocks.early_removal)
}

/// The last day for taking an ended listing down everywhere.
#[must_use]
pub fn withdrawal_due(rules: &BlacklistRules, calendar: &Calendar, ended_on: NaiveDate) -> DueDate {
    due(calendar, ended_on, &rules.clocks.withdrawal)
}

/// When a listing can end early, both ways (domain.md B.2): no text says which of the two prevails, so
/// both are shown and the rule set's flag decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovalDates {
    /// Order 45: months from the day of correction.
    pub after_correction: NaiveDate,
    /// NDRC Order 36: years from the day of listing.
    pub floor: NaiveDate,
    /// Whether the rule set applies the floor.
    pub floor_applies: bool,
    /// The first day on which removal can be granted.
    pub earliest: NaiveDate,
}

/// The other instrument's floor: the first day on which a listing of `listed_on` can end early however soon
/// it was corrected, and whether the rule set applies it.
#[must_use]
pub fn removal_floor(rule_set: &RuleSet, rules: &BlacklistRules, listed_on: NaiveDate) -> (NaiveDate, bool) {
    let floor = &rules.early_removal.floor;
    let applies = rule_set.flag(&floor.flag).unwrap_or(true);
    (add_years(listed_on, floor.years_after_listing), applies)
}

/// Both dates of early removal. The floor holds while the rule set's flag for it is set.
#[must_use]
pub fn removal_dates(
    rule_set: &RuleSet,
    rules: &BlacklistRules,
    listed_on: NaiveDate,
    corrected_on: NaiveDate,
) -> RemovalDates {
    let after_correction = add_months(corrected_on, rules.early_removal.months_after_correction);
    let (floor, floor_applies) = removal_floor(rule_set, rules, listed_on);
    let earliest = if floor_applies {
        after_correction.max(floor)
    } else {
        after_correction
    };
    RemovalDates {
        after_correction,
        floor,
        floor_applies,
        earliest,
    }
}

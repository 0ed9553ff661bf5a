//! The end of display (records.md §8; domain.md B.2, B.3, D.5): why a published record leaves every surface,
//! who decides it, and by when it must be gone.
//!
//! A term that has run ends display by law, with nothing left to decide: Order 45 Art 17 and Order 36 say so
//! without a decision, it burdens nobody, and an officer who forgets must not be able to prolong it. Every
//! other ground is weighed by one person and approved by another.

use chrono::NaiveDate;
use thiserror::Error;

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, DueDate};
use super::ruleset::RuleSet;

/// Why display ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The listing's term has run: 期满.
    Expiry,
    /// Early removal was granted: 提前移出 (信用修复).
    EarlyRemoval,
    /// The order that the listing rests on was revoked: 撤销.
    OrderRevoked,
    /// The record should never have been published: 更正.
    Correction,
    /// A court or a reviewing body ordered it: 裁判.
    Court,
}

/// Why a withdrawal is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WithdrawalRefusal {
    /// It is gone.
    #[error("the record was withdrawn already")]
    Gone,
    /// Nobody proposes what time brings about.
    #[error("a listing's term ends by itself: nothing is to be proposed")]
    ByTime,
    /// The ground belongs to listings.
    #[error("only a listing ends by early removal or with its order to pay")]
    NotAListing,
    /// Neither a grade nor a listing.
    #[error("only a grade or a listing is withdrawn")]
    NotARecord,
    /// No reason.
    #[error("a withdrawal needs a reason")]
    NoReason,
    /// No document number.
    #[error("a withdrawal needs the number of its document")]
    NoDocument,
    /// The ground lies in the future.
    #[error("the ground arose on {0}, which is yet to come")]
    Future(NaiveDate),
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 5] = [
        Self::Expiry,
        Self::EarlyRemoval,
        Self::OrderRevoked,
        Self::Correction,
        Self::Court,
    ];

    /// The name used in storage and interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::EarlyRemoval => "early_removal",
            Self::OrderRevoked => "order_revoked",
            Self::Correction => "correction",
            Self::Court => "court",
        }
    }

    /// The cause of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }

    /// Its Chinese name.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Expiry => "期满移出",
            Self::EarlyRemoval => "提前移出",
            Self::OrderRevoked => "撤销列入",
            Self::Correction => "更正撤回",
            Self::Court => "依裁判撤回",
        }
    }

    /// Whether two persons decide it; the other comes by time alone.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::Expiry)
    }

    /// Whether only a listing can end by it.
    #[must_use]
    pub const fn ends_a_listing(self) -> bool {
        matches!(self, Self::Expiry | Self::EarlyRemoval | Self::OrderRevoked)
    }
}

/// Working days for what no rule set has a clock for: the shortest of the three that the law knows
/// (行政处罚法 Arts 48, 85: withdrawn within three working days).
const SHORTEST: u32 = 3;

/// The last day for taking a record down everywhere, from the day on which the ground arose.
#[must_use]
pub fn due(rule_set: &RuleSet, calendar: &Calendar, ended_on: NaiveDate) -> DueDate {
    let days = rule_set
        .blacklist()
        .map_or(SHORTEST, |rules| rules.clocks.withdrawal.working_days);
    calendar.add_working_days(ended_on, days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ruleset::builtin;

    #[test]
    fn causes_have_names() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.as_str()), Some(cause));
            assert_eq!(cause.is_decided(), cause != Cause::Expiry);
            let json = serde_json::to_string(&cause).unwrap();
            assert_eq!(json, format!("\"{}\"", cause.as_str()));
        }
        assert_eq!(Cause::parse("because"), None);
    }

    /// 2026-09-30 is a Wednesday, followed by the holiday of 1 to 7 October.
    #[test]
    fn listings_have_ten_working_days_and_others_three() {
        let of = |listing: bool| {
            let mut all = builtin::all().iter();
            let rules = all.find(|rules| rules.blacklist().is_some() == listing).unwrap();
            due(rules, Calendar::standard(), "2026-09-30".parse().unwrap())
        };
        let count = |due: DueDate| {
            let start: NaiveDate = "2026-09-30".parse().unwrap();
            let days = start.iter_days().skip(1).take_while(|day| *day <= due.date);
            days.filter(|day| Calendar::standard().is_working_day(*day) == Some(true))
                .count()
        };
        assert_eq!((count(of(true)), count(of(false))), (10, 3));
    }
}

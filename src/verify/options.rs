//! What the caller decides for a verification: the time, and how old or how uncertain things may be.

use chrono::{DateTime, TimeDelta, Utc};

/// Settings of one verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The time as of which to judge, UTC.
    pub now: DateTime<Utc>,
    /// How old status lists and the newest key document may be.
    pub max_age: TimeDelta,
    /// How far claimed times may precede proven ones, and how wide proven ones may be.
    pub allowances: Allowances,
    /// Whether the tree behind a statement must have been rebuilt by a monitor of the trust folder.
    pub require_monitored: bool,
}

/// Slack for the procedure between a decision and the log (`records.md` §5, “the policy's allowances”).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowances {
    /// How long before the earliest logged time a record may have been signed.
    pub created: TimeDelta,
    /// How long before the earliest logged time the decision may have been taken.
    pub decided: TimeDelta,
    /// How far apart earliest and latest logged time may be.
    pub window: TimeDelta,
}

impl Default for Allowances {
    /// A day for signing, ninety days from decision to publication, a day between the two times.
    fn default() -> Self {
        Self {
            created: TimeDelta::days(1),
            decided: TimeDelta::days(90),
            window: TimeDelta::days(1),
        }
    }
}

impl Options {
    /// The default settings: lists may be 24 hours old.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now,
            max_age: TimeDelta::hours(24),
            allowances: Allowances::default(),
            require_monitored: false,
        }
    }
}

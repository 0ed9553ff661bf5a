//! The shape of annual-review rules: who sees a result, the clocks of the procedure, the limits of a roster.

use serde::Deserialize;

use super::blacklist::Clock;
use super::text::{Audience, Mark};
use crate::domain::roster::RosterRules;

/// Annual-review rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewRules {
    /// The widest audience of a published result; it is never more public than that year's grade.
    pub audience: Audience,
    /// The periods of the procedure.
    pub clocks: ReviewClocks,
    /// What a roster is held against.
    pub roster: RosterRules,
    /// How long personal data of a closed filing is kept.
    pub retention: Retention,
}

/// The periods of an annual review, in working days.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewClocks {
    /// For accepting or returning what was submitted.
    pub acceptance: Clock,
    /// For handing in what was asked for.
    pub supplement: Clock,
    /// For the check at the desk, from acceptance.
    pub desk_check: Clock,
    /// For the visit, from its order.
    pub site_check: Clock,
    /// For correcting what was found; the officer may set less.
    pub correction: Clock,
    /// For checking again, from the correction's last day.
    pub re_check: Clock,
    /// For filing after the order to file.
    pub order_to_file: Clock,
    /// For the reply to a supervision letter.
    pub supervision_reply: Clock,
    /// For the reply to a referral.
    pub referral_reply: Clock,
}

/// How long something is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Full months from the day on which the filing came to a result.
    pub months: u32,
    /// How far it is confirmed.
    pub mark: Mark,
    /// The provision it comes from.
    pub source: String,
}

//! Why a step of a filing was refused.

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

use super::FilingState;
use crate::domain::authority::{ActorRefusal, PersonId};
use crate::domain::campaign::{CampaignId, Channel};

/// Why a step was refused. Nothing changes when it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilingRefusal {
    /// Role or jurisdiction is missing.
    #[error(transparent)]
    Actor(#[from] ActorRefusal),
    /// Another employer's filing.
    #[error("an employer files only for itself")]
    NotTheEmployer,
    /// Not a step for an employer or the clock.
    #[error("this step must be taken by an officer")]
    NeedsOfficer,
    /// The one whose step it follows from cannot decide against the employer.
    #[error("{0} took the step this follows from; a second person must decide against the employer")]
    SamePerson(PersonId),
    /// The filing belongs to another campaign.
    #[error("the filing belongs to the campaign {0}")]
    Campaign(CampaignId),
    /// The step has no place here.
    #[error("a filing that stands at {0:?} has no such step")]
    State(FilingState),
    /// The window is closed, or not open yet.
    #[error("filing is possible from {opens} to {closes}, not on {today}")]
    Window {
        /// First day.
        opens: NaiveDate,
        /// Last day.
        closes: NaiveDate,
        /// The day of the step.
        today: NaiveDate,
    },
    /// A period still runs.
    #[error("the period still runs until {0}")]
    TooEarly(NaiveDate),
    /// An order that ends before it begins.
    #[error("an order of {today} cannot end on {by}")]
    Deadline {
        /// The last day given.
        by: NaiveDate,
        /// The day of the step.
        today: NaiveDate,
    },
    /// The campaign does not take this channel.
    #[error("the campaign does not take filings by {0:?}")]
    Channel(Channel),
    /// The step needs a reason.
    #[error("this step needs a reason")]
    NoReason,
    /// A step cannot precede the one before it.
    #[error("the step at {at} precedes the last one at {last}")]
    TimeRunsBackwards {
        /// The step.
        at: DateTime<Utc>,
        /// The last step.
        last: DateTime<Utc>,
    },
}

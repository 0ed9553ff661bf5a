//! Why a step of a listing procedure was refused.

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

use super::action::Bar;
use super::case::State;
use super::dates::RemovalDates;
use super::limb::{LimbOutcome, Missing};
use crate::domain::authority::{ActorRefusal, PersonId};
use crate::domain::calendar::DueDate;
use crate::domain::division::{DivisionCode, Level};

/// Why a step was refused. Nothing changes when it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Role or jurisdiction is missing.
    #[error(transparent)]
    Actor(#[from] ActorRefusal),
    /// Only what time alone brings about may be done by the clock.
    #[error("this step must be taken by an officer, not by the clock")]
    NeedsOfficer,
    /// The authority stands too low for this decision.
    #[error("an authority of {division} stands below the level that may decide: {needs:?}")]
    Level {
        /// The authority's division.
        division: DivisionCode,
        /// The lowest level that may.
        needs: Level,
    },
    /// The proposer tried to decide.
    #[error("{0} proposed this decision and cannot also decide it; a second person must")]
    SamePerson(PersonId),
    /// Only the proposer can take a proposal back.
    #[error(
        "only {0}, who proposed this decision, can take it back; another person approves or turns it down"
    )]
    NotTheProposer(PersonId),
    /// The rule set governs another procedure.
    #[error("the rule set {0} has no listing rules")]
    NoListingRules(String),
    /// The rule set is not that day's law.
    #[error("the rule set {rule_set} is not in force on {on}")]
    NotInForce {
        /// Its id and version.
        rule_set: String,
        /// The day of the step.
        on: NaiveDate,
    },
    /// The rule set is not that place's law.
    #[error("the rule set {rule_set} is not the law of {division}")]
    NotOfThePlace {
        /// Its id and version.
        rule_set: String,
        /// The place.
        division: DivisionCode,
    },
    /// A step cannot precede the one before it.
    #[error("the step at {at} precedes the last one at {last}")]
    TimeRunsBackwards {
        /// The step.
        at: DateTime<Utc>,
        /// The last step.
        last: DateTime<Utc>,
    },
    /// A day that has not come, or that precedes what it follows from.
    #[error("{what} on {found} cannot be: it must lie between {from} and {to}")]
    Date {
        /// What the day is of.
        what: &'static str,
        /// The day given.
        found: NaiveDate,
        /// The earliest possible.
        from: NaiveDate,
        /// The latest possible.
        to: NaiveDate,
    },
    /// The step has no place here.
    #[error("a procedure that stands at {0:?} has no such step")]
    State(State),
    /// A proposed decision must be dealt with first.
    #[error("a proposed decision waits for a second person")]
    DecisionPending,
    /// There is nothing to approve, turn down or take back.
    #[error("no decision is proposed")]
    NothingPending,
    /// The step needs evidence.
    #[error("this step needs at least one piece of evidence")]
    NoEvidence,
    /// The step needs a reason.
    #[error("this step needs a reason")]
    NoReason,
    /// The period still runs.
    #[error("the period still runs until {}{}", .0.date, if .0.provisional { " (provisional)" } else { "" })]
    TooEarly(DueDate),
    /// The period is over.
    #[error("the period ended on {}", .0.date)]
    TooLate(DueDate),
    /// The trigger was not examined yet.
    #[error("the trigger has not been examined")]
    NotExamined,
    /// The trigger is not met.
    #[error("no limb of the trigger is met")]
    TriggerNotMet,
    /// The trigger cannot be decided.
    #[error("the trigger is undetermined for want of: {}", list(.0))]
    TriggerUndetermined(Vec<Missing>),
    /// The trigger is met, or may be, and so the procedure cannot be closed as not met.
    #[error("the procedure can be closed only when no limb can be met, but the trigger is {0:?}")]
    TriggerOpen(LimbOutcome),
    /// Extended before.
    #[error("the period was extended once already")]
    ExtendedAlready,
    /// Not corrected.
    #[error("the arrears are not recorded as corrected")]
    NotCorrected,
    /// No promise.
    #[error("the written promise is not recorded")]
    NoPromise,
    /// Something bars early removal.
    #[error("early removal is barred: {0:?}")]
    Barred(Bar),
    /// The earliest day has not come.
    #[error("early removal is possible from {}", .0.earliest)]
    RemovalTooEarly(RemovalDates),
    /// The pay order stands.
    #[error("the pay order has not been revoked")]
    OrderStands,
    /// Only an early removal can be undone.
    #[error("only an early removal obtained with false material can be undone")]
    NotRemovedEarly,
    /// The pay order has been revoked, so nothing can rest on it.
    #[error("the pay order has been revoked; the listing must be revoked")]
    OrderRevoked,
}

fn list(missing: &[Missing]) -> String {
    missing
        .iter()
        .map(|fact| fact.en())
        .collect::<Vec<_>>()
        .join("; ")
}

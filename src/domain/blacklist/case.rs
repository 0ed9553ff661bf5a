//! A listing procedure: where it stands, what is known, and every step that led here.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::action::{Action, Bar, Decision, ResponsiblePerson};
use super::limb::Trigger;
use crate::domain::authority::{AuthorityId, PersonId, Role};
use crate::domain::division::DivisionCode;
use crate::domain::evidence::EvidenceId;
use crate::domain::id::identifier;
use crate::domain::registration::EmployerKey;
use crate::domain::ruleset::RuleSetRef;

identifier! {
    /// Identifies a listing procedure.
    CaseId
}

/// Where a procedure stands. Ends: [`Closed`](Self::Closed), [`Withdrawn`](Self::Withdrawn).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Arrears are known; no order yet.
    CaseOpen,
    /// The order to pay runs.
    PayOrderServed,
    /// The order's period ended unpaid.
    Overdue,
    /// The prior notice was received; the party may object.
    NoticeServed,
    /// An objection is being verified.
    Objected,
    /// The objection was not right.
    ObjectionRejected,
    /// Decided; not yet published.
    Listed,
    /// Published and shared.
    Published,
    /// An application for early removal is being decided.
    RemovalApplied,
    /// The listing ended; it is being taken down.
    Removed,
    /// Taken down everywhere.
    Withdrawn,
    /// Ended without a listing.
    Closed,
}

/// Why a procedure ended without a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// Paid before an order or by its last day.
    PaidInTime,
    /// No limb of the trigger is met: other handling.
    TriggerNotMet,
    /// The facts of the trigger could not be established: other handling.
    NotEstablished,
    /// The objection was right.
    ObjectionUpheld,
    /// Corrected and promised before the decision.
    Corrected,
    /// The pay order was revoked.
    OrderRevoked,
}

/// Why a listing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// Removed early.
    Early,
    /// The pay order was revoked.
    Revoked,
    /// The term ran.
    Expired,
}

/// A decided listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// The day of the decision, or of the restoration that restarted the term (Asia/Shanghai).
    pub listed_on: NaiveDate,
    /// The last day of the term.
    pub last_day: NaiveDate,
    /// The natural persons listed with the employer; all move together.
    pub persons: Vec<ResponsiblePerson>,
    /// Whether it was restored after false material.
    pub restored: bool,
}

/// A decision that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// The decision.
    pub decision: Decision,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// When, UTC.
    pub proposed_at: DateTime<Utc>,
    /// The evidence given with it.
    pub evidence: Vec<EvidenceId>,
    /// The reason given.
    pub reason: String,
}

/// One step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// What was done.
    pub action: Action,
    /// Where the procedure stood; none for the opening.
    pub from: State,
    /// Where it stands since.
    pub to: State,
    /// The officer; none where the clock did it.
    pub person: Option<PersonId>,
    /// The role acted in.
    pub role: Option<Role>,
    /// The authority acted for.
    pub authority: Option<AuthorityId>,
    /// When, UTC, whole seconds.
    pub at: DateTime<Utc>,
    /// The rule set it was done under.
    pub rule_set: RuleSetRef,
    /// The evidence given.
    pub evidence: Vec<EvidenceId>,
    /// The reason given; may be empty for facts.
    pub reason: String,
    /// Whether the law's period for it had already run: shown and reported, not prevented.
    pub late: bool,
}

/// A listing procedure against one employer. Only [`Case::apply`] changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub(super) id: CaseId,
    pub(super) employer: EmployerKey,
    pub(super) division: DivisionCode,
    pub(super) state: State,
    pub(super) pay_by: Option<NaiveDate>,
    pub(super) trigger: Option<Trigger>,
    pub(super) notice_received_on: Option<NaiveDate>,
    pub(super) objected_on: Option<NaiveDate>,
    pub(super) extended: bool,
    pub(super) corrected_on: Option<NaiveDate>,
    pub(super) promise: bool,
    pub(super) bars: Vec<Bar>,
    pub(super) order_revoked_on: Option<NaiveDate>,
    pub(super) listing: Option<Listing>,
    pub(super) published_at: Option<DateTime<Utc>>,
    pub(super) applied_on: Option<NaiveDate>,
    pub(super) closure: Option<Closure>,
    pub(super) removal: Option<(Removal, NaiveDate)>,
    pub(super) pending: Option<Pending>,
    pub(super) history: Vec<Transition>,
}

impl Case {
    /// A new procedure about wages owed in `division`. Who opened it is the case register's to keep.
    #[must_use]
    pub const fn open(id: CaseId, employer: EmployerKey, division: DivisionCode) -> Self {
        Self {
            id,
            employer,
            division,
            state: State::CaseOpen,
            pay_by: None,
            trigger: None,
            notice_received_on: None,
            objected_on: None,
            extended: false,
            corrected_on: None,
            promise: false,
            bars: Vec::new(),
            order_revoked_on: None,
            listing: None,
            published_at: None,
            applied_on: None,
            closure: None,
            removal: None,
            pending: None,
            history: Vec::new(),
        }
    }

    /// Its identifier.
    #[must_use]
    pub const fn id(&self) -> &CaseId {
        &self.id
    }

    /// The employer.
    #[must_use]
    pub const fn employer(&self) -> &EmployerKey {
        &self.employer
    }

    /// Where the wages are owed: decides jurisdiction.
    #[must_use]
    pub const fn division(&self) -> DivisionCode {
        self.division
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// The day on which the pay order was lawfully revoked.
    #[must_use]
    pub const fn order_revoked_on(&self) -> Option<NaiveDate> {
        self.order_revoked_on
    }

    /// The last day of the pay order.
    #[must_use]
    pub const fn pay_by(&self) -> Option<NaiveDate> {
        self.pay_by
    }

    /// The latest examination of the trigger.
    #[must_use]
    pub const fn trigger(&self) -> Option<&Trigger> {
        self.trigger.as_ref()
    }

    /// The day on which the prior notice was received.
    #[must_use]
    pub const fn notice_received_on(&self) -> Option<NaiveDate> {
        self.notice_received_on
    }

    /// Whether the period for the decision was extended.
    #[must_use]
    pub const fn extended(&self) -> bool {
        self.extended
    }

    /// The day of correction.
    #[must_use]
    pub const fn corrected_on(&self) -> Option<NaiveDate> {
        self.corrected_on
    }

    /// What bars early removal.
    #[must_use]
    pub fn bars(&self) -> &[Bar] {
        &self.bars
    }

    /// The listing, also after it ended.
    #[must_use]
    pub const fn listing(&self) -> Option<&Listing> {
        self.listing.as_ref()
    }

    /// The day on which the party applied for early removal.
    #[must_use]
    pub const fn applied_on(&self) -> Option<NaiveDate> {
        self.applied_on
    }

    /// Why it ended without a listing.
    #[must_use]
    pub const fn closure(&self) -> Option<Closure> {
        self.closure
    }

    /// Why and on which day the listing ended.
    #[must_use]
    pub const fn removal(&self) -> Option<(Removal, NaiveDate)> {
        self.removal
    }

    /// The decision that waits for a second person.
    #[must_use]
    pub const fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    /// Every step in order.
    #[must_use]
    pub fn history(&self) -> &[Transition] {
        &self.history
    }

    /// Whether the employer is on the list now.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        matches!(
            self.state,
            State::Listed | State::Published | State::RemovalApplied
        )
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self.state {
            State::Closed => true,
            // After early removal, false material can still come to light.
            State::Withdrawn => !matches!(self.removal, Some((Removal::Early, _))),
            _ => false,
        }
    }
}

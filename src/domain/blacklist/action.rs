//! What can be done in a listing procedure, by whom, and what a step carries.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::limb::ArrearsFacts;
use crate::domain::authority::Actor;
use crate::domain::evidence::EvidenceId;

/// How a document was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Handed over or sent.
    Direct,
    /// Posted at the place with photo or video, the employer having fled (法释〔2013〕3号 Art 4).
    Posted,
    /// By announcement; `served_on` is the day on which it counts as served (民事诉讼法 Art 95).
    Announcement,
}

/// What bars early removal (Order 45 Art 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// Wages were owed again while listed.
    ArrearsAgain,
    /// In criminal proceedings or convicted for refusal to pay.
    Criminal,
    /// By another law or central policy.
    OtherLaw,
}

/// In what capacity a natural person is listed with the employer (Order 724 Art 48).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// 法定代表人 or 主要负责人.
    Head,
    /// 直接负责的主管人员.
    ResponsibleManager,
    /// 其他直接责任人员.
    OtherResponsible,
}

/// A natural person listed with the employer; the name only, never an ID number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponsiblePerson {
    /// The name.
    pub name: String,
    /// The capacity.
    pub capacity: Capacity,
}

/// A decision: proposed by one person, approved by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// Put the employer and these persons on the list (Art 8).
    List {
        /// Listed with the employer.
        persons: Vec<ResponsiblePerson>,
    },
    /// Refrain: corrected and promised before the decision (Art 7, discretion).
    DoNotList {},
    /// Close for other handling: the facts of the trigger cannot be established.
    CloseNotEstablished {},
    /// The objection is right: drop the matter (Art 6).
    UpholdObjection {},
    /// The objection is not right (Art 6).
    RejectObjection {},
    /// Extend the period for the decision, once (Art 8).
    Extend {},
    /// Remove early (Art 12).
    GrantRemoval {},
    /// Refuse early removal, with reasons (Art 14).
    RefuseRemoval {},
    /// Revoke the listing: the pay order was revoked (Art 16).
    Revoke {},
    /// Restore the listing: early removal was obtained with false material (Art 15).
    Restore {},
}

/// A step of the procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// A lawful order to pay by a date was served.
    ServePayOrder {
        /// The order's number.
        number: String,
        /// The day of service.
        served_on: NaiveDate,
        /// The last day for payment.
        pay_by: NaiveDate,
        /// How it was served.
        service: Service,
    },
    /// Everything was paid before an order, or by the order's last day.
    RecordPayment {
        /// The day.
        paid_on: NaiveDate,
    },
    /// The last day for payment went by unpaid.
    RecordOverdue {},
    /// The trigger is examined on these facts; may be repeated when facts come in. The local amounts are
    /// those of the last day for payment.
    Examine {
        /// The facts.
        facts: ArrearsFacts,
    },
    /// Ends the procedure where no limb can be met.
    CloseNotMet {},
    /// The prior notice was served.
    ServeNotice {
        /// Its number.
        number: String,
        /// The day of receipt.
        received_on: NaiveDate,
    },
    /// The party objected.
    RecordObjection {
        /// The day of receipt.
        received_on: NaiveDate,
    },
    /// Everything owed was paid after the last day, with or without the written promise.
    RecordCorrection {
        /// The day of correction.
        corrected_on: NaiveDate,
        /// Whether the promise not to do it again was given.
        promise: bool,
    },
    /// Something bars early removal.
    RecordBar {
        /// What.
        bar: Bar,
    },
    /// The pay order was lawfully revoked.
    RecordOrderRevoked {
        /// The day.
        revoked_on: NaiveDate,
    },
    /// Proposes a decision.
    Propose {
        /// The decision.
        decision: Decision,
    },
    /// A second person approves what is proposed.
    Approve {},
    /// A second person turns down what is proposed.
    TurnDown {},
    /// The proposer takes it back.
    TakeBack {},
    /// A second person turns an approved listing down before it is published: the facts moved on.
    Unlist {},
    /// The entry was published and shared.
    Publish {},
    /// The party applied for early removal.
    ApplyForRemoval {
        /// The day of receipt.
        received_on: NaiveDate,
    },
    /// The term has run.
    Expire {},
    /// The ended entry was taken down everywhere and its removal shared.
    Withdraw {},
}

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// An officer.
    Officer(Actor),
    /// The registry itself: only for what time alone brings about, and for taking down what has ended.
    Clock,
}

/// A step's circumstances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who takes it.
    pub who: Who,
    /// When, UTC, whole seconds.
    pub at: DateTime<Utc>,
    /// The evidence for it.
    pub evidence: Vec<EvidenceId>,
    /// The reason given; required for decisions and for turning one down.
    pub reason: String,
}

//! The wage blacklist (拖欠农民工工资失信联合惩戒对象名单, MOHRSS Order 45): trigger, procedure, dates.
//!
//! Not to be confused with local “blacklists” that are merely grade C. A limb of the trigger whose facts
//! are missing is undetermined and never met; so is one where the rule set has no local amount. Every
//! decision, also a favourable one, takes two persons: one proposes, another approves. Nothing is
//! edited: every step is a transition kept with its actor, role, authority, time, rule set and evidence.

mod action;
mod case;
mod dates;
mod limb;
mod machine;
mod refusal;

pub use action::{Action, Bar, Capacity, Decision, ResponsiblePerson, Service, Step, Who};
pub use case::{Case, CaseId, Closure, Listing, Pending, Removal, State, Transition};
pub use dates::{
    RemovalDates, decision_deadline, early_removal_due, last_day, objection_until, removal_dates,
    removal_floor, verification_due, withdrawal_due,
};
pub use limb::{
    ArrearsFacts, IncidentFacts, LimbFinding, LimbOutcome, Missing, NoListingRules, Trigger, WorkerArrears,
    examine,
};
pub use refusal::Refusal;

#[cfg(test)]
mod tests;

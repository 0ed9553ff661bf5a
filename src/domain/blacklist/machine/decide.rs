//! Decisions: proposed by one person, approved by another, and checked against the facts both times.

use super::Scene;
use crate::domain::authority::PersonId;
use crate::domain::blacklist::action::{Action, Decision, ResponsiblePerson, Who};
use crate::domain::blacklist::case::{Case, Closure, Listing, Pending, Removal, State, Transition};
use crate::domain::blacklist::{Refusal, dates};
use crate::domain::dates::whole_seconds;

impl Scene<'_> {
    pub(super) fn propose(&self, case: &mut Case, decision: &Decision) -> Result<(), Refusal> {
        self.decidable(case, decision)?;
        let Who::Officer(actor) = &self.step.who else {
            return Err(Refusal::NeedsOfficer);
        };
        case.pending = Some(Pending {
            decision: decision.clone(),
            proposed_by: actor.person.clone(),
            proposed_at: whole_seconds(self.step.at),
            evidence: self.step.evidence.clone(),
            reason: self.step.reason.clone(),
        });
        Ok(())
    }

    /// Carries out the proposed decision, if it can still be taken on the facts of today.
    pub(super) fn approve(&self, case: &mut Case) -> Result<bool, Refusal> {
        let Pending { decision, .. } = case.pending.take().ok_or(Refusal::NothingPending)?;
        self.decidable(case, &decision)?;
        let mut late = false;
        match decision {
            Decision::List { persons } => {
                late = self.decision_is_late(case);
                self.list(case, persons, false);
            }
            Decision::DoNotList {} => {
                late = self.decision_is_late(case);
                self.close(case, Closure::Corrected);
            }
            Decision::CloseNotEstablished {} => self.close(case, Closure::NotEstablished),
            Decision::UpholdObjection {} => {
                late = self.verification_is_late(case);
                self.close(case, Closure::ObjectionUpheld);
            }
            Decision::RejectObjection {} => {
                late = self.verification_is_late(case);
                case.state = State::ObjectionRejected;
            }
            Decision::Extend {} => case.extended = true,
            Decision::GrantRemoval {} => {
                late = self.removal_is_late(case);
                self.remove(case, Removal::Early);
            }
            Decision::RefuseRemoval {} => {
                late = self.removal_is_late(case);
                let published = case.published_at.is_some();
                case.state = if published {
                    State::Published
                } else {
                    State::Listed
                };
                case.applied_on = None;
            }
            Decision::Revoke {} => self.remove(case, Removal::Revoked),
            Decision::Restore {} => {
                let persons = case
                    .listing
                    .take()
                    .map(|listing| listing.persons)
                    .unwrap_or_default();
                self.list(case, persons, true);
            }
        }
        Ok(late)
    }

    /// Whether a decision can be taken on the facts of today; asked when proposed and when approved.
    fn decidable(&self, case: &Case, decision: &Decision) -> Result<(), Refusal> {
        let before = matches!(case.state, State::NoticeServed | State::ObjectionRejected);
        match decision {
            Decision::List { .. } if before => {
                self.objection_window_over(case)?;
                self.trigger_met(case)
            }
            Decision::DoNotList {} if before || case.state == State::Overdue => {
                case.corrected_on.ok_or(Refusal::NotCorrected)?;
                if case.promise {
                    Ok(())
                } else {
                    Err(Refusal::NoPromise)
                }
            }
            Decision::CloseNotEstablished {} if case.state == State::Overdue => {
                let trigger = case.trigger.as_ref().ok_or(Refusal::NotExamined)?;
                match trigger.outcome.is_met() {
                    true => Err(Refusal::TriggerOpen(trigger.outcome.clone())),
                    false => Ok(()),
                }
            }
            Decision::UpholdObjection {} | Decision::RejectObjection {} if case.state == State::Objected => {
                Ok(())
            }
            Decision::Extend {} if before || matches!(case.state, State::Overdue | State::Objected) => {
                self.extendable(case)
            }
            Decision::GrantRemoval {} if case.state == State::RemovalApplied => self.removable(case),
            Decision::RefuseRemoval {} if case.state == State::RemovalApplied => Ok(()),
            Decision::Revoke {} if case.is_listed() => {
                case.order_revoked_on.map(|_| ()).ok_or(Refusal::OrderStands)
            }
            Decision::Restore {} if matches!(case.state, State::Removed | State::Withdrawn) => {
                match case.removal {
                    Some((Removal::Early, _)) => Ok(()),
                    _ => Err(Refusal::NotRemovedEarly),
                }
            }
            _ => Err(Refusal::State(case.state)),
        }
    }

    /// Without an objection nothing is decided before the party's time to object has run.
    fn objection_window_over(&self, case: &Case) -> Result<(), Refusal> {
        if case.state != State::NoticeServed {
            return Ok(());
        }
        let notice = case.notice_received_on.unwrap_or(self.today);
        let until = dates::objection_until(self.rules, self.calendar, notice);
        if self.today > until.date {
            Ok(())
        } else {
            Err(Refusal::TooEarly(until))
        }
    }

    fn extendable(&self, case: &Case) -> Result<(), Refusal> {
        if case.extended {
            return Err(Refusal::ExtendedAlready);
        }
        let pay_by = case.pay_by.unwrap_or(self.today);
        let first = dates::decision_deadline(self.rules, self.calendar, pay_by, false);
        if self.today > first.date {
            Err(Refusal::TooLate(first))
        } else {
            Ok(())
        }
    }

    fn removable(&self, case: &Case) -> Result<(), Refusal> {
        let corrected_on = case.corrected_on.ok_or(Refusal::NotCorrected)?;
        if !case.promise {
            return Err(Refusal::NoPromise);
        }
        if let Some(bar) = case.bars.first() {
            return Err(Refusal::Barred(*bar));
        }
        let listed_on = case
            .listing
            .as_ref()
            .map_or(self.today, |listing| listing.listed_on);
        let dates = dates::removal_dates(self.rule_set, self.rules, listed_on, corrected_on);
        if self.today < dates.earliest {
            Err(Refusal::RemovalTooEarly(dates))
        } else {
            Ok(())
        }
    }

    fn decision_is_late(&self, case: &Case) -> bool {
        case.pay_by.is_some_and(|pay_by| {
            self.today > dates::decision_deadline(self.rules, self.calendar, pay_by, case.extended).date
        })
    }

    fn verification_is_late(&self, case: &Case) -> bool {
        case.objected_on
            .is_some_and(|on| self.today > dates::verification_due(self.rules, self.calendar, on).date)
    }

    fn removal_is_late(&self, case: &Case) -> bool {
        case.applied_on
            .is_some_and(|on| self.today > dates::early_removal_due(self.rules, self.calendar, on).date)
    }

    fn list(&self, case: &mut Case, persons: Vec<ResponsiblePerson>, restored: bool) {
        let last_day = dates::last_day(self.rules, self.today);
        case.listing = Some(Listing {
            listed_on: self.today,
            last_day,
            persons,
            restored,
        });
        case.state = State::Listed;
        case.removal = None;
        case.published_at = None;
        if restored {
            // What was proved with false material counts for nothing.
            case.corrected_on = None;
            case.promise = false;
        }
    }

    /// Takes an approved listing off again before it is published, to where it was decided from.
    pub(super) fn unlist(&self, case: &mut Case) -> Result<(), Refusal> {
        let decided_from = listed_by(case).ok_or(Refusal::State(case.state))?.from;
        case.state = decided_from;
        case.listing = None;
        case.pending = None;
        case.applied_on = None;
        if case.order_revoked_on.is_some() {
            self.close(case, Closure::OrderRevoked);
        }
        Ok(())
    }
}

/// The approval by which an unpublished case stands listed; none for one that was restored, which was public
/// before.
fn listed_by(case: &Case) -> Option<&Transition> {
    let restored = case.listing.as_ref().is_none_or(|listing| listing.restored);
    if !case.is_listed() || case.published_at.is_some() || restored {
        return None;
    }
    // A refused early removal is approved too and leads back to the list: it did not lead there.
    let entered = |step: &&Transition| {
        step.action == Action::Approve {} && step.to == State::Listed && step.from != State::RemovalApplied
    };
    case.history.iter().rev().find(entered)
}

/// Who proposed the listing by which an unpublished case stands listed.
pub(super) fn proposer(case: &Case) -> Result<&PersonId, Refusal> {
    listed_by(case).ok_or(Refusal::State(case.state))?;
    let listing = |step: &&Transition| {
        matches!(
            step.action,
            Action::Propose {
                decision: Decision::List { .. }
            }
        )
    };
    let proposed = case.history.iter().rev().find(listing);
    proposed
        .and_then(|step| step.person.as_ref())
        .ok_or(Refusal::NothingPending)
}

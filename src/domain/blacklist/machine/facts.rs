//! Facts: what time, the party or a paper brought about. One officer records them.

use chrono::NaiveDate;

use super::Scene;
use crate::domain::blacklist::action::{Action, Bar};
use crate::domain::blacklist::case::{Case, Closure, Removal, State};
use crate::domain::blacklist::limb::{self, LimbOutcome};
use crate::domain::blacklist::{Refusal, dates};
use crate::domain::calendar::DueDate;
use crate::domain::dates::whole_seconds;

impl Scene<'_> {
    /// The facts up to the objection.
    pub(super) fn before_decision(&self, case: &mut Case, action: &Action) -> Result<(), Refusal> {
        match (case.state, action) {
            (
                State::CaseOpen,
                Action::ServePayOrder {
                    served_on, pay_by, ..
                },
            ) => {
                self.date("service", *served_on, NaiveDate::MIN, self.today)?;
                self.date("the last day for payment", *pay_by, *served_on, NaiveDate::MAX)?;
                case.pay_by = Some(*pay_by);
                case.state = State::PayOrderServed;
            }
            (State::CaseOpen | State::PayOrderServed, Action::RecordPayment { paid_on }) => {
                let latest = case.pay_by.unwrap_or(self.today).min(self.today);
                self.date("payment", *paid_on, NaiveDate::MIN, latest)?;
                self.close(case, Closure::PaidInTime);
            }
            (State::PayOrderServed, Action::RecordOverdue {}) => {
                let last = case.pay_by.unwrap_or(self.today);
                if self.today <= last {
                    return Err(Refusal::TooEarly(DueDate {
                        date: last,
                        provisional: false,
                    }));
                }
                case.state = State::Overdue;
            }
            (State::Overdue, Action::Examine { facts }) => {
                let on = case.pay_by.unwrap_or(self.today);
                // Refused above where the rule set has no listing rules.
                case.trigger = limb::examine(self.rule_set, facts, on).ok();
            }
            (State::Overdue, Action::CloseNotMet {}) => {
                let trigger = case.trigger.as_ref().ok_or(Refusal::NotExamined)?;
                if trigger.outcome != (LimbOutcome::NotMet {}) {
                    return Err(Refusal::TriggerOpen(trigger.outcome.clone()));
                }
                self.close(case, Closure::TriggerNotMet);
            }
            (State::Overdue, Action::ServeNotice { received_on, .. }) => {
                self.trigger_met(case)?;
                let earliest = case.pay_by.unwrap_or(NaiveDate::MIN);
                self.date("receipt of the notice", *received_on, earliest, self.today)?;
                case.notice_received_on = Some(*received_on);
                case.state = State::NoticeServed;
            }
            (State::NoticeServed, Action::RecordObjection { received_on }) => {
                let notice = case.notice_received_on.unwrap_or(self.today);
                self.date("the objection", *received_on, notice, self.today)?;
                let until = dates::objection_until(self.rules, self.calendar, notice);
                // A provisional day may still move outwards: in doubt the objection is heard.
                if *received_on > until.date && !until.provisional {
                    return Err(Refusal::TooLate(until));
                }
                case.objected_on = Some(*received_on);
                case.state = State::Objected;
            }
            (state, _) => return Err(Refusal::State(state)),
        }
        Ok(())
    }

    pub(super) fn trigger_met(&self, case: &Case) -> Result<(), Refusal> {
        match &case.trigger.as_ref().ok_or(Refusal::NotExamined)?.outcome {
            LimbOutcome::Met {} => Ok(()),
            LimbOutcome::NotMet {} => Err(Refusal::TriggerNotMet),
            LimbOutcome::Undetermined { missing } => Err(Refusal::TriggerUndetermined(missing.clone())),
        }
    }

    pub(super) fn correct(
        &self,
        case: &mut Case,
        corrected_on: NaiveDate,
        promise: bool,
    ) -> Result<(), Refusal> {
        let open = matches!(
            case.state,
            State::Overdue | State::NoticeServed | State::Objected | State::ObjectionRejected
        );
        if !open && !case.is_listed() {
            return Err(Refusal::State(case.state));
        }
        let earliest = case.pay_by.unwrap_or(NaiveDate::MIN);
        self.date("correction", corrected_on, earliest, self.today)?;
        case.corrected_on = Some(corrected_on);
        case.promise = promise;
        Ok(())
    }

    pub(super) fn bar(&self, case: &mut Case, bar: Bar) -> Result<(), Refusal> {
        if !case.is_listed() {
            return Err(Refusal::State(case.state));
        }
        if !case.bars.contains(&bar) {
            case.bars.push(bar);
        }
        Ok(())
    }

    pub(super) fn order_revoked(&self, case: &mut Case, revoked_on: NaiveDate) -> Result<(), Refusal> {
        self.date("revocation of the order", revoked_on, NaiveDate::MIN, self.today)?;
        match case.state {
            State::CaseOpen | State::Closed | State::Removed | State::Withdrawn => {
                return Err(Refusal::State(case.state));
            }
            State::Listed | State::Published | State::RemovalApplied => {
                case.order_revoked_on = Some(revoked_on);
            }
            _ => {
                case.order_revoked_on = Some(revoked_on);
                self.close(case, Closure::OrderRevoked);
            }
        }
        Ok(())
    }

    pub(super) fn expire(&self, case: &mut Case) -> Result<(), Refusal> {
        let (true, Some(listing)) = (case.is_listed(), &case.listing) else {
            return Err(Refusal::State(case.state));
        };
        if self.today <= listing.last_day {
            return Err(Refusal::TooEarly(DueDate {
                date: listing.last_day,
                provisional: false,
            }));
        }
        self.remove(case, Removal::Expired);
        Ok(())
    }

    pub(super) fn publish(&self, case: &mut Case) -> Result<(), Refusal> {
        if case.state != State::Listed {
            return Err(Refusal::State(case.state));
        }
        if case.order_revoked_on.is_some() {
            return Err(Refusal::OrderRevoked);
        }
        case.published_at = Some(whole_seconds(self.step.at));
        case.state = State::Published;
        Ok(())
    }

    pub(super) fn withdraw(&self, case: &mut Case) -> Result<bool, Refusal> {
        let (State::Removed, Some((_, ended_on))) = (case.state, case.removal) else {
            return Err(Refusal::State(case.state));
        };
        case.state = State::Withdrawn;
        Ok(self.today > dates::withdrawal_due(self.rules, self.calendar, ended_on).date)
    }

    pub(super) fn apply_for_removal(&self, case: &mut Case, received_on: NaiveDate) -> Result<(), Refusal> {
        let (State::Listed | State::Published, Some(listing)) = (case.state, &case.listing) else {
            return Err(Refusal::State(case.state));
        };
        self.date("the application", received_on, listing.listed_on, self.today)?;
        case.applied_on = Some(received_on);
        case.state = State::RemovalApplied;
        Ok(())
    }
}

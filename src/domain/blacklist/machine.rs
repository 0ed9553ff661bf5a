//! The steps of the procedure (domain.md B.3): every transition with its guard.

use chrono::NaiveDate;

use super::action::{Action, Decision, Step, Who};
use super::case::{Case, Closure, Listing, Pending, Removal, State, Transition};
use super::dates;
use super::limb::{self, LimbOutcome};
use super::refusal::Refusal;
use crate::domain::authority::{Actor, Role};
use crate::domain::calendar::{Calendar, DueDate};
use crate::domain::dates::{in_china, whole_seconds};
use crate::domain::ruleset::{BlacklistRules, RuleSet};

/// The law and the moment of one step.
struct Scene<'a> {
    rule_set: &'a RuleSet,
    rules: &'a BlacklistRules,
    calendar: &'a Calendar,
    today: NaiveDate,
    step: &'a Step,
}

impl Case {
    /// Takes a step: the case afterwards, or why not.
    ///
    /// # Errors
    /// A [`Refusal`]; this case is then as it was.
    pub fn apply(
        &self,
        action: Action,
        step: &Step,
        rule_set: &RuleSet,
        calendar: &Calendar,
    ) -> Result<Self, Refusal> {
        let rules = rule_set
            .blacklist()
            .ok_or_else(|| Refusal::NoListingRules(rule_set.id().to_owned()))?;
        let today = in_china(step.at);
        let scene = Scene {
            rule_set,
            rules,
            calendar,
            today,
            step,
        };
        scene.is_law_of(self)?;
        let role = scene.may_act(self, &action)?;
        scene.is_documented(&action)?;
        let mut next = self.clone();
        let late = scene.take(&mut next, &action)?;
        let officer = match &step.who {
            Who::Officer(actor) => Some(actor),
            Who::Clock => None,
        };
        next.history.push(Transition {
            action,
            from: self.state,
            to: next.state,
            person: officer.map(|actor| actor.person.clone()),
            role,
            authority: officer.map(|actor| actor.authority.clone()),
            at: whole_seconds(step.at),
            rule_set: rule_set.reference(),
            evidence: step.evidence.clone(),
            reason: step.reason.clone(),
            late,
        });
        Ok(next)
    }
}

impl Scene<'_> {
    fn is_law_of(&self, case: &Case) -> Result<(), Refusal> {
        let name = || format!("{} {}", self.rule_set.id(), self.rule_set.version());
        if !self.rule_set.in_force_on(self.today) {
            return Err(Refusal::NotInForce {
                rule_set: name(),
                on: self.today,
            });
        }
        if !self.rule_set.applies_to(case.division) {
            return Err(Refusal::NotOfThePlace {
                rule_set: name(),
                division: case.division,
            });
        }
        match case.history.last() {
            Some(last) if whole_seconds(self.step.at) < last.at => Err(Refusal::TimeRunsBackwards {
                at: self.step.at,
                last: last.at,
            }),
            _ => Ok(()),
        }
    }

    fn may_act(&self, case: &Case, action: &Action) -> Result<Option<Role>, Refusal> {
        let approval = self.rule_set.approval();
        let Who::Officer(actor) = &self.step.who else {
            let by_time = matches!(action, Action::RecordOverdue {} | Action::Expire {});
            return if by_time {
                Ok(None)
            } else {
                Err(Refusal::NeedsOfficer)
            };
        };
        let roles = match action {
            Action::Propose { .. } | Action::TakeBack {} => &approval.propose,
            Action::Approve {} | Action::TurnDown {} => &approval.approve,
            Action::Publish {} | Action::Withdraw {} => &approval.publish,
            _ => &approval.record,
        };
        let role = actor.may_act(roles, case.division)?;
        match action {
            Action::Approve {} | Action::TurnDown {} => self.second_person(case, actor)?,
            Action::TakeBack {} => {
                let pending = case.pending.as_ref().ok_or(Refusal::NothingPending)?;
                if pending.proposed_by != actor.person {
                    return Err(Refusal::NotTheProposer(pending.proposed_by.clone()));
                }
            }
            _ => {}
        }
        Ok(Some(role))
    }

    fn second_person(&self, case: &Case, actor: &Actor) -> Result<(), Refusal> {
        let pending = case.pending.as_ref().ok_or(Refusal::NothingPending)?;
        if pending.proposed_by == actor.person {
            return Err(Refusal::SamePerson(actor.person.clone()));
        }
        let approval = self.rule_set.approval();
        if approval.high_enough(actor.division) {
            Ok(())
        } else {
            Err(Refusal::Level {
                division: actor.division,
                needs: approval.approve_at,
            })
        }
    }

    fn is_documented(&self, action: &Action) -> Result<(), Refusal> {
        let needs_evidence = matches!(
            action,
            Action::ServePayOrder { .. }
                | Action::RecordPayment { .. }
                | Action::ServeNotice { .. }
                | Action::RecordCorrection { .. }
                | Action::RecordBar { .. }
                | Action::RecordOrderRevoked { .. }
                | Action::Propose {
                    decision: Decision::Restore {}
                }
        );
        let needs_reason = matches!(action, Action::Propose { .. } | Action::TurnDown {});
        if needs_evidence && self.step.evidence.is_empty() {
            Err(Refusal::NoEvidence)
        } else if needs_reason && self.step.reason.trim().is_empty() {
            Err(Refusal::NoReason)
        } else {
            Ok(())
        }
    }

    /// Changes the case; tells whether the law's period for the step had run.
    fn take(&self, case: &mut Case, action: &Action) -> Result<bool, Refusal> {
        match action {
            Action::Approve {} => return self.approve(case),
            Action::TurnDown {} | Action::TakeBack {} => case.pending = None,
            Action::RecordCorrection {
                corrected_on,
                promise,
            } => {
                self.correct(case, *corrected_on, *promise)?;
            }
            Action::RecordBar { bar } => self.bar(case, *bar)?,
            Action::RecordOrderRevoked { revoked_on } => self.order_revoked(case, *revoked_on)?,
            Action::Expire {} => self.expire(case)?,
            _ if case.pending.is_some() => return Err(Refusal::DecisionPending),
            Action::Propose { decision } => self.propose(case, decision)?,
            Action::Publish {} => self.publish(case)?,
            Action::Withdraw {} => return self.withdraw(case),
            Action::ApplyForRemoval { received_on } => self.apply_for_removal(case, *received_on)?,
            _ => self.before_decision(case, action)?,
        }
        Ok(false)
    }

    /// The facts up to the objection.
    fn before_decision(&self, case: &mut Case, action: &Action) -> Result<(), Refusal> {
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

    fn trigger_met(&self, case: &Case) -> Result<(), Refusal> {
        match &case.trigger.as_ref().ok_or(Refusal::NotExamined)?.outcome {
            LimbOutcome::Met {} => Ok(()),
            LimbOutcome::NotMet {} => Err(Refusal::TriggerNotMet),
            LimbOutcome::Undetermined { missing } => Err(Refusal::TriggerUndetermined(missing.clone())),
        }
    }

    fn correct(&self, case: &mut Case, corrected_on: NaiveDate, promise: bool) -> Result<(), Refusal> {
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

    fn bar(&self, case: &mut Case, bar: super::action::Bar) -> Result<(), Refusal> {
        if !case.is_listed() {
            return Err(Refusal::State(case.state));
        }
        if !case.bars.contains(&bar) {
            case.bars.push(bar);
        }
        Ok(())
    }

    fn order_revoked(&self, case: &mut Case, revoked_on: NaiveDate) -> Result<(), Refusal> {
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

    fn expire(&self, case: &mut Case) -> Result<(), Refusal> {
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

    fn publish(&self, case: &mut Case) -> Result<(), Refusal> {
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

    fn withdraw(&self, case: &mut Case) -> Result<bool, Refusal> {
        let (State::Removed, Some((_, ended_on))) = (case.state, case.removal) else {
            return Err(Refusal::State(case.state));
        };
        case.state = State::Withdrawn;
        Ok(self.today > dates::withdrawal_due(self.rules, self.calendar, ended_on).date)
    }

    fn apply_for_removal(&self, case: &mut Case, received_on: NaiveDate) -> Result<(), Refusal> {
        let (State::Listed | State::Published, Some(listing)) = (case.state, &case.listing) else {
            return Err(Refusal::State(case.state));
        };
        self.date("the application", received_on, listing.listed_on, self.today)?;
        case.applied_on = Some(received_on);
        case.state = State::RemovalApplied;
        Ok(())
    }

    fn propose(&self, case: &mut Case, decision: &Decision) -> Result<(), Refusal> {
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
    fn approve(&self, case: &mut Case) -> Result<bool, Refusal> {
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

    fn list(&self, case: &mut Case, persons: Vec<super::action::ResponsiblePerson>, restored: bool) {
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

    fn remove(&self, case: &mut Case, why: Removal) {
        case.removal = Some((why, self.today));
        case.state = State::Removed;
        case.pending = None;
        case.applied_on = None;
    }

    fn close(&self, case: &mut Case, why: Closure) {
        case.closure = Some(why);
        case.state = State::Closed;
        case.pending = None;
    }

    fn date(
        &self,
        what: &'static str,
        found: NaiveDate,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<(), Refusal> {
        if from <= found && found <= to {
            Ok(())
        } else {
            Err(Refusal::Date {
                what,
                found,
                from,
                to,
            })
        }
    }
}

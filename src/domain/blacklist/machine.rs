//! The steps of the procedure (domain.md B.3): every transition with its guard.

mod decide;
mod facts;

use chrono::NaiveDate;

use super::action::{Action, Decision, Step, Who};
use super::case::{Case, Closure, Removal, State, Transition};
use super::refusal::Refusal;
use crate::domain::authority::{Actor, PersonId, Role};
use crate::domain::calendar::Calendar;
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
            // Taking down what has ended is no decision: the registry notes what it did.
            let by_time = matches!(
                action,
                Action::RecordOverdue {} | Action::Expire {} | Action::Withdraw {}
            );
            return if by_time {
                Ok(None)
            } else {
                Err(Refusal::NeedsOfficer)
            };
        };
        let roles = match action {
            Action::Propose { .. } | Action::TakeBack {} => &approval.propose,
            Action::Approve {} | Action::TurnDown {} | Action::Unlist {} => &approval.approve,
            Action::Publish {} | Action::Withdraw {} => &approval.publish,
            _ => &approval.record,
        };
        let role = actor.may_act(roles, case.division)?;
        match action {
            Action::Approve {} | Action::TurnDown {} => {
                let pending = case.pending.as_ref().ok_or(Refusal::NothingPending)?;
                self.second_person(&pending.proposed_by, actor)?;
            }
            Action::Unlist {} => self.second_person(decide::proposer(case)?, actor)?,
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

    fn second_person(&self, proposer: &PersonId, actor: &Actor) -> Result<(), Refusal> {
        if *proposer == actor.person {
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
        let needs_reason = matches!(
            action,
            Action::Propose { .. } | Action::TurnDown {} | Action::Unlist {}
        );
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
            Action::Unlist {} => self.unlist(case)?,
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

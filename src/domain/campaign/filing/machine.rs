//! The steps of a filing, each with its guard.

use chrono::NaiveDate;

use super::{Filing, FilingAction, FilingRefusal, FilingState, FilingStep, FilingTransition, Party};
use crate::domain::authority::Role;
use crate::domain::campaign::{Campaign, Channel};
use crate::domain::dates::{in_china, whole_seconds};
use crate::domain::ruleset::RuleSet;

impl Filing {
    /// Takes a step: the filing afterwards, or why not.
    ///
    /// # Errors
    /// A [`FilingRefusal`]; this filing is then as it was.
    pub fn apply(
        &self,
        action: FilingAction,
        step: &FilingStep,
        campaign: &Campaign,
        rule_set: &RuleSet,
    ) -> Result<Self, FilingRefusal> {
        if self.campaign != campaign.plan().id {
            return Err(FilingRefusal::Campaign(self.campaign.clone()));
        }
        let at = whole_seconds(step.at);
        if let Some(last) = self.history.last()
            && at < last.at
        {
            return Err(FilingRefusal::TimeRunsBackwards { at, last: last.at });
        }
        let role = self.may_act(&action, step, rule_set)?;
        if needs_reason(&action) && step.reason.trim().is_empty() {
            return Err(FilingRefusal::NoReason);
        }
        let (to, due) = self.next(&action, in_china(step.at), campaign)?;
        let officer = match &step.by {
            Party::Officer(actor) => Some(actor),
            Party::Employer(_) | Party::Clock => None,
        };
        let mut next = self.clone();
        next.history.push(FilingTransition {
            action,
            from: self.state,
            to,
            person: officer.map(|actor| actor.person.clone()),
            role,
            authority: officer.map(|actor| actor.authority.clone()),
            at,
            rule_set: rule_set.reference(),
            evidence: step.evidence.clone(),
            reason: step.reason.clone(),
        });
        next.state = to;
        next.due = due;
        Ok(next)
    }

    fn may_act(
        &self,
        action: &FilingAction,
        step: &FilingStep,
        rule_set: &RuleSet,
    ) -> Result<Option<Role>, FilingRefusal> {
        let actor = match &step.by {
            Party::Officer(actor) => actor,
            Party::Employer(key) if *key != self.employer => return Err(FilingRefusal::NotTheEmployer),
            Party::Employer(_) if is_employers(action) => return Ok(None),
            Party::Clock if *action == (FilingAction::CloseWindow {}) => return Ok(None),
            Party::Employer(_) | Party::Clock => return Err(FilingRefusal::NeedsOfficer),
        };
        let approval = rule_set.approval();
        let against = matches!(
            action,
            FilingAction::Fail {} | FilingAction::DeclareNotParticipated {}
        );
        let roles = if against {
            &approval.approve
        } else {
            &approval.record
        };
        let role = actor.may_act(roles, self.division)?;
        let before = self.history.last().and_then(|last| last.person.as_ref());
        if against && before == Some(&actor.person) {
            return Err(FilingRefusal::SamePerson(actor.person.clone()));
        }
        Ok(Some(role))
    }

    fn next(
        &self,
        action: &FilingAction,
        today: NaiveDate,
        campaign: &Campaign,
    ) -> Result<(FilingState, Option<NaiveDate>), FilingRefusal> {
        use FilingAction as Do;
        use FilingState as At;
        let to = match (self.state, action) {
            (At::Notified, Do::Begin {}) => {
                in_window(campaign, today)?;
                At::Draft
            }
            (At::Notified | At::Draft, Do::Submit { channel }) => {
                in_window(campaign, today)?;
                takes(campaign, *channel)?;
                At::Submitted
            }
            (At::Submitted | At::Resubmitted | At::LateFiled, Do::Return {}) => At::Returned,
            (At::Returned, Do::Resubmit {}) => At::Resubmitted,
            (At::Submitted | At::Resubmitted | At::LateFiled, Do::Accept {}) => At::Accepted,
            (At::Notified | At::Draft | At::Returned, Do::CloseWindow {}) => {
                let closes = campaign.plan().closes;
                if today <= closes {
                    return Err(FilingRefusal::TooEarly(closes));
                }
                At::NotFiled
            }
            (At::NotFiled, Do::OrderToFile { by }) => {
                return ordered(At::OrderedToFile, *by, today);
            }
            (At::NotFiled | At::OrderedToFile, Do::FileLate { channel }) => {
                takes(campaign, *channel)?;
                At::LateFiled
            }
            (At::OrderedToFile, Do::DeclareNotParticipated {}) => {
                self.order_has_run(today)?;
                At::NotParticipated
            }
            (At::Accepted, Do::DeskCheck {}) => At::DeskChecked,
            (At::DeskChecked, Do::OrderSiteCheck {}) => At::SiteCheck,
            (At::DeskChecked | At::SiteCheck, Do::Pass {}) => At::Passed,
            (At::DeskChecked | At::SiteCheck, Do::OrderCorrection { by }) => {
                return ordered(At::CorrectionOrdered, *by, today);
            }
            // The employer may be done before the last day.
            (At::CorrectionOrdered, Do::ReCheck {}) => At::ReChecked,
            (At::ReChecked, Do::Pass {}) => At::PassedAfterCorrection,
            (At::ReChecked, Do::Fail {}) => {
                self.order_has_run(today)?;
                At::Failed
            }
            (state, _) => return Err(FilingRefusal::State(state)),
        };
        Ok((to, self.due))
    }

    fn order_has_run(&self, today: NaiveDate) -> Result<(), FilingRefusal> {
        match self.due {
            Some(due) if today <= due => Err(FilingRefusal::TooEarly(due)),
            _ => Ok(()),
        }
    }
}

fn ordered(
    to: FilingState,
    by: NaiveDate,
    today: NaiveDate,
) -> Result<(FilingState, Option<NaiveDate>), FilingRefusal> {
    if by < today {
        Err(FilingRefusal::Deadline { by, today })
    } else {
        Ok((to, Some(by)))
    }
}

fn in_window(campaign: &Campaign, today: NaiveDate) -> Result<(), FilingRefusal> {
    let (opens, closes) = (campaign.plan().opens, campaign.plan().closes);
    if campaign.is_open_on(today) {
        Ok(())
    } else {
        Err(FilingRefusal::Window { opens, closes, today })
    }
}

fn takes(campaign: &Campaign, channel: Channel) -> Result<(), FilingRefusal> {
    if campaign.plan().channels.contains(&channel) {
        Ok(())
    } else {
        Err(FilingRefusal::Channel(channel))
    }
}

const fn is_employers(action: &FilingAction) -> bool {
    matches!(
        action,
        FilingAction::Begin {}
            | FilingAction::Submit { .. }
            | FilingAction::Resubmit {}
            | FilingAction::FileLate { .. }
    )
}

const fn needs_reason(action: &FilingAction) -> bool {
    matches!(
        action,
        FilingAction::Return {}
            | FilingAction::OrderCorrection { .. }
            | FilingAction::Fail {}
            | FilingAction::DeclareNotParticipated {}
    )
}

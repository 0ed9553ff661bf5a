//! A batch: decisions that are proposed, approved and published together.
//!
//! The one who proposed a batch can never approve or reject it, whatever roles are held; nobody acts
//! outside the jurisdiction. What is approved may still be turned down while it was not released: the
//! facts may have moved on since. A batch that began to be published can only be finished.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::authority::{Actor, ActorRefusal, AuthorityId, PersonId, Role};
use super::division::{DivisionCode, Level};
use super::ruleset::{Approval, RuleSetRef};

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Waits for a second person.
    Proposed,
    /// Decided; may be published.
    Approved,
    /// Turned down; the end.
    Rejected,
    /// Records are being signed and logged; a crash here is resumed, never undone.
    Publishing,
    /// Every record is out; the end.
    Published,
}

impl BatchState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Proposed,
        Self::Approved,
        Self::Rejected,
        Self::Publishing,
        Self::Published,
    ];

    /// The name used in storage and interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Publishing => "publishing",
            Self::Published => "published",
        }
    }
}

impl fmt::Display for BatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no state of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a state of a batch")]
pub struct UnknownBatchState(pub String);

impl FromStr for BatchState {
    type Err = UnknownBatchState;
    fn from_str(text: &str) -> Result<Self, UnknownBatchState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownBatchState(text.to_owned()))
    }
}

/// What decides who may do what with a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchMeta {
    /// Where it stands.
    pub state: BatchState,
    /// The authority whose decisions it holds.
    pub authority: AuthorityId,
    /// That authority's division.
    pub division: DivisionCode,
    /// The rule set that the decisions were made under.
    pub rule_set: RuleSetRef,
    /// Who proposed it.
    pub proposed_by: PersonId,
    /// Who approved it; none before.
    pub approved_by: Option<PersonId>,
}

/// Why a step on a batch was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BatchRefusal {
    /// The role or the jurisdiction is missing.
    #[error(transparent)]
    Actor(#[from] ActorRefusal),
    /// The proposer tried to decide.
    #[error("{0} proposed this batch and cannot also decide it; a second person must")]
    SamePerson(PersonId),
    /// The authority stands too low for this decision.
    #[error("{authority} in {division} stands below the level that may decide this batch: {needs:?}")]
    Level {
        /// The authority acted for.
        authority: AuthorityId,
        /// Its division.
        division: DivisionCode,
        /// The lowest level that may.
        needs: Level,
    },
    /// The batch does not stand where the step begins.
    #[error("a batch that is {found} cannot be {step}")]
    State {
        /// Where it stands.
        found: BatchState,
        /// What was tried.
        step: &'static str,
    },
    /// A decision must say why.
    #[error("turning a batch down needs a reason")]
    NoReason,
    /// It is marked approved, yet by nobody or by its proposer.
    #[error("the batch is marked approved, but no second person approved it; it cannot be published")]
    NotApprovedByAnother,
}

/// Proposes a batch.
///
/// # Errors
/// [`BatchRefusal::Actor`].
pub fn propose(
    actor: &Actor,
    division: DivisionCode,
    rule_set: RuleSetRef,
    approval: &Approval,
) -> Result<BatchMeta, BatchRefusal> {
    actor.may_act(&approval.propose, division)?;
    Ok(BatchMeta {
        state: BatchState::Proposed,
        authority: actor.authority.clone(),
        division,
        rule_set,
        proposed_by: actor.person.clone(),
        approved_by: None,
    })
}

/// Approves a proposed batch.
///
/// # Errors
/// [`BatchRefusal::State`], [`BatchRefusal::Actor`], [`BatchRefusal::Level`] or
/// [`BatchRefusal::SamePerson`].
pub fn approve(batch: &BatchMeta, actor: &Actor, approval: &Approval) -> Result<BatchMeta, BatchRefusal> {
    may_decide(batch, actor, approval, &[BatchState::Proposed], "approved")?;
    Ok(BatchMeta {
        state: BatchState::Approved,
        approved_by: Some(actor.person.clone()),
        ..batch.clone()
    })
}

/// Turns a batch down: a proposed one, or an approved one of which nothing was released.
///
/// # Errors
/// As [`approve`], and [`BatchRefusal::NoReason`] for a blank reason.
pub fn reject(
    batch: &BatchMeta,
    actor: &Actor,
    approval: &Approval,
    reason: &str,
) -> Result<BatchMeta, BatchRefusal> {
    may_reject(batch, actor, approval)?;
    if reason.trim().is_empty() {
        return Err(BatchRefusal::NoReason);
    }
    Ok(BatchMeta {
        state: BatchState::Rejected,
        ..batch.clone()
    })
}

/// Whether somebody may turn a batch down, with a reason.
///
/// # Errors
/// As [`approve`].
pub fn may_reject(batch: &BatchMeta, actor: &Actor, approval: &Approval) -> Result<(), BatchRefusal> {
    let open = [BatchState::Proposed, BatchState::Approved];
    may_decide(batch, actor, approval, &open, "rejected").map(drop)
}

/// Begins the publication of an approved batch, or takes up one that was interrupted.
///
/// # Errors
/// [`BatchRefusal::State`], [`BatchRefusal::Actor`] or [`BatchRefusal::NotApprovedByAnother`].
pub fn begin_publishing(
    batch: &BatchMeta,
    actor: &Actor,
    approval: &Approval,
) -> Result<BatchMeta, BatchRefusal> {
    stands(
        batch,
        &[BatchState::Approved, BatchState::Publishing],
        "published",
    )?;
    actor.may_act(&approval.publish, batch.division)?;
    two_persons(batch)?;
    Ok(BatchMeta {
        state: BatchState::Publishing,
        ..batch.clone()
    })
}

/// Marks a batch whose every record is out. The publication story calls it; no officer does.
///
/// # Errors
/// [`BatchRefusal::State`] or [`BatchRefusal::NotApprovedByAnother`].
pub fn finish_publishing(batch: &BatchMeta) -> Result<BatchMeta, BatchRefusal> {
    stands(batch, &[BatchState::Publishing], "finished")?;
    two_persons(batch)?;
    Ok(BatchMeta {
        state: BatchState::Published,
        ..batch.clone()
    })
}

fn may_decide(
    batch: &BatchMeta,
    actor: &Actor,
    approval: &Approval,
    states: &[BatchState],
    step: &'static str,
) -> Result<Role, BatchRefusal> {
    stands(batch, states, step)?;
    let role = actor.may_act(&approval.approve, batch.division)?;
    if !approval.high_enough(actor.division) {
        return Err(BatchRefusal::Level {
            authority: actor.authority.clone(),
            division: actor.division,
            needs: approval.approve_at,
        });
    }
    if actor.person == batch.proposed_by {
        return Err(BatchRefusal::SamePerson(actor.person.clone()));
    }
    Ok(role)
}

fn stands(batch: &BatchMeta, states: &[BatchState], step: &'static str) -> Result<(), BatchRefusal> {
    if states.contains(&batch.state) {
        Ok(())
    } else {
        Err(BatchRefusal::State {
            found: batch.state,
            step,
        })
    }
}

/// Two persons stand behind a batch: a stored one is not trusted to have come here by [`approve`].
///
/// # Errors
/// [`BatchRefusal::NotApprovedByAnother`].
pub fn two_persons(batch: &BatchMeta) -> Result<(), BatchRefusal> {
    match &batch.approved_by {
        Some(second) if *second != batch.proposed_by => Ok(()),
        _ => Err(BatchRefusal::NotApprovedByAnother),
    }
}

#[cfg(test)]
mod tests;

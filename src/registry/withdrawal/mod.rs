//! Withdrawals: a published record leaves every surface, its revocation bit is set, the log says that it was
//! erased, and the archive keeps a sealed copy. One person proposes, another approves (both as any batch);
//! a term that has run needs neither ([`expire`]). What may be done is said by `domain::withdrawal`.
//!
//! It refuses to decide about the listing itself: early removal and revocation are steps of the case, taken
//! with the batch's own.

mod expire;
mod open;
mod release;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::authority::Actor;
use crate::domain::batch::BatchRefusal;
use crate::domain::blacklist::{self as law, Action, State};
use crate::domain::ruleset::RuleSet;
use crate::domain::withdrawal::{Cause, WithdrawalRefusal};
use crate::record::credential::{self, Subject};
use crate::store::batch::{self, BatchRow};
use crate::store::employer::EmployerRow;
use crate::store::log::body::{self, Body};
use crate::store::log::{checkpoint, erasure};
use crate::store::{Conn, authority, employer};

use super::Registry;
use super::batch::{self as batches, BatchError, Heading, Proposed};
use super::blacklist::{self, Grounds};
use super::change;
use super::decision::{DecidedBy, Decision, Named, WithdrawalDecision};

pub use expire::expire;
pub use open::{Open, Stage, open};
pub(super) use release::{check, decide_cases, publish, settle};

/// The kind of batch that withdraws.
pub const KIND: &str = "record-withdrawal";

/// A withdrawal to propose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'w> {
    /// The record.
    pub record: Uuid,
    /// Why display ends.
    pub cause: Cause,
    /// The reason, for the authority's own file.
    pub reason: &'w str,
    /// Number of the decision.
    pub document_number: &'w str,
    /// The day on which the ground arose, Asia/Shanghai; today if none is given.
    pub ended_on: Option<NaiveDate>,
}

/// Proposes the withdrawal of a published record; the batch's id.
///
/// # Errors
/// [`BatchError::Withdrawal`] with the rule's reason, [`BatchError::Case`] where the listing's own law
/// refuses, [`BatchError::Already`] while a change or another withdrawal of the record is under way,
/// [`BatchError::Refused`] outside role and jurisdiction.
pub fn propose(registry: &Registry, actor: &Actor, wanted: Wanted<'_>) -> Result<String, BatchError> {
    let mut conn = registry.store.conn()?;
    let row = published(&mut conn, wanted.record)?;
    let record = credential::read(&row.bytes).map_err(|error| change::unreadable(&row, &error))?;
    let facts = record.facts().map_err(|error| change::unreadable(&row, &error))?;
    if matches!(facts, Subject::RuleSet(_) | Subject::Withdrawal(_)) {
        return Err(WithdrawalRefusal::NotARecord.into());
    }
    let (rule_set, division) = change::decided_under(&row, &facts)?;
    actor
        .may_act(&rule_set.approval().propose, division)
        .map_err(BatchRefusal::from)?;
    let today = registry.clock.today();
    let ended_on = wanted.ended_on.unwrap_or(today);
    sound(&wanted, ended_on, today)?;
    let case = case_of(&mut conn, &row)?;
    let step = case_step(wanted.cause);
    if step.is_some() && case.is_none() {
        return Err(WithdrawalRefusal::NotAListing.into());
    }
    let whom = row.employer_id.map(|id| employer::find(&mut conn, id));
    let whom: EmployerRow = whom
        .transpose()?
        .flatten()
        .ok_or_else(|| BatchError::NoRecord(wanted.record.to_string()))?;
    change::none_under_way(&mut conn, whom.id, &row, None)?;
    let decider = authority::find(&mut conn, actor.authority.as_str())?
        .ok_or_else(|| BatchError::NotAnOfficer("its authority does not exist".into()))?;
    let decision = WithdrawalDecision {
        employer: Named::from(&whom),
        record: change::reference(&row)?,
        cause: wanted.cause,
        reason: change::tidied(wanted.reason),
        document_number: change::tidied(wanted.document_number),
        decided_by: DecidedBy {
            name: decider.name,
            division: decider.division,
        },
        rule_set: rule_set.reference(),
        ended_on,
        case: case.clone(),
    };
    drop(conn);
    let heading = Heading {
        kind: KIND,
        title: format!("{}：{}", decision.cause.zh(), decision.employer.name),
    };
    let now = registry.clock.now();
    batches::propose(registry, actor, &heading, rule_set, |conn| {
        change::hold(conn, whom.id, &row)?;
        if let (Some(step), Some(case)) = (step, &case) {
            propose_in_case(conn, actor, case, rule_set, step, now, &decision.reason)?;
        }
        Ok(vec![Proposed {
            employer_id: whom.id,
            decision: Decision::Withdrawal(Box::new(decision)),
            trace: "null".to_owned(),
        }])
    })
}

/// The record, as readers see it.
fn published(conn: &mut Conn, id: Uuid) -> Result<Body, BatchError> {
    let served = checkpoint::served_size(conn)?;
    if let Some(row) = body::by_record_id(conn, id.as_bytes(), served)? {
        return Ok(row);
    }
    Err(match erasure::by_record_id(conn, id.as_bytes())? {
        Some(_) => WithdrawalRefusal::Gone.into(),
        None => BatchError::NoRecord(id.to_string()),
    })
}

fn sound(wanted: &Wanted<'_>, ended_on: NaiveDate, today: NaiveDate) -> Result<(), WithdrawalRefusal> {
    if !wanted.cause.is_decided() {
        Err(WithdrawalRefusal::ByTime)
    } else if wanted.reason.trim().is_empty() {
        Err(WithdrawalRefusal::NoReason)
    } else if wanted.document_number.trim().is_empty() {
        Err(WithdrawalRefusal::NoDocument)
    } else if ended_on > today {
        Err(WithdrawalRefusal::Future(ended_on))
    } else {
        Ok(())
    }
}

/// The case's own decision that ends a listing on this ground.
fn case_step(cause: Cause) -> Option<law::Decision> {
    match cause {
        Cause::EarlyRemoval => Some(law::Decision::GrantRemoval {}),
        Cause::OrderRevoked => Some(law::Decision::Revoke {}),
        Cause::Expiry | Cause::Correction | Cause::Court => None,
    }
}

/// Proposes the decision in the case, unless it is proposed or taken there already.
fn propose_in_case(
    conn: &mut Conn,
    actor: &Actor,
    id: &str,
    rule_set: &RuleSet,
    decision: law::Decision,
    now: DateTime<Utc>,
    reason: &str,
) -> Result<(), BatchError> {
    let case = blacklist::read(conn, id)?;
    let waits = case
        .pending()
        .is_some_and(|pending| pending.decision == decision && pending.proposed_by == actor.person);
    if waits || case.state() == State::Removed {
        return Ok(());
    }
    let action = Action::Propose { decision };
    blacklist::step_with(conn, actor, id, rule_set, action, now, Grounds::reason(reason))?;
    Ok(())
}

/// The listing procedure that a record came of: its batch may hold more than one about the employer, and
/// they differ by the number of the decision.
fn case_of(conn: &mut Conn, row: &Body) -> Result<Option<String>, BatchError> {
    let Some(employer) = row.employer_id else {
        return Ok(None);
    };
    let record = credential::read(&row.bytes).map_err(|error| change::unreadable(row, &error))?;
    let facts = record.facts().map_err(|error| change::unreadable(row, &error))?;
    let Subject::Blacklist(facts) = facts else {
        return Ok(None);
    };
    for (of, item) in batch::items_about(conn, employer, blacklist::KIND)? {
        if let Decision::Listing(listing) = stored(&item.decision)?
            // One that was replayed from a mirror does not say which batch it came with.
            && row.batch_id.as_deref().is_none_or(|batch| batch == of.id)
            && listing.document_number == facts.document_number
        {
            return Ok(Some(listing.case));
        }
    }
    Ok(None)
}

fn stored(decision: &str) -> Result<Decision, BatchError> {
    serde_json::from_str(decision).map_err(|error| BatchError::Stored(error.to_string()))
}

/// Whether a batch is neither turned down nor out.
fn is_open(row: &BatchRow) -> bool {
    !matches!(row.state.as_str(), "rejected" | "published")
}

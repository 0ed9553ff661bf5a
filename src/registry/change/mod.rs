//! Changes of published records: corrected, downgraded, suspended, restored. One person proposes, another
//! approves (both as any batch), and the release brings out the new record and the old one's bit together.
//! What may be done at all is said by `domain::change`; no grade is chosen here, all come from
//! `domain::grade` on the evidence of the day.

mod cause;
mod held;
mod logged;
mod release;
mod under_way;
mod waiting;

use uuid::Uuid;

use crate::domain::authority::Actor;
use crate::domain::batch::BatchRefusal;
use crate::domain::change::{ChangeKind, ChangeRefusal, Status};
use crate::domain::division::DivisionCode;
use crate::domain::grade::{self, Assessment, Grade};
use crate::domain::ruleset::{RuleSet, builtin};
use crate::record::credential::{self, Credential, EmployerId, GradeFacts, Subject};
use crate::record::digest::Digest;
use crate::record::status::Change;
use crate::store::employer::EmployerRow;
use crate::store::log::body::{self, Body};
use crate::store::log::{change, checkpoint};
use crate::store::{Conn, StoreError, StoreResult, authority, employer, evidence};

use super::Registry;
use super::batch::{self as batches, BatchError, Heading, Proposed};
use super::clock::date_in_shanghai;
use super::decision::{ChangeDecision, DecidedBy, Decision, GradeDecision, Named, RecordRef};

pub(super) use cause::Causes;
pub(super) use held::settle_replayed;
pub use held::{Held, HeldError, SETTLE, held, settle};
pub(super) use release::{check, publish};
pub(super) use under_way::{hold, none_under_way, tidied};
pub use waiting::publish_due;
pub(in crate::registry) use waiting::{days_end, is_record_of};

/// The kind of batch that changes published records.
pub const KIND: &str = "record-change";

/// A change to propose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'w> {
    /// The record.
    pub record: Uuid,
    /// What is to be decided.
    pub kind: ChangeKind,
    /// Why, in words that the record's readers may see.
    pub reason: &'w str,
    /// Number of the decision.
    pub document_number: &'w str,
}

/// What was decided about a record's status, shown already or not.
///
/// # Errors
/// [`StoreError`].
pub fn status(conn: &mut Conn, record_index: i64) -> StoreResult<Status> {
    status_but(conn, record_index, "")
}

/// Whether a logged list shows a record as revoked: a change that only waits may be one that nobody decided.
///
/// # Errors
/// [`StoreError`].
pub(in crate::registry) fn is_shown_revoked(conn: &mut Conn, record_index: i64) -> StoreResult<bool> {
    for row in change::of_record(conn, record_index)? {
        if row.version_index.is_some() && row.change()?.to == Change::Revoke {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What was decided, but for what rests on `cause`.
fn status_but(conn: &mut Conn, record_index: i64, cause: &str) -> StoreResult<Status> {
    let mut status = Status::default();
    for row in change::of_record(conn, record_index)? {
        if row.cause == cause {
            continue;
        }
        match row.change()?.to {
            Change::Revoke => status.revoked = true,
            Change::Replace => status.replaced = true,
            Change::Suspend => status.suspended = true,
            Change::Restore => status.suspended = false,
        }
    }
    Ok(status)
}

/// Whether an officer may propose changes of a record at all, by role and jurisdiction.
///
/// # Errors
/// [`BatchError::Refused`] where not; others for a body that is no record which is changed here.
pub fn may_propose(actor: &Actor, row: &Body) -> Result<(), BatchError> {
    let record = credential::read(&row.bytes).map_err(|error| unreadable(row, &error))?;
    let facts = record.facts().map_err(|error| unreadable(row, &error))?;
    let (rule_set, division) = decided_under(row, &facts)?;
    actor
        .may_act(&rule_set.approval().propose, division)
        .map_err(BatchRefusal::from)?;
    Ok(())
}

/// Proposes a change of a published record; the batch's id.
///
/// # Errors
/// [`BatchError::Change`] with the rule's reason, [`BatchError::Already`] while another change of the
/// record is under way, [`BatchError::Refused`] outside role and jurisdiction.
pub fn propose(registry: &Registry, actor: &Actor, wanted: Wanted<'_>) -> Result<String, BatchError> {
    let (reason, number) = (tidied(wanted.reason), tidied(wanted.document_number));
    let mut conn = registry.store.conn()?;
    let unknown = || BatchError::NoRecord(wanted.record.to_string());
    let served = checkpoint::served_size(&mut conn)?;
    let row = body::by_record_id(&mut conn, wanted.record.as_bytes(), served)?.ok_or_else(unknown)?;
    let record = credential::read(&row.bytes).map_err(|error| unreadable(&row, &error))?;
    let facts = record.facts().map_err(|error| unreadable(&row, &error))?;
    let (rule_set, division) = decided_under(&row, &facts)?;
    actor
        .may_act(&rule_set.approval().propose, division)
        .map_err(BatchRefusal::from)?;
    if reason.is_empty() {
        return Err(ChangeRefusal::NoReason.into());
    }
    if number.is_empty() {
        return Err(ChangeRefusal::NoDocument.into());
    }
    // What cannot be signed must not be decided: an approved batch that cannot go out has no exit.
    if !credential::is_public_text(&reason) || !credential::is_public_text(&number) {
        return Err(ChangeRefusal::Unfit.into());
    }
    let ended = record
        .valid_until
        .is_some_and(|until| until < registry.clock.now());
    if ended {
        return Err(ChangeRefusal::Expired.into());
    }
    wanted.kind.may(status(&mut conn, row.log_index)?)?;
    let whom = row.employer_id.map(|id| employer::find(&mut conn, id));
    let whom = whom.transpose()?.flatten().ok_or_else(unknown)?;
    none_under_way(&mut conn, whom.id, &row, None)?;
    let decider = authority::find(&mut conn, actor.authority.as_str())?
        .ok_or_else(|| BatchError::NotAnOfficer("its authority does not exist".into()))?;
    let frame = ChangeDecision {
        employer: Named::from(&whom),
        change: wanted.kind,
        record: reference(&row)?,
        reason,
        document_number: number,
        decided_by: DecidedBy {
            name: decider.name,
            division: decider.division,
        },
        rule_set: rule_set.reference(),
        replacement: None,
    };
    let (decision, trace) = if wanted.kind.supersedes() {
        let Subject::Grade(published) = &facts else {
            return Err(ChangeRefusal::NotAGrade.into());
        };
        let old = Published {
            rule_set,
            record: &record,
            facts: published,
        };
        let (new, computed) = regrade(&mut conn, &old, &whom, &frame)?;
        let trace =
            serde_json::to_string(&computed).map_err(|error| BatchError::Stored(error.to_string()))?;
        let replacement = Some(new);
        (ChangeDecision { replacement, ..frame }, trace)
    } else {
        (frame, "null".to_owned())
    };
    drop(conn);
    let heading = Heading {
        kind: KIND,
        title: title(&decision),
    };
    let proposed = Proposed {
        employer_id: whom.id,
        decision: Decision::Change(Box::new(decision)),
        trace,
    };
    batches::propose(registry, actor, &heading, rule_set, |conn| {
        hold(conn, whom.id, &row)?;
        Ok(vec![proposed])
    })
}

pub(super) fn unreadable(row: &Body, why: &dyn std::fmt::Display) -> BatchError {
    StoreError::corrupt(format!("body {}", row.log_index), why).into()
}

fn title(decision: &ChangeDecision) -> String {
    let what = match decision.record.year {
        Some(year) => format!("{year}年度诚信等级"),
        None => "失信名单记录".to_owned(),
    };
    format!("{}：{}{what}", decision.change.zh(), decision.employer.name)
}

pub(super) fn reference(row: &Body) -> Result<RecordRef, BatchError> {
    let lacks = |what: &'static str| move || unreadable(row, &what);
    let id = row.record_id.as_deref().and_then(|id| Uuid::from_slice(id).ok());
    Ok(RecordRef {
        id: id.ok_or_else(lacks("its id"))?.to_string(),
        digest: Digest::of(&row.bytes).hex(),
        log_index: row.log_index,
        kind: row.record_type.clone().ok_or_else(lacks("its type"))?,
        outcome: row.outcome.clone().ok_or_else(lacks("its outcome"))?,
        year: row.year,
        audience: row.audience.clone(),
    })
}

/// The rule set of the published decision, and the division of whoever decided it: only that authority
/// or one above changes it.
pub(super) fn decided_under(
    row: &Body,
    facts: &Subject<'_>,
) -> Result<(&'static RuleSet, DivisionCode), BatchError> {
    let (rules, by) = match facts {
        Subject::Grade(facts) => (&facts.rule_set, &facts.decided_by),
        Subject::Blacklist(facts) => (&facts.rule_set, &facts.decided_by),
        Subject::RuleSet(_) | Subject::Withdrawal(_) => return Err(ChangeRefusal::NotAGrade.into()),
    };
    let rule_set = builtin::find(&rules.id, &rules.version).ok_or_else(|| {
        let why = format!(
            "this program does not have its rule set {} {}",
            rules.id, rules.version
        );
        unreadable(row, &why)
    })?;
    let division = by
        .division
        .parse()
        .map_err(|_| unreadable(row, &"its division"))?;
    Ok((rule_set, division))
}

/// A published grade.
struct Published<'p> {
    rule_set: &'static RuleSet,
    record: &'p Credential<'p>,
    facts: &'p GradeFacts<'p>,
}

/// The grade of the same year on the register and the evidence of today.
fn regrade(
    conn: &mut Conn,
    old: &Published<'_>,
    whom: &EmployerRow,
    frame: &ChangeDecision,
) -> Result<(GradeDecision, Assessment), BatchError> {
    let year = i32::from(old.facts.year);
    let stored = |why: String| BatchError::Stored(why);
    let computed = grade::assess(old.rule_set, year, &evidence::of_employer(conn, whom.id)?)
        .map_err(|error| stored(format!("evidence about {}: {error}", whom.name)))?;
    let published: Grade = old
        .facts
        .grade
        .parse()
        .map_err(|error: grade::UnknownGrade| stored(error.to_string()))?;
    frame.change.regrade(published, computed.grade)?;
    let rules = old
        .rule_set
        .integrity()
        .ok_or_else(|| stored(format!("rule set {} has no rules for grades", old.rule_set.id())))?;
    let last_day = old.record.valid_until.map(date_in_shanghai);
    let new = GradeDecision {
        employer: frame.employer.clone(),
        year: old.facts.year,
        grade: computed.grade.as_str().to_owned(),
        basis: computed.basis.clone(),
        document_number: frame.document_number.clone(),
        decided_by: frame.decided_by.clone(),
        rule_set: computed.rule_set.clone(),
        // It stands as long as the one in whose place it comes: the year ends for all on one day.
        valid_until: last_day.unwrap_or_else(|| rules.valid_until(year, old.facts.decided_on)),
        audience: rules.audience(computed.grade).as_str().to_owned(),
    };
    if same(old.facts, &new) {
        return Err(ChangeRefusal::Unchanged.into());
    }
    Ok((new, computed))
}

/// Whether a new decision says what the published record says, apart from its number.
fn same(old: &GradeFacts<'_>, new: &GradeDecision) -> bool {
    let key = match &old.employer.id {
        EmployerId::UnifiedCode(code) => new.employer.code.as_deref() == Some(&**code),
        EmployerId::RegistrationNumber(number) => {
            new.employer.code.is_none() && new.employer.registration.as_deref() == Some(&**number)
        }
    };
    key && old.employer.name == new.employer.name
        && old.employer.division == new.employer.division
        && old.grade == new.grade
        && old.basis.iter().eq(new.basis.iter())
}

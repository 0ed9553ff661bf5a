//! The release of withdrawals: checked again as everything that is signed, then out in one chunk.

use chrono::{DateTime, Utc};

use crate::domain::authority::Actor;
use crate::domain::blacklist::{Action, Case, Removal, State};
use crate::domain::calendar::Calendar;
use crate::domain::ruleset::RuleSet;
use crate::domain::withdrawal::{self as law, Cause};
use crate::record::credential::{self, StatusPointer};
use crate::store::batch::{BatchRow, ItemRow};
use crate::store::blacklist::CaseRow;
use crate::store::log::body::{self, Body};
use crate::store::log::erasure;
use crate::store::{Conn, batch};

use super::{KIND, case_of, case_step, stored};
use crate::registry::Registry;
use crate::registry::batch::{self as batches, BatchError};
use crate::registry::blacklist::{self, Grounds};
use crate::registry::change;
use crate::registry::decision::Decision;
use crate::registry::publish::{CHUNK, Deciding, PublishError, Publisher, Source, Withdrawn};
use crate::registry::release::{Approved, differs, named_record, parse};

/// Takes or turns down, with the batch, what was proposed in the cases.
pub(in crate::registry) fn decide_cases(
    conn: &mut Conn,
    row: &BatchRow,
    actor: &Actor,
    now: DateTime<Utc>,
    approved: bool,
    reason: &str,
) -> Result<(), BatchError> {
    if row.kind != KIND {
        return Ok(());
    }
    let rule_set = batches::rule_set(row)?;
    for item in batch::items(conn, &row.id, 0, row.size)? {
        let Decision::Withdrawal(decided) = stored(&item.decision)? else {
            continue;
        };
        let (Some(id), Some(wanted)) = (&decided.case, case_step(decided.cause)) else {
            continue;
        };
        let case = blacklist::read(conn, id)?;
        if case.pending().is_none_or(|pending| pending.decision != wanted) {
            continue;
        }
        let action = if approved {
            Action::Approve {}
        } else {
            Action::TurnDown {}
        };
        let words = if reason.trim().is_empty() {
            &decided.reason
        } else {
            reason
        };
        let grounds = Grounds::reason(words);
        blacklist::step_with(conn, actor, id, rule_set, action, now, grounds)?;
    }
    Ok(())
}

/// A withdrawal may be published only while the record is there as it was shown, nothing else happens to
/// it, and the case has ended where the ground is the case's.
pub(in crate::registry) fn check(
    conn: &mut Conn,
    row: &BatchRow,
    items: &[ItemRow],
) -> Result<(), PublishError> {
    if row.kind != KIND {
        return Ok(());
    }
    for item in items {
        let Decision::Withdrawal(decided) = parse(row, item)? else {
            return Err(differs(row, "it holds something else than withdrawals"));
        };
        let wrong = |error: BatchError| differs(row, &error.to_string());
        let body = named_record(conn, row, &decided.record)?;
        change::none_under_way(conn, item.employer_id, &body, Some(&row.id)).map_err(wrong)?;
        if let (Some(id), Some(_)) = (&decided.case, case_step(decided.cause)) {
            let case = blacklist::read(conn, id).map_err(|error| wrong(error.into()))?;
            let wanted = match decided.cause {
                Cause::EarlyRemoval => Removal::Early,
                _ => Removal::Revoked,
            };
            if case.state() != State::Removed || case.removal().map(|(why, _)| why) != Some(wanted) {
                return Err(differs(row, &format!("case {id} has not ended as decided")));
            }
        }
    }
    Ok(())
}

/// Publishes an approved batch of withdrawals.
pub(in crate::registry) fn publish(
    registry: &Registry,
    publisher: &mut Publisher<'_>,
    approved: &mut Approved,
) -> Result<(), PublishError> {
    let size = approved.row().size;
    if usize::try_from(size).map_or(true, |size| size > CHUNK / 4) {
        return Err(PublishError::TooLarge);
    }
    // A writer that died after storing it left the rest to `Publisher::open`, which finished it.
    if publisher.has_begun(&approved.row().id)? {
        return Ok(());
    }
    let rule_set =
        batches::rule_set(approved.row()).map_err(|error| differs(approved.row(), &error.to_string()))?;
    let mut withdrawn = Vec::new();
    for (_, decision) in approved.decisions(0, size)? {
        let (conn, row, _) = approved.parts();
        let Decision::Withdrawal(decided) = decision else {
            return Err(differs(row, "it holds something else than withdrawals"));
        };
        let body = named_record(conn, row, &decided.record)?;
        let ended_on = decided.ended_on;
        withdrawn.push(Withdrawn {
            status: pointer(&body).map_err(|error| differs(row, &error.to_string()))?,
            revoked: change::is_shown_revoked(conn, body.log_index)?,
            case: decided.case,
            cause: decided.cause,
            ended_on,
            due_on: law::due(rule_set, Calendar::standard(), ended_on).date,
            body,
        });
    }
    let digest = approved.digest();
    let id = approved.row().id.clone();
    let deciding = Deciding {
        id: &id,
        size: u64::try_from(size).unwrap_or(0),
        digest,
    };
    publisher.publish_withdrawals(Some(deciding), &withdrawn)?;
    tracing::info!(batch = %id, at = %registry.clock.now(), "records were withdrawn");
    Ok(())
}

/// Where a record's status bits are.
pub(super) fn pointer(body: &Body) -> Result<StatusPointer, BatchError> {
    let record = credential::read(&body.bytes).map_err(|error| change::unreadable(body, &error))?;
    record
        .status
        .ok_or_else(|| change::unreadable(body, &"it has no status"))
}

/// The records of a case that are still shown.
pub(super) fn shown(conn: &mut Conn, employer: i64, case: &str) -> Result<Vec<Body>, BatchError> {
    let mut found = Vec::new();
    for row in body::of_employer(conn, employer, i64::MAX)? {
        if case_of(conn, &row)?.as_deref() == Some(case) {
            found.push(row);
        }
    }
    Ok(found)
}

/// The rule set under which a case last moved.
pub(super) fn rule_set(case: &Case) -> Result<&'static RuleSet, BatchError> {
    let last = case.history().last().map(|step| &step.rule_set);
    last.and_then(|named| crate::domain::ruleset::builtin::find(&named.id, &named.version))
        .ok_or_else(|| BatchError::Stored(format!("case {}: its rule set", case.id().as_str())))
}

/// Notes on every ended case whose record is gone that it was taken down. Safe to repeat: a writer that
/// died between the two left it undone.
pub(in crate::registry) fn settle(registry: &Registry) -> Result<(), BatchError> {
    let mut conn = registry.store.conn()?;
    for row in crate::store::blacklist::in_state(&mut conn, "removed")? {
        // A case that cannot be read is for an officer; it must not keep others from being published.
        if let Err(error) = settle_case(registry, &mut conn, &row) {
            tracing::error!(case = %row.id, %error, "ALARM: a withdrawn listing's case was not marked");
        }
    }
    Ok(())
}

fn settle_case(registry: &Registry, conn: &mut Conn, row: &CaseRow) -> Result<(), BatchError> {
    let erased = !erasure::of_case(conn, &row.id)?.is_empty();
    if erased && shown(conn, row.employer_id, &row.id)?.is_empty() {
        let case = blacklist::read(conn, &row.id)?;
        blacklist::take_by_clock(registry, &row.id, rule_set(&case)?, Action::Withdraw {})?;
    }
    Ok(())
}

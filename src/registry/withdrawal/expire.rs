//! What time alone ends: listings whose term has run. No person decides, for there is nothing to weigh and
//! nobody is burdened (Order 45 Art 17, NDRC Order 36: display stops by itself after the term).
//!
//! That the term has run is said by the signed record, never by the case's row alone.

use crate::domain::blacklist::{Action, Case, Removal};
use crate::domain::calendar::Calendar;
use crate::domain::withdrawal::{Cause, due};
use crate::store::log::body::Body;
use crate::store::{Conn, blacklist as cases};

use super::release::{pointer, rule_set, settle, shown};
use crate::registry::Registry;
use crate::registry::batch::BatchError;
use crate::registry::publish::{CHUNK, PublishError, Publisher, Stops, Withdrawn, has_ended};
use crate::registry::{blacklist, change, witness};

/// Ends every listing whose last day is over and withdraws its record; how many records. What was ended
/// and not withdrawn by a run that died is withdrawn by the next.
///
/// # Errors
/// [`BatchError`]; what is not out waits for the next run.
pub fn expire(registry: &Registry, stops: &dyn Stops) -> Result<usize, BatchError> {
    end_terms(registry)?;
    if expired(registry)?.is_empty() {
        settle(registry)?;
        return Ok(0);
    }
    let mut publisher = Publisher::open(registry, stops)?;
    // Read only now: opening finished what another run had stored.
    let withdrawn = expired(registry)?;
    if !withdrawn.is_empty() {
        publisher.publish_withdrawals(None, &withdrawn)?;
    }
    drop(publisher);
    witness::after_publishing(registry).map_err(PublishError::from)?;
    settle(registry)?;
    Ok(withdrawn.len())
}

fn end_terms(registry: &Registry) -> Result<(), BatchError> {
    let today = registry.clock.today();
    let mut conn = registry.store.conn()?;
    for state in ["published", "removal_applied"] {
        for row in cases::in_state(&mut conn, state)? {
            let case = blacklist::read(&mut conn, &row.id)?;
            let over = case.listing().is_some_and(|listing| listing.last_day < today);
            if !over || !agrees(registry, &row.id, &shown(&mut conn, row.employer_id, &row.id)?) {
                continue;
            }
            // One case that cannot end must not keep the others listed.
            if let Err(error) =
                blacklist::take_by_clock(registry, &row.id, rule_set(&case)?, Action::Expire {})
            {
                tracing::error!(case = %row.id, %error, "a listing whose term has run was not ended");
            }
        }
    }
    Ok(())
}

/// Whether the records of a case say themselves that its term has run. One whose row says otherwise than
/// what was signed is left alone: two persons must look at it.
fn agrees(registry: &Registry, case: &str, shown: &[Body]) -> bool {
    let now = registry.clock.now();
    let wrong = shown.iter().find(|body| !has_ended(body, now));
    if let Some(body) = wrong {
        let index = body.log_index;
        tracing::error!(%case, index, "ALARM: a case says that its term has run, its signed record says that it has not");
    }
    wrong.is_none()
}

/// Records of listings whose term has run and that are still shown, a chunk at most.
fn expired(registry: &Registry) -> Result<Vec<Withdrawn>, BatchError> {
    let conn = &mut *registry.store.conn()?;
    let mut found = Vec::new();
    for row in cases::in_state(conn, "removed")? {
        let case = blacklist::read(conn, &row.id)?;
        let Some((Removal::Expired, _)) = case.removal() else {
            continue;
        };
        let withdrawn = of_case(conn, row.employer_id, &case)?;
        if withdrawn
            .iter()
            .all(|one| agrees(registry, &row.id, std::slice::from_ref(&one.body)))
        {
            found.extend(withdrawn);
        }
    }
    found.truncate(CHUNK / 4);
    Ok(found)
}

fn of_case(conn: &mut Conn, employer: i64, case: &Case) -> Result<Vec<Withdrawn>, BatchError> {
    let Some(last_day) = case.listing().map(|listing| listing.last_day) else {
        return Ok(Vec::new());
    };
    let due_on = due(rule_set(case)?, Calendar::standard(), last_day).date;
    let id = case.id().as_str();
    let mut withdrawn = Vec::new();
    for body in shown(conn, employer, id)? {
        withdrawn.push(Withdrawn {
            status: pointer(&body)?,
            revoked: change::is_shown_revoked(conn, body.log_index)?,
            case: Some(id.to_owned()),
            cause: Cause::Expiry,
            ended_on: last_day,
            due_on,
            body,
        });
    }
    Ok(withdrawn)
}

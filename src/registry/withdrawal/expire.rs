//! What time alone ends: listings whose term has run. No person decides, for there is nothing to weigh and
//! nobody is burdened (Order 45 Art 17, NDRC Order 36: display stops by itself after the term).
//!
//! That the term has run is said by the signed record, proved from the log, and by nothing else: no case, no
//! batch and no officer can prolong it. One that cannot be proved is left with an alarm, and keeps no other back.

use crate::domain::blacklist::Action;
use crate::domain::calendar::Calendar;
use crate::domain::withdrawal::{Cause, due};
use crate::record::credential;
use crate::store::blacklist::{self as cases, CaseRow};
use crate::store::log::body::{self, Body};
use crate::store::log::erasure;
use crate::store::{Conn, StoreError};

use super::case_of;
use super::release::{pointer, rule_set, settle, shown};
use crate::registry::Registry;
use crate::registry::batch::BatchError;
use crate::registry::clock::date_in_shanghai;
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
    let count = withdraw(registry, stops)?;
    witness::after_publishing(registry).map_err(PublishError::from)?;
    settle(registry)?;
    Ok(count)
}

fn end_terms(registry: &Registry) -> Result<(), BatchError> {
    let mut conn = registry.store.conn()?;
    for state in ["published", "removal_applied"] {
        for row in cases::in_state(&mut conn, state)? {
            // One case that cannot end must not keep the others listed.
            if let Err(error) = end_term(registry, &mut conn, &row) {
                tracing::error!(case = %row.id, %error, "ALARM: a case of a listing was not ended; its record goes with its own term");
            }
        }
    }
    Ok(())
}

fn end_term(registry: &Registry, conn: &mut Conn, row: &CaseRow) -> Result<(), BatchError> {
    let case = blacklist::read(conn, &row.id)?;
    let today = registry.clock.today();
    let over = case.listing().is_some_and(|listing| listing.last_day < today);
    if over && agrees(registry, &row.id, &shown(conn, row.employer_id, &row.id)?) {
        blacklist::take_by_clock(registry, &row.id, rule_set(&case)?, Action::Expire {})?;
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

/// Withdraws what has ended, all of it together; where that cannot be, each by itself.
fn withdraw(registry: &Registry, stops: &dyn Stops) -> Result<usize, BatchError> {
    let mut publisher = Publisher::open(registry, stops)?;
    let withdrawn = proved(registry, &mut publisher)?;
    if withdrawn.is_empty() {
        return Ok(0);
    }
    let Err(error) = publisher.publish_withdrawals(None, &withdrawn) else {
        return Ok(withdrawn.len());
    };
    drop(publisher);
    if withdrawn.len() == 1 {
        return Err(error.into());
    }
    tracing::error!(%error, "ALARM: listings whose term has run cannot be withdrawn together: each is tried by itself");
    let mut count = 0;
    for one in withdrawn {
        let index = one.body.log_index;
        match alone(registry, stops, index) {
            Ok(done) => count += usize::from(done),
            Err(error) => {
                tracing::error!(index, %error, "ALARM: a listing whose term has run is still shown");
            }
        }
    }
    if count == 0 { Err(error.into()) } else { Ok(count) }
}

/// Withdraws one record; whether it was still there. The writer begins anew: the one before may have stopped
/// halfway.
fn alone(registry: &Registry, stops: &dyn Stops, index: i64) -> Result<bool, BatchError> {
    let mut publisher = Publisher::open(registry, stops)?;
    let all = proved(registry, &mut publisher)?;
    let Some(one) = all.into_iter().find(|one| one.body.log_index == index) else {
        return Ok(false);
    };
    publisher.publish_withdrawals(None, &[one])?;
    Ok(true)
}

/// What has ended and is what the log holds, a chunk at most. Read only once the log is this writer's: opening
/// finished what another run had stored.
fn proved(registry: &Registry, publisher: &mut Publisher<'_>) -> Result<Vec<Withdrawn>, BatchError> {
    let mut conn = registry.store.conn()?;
    let mut found = Vec::new();
    for body in expired(registry)? {
        if found.len() == CHUNK / 4 {
            break;
        }
        let index = body.log_index;
        match prove(&mut conn, publisher, body) {
            Ok(one) => found.push(one),
            Err(error) => {
                tracing::error!(index, %error, "ALARM: a listing whose term has run cannot be withdrawn");
            }
        }
    }
    Ok(found)
}

fn prove(conn: &mut Conn, publisher: &mut Publisher<'_>, body: Body) -> Result<Withdrawn, BatchError> {
    let index = body.log_index;
    if erasure::of_record(conn, index)?.is_some() {
        let why = "a row says that it was erased, and it is still there";
        return Err(StoreError::corrupt(format!("erasure {index}"), why).into());
    }
    let one = withdrawn(conn, body)?;
    publisher.prove_logged(&one)?;
    Ok(one)
}

/// Listings whose term has run and that are still shown, in log order.
fn expired(registry: &Registry) -> Result<Vec<Body>, BatchError> {
    let now = registry.clock.now();
    let all = body::listings(&mut *registry.store.conn()?)?;
    Ok(all.into_iter().filter(|body| has_ended(body, now)).collect())
}

fn withdrawn(conn: &mut Conn, body: Body) -> Result<Withdrawn, BatchError> {
    let unreadable = |why: &dyn std::fmt::Display| change::unreadable(&body, why);
    let record = credential::read(&body.bytes).map_err(|error| unreadable(&error))?;
    let facts = record.facts().map_err(|error| unreadable(&error))?;
    let (rules, _) = change::decided_under(&body, &facts)?;
    let until = record.valid_until.ok_or_else(|| unreadable(&"it has no end"))?;
    let ended_on = date_in_shanghai(until);
    // The case is only told of it: one that cannot be read keeps nothing listed.
    let case = case_of(conn, &body).unwrap_or_else(|error| {
        tracing::error!(index = body.log_index, %error, "ALARM: the case of a listing whose term has run cannot be found");
        None
    });
    Ok(Withdrawn {
        status: pointer(&body)?,
        revoked: change::is_shown_revoked(conn, body.log_index)?,
        case,
        cause: Cause::Expiry,
        ended_on,
        due_on: due(rules, Calendar::standard(), ended_on).date,
        body,
    })
}

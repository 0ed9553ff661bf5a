//! Who may write to the log: one row with a fencing number.
//!
//! A session lock would fail behind a transaction-mode pooler. The number goes up with every new
//! holder, and every write of the publication story proves that it still holds its own.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::store::schema::publisher_lease;
use crate::store::{Conn, StoreError, StoreResult};

/// The row as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Lease {
    /// Who holds it: a process, by a random name.
    pub holder: String,
    /// The number that its writes carry.
    pub fence: i64,
    /// Until when, UTC.
    pub expires_at: NaiveDateTime,
}

/// Writes the row of a log that nobody writes to yet.
///
/// # Errors
/// [`StoreError::Database`].
pub fn create(conn: &mut Conn, now: NaiveDateTime) -> StoreResult<()> {
    diesel::insert_into(publisher_lease::table)
        .values((
            publisher_lease::id.eq(1_i64),
            publisher_lease::holder.eq("nobody"),
            publisher_lease::fence.eq(0_i64),
            publisher_lease::expires_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Who holds it.
///
/// # Errors
/// [`StoreError::Database`].
pub fn read(conn: &mut Conn) -> StoreResult<Lease> {
    Ok(publisher_lease::table
        .select((
            publisher_lease::holder,
            publisher_lease::fence,
            publisher_lease::expires_at,
        ))
        .first(conn)?)
}

/// Takes the lease until `until` if it has run out at `now`, and gives its fencing number.
///
/// # Errors
/// [`StoreError::Fenced`] when another holds it still.
pub fn take(conn: &mut Conn, holder: &str, now: NaiveDateTime, until: NaiveDateTime) -> StoreResult<i64> {
    let current = read(conn)?;
    if current.expires_at > now && current.holder != holder {
        return Err(StoreError::Fenced(format!(
            "held by {} until {} UTC",
            current.holder, current.expires_at
        )));
    }
    let fence = current.fence.saturating_add(1);
    let rows = diesel::update(publisher_lease::table.filter(publisher_lease::fence.eq(current.fence)))
        .set((
            publisher_lease::holder.eq(holder),
            publisher_lease::fence.eq(fence),
            publisher_lease::expires_at.eq(until),
        ))
        .execute(conn)?;
    if rows == 1 {
        Ok(fence)
    } else {
        Err(StoreError::Fenced("taken by another at the same moment".into()))
    }
}

/// Proves, inside a write transaction, that `fence` is still ours, and prolongs the lease.
///
/// # Errors
/// [`StoreError::Fenced`] when another has taken over.
pub fn renew(conn: &mut Conn, fence: i64, until: NaiveDateTime) -> StoreResult<()> {
    let rows = diesel::update(publisher_lease::table.filter(publisher_lease::fence.eq(fence)))
        .set(publisher_lease::expires_at.eq(until))
        .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Fenced(format!(
            "fencing number {fence} is no longer current"
        )))
    }
}

/// Gives the lease back at `now`.
///
/// # Errors
/// [`StoreError::Fenced`] when it was no longer ours.
pub fn release(conn: &mut Conn, fence: i64, now: NaiveDateTime) -> StoreResult<()> {
    renew(conn, fence, now)
}

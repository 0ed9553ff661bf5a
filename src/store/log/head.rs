//! The one row that says how far the log has come.

use diesel::prelude::*;

use crate::store::schema::log_head;
use crate::store::{Conn, StoreError, StoreResult};

/// How far the log has come.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Head {
    /// The log's name, `HOST/log`, or its successor's.
    pub origin: String,
    /// Entries stored (transaction 1): their indices are irrevocable.
    pub stored_size: i64,
    /// Entries under a signed head (transaction 2).
    pub head_size: i64,
}

/// Writes the row of an empty log.
///
/// # Errors
/// [`StoreError::Database`], also when the log exists already.
pub fn create(conn: &mut Conn, origin: &str) -> StoreResult<()> {
    diesel::insert_into(log_head::table)
        .values((
            log_head::id.eq(1_i64),
            log_head::origin.eq(origin),
            log_head::stored_size.eq(0_i64),
            log_head::head_size.eq(0_i64),
        ))
        .execute(conn)?;
    Ok(())
}

/// The row.
///
/// # Errors
/// [`StoreError::Database`]; `NotFound` inside it when the registry was never made.
pub fn read(conn: &mut Conn) -> StoreResult<Head> {
    Ok(log_head::table
        .select((log_head::origin, log_head::stored_size, log_head::head_size))
        .first(conn)?)
}

/// The row, if it is there, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn) -> StoreResult<Option<Head>> {
    Ok(log_head::table
        .find(1)
        .select((log_head::origin, log_head::stored_size, log_head::head_size))
        .first(conn)
        .optional()?)
}

/// Moves the stored size from `old` to `new`, if it still is `old`.
///
/// # Errors
/// [`StoreError::Moved`] when it is not: somebody else wrote.
pub fn advance_stored(conn: &mut Conn, old: i64, new: i64) -> StoreResult<()> {
    let rows = diesel::update(
        log_head::table
            .filter(log_head::id.eq(1))
            .filter(log_head::stored_size.eq(old)),
    )
    .set(log_head::stored_size.eq(new))
    .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("the log's stored size"))
    }
}

/// Moves the stored size from `old` to `new` and gives the log its successor's name, in one step.
///
/// # Errors
/// [`StoreError::Moved`] when either is another already.
pub fn succeed(conn: &mut Conn, (old, new): (i64, i64), (from, to): (&str, &str)) -> StoreResult<()> {
    let rows = diesel::update(
        log_head::table
            .filter(log_head::id.eq(1))
            .filter(log_head::stored_size.eq(old))
            .filter(log_head::origin.eq(from)),
    )
    .set((log_head::stored_size.eq(new), log_head::origin.eq(to)))
    .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("the log's stored size or name"))
    }
}

/// Moves the signed head from `old` to `new`, if it still is `old`.
///
/// # Errors
/// [`StoreError::Moved`] when it is not.
pub fn advance_head(conn: &mut Conn, old: i64, new: i64) -> StoreResult<()> {
    let rows = diesel::update(
        log_head::table
            .filter(log_head::id.eq(1))
            .filter(log_head::head_size.eq(old)),
    )
    .set(log_head::head_size.eq(new))
    .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("the log's head"))
    }
}

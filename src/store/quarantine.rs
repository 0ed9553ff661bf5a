//! Imported rows that cannot be used until an officer has looked at them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::quarantine;
use super::{Conn, StoreResult};

/// A row that needs an officer.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct QuarantinedRow {
    /// Its number here.
    pub id: i64,
    /// The file it came from.
    pub source: String,
    /// The line in that file, from 1.
    pub line: i64,
    /// The row as it was, JSON.
    pub row_text: String,
    /// Why it cannot be used, for people.
    pub reason: String,
    /// UTC.
    pub received_at: NaiveDateTime,
}

/// Adds a row; the same line of the same file again changes nothing. Says whether it was added.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert(
    conn: &mut Conn,
    source: &str,
    line: i64,
    row_text: &str,
    reason: &str,
    at: NaiveDateTime,
) -> StoreResult<bool> {
    let known: i64 = quarantine::table
        .filter(quarantine::source.eq(source))
        .filter(quarantine::line.eq(line))
        .count()
        .get_result(conn)?;
    if known > 0 {
        return Ok(false);
    }
    let last: Option<i64> = quarantine::table
        .select(diesel::dsl::max(quarantine::id))
        .first(conn)?;
    diesel::insert_into(quarantine::table)
        .values((
            quarantine::id.eq(last.unwrap_or(0).saturating_add(1)),
            quarantine::source.eq(source),
            quarantine::line.eq(line),
            quarantine::row_text.eq(row_text),
            quarantine::reason.eq(reason),
            quarantine::received_at.eq(at),
        ))
        .execute(conn)?;
    Ok(true)
}

/// All rows that need an officer, in order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn list(conn: &mut Conn) -> StoreResult<Vec<QuarantinedRow>> {
    Ok(quarantine::table.order(quarantine::id).load(conn)?)
}

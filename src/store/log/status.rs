//! Status lists: how many indices are handed out, in which shuffled order, and every version signed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::store::schema::{status_list, status_list_version};
use crate::store::{Conn, StoreError, StoreResult};

/// A list that still has free indices, or had.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = status_list)]
pub struct StatusList {
    /// From 1; the three purposes share it.
    pub number: i64,
    /// How many indices it has.
    pub size: i64,
    /// How many of `free_order` are handed out; never goes back.
    pub used: i64,
    /// All indices in the order in which they are handed out, four bytes each, big-endian.
    pub free_order: Vec<u8>,
}

/// A signed version of a list.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = status_list_version)]
pub struct StatusListVersion {
    /// `revocation`, `suspension` or `refresh`.
    pub purpose: String,
    /// The list's number.
    pub number: i64,
    /// Where the version stands in the log.
    pub log_index: i64,
    /// The version's own `validFrom`, UTC.
    pub valid_from: NaiveDateTime,
}

/// Adds a list.
///
/// # Errors
/// [`StoreError::Database`].
pub fn create(conn: &mut Conn, list: &StatusList) -> StoreResult<()> {
    diesel::insert_into(status_list::table)
        .values(list)
        .execute(conn)?;
    Ok(())
}

/// `(number, size, used)` of every list, in order.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all(conn: &mut Conn) -> StoreResult<Vec<(i64, i64, i64)>> {
    Ok(status_list::table
        .select((status_list::number, status_list::size, status_list::used))
        .order(status_list::number)
        .load(conn)?)
}

/// The list's order of indices and how many are handed out.
///
/// # Errors
/// [`StoreError::Database`].
pub fn read(conn: &mut Conn, number: i64) -> StoreResult<Option<StatusList>> {
    Ok(status_list::table.find(number).first(conn).optional()?)
}

/// Hands out indices: `used` goes from `old` to `new`, if it still is `old`.
///
/// # Errors
/// [`StoreError::Moved`] when somebody else handed out meanwhile.
pub fn hand_out(conn: &mut Conn, number: i64, old: i64, new: i64) -> StoreResult<()> {
    let rows = diesel::update(status_list::table.find(number).filter(status_list::used.eq(old)))
        .set(status_list::used.eq(new))
        .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("a status list's free indices"))
    }
}

/// Gives a list another order of its indices, of which `used` are handed out: for indices that were handed
/// out elsewhere.
///
/// # Errors
/// [`StoreError::Moved`] when there is no such list.
pub fn reorder(conn: &mut Conn, number: i64, used: i64, free_order: &[u8]) -> StoreResult<()> {
    let rows = diesel::update(status_list::table.find(number))
        .set((status_list::used.eq(used), status_list::free_order.eq(free_order)))
        .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("a status list"))
    }
}

/// Adds a signed version.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert_version(conn: &mut Conn, version: &StatusListVersion) -> StoreResult<()> {
    diesel::insert_into(status_list_version::table)
        .values(version)
        .execute(conn)?;
    Ok(())
}

/// The newest version of a list that readers can see, by log index.
///
/// # Errors
/// [`StoreError::Database`].
pub fn newest_version(
    conn: &mut Conn,
    purpose: &str,
    number: i64,
    served_size: i64,
) -> StoreResult<Option<StatusListVersion>> {
    Ok(status_list_version::table
        .filter(status_list_version::purpose.eq(purpose))
        .filter(status_list_version::number.eq(number))
        .filter(status_list_version::log_index.lt(served_size))
        .order(status_list_version::log_index.desc())
        .first(conn)
        .optional()?)
}

/// The newest version of a list that readers can see and that was in force at `at` (UTC): the last
/// whose `validFrom` is not later.
///
/// # Errors
/// [`StoreError::Database`].
pub fn version_at(
    conn: &mut Conn,
    purpose: &str,
    number: i64,
    served_size: i64,
    at: NaiveDateTime,
) -> StoreResult<Option<StatusListVersion>> {
    Ok(status_list_version::table
        .filter(status_list_version::purpose.eq(purpose))
        .filter(status_list_version::number.eq(number))
        .filter(status_list_version::log_index.lt(served_size))
        .filter(status_list_version::valid_from.le(at))
        .order(status_list_version::log_index.desc())
        .first(conn)
        .optional()?)
}

/// Every version, in log order, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all_versions(conn: &mut Conn) -> StoreResult<Vec<StatusListVersion>> {
    Ok(status_list_version::table
        .order(status_list_version::log_index)
        .load(conn)?)
}

//! Signed heads, and which of them readers were served.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::store::schema::{checkpoint, served_checkpoint};
use crate::store::{Conn, StoreResult};

/// A signed head.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = checkpoint)]
pub struct Checkpoint {
    /// Entries covered.
    pub size: i64,
    /// RFC 6962 root.
    pub root: Vec<u8>,
    /// The signed note's text.
    pub note: String,
    /// When, UTC.
    pub signed_at: NaiveDateTime,
}

/// Adds a signed head.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn insert(conn: &mut Conn, row: &Checkpoint) -> StoreResult<()> {
    diesel::insert_into(checkpoint::table).values(row).execute(conn)?;
    Ok(())
}

/// Marks the head of `size` as served to readers.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn serve(conn: &mut Conn, size: i64, at: NaiveDateTime) -> StoreResult<()> {
    diesel::insert_into(served_checkpoint::table)
        .values((
            served_checkpoint::size.eq(size),
            served_checkpoint::served_at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The signed head of exactly `size`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn at_size(conn: &mut Conn, size: i64) -> StoreResult<Option<Checkpoint>> {
    Ok(checkpoint::table.find(size).first(conn).optional()?)
}

/// The newest served head.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest_served(conn: &mut Conn) -> StoreResult<Option<Checkpoint>> {
    Ok(served()
        .order(served_checkpoint::size.desc())
        .first(conn)
        .optional()?)
}

/// How many entries readers can see.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn served_size(conn: &mut Conn) -> StoreResult<i64> {
    let size: Option<i64> = served_checkpoint::table
        .select(diesel::dsl::max(served_checkpoint::size))
        .first(conn)?;
    Ok(size.unwrap_or(0))
}

/// The last served head of size at most `index`, and the first that covers it.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn around(conn: &mut Conn, index: i64) -> StoreResult<(Option<Checkpoint>, Option<Checkpoint>)> {
    let before = served()
        .filter(served_checkpoint::size.le(index))
        .order(served_checkpoint::size.desc())
        .first(conn)
        .optional()?;
    let after = served()
        .filter(served_checkpoint::size.gt(index))
        .order(served_checkpoint::size)
        .first(conn)
        .optional()?;
    Ok((before, after))
}

/// Every served head, small to large.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_served(conn: &mut Conn) -> StoreResult<Vec<Checkpoint>> {
    Ok(served().order(served_checkpoint::size).load(conn)?)
}

/// Every signed head, small to large, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<Checkpoint>> {
    Ok(checkpoint::table.order(checkpoint::size).load(conn)?)
}

/// The sizes of all served heads, small to large, whether or not the heads are still there.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn served_sizes(conn: &mut Conn) -> StoreResult<Vec<i64>> {
    Ok(served_checkpoint::table
        .order(served_checkpoint::size)
        .select(served_checkpoint::size)
        .load(conn)?)
}

/// When each head was served, by size.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn served_times(conn: &mut Conn) -> StoreResult<Vec<(i64, NaiveDateTime)>> {
    Ok(served_checkpoint::table
        .order(served_checkpoint::size)
        .select((served_checkpoint::size, served_checkpoint::served_at))
        .load(conn)?)
}

#[diesel::dsl::auto_type]
fn served() -> _ {
    checkpoint::table
        .inner_join(served_checkpoint::table.on(served_checkpoint::size.eq(checkpoint::size)))
        .select((
            checkpoint::size,
            checkpoint::root,
            checkpoint::note,
            checkpoint::signed_at,
        ))
}

//! Heads that await the policy's witnesses, and heads as witnesses have cosigned them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::on_backend;
use crate::store::schema::{awaiting_checkpoint, cosigned_checkpoint, served_checkpoint};
use crate::store::{Conn, StoreResult};

/// A head with its cosignatures: the first set, and the newest.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = cosigned_checkpoint)]
pub struct Cosigned {
    /// Entries covered.
    pub size: i64,
    /// The note as a quorum cosigned it first.
    pub first_note: String,
    /// When, by the registry's clock, UTC.
    pub first_at: NaiveDateTime,
    /// The note as a quorum cosigned it last.
    pub last_note: String,
    /// When, by the registry's clock, UTC.
    pub last_at: NaiveDateTime,
}

/// Notes that the head of `size` may be served once witnesses have cosigned it.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn wait(conn: &mut Conn, size: i64, since: NaiveDateTime) -> StoreResult<()> {
    diesel::insert_into(awaiting_checkpoint::table)
        .values((
            awaiting_checkpoint::size.eq(size),
            awaiting_checkpoint::since.eq(since),
        ))
        .execute(conn)?;
    Ok(())
}

/// The largest head that waits beyond `served` entries, and since when.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest_awaiting(conn: &mut Conn, served: i64) -> StoreResult<Option<(i64, NaiveDateTime)>> {
    Ok(awaiting_checkpoint::table
        .filter(awaiting_checkpoint::size.gt(served))
        .order(awaiting_checkpoint::size.desc())
        .first(conn)
        .optional()?)
}

/// The sizes of all heads that ever waited, small to large.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn awaited_sizes(conn: &mut Conn) -> StoreResult<Vec<i64>> {
    Ok(awaiting_checkpoint::table
        .order(awaiting_checkpoint::size)
        .select(awaiting_checkpoint::size)
        .load(conn)?)
}

/// Every head that ever waited, and since when, small to large, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_awaited(conn: &mut Conn) -> StoreResult<Vec<(i64, NaiveDateTime)>> {
    Ok(awaiting_checkpoint::table
        .order(awaiting_checkpoint::size)
        .load(conn)?)
}

/// Keeps a cosigned note as the head's newest, if it is later than the one before, and as its first where it
/// has none.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn keep(conn: &mut Conn, size: i64, note: &str, at: NaiveDateTime) -> StoreResult<()> {
    let row = Cosigned {
        size,
        first_note: note.to_owned(),
        first_at: at,
        last_note: note.to_owned(),
        last_at: at,
    };
    // Another process may be keeping a round of the same head at the same moment.
    let first = on_backend!(conn, inner => diesel::insert_into(cosigned_checkpoint::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    if first == 0 {
        diesel::update(
            cosigned_checkpoint::table
                .find(size)
                .filter(cosigned_checkpoint::last_at.lt(at)),
        )
        .set((
            cosigned_checkpoint::last_note.eq(note),
            cosigned_checkpoint::last_at.eq(at),
        ))
        .execute(conn)?;
    }
    Ok(())
}

/// The cosigned head of exactly `size`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn at_size(conn: &mut Conn, size: i64) -> StoreResult<Option<Cosigned>> {
    Ok(cosigned_checkpoint::table.find(size).first(conn).optional()?)
}

/// The largest cosigned head.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest(conn: &mut Conn) -> StoreResult<Option<Cosigned>> {
    Ok(cosigned_checkpoint::table
        .order(cosigned_checkpoint::size.desc())
        .first(conn)
        .optional()?)
}

/// Cosigned heads larger than `size`, small to large, `limit` at most, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn after(conn: &mut Conn, size: i64, limit: i64) -> StoreResult<Vec<Cosigned>> {
    Ok(cosigned_checkpoint::table
        .filter(cosigned_checkpoint::size.gt(size))
        .order(cosigned_checkpoint::size)
        .limit(limit)
        .load(conn)?)
}

/// Every cosigned head, small to large.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<Cosigned>> {
    Ok(cosigned_checkpoint::table
        .order(cosigned_checkpoint::size)
        .load(conn)?)
}

/// Whether the head of `size` was served.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn is_served(conn: &mut Conn, size: i64) -> StoreResult<bool> {
    let found: Option<i64> = served_checkpoint::table
        .find(size)
        .select(served_checkpoint::size)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

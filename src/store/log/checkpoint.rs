//! Signed heads, and which of them readers were served: as the log signed them, or with the cosignatures
//! of witnesses where there are any.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::cosigned::{self, Cosigned};
use crate::on_backend;
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

/// Marks the head of `size` as served, unless it is already: another process may do so at the same moment.
/// Whether this call did.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn serve_once(conn: &mut Conn, size: i64, at: NaiveDateTime) -> StoreResult<bool> {
    let rows = on_backend!(conn, inner => diesel::insert_into(served_checkpoint::table)
        .values((
            served_checkpoint::size.eq(size),
            served_checkpoint::served_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(rows == 1)
}

/// The signed head of exactly `size`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn at_size(conn: &mut Conn, size: i64) -> StoreResult<Option<Checkpoint>> {
    Ok(checkpoint::table.find(size).first(conn).optional()?)
}

/// The newest served head, as it was cosigned last.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest_served(conn: &mut Conn) -> StoreResult<Option<Checkpoint>> {
    let newest = served()
        .order(served_checkpoint::size.desc())
        .first(conn)
        .optional()?;
    as_cosigned(conn, newest, |cosigned| cosigned.last_note)
}

/// The newest head that had been served before `moment` (UTC).
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest_served_before(conn: &mut Conn, moment: NaiveDateTime) -> StoreResult<Option<Checkpoint>> {
    Ok(served()
        .filter(served_checkpoint::served_at.lt(moment))
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

/// The last served head of size at most `index`, as it was cosigned last, and the first that covers it, as
/// it was cosigned first: the closest times around what stands at `index`.
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
    Ok((
        as_cosigned(conn, before, |cosigned| cosigned.last_note)?,
        as_cosigned(conn, after, |cosigned| cosigned.first_note)?,
    ))
}

/// Every served head, small to large. One that was cosigned again stands there twice: as it was cosigned
/// first, then as it was cosigned last.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_served(conn: &mut Conn) -> StoreResult<Vec<Checkpoint>> {
    let heads: Vec<Checkpoint> = served().order(served_checkpoint::size).load(conn)?;
    let mut cosigned: BTreeMap<i64, Cosigned> = cosigned::all(conn)?
        .into_iter()
        .map(|row| (row.size, row))
        .collect();
    let mut all = Vec::with_capacity(heads.len());
    for head in heads {
        let Some(row) = cosigned.remove(&head.size) else {
            all.push(head);
            continue;
        };
        let again = (row.last_note != row.first_note).then_some(row.last_note);
        all.extend(
            [Some(row.first_note), again]
                .into_iter()
                .flatten()
                .map(|note| Checkpoint { note, ..head.clone() }),
        );
    }
    Ok(all)
}

fn as_cosigned(
    conn: &mut Conn,
    head: Option<Checkpoint>,
    which: impl FnOnce(Cosigned) -> String,
) -> StoreResult<Option<Checkpoint>> {
    let Some(mut head) = head else { return Ok(None) };
    if let Some(cosigned) = cosigned::at_size(conn, head.size)? {
        head.note = which(cosigned);
    }
    Ok(Some(head))
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

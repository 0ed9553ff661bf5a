//! The journal: what is about to be signed, and how much of it is stored.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::on_backend;
use crate::store::schema::{chunk, intent};
use crate::store::{Conn, StoreResult};

/// What is about to be signed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = intent, treat_none_as_default_value = false)]
pub struct Intent {
    /// Where its first entry will stand in the log.
    pub first_index: i64,
    /// How many entries.
    pub count: i64,
    /// The batch, or `None` for the registry's own entries (lists, keys, rule sets).
    pub batch_id: Option<String>,
    /// SHA-256 over what is to be signed, as approved.
    pub digest: Vec<u8>,
    /// When, UTC.
    pub intended_at: NaiveDateTime,
    /// The writer's fencing number.
    pub fence: i64,
}

/// A stored part of an intent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = chunk, treat_none_as_default_value = false)]
pub struct Chunk {
    /// Where its first entry stands in the log.
    pub first_index: i64,
    /// How many entries.
    pub count: i64,
    /// The batch, or `None` for the registry's own entries.
    pub batch_id: Option<String>,
    /// Which chunk of the batch, from 0.
    pub ordinal: Option<i64>,
    /// How many of the batch's items it settles; `None` where that is one an entry.
    pub items: Option<i64>,
}

impl Chunk {
    /// How many of its batch's items it settles.
    #[must_use]
    pub fn settles(&self) -> i64 {
        self.items.unwrap_or(self.count)
    }

    /// The size of the log that ends with it.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.first_index.saturating_add(self.count)
    }
}

/// Records an intent, in place of one left by a writer that died before storing anything of it.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn intend(conn: &mut Conn, row: &Intent) -> StoreResult<()> {
    diesel::delete(intent::table.filter(intent::first_index.ge(row.first_index))).execute(conn)?;
    on_backend!(conn, inner => diesel::insert_into(intent::table).values(row).execute(inner))?;
    Ok(())
}

/// Whether an intent for `batch` is in the journal.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn intended(conn: &mut Conn, batch: &str) -> StoreResult<Option<Intent>> {
    Ok(intent::table
        .filter(intent::batch_id.eq(batch))
        .first(conn)
        .optional()?)
}

/// Every intent, in log order, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_intents(conn: &mut Conn) -> StoreResult<Vec<Intent>> {
    Ok(intent::table.order(intent::first_index).load(conn)?)
}

/// Records that a chunk is stored.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database), also when that chunk of the batch is stored already.
pub fn insert(conn: &mut Conn, row: &Chunk) -> StoreResult<()> {
    on_backend!(conn, inner => diesel::insert_into(chunk::table).values(row).execute(inner))?;
    Ok(())
}

/// The stored chunks of `batch`, in order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn of_batch(conn: &mut Conn, batch: &str) -> StoreResult<Vec<Chunk>> {
    Ok(chunk::table
        .filter(chunk::batch_id.eq(batch))
        .order(chunk::ordinal)
        .load(conn)?)
}

/// The chunk that begins at `first_index`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn at(conn: &mut Conn, first_index: i64) -> StoreResult<Option<Chunk>> {
    Ok(chunk::table.find(first_index).first(conn).optional()?)
}

/// The chunk that holds the entry at `index`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn around(conn: &mut Conn, index: i64) -> StoreResult<Option<Chunk>> {
    Ok(chunk::table
        .filter(chunk::first_index.le(index))
        .order(chunk::first_index.desc())
        .first(conn)
        .optional()?)
}

/// Every stored chunk, in log order, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<Chunk>> {
    Ok(chunk::table.order(chunk::first_index).load(conn)?)
}

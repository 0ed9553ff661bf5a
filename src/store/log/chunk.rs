//! The journal of intents: what is about to be signed, written before it is.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::on_backend;
use crate::store::schema::chunk;
use crate::store::{Conn, StoreResult};

/// One intended chunk of entries.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = chunk, treat_none_as_default_value = false)]
pub struct Chunk {
    /// Where its first entry will stand in the log.
    pub first_index: i64,
    /// How many entries.
    pub count: i64,
    /// The batch, or `None` for the registry's own entries (lists, keys, rule sets).
    pub batch_id: Option<String>,
    /// Which chunk of the batch, from 0.
    pub ordinal: Option<i64>,
    /// SHA-256 over what is to be signed, as approved.
    pub items_digest: Vec<u8>,
    /// When, UTC.
    pub intended_at: NaiveDateTime,
    /// The writer's fencing number.
    pub fence: i64,
}

/// Records an intent, or takes over the one left by a writer that died before storing anything.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn intend(conn: &mut Conn, row: &Chunk) -> StoreResult<()> {
    diesel::delete(chunk::table.filter(chunk::first_index.ge(row.first_index))).execute(conn)?;
    on_backend!(conn, inner => diesel::insert_into(chunk::table).values(row).execute(inner))?;
    Ok(())
}

/// How many chunks of `batch` are stored, given how far the log is stored.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn stored_of(conn: &mut Conn, batch: &str, stored_size: i64) -> StoreResult<Vec<Chunk>> {
    Ok(chunk::table
        .filter(chunk::batch_id.eq(batch))
        .filter(chunk::first_index.lt(stored_size))
        .order(chunk::ordinal)
        .load(conn)?)
}

/// The intent that begins at `first_index`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn at(conn: &mut Conn, first_index: i64) -> StoreResult<Option<Chunk>> {
    Ok(chunk::table.find(first_index).first(conn).optional()?)
}

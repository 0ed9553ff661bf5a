//! The archive of withdrawn bodies: sealed bytes, which nothing but the archive's key opens.
//!
//! It refuses to tell who asked: a reader of the archive goes through `registry::archive`, which writes an
//! audit row first.

use diesel::prelude::*;

use crate::store::schema::archive;
use crate::store::{Conn, StoreResult};

/// A sealed body.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = archive)]
pub struct SealedRow {
    /// Where the record stands in the log.
    pub record_index: i64,
    /// The 12 bytes of the nonce, never used twice.
    pub nonce: Vec<u8>,
    /// Ciphertext and tag.
    pub sealed: Vec<u8>,
}

/// Adds a sealed body. Its erasure must be there.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn insert(conn: &mut Conn, row: &SealedRow) -> StoreResult<()> {
    diesel::insert_into(archive::table).values(row).execute(conn)?;
    Ok(())
}

/// The sealed body of a record.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn find(conn: &mut Conn, record_index: i64) -> StoreResult<Option<SealedRow>> {
    Ok(archive::table.find(record_index).first(conn).optional()?)
}

/// Every sealed body, by log index, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<SealedRow>> {
    Ok(archive::table.order(archive::record_index).load(conn)?)
}

/// Whether nothing was archived yet.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn is_empty(conn: &mut Conn) -> StoreResult<bool> {
    let count: i64 = archive::table.count().get_result(conn)?;
    Ok(count == 0)
}

//! Erasures: which records' bodies left the registry's surfaces, why, and where the log says so.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::store::schema::{body, erasure};
use crate::store::{Conn, StoreResult};

/// An erased record. It holds no name and no fact.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = erasure, treat_none_as_default_value = false)]
pub struct ErasureRow {
    /// Where the record stands in the log.
    pub record_index: i64,
    /// The 16 bytes of its UUID.
    pub record_id: Vec<u8>,
    /// The credential's own type.
    pub record_type: String,
    /// `public` or `partners`.
    pub audience: String,
    /// Whom it was about.
    pub employer_id: Option<i64>,
    /// The batch that it was published with.
    pub origin_batch: Option<String>,
    /// The listing procedure behind it.
    pub case_id: Option<String>,
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
    /// Why: a cause of `domain::withdrawal`.
    pub cause: String,
    /// The batch that decided it; `None` where the term ran out.
    pub batch_id: Option<String>,
    /// The day on which its ground arose, Asia/Shanghai.
    pub ended_on: NaiveDate,
    /// The last day for taking it down, Asia/Shanghai.
    pub due_on: NaiveDate,
    /// When it was taken down, UTC.
    pub erased_at: NaiveDateTime,
    /// Log index of its `RecordWithdrawal`.
    pub withdrawal_index: i64,
    /// Log index of its `erasure` entry.
    pub erasure_index: i64,
}

/// Adds an erasure.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database), also when the record was erased before.
pub fn insert(conn: &mut Conn, row: &ErasureRow) -> StoreResult<()> {
    diesel::insert_into(erasure::table).values(row).execute(conn)?;
    Ok(())
}

/// The erasure of the record of a UUID.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn by_record_id(conn: &mut Conn, id: &[u8]) -> StoreResult<Option<ErasureRow>> {
    Ok(erasure::table
        .filter(erasure::record_id.eq(id))
        .first(conn)
        .optional()?)
}

/// The erasure of the record at `record_index`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn of_record(conn: &mut Conn, record_index: i64) -> StoreResult<Option<ErasureRow>> {
    Ok(erasure::table.find(record_index).first(conn).optional()?)
}

/// The erasure of the record that a procedure led to.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn of_case(conn: &mut Conn, case: &str) -> StoreResult<Vec<ErasureRow>> {
    Ok(erasure::table
        .filter(erasure::case_id.eq(case))
        .order(erasure::record_index)
        .load(conn)?)
}

/// The erasures whose entry stands at `from..to`, in log order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn between(conn: &mut Conn, from: i64, to: i64) -> StoreResult<Vec<ErasureRow>> {
    Ok(erasure::table
        .filter(erasure::erasure_index.ge(from))
        .filter(erasure::erasure_index.lt(to))
        .order(erasure::erasure_index)
        .load(conn)?)
}

/// Where the newest `erasure` entry below `size` stands.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest(conn: &mut Conn, size: i64) -> StoreResult<Option<i64>> {
    Ok(erasure::table
        .filter(erasure::erasure_index.lt(size))
        .select(diesel::dsl::max(erasure::erasure_index))
        .first(conn)?)
}

/// The erasures of records about an employer, by the erased record's log index.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn of_employer(conn: &mut Conn, employer: i64) -> StoreResult<Vec<ErasureRow>> {
    Ok(erasure::table
        .filter(erasure::employer_id.eq(employer))
        .order(erasure::record_index)
        .load(conn)?)
}

/// Every erasure, by the erased record's log index.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<ErasureRow>> {
    Ok(erasure::table.order(erasure::record_index).load(conn)?)
}

/// Deletes the bodies that the erasure entries at `from..to` are about; how many. The database refuses it
/// for a body without erasure and archived copy.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn delete_bodies(conn: &mut Conn, from: i64, to: i64) -> StoreResult<usize> {
    let erased: Vec<i64> = erasure::table
        .filter(erasure::erasure_index.ge(from))
        .filter(erasure::erasure_index.lt(to))
        .select(erasure::record_index)
        .load(conn)?;
    let mut count = 0;
    for index in erased {
        count += diesel::delete(body::table.find(index)).execute(conn)?;
    }
    Ok(count)
}

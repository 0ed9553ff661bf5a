//! Items of released changes of which something waits for the day's end: a new record, the bit of an older
//! one, or both. Which, the decision itself says.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::waiting_item;
use super::{Conn, StoreError, StoreResult};

/// An item of a released batch of which something is not out yet, or came out with a day's end.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = waiting_item, treat_none_as_default_value = false)]
pub struct WaitingRow {
    /// The batch.
    pub batch_id: String,
    /// The item's place in it.
    pub position: i64,
    /// From when on it may be published, UTC.
    pub due_at: NaiveDateTime,
    /// Where what waited stands in the log: its record, or the list version that first shows its bit where
    /// only that waited; `None` while it waits.
    pub log_index: Option<i64>,
}

/// Adds an item that waits.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(conn: &mut Conn, row: &WaitingRow) -> StoreResult<()> {
    diesel::insert_into(waiting_item::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

/// The items that wait and are due at `now` (UTC): batch and position.
///
/// # Errors
/// [`StoreError::Database`].
pub fn due(conn: &mut Conn, now: NaiveDateTime) -> StoreResult<Vec<(String, i64)>> {
    Ok(waiting_item::table
        .filter(waiting_item::log_index.is_null())
        .filter(waiting_item::due_at.le(now))
        .order((waiting_item::batch_id, waiting_item::position))
        .select((waiting_item::batch_id, waiting_item::position))
        .load(conn)?)
}

/// Every item that waits or waited, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all(conn: &mut Conn) -> StoreResult<Vec<WaitingRow>> {
    Ok(waiting_item::table
        .order((waiting_item::batch_id, waiting_item::position))
        .load(conn)?)
}

/// Whether an item of a batch still waits.
///
/// # Errors
/// [`StoreError::Database`].
pub fn waits(conn: &mut Conn, batch: &str, position: i64) -> StoreResult<bool> {
    let count: i64 = waiting_item::table
        .find((batch, position))
        .filter(waiting_item::log_index.is_null())
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// Whether anything of a batch waits or waited.
///
/// # Errors
/// [`StoreError::Database`].
pub fn any_of(conn: &mut Conn, batch: &str) -> StoreResult<bool> {
    let count: i64 = waiting_item::table
        .filter(waiting_item::batch_id.eq(batch))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

/// Notes that what waited of an item stands at `log_index`.
///
/// # Errors
/// [`StoreError::Moved`] when it was published already.
pub fn settle(conn: &mut Conn, batch: &str, position: i64, log_index: i64) -> StoreResult<()> {
    let rows = diesel::update(
        waiting_item::table
            .find((batch, position))
            .filter(waiting_item::log_index.is_null()),
    )
    .set(waiting_item::log_index.eq(log_index))
    .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("a waiting item"))
    }
}

//! Numbers of documents that officers name themselves, by authority: one number, one decision. What a batch
//! that was turned down had is free again. Numbers that the registry gives are [`counter`](super::counter)'s.

use diesel::prelude::*;

use super::schema::{batch, document_number};
use super::{Conn, StoreResult};

/// Notes that a batch's decision has a number. Call it in the transaction that proposes the batch.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert(conn: &mut Conn, authority: &str, number: &str, batch: &str) -> StoreResult<()> {
    diesel::insert_into(document_number::table)
        .values((
            document_number::authority_id.eq(authority),
            document_number::number.eq(number),
            document_number::batch_id.eq(batch),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a decision of the authority that was not turned down has this number.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn is_taken(conn: &mut Conn, authority: &str, number: &str) -> StoreResult<bool> {
    let count: i64 = document_number::table
        .inner_join(batch::table.on(batch::id.eq(document_number::batch_id)))
        .filter(document_number::authority_id.eq(authority))
        .filter(document_number::number.eq(number))
        .filter(batch::state.ne("rejected"))
        .count()
        .get_result(conn)?;
    Ok(count > 0)
}

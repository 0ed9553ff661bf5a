//! Counters of document numbers: one row for each authority, kind of decision and year.
//!
//! The row is advanced inside the transaction that uses the numbers, and its lock is held to the end of it:
//! a number is never given twice, and a transaction that fails leaves no gap.

use diesel::prelude::*;

use super::schema::document_counter::{self, dsl};
use super::{Conn, StoreError, StoreResult};
use crate::on_backend;

/// Takes the next `count` numbers and says the first of them; the first ever is 1. With a `count` of 0
/// it only makes other writers of this counter wait for the end of this transaction.
///
/// # Errors
/// [`StoreError::Database`]; [`StoreError::Corrupt`] for a counter that cannot go on.
pub fn advance(conn: &mut Conn, authority: &str, kind: &str, year: i64, count: i64) -> StoreResult<i64> {
    let row = (
        document_counter::authority_id.eq(authority),
        document_counter::kind.eq(kind),
        document_counter::year.eq(year),
        document_counter::last.eq(0_i64),
    );
    on_backend!(conn, inner => diesel::insert_into(document_counter::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    let key = (authority, kind, year);
    diesel::update(document_counter::table.find(key))
        .set(dsl::last.eq(dsl::last + count))
        .execute(conn)?;
    let last: i64 = document_counter::table
        .find(key)
        .select(document_counter::last)
        .first(conn)?;
    last.checked_sub(count)
        .filter(|before| *before >= 0)
        .and_then(|before| before.checked_add(1))
        .ok_or_else(|| {
            StoreError::corrupt(
                format!("document_counter {authority} {kind} {year}"),
                format!("{last} after {count} more"),
            )
        })
}

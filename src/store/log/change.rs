//! The journal of status changes: requested in the transaction of whoever decides, carried by the list
//! version that first shows it.

use chrono::NaiveDateTime;
use diesel::dsl::count;
use diesel::prelude::*;

use crate::record::credential::StatusPointer;
use crate::record::status::{BitChange, Change, StatusPurpose};
use crate::store::schema::{body, status_change};
use crate::store::{Conn, StoreError, StoreResult};

/// A change to be journalled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Which bit, and what it becomes.
    pub change: BitChange,
    /// Where the record that it is about stands in the log.
    pub record_index: i64,
    /// What it rests on: `batch ID`, `case ID` …
    pub cause: String,
    /// When it was decided, UTC.
    pub requested_at: NaiveDateTime,
}

/// A journalled change.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ChangeRow {
    /// Its number, from 1, in the order of decisions.
    pub id: i64,
    /// `revocation`, `suspension` or `refresh`.
    pub purpose: String,
    /// The list's number.
    pub number: i64,
    /// The index in the list.
    pub bit: i64,
    /// What the bit becomes.
    pub value: bool,
    /// Where the record stands in the log.
    pub record_index: i64,
    /// What it rests on.
    pub cause: String,
    /// When it was decided, UTC.
    pub requested_at: NaiveDateTime,
    /// Log index of the list version that first shows it; `None` while it waits for the sequencer.
    pub version_index: Option<i64>,
}

impl ChangeRow {
    /// The change, typed.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a row that asks for what cannot be asked: a revocation cleared, say.
    pub fn change(&self) -> StoreResult<BitChange> {
        let odd = || StoreError::corrupt(format!("status_change {}", self.id), "no such change exists");
        let purpose = StatusPurpose::parse(&self.purpose).ok_or_else(odd)?;
        Ok(BitChange {
            at: StatusPointer {
                list: u32::try_from(self.number).map_err(|_| odd())?,
                index: u32::try_from(self.bit).map_err(|_| odd())?,
            },
            to: Change::of(purpose, self.value).ok_or_else(odd)?,
        })
    }
}

/// Journals a change and gives its number. Call it inside the decision's own transaction: without the
/// decision there is no change, and without the change no decision.
///
/// # Errors
/// [`StoreError::Database`].
pub fn request(conn: &mut Conn, wanted: &Requested) -> StoreResult<i64> {
    let last: Option<i64> = status_change::table
        .select(diesel::dsl::max(status_change::id))
        .first(conn)?;
    let id = last.unwrap_or(0).saturating_add(1);
    let change = wanted.change;
    diesel::insert_into(status_change::table)
        .values((
            status_change::id.eq(id),
            status_change::purpose.eq(change.to.purpose().as_str()),
            status_change::number.eq(i64::from(change.at.list)),
            status_change::bit.eq(i64::from(change.at.index)),
            status_change::value.eq(change.to.value()),
            status_change::record_index.eq(wanted.record_index),
            status_change::cause.eq(&wanted.cause),
            status_change::requested_at.eq(wanted.requested_at),
        ))
        .execute(conn)?;
    Ok(id)
}

/// Notes that the list version at `version_index` shows a change, if none did.
///
/// # Errors
/// [`StoreError::Moved`] when one did already.
pub fn carry(conn: &mut Conn, id: i64, version_index: i64) -> StoreResult<()> {
    let rows = diesel::update(
        status_change::table
            .find(id)
            .filter(status_change::version_index.is_null()),
    )
    .set(status_change::version_index.eq(version_index))
    .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("a status change"))
    }
}

/// The changes that wait for the sequencer, in the order of decisions.
///
/// # Errors
/// [`StoreError::Database`].
pub fn pending(conn: &mut Conn) -> StoreResult<Vec<ChangeRow>> {
    Ok(status_change::table
        .filter(status_change::version_index.is_null())
        .order(status_change::id)
        .load(conn)?)
}

/// How many changes wait.
///
/// # Errors
/// [`StoreError::Database`].
pub fn count_pending(conn: &mut Conn) -> StoreResult<i64> {
    Ok(status_change::table
        .filter(status_change::version_index.is_null())
        .count()
        .get_result(conn)?)
}

/// The carried changes of one list, in the order in which its versions showed them.
///
/// # Errors
/// [`StoreError::Database`].
pub fn carried(conn: &mut Conn, purpose: &str, number: i64) -> StoreResult<Vec<ChangeRow>> {
    Ok(status_change::table
        .filter(status_change::purpose.eq(purpose))
        .filter(status_change::number.eq(number))
        .filter(status_change::version_index.is_not_null())
        .order((status_change::version_index, status_change::id))
        .load(conn)?)
}

/// Every change of a record's status, in the order of decisions.
///
/// # Errors
/// [`StoreError::Database`].
pub fn of_record(conn: &mut Conn, record_index: i64) -> StoreResult<Vec<ChangeRow>> {
    Ok(status_change::table
        .filter(status_change::record_index.eq(record_index))
        .order(status_change::id)
        .load(conn)?)
}

/// How many public records of a type and outcome, of one year where it is given, readers see as withdrawn
/// or replaced.
///
/// # Errors
/// [`StoreError::Database`].
pub fn count_ended(
    conn: &mut Conn,
    served_size: i64,
    record_type: &str,
    outcome: &str,
    year: Option<i64>,
) -> StoreResult<i64> {
    let mut ended = status_change::table
        .inner_join(body::table.on(body::log_index.eq(status_change::record_index)))
        .filter(status_change::version_index.lt(served_size))
        .filter(status_change::purpose.ne("suspension"))
        .filter(body::audience.eq("public"))
        .filter(body::record_type.eq(record_type))
        .filter(body::outcome.eq(outcome))
        .select(count(status_change::record_index).aggregate_distinct())
        .into_boxed();
    if let Some(year) = year {
        ended = ended.filter(body::year.eq(year));
    }
    Ok(ended.first(conn)?)
}

/// Every change, in the order of decisions, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all(conn: &mut Conn) -> StoreResult<Vec<ChangeRow>> {
    Ok(status_change::table.order(status_change::id).load(conn)?)
}

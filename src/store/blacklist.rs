//! Wage-blacklist cases: the state machine's own value, stored whole, with the columns to find it by.

use diesel::prelude::*;

use super::schema::blacklist_case;
use super::{Conn, StoreError, StoreResult};

/// A case as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = blacklist_case)]
pub struct CaseRow {
    /// Its id.
    pub id: String,
    /// The employer.
    pub employer_id: i64,
    /// Whose case.
    pub authority_id: String,
    /// The state's name.
    pub state: String,
    /// The whole case, JSON.
    pub body: String,
}

/// Adds a case.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(conn: &mut Conn, row: &CaseRow) -> StoreResult<()> {
    diesel::insert_into(blacklist_case::table)
        .values(row)
        .execute(conn)?;
    Ok(())
}

/// Replaces a case's state and value, if the value still is `old`.
///
/// # Errors
/// [`StoreError::Moved`] when somebody else took a step meanwhile.
pub fn update(conn: &mut Conn, id: &str, old: &str, state: &str, body: &str) -> StoreResult<()> {
    let rows = diesel::update(
        blacklist_case::table
            .find(id)
            .filter(blacklist_case::body.eq(old)),
    )
    .set((blacklist_case::state.eq(state), blacklist_case::body.eq(body)))
    .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("the case"))
    }
}

/// One case.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn, id: &str) -> StoreResult<Option<CaseRow>> {
    Ok(blacklist_case::table.find(id).first(conn).optional()?)
}

/// All cases by id.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all(conn: &mut Conn) -> StoreResult<Vec<CaseRow>> {
    Ok(blacklist_case::table.order(blacklist_case::id).load(conn)?)
}

/// An employer's cases by id.
///
/// # Errors
/// [`StoreError::Database`].
pub fn of_employer(conn: &mut Conn, employer: i64) -> StoreResult<Vec<CaseRow>> {
    Ok(blacklist_case::table
        .filter(blacklist_case::employer_id.eq(employer))
        .order(blacklist_case::id)
        .load(conn)?)
}

/// Cases in a state, by id.
///
/// # Errors
/// [`StoreError::Database`].
pub fn in_state(conn: &mut Conn, state: &str) -> StoreResult<Vec<CaseRow>> {
    Ok(blacklist_case::table
        .filter(blacklist_case::state.eq(state))
        .order(blacklist_case::id)
        .load(conn)?)
}

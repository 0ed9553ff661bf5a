//! Signed-in sessions, revocable here.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::session;
use super::{Conn, StoreResult};

/// A session as stored.
#[derive(Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// SHA-256 of the token in the cookie.
    pub token_digest: Vec<u8>,
    /// Whose.
    pub account_id: String,
    /// The synchroniser token that every form carries.
    pub csrf: String,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC.
    pub last_used_at: NaiveDateTime,
    /// UTC.
    pub expires_at: NaiveDateTime,
    /// UTC.
    pub revoked_at: Option<NaiveDateTime>,
}

/// Adds a session.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert(conn: &mut Conn, row: &SessionRow) -> StoreResult<()> {
    diesel::insert_into(session::table).values(row).execute(conn)?;
    Ok(())
}

/// The session of a token's digest, whatever its state.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn find(conn: &mut Conn, token_digest: &[u8]) -> StoreResult<Option<SessionRow>> {
    Ok(session::table.find(token_digest).first(conn).optional()?)
}

/// Notes that it was used at `at`.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn touch(conn: &mut Conn, token_digest: &[u8], at: NaiveDateTime) -> StoreResult<()> {
    diesel::update(session::table.find(token_digest))
        .set(session::last_used_at.eq(at))
        .execute(conn)?;
    Ok(())
}

/// Ends one session at `at`.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn revoke(conn: &mut Conn, token_digest: &[u8], at: NaiveDateTime) -> StoreResult<()> {
    diesel::update(
        session::table
            .find(token_digest)
            .filter(session::revoked_at.is_null()),
    )
    .set(session::revoked_at.eq(at))
    .execute(conn)?;
    Ok(())
}

/// Ends all sessions of an account at `at`, and says how many.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn revoke_all(conn: &mut Conn, account: &str, at: NaiveDateTime) -> StoreResult<usize> {
    Ok(diesel::update(
        session::table
            .filter(session::account_id.eq(account))
            .filter(session::revoked_at.is_null()),
    )
    .set(session::revoked_at.eq(at))
    .execute(conn)?)
}

//! Accounts of officers and employers.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{account, sign_in_attempt};
use super::{Conn, StoreResult};

/// An account as stored.
#[derive(Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = account, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// UUID.
    pub id: String,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// `officer` or `employer`.
    pub kind: String,
    /// An officer's authority.
    pub authority_id: Option<String>,
    /// The employer that an employer's account is bound to.
    pub employer_id: Option<i64>,
    /// Roles, comma-separated.
    pub roles: String,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC; a suspended account cannot do anything from the next request on.
    pub suspended_at: Option<NaiveDateTime>,
    /// The natural person behind it. One person may have several accounts; rules that ask for two persons
    /// compare this, never accounts.
    pub person_id: String,
}

/// Adds an account.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database), also when the login is taken.
pub fn insert(conn: &mut Conn, row: &AccountRow) -> StoreResult<()> {
    diesel::insert_into(account::table).values(row).execute(conn)?;
    Ok(())
}

/// The account of a login.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_login(conn: &mut Conn, login: &str) -> StoreResult<Option<AccountRow>> {
    Ok(account::table
        .filter(account::login.eq(login))
        .first(conn)
        .optional()?)
}

/// The account of an id.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn find(conn: &mut Conn, id: &str) -> StoreResult<Option<AccountRow>> {
    Ok(account::table.find(id).first(conn).optional()?)
}

/// All accounts, by login.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn list(conn: &mut Conn) -> StoreResult<Vec<AccountRow>> {
    Ok(account::table.order(account::login).load(conn)?)
}

/// Replaces an account's password hash.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn set_password(conn: &mut Conn, id: &str, hash: &str) -> StoreResult<()> {
    diesel::update(account::table.find(id))
        .set(account::password_hash.eq(hash))
        .execute(conn)?;
    Ok(())
}

/// Records a failed sign-in for `subject` (a login, or an address).
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn record_failure(conn: &mut Conn, subject: &str, at: NaiveDateTime) -> StoreResult<()> {
    let next: Option<i64> = sign_in_attempt::table
        .select(diesel::dsl::max(sign_in_attempt::id))
        .first(conn)?;
    diesel::insert_into(sign_in_attempt::table)
        .values((
            sign_in_attempt::id.eq(next.unwrap_or(0).saturating_add(1)),
            sign_in_attempt::subject.eq(subject),
            sign_in_attempt::at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

/// How often `subject` failed since `since`.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn failures_since(conn: &mut Conn, subject: &str, since: NaiveDateTime) -> StoreResult<i64> {
    Ok(sign_in_attempt::table
        .filter(sign_in_attempt::subject.eq(subject))
        .filter(sign_in_attempt::at.gt(since))
        .count()
        .get_result(conn)?)
}

/// Forgets the failures of `subject` after a success, and everyone's older than `before`.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn forget_failures(conn: &mut Conn, subject: &str, before: NaiveDateTime) -> StoreResult<()> {
    diesel::delete(
        sign_in_attempt::table.filter(
            sign_in_attempt::subject
                .eq(subject)
                .or(sign_in_attempt::at.lt(before)),
        ),
    )
    .execute(conn)?;
    Ok(())
}

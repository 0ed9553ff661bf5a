//! The audit trail: append-only rows, each carrying the digest of the one before.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::audit;
use super::{Conn, StoreResult};

/// A row of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
pub struct AuditRow {
    /// From 1, without gaps.
    pub seq: i64,
    /// UTC.
    pub at: NaiveDateTime,
    /// Who: an account's id, `partner:…`, or `system`.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// For which authority.
    pub authority_id: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// In which request.
    pub request_id: String,
    /// SHA-256 of what it was before.
    pub before_digest: Option<Vec<u8>>,
    /// SHA-256 of what it is after.
    pub after_digest: Option<Vec<u8>>,
    /// The digest of the row before, 32 zero bytes for the first.
    pub previous: Vec<u8>,
    /// SHA-256 over the row.
    pub digest: Vec<u8>,
}

/// The newest row's number and digest.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn newest(conn: &mut Conn) -> StoreResult<Option<(i64, Vec<u8>)>> {
    Ok(audit::table
        .select((audit::seq, audit::digest))
        .order(audit::seq.desc())
        .first(conn)
        .optional()?)
}

/// Makes other writers of the trail wait until the transaction ends, so that two acts at once do not take
/// one number. On SQLite a write transaction has the database to itself already.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn hold(conn: &mut Conn) -> StoreResult<()> {
    if let Conn::Postgres(inner) = conn {
        // The first eight bytes of SHA-256("chengxin audit"); held to the end of the transaction, which a
        // transaction-mode pooler allows.
        diesel::sql_query("SELECT pg_advisory_xact_lock(-2382771476453259220)").execute(inner)?;
    }
    Ok(())
}

/// Adds a row.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database), also when another took the number.
pub fn insert(conn: &mut Conn, row: &AuditRow) -> StoreResult<()> {
    diesel::insert_into(audit::table).values(row).execute(conn)?;
    Ok(())
}

/// Rows about a subject with an action, in order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn about(conn: &mut Conn, action: &str, subject: &str) -> StoreResult<Vec<AuditRow>> {
    Ok(audit::table
        .filter(audit::action.eq(action))
        .filter(audit::subject.eq(subject))
        .order(audit::seq)
        .load(conn)?)
}

/// Rows with an action, in order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn of_action(conn: &mut Conn, action: &str) -> StoreResult<Vec<AuditRow>> {
    Ok(audit::table
        .filter(audit::action.eq(action))
        .order(audit::seq)
        .load(conn)?)
}

/// Rows after `seq`, in order, for a full check.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn after(conn: &mut Conn, seq: i64, limit: i64) -> StoreResult<Vec<AuditRow>> {
    Ok(audit::table
        .filter(audit::seq.gt(seq))
        .order(audit::seq)
        .limit(limit)
        .load(conn)?)
}

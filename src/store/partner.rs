//! Partners (banks, market regulators) and their API keys.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::partner;
use super::{Conn, StoreResult};

/// A partner as stored: the key's digest, never the key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = partner, treat_none_as_default_value = false)]
pub struct PartnerRow {
    /// UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The key's first characters, shown so that people can tell keys apart.
    pub key_prefix: String,
    /// SHA-256 of the key.
    pub key_digest: Vec<u8>,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC.
    pub revoked_at: Option<NaiveDateTime>,
}

/// Adds a partner.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database), also when the name is taken.
pub fn insert(conn: &mut Conn, row: &PartnerRow) -> StoreResult<()> {
    diesel::insert_into(partner::table).values(row).execute(conn)?;
    Ok(())
}

/// The partner of a key's digest, unless revoked.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_key_digest(conn: &mut Conn, digest: &[u8]) -> StoreResult<Option<PartnerRow>> {
    Ok(partner::table
        .filter(partner::key_digest.eq(digest))
        .filter(partner::revoked_at.is_null())
        .first(conn)
        .optional()?)
}

/// All partners by name.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn list(conn: &mut Conn) -> StoreResult<Vec<PartnerRow>> {
    Ok(partner::table.order(partner::name).load(conn)?)
}

/// Revokes a partner's key at `at`; says whether there was one.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn revoke_key(conn: &mut Conn, name: &str, at: NaiveDateTime) -> StoreResult<bool> {
    let rows = diesel::update(
        partner::table
            .filter(partner::name.eq(name))
            .filter(partner::revoked_at.is_null()),
    )
    .set(partner::revoked_at.eq(at))
    .execute(conn)?;
    Ok(rows == 1)
}

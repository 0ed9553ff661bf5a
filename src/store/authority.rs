//! Authorities.

use diesel::prelude::*;

use super::schema::authority;
use super::{Conn, StoreResult};

/// A labour-security authority as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = authority)]
pub struct AuthorityRow {
    /// Its id, by default its division code.
    pub id: String,
    /// Its full name.
    pub name: String,
    /// The division it acts for.
    pub division: String,
    /// How its documents are numbered: `渝人社` in 渝人社诚信〔2026〕0412号.
    pub document_prefix: String,
}

/// Adds an authority.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert(conn: &mut Conn, row: &AuthorityRow) -> StoreResult<()> {
    diesel::insert_into(authority::table).values(row).execute(conn)?;
    Ok(())
}

/// All authorities by id.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<AuthorityRow>> {
    Ok(authority::table.order(authority::id).load(conn)?)
}

/// One authority.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn find(conn: &mut Conn, id: &str) -> StoreResult<Option<AuthorityRow>> {
    Ok(authority::table.find(id).first(conn).optional()?)
}

/// Makes others who hold this authority wait until the transaction ends: whatever kind of decision bears a number
/// that was typed, the numbers are compared one proposal after the other. On SQLite a write transaction has the
/// database to itself already.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn hold(conn: &mut Conn, id: &str) -> StoreResult<()> {
    if let Conn::Postgres(inner) = conn {
        // Rows that refer to it are still added meanwhile.
        let row = authority::table.find(id).select(authority::id);
        row.for_no_key_update().first::<String>(inner).optional()?;
    }
    Ok(())
}

//! What a registry is, once made: its host, its name. Written at creation, hardly ever after.

use diesel::prelude::*;

use super::schema::setting;
use super::{Conn, StoreResult};

/// The value of `key`.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn get(conn: &mut Conn, key: &str) -> StoreResult<Option<String>> {
    Ok(setting::table
        .find(key)
        .select(setting::value)
        .first(conn)
        .optional()?)
}

/// Writes a key that is not there yet.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database), also when the key exists.
pub fn create(conn: &mut Conn, key: &str, value: &str) -> StoreResult<()> {
    diesel::insert_into(setting::table)
        .values((setting::key.eq(key), setting::value.eq(value)))
        .execute(conn)?;
    Ok(())
}

/// Changes a key, or writes it where it is not there yet.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn put(conn: &mut Conn, key: &str, value: &str) -> StoreResult<()> {
    let rows = diesel::update(setting::table.find(key))
        .set(setting::value.eq(value))
        .execute(conn)?;
    if rows == 0 {
        create(conn, key, value)
    } else {
        Ok(())
    }
}

//! SQLite's write-ahead log: what is committed stands there durably, and is copied into the database
//! file later. PostgreSQL has processes of its own for that.

use diesel::connection::SimpleConnection as _;

use crate::store::{Conn, StoreResult};

/// Copies committed pages from the write-ahead log into the database file, as far as no reader needs the
/// older ones, while others read and write. Does nothing for PostgreSQL.
///
/// Passive: it waits for nobody, and a commit that finds the log long copies the rest by itself. Both
/// sync the log before the first page is copied and the file after the last.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn copy_back(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => Ok(inner.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?),
        Conn::Postgres(_) => Ok(()),
    }
}

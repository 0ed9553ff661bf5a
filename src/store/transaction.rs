//! Transactions: one that writes, one whose every reading is of the same moment.

use diesel::connection::{AnsiTransactionManager, TransactionManager};

use super::{Conn, StoreResult};

/// Runs `work` in one transaction and commits, or rolls back on its error.
///
/// On SQLite the write lock is taken at the start (`BEGIN IMMEDIATE`): a transaction that reads
/// first and writes later could otherwise fail halfway with `SQLITE_BUSY`.
///
/// # Errors
/// Whatever `work` returns, or the database's own refusal to begin or commit.
pub fn write<T, E>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
where
    E: From<super::StoreError>,
{
    begin(conn)?;
    match work(conn) {
        Ok(value) => {
            commit(conn)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to tell; a failed rollback leaves the connection broken
            // and the database rolls back when it closes.
            drop(roll_back(conn));
            Err(error)
        }
    }
}

/// Runs `work` in one transaction that writes nothing: everything that it reads is of one moment, whatever
/// others commit meanwhile. Nobody waits for it; on SQLite the write-ahead log keeps growing until it ends.
///
/// # Errors
/// Whatever `work` returns, or the database's own refusal to begin.
pub fn read<T, E>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
where
    E: From<super::StoreError>,
{
    begin_reading(conn)?;
    let done = work(conn);
    // Nothing was written. A connection that cannot even roll back is broken, and the pool drops it.
    drop(roll_back(conn));
    done
}

fn begin_reading(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN")?,
        Conn::Postgres(inner) => AnsiTransactionManager::begin_transaction_sql(
            inner,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?,
    }
    Ok(())
}

fn begin(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")?,
        Conn::Postgres(inner) => AnsiTransactionManager::begin_transaction(inner)?,
    }
    Ok(())
}

fn commit(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => AnsiTransactionManager::commit_transaction(inner)?,
        Conn::Postgres(inner) => AnsiTransactionManager::commit_transaction(inner)?,
    }
    Ok(())
}

fn roll_back(conn: &mut Conn) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => AnsiTransactionManager::rollback_transaction(inner)?,
        Conn::Postgres(inner) => AnsiTransactionManager::rollback_transaction(inner)?,
    }
    Ok(())
}

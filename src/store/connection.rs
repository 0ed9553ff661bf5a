//! A connection to either database, and what it must be before it is used.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

use super::{DatabaseUrl, StoreError, StoreResult};

/// A connection to SQLite or PostgreSQL behind one type.
///
/// Its derived `establish` tries every variant and hides errors, so nobody calls it: [`Conn::open`]
/// chooses by scheme.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

impl Conn {
    /// Opens a connection, sets it up and checks that acknowledged writes will be durable.
    ///
    /// # Errors
    /// [`StoreError::Connection`]; [`StoreError::Unsafe`] when the database would lose writes on a
    /// power cut or is a standby.
    pub fn open(url: &DatabaseUrl) -> StoreResult<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut inner = SqliteConnection::establish(&path.to_string_lossy())?;
                set_up_sqlite(&mut inner)?;
                Ok(Self::Sqlite(inner))
            }
            DatabaseUrl::Postgres(url) => {
                let mut inner = PgConnection::establish(url)?;
                set_up_postgres(&mut inner)?;
                Ok(Self::Postgres(inner))
            }
        }
    }

    /// Whether this is PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// WAL with FULL: with NORMAL a power cut loses acknowledged commits. The WAL may grow to 16,384 pages
/// (128 MiB) before it is copied back, so that an index page that many chunks touch is copied once.
fn set_up_sqlite(conn: &mut SqliteConnection) -> StoreResult<()> {
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;
         PRAGMA mmap_size = 268435456; PRAGMA wal_autocheckpoint = 16384; PRAGMA temp_store = MEMORY;",
    )?;
    for (pragma, column, wanted) in [
        ("journal_mode", "journal_mode", "wal"),
        ("synchronous", "synchronous", "2"),
        ("foreign_keys", "foreign_keys", "1"),
    ] {
        let found: Setting = sql_query(format!(
            "SELECT CAST({column} AS TEXT) AS value FROM pragma_{pragma}"
        ))
        .get_result(conn)?;
        if found.value != wanted {
            return Err(StoreError::Unsafe(format!(
                "PRAGMA {pragma} is {}, must be {wanted}",
                found.value
            )));
        }
    }
    Ok(())
}

fn set_up_postgres(conn: &mut PgConnection) -> StoreResult<()> {
    // A transaction-mode pooler gives each transaction another session; prepared statements would be lost.
    conn.set_prepared_statement_cache_size(diesel::connection::CacheSize::Unbounded);
    conn.batch_execute("SET client_min_messages = warning; SET TIME ZONE 'UTC'")?;
    let standby: Setting = sql_query("SELECT pg_is_in_recovery()::text AS value").get_result(conn)?;
    if standby.value == "true" {
        return Err(StoreError::Unsafe(
            "this PostgreSQL is a standby: connect to the primary".into(),
        ));
    }
    for (setting, refused) in [
        ("fsync", "off"),
        ("synchronous_commit", "off"),
        ("full_page_writes", "off"),
    ] {
        let found: Setting =
            sql_query(format!("SELECT current_setting('{setting}') AS value")).get_result(conn)?;
        if found.value == refused {
            return Err(StoreError::Unsafe(format!(
                "PostgreSQL's {setting} is {refused}: turn it on"
            )));
        }
    }
    Ok(())
}

//! Pools of connections: one for everything, opened by scheme.

use std::time::Duration;

use diesel::{RunQueryDsl, sql_query};

use super::{Conn, DatabaseUrl, StoreError, StoreResult};

/// r2d2's view of how to make and check a [`Conn`].
#[derive(Debug)]
pub struct Manager {
    url: DatabaseUrl,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        Conn::open(&self.url)
    }

    /// Also refuses a primary that became a standby while we held the connection.
    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        match conn {
            Conn::Sqlite(inner) => sql_query("SELECT 1").execute(inner)?,
            Conn::Postgres(inner) => {
                sql_query("SELECT 1 / (CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END)").execute(inner)?
            }
        };
        Ok(())
    }

    fn has_broken(&self, _: &mut Conn) -> bool {
        false
    }
}

/// A pool of connections.
pub type Pool = r2d2::Pool<Manager>;
/// A connection on loan from the pool.
pub type PooledConn = r2d2::PooledConnection<Manager>;

/// The database of one registry.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    url: DatabaseUrl,
}

impl Store {
    /// Opens a pool of at most `connections`. Tables are not made: see [`migrate`](super::migrate).
    ///
    /// # Errors
    /// [`StoreError`] when no connection can be made or the database is not safe to use.
    pub fn open(url: &DatabaseUrl, connections: u32) -> StoreResult<Self> {
        // r2d2 hides why a connection failed; one made by hand says it.
        drop(Conn::open(url)?);
        let pool = r2d2::Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .test_on_check_out(url.is_postgres())
            .connection_timeout(Duration::from_secs(10))
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build(Manager { url: url.clone() })?;
        Ok(Self {
            pool,
            url: url.clone(),
        })
    }

    /// A connection on loan.
    ///
    /// # Errors
    /// [`StoreError::Pool`] when none is free in ten seconds.
    pub fn conn(&self) -> StoreResult<PooledConn> {
        Ok(self.pool.get()?)
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}

//! What can go wrong between us and a database.

/// Every failure of the store. No query error becomes a default.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused a statement or went away.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// No connection could be made.
    #[error("cannot connect to the database: {0}")]
    Connection(#[from] diesel::ConnectionError),
    /// The pool gave no connection in time.
    #[error("no database connection became free in time: {0}")]
    Pool(#[from] r2d2::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(String),
    /// The database is not set up as this registry needs it.
    #[error("the database is not safe to use: {0}")]
    Unsafe(String),
    /// A stored value cannot be read back as what it was.
    #[error("stored {what} cannot be read: {why}")]
    Corrupt {
        /// Which value, by table and key.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// Another writer has taken over: this one must stop.
    #[error("another publisher holds the lease: {0}")]
    Fenced(String),
    /// A compare-and-swap found another value than it expected.
    #[error("{0} moved meanwhile")]
    Moved(&'static str),
}

/// The store's result.
pub type StoreResult<T> = Result<T, StoreError>;

/// A stored count or size as an unsigned number.
///
/// # Errors
/// [`StoreError::Corrupt`] for a negative one, which nothing here ever wrote.
pub fn unsigned(what: &str, value: i64) -> StoreResult<u64> {
    u64::try_from(value).map_err(|_| StoreError::corrupt(what, format!("{value} is negative")))
}

impl StoreError {
    /// A stored value that cannot be read back.
    pub fn corrupt(what: impl Into<String>, why: impl ToString) -> Self {
        Self::Corrupt {
            what: what.into(),
            why: why.to_string(),
        }
    }
}

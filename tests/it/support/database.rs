//! The two databases, so that one test body runs on both.

use super::postgres;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// A file in the registry's own folder.
    Sqlite,
    /// A fresh database in a real cluster.
    Postgres,
}

impl Database {
    /// What to hand to `--database-url`: nothing for SQLite. `Err` says why the database is missing.
    pub fn url(self) -> Result<Option<String>, String> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Postgres => postgres::fresh_database().map(Some),
        }
    }
}

/// Runs `$test(&Setup)`-shaped functions twice: once on SQLite, once on PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(None);
            }

            #[test]
            fn postgres() {
                match $crate::support::database::Database::Postgres.url() {
                    Ok(url) => super::$name(url.as_deref()),
                    Err(why) => $crate::support::skip(concat!(stringify!($name), " on PostgreSQL"), &why),
                }
            }
        }
    )+ };
}

//! Embedded migrations: the same names for both databases.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Conn, StoreError, StoreResult};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Brings the schema to this version and returns the names of the migrations run.
///
/// # Errors
/// [`StoreError::Migration`] with the database's words; what ran before stays.
pub fn run(conn: &mut Conn) -> StoreResult<Vec<String>> {
    let done = match conn {
        Conn::Sqlite(inner) => inner.run_pending_migrations(SQLITE).map(names),
        Conn::Postgres(inner) => inner.run_pending_migrations(POSTGRES).map(names),
    };
    done.map_err(|error| StoreError::Migration(error.to_string()))
}

/// Whether any embedded migration has not run.
///
/// # Errors
/// [`StoreError::Migration`] when the database cannot say.
pub fn pending(conn: &mut Conn) -> StoreResult<bool> {
    let pending = match conn {
        Conn::Sqlite(inner) => inner.has_pending_migration(SQLITE),
        Conn::Postgres(inner) => inner.has_pending_migration(POSTGRES),
    };
    pending.map_err(|error| StoreError::Migration(error.to_string()))
}

fn names(versions: Vec<diesel::migration::MigrationVersion<'_>>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

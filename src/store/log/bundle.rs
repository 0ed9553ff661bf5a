//! Entry bundles: up to 256 entries, each behind its length (C2SP tlog-tiles).

use diesel::prelude::*;

use crate::store::schema::entry_bundle;
use crate::store::{Conn, StoreResult};

/// A bundle as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = entry_bundle, treat_none_as_default_value = false)]
pub struct Bundle {
    /// Index: entries `256 * bundle_index` on.
    pub bundle_index: i64,
    /// How many entries, 1 to 256.
    pub width: i64,
    /// The bundle's bytes.
    pub entries: Vec<u8>,
}

/// Adds bundles; a growing bundle is a new, wider row.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn insert(conn: &mut Conn, bundles: &[Bundle]) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => {
            for row in bundles {
                diesel::insert_into(entry_bundle::table)
                    .values(row)
                    .execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            diesel::copy_from(entry_bundle::table)
                .from_insertable(bundles)
                .execute(inner)?;
        }
    }
    Ok(())
}

/// The narrowest stored bundle of at least `width` entries.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn read(conn: &mut Conn, index: i64, width: i64) -> StoreResult<Option<Bundle>> {
    Ok(entry_bundle::table
        .filter(entry_bundle::bundle_index.eq(index))
        .filter(entry_bundle::width.ge(width))
        .order(entry_bundle::width)
        .first(conn)
        .optional()?)
}

/// Every stored bundle of one index, narrow to wide, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_widths(conn: &mut Conn, index: i64) -> StoreResult<Vec<Bundle>> {
    Ok(entry_bundle::table
        .filter(entry_bundle::bundle_index.eq(index))
        .order(entry_bundle::width)
        .load(conn)?)
}

/// Index and width of bundles that reach beyond a log of `size` entries, at most `limit`, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn outside(conn: &mut Conn, size: i64, limit: i64) -> StoreResult<Vec<(i64, i64)>> {
    let end = entry_bundle::bundle_index * 256_i64 + entry_bundle::width;
    Ok(entry_bundle::table
        .filter(end.gt(size).or(entry_bundle::bundle_index.lt(0)))
        .order((entry_bundle::bundle_index, entry_bundle::width))
        .limit(limit)
        .select((entry_bundle::bundle_index, entry_bundle::width))
        .load(conn)?)
}

//! Tiles: up to 256 hashes of one level, side by side.

use diesel::prelude::*;

use crate::store::schema::tile;
use crate::store::{Conn, StoreResult};

/// A tile as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = tile, treat_none_as_default_value = false)]
pub struct Tile {
    /// Level, 0 for leaves.
    pub level: i64,
    /// Index within the level.
    pub tile_index: i64,
    /// How many hashes, 1 to 256.
    pub width: i64,
    /// The hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// Adds tiles; a growing tile is a new, wider row.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn insert(conn: &mut Conn, tiles: &[Tile]) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => {
            for row in tiles {
                diesel::insert_into(tile::table).values(row).execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            diesel::copy_from(tile::table)
                .from_insertable(tiles)
                .execute(inner)?;
        }
    }
    Ok(())
}

/// The hashes of a tile of at least `width`, cut to `width`; `None` when no such tile is stored.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn read(conn: &mut Conn, level: i64, index: i64, width: i64) -> StoreResult<Option<Vec<u8>>> {
    let found: Option<Vec<u8>> = tile::table
        .filter(tile::level.eq(level))
        .filter(tile::tile_index.eq(index))
        .filter(tile::width.ge(width))
        .order(tile::width)
        .select(tile::hashes)
        .first(conn)
        .optional()?;
    let wanted = usize::try_from(width).unwrap_or(0).saturating_mul(32);
    Ok(found.and_then(|mut hashes| {
        (hashes.len() >= wanted).then(|| {
            hashes.truncate(wanted);
            hashes
        })
    }))
}

/// Every stored width of one tile, narrow to wide, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_widths(conn: &mut Conn, level: i64, index: i64) -> StoreResult<Vec<Tile>> {
    Ok(tile::table
        .filter(tile::level.eq(level))
        .filter(tile::tile_index.eq(index))
        .order(tile::width)
        .load(conn)?)
}

/// Level, index and width of tiles of `level` that reach beyond its `hashes` hashes, at most `limit`,
/// for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn outside(conn: &mut Conn, level: i64, hashes: i64, limit: i64) -> StoreResult<Vec<(i64, i64, i64)>> {
    let end = tile::tile_index * 256_i64 + tile::width;
    Ok(tile::table
        .filter(tile::level.eq(level))
        .filter(end.gt(hashes).or(tile::tile_index.lt(0)))
        .order((tile::tile_index, tile::width))
        .limit(limit)
        .select((tile::level, tile::tile_index, tile::width))
        .load(conn)?)
}

/// The levels of which tiles are stored, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn levels(conn: &mut Conn) -> StoreResult<Vec<i64>> {
    Ok(tile::table
        .select(tile::level)
        .distinct()
        .order(tile::level)
        .load(conn)?)
}

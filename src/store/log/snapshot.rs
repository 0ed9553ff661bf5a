//! The trees behind snapshots: leaves in bundles of 256, tiles of hashes, and what monitors signed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::on_backend;
use crate::store::schema::{monitor_note, snapshot, snapshot_leaves, snapshot_tile};
use crate::store::{Conn, StoreError, StoreResult};

/// A snapshot's tree.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = snapshot, treat_none_as_default_value = false)]
pub struct SnapshotRow {
    /// Our own number for it.
    pub id: i64,
    /// `public` or `partners`.
    pub audience: String,
    /// Entries of the log that it describes.
    pub log_size: i64,
    /// Leaves of the tree.
    pub tree_size: i64,
    /// The snapshot's `validFrom`, UTC.
    pub taken_at: NaiveDateTime,
    /// Where the signed snapshot stands in the log; none while the tree is being built.
    pub log_index: Option<i64>,
}

/// Up to 256 leaves.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = snapshot_leaves)]
pub struct LeavesRow {
    /// The snapshot.
    pub snapshot_id: i64,
    /// Index: leaves `256 * bundle_index` on.
    pub bundle_index: i64,
    /// Key of the first leaf, 32 bytes.
    pub first_key: Vec<u8>,
    /// The leaves' bytes, one after another.
    pub leaves: Vec<u8>,
}

/// A tile of the tree in its final width.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = snapshot_tile)]
pub struct TileRow {
    /// The snapshot.
    pub snapshot_id: i64,
    /// Level, 0 for leaves.
    pub level: i64,
    /// Index within the level.
    pub tile_index: i64,
    /// The hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// Begins a tree that is not logged yet; gives its number.
///
/// # Errors
/// [`StoreError::Database`].
pub fn begin(conn: &mut Conn, audience: &str, log_size: i64, taken_at: NaiveDateTime) -> StoreResult<i64> {
    let last: Option<i64> = snapshot::table
        .select(diesel::dsl::max(snapshot::id))
        .first(conn)?;
    let row = SnapshotRow {
        id: last.unwrap_or(0).saturating_add(1),
        audience: audience.to_owned(),
        log_size,
        tree_size: 0,
        taken_at,
        log_index: None,
    };
    on_backend!(conn, inner => diesel::insert_into(snapshot::table).values(&row).execute(inner))?;
    Ok(row.id)
}

/// Adds leaves and tiles to a tree.
///
/// # Errors
/// [`StoreError::Database`], also when the tree was cleared away meanwhile.
pub fn add(conn: &mut Conn, leaves: &[LeavesRow], tiles: &[TileRow]) -> StoreResult<()> {
    for row in leaves {
        on_backend!(conn, inner => diesel::insert_into(snapshot_leaves::table).values(row).execute(inner))?;
    }
    for row in tiles {
        on_backend!(conn, inner => diesel::insert_into(snapshot_tile::table).values(row).execute(inner))?;
    }
    Ok(())
}

/// Notes how many leaves a finished tree has.
///
/// # Errors
/// [`StoreError::Moved`] when the tree is gone or logged already.
pub fn finish(conn: &mut Conn, id: i64, tree_size: i64) -> StoreResult<()> {
    one(
        diesel::update(snapshot::table.find(id).filter(snapshot::log_index.is_null()))
            .set(snapshot::tree_size.eq(tree_size))
            .execute(conn)?,
    )
}

/// Notes where a tree's snapshot stands in the log. Runs in the transaction that stores the entry.
///
/// # Errors
/// [`StoreError::Moved`] when the tree is gone or logged already.
pub fn logged(conn: &mut Conn, id: i64, log_index: i64) -> StoreResult<()> {
    one(
        diesel::update(snapshot::table.find(id).filter(snapshot::log_index.is_null()))
            .set(snapshot::log_index.eq(log_index))
            .execute(conn)?,
    )
}

fn one(rows: usize) -> StoreResult<()> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("a snapshot's tree"))
    }
}

/// The newest tree of an audience whose snapshot readers can see.
///
/// # Errors
/// [`StoreError::Database`].
pub fn newest(conn: &mut Conn, audience: &str, served_size: i64) -> StoreResult<Option<SnapshotRow>> {
    Ok(snapshot::table
        .filter(snapshot::audience.eq(audience))
        .filter(snapshot::log_index.lt(served_size))
        .order(snapshot::log_index.desc())
        .first(conn)
        .optional()?)
}

/// Every tree, old to new.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all(conn: &mut Conn) -> StoreResult<Vec<SnapshotRow>> {
    Ok(snapshot::table.order(snapshot::id).load(conn)?)
}

/// Clears a tree away: leaves, tiles, row. The signed snapshot stays in the log.
///
/// # Errors
/// [`StoreError::Database`].
pub fn clear(conn: &mut Conn, id: i64) -> StoreResult<()> {
    diesel::delete(snapshot_tile::table.filter(snapshot_tile::snapshot_id.eq(id))).execute(conn)?;
    diesel::delete(snapshot_leaves::table.filter(snapshot_leaves::snapshot_id.eq(id))).execute(conn)?;
    diesel::delete(snapshot::table.find(id)).execute(conn)?;
    Ok(())
}

/// The last bundle whose first key is not above `key`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn leaves_around(conn: &mut Conn, id: i64, key: &[u8]) -> StoreResult<Option<LeavesRow>> {
    Ok(snapshot_leaves::table
        .filter(snapshot_leaves::snapshot_id.eq(id))
        .filter(snapshot_leaves::first_key.le(key))
        .order(snapshot_leaves::first_key.desc())
        .first(conn)
        .optional()?)
}

/// A bundle of leaves by its index.
///
/// # Errors
/// [`StoreError::Database`].
pub fn leaves_at(conn: &mut Conn, id: i64, bundle: i64) -> StoreResult<Option<LeavesRow>> {
    Ok(snapshot_leaves::table.find((id, bundle)).first(conn).optional()?)
}

/// The hashes of a tile.
///
/// # Errors
/// [`StoreError::Database`].
pub fn tile(conn: &mut Conn, id: i64, level: i64, index: i64) -> StoreResult<Option<Vec<u8>>> {
    Ok(snapshot_tile::table
        .find((id, level, index))
        .select(snapshot_tile::hashes)
        .first(conn)
        .optional()?)
}

/// The places of all bundles of leaves, `(snapshot, index)`, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all_leaves(conn: &mut Conn) -> StoreResult<Vec<(i64, i64)>> {
    Ok(snapshot_leaves::table
        .select((snapshot_leaves::snapshot_id, snapshot_leaves::bundle_index))
        .order((snapshot_leaves::snapshot_id, snapshot_leaves::bundle_index))
        .load(conn)?)
}

/// The places of all tiles, `(snapshot, level, index)`, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all_tiles(conn: &mut Conn) -> StoreResult<Vec<(i64, i64, i64)>> {
    Ok(snapshot_tile::table
        .select((
            snapshot_tile::snapshot_id,
            snapshot_tile::level,
            snapshot_tile::tile_index,
        ))
        .order((
            snapshot_tile::snapshot_id,
            snapshot_tile::level,
            snapshot_tile::tile_index,
        ))
        .load(conn)?)
}

/// Every note of a monitor: the snapshot's digest, the key's name, the note, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all_notes(conn: &mut Conn) -> StoreResult<Vec<(Vec<u8>, String, String)>> {
    Ok(monitor_note::table
        .select((
            monitor_note::snapshot_digest,
            monitor_note::key_name,
            monitor_note::note,
        ))
        .order((monitor_note::snapshot_digest, monitor_note::key_name))
        .load(conn)?)
}

/// Keeps a monitor's note about the snapshot with this digest, in place of an older one of the same name;
/// `false` if that would be more than `most`. Runs in a transaction.
///
/// # Errors
/// [`StoreError::Database`].
pub fn keep_note(
    conn: &mut Conn,
    digest: &[u8],
    (key_name, note): (&str, &str),
    received_at: NaiveDateTime,
    most: usize,
) -> StoreResult<bool> {
    let others: i64 = monitor_note::table
        .filter(monitor_note::snapshot_digest.eq(digest))
        .filter(monitor_note::key_name.ne(key_name))
        .count()
        .get_result(conn)?;
    if usize::try_from(others).is_ok_and(|others| others >= most) {
        return Ok(false);
    }
    let key = (digest, key_name);
    let known: i64 = monitor_note::table.find(key).count().get_result(conn)?;
    if known > 0 {
        // One that came later stays, though it is handed in first.
        let older = monitor_note::table
            .find(key)
            .filter(monitor_note::received_at.le(received_at));
        diesel::update(older)
            .set((
                monitor_note::note.eq(note),
                monitor_note::received_at.eq(received_at),
            ))
            .execute(conn)?;
        return Ok(true);
    }
    diesel::insert_into(monitor_note::table)
        .values((
            monitor_note::snapshot_digest.eq(digest),
            monitor_note::key_name.eq(key_name),
            monitor_note::note.eq(note),
            monitor_note::received_at.eq(received_at),
        ))
        .execute(conn)?;
    Ok(true)
}

/// The notes of monitors about a snapshot, by the name of their key, at most `most`.
///
/// # Errors
/// [`StoreError::Database`].
pub fn notes(conn: &mut Conn, digest: &[u8], most: usize) -> StoreResult<Vec<String>> {
    Ok(monitor_note::table
        .filter(monitor_note::snapshot_digest.eq(digest))
        .order(monitor_note::key_name)
        .select(monitor_note::note)
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .load(conn)?)
}

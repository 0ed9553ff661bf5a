//! Snapshots (records.md §6): what each audience can see, signed as one credential and a tree, from which
//! statements about single employers are answered, “nothing” included.
//!
//! A snapshot describes the newest served head. The public's is built from public records alone, as if
//! there were no others. It refuses to decide what is current by anything but the log: see [`history`].

pub mod history;
pub mod rebuild;
pub mod statement;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use crate::log::hash::Hash;
use crate::log::sorted::{Key, Tiles};
use crate::rebuild::{RebuildError, gather, tree};
use crate::record::credential::Audience;
use crate::store::log::snapshot::{self, LeavesRow, SnapshotRow, TileRow};
use crate::store::log::{checkpoint, erasure, head};
use crate::store::{self, PooledConn, StoreError};

use super::Registry;
use super::publish::{PublishError, Publisher, Stops};
use super::witness;
use history::{HistoryError, StoredHistory};

/// How often at least: twice a day, so that a statement is within a verifier's 24 hours until the next one,
/// even if that one is late. Its key document stands until its own `nextUpdate`.
pub const EVERY: TimeDelta = TimeDelta::hours(12);
/// Trees kept for each audience, besides the newest that is served.
const KEPT: usize = 3;
/// Whose views there are.
pub const AUDIENCES: [Audience; 2] = [Audience::Public, Audience::Partners];
/// Bundles of 256 leaves written in one transaction: about 2 MB.
const BUNDLES: usize = 64;

/// Why no snapshot was taken, or none can be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Publication.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Reading and rebuilding the log's past.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    /// Nothing was served yet.
    #[error("nothing was published yet")]
    Empty,
    /// A record is gone and no served entry says so yet: the served head still counts it.
    #[error(
        "一项撤回尚待见证人联署，此前不能制作快照；见证人恢复后会自动重试 / a withdrawal awaits its witnesses: the served head of {0} \
         entries still counts a record that is gone, and no snapshot of it can be taken. `chengxin serve` tries again by \
         itself; or repeat this once a quorum of witnesses answers"
    )]
    Awaiting(i64),
    /// Numbers that a database cannot hold.
    #[error("more leaves than the database can hold")]
    TooLarge,
}

impl From<HistoryError> for SnapshotError {
    fn from(error: HistoryError) -> Self {
        RebuildError::from(error).into()
    }
}

/// A snapshot that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Whose view.
    pub audience: Audience,
    /// Entries described.
    pub log_size: u64,
    /// Employers with current records.
    pub employers: u64,
    /// Where it stands in the log.
    pub log_index: u64,
}

/// Whether the newest snapshot that readers can see is older than [`EVERY`], or there is none though
/// something was published, or it counts what was withdrawn since.
///
/// # Errors
/// [`SnapshotError::Store`].
pub fn is_due(registry: &Registry) -> Result<bool, SnapshotError> {
    let mut conn = registry.store.conn()?;
    // By what is stored, not by what is served, as for status lists.
    let stored = head::read(&mut conn)?.stored_size;
    let newest = snapshot::newest(&mut conn, Audience::Public.as_str(), stored)?;
    let now = registry.clock.now();
    let old = newest.is_none_or(|row| now - row.taken_at.and_utc() >= EVERY);
    Ok(old || counts_withdrawn(registry)?)
}

/// Whether the newest snapshot counts what was withdrawn since: the next one must not wait for its time.
///
/// # Errors
/// [`SnapshotError::Store`].
pub fn counts_withdrawn(registry: &Registry) -> Result<bool, SnapshotError> {
    let mut conn = registry.store.conn()?;
    let stored = head::read(&mut conn)?.stored_size;
    let served = checkpoint::served_size(&mut conn)?;
    let newest = snapshot::newest(&mut conn, Audience::Public.as_str(), stored)?;
    let erased = erasure::newest(&mut conn, served)?;
    Ok(newest.is_some_and(|row| erased.is_some_and(|index| row.log_size <= index)))
}

/// Takes a snapshot of the newest served head for each audience, as of now.
///
/// # Errors
/// [`SnapshotError`]; nothing is logged then.
pub fn take(registry: &Registry, stops: &dyn Stops) -> Result<Vec<Taken>, SnapshotError> {
    let mut conn = registry.store.conn()?;
    let described = checkpoint::newest_served(&mut conn)?.ok_or(SnapshotError::Empty)?;
    let log_size = unsigned(described.size)?;
    let root = Hash::from_slice(&described.root)
        .ok_or_else(|| StoreError::corrupt("checkpoint", "its root is not 32 bytes"))?;
    let at = registry.clock.now();
    let scratch = scratch(registry);
    let awaiting = SnapshotError::Awaiting(described.size);
    if withdrawal_awaits(&mut conn, described.size)? {
        return Err(awaiting);
    }
    let gathered = gather(
        &mut StoredHistory::new(&mut conn),
        log_size,
        at,
        &AUDIENCES,
        &scratch,
    );
    let (all, lists) = match gathered {
        // Withdrawn during the long pass.
        Err(RebuildError::Gone(_)) if withdrawal_awaits(&mut conn, described.size)? => return Err(awaiting),
        gathered => gathered?,
    };
    // From here on, not during the long pass over history: a tree that is not logged yet is a dead
    // process's only while nobody else can be building one.
    let mut publisher = Publisher::open(registry, stops)?;
    clear(&mut conn, |_| true)?;
    let mut found = Vec::with_capacity(all.len());
    for gathered in all {
        let mut trunk = Trunk::begin(registry, gathered.audience(), described.size, at)?;
        let state = tree::build(gathered, lists.clone(), (log_size, root), &mut trunk)?;
        found.push((trunk.finish(state.tree_size)?, state));
    }
    let mut taken: Vec<Taken> = found
        .iter()
        .map(|(_, state)| Taken {
            audience: state.audience,
            log_size,
            employers: state.tree_size,
            log_index: 0,
        })
        .collect();
    let first = publisher.publish_snapshots(found, at)?;
    for (index, one) in (first..).zip(&mut taken) {
        one.log_index = index;
    }
    let rows = snapshot::all(&mut conn)?;
    let served = checkpoint::served_size(&mut conn)?;
    clear(&mut conn, |row| is_kept(&rows, row, served))?;
    drop(publisher);
    witness::after_publishing(registry)?;
    Ok(taken)
}

/// Whether a body is gone by an erasure that no head of up to `served` entries covers: from an erasure's head on
/// until its quorum.
fn withdrawal_awaits(conn: &mut PooledConn, served: i64) -> Result<bool, StoreError> {
    let signed = head::read(conn)?.head_size;
    let newest = erasure::newest(conn, signed)?;
    Ok(newest.is_some_and(|index| index >= served))
}

/// Whether a tree is among its audience's newest, or is the one from which statements are answered: after
/// an outage of the witnesses the newest may all be unseen under the head of size `served`.
fn is_kept(rows: &[SnapshotRow], row: &SnapshotRow, served: i64) -> bool {
    let others = || rows.iter().filter(|other| other.audience == row.audience);
    let answers = others()
        .filter(|other| other.log_index.is_some_and(|index| index < served))
        .max_by_key(|other| other.log_index);
    answers == Some(row) || others().filter(|other| other.id > row.id).count() < KEPT
}

/// Clears away the trees that were never logged, and of the others those that are not to be kept.
fn clear(conn: &mut PooledConn, keep: impl Fn(&SnapshotRow) -> bool) -> Result<(), SnapshotError> {
    for row in snapshot::all(conn)? {
        if row.log_index.is_none() || !keep(&row) {
            store::write(conn, |conn| snapshot::clear(conn, row.id))?;
        }
    }
    Ok(())
}

/// Where scratch files go: the registry's folder, or the system's place where there is none.
fn scratch(registry: &Registry) -> PathBuf {
    match &registry.data {
        Some(data) => data.path().to_path_buf(),
        None => std::env::temp_dir(),
    }
}

fn unsigned(value: i64) -> Result<u64, SnapshotError> {
    u64::try_from(value).map_err(|_| SnapshotError::TooLarge)
}

fn signed(value: u64) -> Result<i64, SnapshotError> {
    i64::try_from(value).map_err(|_| SnapshotError::TooLarge)
}

/// A tree on its way into the database.
struct Trunk {
    conn: PooledConn,
    id: i64,
    leaves: Vec<LeavesRow>,
    tiles: Vec<TileRow>,
}

impl Trunk {
    fn begin(
        registry: &Registry,
        audience: Audience,
        log_size: i64,
        at: DateTime<Utc>,
    ) -> Result<Self, SnapshotError> {
        let mut conn = registry.store.conn()?;
        let id = store::write(&mut conn, |conn| {
            snapshot::begin(conn, audience.as_str(), log_size, at.naive_utc())
        })?;
        Ok(Self {
            conn,
            id,
            leaves: Vec::new(),
            tiles: Vec::new(),
        })
    }

    fn flush(&mut self) -> Result<(), SnapshotError> {
        let (leaves, tiles) = (std::mem::take(&mut self.leaves), std::mem::take(&mut self.tiles));
        Ok(store::write(&mut self.conn, |conn| {
            snapshot::add(conn, &leaves, &tiles)
        })?)
    }

    fn finish(mut self, tree_size: u64) -> Result<i64, SnapshotError> {
        self.flush()?;
        let (id, tree_size) = (self.id, signed(tree_size)?);
        store::write(&mut self.conn, |conn| snapshot::finish(conn, id, tree_size))?;
        Ok(id)
    }
}

impl tree::Sink for Trunk {
    type Error = SnapshotError;

    fn leaves(&mut self, bundle: u64, first: Key, leaves: Vec<u8>) -> Result<(), SnapshotError> {
        self.leaves.push(LeavesRow {
            snapshot_id: self.id,
            bundle_index: signed(bundle)?,
            first_key: first.to_vec(),
            leaves,
        });
        if self.leaves.len() < BUNDLES {
            return Ok(());
        }
        self.flush()
    }

    fn tiles(&mut self, tiles: Tiles) -> Result<(), SnapshotError> {
        for (tile, hashes) in tiles {
            self.tiles.push(TileRow {
                snapshot_id: self.id,
                level: i64::from(tile.level),
                tile_index: signed(tile.index)?,
                hashes,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

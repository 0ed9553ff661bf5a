//! One chunk of entries: what transaction 1 writes, and the head that is signed over it.

use chrono::{DateTime, Utc};

use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::log::entries;
use crate::log::hash::{Hash, leaf_hash};
use crate::log::tile::{TILE_WIDTH, TileId};
use crate::record::entry::Entry;
use crate::store::log::archive::{self, SealedRow};
use crate::store::log::body::{self, Body};
use crate::store::log::bundle::{self, Bundle};
use crate::store::log::change::{self, Requested};
use crate::store::log::chunk as journal;
use crate::store::log::erasure::{self, ErasureRow};
use crate::store::log::snapshot;
use crate::store::log::status::{self, StatusList, StatusListVersion};
use crate::store::log::tile::{self, Tile};
use crate::store::waiting::{self, WaitingRow};
use crate::store::{Conn, StoreError};

use super::change::insert_waiting;
use super::{PublishError, read_back};
use crate::registry::audit::{self, Act};
use crate::registry::tiles::StoredTiles;

/// Entries in a full bundle, hashes in a full tile.
pub(super) const WIDTH: u64 = TILE_WIDTH as u64;

/// One entry, ready to be stored.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The body; its log index is set when it is stored. An erasure has none: its entry speaks of the
    /// body that goes.
    pub body: Option<Body>,
    /// The exact entry bytes.
    pub entry: Vec<u8>,
    /// The entry's leaf hash.
    pub leaf: Hash,
}

impl Prepared {
    /// An entry over a body.
    #[must_use]
    pub fn new(body: Body, entry: &Entry) -> Self {
        Self {
            body: Some(body),
            ..Self::bodiless(entry)
        }
    }

    /// An entry without a body of its own.
    #[must_use]
    pub fn bodiless(entry: &Entry) -> Self {
        let entry = entry.encode();
        let leaf = leaf_hash(&entry);
        Self {
            body: None,
            entry,
            leaf,
        }
    }
}

/// Indices handed out from one status list with a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandOut {
    /// The list.
    pub number: i64,
    /// How many were handed out before.
    pub from: i64,
    /// How many after.
    pub to: i64,
}

/// Everything that transaction 1 writes.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Entries in log order.
    pub entries: Vec<Prepared>,
    /// Status indices that the entries use.
    pub hand_outs: Vec<HandOut>,
    /// Lists that begin with this chunk.
    pub new_lists: Vec<StatusList>,
    /// `(purpose, list, place in the chunk, validFrom)` of list versions among the entries.
    pub list_versions: Vec<(String, i64, usize, chrono::NaiveDateTime)>,
    /// Journalled changes that a list version among the entries carries: number and the version's place.
    pub carried: Vec<(i64, usize)>,
    /// Changes that are journalled and carried with this chunk.
    pub changes: Vec<(Requested, usize)>,
    /// Items of which something waits for the day's end, noted with this chunk.
    pub waiting: Vec<WaitingRow>,
    /// Items that waited and whose record or bit is among the entries: batch, position, place.
    pub settled: Vec<(String, i64, usize)>,
    /// Records whose bodies go with this chunk's head, with the places of their withdrawal and erasure.
    pub erased: Vec<Erased>,
    /// `(snapshot, place in the chunk)` of snapshots among the entries.
    pub snapshots: Vec<(i64, usize)>,
    /// The batch that it belongs to, and which chunk of it this is.
    pub batch: Option<(String, i64)>,
    /// How many of the batch's items it settles, where that is not one an entry.
    pub items: Option<i64>,
    /// Names of the log that ends with it and of the one that goes on.
    pub succession: Option<(String, String)>,
    /// What the audit trail is told of with it, and when that was.
    pub acts: Vec<(Act, DateTime<Utc>)>,
}

impl Chunk {
    /// Notes on every body that it came with a batch.
    pub(super) fn belongs_to(&mut self, batch: &str) {
        for body in self.entries.iter_mut().filter_map(|one| one.body.as_mut()) {
            body.batch_id = Some(batch.to_owned());
        }
    }
}

/// A record that is erased with a chunk.
#[derive(Debug, Clone)]
pub struct Erased {
    /// Its row; the two log indices are set when it is stored.
    pub row: ErasureRow,
    /// The archive's copy.
    pub sealed: SealedRow,
    /// Place of its `RecordWithdrawal` in the chunk; its `erasure` entry follows.
    pub place: usize,
}

/// Writes a chunk at `first`: bodies, entries, tiles, status indices. Runs inside transaction 1.
pub(super) fn store(
    conn: &mut Conn,
    first: u64,
    edge: &mut Edge,
    chunk: &mut Chunk,
) -> Result<(), PublishError> {
    let mut bodies = Vec::with_capacity(chunk.entries.len());
    let mut leaves = Vec::with_capacity(chunk.entries.len());
    for (place, prepared) in (first..).zip(&mut chunk.entries) {
        if let Some(mut row) = prepared.body.take() {
            row.log_index = index(place)?;
            bodies.push(row);
        }
        leaves.push(prepared.leaf);
    }
    let stored = journal::Chunk {
        first_index: index(first)?,
        count: i64::try_from(leaves.len()).map_err(|_| PublishError::TooLarge)?,
        batch_id: chunk.batch.as_ref().map(|(id, _)| id.clone()),
        ordinal: chunk.batch.as_ref().map(|(_, ordinal)| *ordinal),
        items: chunk.items,
    };
    journal::insert(conn, &stored)?;
    body::insert(conn, &bodies)?;
    let changed = bundles(conn, first, &chunk.entries)?;
    bundle::insert(conn, &changed)?;
    tile::insert(
        conn,
        &edge
            .grow(&leaves)
            .into_iter()
            .map(tile_row)
            .collect::<Result<Vec<_>, _>>()?,
    )?;
    for list in &chunk.new_lists {
        status::create(conn, list)?;
    }
    for out in &chunk.hand_outs {
        status::hand_out(conn, out.number, out.from, out.to)?;
    }
    let at = |place: usize| index(first.saturating_add(u64::try_from(place).unwrap_or(u64::MAX)));
    for (purpose, number, place, valid_from) in &chunk.list_versions {
        let version = StatusListVersion {
            purpose: purpose.clone(),
            number: *number,
            log_index: at(*place)?,
            valid_from: *valid_from,
        };
        status::insert_version(conn, &version)?;
    }
    for (id, place) in &chunk.carried {
        change::carry(conn, *id, at(*place)?)?;
    }
    for (wanted, place) in &chunk.changes {
        let id = change::request(conn, wanted)?;
        change::carry(conn, id, at(*place)?)?;
    }
    insert_waiting(conn, &chunk.waiting)?;
    for (batch, position, place) in &chunk.settled {
        waiting::settle(conn, batch, *position, at(*place)?)?;
    }
    for (id, place) in &chunk.snapshots {
        snapshot::logged(conn, *id, at(*place)?)?;
    }
    for erased in &chunk.erased {
        let row = ErasureRow {
            withdrawal_index: at(erased.place)?,
            erasure_index: at(erased.place.saturating_add(1))?,
            ..erased.row.clone()
        };
        erasure::insert(conn, &row)?;
        archive::insert(conn, &erased.sealed)?;
        let name = uuid::Uuid::from_slice(&row.record_id)
            .map_err(|error| StoreError::corrupt(format!("erasure {}", row.record_index), error))?;
        let act = Act {
            request: row.cause.clone(),
            after: row.digest.as_slice().try_into().ok(),
            ..Act::system("record.erase", name.to_string())
        };
        audit::record(conn, &act, row.erased_at.and_utc())?;
    }
    for (act, when) in &chunk.acts {
        audit::record(conn, act, *when)?;
    }
    Ok(())
}

/// A log index or size as the database holds it.
pub(super) fn index(value: u64) -> Result<i64, PublishError> {
    i64::try_from(value).map_err(|_| PublishError::TooLarge)
}

fn tile_row((id, hashes): (TileId, Vec<u8>)) -> Result<Tile, PublishError> {
    Ok(Tile {
        level: i64::from(id.level),
        tile_index: index(id.index)?,
        width: i64::from(id.width),
        hashes,
    })
}

/// The entry bundles that change when `entries` are added at `first`.
fn bundles(conn: &mut Conn, first: u64, entries: &[Prepared]) -> Result<Vec<Bundle>, PublishError> {
    let mut changed = Vec::new();
    let mut place = first;
    let mut rest = entries;
    while !rest.is_empty() {
        let number = place / WIDTH;
        let held = place % WIDTH;
        let room = usize::try_from(WIDTH - held).unwrap_or(usize::MAX);
        let (part, after) = rest.split_at(room.min(rest.len()));
        let mut bytes = if held == 0 {
            Vec::new()
        } else {
            stored_bundle(conn, number, held)?
        };
        let part_bytes: Vec<&[u8]> = part.iter().map(|prepared| prepared.entry.as_slice()).collect();
        bytes.extend_from_slice(
            &entries::encode(&part_bytes).map_err(|error| PublishError::Internal(error.to_string()))?,
        );
        let width = held.saturating_add(u64::try_from(part.len()).unwrap_or(0));
        changed.push(Bundle {
            bundle_index: index(number)?,
            width: index(width)?,
            entries: bytes,
        });
        place = place.saturating_add(u64::try_from(part.len()).unwrap_or(0));
        rest = after;
    }
    Ok(changed)
}

fn stored_bundle(conn: &mut Conn, number: u64, width: u64) -> Result<Vec<u8>, PublishError> {
    let found = bundle::read(conn, index(number)?, index(width)?)?;
    match found {
        Some(found) if found.width == index(width)? => Ok(found.entries),
        _ => Err(StoreError::corrupt(
            format!("entry bundle {number}"),
            format!("no bundle of {width} entries"),
        )
        .into()),
    }
}

/// Reads back what transaction 1 stored at `first..size`, hashes it again from the bodies up, and
/// recomputes the root from the stored tiles. Uses neither the memory nor the code that wrote it.
///
/// # Errors
/// [`PublishError::ReadBack`] at the first difference: nothing is signed then.
pub(super) fn read_back(
    conn: &mut Conn,
    origin: &str,
    first: u64,
    size: u64,
) -> Result<Checkpoint, PublishError> {
    read_back::stored(conn, first, size)?;
    let edge = Edge::load(&StoredTiles::new(conn), size)
        .map_err(|error| PublishError::ReadBack(error.to_string()))?;
    Ok(Checkpoint {
        origin: origin.to_owned(),
        size,
        root: edge.root(),
    })
}

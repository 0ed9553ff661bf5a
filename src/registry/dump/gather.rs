//! One pass over the log for what is current. It shares no code with the snapshot's own pass but the format:
//! that both come to one digest is worth something only so.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use crate::rebuild::RebuildError;
use crate::record::credential::{self, Audience, StatusPointer};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::{Bitstring, StatusPurpose, read_list};
use crate::registry::snapshot::SnapshotError;
use crate::registry::snapshot::history::{History as _, Logged, StoredHistory};
use crate::store::Conn;

use super::DumpError;
use super::row::{Place, cells};
use super::write::Writing;

/// Entries looked at together; a multiple of a bundle's 256.
const STEP: u64 = 4096;

type Lists = BTreeMap<(u32, StatusPurpose), Bitstring>;

/// A current record.
struct Current {
    audience: Audience,
    digest: Digest,
    bytes: Vec<u8>,
    cells: Vec<String>,
}

/// Writes what is current among the first `size` entries at `at`, to each what it may see; gives the status
/// lists that said so.
pub(super) fn gather(
    conn: &mut Conn,
    size: u64,
    at: DateTime<Utc>,
    writings: &mut [(Audience, Writing)],
) -> Result<Vec<Vec<u8>>, DumpError> {
    let mut history = StoredHistory::new(conn);
    let newest = history.lists(size).map_err(SnapshotError::from)?;
    let lists = read(&newest)?;
    let mut from = 0;
    while from < size {
        let to = size.min(from.saturating_add(STEP));
        let logged = history.entries(from, to).map_err(SnapshotError::from)?;
        let places: Vec<(u64, Logged)> = (from..).zip(logged).collect();
        let found: Vec<Option<Current>> = places
            .into_par_iter()
            .map(|(index, logged)| {
                look(index, logged, &lists, at).map_err(|why| DumpError::Damaged(index, why))
            })
            .collect::<Result<_, _>>()?;
        for one in found.into_iter().flatten() {
            for (view, writing) in writings.iter_mut() {
                if one.audience == Audience::Public || *view == Audience::Partners {
                    writing.take(one.digest, &one.bytes, &one.cells)?;
                }
            }
        }
        from = to;
    }
    Ok(newest)
}

fn read(newest: &[Vec<u8>]) -> Result<Lists, DumpError> {
    let mut lists = Lists::new();
    for bytes in newest {
        let list =
            read_list(bytes).map_err(|error| SnapshotError::from(RebuildError::List(error.to_string())))?;
        lists.insert((list.list, list.purpose), list.bits);
    }
    Ok(lists)
}

fn look(index: u64, logged: Logged, lists: &Lists, at: DateTime<Utc>) -> Result<Option<Current>, String> {
    let entry = Entry::decode(&logged.entry).map_err(|error| error.to_string())?;
    if !matches!(
        entry.kind,
        EntryKind::Record | EntryKind::RuleSet | EntryKind::Draw
    ) {
        return Ok(None);
    }
    // A body that is gone was withdrawn; if it was not, the digest over all will differ.
    let Some(bytes) = logged.body else {
        return Ok(None);
    };
    if Digest::of(&bytes) != entry.digest {
        return Err("its body's bytes are not those that were logged".into());
    }
    let record = credential::read(&bytes).map_err(|error| error.to_string())?;
    // A withdrawal's own record has no status: it is never current.
    let Some(pointer) = record.status else {
        return Ok(None);
    };
    let bit = |purpose| bit(lists, pointer, purpose);
    let out = bit(StatusPurpose::Revocation)? || bit(StatusPurpose::Refresh)?;
    if out || record.valid_until.is_some_and(|until| until <= at) {
        return Ok(None);
    }
    let facts = record.facts().map_err(|error| error.to_string())?;
    let place = Place {
        index,
        digest: entry.digest,
        audience: entry.audience.as_str(),
        suspended: bit(StatusPurpose::Suspension)?,
    };
    let cells = cells(place, &record, &facts);
    drop((facts, record));
    Ok(Some(Current {
        audience: entry.audience,
        digest: entry.digest,
        bytes,
        cells,
    }))
}

fn bit(lists: &Lists, pointer: StatusPointer, purpose: StatusPurpose) -> Result<bool, String> {
    let bits = lists
        .get(&(pointer.list, purpose))
        .ok_or_else(|| format!("there is no list {} {}", purpose.as_str(), pointer.list))?;
    bits.get(pointer.index).map_err(|error| error.to_string())
}

//! Bodies that an earlier catching up lacked, out of a mirror that has them. Each is what its entry says, or is
//! not taken.

use crate::log::entries;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::store::log::body as bodies;
use crate::store::log::{bundle, chunk, erasure};
use crate::store::{Conn, StoreError};

use super::mirror::Mirror;
use super::{CatchUpError, body};

/// Entries in a full bundle.
const WIDTH: u64 = 256;

/// Stores what the mirror has of the bodies that are missing among the first `size` entries; how many.
pub(super) fn bodies(conn: &mut Conn, mirror: &Mirror, size: u64) -> Result<u64, CatchUpError> {
    let mut filled = 0_u64;
    let mut number = 0_u64;
    while number.saturating_mul(WIDTH) < size {
        let missing = missing(conn, number, size)?;
        if !missing.is_empty() {
            let mut found = mirror.bodies(number)?;
            for (index, entry) in missing {
                let place = usize::try_from(index.rem_euclid(256)).unwrap_or(usize::MAX);
                let bytes = found.get_mut(place).and_then(Option::take);
                let Some(bytes) = bytes.filter(|bytes| Digest::of(bytes) == entry.digest) else {
                    continue;
                };
                let mut row = body::row(conn, index, &entry, bytes)?.body;
                row.batch_id = chunk::around(conn, index)?.and_then(|chunk| chunk.batch_id);
                bodies::insert(conn, &[row])?;
                filled = filled.saturating_add(1);
            }
        }
        number = number.saturating_add(1);
    }
    Ok(filled)
}

/// The entries of a bundle that have no body and should: no erasure accounts for it. Lists and key documents
/// are never gone without.
fn missing(conn: &mut Conn, number: u64, size: u64) -> Result<Vec<(i64, Entry)>, CatchUpError> {
    let larger = |_| StoreError::corrupt("the log's size", "more entries than the database can hold");
    let first = i64::try_from(number.saturating_mul(WIDTH)).map_err(larger)?;
    let end = i64::try_from(size.min(number.saturating_add(1).saturating_mul(WIDTH))).map_err(larger)?;
    let there = bodies::places_between(conn, first, end)?;
    let width = end.saturating_sub(first);
    if i64::try_from(there.len()).ok() == Some(width) {
        return Ok(Vec::new());
    }
    let name = format!("entry_bundle {number}");
    let odd = |why: &dyn std::fmt::Display| StoreError::corrupt(&*name, why);
    let stored = bundle::read(conn, first / 256, width)?.ok_or_else(|| odd(&"it is gone"))?;
    let decoded = entries::decode(&stored.entries).map_err(|error| odd(&error))?;
    let mut missing = Vec::new();
    for (index, entry) in (first..end).zip(decoded) {
        let entry = Entry::decode(entry).map_err(|error| odd(&error))?;
        let own = matches!(
            entry.kind,
            EntryKind::Erasure | EntryKind::StatusList | EntryKind::Keys
        );
        if !own && there.binary_search(&index).is_err() && erasure::of_record(conn, index)?.is_none() {
            missing.push((index, entry));
        }
    }
    Ok(missing)
}

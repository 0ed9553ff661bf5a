//! The second look at a stored chunk: what another connection reads is hashed again from the bodies up,
//! by code that shares nothing with the writer's. One thread reads while another hashes, for the next
//! chunk waits for both.
//!
//! It refuses whatever differs and changes nothing.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::log::entries;
use crate::record::entry::{Entry, EntryKind};
use crate::store::Conn;
use crate::store::log::body::{self, Spoken};
use crate::store::log::erasure::{self, ErasureRow};
use crate::store::log::{bundle, tile};

use super::PublishError;
use super::chunk::{WIDTH, index};

/// Bundles that may wait to be hashed: some 8 MB of bodies.
const AHEAD: usize = 16;

/// A chunk as small as this is hashed where it is read: a thread would cost more than it saves.
const SMALL: u64 = WIDTH;

/// Entries `place..end` of one bundle, as stored.
struct Part {
    place: u64,
    end: u64,
    bundle: Vec<u8>,
    hashes: Vec<u8>,
    stored: Vec<Stored>,
}

/// What storage says of an entry.
enum Stored {
    /// It has a body.
    Body(Spoken),
    /// It says that another one's body goes: the row says which.
    Erasure(ErasureRow),
}

impl Stored {
    const fn index(&self) -> i64 {
        match self {
            Self::Body((at, ..)) => *at,
            Self::Erasure(row) => row.erasure_index,
        }
    }
}

/// Checks entries `first..size`.
///
/// # Errors
/// [`PublishError::ReadBack`] at the first difference; [`PublishError::Store`].
pub(super) fn stored(conn: &mut Conn, first: u64, size: u64) -> Result<(), PublishError> {
    if size.saturating_sub(first) <= SMALL {
        return parts(first, size).try_for_each(|(place, end)| Part::read(conn, place, end)?.check());
    }
    thread::scope(|scope| {
        let (sender, read) = sync_channel(AHEAD);
        let hasher = thread::Builder::new()
            .name("read-back".into())
            .spawn_scoped(scope, move || check_all(&read))
            .map_err(|error| PublishError::Internal(format!("no thread to hash on: {error}")))?;
        let mut done = Ok(true);
        for (place, end) in parts(first, size) {
            // A send fails when the hasher has found a difference and gone; it says it below.
            done = Part::read(conn, place, end).map(|part| sender.send(part).is_ok());
            if !matches!(done, Ok(true)) {
                break;
            }
        }
        drop(sender);
        let checked = hasher
            .join()
            .map_err(|_| PublishError::Internal("the hashing thread died".into()))?;
        // A difference found stands before whatever could not be read after it.
        checked.and(done.map(drop))
    })
}

fn check_all(read: &Receiver<Part>) -> Result<(), PublishError> {
    read.iter().try_for_each(|part| part.check())
}

/// `first..size`, cut where bundles end.
fn parts(first: u64, size: u64) -> impl Iterator<Item = (u64, u64)> {
    let end_of = move |place: u64| size.min((place / WIDTH).saturating_add(1).saturating_mul(WIDTH));
    std::iter::successors((first < size).then(|| (first, end_of(first))), move |(_, end)| {
        (*end < size).then(|| (*end, end_of(*end)))
    })
}

fn wrong(at: u64, what: &str) -> PublishError {
    PublishError::ReadBack(format!("entry {at}: {what}"))
}

impl Part {
    /// Reads entries `place..end`, which all stand in one bundle.
    fn read(conn: &mut Conn, place: u64, end: u64) -> Result<Self, PublishError> {
        let number = place / WIDTH;
        let width = index(end.saturating_sub(number.saturating_mul(WIDTH)))?;
        let bundle = bundle::read(conn, index(number)?, width)?
            .ok_or_else(|| wrong(place, "its bundle is missing"))?
            .entries;
        let hashes =
            tile::read(conn, 0, index(number)?, width)?.ok_or_else(|| wrong(place, "its tile is missing"))?;
        let bodies = body::spoken_between(conn, index(place)?, index(end)?)?;
        let mut stored: Vec<Stored> = bodies.into_iter().map(Stored::Body).collect();
        // Few entries have no body: only then is there an erasure to be asked for.
        if u64::try_from(stored.len()).ok() != Some(end.saturating_sub(place)) {
            let erased = erasure::between(conn, index(place)?, index(end)?)?;
            stored.extend(erased.into_iter().map(Stored::Erasure));
            stored.sort_by_key(Stored::index);
        }
        Ok(Self {
            place,
            end,
            bundle,
            hashes,
            stored,
        })
    }

    /// Whether bodies, entries and leaf hashes fit each other.
    fn check(&self) -> Result<(), PublishError> {
        let Self { place, end, .. } = *self;
        let decoded = entries::decode(&self.bundle).map_err(|error| wrong(place, &error.to_string()))?;
        let hashes = self.hashes.as_chunks::<32>().0;
        if u64::try_from(self.stored.len()).ok() != Some(end.saturating_sub(place)) {
            return Err(wrong(place, "bodies are missing"));
        }
        let offset = usize::try_from(place % WIDTH).unwrap_or(0);
        for ((at, stored), (entry, leaf)) in (place..end)
            .zip(&self.stored)
            .zip(decoded.iter().zip(hashes).skip(offset))
        {
            check_entry(at, stored, entry, leaf)?;
        }
        let wanted = offset.saturating_add(self.stored.len());
        if decoded.len() < wanted || hashes.len() < wanted {
            return Err(wrong(place, "its bundle or tile is too short"));
        }
        Ok(())
    }
}

fn check_entry(at: u64, stored: &Stored, entry: &[u8], leaf: &[u8; 32]) -> Result<(), PublishError> {
    if stored.index() != index(at)? {
        return Err(wrong(at, "its body is missing"));
    }
    let (kind, audience, digest) = match stored {
        Stored::Body((_, kind, audience, bytes)) => (&**kind, audience, Sha256::digest(bytes).to_vec()),
        Stored::Erasure(row) => (EntryKind::Erasure.as_str(), &row.audience, row.digest.clone()),
    };
    let named = Entry::decode(entry).map_err(|error| wrong(at, &error.to_string()))?;
    if named.digest.as_bytes().as_slice() != digest {
        return Err(wrong(at, "its digest is not that of the stored body"));
    }
    // Readers are chosen by these columns: one changed would show a partner-only record to everybody.
    if kind != named.kind.as_str() || audience != named.audience.as_str() {
        return Err(wrong(at, "its kind or audience is not that of the stored body"));
    }
    let mut hasher = Sha256::new();
    hasher.update([0_u8]);
    hasher.update(entry);
    if *leaf != <[u8; 32]>::from(hasher.finalize()) {
        return Err(wrong(at, "its leaf hash is not that of the stored entry"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_where_bundles_end() {
        let cut = |first, size| parts(first, size).collect::<Vec<_>>();
        assert_eq!(cut(5, 5), []);
        assert_eq!(cut(0, 256), [(0, 256)]);
        assert_eq!(cut(255, 513), [(255, 256), (256, 512), (512, 513)]);
        assert_eq!(cut(300, 301), [(300, 301)]);
    }
}

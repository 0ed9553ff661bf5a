//! What the log holds of records for partners that may be those of items that wait. Rows are not asked: the
//! entries say which bodies there must be, and each body is held against its entry.
//!
//! It refuses to guess: where a body is lost, nobody knows what it said.

use std::collections::{BTreeMap, BTreeSet};

use crate::log::entries;
use crate::record::credential::{self, Audience, GradeFacts, Subject};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::registry::Registry;
use crate::registry::archive::ArchiveKey;
use crate::registry::batch::BatchError;
use crate::registry::publish::{Item, PublishError};
use crate::store::log::{archive, body, bundle, erasure, head};
use crate::store::{Conn, StoreError, StoreResult, waiting};

/// Entries in a full bundle.
const WIDTH: i64 = 256;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Logged {
    /// Where the record of an item stands that is out, by the item's place among those asked for.
    pub(super) out: BTreeMap<usize, i64>,
    /// Records for partners whose bodies are lost and that no item is known to have brought about, in log order.
    pub(super) lost: Vec<i64>,
}

impl Logged {
    /// Looks for the records of items among the entries from `from` on. Withdrawn ones are read in the archive.
    ///
    /// # Errors
    /// [`BatchError`], also where the archive does not open.
    pub(super) fn look(
        registry: &Registry,
        conn: &mut Conn,
        wanted: &[&Item],
        from: i64,
    ) -> Result<Self, BatchError> {
        let mut found = Self::default();
        if wanted.is_empty() {
            return Ok(found);
        }
        let claimed = waiting::all(conn)?.into_iter().filter_map(|row| row.log_index);
        let claimed: BTreeSet<i64> = claimed.collect();
        let size = head::read(conn)?.stored_size;
        let mut first = from.max(0);
        while first < size {
            let end = size.min((first / WIDTH).saturating_add(1).saturating_mul(WIDTH));
            for (index, entry, bytes) in records(conn, first, end)? {
                let bytes = match bytes.filter(|bytes| Digest::of(bytes) == entry.digest) {
                    Some(bytes) => Some(bytes),
                    None => archived(registry, conn, index, &entry)?,
                };
                match bytes {
                    Some(bytes) => found.compare(wanted, index, &bytes)?,
                    None if !claimed.contains(&index) => found.lost.push(index),
                    None => {}
                }
            }
            first = end;
        }
        Ok(found)
    }

    fn compare(&mut self, wanted: &[&Item], index: i64, bytes: &[u8]) -> Result<(), BatchError> {
        let odd = |why: &dyn std::fmt::Display| StoreError::corrupt(format!("body {index}"), why);
        let record = credential::read(bytes).map_err(|error| odd(&error))?;
        if let Subject::Grade(said) = record.facts().map_err(|error| odd(&error))? {
            let mut places = wanted.iter().enumerate();
            let same =
                places.find(|(_, item)| matches!(&item.subject, Subject::Grade(of) if says(&said, of)));
            if let Some((place, _)) = same {
                self.out.entry(place).or_insert(index);
            }
        }
        Ok(())
    }
}

/// Whether two grades are one decision.
fn says(one: &GradeFacts<'_>, other: &GradeFacts<'_>) -> bool {
    let of = |facts: &GradeFacts<'_>| {
        (
            facts.document_number.clone().into_owned(),
            facts.year,
            facts.decided_on,
        )
    };
    of(one) == of(other) && one.grade == other.grade && one.employer.id == other.employer.id
}

/// A record's place and entry, and its bytes where they are stored.
type Record = (i64, Entry, Option<Vec<u8>>);

/// The records for partners at `first..end`, which stand in one bundle.
fn records(conn: &mut Conn, first: i64, end: i64) -> StoreResult<Vec<Record>> {
    let number = first / WIDTH;
    let odd = |why: &dyn std::fmt::Display| StoreError::corrupt(format!("entry_bundle {number}"), why);
    let start = number.saturating_mul(WIDTH);
    let stored = bundle::read(conn, number, end.saturating_sub(start))?.ok_or_else(|| odd(&"it is gone"))?;
    let decoded = entries::decode(&stored.entries).map_err(|error| odd(&error))?;
    let mut bodies: BTreeMap<i64, Vec<u8>> = body::held_between(conn, first, end, true)?
        .into_iter()
        .map(|held| (held.log_index, held.bytes))
        .collect();
    let mut found = Vec::new();
    for (index, entry) in (start..end).zip(decoded) {
        let entry = Entry::decode(entry).map_err(|error| odd(&error))?;
        if index >= first && entry.kind == EntryKind::Record && entry.audience == Audience::Partners {
            found.push((index, entry, bodies.remove(&index)));
        }
    }
    Ok(found)
}

/// The archive's copy of a withdrawn record; none where nothing says that it was withdrawn.
fn archived(
    registry: &Registry,
    conn: &mut Conn,
    index: i64,
    entry: &Entry,
) -> Result<Option<Vec<u8>>, BatchError> {
    let (Some(row), Some(sealed)) = (erasure::of_record(conn, index)?, archive::find(conn, index)?) else {
        return Ok(None);
    };
    let key = ArchiveKey::of(registry, conn).map_err(PublishError::from)?;
    let bytes = key.open(&row, &sealed).map_err(PublishError::from)?;
    Ok((Digest::of(&bytes) == entry.digest).then_some(bytes))
}

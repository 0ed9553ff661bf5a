//! Changes of published records: new records, and the bits that they set on older ones, in one chunk, so
//! that readers see both or neither.

use sha2::{Digest as _, Sha256};

use crate::store::batch::{self as batches, BatchChange};
use crate::store::log::change::Requested;
use crate::store::log::lease;
use crate::store::waiting::{self, WaitingRow};
use crate::store::{self, Conn};

use crate::registry::audit::{self, Act, WAIT};

use super::allocator::Allocator;
use super::chunk::{Chunk, index};
use super::lists::Reach;
use super::{Item, PublishError, Publisher};

/// What a batch of changes comes to.
#[derive(Debug, Default)]
pub struct Released {
    /// New records that readers see at once.
    pub items: Vec<Item>,
    /// Bits of older records.
    pub changes: Vec<Requested>,
    /// New records that wait for the day's end.
    pub waiting: Vec<WaitingRow>,
}

/// A waiting record and the place of its item.
#[derive(Debug)]
pub struct Due {
    /// The batch.
    pub batch: String,
    /// The item's place in it.
    pub position: i64,
    /// The record.
    pub item: Item,
    /// The bit that it sets on an older record.
    pub change: Option<Requested>,
}

impl Publisher<'_> {
    /// Publishes a batch of changes in state `publishing`, whole, in one chunk.
    ///
    /// # Errors
    /// [`PublishError`]; nothing of it is out then, or all that was stored is finished by the next run.
    pub fn publish_changes(
        &mut self,
        batch: &str,
        size: u64,
        digest: [u8; 32],
        released: Released,
    ) -> Result<(), PublishError> {
        self.ensure_lists(u64::try_from(released.items.len()).map_err(|_| PublishError::TooLarge)?)?;
        let mut allocator = Allocator::load(&mut self.conn)?;
        let mut chunk = self
            .signing()?
            .chunk(released.items, &mut allocator, Some(batch))?;
        if released.changes.is_empty() && chunk.entries.is_empty() {
            return self.only_waiting(batch, &released.waiting);
        }
        self.add_versions(&mut chunk, released.changes, Reach::Touched)?;
        chunk.belongs_to(batch);
        chunk.batch = Some((batch.to_owned(), 0));
        chunk.items = Some(index(size)?);
        chunk.waiting = released.waiting;
        self.append_as(chunk, Some(batch.to_owned()), digest.to_vec())?;
        Ok(())
    }

    /// A batch of which nothing enters the log yet: every record waits, and sets its bit when it is out.
    fn only_waiting(&mut self, batch: &str, rows: &[WaitingRow]) -> Result<(), PublishError> {
        let (fence, until, at) = (self.fence, self.lease_end(), self.registry.clock.now());
        store::write(&mut self.conn, |conn| -> Result<(), PublishError> {
            lease::renew(conn, fence, until)?;
            insert_waiting(conn, rows)?;
            let change = BatchChange {
                state: Some("published".to_owned()),
                published_at: Some(at.naive_utc()),
                ..BatchChange::default()
            };
            batches::advance(conn, batch, "publishing", &change)?;
            // No head says when this was: nothing of it is in the log yet.
            audit::record(conn, &Act::system(WAIT, batch), at)?;
            Ok(())
        })
    }

    /// Publishes records that waited, in the order given, in one chunk.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn publish_waiting(&mut self, due: Vec<Due>) -> Result<(), PublishError> {
        self.ensure_lists(u64::try_from(due.len()).map_err(|_| PublishError::TooLarge)?)?;
        let mut allocator = Allocator::load(&mut self.conn)?;
        let (mut items, mut changes, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        for (place, one) in due.into_iter().enumerate() {
            items.push(one.item);
            changes.extend(one.change);
            settled.push((one.batch, one.position, place));
        }
        let mut chunk = self.signing()?.chunk(items, &mut allocator, None)?;
        self.add_versions(&mut chunk, changes, Reach::Touched)?;
        chunk.settled = settled;
        self.append(chunk)?;
        Ok(())
    }

    /// The digest that the journal has of a chunk of the registry's own.
    pub(super) fn own_digest(chunk: &Chunk) -> Vec<u8> {
        let mut digest = Sha256::new();
        chunk
            .entries
            .iter()
            .for_each(|prepared| digest.update(&prepared.entry));
        digest.finalize().to_vec()
    }
}

/// Notes which records wait.
pub(super) fn insert_waiting(conn: &mut Conn, rows: &[WaitingRow]) -> Result<(), PublishError> {
    for row in rows {
        waiting::insert(conn, row)?;
    }
    Ok(())
}

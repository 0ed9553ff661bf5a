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
    /// Items of which something waits for the day's end: a new record, an older one's bit, or both.
    pub waiting: Vec<WaitingRow>,
}

/// What waited of an item, and the item's place: a record, a bit, or both.
#[derive(Debug)]
pub struct Due {
    /// The batch.
    pub batch: String,
    /// The item's place in it.
    pub position: i64,
    /// The record, where it is not out yet.
    pub item: Option<Item>,
    /// The bit of an older record, where it is not set yet.
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
            return self.only_waiting(batch, digest, &released.waiting);
        }
        self.add_versions(&mut chunk, released.changes, Reach::Touched)?;
        chunk.belongs_to(batch);
        chunk.batch = Some((batch.to_owned(), 0));
        chunk.items = Some(index(size)?);
        chunk.waiting = released.waiting;
        self.append_as(chunk, Some(batch.to_owned()), digest.to_vec())?;
        Ok(())
    }

    /// A batch of which nothing enters the log yet: every item waits.
    fn only_waiting(
        &mut self,
        batch: &str,
        digest: [u8; 32],
        rows: &[WaitingRow],
    ) -> Result<(), PublishError> {
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
            let act = Act {
                after: Some(digest),
                ..Act::system(WAIT, batch)
            };
            audit::record(conn, &act, at)?;
            Ok(())
        })
    }

    /// Publishes what waited, records in the order given, in one chunk.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn publish_waiting(&mut self, due: Vec<Due>) -> Result<(), PublishError> {
        let (mut items, mut changes) = (Vec::new(), Vec::new());
        let (mut settled, mut bits) = (Vec::new(), Vec::new());
        for one in due {
            match (one.item, &one.change) {
                (Some(item), _) => {
                    settled.push((one.batch, one.position, items.len()));
                    items.push(item);
                }
                (None, Some(change)) => bits.push((one.batch, one.position, change.clone())),
                (None, None) => return Err(PublishError::Internal("nothing of it waits".into())),
            }
            changes.extend(one.change);
        }
        self.ensure_lists(u64::try_from(items.len()).map_err(|_| PublishError::TooLarge)?)?;
        let mut allocator = Allocator::load(&mut self.conn)?;
        let mut chunk = self.signing()?.chunk(items, &mut allocator, None)?;
        self.add_versions(&mut chunk, changes, Reach::Touched)?;
        for (batch, position, wanted) in bits {
            // It stands where the list version stands that shows it.
            let shown = chunk.changes.iter().find(|(change, _)| *change == wanted);
            let place = shown.map(|(_, place)| *place);
            settled.push((
                batch,
                position,
                place.ok_or_else(|| PublishError::Internal("a bit was left out".into()))?,
            ));
        }
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

/// Notes which items wait.
pub(super) fn insert_waiting(conn: &mut Conn, rows: &[WaitingRow]) -> Result<(), PublishError> {
    for row in rows {
        waiting::insert(conn, row)?;
    }
    Ok(())
}

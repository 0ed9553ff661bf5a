//! The succession document's entry: with it the log goes on under its successor's name and key.

use crate::log::edge::Edge;
use crate::store::log::chunk::Intent;
use crate::store::log::head;
use crate::verify::Succession;

use super::chunk::{self, Chunk};
use super::own::keys_entry;
use super::{PublishError, Publisher, Step, Stops, unsigned};
use crate::registry::Registry;
use crate::registry::audit::Act;
use crate::registry::origins::Origins;
use crate::registry::tiles::StoredTiles;

impl<'r> Publisher<'r> {
    /// Logs a succession document that was checked, and signs the first head under the successor's key, over
    /// whatever a stopped writer left unsigned too. Where the document is logged already, only what is left
    /// is done. Gives its log index.
    ///
    /// # Errors
    /// [`PublishError`]; what was stored stays, and the next run goes on from there.
    pub(in crate::registry) fn succeed(
        registry: &'r Registry,
        note: &str,
        document: &Succession,
        stops: &'r dyn Stops,
    ) -> Result<u64, PublishError> {
        // No witness is asked: under the old name a thief may have shown them anything.
        let mut publisher = Self::take(registry, stops, |_| Ok(()))?;
        let found = head::read(&mut publisher.conn)?;
        if found.origin != document.new_origin() {
            publisher.edge = Edge::load(
                &StoredTiles::new(&mut publisher.conn),
                unsigned(found.stored_size)?,
            )
            .map_err(|error| PublishError::ReadBack(error.to_string()))?;
            publisher.log_succession(note, document)?;
        }
        publisher.recover()?;
        let logged = Origins::load(&mut publisher.conn, &registry.host)?;
        let place = logged.documents().find(|(_, one)| *one == document);
        let (index, _) =
            place.ok_or_else(|| PublishError::Internal("another document ended this log".into()))?;
        unsigned(index)
    }

    /// Steps 1 to 3; the head over it is signed by recovery.
    fn log_succession(&mut self, note: &str, document: &Succession) -> Result<(), PublishError> {
        let now = self.registry.clock.now();
        let (entry, digest) = keys_entry(note.as_bytes().to_vec());
        let act = Act {
            after: Some(*digest.as_bytes()),
            ..Act::system("log.succeed", document.new_key.to_string())
        };
        let mut chunk = Chunk {
            entries: vec![entry],
            succession: Some((document.old_origin().to_owned(), document.new_origin().to_owned())),
            acts: vec![(act, now)],
            ..Chunk::default()
        };
        self.journal(&Intent {
            first_index: chunk::index(self.edge.size())?,
            count: 1,
            batch_id: None,
            digest: Self::own_digest(&chunk),
            intended_at: now.naive_utc(),
            fence: self.fence,
        })?;
        self.stops.reached(Step::RecordsSigned);
        self.store_chunk(&mut chunk)
    }
}

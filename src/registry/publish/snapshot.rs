//! Registry snapshots enter the log like the registry's other own entries: all audiences' of one moment
//! side by side, each for its own readers.

use uuid::Uuid;

use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::snapshot::{SnapshotDraft, State};

use super::chunk::{Chunk, Prepared};
use super::own::own_body;
use super::{PublishError, Publisher};

impl Publisher<'_> {
    /// Signs and logs what was found, each with the number of its stored tree; gives the log index of the
    /// first. `at` is the moment that decided what had expired.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn publish_snapshots(
        &mut self,
        found: Vec<(i64, State)>,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<u64, PublishError> {
        let signing = self.signing()?;
        let template = signing.template()?;
        let mut chunk = Chunk::default();
        for (id, state) in found {
            let audience = state.audience;
            let draft = SnapshotDraft {
                id: self.random_uuid()?,
                valid_from: at,
                state,
            };
            let bytes = template.issue_snapshot(&draft, signing.issuer)?;
            let entry = Entry {
                audience,
                digest: Digest::of(&bytes),
                kind: EntryKind::Snapshot,
            };
            chunk.snapshots.push((id, chunk.entries.len()));
            let body = own_body(EntryKind::Snapshot, audience, bytes);
            chunk.entries.push(Prepared::new(body, &entry));
        }
        self.append(chunk)
    }

    fn random_uuid(&self) -> Result<Uuid, PublishError> {
        let mut bytes = [0_u8; 16];
        self.registry.random.fill(&mut bytes)?;
        Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}

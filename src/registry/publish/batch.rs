//! Publication of a whole batch, chunk by chunk: while one chunk is stored, the next is signed.

use std::thread;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use uuid::Uuid;

use crate::record::credential::{Draft, Host, StatusPointer, Template};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::signer::{Signer, SoftwareSigner};
use crate::registry::random::Random;
use crate::store::log::body::Body;
use crate::store::log::chunk::{self as journal, Intent};

use super::allocator::{self, Allocator};
use super::chunk::{Chunk, Prepared, index};
use super::{CHUNK, Item, Progress, PublishError, Publisher, Source, Step};

/// What signing a chunk needs, apart from the publisher's connections.
pub(super) struct Signing<'a> {
    pub(super) host: &'a Host,
    pub(super) issuer: &'a SoftwareSigner,
    pub(super) random: &'a dyn Random,
    pub(super) now: DateTime<Utc>,
}

impl Publisher<'_> {
    /// Publishes a batch in state `publishing`, from where an earlier run stopped.
    ///
    /// # Errors
    /// [`PublishError`]; what was stored stays, and the next run goes on from there.
    pub fn publish(
        &mut self,
        id: &str,
        source: &mut dyn Source,
        progress: Progress<'_>,
    ) -> Result<(), PublishError> {
        let (done, mut ordinal) = self.stored_so_far(id)?;
        let total = source.len();
        if done == total {
            return Ok(());
        }
        if done == 0 {
            self.ensure_lists(total)?;
            self.intend_batch(id, source)?;
        }
        let mut allocator = Allocator::load(&mut self.conn)?;
        let issuer = std::sync::Arc::clone(&self.issuer);
        let registry = self.registry;
        let mut from = done;
        let mut sign_next = |from: u64, ordinal: i64| -> Result<Option<Chunk>, PublishError> {
            let to = total.min(from.saturating_add(u64::try_from(CHUNK).unwrap_or(u64::MAX)));
            if from == to {
                return Ok(None);
            }
            let signing = Signing {
                host: &registry.host,
                issuer: &issuer,
                random: registry.random.as_ref(),
                now: registry.clock.now(),
            };
            let items = source.items(from, to)?;
            let mut chunk = signing.chunk(items, &mut allocator, Some(id))?;
            chunk.batch = Some((id.to_owned(), ordinal));
            Ok(Some(chunk))
        };
        let mut next = sign_next(from, ordinal)?;
        while let Some(mut chunk) = next.take() {
            self.stops.reached(Step::RecordsSigned);
            let count = u64::try_from(chunk.entries.len()).unwrap_or(u64::MAX);
            let first = self.edge.size();
            from = from.saturating_add(count);
            ordinal = ordinal.saturating_add(1);
            next = thread::scope(|scope| {
                let signer = thread::Builder::new()
                    .name("sign".into())
                    .spawn_scoped(scope, || sign_next(from, ordinal))
                    .map_err(|error| PublishError::Internal(format!("no thread to sign on: {error}")))?;
                let stored = self
                    .store_chunk(&mut chunk)
                    .and_then(|()| self.finish_chunk(first));
                let signed = signer
                    .join()
                    .map_err(|_| PublishError::Internal("the signing thread died".into()))?;
                stored.and(signed)
            })?;
            progress(from, total);
        }
        Ok(())
    }

    /// How many entries of a batch are stored, in how many chunks.
    fn stored_so_far(&mut self, id: &str) -> Result<(u64, i64), PublishError> {
        let chunks = journal::of_batch(&mut self.conn, id)?;
        let done: i64 = chunks.iter().map(|chunk| chunk.count).sum();
        Ok((
            super::unsigned(done)?,
            i64::try_from(chunks.len()).map_err(|_| PublishError::TooLarge)?,
        ))
    }

    fn intend_batch(&mut self, id: &str, source: &dyn Source) -> Result<(), PublishError> {
        let intent = Intent {
            first_index: index(self.edge.size())?,
            count: index(source.len())?,
            batch_id: Some(id.to_owned()),
            digest: source.digest().to_vec(),
            intended_at: self.registry.clock.now().naive_utc(),
            fence: self.fence,
        };
        self.journal(&intent)
    }

    /// Makes and logs status lists until `count` indices are free.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn ensure_lists(&mut self, count: u64) -> Result<(), PublishError> {
        let wanted = index(count)?;
        while allocator::free(&mut self.conn)? < wanted {
            self.new_list()?;
        }
        Ok(())
    }
}

impl Signing<'_> {
    /// Signs items into a chunk on all cores.
    pub(super) fn chunk(
        &self,
        items: Vec<Item>,
        allocator: &mut Allocator,
        batch: Option<&str>,
    ) -> Result<Chunk, PublishError> {
        let (pointers, hand_outs) = allocator.take(items.len())?;
        let mut ids = vec![0_u8; items.len().saturating_mul(16)];
        self.random.fill(&mut ids)?;
        let template = self.template()?;
        let entries = items
            .into_par_iter()
            .zip(pointers)
            .zip(ids.par_chunks_exact(16))
            .map(|((item, status), random)| {
                let random: [u8; 16] = random.try_into().map_err(|_| PublishError::TooLarge)?;
                let id = uuid::Builder::from_random_bytes(random).into_uuid();
                self.sign(&template, item, id, status, batch)
            })
            .collect::<Result<Vec<_>, PublishError>>()?;
        Ok(Chunk {
            entries,
            hand_outs,
            ..Chunk::default()
        })
    }

    /// The constant parts of everything signed now.
    pub(super) fn template(&self) -> Result<Template, PublishError> {
        Ok(Template::new(
            self.host,
            self.issuer.verification_method(),
            self.now,
        )?)
    }

    fn sign(
        &self,
        template: &Template,
        item: Item,
        id: Uuid,
        status: StatusPointer,
        batch: Option<&str>,
    ) -> Result<Prepared, PublishError> {
        let kind = item.subject.record_type();
        let draft = Draft {
            id,
            valid_from: self.now,
            valid_until: item.valid_until,
            subject: item.subject,
            status,
            supersedes: None,
        };
        let bytes = template.issue(&draft, self.issuer)?;
        let entry = Entry {
            audience: item.audience,
            digest: Digest::of(&bytes),
            kind: kind.entry_kind(),
        };
        let body = Body {
            log_index: 0,
            kind: kind.entry_kind().as_str().to_owned(),
            audience: item.audience.as_str().to_owned(),
            record_id: Some(id.as_bytes().to_vec()),
            record_type: Some(kind.as_str().to_owned()),
            employer_id: (kind.entry_kind() == EntryKind::Record).then_some(item.employer_id),
            year: item.year,
            outcome: Some(item.outcome),
            batch_id: batch.map(str::to_owned),
            bytes,
        };
        Ok(Prepared::new(body, &entry))
    }
}

//! Publication of a whole batch, chunk by chunk: while one chunk is stored, the next is signed.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use uuid::Uuid;

use crate::record::credential::{Draft, Host, StatusPointer, Template};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::signer::{Signer, SoftwareSigner};
use crate::registry::Registry;
use crate::registry::random::Random;
use crate::store::log::body::Body;
use crate::store::log::chunk::{self as journal, Intent};

use super::allocator::{self, Allocator};
use super::chunk::{Chunk, Prepared, index};
use super::{CHUNK, Item, Progress, PublishError, Publisher, Source, Step};

/// Signed chunks that may wait to be stored: enough that signing goes on while a commit waits for the disk.
const AHEAD: usize = 2;

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
        let (done, ordinal) = self.stored_so_far(id)?;
        let total = source.len();
        if done == total {
            return Ok(());
        }
        self.ensure_lists(total.saturating_sub(done))?;
        if done == 0 {
            self.intend_batch(id, source)?;
        }
        let mut ahead = Ahead {
            registry: self.registry,
            issuer: Arc::clone(self.issuer()?),
            allocator: Allocator::load(&mut self.conn)?,
            batch: id,
            source,
            from: done,
            ordinal,
        };
        thread::scope(|scope| {
            // A send waits while `AHEAD` chunks wait to be stored, so memory stays flat.
            let (sender, signed) = sync_channel(AHEAD);
            let signer = thread::Builder::new()
                .name("sign".into())
                .spawn_scoped(scope, move || ahead.sign_all(&sender))
                .map_err(|error| PublishError::Internal(format!("no thread to sign on: {error}")))?;
            // On an error the receiver goes, the next send fails, and the signing thread ends.
            let stored = self.store_all(signed, done, total, progress);
            signer
                .join()
                .map_err(|_| PublishError::Internal("the signing thread died".into()))?;
            stored
        })
    }

    /// Stores chunks as they come, each to its signed head.
    fn store_all(
        &mut self,
        signed: Receiver<Result<Chunk, PublishError>>,
        done: u64,
        total: u64,
        progress: Progress<'_>,
    ) -> Result<(), PublishError> {
        let mut done = done;
        for chunk in signed {
            let mut chunk = chunk?;
            self.stops.reached(Step::RecordsSigned);
            let first = self.edge.size();
            self.store_chunk(&mut chunk)?;
            self.finish_chunk(first)?;
            done = done.saturating_add(self.edge.size().saturating_sub(first));
            progress(done, total);
        }
        Ok(())
    }

    /// Whether anything of a batch is stored: then it can only go on.
    ///
    /// # Errors
    /// [`PublishError::Store`].
    pub fn has_begun(&mut self, id: &str) -> Result<bool, PublishError> {
        Ok(self.stored_so_far(id)?.0 > 0)
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

/// Signs a batch's chunks ahead of their being stored.
struct Ahead<'a> {
    registry: &'a Registry,
    issuer: Arc<SoftwareSigner>,
    allocator: Allocator,
    batch: &'a str,
    source: &'a mut dyn Source,
    from: u64,
    ordinal: i64,
}

impl Ahead<'_> {
    /// Signs chunk after chunk until all are sent, one fails, or nobody listens any more.
    fn sign_all(&mut self, sender: &SyncSender<Result<Chunk, PublishError>>) {
        while let Some(chunk) = self.next().transpose() {
            let failed = chunk.is_err();
            if sender.send(chunk).is_err() || failed {
                return;
            }
        }
    }

    fn next(&mut self) -> Result<Option<Chunk>, PublishError> {
        let most = u64::try_from(CHUNK).unwrap_or(u64::MAX);
        let to = self.source.len().min(self.from.saturating_add(most));
        if self.from == to {
            return Ok(None);
        }
        let signing = Signing {
            host: &self.registry.host,
            issuer: &self.issuer,
            random: self.registry.random.as_ref(),
            now: self.registry.clock.now(),
        };
        let items = self.source.items(self.from, to)?;
        let mut chunk = signing.chunk(items, &mut self.allocator, Some(self.batch))?;
        chunk.batch = Some((self.batch.to_owned(), self.ordinal));
        self.from = to;
        self.ordinal = self.ordinal.saturating_add(1);
        Ok(Some(chunk))
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

//! Publication of a whole batch, chunk by chunk: while one chunk is stored, the next is signed and the one
//! before it is read back.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use uuid::Uuid;

use crate::log::checkpoint::Checkpoint;
use crate::record::credential::{
    Audience, Draft, Host, Prepared as Unproved, RecordType, StatusPointer, Template,
};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::signer::{Signer, SoftwareSigner};
use crate::registry::Registry;
use crate::registry::random::Random;
use crate::store::Conn;
use crate::store::log::body::Body;
use crate::store::log::chunk::{self as journal, Intent};
use crate::store::log::wal;

use super::allocator::{self, Allocator};
use super::chunk::{self, Chunk, Prepared, index};
use super::{CHUNK, Item, Progress, PublishError, Publisher, Source, Step};

/// Signed chunks that may wait to be stored: enough that signing goes on while a commit waits for the disk.
const AHEAD: usize = 2;

/// Chunks after which SQLite's write-ahead log is copied back. Rarer copies write an index page that many
/// chunks touch less often; the log must stay short of where a commit would copy it all by itself.
const CHUNKS_A_COPY: usize = 4;

/// Copies SQLite's write-ahead log back whenever that is due, while the next chunks are stored.
fn copy_back(registry: &Registry, due: &Receiver<()>) -> Result<(), PublishError> {
    let mut conn = registry.store.conn()?;
    due.iter().try_for_each(|()| Ok(wal::copy_back(&mut conn)?))
}

/// Reads chunks back over a connection of its own, in the order in which they are named.
struct Reader {
    stored: SyncSender<(u64, u64)>,
    heads: Receiver<Result<Checkpoint, PublishError>>,
}

impl Reader {
    /// Answers each stored chunk `first..size` with the head that covers it, until one does not read back.
    fn answer(
        registry: &Registry,
        origin: &str,
        stored: &Receiver<(u64, u64)>,
        heads: &SyncSender<Result<Checkpoint, PublishError>>,
    ) {
        let mut conn = match registry.store.conn() {
            Ok(conn) => conn,
            // A failed send means that nobody waits for the answer any more.
            Err(error) => return drop(heads.send(Err(error.into()))),
        };
        for (first, size) in stored {
            let head = chunk::read_back(&mut conn, origin, first, size);
            let failed = head.is_err();
            if heads.send(head).is_err() || failed {
                return;
            }
        }
    }

    /// Has the chunk `first..size` read back.
    fn ask(&self, first: u64, size: u64) -> Result<(), PublishError> {
        self.stored.send((first, size)).map_err(|_| Self::gone())
    }

    /// The head of the chunk asked for, once it is read back.
    fn head(&self) -> Result<Checkpoint, PublishError> {
        self.heads.recv().map_err(|_| Self::gone())?
    }

    fn gone() -> PublishError {
        PublishError::Internal("the thread that reads back is gone".into())
    }
}

/// Records signed together: their signatures share one field inversion, and a chunk still has enough groups
/// for every core.
const TOGETHER: usize = 64;

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
        let registry = self.registry;
        thread::scope(|scope| {
            // A send waits while `AHEAD` chunks wait to be stored, so memory stays flat.
            let (sender, signed) = sync_channel(AHEAD);
            let signer = thread::Builder::new()
                .name("sign".into())
                .spawn_scoped(scope, move || ahead.sign_all(&sender))
                .map_err(|error| PublishError::Internal(format!("no thread to sign on: {error}")))?;
            let (due, copying) = sync_channel(1);
            let copier = thread::Builder::new()
                .name("copy-back".into())
                .spawn_scoped(scope, move || copy_back(registry, &copying))
                .map_err(|error| PublishError::Internal(format!("no thread to copy on: {error}")))?;
            let origin = self.signer.verifier().name().to_owned();
            let ((stored, asked), (answers, heads)) = (sync_channel(1), sync_channel(1));
            let reader = thread::Builder::new()
                .name("read-back".into())
                .spawn_scoped(scope, move || Reader::answer(registry, &origin, &asked, &answers))
                .map_err(|error| PublishError::Internal(format!("no thread to read on: {error}")))?;
            // On an error the receivers go, the next send fails, and the other threads end.
            let stored = self.store_all(signed, Reader { stored, heads }, &due, (done, total), progress);
            drop(due);
            reader
                .join()
                .map_err(|_| PublishError::Internal("the thread that reads back died".into()))?;
            signer
                .join()
                .map_err(|_| PublishError::Internal("the signing thread died".into()))?;
            let copied = copier
                .join()
                .map_err(|_| PublishError::Internal("the copying thread died".into()))?;
            stored.and(copied)
        })
    }

    /// Stores chunks as they come and signs each one's head when it is read back: on PostgreSQL that is while
    /// the next is stored. SQLite waits, for its write-ahead log begins anew only while nobody reads it.
    /// Says when a copy is due.
    fn store_all(
        &mut self,
        signed: Receiver<Result<Chunk, PublishError>>,
        reader: Reader,
        due: &SyncSender<()>,
        (mut done, total): (u64, u64),
        progress: Progress<'_>,
    ) -> Result<(), PublishError> {
        let waits = matches!(&*self.conn, Conn::Sqlite(_));
        let mut unsigned: Option<u64> = None;
        let mut outcome = Ok(());
        let mut sign = |publisher: &mut Self, first: u64| -> Result<(), PublishError> {
            let head = reader.head()?;
            publisher.sign_chunk(first, &head)?;
            done = done.saturating_add(head.size.saturating_sub(first));
            progress(done, total);
            Ok(())
        };
        for (nth, chunk) in (1_usize..).zip(signed) {
            let first = self.edge.size();
            outcome = chunk.and_then(|mut chunk| {
                self.stops.reached(Step::RecordsSigned);
                self.store_chunk(&mut chunk)
            });
            if outcome.is_err() {
                break;
            }
            if let Some(before) = unsigned.replace(first) {
                sign(self, before)?;
            }
            reader.ask(first, self.edge.size())?;
            if waits && let Some(first) = unsigned.take() {
                sign(self, first)?;
            }
            if nth.is_multiple_of(CHUNKS_A_COPY) {
                match due.try_send(()) {
                    // The last copy still runs, or the copier failed, which its join tells.
                    Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
                }
            }
        }
        // What is stored gets its head even where the next chunk could not be made.
        if let Some(last) = unsigned {
            sign(self, last)?;
        }
        outcome
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
        let done: i64 = chunks.iter().map(journal::Chunk::settles).sum();
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
        let groups = items
            .into_par_iter()
            .zip(pointers)
            .zip(ids.par_chunks_exact(16))
            .chunks(TOGETHER)
            .map(|group| {
                let drafts = group
                    .into_iter()
                    .map(|((item, status), random)| self.draft(&template, item, random, status))
                    .collect::<Result<Vec<_>, _>>()?;
                let messages: Vec<&[u8]> = drafts
                    .iter()
                    .map(|draft| draft.prepared.message().as_slice())
                    .collect();
                let signatures = self.issuer.sign_many(&messages)?;
                if signatures.len() != drafts.len() {
                    return Err(PublishError::Internal("the signer left a record out".into()));
                }
                let signed = drafts.into_iter().zip(&signatures);
                Ok(signed
                    .map(|(draft, signature)| draft.secure(&template, signature, batch))
                    .collect())
            })
            .collect::<Result<Vec<Vec<_>>, PublishError>>()?;
        let entries = groups.into_iter().flatten().collect();
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

    fn draft(
        &self,
        template: &Template,
        item: Item,
        random: &[u8],
        status: StatusPointer,
    ) -> Result<Unsigned, PublishError> {
        let random: [u8; 16] = random.try_into().map_err(|_| PublishError::TooLarge)?;
        let id = uuid::Builder::from_random_bytes(random).into_uuid();
        let kind = item.subject.record_type();
        let draft = Draft {
            id,
            valid_from: self.now,
            valid_until: item.valid_until,
            subject: item.subject,
            status,
            supersedes: item.supersedes,
        };
        Ok(Unsigned {
            prepared: template.prepare(&draft)?,
            id,
            kind,
            audience: item.audience,
            employer_id: (kind.entry_kind() == EntryKind::Record).then_some(item.employer_id),
            year: item.year,
            outcome: item.outcome,
        })
    }
}

/// A record, hashed and not yet signed, and what its body's row says of it.
struct Unsigned {
    prepared: Unproved,
    id: Uuid,
    kind: RecordType,
    audience: Audience,
    employer_id: Option<i64>,
    year: Option<i64>,
    outcome: String,
}

impl Unsigned {
    fn secure(self, template: &Template, signature: &[u8; 64], batch: Option<&str>) -> Prepared {
        let bytes = template.secure(self.prepared, signature);
        let kind = self.kind.entry_kind();
        let entry = Entry {
            audience: self.audience,
            digest: Digest::of(&bytes),
            kind,
        };
        let body = Body {
            log_index: 0,
            kind: kind.as_str().to_owned(),
            audience: self.audience.as_str().to_owned(),
            record_id: Some(self.id.as_bytes().to_vec()),
            record_type: Some(self.kind.as_str().to_owned()),
            employer_id: self.employer_id,
            year: self.year,
            outcome: Some(self.outcome),
            batch_id: batch.map(str::to_owned),
            bytes,
        };
        Prepared::new(body, &entry)
    }
}

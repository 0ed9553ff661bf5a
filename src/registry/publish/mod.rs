//! The ordered story of publication (records.md §3): from a decided batch to a head that readers see.
//!
//! One writer at a time: a lock that the system releases with the process, and a lease row whose
//! fencing number every write proves. A chunk of entries passes these durable steps, and recovery
//! runs the same code:
//!
//! 1. the intent is journalled: the whole batch, by its approved digest. *Crash*: nothing signed; the
//!    next run takes the intent over.
//! 2. records are signed, in memory. *Crash*: as 1; new records get new random ids.
//! 3. transaction 1: bodies, entries, tiles, status indices, stored size. *Crash before*: as 1.
//!    *Crash after*: the log indices are irrevocable; `Publisher::recover` goes on with 4.
//! 4. everything is read back over another connection and hashed again, in a large batch while the next
//!    chunk is stored. *A difference* stops here: nothing that cannot be read back is ever signed.
//! 5. the signer's high-water mark is made durable, then the head is signed. *Crash*: recovery signs
//!    the same head again, which the mark allows.
//! 6. transaction 2: checkpoint stored, head moved by compare-and-swap, bodies deleted that the entries erase;
//!    with a batch's last chunk the batch is published and the checkpoint marked as served, or, where the
//!    policy demands witnesses, as awaiting them; the audit trail is told of the head. *Crash before*: as 5.
//!    *Crash after*: done; the next chunk follows.
//! 7. with witnesses: [`witness::settle`] has the newest awaiting head cosigned and
//!    serves it. *Crash or outage*: the head awaits; the server, or the next command, settles again.
//!
//! It refuses to publish what was not approved: the caller's [`Source`] answers for that.

mod allocator;
mod audit;
mod batch;
mod change;
mod chunk;
mod lists;
mod own;
mod proved;
mod read_back;
mod snapshot;
mod source;
mod step;
mod succession;
mod withdrawal;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::store::batch::{self as batches, BatchChange};
use crate::store::log::chunk::{self as journal, Intent};
use crate::store::log::{checkpoint, cosigned, erasure, head, lease};
use crate::store::{self, Conn, PooledConn, StoreError};

use super::archive::{self, ArchiveError};
use super::audit::{Act, HEAD};
use super::check::{self, CheckError};
use super::high_water::{MarkError, SignerLock};
use super::key_document::{self, KeyDocumentError};
use super::keys::{KeysError, LogSigner};
use super::random::RandomError;
use super::tiles::StoredTiles;
use super::trust::TrustError;
use super::witness::{self, WitnessError};
use super::{Registry, clock::Clock};
use crate::record::credential::IssueError;
use crate::record::did::KeyDocument;
use crate::record::signer::{SignError, SoftwareSigner};

pub use allocator::Allocator;
pub(crate) use allocator::shuffle;
pub use audit::{audit_is_due, publish_audit};
pub use change::{Due, Released};
pub use chunk::{Chunk, Erased, HandOut, Prepared};
pub use lists::Sequenced;
pub use own::{begin_log, empty_head};
pub use source::{Item, Source};
pub(in crate::registry) use step::InMaking;
#[cfg(feature = "failpoints")]
pub use step::StopAt;
pub use step::{Ending, Making, NoStops, Step, Stops};
pub(in crate::registry) use withdrawal::has_ended;
pub use withdrawal::{Deciding, Withdrawn};

/// Records in a chunk. Large enough that two transactions cost little, small enough that a chunk's
/// memory (about 2 KB a record, three times) stays small.
pub const CHUNK: usize = 8192;

/// How long a silent writer keeps the log from others on other machines.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Why publication stopped.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys or the high-water mark.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The issuer key.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A record could not be issued.
    #[error("a record cannot be issued: {0}")]
    Issue(#[from] IssueError),
    /// A note that must not be logged as a key document.
    #[error(transparent)]
    KeyDocument(#[from] KeyDocumentError),
    /// The trust folder, which says who the roots are.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The database is not the one that the signer remembers, or was changed.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// A witness has seen more of the log than the database has, or another history.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// What was stored does not read back as what was written.
    #[error("stored entries do not read back: {0}. Nothing was signed; run `chengxin log fsck`")]
    ReadBack(String),
    /// The archive.
    #[error("{0}. Nothing was erased")]
    Archive(#[from] ArchiveError),
    /// A withdrawal that neither two persons decided nor time brought about.
    #[error(
        "the record at log index {0} says itself that its term still runs, and nobody decided its withdrawal. Nothing was published"
    )]
    TermRuns(i64),
    /// A stored record is not the one that the log holds.
    #[error(
        "the record at log index {index} cannot be proved from the log: {why}. Nothing was published; run `chengxin log fsck`"
    )]
    NotLogged {
        /// Where it should stand.
        index: i64,
        /// What is wrong.
        why: String,
    },
    /// The batch is not what was approved.
    #[error("batch {batch} is not what was approved: {why}. Nothing was published")]
    NotApproved {
        /// The batch.
        batch: String,
        /// What differs.
        why: String,
    },
    /// A list cannot be continued.
    #[error(
        "status list {purpose} {number} cannot be signed anew: {why}. Nothing was signed; run `chengxin log fsck`"
    )]
    List {
        /// What its bits mean.
        purpose: &'static str,
        /// Its number.
        number: u32,
        /// What is wrong with it.
        why: String,
    },
    /// A list would go back in time.
    #[error(
        "the newest status list is of {newest}, and this machine's clock says {now}: set the clock right"
    )]
    Clock {
        /// When the newest version was signed.
        newest: DateTime<Utc>,
        /// The time here.
        now: DateTime<Utc>,
    },
    /// The log or a batch has more entries than 2^63.
    #[error("more entries than the log can hold")]
    TooLarge,
    /// A source or list gave something that cannot be.
    #[error("{0}")]
    Internal(String),
}

impl From<MarkError> for PublishError {
    fn from(error: MarkError) -> Self {
        Self::Keys(error.into())
    }
}

impl From<diesel::result::Error> for PublishError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The one writer of a log.
pub struct Publisher<'r> {
    registry: &'r Registry,
    /// The key that signs records: none before the first key document, nor when all its keys have ended.
    issuer: Option<Arc<SoftwareSigner>>,
    signer: LogSigner,
    stops: &'r dyn Stops,
    conn: PooledConn,
    /// The other connection, over which everything is read back.
    second: PooledConn,
    fence: i64,
    edge: Edge,
    #[allow(dead_code, reason = "held so that no other process publishes")]
    lock: SignerLock,
}

/// Told how far a batch has come: entries done and in all.
pub type Progress<'p> = &'p (dyn Fn(u64, u64) + Sync);

impl<'r> Publisher<'r> {
    /// Becomes the log's writer and finishes what a dead one left behind.
    ///
    /// # Errors
    /// [`MarkError::Busy`] or [`StoreError::Fenced`] when another is writing; everything that
    /// `Publisher::recover` can say.
    pub fn open(registry: &'r Registry, stops: &'r dyn Stops) -> Result<Self, PublishError> {
        let mut publisher = Self::take(registry, stops, |registry| {
            // A restored copy may lack less than this run adds: then the mark alone would let a second
            // history through.
            check::head(registry)?;
            Ok(witness::before_signing(registry)?)
        })?;
        publisher.recover()?;
        publisher.choose_issuer()?;
        Ok(publisher)
    }

    /// Becomes the log's writer, once nobody else is one and `ready` has looked at the database.
    fn take(
        registry: &'r Registry,
        stops: &'r dyn Stops,
        ready: impl FnOnce(&Registry) -> Result<(), PublishError>,
    ) -> Result<Self, PublishError> {
        let keys = registry.keys()?;
        let signer = keys.log()?;
        let lock = signer.high_water().lock()?;
        ready(registry)?;
        let mut conn = registry.store.conn()?;
        // The lease runs on the machine's time: a story's clock stands still while work goes on.
        let now = super::clock::SystemClock.now().naive_utc();
        let holder = keys.holder(registry.random.as_ref())?;
        let fence = store::write(&mut conn, |conn| {
            lease::take(conn, &holder, now, now + LEASE).map_err(PublishError::from)
        })?;
        Ok(Self {
            registry,
            issuer: None,
            signer,
            stops,
            second: registry.store.conn()?,
            conn,
            fence,
            edge: Edge::new(),
            lock,
        })
    }

    /// The newest key document under the signed head. This is the log's one writer: nobody else adds one.
    pub(super) fn newest_keys(&mut self) -> Result<Option<KeyDocument>, PublishError> {
        let size = head::read(&mut self.conn)?.head_size;
        Ok(key_document::newest(&mut self.conn, size)?)
    }

    /// Takes the key that the newest key document says: never is a record signed by one that no logged
    /// document lists.
    fn choose_issuer(&mut self) -> Result<(), PublishError> {
        self.issuer = match self.newest_keys()? {
            None => None,
            Some(document) => {
                let keys = self.registry.keys()?;
                match keys.signer_under(&document, self.registry.clock.now()) {
                    Ok(signer) => Some(Arc::new(signer)),
                    Err(KeysError::NoSigner) => None,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        Ok(())
    }

    /// The key that signs records.
    fn issuer(&self) -> Result<&Arc<SoftwareSigner>, PublishError> {
        self.issuer
            .as_ref()
            .ok_or(PublishError::Keys(KeysError::NoSigner))
    }

    /// Brings the log to a signed head that covers everything stored: steps 4 to 6 for each chunk whose
    /// writer died after transaction 1. Two can be stored and unsigned, for one is read back while the
    /// next is stored.
    ///
    /// # Errors
    /// [`PublishError::ReadBack`], [`PublishError::Keys`] when the database cannot reproduce what
    /// the signer remembers.
    fn recover(&mut self) -> Result<(), PublishError> {
        let found = head::read(&mut self.conn)?;
        let stored = unsigned(found.stored_size)?;
        self.edge = Edge::load(&StoredTiles::new(&mut self.conn), stored)
            .map_err(|error| PublishError::ReadBack(error.to_string()))?;
        let mut at = found.head_size;
        while at < found.stored_size {
            let row = chunk_at(&mut self.conn, at)?;
            tracing::warn!(
                stored = found.stored_size,
                head = at,
                "finishing a chunk that a stopped writer had stored"
            );
            self.finish_chunk(unsigned(at)?, unsigned(row.end())?)?;
            at = row.end();
        }
        Ok(())
    }

    /// Steps 1 to 6 for a chunk of the registry's own entries, which readers see at once.
    fn append(&mut self, chunk: Chunk) -> Result<u64, PublishError> {
        let digest = Self::own_digest(&chunk);
        self.append_as(chunk, None, digest)
    }

    /// Steps 1 to 6 for one chunk: the registry's own, or the whole of a batch.
    fn append_as(
        &mut self,
        mut chunk: Chunk,
        batch_id: Option<String>,
        digest: Vec<u8>,
    ) -> Result<u64, PublishError> {
        let first = self.edge.size();
        let intent = Intent {
            first_index: chunk::index(first)?,
            count: i64::try_from(chunk.entries.len()).map_err(|_| PublishError::TooLarge)?,
            batch_id,
            digest,
            intended_at: self.registry.clock.now().naive_utc(),
            fence: self.fence,
        };
        self.journal(&intent)?;
        self.stops.reached(Step::RecordsSigned);
        self.store_chunk(&mut chunk)?;
        self.finish_chunk(first, self.edge.size())?;
        Ok(first)
    }

    /// Step 1.
    fn journal(&mut self, intent: &Intent) -> Result<(), PublishError> {
        let (fence, until) = (self.fence, self.lease_end());
        store::write(&mut self.conn, |conn| {
            lease::renew(conn, fence, until)?;
            journal::intend(conn, intent).map_err(PublishError::from)
        })?;
        self.stops.reached(Step::IntentJournalled);
        Ok(())
    }

    /// Step 3. After its commit the log indices are irrevocable.
    fn store_chunk(&mut self, chunk: &mut Chunk) -> Result<(), PublishError> {
        let (fence, until) = (self.fence, self.lease_end());
        let first = self.edge.size();
        let size = first.saturating_add(u64::try_from(chunk.entries.len()).unwrap_or(u64::MAX));
        let mut edge = self.edge.clone();
        let stops = self.stops;
        store::write(&mut self.conn, |conn| -> Result<(), PublishError> {
            lease::renew(conn, fence, until)?;
            let sizes = (chunk::index(first)?, chunk::index(size)?);
            match &chunk.succession {
                Some((from, to)) => head::succeed(conn, sizes, (from, to))?,
                None => head::advance_stored(conn, sizes.0, sizes.1)?,
            }
            chunk::store(conn, first, &mut edge, chunk)?;
            stops.reached(Step::Storing);
            Ok(())
        })?;
        self.edge = edge;
        self.stops.reached(Step::Stored);
        Ok(())
    }

    /// Steps 4 to 6 for the chunk stored at `first..size`.
    fn finish_chunk(&mut self, first: u64, size: u64) -> Result<(), PublishError> {
        let head = chunk::read_back(&mut self.second, self.signer.verifier().name(), first, size)?;
        self.sign_chunk(first, &head)
    }

    /// Steps 5 and 6 for the chunk that begins at `first` and was read back. What it erases must be readable
    /// in the archive before anything is signed.
    fn sign_chunk(&mut self, first: u64, head: &Checkpoint) -> Result<(), PublishError> {
        let (from, to) = (chunk::index(first)?, chunk::index(head.size)?);
        archive::check(self.registry, &mut self.second, from, to)?;
        self.stops.reached(Step::ReadBack);
        let note = self.signer.sign_head(head, self.stops)?;
        self.stops.reached(Step::HeadSigned);
        self.move_head(first, head, note.to_string())
    }

    /// Step 6, transaction 2.
    fn move_head(&mut self, first: u64, head: &Checkpoint, note: String) -> Result<(), PublishError> {
        let (fence, until, at) = (self.fence, self.lease_end(), self.registry.clock.now());
        let now = at.naive_utc();
        let stops = self.stops;
        let demanded = self.registry.witnesses.is_some();
        let row = checkpoint::Checkpoint {
            size: chunk::index(head.size)?,
            root: head.root.as_bytes().to_vec(),
            note,
            signed_at: now,
        };
        store::write(&mut self.conn, |conn| -> Result<(), PublishError> {
            lease::renew(conn, fence, until)?;
            checkpoint::insert(conn, &row)?;
            record_head(conn, &row, at)?;
            head::advance_head(conn, chunk::index(first)?, row.size)?;
            let finished = finished_batch(conn, chunk::index(first)?)?;
            match &finished {
                Finished::Batch(id) => {
                    let change = BatchChange {
                        state: Some("published".to_owned()),
                        published_at: Some(now),
                        ..BatchChange::default()
                    };
                    batches::advance(conn, id, "publishing", &change)?;
                }
                Finished::Own | Finished::NotYet => {}
            }
            if !matches!(finished, Finished::NotYet) && !half_published(conn)? {
                match demanded {
                    true => cosigned::wait(conn, row.size, now)?,
                    false => checkpoint::serve(conn, row.size, now)?,
                }
            }
            // What the head says was erased goes with it: no reader finds a body that the log calls erased.
            erasure::delete_bodies(conn, chunk::index(first)?, row.size)?;
            stops.reached(Step::MovingHead);
            Ok(())
        })?;
        self.stops.reached(Step::HeadMoved);
        Ok(())
    }

    fn lease_end(&self) -> chrono::NaiveDateTime {
        super::clock::SystemClock.now().naive_utc() + LEASE
    }
}

/// Gives the lease back, so that another machine need not wait for it to run out.
impl Drop for Publisher<'_> {
    fn drop(&mut self) {
        let (fence, now) = (self.fence, super::clock::SystemClock.now().naive_utc());
        if let Err(error) = store::write(&mut self.conn, |conn| lease::release(conn, fence, now)) {
            tracing::warn!(%error, "the publisher's lease runs out by itself");
        }
    }
}

/// Tells the audit trail of a signed head: nothing in a checkpoint itself says when it was signed.
fn record_head(
    conn: &mut Conn,
    row: &checkpoint::Checkpoint,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(), PublishError> {
    let act = Act {
        after: Some(Sha256::digest(&row.note).into()),
        ..Act::system(HEAD, row.size.to_string())
    };
    Ok(super::audit::record(conn, &act, at)?)
}

enum Finished {
    Batch(String),
    Own,
    NotYet,
}

/// The journal's row of the chunk that begins at `first`.
fn chunk_at(conn: &mut Conn, first: i64) -> Result<journal::Chunk, PublishError> {
    Ok(journal::at(conn, first)?
        .ok_or_else(|| StoreError::corrupt(format!("chunk {first}"), "entries without their chunk row"))?)
}

/// Whether the chunk at `first` completes a batch.
fn finished_batch(conn: &mut Conn, first: i64) -> Result<Finished, PublishError> {
    let stored = chunk_at(conn, first)?;
    let end = stored.end();
    let Some(id) = stored.batch_id else {
        return Ok(Finished::Own);
    };
    // The next chunk may be stored already; no head covers it yet.
    let done: i64 = journal::of_batch(conn, &id)?
        .iter()
        .filter(|chunk| chunk.end() <= end)
        .map(journal::Chunk::settles)
        .sum();
    let whole = batches::find(conn, &id)?
        .ok_or_else(|| StoreError::corrupt(format!("batch {id}"), "not there"))?
        .size;
    Ok(if done == whole {
        Finished::Batch(id)
    } else {
        Finished::NotYet
    })
}

/// Whether a batch is stored in part: no head is served then, for it would show that part.
fn half_published(conn: &mut Conn) -> Result<bool, PublishError> {
    for id in batches::in_state(conn, "publishing")? {
        if !journal::of_batch(conn, &id)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unsigned(value: i64) -> Result<u64, PublishError> {
    Ok(store::unsigned("log head", value)?)
}

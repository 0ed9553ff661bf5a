//! Dumps: everything current that an audience may see, in files that can be fetched in parts, with a signed
//! manifest. A dump is of a logged snapshot and is refused unless it comes to the very digest that the
//! snapshot signed, so a mirror built from changes, the dump and the log all say the same.
//!
//! Only the newest dump of an audience is kept and handed out, and none once a body that it may hold was
//! withdrawn: until the next one is made there is none.

pub mod manifest;

mod gather;
mod row;
mod write;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;

use crate::log::note::{Note, NoteError};
use crate::log::tile::BundleId;
use crate::record::credential::Audience;
use crate::record::current::NotAscending;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::snapshot::{State, read_snapshot};
use crate::store::log::{body, head, snapshot as snapshots};
use crate::store::{Conn, StoreError, unsigned};

use super::Registry;
use super::key_document;
use super::keys::{KeysError, NoteSigner};
use super::origins::{Origins, as_stored};
use super::publish::Stops;
use super::snapshot::{self, AUDIENCES, SnapshotError};
use super::static_log::stored_bundle;
use manifest::{Manifest, SnapshotRef};
use write::Writing;

/// How often at least.
pub const EVERY: TimeDelta = TimeDelta::hours(24);
/// The records, one a line, in log order.
pub const RECORDS: &str = "records.ndjson.zst";
/// The same as a table.
pub const CSV: &str = "records.csv";
/// The newest version of each status list, one a line.
pub const LISTS: &str = "status-lists.ndjson";
/// Entries in a bundle.
const WIDTH: u64 = 256;

/// Why no dump was made.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The signer.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Files.
    #[error("dump: {0}")]
    Io(#[from] io::Error),
    /// An entry or its body.
    #[error("entry {0}: {1}; run `chengxin log fsck`")]
    Damaged(u64, String),
    /// A manifest that cannot be read or written.
    #[error("manifest: {0}")]
    Manifest(String),
    /// One record twice.
    #[error(transparent)]
    Twice(#[from] NotAscending),
    /// The records do not come to what the snapshot signed.
    #[error(
        "the records for {audience} come to {found}, the snapshot at index {index} says {signed}: something was withdrawn meanwhile, or run `chengxin log fsck`"
    )]
    Differs {
        /// Whose.
        audience: &'static str,
        /// What the snapshot says.
        signed: Digest,
        /// What was found.
        found: Digest,
        /// The snapshot's place.
        index: i64,
    },
    /// This machine keeps no files.
    #[error("this machine has no data folder: name it by --data DIR")]
    NoFolder,
}

impl DumpError {
    /// Whether only witnesses are waited for: a withdrawn body is in no dump, and the next one needs a head that
    /// says so.
    #[must_use]
    pub const fn awaits_witnesses(&self) -> bool {
        matches!(self, Self::Snapshot(SnapshotError::Awaiting(_)))
    }
}

/// A dump's snapshot.
struct Described {
    state: State,
    digest: Digest,
    index: i64,
    at: chrono::DateTime<chrono::Utc>,
}

/// Makes a dump for each audience and puts each in the place of the one before. `fresh` takes a snapshot for
/// them; else the newest is good enough that is younger than a day and has seen every withdrawal.
///
/// # Errors
/// [`DumpError`]; what was handed out before stays then.
pub fn build(registry: &Registry, fresh: bool, stops: &dyn Stops) -> Result<Vec<Manifest>, DumpError> {
    let folder = folder(registry)?;
    fs::create_dir_all(&folder)?;
    sweep(&folder, |name| name.starts_with('.'))?;
    let mut conn = registry.store.conn()?;
    let described = match (fresh, newest_described(registry, &mut conn)?) {
        (false, Some(newest)) => newest,
        _ => {
            let taken = snapshot::take(registry, stops)?;
            let indices = taken.iter().map(|one| one.log_index);
            indices
                .map(|index| read(&mut conn, index))
                .collect::<Result<_, _>>()?
        }
    };
    let mut writings = Vec::new();
    for one in &described {
        let half = folder.join(format!(".{}", name_of(one, registry)));
        writings.push((one.state.audience, Writing::begin(&half)?));
    }
    let (size, at) = described
        .first()
        .map_or((0, registry.clock.now()), |one| (one.state.log_size, one.at));
    let lists = gather::gather(&mut conn, size, at, &mut writings)?;
    let mut made = Vec::new();
    for (one, (_, writing)) in described.iter().zip(writings) {
        let manifest = finish(registry, one, writing, &lists)?;
        hand_out(registry, &folder, &manifest)?;
        made.push(manifest);
    }
    Ok(made)
}

/// The newest snapshots, where they are young, of one moment, and have seen every withdrawal.
fn newest_described(registry: &Registry, conn: &mut Conn) -> Result<Option<Vec<Described>>, DumpError> {
    let stored = head::read(conn)?.stored_size;
    let mut found: Vec<Described> = Vec::new();
    for audience in AUDIENCES {
        let Some(row) = snapshots::newest(conn, audience.as_str(), stored)? else {
            return Ok(None);
        };
        let index = row.log_index.unwrap_or_default();
        found.push(read(conn, unsigned("a log index", index)?)?);
    }
    let now = registry.clock.now();
    let size = found.first().map_or(0, |one| one.state.log_size);
    let fits = |one: &Described| one.state.log_size == size && now - one.at < EVERY;
    if !found.iter().all(fits) || has_erasure(conn, size, unsigned("the log's size", stored)?)? {
        return Ok(None);
    }
    Ok(Some(found))
}

fn folder(registry: &Registry) -> Result<PathBuf, DumpError> {
    let data = registry.data.as_ref().ok_or(DumpError::NoFolder)?;
    Ok(data.path().join("dumps"))
}

fn read(conn: &mut Conn, index: u64) -> Result<Described, DumpError> {
    let damaged = |why: &dyn std::fmt::Display| DumpError::Damaged(index, why.to_string());
    let at = i64::try_from(index).map_err(|error| damaged(&error))?;
    let row = body::at(conn, at)?.ok_or_else(|| damaged(&"the snapshot has no body"))?;
    let snapshot = read_snapshot(&row.bytes).map_err(|error| damaged(&error))?;
    Ok(Described {
        at: snapshot.credential.valid_from,
        state: snapshot.state.clone(),
        digest: Digest::of(&row.bytes),
        index: at,
    })
}

/// `partners-000000012345-20261125T180000Z`: whose, of how many entries, made when.
fn name_of(one: &Described, registry: &Registry) -> String {
    format!(
        "{}-{:012}-{}",
        one.state.audience.as_str(),
        one.state.log_size,
        registry.clock.now().format("%Y%m%dT%H%M%SZ")
    )
}

fn finish(
    registry: &Registry,
    one: &Described,
    writing: Writing,
    lists: &[Vec<u8>],
) -> Result<Manifest, DumpError> {
    let half = writing.folder().to_path_buf();
    let id = half
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let id = id.trim_start_matches('.').to_owned();
    let written = writing.finish(lists, &format!("/api/v1/dumps/{id}"))?;
    if written.current != one.state.current {
        return Err(DumpError::Differs {
            audience: one.state.audience.as_str(),
            signed: one.state.current,
            found: written.current,
            index: one.index,
        });
    }
    Ok(Manifest {
        kind: "LabourCreditDump".to_owned(),
        version: 1,
        id,
        audience: one.state.audience.as_str().to_owned(),
        log: Origins::load(&mut *registry.store.conn()?, &registry.host)?.at(as_stored(one.state.log_size)),
        log_size: one.state.log_size,
        log_root: manifest::root(&one.state.log_root),
        as_of: one.at,
        created_at: whole_seconds(registry.clock.now()),
        records: written.count,
        current_digest: manifest::multibase(written.current),
        snapshot: SnapshotRef {
            digest_multibase: manifest::multibase(one.digest),
            log_index: unsigned("a log index", one.index)?,
        },
        files: written.files,
    })
}

fn whole_seconds(at: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

/// Signs the manifest and puts the dump in the place of the one before. The manifest's rename is the moment:
/// before it the old dump is the newest, after it the new one.
fn hand_out(registry: &Registry, folder: &Path, manifest: &Manifest) -> Result<(), DumpError> {
    // No lease is needed: this signature enters no log. A credential's signing input is two hashes, so a
    // note's text is never taken for one.
    let name = format!("{}{}", registry.host, manifest::KEY_NAME);
    let mut note = Note::unsigned(&manifest.text()?)?;
    let mut conn = registry.store.conn()?;
    let size = head::read(&mut conn)?.head_size;
    let document = key_document::newest(&mut conn, size)?.ok_or(KeysError::NoSigner)?;
    let signer = registry.keys()?.signer_under(&document, registry.clock.now())?;
    NoteSigner::new(signer.named(name))?.sign(&mut note)?;
    fs::rename(
        folder.join(format!(".{}", manifest.id)),
        folder.join(&manifest.id),
    )?;
    let (half, whole) = (
        folder.join(format!(".{}.note", manifest.id)),
        folder.join(format!("{}.note", manifest.audience)),
    );
    let file = File::create(&half)?;
    io::Write::write_all(&mut &file, note.to_string().as_bytes())?;
    file.sync_all()?;
    fs::rename(&half, &whole)?;
    File::open(folder)?.sync_all()?;
    let of_audience = format!("{}-", manifest.audience);
    sweep(folder, |name| {
        name.starts_with(&of_audience) && name != manifest.id
    })
}

/// Removes what is not needed any more.
fn sweep(folder: &Path, unwanted: impl Fn(&str) -> bool) -> Result<(), DumpError> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(&unwanted) {
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// A dump that may be handed out.
#[derive(Debug, Clone)]
pub struct Newest {
    /// What it says.
    pub manifest: Manifest,
    /// The signed note's bytes.
    pub note: Vec<u8>,
    folder: PathBuf,
}

impl Newest {
    /// Where one of its files lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// How far the log was looked through for withdrawals since a dump: `(dump, looked up to, withdrawn)`.
#[derive(Debug, Default)]
pub struct Watch(Mutex<Vec<(String, u64, bool)>>);

/// The newest dump of an audience, unless a body was withdrawn since.
///
/// # Errors
/// [`DumpError`].
pub fn newest(
    registry: &Registry,
    conn: &mut Conn,
    watch: &Watch,
    audience: Audience,
) -> Result<Option<Newest>, DumpError> {
    if registry.data.is_none() {
        return Ok(None);
    }
    let folder = folder(registry)?;
    let note = match fs::read(folder.join(format!("{}.note", audience.as_str()))) {
        Ok(note) => note,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let manifest = Manifest::of_note(&note)?;
    if watch.has_withdrawal(conn, &manifest)? {
        return Ok(None);
    }
    Ok(Some(Newest {
        folder: folder.join(&manifest.id),
        manifest,
        note,
    }))
}

impl Watch {
    /// Whether a body was withdrawn after the entries that a dump is of. By what is stored, not by what is
    /// served: a body leaves every surface at once.
    fn has_withdrawal(&self, conn: &mut Conn, manifest: &Manifest) -> Result<bool, DumpError> {
        let stored = unsigned("the log's size", head::read(conn)?.stored_size)?;
        let known = {
            let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.iter().find(|(id, ..)| *id == manifest.id).cloned()
        };
        let (from, found) = known.map_or((manifest.log_size, false), |(_, to, found)| (to, found));
        if found || from >= stored {
            return Ok(found);
        }
        let found = has_erasure(conn, from, stored)?;
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(id, ..)| *id != manifest.id);
        // Two audiences have one dump each; more than that are memories.
        if held.len() >= 4 {
            held.remove(0);
        }
        held.push((manifest.id.clone(), stored, found));
        Ok(found)
    }
}

/// Whether entries `from..to` hold an erasure.
fn has_erasure(conn: &mut Conn, from: u64, to: u64) -> Result<bool, DumpError> {
    let mut index = from / WIDTH;
    while index.saturating_mul(WIDTH) < to {
        let first = index.saturating_mul(WIDTH);
        let width = u16::try_from(to.saturating_sub(first).min(WIDTH)).unwrap_or(256);
        let bytes = stored_bundle(conn, BundleId { index, width })?;
        let entries = crate::log::entries::decode(&bytes)
            .map_err(|error| DumpError::Damaged(first, error.to_string()))?;
        for (at, entry) in (first..).zip(entries) {
            let entry = Entry::decode(entry).map_err(|error| DumpError::Damaged(at, error.to_string()))?;
            if at >= from && entry.kind == EntryKind::Erasure {
                return Ok(true);
            }
        }
        index = index.saturating_add(1);
    }
    Ok(false)
}

/// Whether a dump is missing, old, or holds what was withdrawn; never before anything was published.
///
/// # Errors
/// [`DumpError`].
pub fn is_due(registry: &Registry, watch: &Watch) -> Result<bool, DumpError> {
    let mut conn = registry.store.conn()?;
    let stored = head::read(&mut conn)?.stored_size;
    // Without a snapshot nothing was published yet, or the registry is just being made.
    if snapshots::newest(&mut conn, Audience::Public.as_str(), stored)?.is_none() {
        return Ok(false);
    }
    let now = registry.clock.now();
    for audience in AUDIENCES {
        let found = newest(registry, &mut conn, watch, audience)?;
        if found.is_none_or(|found| now - found.manifest.created_at >= EVERY) {
            return Ok(true);
        }
    }
    Ok(false)
}

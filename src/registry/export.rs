//! What leaves the registry as files: bundles that prove one record, bulk files that prove many, bare
//! records, the log as static tiles.
//!
//! It exports only what readers may see: entries below the served checkpoint.

mod keys;

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::log::hash::Hash;
use crate::log::prover::Prover;
use crate::log::reader::ReadError;
use crate::record::credential::{self, StatusPointer};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::StatusPurpose;
use crate::store::log::body::{self, Body};
use crate::store::log::checkpoint::{self, Checkpoint};
use crate::store::log::{bundle, status};
use crate::store::{Conn, StoreError, unsigned};
use crate::verify::bulk::{Header, Line};
use crate::verify::bundle::{Bundle, Checkpoints, FileError, Head, KeyItem, ListItem, Place};

pub(super) use self::keys::KeyDocuments;
use super::tiles::StoredTiles;

/// Why nothing could be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A proof cannot be made.
    #[error("a proof cannot be made from the stored tiles: {0}")]
    Proof(String),
    /// A stored body is not what its kind says.
    #[error("entry {0} is not what it should be: {1}")]
    Body(i64, String),
    /// No such thing, or not for this reader.
    #[error("{0}")]
    NotFound(String),
    /// The form of a bundle.
    #[error(transparent)]
    Form(#[from] FileError),
    /// Writing.
    #[error("writing: {0}")]
    Io(#[from] io::Error),
}

impl From<ReadError<StoreError>> for ExportError {
    fn from(error: ReadError<StoreError>) -> Self {
        Self::Proof(error.to_string())
    }
}

/// The bundle of one record, as canonical JSON.
///
/// # Errors
/// [`ExportError`].
pub fn bundle(conn: &mut Conn, row: &Body) -> Result<Vec<u8>, ExportError> {
    let current = newest(conn)?;
    let size = current.size;
    let (before, after) = checkpoint::around(conn, row.log_index)?;
    let unseen = || ExportError::NotFound("the record is not under a served checkpoint yet".into());
    let (before, after) = (before.ok_or_else(unseen)?, after.ok_or_else(unseen)?);
    let (status, method) = references(row)?;
    let documents = KeyDocuments::read(conn, size)?;
    let first = documents.of(&method)?;
    let mut keys = vec![first];
    if first.log_index != documents.newest.log_index {
        keys.push(&documents.newest);
    }
    let lists = list_bodies(conn, status, size)?;
    let mut places = Places::new(size);
    let bundle = Bundle {
        record: row.bytes.clone(),
        place: places.place(conn, row.log_index)?,
        checkpoints: Checkpoints {
            before: Head {
                note: before.note.clone(),
                consistency: Vec::new(),
            },
            after: Head {
                note: after.note.clone(),
                consistency: consistency(conn, before.size, after.size)?,
            },
            current: Head {
                note: current.note.clone(),
                consistency: consistency(conn, after.size, size)?,
            },
        },
        keys: keys
            .into_iter()
            .map(|row| places.key(conn, row))
            .collect::<Result<_, _>>()?,
        lists: lists
            .iter()
            .map(|list| {
                Ok(ListItem {
                    credential: list.bytes.clone(),
                    place: places.place(conn, list.log_index)?,
                })
            })
            .collect::<Result<_, ExportError>>()?,
    };
    // `before` leads to `after`, `after` to `current`: each head carries the path from the one before it.
    Ok(bundle.to_canonical()?)
}

fn newest(conn: &mut Conn) -> Result<Checkpoint, ExportError> {
    checkpoint::newest_served(conn)?.ok_or_else(|| ExportError::NotFound("nothing was published yet".into()))
}

fn text(row: &Body) -> Result<String, ExportError> {
    String::from_utf8(row.bytes.clone()).map_err(|error| ExportError::Body(row.log_index, error.to_string()))
}

/// Where a record points to for its status, if it has one (a withdrawal has none), and the DID URL of the key
/// that signed it.
pub(super) fn references(row: &Body) -> Result<(Option<StatusPointer>, String), ExportError> {
    let record =
        credential::read(&row.bytes).map_err(|error| ExportError::Body(row.log_index, error.to_string()))?;
    if record.status.is_none() && record.record_type.has_status() {
        return Err(ExportError::Body(row.log_index, "it has no status".into()));
    }
    Ok((record.status, record.proof.verification_method().to_owned()))
}

/// The newest visible version of each of the three lists that a record points to.
fn list_bodies(
    conn: &mut Conn,
    status: Option<StatusPointer>,
    served: i64,
) -> Result<Vec<Body>, ExportError> {
    let Some(status) = status else {
        return Ok(Vec::new());
    };
    let list = i64::from(status.list);
    StatusPurpose::ALL
        .into_iter()
        .map(|purpose| list_body(conn, purpose, list, served))
        .collect()
}

pub(super) fn list_body(
    conn: &mut Conn,
    purpose: StatusPurpose,
    list: i64,
    served: i64,
) -> Result<Body, ExportError> {
    let missing = || ExportError::NotFound(format!("there is no status list {} {list}", purpose.as_str()));
    let version = status::newest_version(conn, purpose.as_str(), list, served)?.ok_or_else(missing)?;
    body::at(conn, version.log_index)?.ok_or_else(missing)
}

pub(super) fn consistency(conn: &mut Conn, old: i64, new: i64) -> Result<Vec<Hash>, ExportError> {
    let tiles = StoredTiles::new(conn);
    let (old, new) = (unsigned("a head's size", old)?, unsigned("a head's size", new)?);
    Ok(Prover::new(&tiles, new).consistency(old)?)
}

/// Entries with their paths under one head; keeps the last bundle read.
pub(super) struct Places {
    size: i64,
    bundle: Option<(i64, Vec<Vec<u8>>)>,
}

impl Places {
    pub(super) fn new(size: i64) -> Self {
        Self { size, bundle: None }
    }

    pub(super) fn place(&mut self, conn: &mut Conn, index: i64) -> Result<Place, ExportError> {
        let entry = self.entry(conn, index)?;
        let tiles = StoredTiles::new(conn);
        let inclusion = Prover::new(&tiles, unsigned("a head's size", self.size)?)
            .inclusion(unsigned("a log index", index)?)?;
        Ok(Place {
            entry,
            index: unsigned("a log index", index)?,
            inclusion,
        })
    }

    pub(super) fn key(&mut self, conn: &mut Conn, row: &Body) -> Result<KeyItem, ExportError> {
        Ok(KeyItem {
            note: text(row)?,
            place: self.place(conn, row.log_index)?,
        })
    }

    fn entry(&mut self, conn: &mut Conn, index: i64) -> Result<Vec<u8>, ExportError> {
        let number = index / 256;
        if self.bundle.as_ref().is_none_or(|(held, _)| *held != number) {
            self.bundle = Some((number, entries(conn, number, self.size)?));
        }
        let place = usize::try_from(index % 256).unwrap_or(0);
        self.bundle
            .as_ref()
            .and_then(|(_, entries)| entries.get(place))
            .cloned()
            .ok_or_else(|| ExportError::Proof(format!("entry {index} is not stored")))
    }
}

/// The entries of a bundle in a log of `size`.
fn entries(conn: &mut Conn, number: i64, size: i64) -> Result<Vec<Vec<u8>>, ExportError> {
    let width = size.saturating_sub(number.saturating_mul(256)).min(256);
    let missing = || ExportError::Proof(format!("entry bundle {number} is not stored"));
    let row = bundle::read(conn, number, width)?.ok_or_else(missing)?;
    let decoded =
        crate::log::entries::decode(&row.entries).map_err(|error| ExportError::Proof(error.to_string()))?;
    Ok(decoded.into_iter().map(<[u8]>::to_vec).collect())
}

/// Writes the canonical bytes of every record from log index `since` on, one a line; how many.
///
/// # Errors
/// [`ExportError`].
pub fn records(conn: &mut Conn, since: i64, out: &mut dyn Write) -> Result<u64, ExportError> {
    let served = checkpoint::served_size(conn)?;
    let mut count = 0_u64;
    let mut from = since.max(0);
    while from < served {
        let to = served.min(from.saturating_add(1024));
        for row in body::between(conn, from, to)? {
            if row.kind == EntryKind::Record.as_str() {
                out.write_all(&row.bytes)?;
                out.write_all(b"\n")?;
                count = count.saturating_add(1);
            }
        }
        from = to;
    }
    out.flush()?;
    Ok(count)
}

/// Writes a bulk file of every record from log index `since` on that `wanted` takes; how many.
/// Streams: memory does not grow with the number of records.
///
/// # Errors
/// [`ExportError`].
pub fn bulk(
    conn: &mut Conn,
    second: &mut Conn,
    since: i64,
    wanted: &dyn Fn(&Body) -> bool,
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let heads = checkpoint::all_served(conn)?;
    let served = heads
        .last()
        .ok_or_else(|| ExportError::NotFound("nothing was published yet".into()))?
        .size;
    let mut places = Places::new(served);
    let mut header = Header {
        checkpoints: heads_of(conn, &heads)?,
        ..Header::default()
    };
    let documents = KeyDocuments::read(conn, served)?;
    let mut keys = BTreeMap::new();
    for (method, row) in documents.firsts() {
        keys.insert(method.to_owned(), header.add_key(places.key(conn, row)?));
    }
    header.add_key(places.key(conn, &documents.newest)?);
    let lists = add_lists(conn, &mut header, &mut places, served)?;
    out.write_all(&header.to_line()?)?;
    let tiles = StoredTiles::new(second);
    let mut prover = Prover::new(&tiles, unsigned("the served size", served)?);
    let (mut count, mut from, mut line_bytes) = (0_u64, since.max(0), Vec::new());
    while from < served {
        let to = served.min(from.saturating_add(1024));
        line_bytes.clear();
        for row in body::between(conn, from, to)? {
            if row.kind != EntryKind::Record.as_str() || !wanted(&row) {
                continue;
            }
            let after = heads.partition_point(|head| head.size <= row.log_index);
            let place = Place {
                entry: places.entry(conn, row.log_index)?,
                index: unsigned("a log index", row.log_index)?,
                inclusion: prover.inclusion(unsigned("a log index", row.log_index)?)?,
            };
            let (status, method) = references(&row)?;
            let line = Line {
                before: u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX),
                after: u32::try_from(after).unwrap_or(u32::MAX),
                place,
                key: *keys.get(&method).ok_or_else(|| {
                    ExportError::Body(row.log_index, "no key document lists its key".into())
                })?,
                // A line always names three lists; none of them counts for a record without status.
                lists: *status
                    .map_or_else(|| lists.values().next(), |status| lists.get(&status.list))
                    .ok_or_else(|| ExportError::Body(row.log_index, "it points to an unknown list".into()))?,
                record: row.bytes,
            };
            line.write(&mut line_bytes);
            count = count.saturating_add(1);
        }
        out.write_all(&line_bytes)?;
        from = to;
    }
    out.flush()?;
    Ok(count)
}

/// Served heads, each with the path from the one before.
fn heads_of(conn: &mut Conn, heads: &[Checkpoint]) -> Result<Vec<Head>, ExportError> {
    let mut previous = 0;
    let mut out = Vec::with_capacity(heads.len());
    for head in heads {
        out.push(Head {
            note: head.note.clone(),
            consistency: consistency(conn, previous, head.size)?,
        });
        previous = head.size;
    }
    Ok(out)
}

fn add_lists(
    conn: &mut Conn,
    header: &mut Header,
    places: &mut Places,
    served: i64,
) -> Result<BTreeMap<u32, [Digest; 3]>, ExportError> {
    let mut lists = BTreeMap::new();
    for (number, _, _) in status::all(conn)? {
        let mut digests = Vec::with_capacity(3);
        for purpose in StatusPurpose::ALL {
            let row = list_body(conn, purpose, number, served)?;
            let place = places.place(conn, row.log_index)?;
            digests.push(header.add_list(ListItem {
                credential: row.bytes,
                place,
            }));
        }
        if let (Ok(number), Ok(digests)) = (u32::try_from(number), <[Digest; 3]>::try_from(digests)) {
            lists.insert(number, digests);
        }
    }
    Ok(lists)
}

/// The digest, audience and kind that the log holds for a body.
///
/// # Errors
/// [`ExportError`] when the entry is not stored.
pub fn entry_of(conn: &mut Conn, index: i64, served: i64) -> Result<Entry, ExportError> {
    let bytes = Places::new(served).entry(conn, index)?;
    Entry::decode(&bytes).map_err(|error| ExportError::Proof(error.to_string()))
}

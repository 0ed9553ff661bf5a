//! What is current among the first N entries, at a moment, for an audience: one pass over history.
//!
//! Nothing is believed that the log does not say: each body must have its entry's digest, and the status
//! lists used must be the newest among these entries. A body that is gone must have been withdrawn.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use crate::record::credential::{self, Audience, RecordType, StatusPointer};
use crate::record::current;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::snapshot::ListVersion;
use crate::record::status::{Bitstring, StatusPurpose, read_list};

use super::RebuildError;
use super::history::{History, Logged};
use super::sorter::Sorter;

/// Entries looked at together; a multiple of a bundle's 256.
const STEP: u64 = 4096;

/// What is current for one audience.
#[derive(Debug)]
pub struct Gathered {
    pub(super) audience: Audience,
    pub(super) counts: BTreeMap<&'static str, (RecordType, u64)>,
    /// Digests of all current bodies.
    pub(super) digests: Sorter<32>,
    /// Key and digest of each that is about an employer.
    pub(super) holdings: Sorter<64>,
}

/// The bits that take a record out of what is current. All reading of status goes through here.
struct Bits {
    /// By list number: revocation and refresh.
    lists: BTreeMap<(u32, StatusPurpose), (Bitstring, Digest)>,
}

/// What one entry is to a snapshot.
enum Found {
    /// Nothing.
    Other,
    /// A body that is gone, by its digest.
    Missing(Digest),
    /// The withdrawal of a body.
    Erased(Digest),
    /// A version of a status list.
    List(ListVersion),
    /// Something current, and whose it is.
    Current(Audience, RecordType, Digest, Option<[u8; 32]>),
}

/// Goes through the first `size` entries for each of `views`; `scratch` is a folder for what does not fit
/// into memory.
///
/// # Errors
/// [`RebuildError`].
pub fn gather(
    history: &mut dyn History,
    size: u64,
    at: DateTime<Utc>,
    views: &[Audience],
    scratch: &Path,
) -> Result<(Vec<Gathered>, Vec<ListVersion>), RebuildError> {
    let bits = Bits::of(&history.lists(size)?)?;
    let mut all: Vec<Gathered> = views.iter().map(|view| Gathered::new(*view, scratch)).collect();
    let mut newest: BTreeMap<(u32, StatusPurpose), Digest> = BTreeMap::new();
    let mut missing = HashSet::new();
    let mut from = 0;
    while from < size {
        let to = size.min(from.saturating_add(STEP));
        let logged = history.entries(from, to)?;
        if u64::try_from(logged.len()).ok() != Some(to.saturating_sub(from)) {
            return Err(RebuildError::Damaged(from, "entries are missing".into()));
        }
        let places: Vec<(u64, Logged)> = (from..to).zip(logged).collect();
        let found: Vec<Found> = places
            .into_par_iter()
            .map(|(index, logged)| {
                look(&logged, &bits, at, views).map_err(|why| RebuildError::Damaged(index, why))
            })
            .collect::<Result<_, _>>()?;
        for found in found {
            match found {
                Found::Other => {}
                Found::Missing(digest) => {
                    missing.insert(digest);
                }
                Found::Erased(digest) => {
                    missing.remove(&digest);
                }
                Found::List(version) => {
                    newest.insert((version.list, version.purpose), version.digest);
                }
                Found::Current(audience, kind, digest, key) => {
                    for gathered in all.iter_mut().filter(|one| sees(one.audience, audience)) {
                        gathered.take(kind, digest, key)?;
                    }
                }
            }
        }
        from = to;
    }
    if let Some(digest) = missing.into_iter().next() {
        return Err(RebuildError::Gone(digest));
    }
    Ok((all, bits.versions(&newest)?))
}

/// Whether a view shows what is for an audience.
fn sees(view: Audience, audience: Audience) -> bool {
    audience == Audience::Public || view == Audience::Partners
}

fn look(logged: &Logged, bits: &Bits, at: DateTime<Utc>, views: &[Audience]) -> Result<Found, String> {
    let entry = Entry::decode(&logged.entry).map_err(|error| error.to_string())?;
    match entry.kind {
        EntryKind::Erasure => return Ok(Found::Erased(entry.digest)),
        EntryKind::Keys | EntryKind::Snapshot | EntryKind::Audit => return Ok(Found::Other),
        _ if !views.iter().any(|view| sees(*view, entry.audience)) => return Ok(Found::Other),
        EntryKind::StatusList | EntryKind::Record | EntryKind::RuleSet | EntryKind::Draw => {}
    }
    let Some(body) = &logged.body else {
        return Ok(Found::Missing(entry.digest));
    };
    if Digest::of(body) != entry.digest {
        return Err("its body's bytes are not those that were logged".into());
    }
    if entry.kind == EntryKind::StatusList {
        let list = read_list(body).map_err(|error| error.to_string())?;
        return Ok(Found::List(ListVersion {
            list: list.list,
            purpose: list.purpose,
            digest: entry.digest,
        }));
    }
    let record = credential::read(body).map_err(|error| error.to_string())?;
    let kind = record.record_type;
    if kind.entry_kind() != entry.kind {
        return Err("its body is not what its entry says".to_owned());
    }
    // A withdrawal speaks of a record that is no longer there: it is news and never current itself.
    if kind == RecordType::RecordWithdrawal {
        return Ok(Found::Other);
    }
    let pointer = record.status.ok_or("its body is not what its entry says")?;
    if record.valid_until.is_some_and(|until| until <= at) || bits.is_out(pointer)? {
        return Ok(Found::Other);
    }
    let facts = record.facts().map_err(|error| error.to_string())?;
    let key = facts
        .employer()
        .map(|employer| current::key(&current::name(employer)));
    Ok(Found::Current(entry.audience, kind, entry.digest, key))
}

impl Gathered {
    /// Whose view it is.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.audience
    }

    fn new(audience: Audience, scratch: &Path) -> Self {
        Self {
            audience,
            counts: BTreeMap::new(),
            digests: Sorter::new(scratch),
            holdings: Sorter::new(scratch),
        }
    }

    fn take(&mut self, kind: RecordType, digest: Digest, key: Option<[u8; 32]>) -> std::io::Result<()> {
        let count = self.counts.entry(kind.as_str()).or_insert((kind, 0));
        count.1 = count.1.saturating_add(1);
        self.digests.push(*digest.as_bytes())?;
        if let Some(key) = key {
            let mut item = [0; 64];
            let (head, tail) = item.split_at_mut(32);
            head.copy_from_slice(&key);
            tail.copy_from_slice(digest.as_bytes());
            self.holdings.push(item)?;
        }
        Ok(())
    }
}

impl Bits {
    fn of(lists: &[Vec<u8>]) -> Result<Self, RebuildError> {
        let mut found = BTreeMap::new();
        for bytes in lists {
            let list = read_list(bytes).map_err(|error| RebuildError::List(error.to_string()))?;
            found.insert((list.list, list.purpose), (list.bits.clone(), Digest::of(bytes)));
        }
        Ok(Self { lists: found })
    }

    /// Whether a record is revoked or replaced. A suspended one still counts.
    fn is_out(&self, pointer: StatusPointer) -> Result<bool, String> {
        for purpose in [StatusPurpose::Revocation, StatusPurpose::Refresh] {
            let (bits, _) = self
                .lists
                .get(&(pointer.list, purpose))
                .ok_or_else(|| format!("there is no list {} {}", purpose.as_str(), pointer.list))?;
            if bits.get(pointer.index).map_err(|error| error.to_string())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The versions used, if they are the newest that the pass has seen.
    fn versions(
        self,
        newest: &BTreeMap<(u32, StatusPurpose), Digest>,
    ) -> Result<Vec<ListVersion>, RebuildError> {
        let used: BTreeMap<_, _> = self
            .lists
            .into_iter()
            .map(|(place, (_, digest))| (place, digest))
            .collect();
        if used != *newest {
            return Err(RebuildError::List(
                "the lists found are not the newest that were logged".into(),
            ));
        }
        let version = |((list, purpose), digest)| ListVersion {
            list,
            purpose,
            digest,
        };
        Ok(used.into_iter().map(version).collect())
    }
}

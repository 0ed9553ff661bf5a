//! Statements: what a snapshot's tree says about one employer, with everything that an offline check needs.
//!
//! Everything is proved under the first served head that covers the snapshot, so that a statement's bytes
//! depend on the snapshot alone, and on the notes of monitors that came in since.

use crate::log::hash::{HASH_LEN, Hash};
use crate::log::key::VerifierKey;
use crate::log::note::Note;
use crate::log::reader::HashReader;
use crate::log::sorted::{self, Answer, Key, MakeError};
use crate::log::tile;
use crate::record::credential::Audience;
use crate::record::current::{self, Holding};
use crate::record::digest::Digest;
use crate::record::snapshot::read_snapshot;
use crate::record::status::StatusPurpose;
use crate::registry::Registry;
use crate::registry::data_dir::DataDir;
use crate::registry::export::{self, ExportError, KeyDocuments, Places};
use crate::registry::origins::Origins;
use crate::registry::trust::TrustFiles;
use crate::store::log::body::{self, Body};
use crate::store::log::checkpoint::{self, Checkpoint};
use crate::store::log::snapshot::{self as stored, SnapshotRow};
use crate::store::{Conn, StoreError, employer};
use crate::verify::bundle::{Head, ListItem};
use crate::verify::monitor::MonitorNote;
use crate::verify::statement::{MAX_MONITORS, Statement, StatementHeads};

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The statement on the employer `name` (`uscc:CODE` or `reg:DIVISION:NUMBER`) from the newest snapshot of
/// an audience, as canonical JSON; `with_records` adds the records that are still there, and their lists.
///
/// # Errors
/// [`ExportError`]; its `NotFound` while no snapshot was served.
pub fn make(
    conn: &mut Conn,
    audience: Audience,
    name: &str,
    with_records: bool,
) -> Result<Vec<u8>, ExportError> {
    let served = checkpoint::served_size(conn)?;
    let none = || {
        ExportError::NotFound("还没有快照 / there is no snapshot yet: run `chengxin snapshot take`".into())
    };
    let row = stored::newest(conn, audience.as_str(), served)?.ok_or_else(none)?;
    let index = row.log_index.ok_or_else(none)?;
    let signed = body::at(conn, index)?.ok_or_else(|| ExportError::Body(index, "it is gone".into()))?;
    let heads = Heads::of(conn, &row, index)?;
    let size = heads.current.size;
    let mut places = Places::new(size);
    let documents = KeyDocuments::read(conn, size)?;
    let answer = answer(conn, &row, &current::key(name))?;
    prove(&answer, name, &signed)?;
    let records = match (with_records, &answer) {
        (true, Answer::Present(leaf)) => records(conn, name, &leaf.data, &row)?,
        _ => Vec::new(),
    };
    let lists = lists(conn, &records, size)?;
    let statement = Statement {
        about: name.to_owned(),
        answer,
        snapshot: item(conn, &mut places, &signed)?,
        checkpoints: heads.with_paths(conn)?,
        keys: keys(&documents, &signed)?
            .into_iter()
            .map(|row| places.key(conn, row))
            .collect::<Result<_, _>>()?,
        records: records.into_iter().map(|row| row.bytes).collect(),
        lists: lists
            .iter()
            .map(|list| item(conn, &mut places, list))
            .collect::<Result<_, _>>()?,
        monitors: stored::notes(conn, Digest::of(&signed.bytes).as_bytes(), MAX_MONITORS)?,
    };
    Ok(statement.to_canonical()?)
}

fn item(conn: &mut Conn, places: &mut Places, row: &Body) -> Result<ListItem, ExportError> {
    Ok(ListItem {
        credential: row.bytes.clone(),
        place: places.place(conn, row.log_index)?,
    })
}

/// The document that first listed a snapshot's key, for only one from before it shows that the key was
/// authorised, and the newest.
fn keys<'d>(documents: &'d KeyDocuments, signed: &Body) -> Result<Vec<&'d Body>, ExportError> {
    let snapshot = read_snapshot(&signed.bytes)
        .map_err(|error| ExportError::Body(signed.log_index, error.to_string()))?;
    let first = documents.of(snapshot.credential.proof.verification_method())?;
    let mut keys = vec![first];
    if first.log_index != documents.newest.log_index {
        keys.push(&documents.newest);
    }
    Ok(keys)
}

/// The heads around a snapshot; the first that covers it is also the current one.
struct Heads {
    described: Checkpoint,
    before: Checkpoint,
    current: Checkpoint,
}

impl Heads {
    fn of(conn: &mut Conn, row: &SnapshotRow, index: i64) -> Result<Self, ExportError> {
        let unseen = || ExportError::NotFound("the snapshot is not under a served checkpoint yet".into());
        let described = checkpoint::at_size(conn, row.log_size)?.ok_or_else(unseen)?;
        let (before, after) = checkpoint::around(conn, index)?;
        Ok(Self {
            described,
            before: before.ok_or_else(unseen)?,
            current: after.ok_or_else(unseen)?,
        })
    }

    fn with_paths(&self, conn: &mut Conn) -> Result<StatementHeads, ExportError> {
        let head = |head: &Checkpoint, consistency| Head {
            note: head.note.clone(),
            consistency,
        };
        let to_before = export::consistency(conn, self.described.size, self.before.size)?;
        let to_after = export::consistency(conn, self.before.size, self.current.size)?;
        Ok(StatementHeads {
            described: head(&self.described, Vec::new()),
            before: head(&self.before, to_before),
            after: head(&self.current, to_after),
            current: head(&self.current, Vec::new()),
        })
    }
}

/// What would not verify is not handed out: the stored tree must be the signed one.
fn prove(answer: &Answer, name: &str, signed: &Body) -> Result<(), ExportError> {
    let snapshot = read_snapshot(&signed.bytes)
        .map_err(|error| ExportError::Body(signed.log_index, error.to_string()))?;
    let root = Hash(snapshot.state.tree_root);
    answer
        .verify(&current::key(name), snapshot.state.tree_size, &root)
        .map(|_| ())
        .map_err(|error| ExportError::Proof(error.to_string()))
}

/// The answer of a stored tree about a key: two reads of leaves, and one of each level's tiles.
fn answer(conn: &mut Conn, row: &SnapshotRow, key: &Key) -> Result<Answer, ExportError> {
    let (before, at) = neighbours(conn, row, key)?;
    let size = u64::try_from(row.tree_size).unwrap_or(0);
    let tiles = SnapshotTiles {
        conn: RefCell::new(conn),
        id: row.id,
    };
    sorted::answer(&tiles, size, key, before, at).map_err(|error| match error {
        MakeError::Read(error) => error.into(),
        MakeError::Leaves(error) => ExportError::Proof(error.to_string()),
    })
}

type Place = Option<(u64, Vec<u8>)>;

/// The last leaf whose key is below `key`, and the first whose key is not.
fn neighbours(conn: &mut Conn, row: &SnapshotRow, key: &Key) -> Result<(Place, Place), ExportError> {
    let Some(found) = stored::leaves_around(conn, row.id, key)? else {
        // The key stands before every leaf.
        return Ok((None, leaf(conn, row, 0)?));
    };
    let (bundle, leaves) = (found.bundle_index, split(&found.leaves)?);
    let place = leaves.partition_point(|leaf| sorted::key_of(leaf).is_some_and(|found| found < *key));
    let first = u64::try_from(bundle).unwrap_or(0).saturating_mul(256);
    let index = first.saturating_add(u64::try_from(place).unwrap_or(0));
    let numbered = |index: u64, leaf: Option<&&[u8]>| leaf.map(|leaf| (index, leaf.to_vec()));
    let at = match leaves.get(place) {
        Some(found) => Some((index, found.to_vec())),
        None => leaf(conn, row, index)?,
    };
    let before = match place.checked_sub(1) {
        Some(place) => numbered(index.saturating_sub(1), leaves.get(place)),
        // The bundle begins with the key itself; what stands before it matters to nobody then.
        None => None,
    };
    Ok((before, at))
}

/// The leaf at `index`, the first of its bundle, if the tree reaches so far.
fn leaf(conn: &mut Conn, row: &SnapshotRow, index: u64) -> Result<Place, ExportError> {
    let bundle = i64::try_from(index / 256).unwrap_or(i64::MAX);
    if !index.is_multiple_of(256) {
        return Ok(None);
    }
    let Some(found) = stored::leaves_at(conn, row.id, bundle)? else {
        return Ok(None);
    };
    Ok(split(&found.leaves)?.first().map(|leaf| (index, leaf.to_vec())))
}

/// Leaves that stand one after another: each says how many digests it has.
pub(in crate::registry) fn split(bytes: &[u8]) -> Result<Vec<&[u8]>, ExportError> {
    let bad = || ExportError::Proof("a bundle of leaves is damaged: run `chengxin log fsck`".into());
    let mut rest = bytes;
    let mut leaves = Vec::new();
    while !rest.is_empty() {
        let count = rest.get(HASH_LEN..HASH_LEN + 4).ok_or_else(bad)?;
        let count = u32::from_be_bytes(count.try_into().map_err(|_| bad())?);
        let length = usize::try_from(count).map_err(|_| bad())?.checked_mul(HASH_LEN);
        let length = length
            .and_then(|length| length.checked_add(HASH_LEN + 4))
            .ok_or_else(bad)?;
        let (leaf, after) = rest.split_at_checked(length).ok_or_else(bad)?;
        leaves.push(leaf);
        rest = after;
    }
    Ok(leaves)
}

/// The records of a leaf that are still there, in the order of their digests.
fn records(conn: &mut Conn, name: &str, leaf: &[u8], row: &SnapshotRow) -> Result<Vec<Body>, ExportError> {
    let holding = Holding::decode(leaf).map_err(|error| ExportError::Proof(error.to_string()))?;
    let found = match name.strip_prefix("uscc:") {
        Some(code) => employer::by_code(conn, code)?,
        None => match name.strip_prefix("reg:").and_then(|rest| rest.split_once(':')) {
            Some((division, number)) => employer::by_registration(conn, number)?
                .into_iter()
                .find(|row| row.code.is_none() && row.division == division),
            None => None,
        },
    };
    let Some(found) = found else {
        return Ok(Vec::new());
    };
    let mut records: Vec<(Digest, Body)> = body::of_employer(conn, found.id, row.log_size)?
        .into_iter()
        .map(|row| (Digest::of(&row.bytes), row))
        .filter(|(digest, _)| holding.digests.binary_search(digest).is_ok())
        .collect();
    records.sort_by_key(|(digest, _)| *digest);
    Ok(records.into_iter().map(|(_, row)| row).collect())
}

/// The newest versions below `size` of the lists that records point to.
fn lists(conn: &mut Conn, records: &[Body], size: i64) -> Result<Vec<Body>, ExportError> {
    let numbers = records
        .iter()
        .filter_map(|row| match export::references(row) {
            Ok((status, _)) => status.map(|status| Ok(i64::from(status.list))),
            Err(error) => Some(Err(error)),
        })
        .collect::<Result<BTreeSet<i64>, ExportError>>()?;
    let mut lists = Vec::new();
    for number in numbers {
        for purpose in StatusPurpose::ALL {
            lists.push(export::list_body(conn, purpose, number, size)?);
        }
    }
    Ok(lists)
}

/// A snapshot's tiles in the database.
struct SnapshotTiles<'c> {
    conn: RefCell<&'c mut Conn>,
    id: i64,
}

impl HashReader for SnapshotTiles<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError> {
        let name = || format!("snapshot {} tile {level}/{index}", self.id);
        let number = i64::try_from(index).map_err(|error| StoreError::corrupt(name(), error))?;
        let mut conn = self.conn.borrow_mut();
        let bytes = stored::tile(&mut conn, self.id, i64::from(level), number)?;
        let bytes = bytes.ok_or_else(|| StoreError::corrupt(name(), "not stored"))?;
        let mut hashes = tile::decode(&bytes).map_err(|error| StoreError::corrupt(name(), error))?;
        hashes.truncate(usize::from(width));
        Ok(hashes)
    }
}

/// Keeps a monitor's note, so that statements carry it; gives the names of its keys. It must be about a
/// snapshot of this log whose tree is still kept, and signed by a monitor of our own `trust/monitors.txt`:
/// one bad line would make every verifier who knows its name refuse all statements. Only lines that were
/// verified are handed out.
///
/// # Errors
/// [`ExportError::NotFound`] for anything else, and for one more than a statement carries.
pub fn keep_note(registry: &Registry, text: &str) -> Result<Vec<String>, ExportError> {
    let refused =
        |why: &str| ExportError::NotFound(format!("这不是可收下的监测签署 / no note to keep: {why}"));
    let note = Note::parse(text.as_bytes()).map_err(|error| refused(&error.to_string()))?;
    let said = MonitorNote::parse(note.text()).ok_or_else(|| refused("it is not a monitor's"))?;
    let lines = verified_lines(registry, &note).map_err(|why| refused(&why))?;
    let mut conn = registry.store.conn()?;
    if !Origins::load(&mut conn, &registry.host)?.knows(&said.origin) {
        return Err(refused("it is about another log"));
    }
    let mut known = false;
    for row in stored::all(&mut conn)? {
        if let Some(index) = row.log_index
            && let Some(signed) = body::at(&mut conn, index)?
        {
            known |= Digest::of(&signed.bytes) == said.snapshot;
        }
    }
    if !known {
        return Err(refused("it is about a snapshot whose tree is not kept"));
    }
    let now = registry.clock.now().naive_utc();
    let digest = said.snapshot.as_bytes();
    for (name, text) in &lines {
        let kept = crate::store::write(&mut conn, |conn| {
            stored::keep_note(conn, digest, (name, text), now, MAX_MONITORS)
        })?;
        if !kept {
            let full = format!("{MAX_MONITORS} others are kept, and a statement carries no more");
            return Err(refused(&full));
        }
    }
    Ok(lines.into_keys().collect())
}

/// By the name of each of our monitors that signed it: the note with that line alone.
fn verified_lines(registry: &Registry, note: &Note) -> Result<BTreeMap<String, String>, String> {
    let folder = registry.data.as_ref().map(DataDir::trust).unwrap_or_default();
    let monitors = TrustFiles::monitors(&folder).map_err(|error| error.to_string())?;
    // A line of a known key that does not verify refuses the whole note.
    note.verified_by(&monitors).map_err(|error| error.to_string())?;
    let mut found = BTreeMap::new();
    for line in note.signatures() {
        let of_line = |key: &VerifierKey| key.id() == line.key_id && key.name() == line.name;
        if monitors.iter().any(of_line) {
            let mut alone = Note::unsigned(note.text()).map_err(|error| error.to_string())?;
            alone.add(line.clone());
            found.insert(line.name.clone(), alone.to_string());
        }
    }
    if found.is_empty() {
        return Err("no monitor that trust/monitors.txt lists has signed it: add its key there first".into());
    }
    Ok(found)
}

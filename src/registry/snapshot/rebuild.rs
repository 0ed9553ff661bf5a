//! Rebuilding a snapshot from the log's bodies and status lists, by whoever has them: the registry's own
//! check, or a monitor with a mirror. A monitor that finds it equal says so in a signed note.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::log::edge::Edge;
use crate::log::hash::Hash;
use crate::log::note::Note;
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::snapshot::{State, read_snapshot};
use crate::registry::Registry;
use crate::registry::keys::{KeysError, NoteSigner};
use crate::registry::tiles::StoredTiles;
use crate::store::log::{body, checkpoint, snapshot as stored};
use crate::verify::monitor::MonitorNote;

use super::history::{History, StoredHistory};
use super::tree::Nowhere;
use super::{SnapshotError, gather, tree};

/// Rebuilds what a snapshot describes and gives the members that differ: none when it is true to the log.
/// `root` is the log's root at the snapshot's `logSize`, by the caller's own tree; `scratch` a folder for
/// what does not fit into memory. For the public's snapshot, public bodies are enough.
///
/// # Errors
/// [`SnapshotError`] when the snapshot cannot be read or the history does not suffice.
pub fn differences(
    snapshot: &[u8],
    root: Hash,
    history: &mut dyn History,
    scratch: &Path,
) -> Result<Vec<&'static str>, SnapshotError> {
    let snapshot = read_snapshot(snapshot).map_err(|error| SnapshotError::Malformed(error.to_string()))?;
    let (said, at) = (&snapshot.state, snapshot.credential.valid_from);
    let (all, lists) = gather::gather(history, said.log_size, at, &[said.audience], scratch)?;
    let mut differing = Vec::new();
    for gathered in all {
        let found = tree::build(gathered, lists.clone(), (said.log_size, root), &mut Nowhere)?;
        differing.extend(compare(said, &found));
    }
    Ok(differing)
}

fn compare(said: &State, found: &State) -> Vec<&'static str> {
    let equal = [
        ("logRoot", said.log_root == found.log_root),
        ("recordCounts", said.counts == found.counts),
        ("statusLists", said.lists == found.lists),
        ("currentDigest", said.current == found.current),
        ("treeSize", said.tree_size == found.tree_size),
        ("treeRoot", said.tree_root == found.tree_root),
    ];
    let differs = |(name, equal)| if equal { None } else { Some(name) };
    equal.into_iter().filter_map(differs).collect()
}

/// A monitor's note that it has rebuilt the snapshot in the log of `origin` and found it equal, at `now`.
///
/// # Errors
/// [`KeysError`].
pub fn vouch(
    snapshot: &[u8],
    origin: &str,
    now: DateTime<Utc>,
    monitor: &NoteSigner,
) -> Result<String, KeysError> {
    let said = MonitorNote {
        origin: origin.to_owned(),
        snapshot: Digest::of(snapshot),
        rebuilt: now,
    };
    let text = said.text().map_err(|error| KeysError::Text(error.to_string()))?;
    let mut note = Note::unsigned(&text)?;
    monitor.sign(&mut note)?;
    Ok(note.to_string())
}

/// Rebuilds the newest snapshot of an audience from the registry's own database.
///
/// # Errors
/// [`SnapshotError`], its `Empty` while there is no snapshot.
pub fn check_newest(registry: &Registry, audience: Audience) -> Result<Vec<&'static str>, SnapshotError> {
    let mut conn = registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    let row = stored::newest(&mut conn, audience.as_str(), served)?.ok_or(SnapshotError::Empty)?;
    let index = row.log_index.ok_or(SnapshotError::Empty)?;
    let signed = body::at(&mut conn, index)?
        .ok_or_else(|| SnapshotError::Damaged(index.unsigned_abs(), "its body is gone".into()))?;
    let said = read_snapshot(&signed.bytes).map_err(|error| SnapshotError::Malformed(error.to_string()))?;
    let root = Edge::load(&StoredTiles::new(&mut conn), said.state.log_size)
        .map_err(|error| SnapshotError::Malformed(error.to_string()))?
        .root();
    let scratch = super::scratch(registry);
    differences(&signed.bytes, root, &mut StoredHistory::new(&mut conn), &scratch)
}

//! The trees behind snapshots against the signed snapshots: every leaf, every tile, every column; and what
//! monitors signed about them. What they answer is verified again wherever it is handed out, so damage here
//! denies answers, and no more.

use std::collections::{BTreeMap, BTreeSet};

use crate::log::note::Note;
use crate::log::sorted::{SortedTree, key_of};
use crate::log::tile::TileId;
use crate::record::digest::Digest;
use crate::record::entry::EntryKind;
use crate::record::snapshot::{Snapshot, read_snapshot};
use crate::registry::Registry;
use crate::registry::origins::Origins;
use crate::registry::snapshot::statement::split;
use crate::registry::trust::TrustFiles;
use crate::store::log::body;
use crate::store::log::snapshot::{self, SnapshotRow};
use crate::store::{Conn, StoreResult};
use crate::verify::monitor::MonitorNote;

use super::{Damage, Report};

/// Checks every tree whose snapshot was logged; one still being built is nobody's yet.
pub(super) fn check(
    conn: &mut Conn,
    (registry, origins): (&Registry, &Origins),
    report: &mut Report,
) -> StoreResult<()> {
    let mut stray = Stray {
        leaves: snapshot::all_leaves(conn)?.into_iter().collect(),
        tiles: snapshot::all_tiles(conn)?.into_iter().collect(),
    };
    let rows = snapshot::all(conn)?;
    for row in &rows {
        let Some(index) = row.log_index else {
            stray.forget(row.id);
            continue;
        };
        let signed = body::at(conn, index)?;
        let read = signed.as_ref().map(|signed| read_snapshot(&signed.bytes));
        match read {
            Some(Ok(said)) => {
                if let Some((name, why)) = wrong(conn, row, &said, &mut stray)? {
                    report.find(Damage::Index, name, why);
                    stray.forget(row.id);
                }
            }
            _ => {
                let why = "no snapshot stands there in the log";
                report.find(Damage::Index, format!("snapshot {}", row.id), why);
                stray.forget(row.id);
            }
        }
    }
    for (id, bundle) in stray.leaves {
        let name = format!("snapshot_leaves {id} {bundle}");
        report.find(Damage::Index, name, "no snapshot has such leaves");
    }
    for (id, level, index) in stray.tiles {
        let name = format!("snapshot_tile {id} {level}/{index}");
        report.find(Damage::Index, name, "no snapshot has such a tile");
    }
    newest(conn, &rows, report)?;
    monitors(conn, (registry, origins), report)
}

/// Rows that no tree has accounted for yet.
struct Stray {
    leaves: BTreeSet<(i64, i64)>,
    tiles: BTreeSet<(i64, i64, i64)>,
}

impl Stray {
    fn forget(&mut self, snapshot: i64) {
        self.leaves.retain(|(id, _)| *id != snapshot);
        self.tiles.retain(|(id, _, _)| *id != snapshot);
    }
}

/// Statements are answered from the tree of each audience's newest snapshot.
fn newest(conn: &mut Conn, rows: &[SnapshotRow], report: &mut Report) -> StoreResult<()> {
    let mut newest: BTreeMap<String, i64> = BTreeMap::new();
    for signed in body::all_of_kind(conn, EntryKind::Snapshot.as_str())? {
        newest.insert(signed.audience, signed.log_index);
    }
    for (audience, index) in newest {
        if !rows.iter().any(|row| row.log_index == Some(index)) {
            let why = format!(
                "the tree of the newest snapshot for the {audience} audience, entry {index}, is gone: run `chengxin snapshot take`"
            );
            report.find(Damage::Index, format!("snapshot of entry {index}"), why);
        }
    }
    Ok(())
}

/// What monitors signed: of a snapshot of this log, by a key that the trust folder knows.
fn monitors(
    conn: &mut Conn,
    (registry, origins): (&Registry, &Origins),
    report: &mut Report,
) -> StoreResult<()> {
    let rows = snapshot::all_notes(conn)?;
    if rows.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<Vec<u8>> = body::all_of_kind(conn, EntryKind::Snapshot.as_str())?
        .iter()
        .map(|signed| Digest::of(&signed.bytes).as_bytes().to_vec())
        .collect();
    let keys = match registry
        .data
        .as_ref()
        .map(|data| TrustFiles::monitors(&data.trust()))
    {
        Some(Ok(keys)) => keys,
        // Read by whoever uses the folder; nothing in the database is wrong with it.
        Some(Err(_)) | None => Vec::new(),
    };
    for (digest, key, note) in rows {
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("monitor_note {hex} {key}");
        let said = Note::parse(note.as_bytes()).ok().and_then(|note| {
            let lines = note.signatures();
            let named = lines.len() == 1 && lines.iter().all(|line| line.name == key);
            let signed = keys.is_empty() || note.verified_by(&keys).is_ok_and(|by| !by.is_empty());
            (named && signed).then(|| MonitorNote::parse(note.text()))?
        });
        let fits = said.is_some_and(|said| {
            origins.knows(&said.origin)
                && said.snapshot.as_bytes().as_slice() == digest
                && known.contains(&digest)
        });
        if !fits {
            let why = "it is no note of a monitor that we know, about this snapshot";
            report.find(Damage::Signature, name, why);
        }
    }
    Ok(())
}

/// Which row of a tree is wrong, if any, and why.
fn wrong(
    conn: &mut Conn,
    row: &SnapshotRow,
    said: &Snapshot<'_>,
    stray: &mut Stray,
) -> StoreResult<Option<(String, String)>> {
    let state = &said.state;
    let of_row = |why: &str| Ok(Some((format!("snapshot {}", row.id), why.to_owned())));
    let same = row.audience == state.audience.as_str()
        && u64::try_from(row.log_size) == Ok(state.log_size)
        && u64::try_from(row.tree_size) == Ok(state.tree_size)
        && row.taken_at.and_utc() == said.credential.valid_from;
    if !same {
        return of_row("its columns are not what its snapshot says");
    }
    let mut tree = SortedTree::new();
    let mut tiles: BTreeMap<TileId, Vec<u8>> = BTreeMap::new();
    let mut bundle = 0;
    while let Some(found) = snapshot::leaves_at(conn, row.id, bundle)? {
        stray.leaves.remove(&(row.id, bundle));
        let of_leaves = |why: String| Ok(Some((format!("snapshot_leaves {} {bundle}", row.id), why)));
        let Ok(leaves) = split(&found.leaves) else {
            return of_leaves("they are damaged".to_owned());
        };
        if leaves
            .first()
            .and_then(|leaf| key_of(leaf))
            .is_none_or(|key| found.first_key != key)
        {
            return of_leaves("they do not begin with their first key".to_owned());
        }
        for leaf in leaves {
            match tree.push(leaf) {
                Ok(full) => tiles.extend(full),
                Err(error) => return of_leaves(error.to_string()),
            }
        }
        bundle = bundle.saturating_add(1);
    }
    let finished = tree.finish();
    if (finished.size, finished.root.0) != (state.tree_size, state.tree_root) {
        return of_row("its leaves give another tree than the signed one");
    }
    tiles.extend(finished.tiles);
    for (id, hashes) in tiles {
        let (level, index) = (i64::from(id.level), i64::try_from(id.index).unwrap_or(i64::MAX));
        stray.tiles.remove(&(row.id, level, index));
        if snapshot::tile(conn, row.id, level, index)?.as_ref() != Some(&hashes) {
            let name = format!("snapshot_tile {} {level}/{index}", row.id);
            return Ok(Some((name, "it is not what the leaves give".to_owned())));
        }
    }
    Ok(None)
}

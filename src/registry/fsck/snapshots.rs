//! The trees behind snapshots against the signed snapshots: every leaf, every tile, every column. What
//! they answer is verified again wherever it is handed out, so damage here denies answers, and no more.

use std::collections::BTreeMap;

use crate::log::sorted::{SortedTree, key_of};
use crate::log::tile::TileId;
use crate::record::snapshot::{Snapshot, read_snapshot};
use crate::registry::snapshot::statement::split;
use crate::store::log::body;
use crate::store::log::snapshot::{self, SnapshotRow};
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

/// Checks every tree whose snapshot was logged; one still being built is nobody's yet.
pub(super) fn check(conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
    for row in snapshot::all(conn)? {
        let Some(index) = row.log_index else { continue };
        let signed = body::at(conn, index)?;
        let read = signed.as_ref().map(|signed| read_snapshot(&signed.bytes));
        let why = match read {
            Some(Ok(said)) => wrong(conn, &row, &said)?,
            _ => Some("no snapshot stands there in the log".to_owned()),
        };
        if let Some(why) = why {
            report.find(Damage::Index, format!("snapshot {}", row.id), why);
        }
    }
    Ok(())
}

/// What is wrong with a tree, if anything.
fn wrong(conn: &mut Conn, row: &SnapshotRow, said: &Snapshot<'_>) -> StoreResult<Option<String>> {
    let state = &said.state;
    let same = row.audience == state.audience.as_str()
        && u64::try_from(row.log_size) == Ok(state.log_size)
        && u64::try_from(row.tree_size) == Ok(state.tree_size)
        && row.taken_at.and_utc() == said.credential.valid_from;
    if !same {
        return Ok(Some("its columns are not what its snapshot says".into()));
    }
    let mut tree = SortedTree::new();
    let mut tiles: BTreeMap<TileId, Vec<u8>> = BTreeMap::new();
    let mut bundle = 0;
    while let Some(found) = snapshot::leaves_at(conn, row.id, bundle)? {
        let Ok(leaves) = split(&found.leaves) else {
            return Ok(Some(format!("its leaves {bundle} are damaged")));
        };
        if leaves
            .first()
            .and_then(|leaf| key_of(leaf))
            .is_none_or(|key| found.first_key != key)
        {
            return Ok(Some(format!(
                "its leaves {bundle} do not begin with their first key"
            )));
        }
        for leaf in leaves {
            match tree.push(leaf) {
                Ok(full) => tiles.extend(full),
                Err(error) => return Ok(Some(format!("its leaves {bundle}: {error}"))),
            }
        }
        bundle = bundle.saturating_add(1);
    }
    let finished = tree.finish();
    if (finished.size, finished.root.0) != (state.tree_size, state.tree_root) {
        return Ok(Some("its leaves give another tree than the signed one".into()));
    }
    tiles.extend(finished.tiles);
    for (id, hashes) in tiles {
        let index = i64::try_from(id.index).unwrap_or(i64::MAX);
        if snapshot::tile(conn, row.id, i64::from(id.level), index)?.as_ref() != Some(&hashes) {
            return Ok(Some(format!("its {id} is not what its leaves give")));
        }
    }
    Ok(None)
}

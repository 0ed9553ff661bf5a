//! Snapshots rebuilt (records.md §6): what is current among the first N entries of a log, at a moment, for an
//! audience, from the log's bodies and status lists, by whoever has them: the registry from its database, a
//! monitor from its mirror. Both run this very code, and whoever wants to doubt it runs another.
//!
//! | file | what |
//! |---|---|
//! | `history.rs` | where entries and bodies come from |
//! | `gather.rs` | one pass over them: what is current |
//! | `sorter.rs` | sorting in flat memory, with scratch files |
//! | `tree.rs` | from sorted keys and digests to the tree |
//!
//! It refuses to decide what is current by anything but the log, to read a clock, and to know of a database.

pub mod history;
pub mod sorter;
pub mod tree;

mod gather;

use std::io;
use std::path::Path;

use crate::log::hash::Hash;
use crate::log::sorted::OrderError;
use crate::record::current::{HoldingError, NotAscending};
use crate::record::digest::Digest;
use crate::record::snapshot::{State, read_snapshot};

use history::{History, HistoryError};
use tree::Nowhere;

pub use gather::{Gathered, gather};
pub use tree::build;

/// Why nothing can be rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Reading the log's past.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// An entry or its body.
    #[error("entry {0}: {1}; run `chengxin log fsck`")]
    Damaged(u64, String),
    /// A body is gone, and nothing below the described head says that it was withdrawn.
    #[error(
        "the body with the digest {0} is gone and was not withdrawn below this head: take a new snapshot, or run `chengxin log fsck`"
    )]
    Gone(Digest),
    /// The status lists.
    #[error("status lists: {0}")]
    List(String),
    /// Scratch files.
    #[error("scratch file: {0}")]
    Io(#[from] io::Error),
    /// Two leaves with one key.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// One digest twice.
    #[error(transparent)]
    Twice(#[from] NotAscending),
    /// An employer with more current records than a leaf holds.
    #[error(transparent)]
    Leaf(#[from] HoldingError),
    /// The snapshot to rebuild cannot be read.
    #[error("the snapshot is malformed: {0}")]
    Malformed(String),
}

/// Rebuilds what a snapshot describes and gives the members that differ: none when it is true to the log.
/// `root` is the log's root at the snapshot's `logSize`, by the caller's own tree; `scratch` a folder for
/// what does not fit into memory. For the public's snapshot, public bodies are enough.
///
/// # Errors
/// [`RebuildError`] when the snapshot cannot be read or the history does not suffice.
pub fn differences(
    snapshot: &[u8],
    root: Hash,
    history: &mut dyn History,
    scratch: &Path,
) -> Result<Vec<&'static str>, RebuildError> {
    let snapshot = read_snapshot(snapshot).map_err(|error| RebuildError::Malformed(error.to_string()))?;
    let (said, at) = (&snapshot.state, snapshot.credential.valid_from);
    let (all, lists) = gather(history, said.log_size, at, &[said.audience], scratch)?;
    let mut differing = Vec::new();
    for gathered in all {
        let found = build(gathered, lists.clone(), (said.log_size, root), &mut Nowhere)?;
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

#[cfg(test)]
mod tests;

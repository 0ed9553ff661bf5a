//! From sorted keys and digests to the tree: its leaves in bundles, its tiles, its root. Flat memory.

use crate::log::hash::Hash;
use crate::log::sorted::{Key, SortedTree, Tiles, key_of};
use crate::record::current::{CurrentDigest, Holding};
use crate::record::digest::Digest;
use crate::record::snapshot::{ListVersion, State};

use super::RebuildError;
use super::gather::Gathered;

/// Leaves in a bundle, as in a tile.
const WIDTH: usize = 256;

/// Where a tree goes.
pub trait Sink {
    /// What a failed write says.
    type Error: From<RebuildError>;

    /// Up to 256 leaves, one after another; the first one's key.
    ///
    /// # Errors
    /// The sink's own.
    fn leaves(&mut self, bundle: u64, first: Key, leaves: Vec<u8>) -> Result<(), Self::Error>;

    /// Tiles in their final width.
    ///
    /// # Errors
    /// The sink's own.
    fn tiles(&mut self, tiles: Tiles) -> Result<(), Self::Error>;
}

/// A sink for whoever only wants the root.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

impl Sink for Nowhere {
    type Error = RebuildError;

    fn leaves(&mut self, _: u64, _: Key, _: Vec<u8>) -> Result<(), RebuildError> {
        Ok(())
    }

    fn tiles(&mut self, _: Tiles) -> Result<(), RebuildError> {
        Ok(())
    }
}

/// Builds the tree of what was gathered under the head `(size, root)` into `sink`.
///
/// # Errors
/// [`RebuildError`], and the sink's own.
pub fn build<S: Sink>(
    gathered: Gathered,
    lists: Vec<ListVersion>,
    (log_size, log_root): (u64, Hash),
    sink: &mut S,
) -> Result<State, S::Error> {
    let mut lines = CurrentDigest::default();
    for digest in gathered.digests.sorted().map_err(RebuildError::from)? {
        let digest = digest.map_err(RebuildError::from)?;
        lines
            .push(Digest::from_bytes(digest))
            .map_err(RebuildError::from)?;
    }
    let mut bundles = Bundles::new(sink);
    let mut holding: Option<Holding> = None;
    for item in gathered.holdings.sorted().map_err(RebuildError::from)? {
        let item = item.map_err(RebuildError::from)?;
        let (key, digest) = item.split_at(32);
        let (Ok(key), Ok(digest)) = (<[u8; 32]>::try_from(key), <[u8; 32]>::try_from(digest)) else {
            continue; // 64 bytes are 32 and 32
        };
        match &mut holding {
            Some(held) if held.key == key => held.digests.push(Digest::from_bytes(digest)),
            _ => {
                let next = Holding {
                    key,
                    digests: vec![Digest::from_bytes(digest)],
                };
                if let Some(held) = holding.replace(next) {
                    bundles.push(&held.encode().map_err(RebuildError::from)?)?;
                }
            }
        }
    }
    if let Some(held) = holding {
        bundles.push(&held.encode().map_err(RebuildError::from)?)?;
    }
    let (tree_size, tree_root) = bundles.finish()?;
    Ok(State {
        audience: gathered.audience,
        log_size,
        log_root: log_root.0,
        counts: gathered.counts.into_values().collect(),
        lists,
        current: lines.finish(),
        tree_size,
        tree_root: tree_root.0,
    })
}

/// Leaves on their way into bundles and tiles.
struct Bundles<'s, S> {
    sink: &'s mut S,
    tree: SortedTree,
    bundle: Vec<u8>,
    first: Option<Key>,
    held: usize,
    number: u64,
}

impl<'s, S: Sink> Bundles<'s, S> {
    fn new(sink: &'s mut S) -> Self {
        Self {
            sink,
            tree: SortedTree::new(),
            bundle: Vec::new(),
            first: None,
            held: 0,
            number: 0,
        }
    }

    fn push(&mut self, leaf: &[u8]) -> Result<(), S::Error> {
        let tiles = self.tree.push(leaf).map_err(RebuildError::from)?;
        self.first = self.first.or_else(|| key_of(leaf));
        self.bundle.extend_from_slice(leaf);
        self.held = self.held.saturating_add(1);
        if self.held == WIDTH {
            self.flush()?;
        }
        self.sink.tiles(tiles)
    }

    fn flush(&mut self) -> Result<(), S::Error> {
        if let Some(first) = self.first.take() {
            self.sink
                .leaves(self.number, first, std::mem::take(&mut self.bundle))?;
            self.number = self.number.saturating_add(1);
        }
        self.held = 0;
        Ok(())
    }

    fn finish(mut self) -> Result<(u64, Hash), S::Error> {
        self.flush()?;
        let finished = self.tree.finish();
        self.sink.tiles(finished.tiles)?;
        Ok((finished.size, finished.root))
    }
}

//! The right edge of a tiled tree: the partial tile of each level. Growing it says exactly which tiles
//! change, and it holds enough to compute the root without reading a full tile.

use super::hash::Hash;
use super::reader::{HashReader, ReadError, read};
use super::tile::{self, TILE_HEIGHT, TILE_WIDTH, TileId, width_at};
use super::tree::{Frontier, perfect_root};

const FULL: usize = TILE_WIDTH as usize;

/// The partial tiles of a tree of `size` leaves, level 0 first; a level without a partial tile is empty.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// What an append changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The tiles to write, level by level: those that became full, and the partial one if it changed.
    pub tiles: Vec<(TileId, Vec<u8>)>,
    /// Leaves in the tree now.
    pub size: u64,
    /// Root of the tree now.
    pub root: Hash,
}

/// Grows a stored tree by `leaves` and tells which tiles to write. Reads at most one partial tile a level.
///
/// # Errors
/// [`ReadError`] when the partial tiles of a tree of `old_size` leaves cannot be read.
pub fn growth<R: HashReader>(
    old_size: u64,
    reader: &R,
    leaves: &[Hash],
) -> Result<Growth, ReadError<R::Error>> {
    let mut edge = Edge::load(reader, old_size)?;
    let tiles = edge.grow(leaves);
    Ok(Growth {
        tiles,
        size: edge.size(),
        root: edge.root(),
    })
}

impl Edge {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the partial tiles of a tree of `size` leaves. `Edge::load(…)?.root()` recomputes a root from
    /// tiles, in at most eight reads.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn load<R: HashReader>(reader: &R, size: u64) -> Result<Self, ReadError<R::Error>> {
        let mut levels = Vec::new();
        for level in 0..8u8 {
            let hashes = size >> (TILE_HEIGHT * u32::from(level));
            if hashes == 0 {
                break;
            }
            let index = hashes >> TILE_HEIGHT;
            let width = width_at(level, index, size);
            levels.push(if width == 0 {
                Vec::new()
            } else {
                read(reader, level, index, width)?
            });
        }
        Ok(Self { size, levels })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the partial tile of a level; none where the last tile is full or there is none.
    pub fn partial(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }

    /// Appends leaf hashes; the tiles that changed, level by level, in the order of their index.
    pub fn grow(&mut self, leaves: &[Hash]) -> Vec<(TileId, Vec<u8>)> {
        let mut tiles = Vec::with_capacity(leaves.len() / FULL * 257 / 256 + 8);
        let mut row = leaves.to_vec();
        for level in 0..8u8 {
            if row.is_empty() {
                break;
            }
            let first = self
                .size
                .checked_shr(TILE_HEIGHT * (u32::from(level) + 1))
                .unwrap_or(0);
            row = self.grow_level(level, first, &row, &mut tiles);
        }
        self.size += leaves.len() as u64;
        tiles
    }

    /// Adds `row` to one level whose partial tile has the index `first`; gives the row for the level above.
    fn grow_level(
        &mut self,
        level: u8,
        first: u64,
        row: &[Hash],
        tiles: &mut Vec<(TileId, Vec<u8>)>,
    ) -> Vec<Hash> {
        if self.levels.len() <= usize::from(level) {
            self.levels.resize(usize::from(level) + 1, Vec::new());
        }
        let Some(partial) = self.levels.get_mut(usize::from(level)) else {
            return Vec::new();
        };
        let (fill, rest) = row.split_at(row.len().min(FULL - partial.len()));
        partial.extend_from_slice(fill);
        let mut above = Vec::with_capacity(rest.len() / FULL + 1);
        let mut index = first;
        let mut complete = |hashes: &[Hash]| {
            let width = TILE_WIDTH;
            tiles.push((TileId { level, index, width }, tile::encode(hashes)));
            above.extend(perfect_root(hashes));
            index += 1;
        };
        if partial.len() == FULL {
            complete(partial);
            partial.clear();
        }
        let (full, last) = rest.as_chunks::<FULL>();
        for hashes in full {
            complete(hashes);
        }
        partial.extend_from_slice(last);
        if !partial.is_empty() {
            // Shorter than a full tile, so the cast keeps its value.
            tiles.push((
                TileId {
                    level,
                    index,
                    width: partial.len() as u16,
                },
                tile::encode(partial),
            ));
        }
        above
    }

    /// The frontier of the same tree.
    pub fn frontier(&self) -> Frontier {
        let mut nodes = Vec::new();
        for level in self.levels.iter().rev() {
            let mut rest: &[Hash] = level;
            while !rest.is_empty() {
                let (subtree, after) = rest.split_at(1 << rest.len().ilog2());
                nodes.extend(perfect_root(subtree));
                rest = after;
            }
        }
        Frontier::from_nodes(self.size, nodes).unwrap_or_default()
    }

    /// Root of the tree.
    pub fn root(&self) -> Hash {
        self.frontier().root()
    }
}

//! From the right edge of a tiled tree down to its leaves: every full tile against the hash that the tile
//! above has for it. Where the edge gives a signed root and nothing below it is refused, the level-0 tiles
//! give that root too: it is the root recomputed from all leaf hashes, and it says which tile is wrong.
//!
//! Reads each full tile once, depth first: the memory of one tile a level.

use super::edge::Edge;
use super::hash::Hash;
use super::reader::{HashReader, ReadError, read};
use super::tile::{TILE_HEIGHT, TILE_WIDTH, TileId};
use super::tree::perfect_root;

/// Why a tree was not found to be what its edge says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescentError<E> {
    /// A tile could not be had.
    #[error(transparent)]
    Read(#[from] ReadError<E>),
    /// A tile's hashes do not come to the hash that the tile above has for it.
    #[error("{0} is not what the tile above it says")]
    Tile(TileId),
}

impl Edge {
    /// Checks every full tile below the edge; how many there are.
    ///
    /// # Errors
    /// [`DescentError`] at the first tile that is missing or another.
    pub fn descend<R: HashReader>(&self, reader: &R) -> Result<u64, DescentError<R::Error>> {
        let mut count = 0_u64;
        for level in 1..8_u8 {
            let hashes = self.partial(level);
            let above = TILE_HEIGHT * (u32::from(level) + 1);
            let tiles = self.size().checked_shr(above).unwrap_or(0);
            let first = tiles.saturating_mul(u64::from(TILE_WIDTH));
            for (index, expected) in (first..).zip(hashes) {
                count = count.saturating_add(full_tile(reader, level - 1, index, *expected)?);
            }
        }
        Ok(count)
    }
}

fn full_tile<R: HashReader>(
    reader: &R,
    level: u8,
    index: u64,
    expected: Hash,
) -> Result<u64, DescentError<R::Error>> {
    let hashes = read(reader, level, index, TILE_WIDTH)?;
    if perfect_root(&hashes) != Some(expected) {
        let width = TILE_WIDTH;
        return Err(DescentError::Tile(TileId { level, index, width }));
    }
    let mut count = 1_u64;
    if let Some(below) = level.checked_sub(1) {
        let first = index.saturating_mul(u64::from(TILE_WIDTH));
        for (index, expected) in (first..).zip(hashes) {
            count = count.saturating_add(full_tile(reader, below, index, expected)?);
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::super::hash::leaf_hash;
    use super::super::memory::MemoryTiles;
    use super::super::tile::{self, width_at};
    use super::*;

    /// More leaves than a level-1 tile covers.
    const SIZE: u64 = 256 * 256 + 256 + 3;

    fn tiles() -> Vec<(TileId, Vec<u8>)> {
        let leaves: Vec<Hash> = (0..SIZE).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edge = Edge::new();
        edge.grow(&leaves)
    }

    fn memory(tiles: &[(TileId, Vec<u8>)]) -> MemoryTiles {
        let mut memory = MemoryTiles::new();
        for (id, bytes) in tiles {
            memory.put(*id, bytes).unwrap();
        }
        memory
    }

    #[test]
    fn a_sound_tree_is_read_to_its_last_full_tile() {
        let tiles = tiles();
        let full = tiles.iter().filter(|(id, _)| id.is_full()).count();
        assert_eq!(full, 258);
        let memory = memory(&tiles);
        let edge = Edge::load(&memory, SIZE).unwrap();
        assert_eq!(edge.descend(&memory), Ok(258));
        assert_eq!(Edge::new().descend(&memory), Ok(0));
    }

    /// What is wrong with a tile shows in the edge's root or under the tile's own name, on every level.
    #[test]
    fn every_changed_tile_is_named() {
        let whole = tiles();
        let root = Edge::load(&memory(&whole), SIZE).unwrap().root();
        for place in [0, 1, 100, 255, 256, 257, 258, 259, 260] {
            let mut tiles = whole.clone();
            let (id, bytes) = &mut tiles[place];
            let id = *id;
            assert_eq!(width_at(id.level, id.index, SIZE), id.width, "{id}");
            bytes[31] ^= 1;
            let memory = memory(&tiles);
            let edge = Edge::load(&memory, SIZE).unwrap();
            match id.is_full() {
                true => {
                    assert_eq!(edge.root(), root, "{id}: the edge alone does not tell");
                    assert_eq!(edge.descend(&memory), Err(DescentError::Tile(id)));
                }
                false => assert_ne!(edge.root(), root, "{id}"),
            }
        }
        // A level-1 tile that fits a level-0 tile which was changed with it is another than the edge says.
        let mut tiles = whole;
        let changed = tile::decode(&tiles[7].1).unwrap();
        let other: Vec<Hash> = changed.iter().rev().copied().collect();
        tiles[7].1 = tile::encode(&other);
        let upper = tiles
            .iter()
            .position(|(id, _)| id.level == 1 && id.is_full())
            .unwrap();
        tiles[upper].1[7 * 32..8 * 32].copy_from_slice(&perfect_root(&other).unwrap().0);
        let memory = memory(&tiles);
        let edge = Edge::load(&memory, SIZE).unwrap();
        assert_eq!(edge.descend(&memory), Err(DescentError::Tile(tiles[upper].0)));
    }
}

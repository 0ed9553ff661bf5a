//! Tiles in memory: for a mirror, a benchmark, a test. Keeps the widest of each.

use std::collections::BTreeMap;

use super::hash::Hash;
use super::reader::HashReader;
use super::tile::{self, TileError, TileId};

/// A tile source in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryTiles {
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

/// The memory holds no such tile, or a narrower one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no tile {level}/{index} of width {width}")]
pub struct MissingTile {
    /// Level asked for.
    pub level: u8,
    /// Index asked for.
    pub index: u64,
    /// Width asked for.
    pub width: u16,
}

impl MemoryTiles {
    /// No tiles.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a tile, unless a wider one is held.
    ///
    /// # Errors
    /// [`TileError::Length`] when the bytes are not whole hashes.
    pub fn put(&mut self, id: TileId, bytes: &[u8]) -> Result<(), TileError> {
        let hashes = tile::decode(bytes)?;
        let held = self.tiles.entry((id.level, id.index)).or_default();
        if held.len() < hashes.len() {
            *held = hashes;
        }
        Ok(())
    }
}

impl HashReader for MemoryTiles {
    type Error = MissingTile;

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, MissingTile> {
        self.tiles
            .get(&(level, index))
            .and_then(|tile| tile.get(..usize::from(width)))
            .map(<[Hash]>::to_vec)
            .ok_or(MissingTile { level, index, width })
    }
}

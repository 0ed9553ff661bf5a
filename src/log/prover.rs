//! Proofs made from tiles (RFC 6962 §2.1.1, §2.1.2). One [`Prover`] for many proofs over the same tree reads
//! and hashes each tile once.

use std::collections::HashMap;

use super::hash::Hash;
use super::reader::{HashReader, ReadError, read};
use super::tile::{TILE_HEIGHT, TILE_WIDTH, width_at};
use super::tree::{fold_right, pair_up};

/// Tiles kept at once: 511 hashes of 32 bytes each, so about 4 MiB.
const CACHED_TILES: usize = 256;

/// Inclusion path of the leaf at `index` in the tree of `size` leaves, from the leaf's sibling upwards.
///
/// # Errors
/// [`ReadError::OutOfRange`] unless `index < size`; the source's own.
pub fn inclusion_proof<R: HashReader>(
    reader: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ReadError<R::Error>> {
    Prover::new(reader, size).inclusion(index)
}

/// Consistency path between the trees of `old` and `new` leaves; empty when `old` is 0 or equals `new`.
///
/// # Errors
/// [`ReadError::OutOfRange`] unless `old <= new`; the source's own.
pub fn consistency_proof<R: HashReader>(
    reader: &R,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ReadError<R::Error>> {
    Prover::new(reader, new).consistency(old)
}

/// Makes proofs for the tree of one size.
#[derive(Debug)]
pub struct Prover<'r, R> {
    reader: &'r R,
    size: u64,
    tiles: HashMap<(u8, u64), Rows>,
}

/// A tile and the rows above it within the tile; row k has the roots of 2^k hashes each.
type Rows = Vec<Vec<Hash>>;

impl<'r, R: HashReader> Prover<'r, R> {
    /// Proofs for the tree of `size` leaves.
    pub fn new(reader: &'r R, size: u64) -> Self {
        Self {
            reader,
            size,
            tiles: HashMap::new(),
        }
    }

    /// See [`inclusion_proof`].
    ///
    /// # Errors
    /// As there.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, ReadError<R::Error>> {
        if index >= self.size {
            return Err(ReadError::OutOfRange {
                wanted: index,
                size: self.size,
            });
        }
        let mut path = Vec::new();
        let (mut low, mut high) = (0, self.size);
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                path.push(self.root(middle, high)?);
                high = middle;
            } else {
                path.push(self.root(low, middle)?);
                low = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// See [`consistency_proof`].
    ///
    /// # Errors
    /// As there.
    pub fn consistency(&mut self, old: u64) -> Result<Vec<Hash>, ReadError<R::Error>> {
        if old > self.size {
            return Err(ReadError::OutOfRange {
                wanted: old,
                size: self.size,
            });
        }
        if old == 0 || old == self.size {
            return Ok(Vec::new());
        }
        let mut path = Vec::new();
        let (mut low, mut high) = (0, self.size);
        while old != high {
            let middle = low + split(high - low);
            if old <= middle {
                path.push(self.root(middle, high)?);
                high = middle;
            } else {
                path.push(self.root(low, middle)?);
                low = middle;
            }
        }
        // The verifier knows the old root already when it is a whole subtree that starts at leaf 0.
        if low > 0 {
            path.push(self.root(low, high)?);
        }
        path.reverse();
        Ok(path)
    }

    /// Merkle Tree Hash over the leaves `low..high`, where `low` is a multiple of the largest power of two
    /// that fits.
    fn root(&mut self, low: u64, high: u64) -> Result<Hash, ReadError<R::Error>> {
        let mut nodes = Vec::new();
        let mut at = low;
        while at < high {
            let level = (high - at).ilog2();
            nodes.push(self.node(level, at >> level)?);
            at += 1 << level;
        }
        fold_right(&nodes).ok_or(ReadError::OutOfRange {
            wanted: high,
            size: self.size,
        })
    }

    /// Root of the perfect subtree of 2^`level` leaves with the number `index` among those.
    fn node(&mut self, level: u32, index: u64) -> Result<Hash, ReadError<R::Error>> {
        let row = level % TILE_HEIGHT;
        let per_tile = u64::from(TILE_WIDTH) >> row;
        let key = ((level / TILE_HEIGHT) as u8, index / per_tile);
        let out = ReadError::OutOfRange {
            wanted: index,
            size: self.size,
        };
        if !self.tiles.contains_key(&key) {
            if self.tiles.len() >= CACHED_TILES {
                self.tiles.clear();
            }
            let width = width_at(key.0, key.1, self.size);
            if width == 0 {
                return Err(out);
            }
            let rows = rows(read(self.reader, key.0, key.1, width)?);
            self.tiles.insert(key, rows);
        }
        let rows = self.tiles.get(&key);
        let row = rows.and_then(|rows| rows.get(row as usize));
        row.and_then(|row| row.get((index % per_tile) as usize))
            .copied()
            .ok_or(out)
    }
}

/// Largest power of two smaller than `n`, for n > 1.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

fn rows(tile: Vec<Hash>) -> Rows {
    let mut rows = vec![tile];
    while let Some(above) = rows.last().map(|row| pair_up(row)).filter(|row| !row.is_empty()) {
        rows.push(above);
    }
    rows
}

//! Where hashes come from: a database, a folder, memory. The tree's own code asks for tiles only.

use super::hash::Hash;

/// A source of tiles.
///
/// A read asks for the first `width` hashes (1 to 256) of the tile at `level` and `index`; a source that
/// holds a wider tile answers with its prefix. The tree size in force decides the width, so that a source
/// never needs to know it.
pub trait HashReader {
    /// What a failed read says.
    type Error;

    /// Reads the first `width` hashes of a tile.
    ///
    /// # Errors
    /// The source's own, also when it holds fewer hashes than asked for.
    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Self::Error>;
}

impl<R: HashReader + ?Sized> HashReader for &R {
    type Error = R::Error;

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Self::Error> {
        (**self).tile(level, index, width)
    }
}

/// Why hashes could not be had from a reader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError<E> {
    /// The source failed.
    #[error("the tile source failed")]
    Source(#[source] E),
    /// The source answered with another number of hashes than asked for.
    #[error("tile {level}/{index}: {got} hashes instead of {wanted}")]
    Width {
        /// Level of the tile.
        level: u8,
        /// Index of the tile within its level.
        index: u64,
        /// Hashes asked for.
        wanted: u16,
        /// Hashes received.
        got: usize,
    },
    /// The request lies outside the tree.
    #[error("{wanted} lies outside a tree of {size} leaves")]
    OutOfRange {
        /// Index or size asked about.
        wanted: u64,
        /// Leaves in the tree.
        size: u64,
    },
}

/// Reads a tile and holds the source to the width asked for.
pub(super) fn read<R: HashReader>(
    reader: &R,
    level: u8,
    index: u64,
    width: u16,
) -> Result<Vec<Hash>, ReadError<R::Error>> {
    let hashes = reader.tile(level, index, width).map_err(ReadError::Source)?;
    if hashes.len() != usize::from(width) {
        return Err(ReadError::Width {
            level,
            index,
            wanted: width,
            got: hashes.len(),
        });
    }
    Ok(hashes)
}

//! Names of tiles (C2SP tlog-tiles 0.1, “Merkle Tree”): level, index, width, and the path that says them.
//!
//! A tile of level L and index N holds the hashes of up to 256 consecutive subtrees of 256^L leaves each. A
//! partial tile of a smaller width is a prefix of every wider one.

use std::fmt;

use super::hash::{HASH_LEN, Hash};

/// Hashes in a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Highest level that the path syntax allows.
pub const MAX_LEVEL: u8 = 63;
/// Tree levels that one tile spans (2^8 = 256).
pub(super) const TILE_HEIGHT: u32 = 8;

/// Name of a tile of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Level, 0 for leaf hashes, at most 63.
    pub level: u8,
    /// Index of the tile within its level, from 0.
    pub index: u64,
    /// Hashes in the tile, 1 to 256.
    pub width: u16,
}

/// Name of a bundle of entries: the same index and width as the level-0 tile that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundleId {
    /// Index of the bundle, from 0: its first entry has the log index `index * 256`.
    pub index: u64,
    /// Entries in the bundle, 1 to 256.
    pub width: u16,
}

/// What a path below the log's prefix names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `tile/<L>/<N>[.p/<W>]`
    Tile(TileId),
    /// `tile/entries/<N>[.p/<W>]`
    Bundle(BundleId),
}

/// Why a path or the bytes of a tile were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not a path of the specification, or one written in another way than it prescribes.
    #[error("not a tile path")]
    Path,
    /// A tile's bytes are not 1 to 256 whole hashes.
    #[error("a tile of {0} bytes is not 1 to 256 hashes of 32 bytes")]
    Length(usize),
}

impl TileId {
    /// Whether no further hash will be added.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_index(f, self.index, self.width)
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_index(f, self.index, self.width)
    }
}

/// Reads a path such as `tile/0/x001/x234/067.p/8`; only the one spelling that the specification gives.
///
/// # Errors
/// [`TileError::Path`].
pub fn parse_path(path: &str) -> Result<Resource, TileError> {
    parse(path).ok_or(TileError::Path)
}

fn parse(path: &str) -> Option<Resource> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = match rest.split_once(".p/") {
        Some((index, width)) => (index, decimal(width).filter(|w| (1..256).contains(w))?),
        None => (rest, u64::from(TILE_WIDTH)),
    };
    let index = parse_index(index)?;
    let width = u16::try_from(width).ok()?;
    if level == "entries" {
        return Some(Resource::Bundle(BundleId { index, width }));
    }
    let level = u8::try_from(decimal(level)?)
        .ok()
        .filter(|level| *level <= MAX_LEVEL)?;
    Some(Resource::Tile(TileId { level, index, width }))
}

/// Groups of three digits, all but the last with an `x`, and no leading group of zeros.
fn parse_index(text: &str) -> Option<u64> {
    let (leading, last) = text
        .rsplit_once('/')
        .map_or(("", text), |(leading, last)| (leading, last));
    let mut index = 0u64;
    if !leading.is_empty() {
        for group in leading.split('/') {
            index = index
                .checked_mul(1000)?
                .checked_add(three_digits(group.strip_prefix('x')?)?)?;
            if index == 0 {
                return None;
            }
        }
    } else if text.contains('/') {
        return None;
    }
    index.checked_mul(1000)?.checked_add(three_digits(last)?)
}

fn three_digits(text: &str) -> Option<u64> {
    (text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// An ASCII decimal without sign or leading zeros.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

fn write_index(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let last = groups.len() - 1;
    for (place, group) in groups.iter().rev().enumerate() {
        match place == last {
            true => write!(f, "{group:03}")?,
            false => write!(f, "x{group:03}/")?,
        }
    }
    if width < TILE_WIDTH {
        write!(f, ".p/{width}")
    } else {
        Ok(())
    }
}

/// The bytes of a tile: its hashes one after another.
pub fn encode(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads the bytes of a tile.
///
/// # Errors
/// [`TileError::Length`] unless they are 1 to 256 whole hashes.
pub fn decode(bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<HASH_LEN>();
    if hashes.is_empty() || !rest.is_empty() || hashes.len() > usize::from(TILE_WIDTH) {
        return Err(TileError::Length(bytes.len()));
    }
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// Width of the tile at `level` and `index` in a tree of `size` leaves: 0 when there is none.
pub fn width_at(level: u8, index: u64, size: u64) -> u16 {
    let hashes = size.checked_shr(TILE_HEIGHT * u32::from(level)).unwrap_or(0);
    let before = index.saturating_mul(u64::from(TILE_WIDTH));
    u16::try_from(hashes.saturating_sub(before).min(u64::from(TILE_WIDTH))).unwrap_or(TILE_WIDTH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_of_the_specification() {
        let tile = TileId {
            level: 0,
            index: 1_234_067,
            width: 8,
        };
        assert_eq!(tile.to_string(), "tile/0/x001/x234/067.p/8");
        assert_eq!(parse_path("tile/0/x001/x234/067.p/8"), Ok(Resource::Tile(tile)));
        assert_eq!(
            TileId {
                level: 2,
                index: 0,
                width: 256
            }
            .to_string(),
            "tile/2/000"
        );
        assert_eq!(
            BundleId {
                index: 1000,
                width: 256
            }
            .to_string(),
            "tile/entries/x001/000"
        );
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let bad = "tile tile/ tile/0 tile/0/ tile/0/0 tile/0/0000 tile/0/x000/001 tile/0/001/x002 tile/00/001 \
            tile/64/001 tile/0/x001 tile/0/001.p tile/0/001.p/ tile/0/001.p/0 tile/0/001.p/256 tile/0/001.p/08 \
            tile/0//001 /tile/0/001 tile/0/001/ tile/entries/ tile/-1/001 tile/0/+01 \
            tile/0/x999/x999/x999/x999/x999/x999/x999/999";
        for path in bad.split_whitespace() {
            assert_eq!(parse_path(path), Err(TileError::Path), "{path}");
        }
    }

    #[test]
    fn widths_of_the_specifications_example() {
        let widths = |level, index| width_at(level, index, 70_000);
        assert_eq!((widths(0, 272), widths(0, 273), widths(0, 274)), (256, 112, 0));
        assert_eq!(
            (widths(1, 0), widths(1, 1), widths(2, 0), widths(3, 0)),
            (256, 17, 1, 0)
        );
        assert_eq!((width_at(0, 0, 256), width_at(1, 0, 256)), (256, 1));
        assert_eq!(width_at(63, u64::MAX, u64::MAX), 0);
    }

    proptest! {
        #[test]
        fn path_round_trip(level in 0u8..=63, index in any::<u64>(), width in 1u16..=256) {
            let tile = TileId { level, index, width };
            prop_assert_eq!(parse_path(&tile.to_string()), Ok(Resource::Tile(tile)));
            let bundle = BundleId { index, width };
            prop_assert_eq!(parse_path(&bundle.to_string()), Ok(Resource::Bundle(bundle)));
        }

        #[test]
        fn hostile_paths_are_refused_or_canonical(path in "(tile/)?[0-9x/.p]{0,24}") {
            match parse_path(&path) {
                Ok(Resource::Tile(tile)) => prop_assert_eq!(tile.to_string(), path),
                Ok(Resource::Bundle(bundle)) => prop_assert_eq!(bundle.to_string(), path),
                Err(_) => {}
            }
        }

        #[test]
        fn hostile_tiles(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(hashes) = decode(&bytes) { prop_assert_eq!(encode(&hashes), bytes); }
        }
    }
}

//! The log as a folder of static files with the paths of C2SP tlog-tiles, for a CDN or a mirror.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::catch_up::{self, MirrorError};
use crate::log::tile::{BundleId, TileId, width_at};
use crate::store::log::{bundle, checkpoint, tile};
use crate::store::{Conn, StoreError, unsigned};

/// Why the log could not be written.
#[derive(Debug, thiserror::Error)]
pub enum StaticError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The bodies.
    #[error(transparent)]
    Bodies(#[from] MirrorError),
    /// Nothing was published.
    #[error("nothing was published yet")]
    Empty,
}

/// Writes the newest served checkpoint and every tile and bundle under it; how many files. The
/// checkpoint is written last, so that whoever reads it finds everything that it covers. With `bodies` also
/// every body, where nobody else on this machine can read it: for [`catch_up`].
///
/// # Errors
/// [`StaticError`].
pub fn write(conn: &mut Conn, folder: &Path, bodies: bool) -> Result<u64, StaticError> {
    let head = checkpoint::newest_served(conn)?.ok_or(StaticError::Empty)?;
    let size = unsigned("the served head's size", head.size)?;
    let mut files = 0_u64;
    for level in 0..8_u8 {
        for index in 0_u64.. {
            let width = width_at(level, index, size);
            if width == 0 {
                break;
            }
            let id = TileId { level, index, width };
            put(folder, &id.to_string(), &stored_tile(conn, id)?)?;
            files = files.saturating_add(1);
            if level == 0 {
                let id = BundleId { index, width };
                put(folder, &id.to_string(), &stored_bundle(conn, id)?)?;
                files = files.saturating_add(1);
            }
        }
    }
    if bodies {
        files = files.saturating_add(catch_up::write_bodies(conn, folder, size)?);
    }
    put(folder, "checkpoint", head.note.as_bytes())?;
    Ok(files.saturating_add(1))
}

/// The bytes of a tile.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is not stored.
pub fn stored_tile(conn: &mut Conn, id: TileId) -> Result<Vec<u8>, StoreError> {
    let index = i64::try_from(id.index).unwrap_or(i64::MAX);
    tile::read(conn, i64::from(id.level), index, i64::from(id.width))?
        .ok_or_else(|| StoreError::corrupt(id.to_string(), "not stored"))
}

/// The bytes of an entry bundle, cut to its width.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is not stored.
pub fn stored_bundle(conn: &mut Conn, id: BundleId) -> Result<Vec<u8>, StoreError> {
    let index = i64::try_from(id.index).unwrap_or(i64::MAX);
    let missing = || StoreError::corrupt(id.to_string(), "not stored");
    let found = bundle::read(conn, index, i64::from(id.width))?.ok_or_else(missing)?;
    let length = prefix_length(&found.entries, usize::from(id.width)).ok_or_else(missing)?;
    let mut bytes = found.entries;
    bytes.truncate(length);
    Ok(bytes)
}

/// How many bytes the first `count` entries of a bundle take.
fn prefix_length(bytes: &[u8], count: usize) -> Option<usize> {
    let mut at = 0_usize;
    for _ in 0..count {
        let length = bytes.get(at..at.checked_add(2)?)?;
        at = at
            .checked_add(2)?
            .checked_add(usize::from(u16::from_be_bytes(length.try_into().ok()?)))?;
    }
    (at <= bytes.len()).then_some(at)
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StaticError> {
    let path = folder.join(name);
    let io = |source| StaticError::Io {
        path: path.clone(),
        source,
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(io)?;
    }
    fs::write(&path, bytes).map_err(io)
}

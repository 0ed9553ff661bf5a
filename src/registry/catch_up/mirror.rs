//! A mirror: a folder with the paths of C2SP tlog-tiles, as `chengxin export log` and `chengxin log monitor`
//! write it, and in `private/bodies` the bodies, 256 a file, each behind its length in four bytes, big-endian;
//! 0 stands for one that is not there. The file of the entries from 256·N on is named as their bundle is.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::fetch::Address;
use crate::config::FileError;
use crate::log::entries;
use crate::log::tile::{BundleId, width_at};
use crate::store::log::body;
use crate::store::{Conn, StoreError};

/// Longest checkpoint: a few hundred bytes, and lines of witnesses.
const MAX_HEAD: u64 = 64 << 10;
/// Longest bundle: 256 entries of at most 65,535 bytes are never that long here.
const MAX_BUNDLE: u64 = 1 << 20;
/// Longest file of bodies: 256 of at most 288 KiB.
const MAX_BODIES: u64 = 256 * (288 << 10);

const BODIES: &str = "private/bodies";

/// Why a mirror cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A mirror: its folder, or where its files are fetched.
#[derive(Debug, Clone)]
pub struct Mirror(Place);

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Address(Address),
}

impl Mirror {
    /// The one in `folder`.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(Place::Folder(folder.to_path_buf()))
    }

    /// The one below an address, `http://…`: its files, or the `/log` of a registry's server, whose changes
    /// hold all bodies for a partner with its `key`.
    #[must_use]
    pub fn at(url: &str, key: Option<String>) -> Self {
        Self(Place::Address(Address::new(url, key)))
    }

    /// A name for a file, as people know it.
    fn path(&self, name: &str) -> PathBuf {
        match &self.0 {
            Place::Folder(folder) => folder.join(name),
            Place::Address(_) => PathBuf::from(name),
        }
    }

    /// The checkpoint's bytes.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        let path = self.path("checkpoint");
        let source = || io::ErrorKind::NotFound.into();
        let found = self.read("checkpoint", MAX_HEAD)?;
        Ok(found.ok_or_else(|| FileError::Io {
            path,
            source: source(),
        })?)
    }

    /// The entries of bundle `index` in a log of `size` entries.
    ///
    /// # Errors
    /// [`MirrorError`], also where there are fewer.
    pub fn entries(&self, index: u64, size: u64) -> Result<Vec<Vec<u8>>, MirrorError> {
        let width = width_at(0, index, size);
        let name = BundleId { index, width }.to_string();
        let full = BundleId { index, width: 256 }.to_string();
        let found = match self.read(&name, MAX_BUNDLE)? {
            Some(bytes) => Some(bytes),
            None => self.read(&full, MAX_BUNDLE)?,
        };
        let wrong = |why: String| FileError::Form {
            path: self.path(&name),
            why,
        };
        let bytes = found.ok_or_else(|| wrong("it is not there".into()))?;
        let decoded = entries::decode(&bytes).map_err(|error| wrong(error.to_string()))?;
        let wanted = decoded.get(..usize::from(width));
        let wanted = wanted.ok_or_else(|| wrong(format!("it has {} entries, not {width}", decoded.len())))?;
        Ok(wanted.iter().map(|entry| entry.to_vec()).collect())
    }

    /// The bodies of the entries from `256 * index` on, as far as they are there.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn bodies(&self, index: u64) -> Result<Vec<Option<Vec<u8>>>, MirrorError> {
        let name = bodies_name(index);
        let Some(bytes) = self.read(&name, MAX_BODIES)? else {
            return match &self.0 {
                Place::Folder(_) => Ok(Vec::new()),
                Place::Address(address) => address.bodies(index),
            };
        };
        let found = decode(&bytes).ok_or_else(|| FileError::Form {
            path: self.path(&name),
            why: "it is no file of bodies".into(),
        });
        Ok(found?)
    }

    /// The bytes of a file of at most `limit`; none where there is no such file.
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, MirrorError> {
        let path = match &self.0 {
            Place::Folder(folder) => folder.join(name),
            Place::Address(address) => return address.read(name, limit),
        };
        let io = |source| FileError::Io {
            path: path.clone(),
            source,
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io(source).into()),
        };
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
            let why = format!("it is longer than {limit} bytes");
            return Err(FileError::Form { path, why }.into());
        }
        Ok(Some(bytes))
    }
}

fn bodies_name(index: u64) -> String {
    let path = BundleId { index, width: 256 }.to_string();
    format!("{BODIES}/{}", path.strip_prefix("tile/entries/").unwrap_or(&path))
}

fn decode(bytes: &[u8]) -> Option<Vec<Option<Vec<u8>>>> {
    let (mut rest, mut bodies) = (bytes, Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (body, after) = after.split_at_checked(length)?;
        bodies.push((length > 0).then(|| body.to_vec()));
        rest = after;
    }
    (rest.is_empty() && bodies.len() <= 256).then_some(bodies)
}

/// Writes the bodies of the first `size` entries into a mirror's folder, those that partners alone may see
/// included: nobody else on this machine can read them. A body that was withdrawn since is gone from its file.
///
/// # Errors
/// [`MirrorError`].
pub fn write_bodies(conn: &mut Conn, folder: &Path, size: u64) -> Result<u64, MirrorError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| FileError::Io { path, source }
    };
    let mut files = 0_u64;
    while files.saturating_mul(256) < size {
        let from = i64::try_from(files.saturating_mul(256)).unwrap_or(i64::MAX);
        let end = i64::try_from(size)
            .unwrap_or(i64::MAX)
            .min(from.saturating_add(256));
        let mut bytes = Vec::new();
        let mut rows = body::between(conn, from, end)?.into_iter().peekable();
        for index in from..end {
            let row = rows.next_if(|row| row.log_index == index);
            let body = row.map(|row| row.bytes).unwrap_or_default();
            bytes.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(&body);
        }
        let path = folder.join(bodies_name(files));
        let parent = path.parent().unwrap_or(folder);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(parent);
        made.map_err(io(parent))?;
        let half = path.with_extension("half");
        fs::write(&half, bytes).map_err(io(&half))?;
        fs::rename(&half, &path).map_err(io(&path))?;
        files = files.saturating_add(1);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_bodies() {
        let bytes = [&[0, 0, 0, 2][..], b"ab", &[0, 0, 0, 0], &[0, 0, 0, 1], b"c"].concat();
        let bodies = [Some(b"ab".to_vec()), None, Some(b"c".to_vec())];
        assert_eq!(decode(&bytes).as_deref(), Some(&bodies[..]));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(decode(&[0, 0, 0]), None);
        assert_eq!(decode(&[255, 255, 255, 255, 1]), None);
        assert_eq!(decode(&[0; 4 * 257]), None);
        assert_eq!(bodies_name(1_234_067), "private/bodies/x001/x234/067");
    }
}

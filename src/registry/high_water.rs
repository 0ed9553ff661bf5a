//! The signer's memory of the largest head it ever signed, kept with the key and outside the database.
//!
//! Without it a database restored from yesterday would make an honest signer sign a second history.
//! It refuses to go back and refuses a second root for a size. Each log of the host has a mark of its own; once
//! a successor's is there, that of the log before it is sealed: nothing is signed under it any more.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::log::hash::Hash;

use super::durable;

/// The largest head signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Entries.
    pub size: u64,
    /// RFC 6962 root.
    pub root: Hash,
}

/// Why a head must not be signed.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// A larger head was signed before.
    #[error(
        "refusing to sign a head of {asked} entries: one of {signed} was signed before. The database is older than the signer; see keys/README.md, “a restored database”"
    )]
    Smaller {
        /// What was asked for.
        asked: u64,
        /// What was signed.
        signed: u64,
    },
    /// Another root was signed for this size.
    #[error(
        "refusing to sign a second root for {0} entries: the database was changed or is another registry's; see keys/README.md"
    )]
    OtherRoot(u64),
    /// A successor goes on.
    #[error(
        "refusing to sign under the key of a log that ended: {0} is there, so its successor goes on; see keys/README.md, “a stolen log key”"
    )]
    Ended(PathBuf),
    /// Another process holds the signer.
    #[error("another process on this machine is publishing with these keys")]
    Busy,
    /// The file cannot be read or written durably.
    #[error("the signer's high-water mark {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Heads were signed, and the memory of them is gone.
    #[error("the signer's high-water mark {0} is gone: put the newest copy back; see keys/README.md")]
    Missing(PathBuf),
    /// The file is damaged.
    #[error("the signer's high-water mark {0} is damaged: do not delete it; see keys/README.md")]
    Damaged(PathBuf),
}

/// The file that holds the mark.
#[derive(Debug, Clone)]
pub struct HighWater {
    path: PathBuf,
    /// One for all logs of a folder: whoever publishes holds it.
    lock: PathBuf,
    /// The folder of the marks of all logs, and which log this one is of.
    folder: PathBuf,
    generation: u32,
}

/// While this lives, no other process on this machine publishes with the same keys. The system
/// releases it when the process dies, however it dies.
#[derive(Debug)]
pub struct SignerLock(#[allow(dead_code, reason = "held for its lock")] File);

impl HighWater {
    /// The mark in folder `keys` of the host's log of that number, from 1.
    #[must_use]
    pub fn of_log(keys: &Path, generation: u32) -> Self {
        Self {
            path: keys.join(name(generation)),
            lock: keys.join("high-water.lock"),
            folder: keys.to_path_buf(),
            generation: generation.max(1),
        }
    }

    /// The number of the newest log that has a mark in folder `keys`; 1 where there is none yet. The marks of
    /// logs before it may be gone: a restored registry has the newest alone.
    ///
    /// # Errors
    /// [`MarkError::Io`]: a folder that cannot be read whole must not pass for one without a successor.
    pub fn newest_log(keys: &Path) -> Result<u32, MarkError> {
        let io = |source| MarkError::Io {
            path: keys.to_path_buf(),
            source,
        };
        let entries = match fs::read_dir(keys) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(1),
            entries => entries.map_err(io)?,
        };
        let number = |file: &str| file.strip_prefix("high-water-log")?.parse::<u32>().ok();
        let mut newest = 1;
        for entry in entries {
            let file = entry.map_err(io)?.file_name();
            newest = newest.max(file.to_str().and_then(number).unwrap_or(1));
        }
        Ok(newest)
    }

    /// Takes the signer for this process.
    ///
    /// # Errors
    /// [`MarkError::Busy`] when another process has it; [`MarkError::Io`].
    pub fn lock(&self) -> Result<SignerLock, MarkError> {
        let path = self.lock.clone();
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| MarkError::Io {
                path: path.clone(),
                source,
            })?;
        match file.try_lock() {
            Ok(()) => Ok(SignerLock(file)),
            Err(fs::TryLockError::WouldBlock) => Err(MarkError::Busy),
            Err(fs::TryLockError::Error(source)) => Err(MarkError::Io { path, source }),
        }
    }

    /// The mark, or `None` before the first head.
    ///
    /// # Errors
    /// [`MarkError::Io`], [`MarkError::Damaged`].
    pub fn read(&self) -> Result<Option<Mark>, MarkError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.io(source)),
        };
        let damaged = || MarkError::Damaged(self.path.clone());
        let (size, root) = text.trim_end().split_once(' ').ok_or_else(damaged)?;
        Ok(Some(Mark {
            size: size.parse().map_err(|_| damaged())?,
            root: Hash::from_base64(root).ok_or_else(damaged)?,
        }))
    }

    /// Checks that a head may be signed and makes the mark durable. Call it before the signature
    /// leaves the signer: a crash after it costs nothing, for the same head may be signed again.
    ///
    /// # Errors
    /// [`MarkError::Smaller`], [`MarkError::OtherRoot`]; [`MarkError::Io`], after which the process
    /// must stop, for a failed fsync says nothing about what is on the disk.
    pub fn raise(&self, mark: Mark) -> Result<(), MarkError> {
        let newest = Self::newest_log(&self.folder)?;
        if newest > self.generation {
            return Err(MarkError::Ended(self.folder.join(name(newest))));
        }
        let signed = self.read()?;
        if signed.is_none() && mark.size > 0 {
            return Err(MarkError::Missing(self.path.clone()));
        }
        if let Some(signed) = signed {
            if mark.size < signed.size {
                return Err(MarkError::Smaller {
                    asked: mark.size,
                    signed: signed.size,
                });
            }
            if mark.size == signed.size {
                return if mark.root == signed.root {
                    Ok(())
                } else {
                    Err(MarkError::OtherRoot(mark.size))
                };
            }
        }
        self.write(mark).map_err(|source| self.io(source))
    }

    /// Takes over the mark that came with a restored backup, unless the one that is here is newer.
    ///
    /// # Errors
    /// [`MarkError::OtherRoot`], [`MarkError::Damaged`], [`MarkError::Io`].
    pub fn adopt(&self, mark: Mark) -> Result<(), MarkError> {
        match self.read()? {
            Some(here) if here.size > mark.size => Ok(()),
            Some(here) if here.size == mark.size && here.root != mark.root => {
                Err(MarkError::OtherRoot(mark.size))
            }
            _ => self.write(mark).map_err(|source| self.io(source)),
        }
    }

    fn write(&self, mark: Mark) -> io::Result<()> {
        let text = format!("{} {}\n", mark.size, mark.root.to_base64());
        durable::replace(&self.path, text.as_bytes())
    }

    fn io(&self, source: io::Error) -> MarkError {
        MarkError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// `high-water`, `high-water-log2`, `high-water-log3` …
fn name(generation: u32) -> String {
    match generation {
        0 | 1 => "high-water".to_owned(),
        number => format!("high-water-log{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(size: u64, byte: u8) -> Mark {
        Mark {
            size,
            root: Hash([byte; 32]),
        }
    }

    /// A restored registry has the newest mark alone.
    #[test]
    fn the_newest_log_is_that_of_the_newest_mark() {
        let folder = std::env::temp_dir().join(format!("chengxin-newest-{}", std::process::id()));
        assert_eq!(HighWater::newest_log(&folder).unwrap(), 1);
        fs::create_dir_all(&folder).unwrap();
        for (file, newest) in [
            ("high-water", 1),
            ("high-water.lock", 1),
            ("high-water-log3", 3),
            ("high-water-log2.new", 3),
        ] {
            fs::write(folder.join(file), "").unwrap();
            assert_eq!(HighWater::newest_log(&folder).unwrap(), newest, "{file}");
        }
        // The mark between is gone, and the first log is sealed all the same.
        let first = HighWater::of_log(&folder, 1);
        assert!(matches!(first.raise(mark(1, 1)), Err(MarkError::Ended(_))));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn goes_up_only_and_keeps_one_root_a_size() {
        let folder = std::env::temp_dir().join(format!("chengxin-mark-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let high_water = HighWater::of_log(&folder, 1);
        assert_eq!(high_water.read().unwrap(), None);
        assert!(matches!(high_water.raise(mark(5, 1)), Err(MarkError::Missing(_))));
        high_water.raise(mark(0, 0)).unwrap();
        high_water.raise(mark(5, 1)).unwrap();
        high_water.raise(mark(5, 1)).unwrap();
        assert!(matches!(
            high_water.raise(mark(5, 2)),
            Err(MarkError::OtherRoot(5))
        ));
        assert!(matches!(
            high_water.raise(mark(4, 1)),
            Err(MarkError::Smaller { asked: 4, signed: 5 })
        ));
        high_water.raise(mark(9, 3)).unwrap();
        assert_eq!(high_water.read().unwrap(), Some(mark(9, 3)));
        fs::write(folder.join("high-water"), "9").unwrap();
        assert!(matches!(
            high_water.raise(mark(10, 1)),
            Err(MarkError::Damaged(_))
        ));
        assert!(matches!(
            high_water.adopt(mark(20, 1)),
            Err(MarkError::Damaged(_))
        ));
        fs::remove_file(folder.join("high-water")).unwrap();
        high_water.adopt(mark(7, 1)).unwrap();
        high_water.adopt(mark(9, 3)).unwrap();
        high_water.adopt(mark(8, 2)).unwrap();
        assert_eq!(high_water.read().unwrap(), Some(mark(9, 3)), "never back");
        assert!(matches!(
            high_water.adopt(mark(9, 4)),
            Err(MarkError::OtherRoot(9))
        ));
        // A successor's mark begins at the frozen head, and ends the first log's for ever.
        let next = HighWater::of_log(&folder, 2);
        assert_eq!(HighWater::newest_log(&folder).unwrap(), 1);
        next.adopt(mark(9, 3)).unwrap();
        assert_eq!(HighWater::newest_log(&folder).unwrap(), 2);
        for asked in [mark(9, 3), mark(12, 5)] {
            assert!(matches!(high_water.raise(asked), Err(MarkError::Ended(_))));
        }
        next.raise(mark(12, 5)).unwrap();
        assert_eq!(high_water.read().unwrap(), Some(mark(9, 3)), "the old mark stays");
        let held = next.lock().unwrap();
        assert!(matches!(high_water.lock(), Err(MarkError::Busy)));
        drop(held);
        fs::remove_dir_all(&folder).unwrap();
    }
}

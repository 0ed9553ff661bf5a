//! What a witness remembers: one line per log, in one file that is replaced whole.
//!
//! ```text
//! chengxin-witness-state/v1
//! registry.example/log 6421 PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
//! ```
//!
//! A witness that forgets would cosign a second history, so a file that is gone is an error and never a
//! fresh start, and one that could not be written durably is not written again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::log::hash::Hash;
use crate::log::witness::Seen;

const HEADER: &str = "chengxin-witness-state/v1";

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read, written or locked.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// One is there.
    #[error("{0} exists already: a state is never overwritten")]
    Exists(PathBuf),
    /// It is gone.
    #[error(
        "the state {0} is gone: put the newest copy back. A witness that forgets would cosign a second history; only a witness that has never signed begins anew, with `chengxin witness keygen`"
    )]
    Missing(PathBuf),
    /// It cannot be read as what it was.
    #[error("the state {0} is damaged at line {1}: put the newest copy back, do not delete it")]
    Damaged(PathBuf, usize),
    /// Another process uses it.
    #[error("another witness uses the state {0}")]
    Busy(PathBuf),
    /// An earlier write failed.
    #[error("the state {0} could not be written before: restart the witness once the disk is well")]
    Broken(PathBuf),
}

/// The state of a running witness. While it lives, no other process uses the file.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    seen: BTreeMap<String, Seen>,
    broken: bool,
    #[allow(dead_code, reason = "held for its lock")]
    lock: File,
}

impl StateFile {
    /// Writes the state of a witness that has seen nothing, to a file that is not there yet.
    ///
    /// # Errors
    /// [`StateError::Exists`], [`StateError::Io`].
    pub fn create(path: &Path) -> Result<(), StateError> {
        if path.exists() {
            return Err(StateError::Exists(path.into()));
        }
        write(path, &BTreeMap::new()).map_err(|source| StateError::Io {
            path: path.into(),
            source,
        })
    }

    /// Reads the state and takes it for this process.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let io = |source| StateError::Io {
            path: path.into(),
            source,
        };
        if !path.exists() {
            return Err(StateError::Missing(path.into()));
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(path, "lock"))
            .map_err(io)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => StateError::Busy(path.into()),
            fs::TryLockError::Error(source) => io(source),
        })?;
        // Read under the lock: what another process wrote last is what counts.
        let text = fs::read_to_string(path).map_err(io)?;
        let seen = parse(&text).map_err(|line| StateError::Damaged(path.into(), line))?;
        Ok(Self {
            path: path.into(),
            seen,
            broken: false,
            lock,
        })
    }

    /// The newest cosigned tree of a log; nothing for one that was never cosigned.
    pub fn seen(&self, origin: &str) -> Seen {
        self.seen.get(origin).copied().unwrap_or_else(Seen::nothing)
    }

    /// Remembers a tree; it is durable when this returns.
    ///
    /// # Errors
    /// [`StateError::Io`], and [`StateError::Broken`] ever after: a failed fsync says nothing about what
    /// is on the disk.
    pub fn replace(&mut self, origin: &str, seen: Seen) -> Result<(), StateError> {
        if self.broken {
            return Err(StateError::Broken(self.path.clone()));
        }
        if self.seen.get(origin) == Some(&seen) {
            return Ok(());
        }
        let mut next = self.seen.clone();
        next.insert(origin.to_owned(), seen);
        write(&self.path, &next).map_err(|source| {
            self.broken = true;
            StateError::Io {
                path: self.path.clone(),
                source,
            }
        })?;
        self.seen = next;
        Ok(())
    }
}

/// The state in a file's text, or the number of the line that is wrong.
fn parse(text: &str) -> Result<BTreeMap<String, Seen>, usize> {
    let lines = text.strip_suffix('\n').ok_or(1_usize)?;
    let mut lines = lines.split('\n');
    if lines.next() != Some(HEADER) {
        return Err(1);
    }
    let mut seen = BTreeMap::new();
    for (number, line) in (2_usize..).zip(lines) {
        let mut parts = line.split(' ');
        let (Some(origin), Some(size), Some(root), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(number);
        };
        let tree = Seen {
            size: size.parse().map_err(|_| number)?,
            root: Hash::from_base64(root).ok_or(number)?,
        };
        if origin.is_empty() || seen.insert(origin.to_owned(), tree).is_some() {
            return Err(number);
        }
    }
    Ok(seen)
}

fn write(path: &Path, seen: &BTreeMap<String, Seen>) -> io::Result<()> {
    let temporary = beside(path, "new");
    let mut text = format!("{HEADER}\n");
    for (origin, tree) in seen {
        text.push_str(&format!("{origin} {} {}\n", tree.size, tree.root.to_base64()));
    }
    let mut file = File::create(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The rename itself is durable only once the folder is.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

/// The file's name with an ending added.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

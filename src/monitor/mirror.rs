//! The mirror's folder.
//!
//! | path | what | who may see it |
//! |---|---|---|
//! | `checkpoint`, `tile/…` | the log as C2SP tlog-tiles prescribes, as `chengxin export log` writes it | everybody |
//! | `alarms/` | alarms and what proves them | everybody |
//! | `notes/` | signed notes on snapshots that were rebuilt | everybody |
//! | `private/` | bodies, state, lock | nobody else |
//!
//! Every file appears whole or not at all, and the checkpoint after everything that it covers.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::MonitorError;
use super::alarm::{Alarm, MAX_FILE};
use super::report;
use super::segment::{self, Bodies, MAX_SEGMENT, WIDTH};
use crate::log::entries;
use crate::log::hash::Hash;
use crate::log::reader::HashReader;
use crate::log::tile::{self, BundleId, TileId, width_at};

/// Longest bundle of entries that this log can have: 256 of at most 144 bytes, and room to spare.
pub(super) const MAX_BUNDLE: u64 = 64 << 10;
/// Longest tile, in bytes.
pub(super) const MAX_TILE: u64 = 256 * 32;

/// Files in the folder of alarms, beyond which only what is proved is kept.
const MOST_FILES: usize = 10_000;

const PRIVATE: &str = "private";
const ALARMS: &str = "alarms";

/// A mirror that this process works in.
#[derive(Debug)]
pub struct Mirror {
    folder: PathBuf,
    #[allow(dead_code, reason = "held for its lock")]
    lock: File,
}

impl Mirror {
    /// Makes the folder if it is not there, and takes it for this process.
    ///
    /// # Errors
    /// [`MonitorError::Busy`], [`MonitorError::Io`].
    pub fn open(folder: &Path) -> Result<Self, MonitorError> {
        let io = |path: &Path, source| MonitorError::Io {
            path: path.into(),
            source,
        };
        fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
        let private = folder.join(PRIVATE);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&private);
        made.map_err(|source| io(&private, source))?;
        let path = private.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let lock = lock.map_err(|source| io(&path, source))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => MonitorError::Busy(folder.into()),
            TryLockError::Error(source) => io(&path, source),
        })?;
        Ok(Self {
            folder: folder.into(),
            lock,
        })
    }

    /// Where nobody else looks: for scratch files.
    pub(super) fn private(&self) -> PathBuf {
        self.folder.join(PRIVATE)
    }

    /// Where a file of this name is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The name of a file that is somewhere below the folder.
    pub(super) fn name_of(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder)
            .unwrap_or(path)
            .display()
            .to_string()
    }

    /// Writes a file in one step; it is on the disk when this returns.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), MonitorError> {
        let path = self.folder.join(name);
        let io = |source| MonitorError::Io {
            path: path.clone(),
            source,
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io)?;
        }
        // On the same file system, and never seen by whoever serves the mirror.
        let half = self.folder.join(PRIVATE).join("half");
        let mut file = File::create(&half).map_err(io)?;
        file.write_all(bytes).map_err(io)?;
        file.sync_all().map_err(io)?;
        fs::rename(&half, &path).map_err(io)
    }

    /// Reads a file of at most `limit` bytes; `None` where there is none.
    pub(super) fn get(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, MonitorError> {
        let path = self.folder.join(name);
        let mut bytes = Vec::new();
        let read = match File::open(&path) {
            Ok(file) => file.take(limit.saturating_add(1)).read_to_end(&mut bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => Err(error),
        };
        read.map_err(|source| MonitorError::Io {
            path: path.clone(),
            source,
        })?;
        match u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
            true => Ok(Some(bytes)),
            false => Err(MonitorError::Damaged(path, format!("longer than {limit} bytes"))),
        }
    }

    /// The partial forms of a tile or bundle that has become full are of no use any more.
    pub(super) fn drop_partials(&self, full: &str) -> Result<(), MonitorError> {
        let path = self.folder.join(format!("{full}.p"));
        match fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(MonitorError::Io { path, source }),
            _ => Ok(()),
        }
    }

    pub(super) fn damaged(&self, name: &str, why: impl ToString) -> MonitorError {
        MonitorError::Damaged(self.folder.join(name), why.to_string())
    }

    /// The entries of a bundle in the tree of `size`; none where it has none.
    pub(super) fn bundle(&self, index: u64, size: u64) -> Result<Vec<Vec<u8>>, MonitorError> {
        let width = width_at(0, index, size);
        if width == 0 {
            return Ok(Vec::new());
        }
        let name = BundleId { index, width }.to_string();
        let bytes = self.get(&name, MAX_BUNDLE)?;
        let bytes = bytes.ok_or_else(|| self.damaged(&name, "it is gone"))?;
        let entries = entries::decode(&bytes).map_err(|error| self.damaged(&name, error))?;
        match entries.len() == usize::from(width) {
            true => Ok(entries.into_iter().map(<[u8]>::to_vec).collect()),
            false => Err(self.damaged(&name, "it has another number of entries")),
        }
    }

    /// Entries `from..to` of the tree of `size`.
    pub(super) fn entries(&self, from: u64, to: u64, size: u64) -> Result<Vec<Vec<u8>>, MonitorError> {
        let mut found = Vec::new();
        let mut number = from / WIDTH;
        while number.saturating_mul(WIDTH) < to {
            let first = number.saturating_mul(WIDTH);
            let bundle = (first..).zip(self.bundle(number, size)?);
            let wanted = bundle.filter(|(index, _)| (from..to).contains(index));
            found.extend(wanted.map(|(_, entry)| entry));
            number = number.saturating_add(1);
        }
        Ok(found)
    }

    /// The bodies of a segment.
    pub(super) fn segment(&self, number: u64) -> Result<Bodies, MonitorError> {
        let name = body_file(number);
        match self.get(&name, MAX_SEGMENT)? {
            None => Ok(Bodies::new()),
            Some(bytes) => segment::decode(&bytes).ok_or_else(|| self.damaged(&name, "it is malformed")),
        }
    }

    pub(super) fn put_segment(&self, number: u64, bodies: &[Option<Vec<u8>>]) -> Result<(), MonitorError> {
        self.put(&body_file(number), &segment::encode(bodies))
    }

    /// One body.
    pub(super) fn body(&self, index: u64) -> Result<Option<Vec<u8>>, MonitorError> {
        let place = usize::try_from(index % WIDTH).unwrap_or(0);
        let mut bodies = self.segment(index / WIDTH)?;
        Ok(bodies.get_mut(place).and_then(Option::take))
    }

    /// Whether there is room for one more alarm that does not stand: a server could lie in new words for ever.
    fn has_room(&self) -> bool {
        fs::read_dir(self.folder.join(ALARMS)).map_or(0, Iterator::count) < MOST_FILES
    }

    /// Keeps an alarm with its evidence; gives it as it was first kept.
    pub(super) fn keep(&self, alarm: Alarm) -> Result<Alarm, MonitorError> {
        let name = format!("{ALARMS}/{}", alarm.name());
        let file = format!("{name}.json");
        if let Some(bytes) = self.get(&file, MAX_FILE)?
            && let Ok(kept) = serde_json::from_slice::<Alarm>(&bytes)
        {
            return Ok(kept);
        }
        if !alarm.stands && !self.has_room() {
            return Ok(alarm);
        }
        for (ending, note) in [("held", &alarm.evidence.held), ("shown", &alarm.evidence.shown)] {
            if let Some(note) = note {
                self.put(&format!("{name}.{ending}"), note.as_bytes())?;
            }
        }
        let mut text = serde_json::to_vec_pretty(&alarm).map_err(|error| self.damaged(&file, error))?;
        text.push(b'\n');
        self.put(&file, &text)?;
        Ok(alarm)
    }

    /// The alarms that stand.
    pub(super) fn standing(&self) -> Result<Vec<Alarm>, MonitorError> {
        let path = self.folder.join(ALARMS);
        let io = |source| MonitorError::Io {
            path: path.clone(),
            source,
        };
        let files = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(io)?,
        };
        let mut standing = Vec::new();
        for file in files {
            let name = file.map_err(io)?.file_name();
            let name = name.to_string_lossy();
            if !name.ends_with(".json") || standing.len() == report::MOST {
                continue;
            }
            let name = format!("{ALARMS}/{name}");
            let bytes = self.get(&name, MAX_FILE)?.unwrap_or_default();
            let alarm: Alarm = serde_json::from_slice(&bytes).map_err(|error| self.damaged(&name, error))?;
            if alarm.stands {
                standing.push(alarm);
            }
        }
        Ok(standing)
    }
}

pub(super) fn body_file(number: u64) -> String {
    format!("{PRIVATE}/bodies/{}", segment::name(number))
}

/// The mirror's tiles as those of a tree of `size` leaves, which it holds.
#[derive(Debug)]
pub(super) struct Tiles<'m> {
    pub(super) mirror: &'m Mirror,
    pub(super) size: u64,
}

impl HashReader for Tiles<'_> {
    type Error = MonitorError;

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, MonitorError> {
        let held = width_at(level, index, self.size);
        let id = TileId {
            level,
            index,
            width: held,
        };
        let name = id.to_string();
        let bytes = self.mirror.get(&name, MAX_TILE)?;
        let bytes = bytes.ok_or_else(|| self.mirror.damaged(&name, "it is gone"))?;
        let mut hashes = tile::decode(&bytes).map_err(|error| self.mirror.damaged(&name, error))?;
        if hashes.len() != usize::from(held) || held < width {
            return Err(self.mirror.damaged(&name, "it has another number of hashes"));
        }
        hashes.truncate(usize::from(width));
        Ok(hashes)
    }
}

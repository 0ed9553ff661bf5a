//! Log keys: those that sign heads now, the one that a successor log will have, and those that are out of use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::registry::high_water::{HighWater, Mark};
use crate::registry::random::Random;
use crate::verify::succession;

use super::{KeyFolder, KeysError, LogSigner, NoteSigner, RETIRED};

impl KeyFolder {
    /// The high-water mark beside the log key.
    ///
    /// # Errors
    /// [`KeysError::Mark`].
    pub fn high_water(&self) -> Result<HighWater, KeysError> {
        Ok(HighWater::of_log(&self.path, self.newest_log()?))
    }

    /// The number of the host's log that is signed from here: 1, or that of the newest successor with a mark.
    ///
    /// # Errors
    /// [`KeysError::Mark`].
    pub fn newest_log(&self) -> Result<u32, KeysError> {
        Ok(HighWater::newest_log(&self.path)?)
    }

    /// The key of the log that is to follow, under its own origin; made if it is not there.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn successor(&self, random: &dyn Random) -> Result<NoteSigner, KeysError> {
        let number = self.newest_log()?.saturating_add(1);
        let name = log_series(number);
        if !self.file(&name).exists() {
            self.log()?; // so that the passphrase is known and right
            self.make(&name, random)?;
        }
        NoteSigner::new(self.load(&name, &succession::origin(&self.host, number))?)
    }

    /// Begins the successor's mark at the frozen head. From then on nothing here signs under the old key.
    ///
    /// # Errors
    /// [`KeysError::Mark`].
    pub fn end_log(&self, number: u32, frozen: Mark) -> Result<(), KeysError> {
        let next = HighWater::of_log(&self.path, number.saturating_add(1));
        Ok(next.adopt(frozen)?)
    }

    /// Takes every key of a log that ended out of use: the files go to the folder `retired`.
    ///
    /// # Errors
    /// [`KeysError::Io`].
    pub fn retire_ended(&self, number: u32) -> Result<Vec<PathBuf>, KeysError> {
        let names = self.series(&log_series(number))?;
        names.iter().map(|name| self.retire(name)).collect()
    }

    /// The log keys under the log's origin `HOST/log`, or its successor's, behind the high-water mark.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn log(&self) -> Result<LogSigner, KeysError> {
        let number = self.newest_log()?;
        let origin = succession::origin(&self.host, number);
        let names = self.series(&log_series(number))?;
        let mut keys = names
            .iter()
            .map(|name| NoteSigner::new(self.load(name, &origin)?))
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(KeysError::NoKeys(self.path.clone()));
        }
        let first = keys.remove(0);
        Ok(LogSigner::new(first, keys, self.high_water()?))
    }

    /// Makes the next log key, so that from now on two sign.
    ///
    /// # Errors
    /// [`KeysError::Overlap`] when two sign already.
    pub fn add_log(&self, random: &dyn Random) -> Result<PathBuf, KeysError> {
        if self.log()?.verifiers().len() > 1 {
            return Err(KeysError::Overlap);
        }
        self.add(&log_series(self.newest_log()?), random)
    }

    /// Takes the oldest log key out of use: its file goes to the folder `retired`.
    ///
    /// # Errors
    /// [`KeysError::OnlyOne`].
    pub fn retire_log(&self) -> Result<PathBuf, KeysError> {
        let names = self.series(&log_series(self.newest_log()?))?;
        let [oldest, _, ..] = names.as_slice() else {
            return Err(KeysError::OnlyOne);
        };
        self.retire(oldest)
    }

    fn retire(&self, oldest: &str) -> Result<PathBuf, KeysError> {
        let folder = self.path.join(RETIRED);
        let (from, to) = (self.file(oldest), folder.join(format!("{oldest}.pem")));
        let io = |path: &Path| {
            let path = path.to_path_buf();
            |source| KeysError::Io { path, source }
        };
        fs::create_dir_all(&folder).map_err(io(&folder))?;
        fs::rename(&from, &to).map_err(io(&from))?;
        Ok(to)
    }

    /// Whether this machine signs the log's heads: one without that key has a copy to look at, no more.
    ///
    /// # Errors
    /// [`KeysError::Io`].
    pub fn signs_heads(&self) -> Result<bool, KeysError> {
        Ok(self.path.is_dir() && !self.series(&log_series(self.newest_log()?))?.is_empty())
    }

    /// The key files of every log, one being prepared included.
    pub(super) fn log_files(&self) -> Result<Vec<String>, KeysError> {
        let logs = 1..=self.newest_log()?.saturating_add(1);
        let names = logs.map(|number| self.series(&log_series(number)));
        Ok(names.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// The first key file of the host's log of that number: `log`, `log2`, `log3` …
fn log_series(number: u32) -> String {
    match number {
        0 | 1 => "log".to_owned(),
        number => format!("log{number}"),
    }
}

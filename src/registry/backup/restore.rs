//! Restoring a backup onto a machine that has nothing, or nothing but the registry's keys.
//!
//! The backup is read twice: once to the end, with nothing written, then again into the database, in one
//! transaction that is committed only when the manifest has confirmed it a second time. The settings file, by
//! which a folder is a registry, is written last.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::archive::{self, Sink};
use super::manifest::{Head, Manifest};
use super::{BackupError, io_at};
use crate::config::Settings;
use crate::log::hash::Hash;
use crate::registry::Registry;
use crate::registry::data_dir::DataDir;
use crate::registry::fsck::{self, Progress, Report};
use crate::registry::high_water::{HighWater, Mark};
use crate::store::log::archive as sealed;
use crate::store::portable::{self, Table};
use crate::store::{self, Conn, DatabaseUrl, StoreError, migrate, search};

/// Rows and bytes that go to the database at once.
const ROWS: usize = 1000;
const BYTES: usize = 4 << 20;

/// Where a registry is restored.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its folder: new, or with nothing but the keys in it.
    pub data: DataDir,
    /// `postgres://…` or `sqlite:…`; an SQLite file in the folder without it.
    pub database: Option<String>,
    /// Whether private keys in the backup are written too.
    pub with_keys: bool,
}

/// A registry that was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// What the check found afterwards.
    pub report: Report,
    /// The mark in the keys folder, where it is newer than the backup: the backup lacks what was signed since.
    pub newer: Option<Mark>,
    /// Whether the folder has a log key, without which nothing can be published.
    pub keys: bool,
    /// Whether there are sealed copies of withdrawn records and not the key that opens them.
    pub archive_locked: bool,
}

/// Restores a backup and checks everything.
///
/// # Errors
/// [`BackupError`]; what could have been written by then is taken back.
pub fn restore(path: &Path, target: &Target, progress: Progress<'_>) -> Result<Restored, BackupError> {
    let manifest = archive::verify(path)?;
    let data = &target.data;
    let has_keys = manifest.files.iter().any(|file| file.name.starts_with("keys/"));
    if target.with_keys && !has_keys {
        return Err(BackupError::NoKeys);
    }
    only_keys(data, target.with_keys)?;
    let mark = mark_of(&manifest.mark, path)?;
    let high_water = HighWater::of_log(&data.keys(), manifest.log);
    let newer = compare(&high_water, mark)?;
    let database = target
        .database
        .clone()
        .unwrap_or_else(|| "sqlite:chengxin.db".to_owned());
    let url = data.database(&database)?;
    let made_folder = !data.path().exists();
    make_folder(data.path())?;
    let mut begun = Begun::new(data, &url, made_folder)?;
    let files = fill(path, &url, &manifest)?;
    for (name, bytes) in files {
        if target.with_keys || !name.starts_with("keys/") {
            let file = data.path().join(&name);
            make_folder(file.parent().unwrap_or(data.path()))?;
            write_new(&file, &bytes)?;
            begun.files.push(file);
        }
    }
    make_folder(&data.keys())?;
    high_water.adopt(mark)?;
    Settings {
        database,
        ..manifest.settings.clone()
    }
    .create(&data.settings())?;
    begun.done = true;
    let registry = Registry::open(Some(data), None)?;
    let report = fsck::run(&registry, progress)?;
    Ok(Restored {
        archive_locked: !registry.keys()?.has_archive() && !sealed::is_empty(&mut *registry.store.conn()?)?,
        keys: registry.keys()?.signs_heads()?,
        manifest,
        report,
        newer,
    })
}

/// The folder holds nothing, or nothing but keys that the backup's would not lie beside.
fn only_keys(data: &DataDir, with_keys: bool) -> Result<(), BackupError> {
    let taken = || BackupError::Taken(data.path().display().to_string());
    let entries = match fs::read_dir(data.path()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_at(data.path())(source)),
    };
    for entry in entries {
        if entry.map_err(io_at(data.path()))?.file_name() != "keys" {
            return Err(taken());
        }
    }
    if with_keys && data.keys().exists() {
        for entry in fs::read_dir(data.keys()).map_err(io_at(&data.keys()))? {
            let name = entry.map_err(io_at(&data.keys()))?.file_name();
            if name.to_str().is_some_and(is_key_file) {
                return Err(taken());
            }
        }
    }
    Ok(())
}

/// The mark in the keys folder, where it is newer than the backup's.
fn compare(high_water: &HighWater, mark: Mark) -> Result<Option<Mark>, BackupError> {
    let here = high_water.read()?;
    match here {
        Some(here) if here.size == mark.size && here.root != mark.root => {
            Err(BackupError::OtherHistory(mark.size))
        }
        here => Ok(here.filter(|here| here.size > mark.size)),
    }
}

fn mark_of(head: &Head, path: &Path) -> Result<Mark, BackupError> {
    let root = Hash::from_base64(&head.root).ok_or_else(|| BackupError::Archive {
        path: path.to_path_buf(),
        why: "its high-water mark cannot be read".into(),
    })?;
    Ok(Mark {
        size: head.size,
        root,
    })
}

/// What was made so far, taken back unless everything was.
struct Begun {
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
    done: bool,
}

impl Begun {
    fn new(data: &DataDir, url: &DatabaseUrl, made_folder: bool) -> Result<Self, BackupError> {
        let mut files = vec![data.trust()];
        if let DatabaseUrl::Sqlite(file) = url {
            if file.exists() {
                return Err(BackupError::Taken(file.display().to_string()));
            }
            for tail in ["", "-wal", "-shm"] {
                let mut name = file.clone().into_os_string();
                name.push(tail);
                files.push(name.into());
            }
        }
        Ok(Self {
            files,
            folder: made_folder.then(|| data.path().to_path_buf()),
            done: false,
        })
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        // The first error is the one to tell. What stays makes the next attempt say that something is there.
        for path in &self.files {
            drop(match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            });
        }
        if let Some(folder) = &self.folder {
            drop(fs::remove_dir_all(folder));
        }
    }
}

/// Fills the database; gives the files of the backup.
fn fill(path: &Path, url: &DatabaseUrl, manifest: &Manifest) -> Result<Vec<(String, Vec<u8>)>, BackupError> {
    let mut conn = Conn::open(url)?;
    migrate::run(&mut conn)?;
    if let Some(table) = portable::first_filled(&mut conn)? {
        return Err(BackupError::Taken(format!("{url} (its table {table})")));
    }
    let files = store::write(&mut conn, |conn| {
        let mut filling = Filling {
            conn,
            table: None,
            rows: Vec::new(),
            bytes: 0,
            files: Vec::new(),
        };
        let again = archive::read(path, &mut filling)?;
        if again != *manifest {
            return Err(BackupError::Archive {
                path: path.to_path_buf(),
                why: "it changed while it was read".into(),
            });
        }
        Ok::<_, BackupError>(filling.files)
    })?;
    // An older program's words lack the initials.
    search::reindex(&mut conn)?;
    Ok(files)
}

struct Filling<'c> {
    conn: &'c mut Conn,
    table: Option<Table>,
    rows: Vec<String>,
    bytes: usize,
    files: Vec<(String, Vec<u8>)>,
}

impl Filling<'_> {
    fn flush(&mut self) -> Result<(), StoreError> {
        if let Some(table) = &self.table
            && !self.rows.is_empty()
        {
            portable::insert(self.conn, table, &self.rows)?;
        }
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

impl Sink for Filling<'_> {
    fn row(&mut self, table: &Table, line: String) -> Result<(), BackupError> {
        if self.table.as_ref().is_none_or(|known| known.name != table.name) {
            self.table = Some(table.clone());
        }
        self.bytes = self.bytes.saturating_add(line.len());
        self.rows.push(line);
        if self.rows.len() >= ROWS || self.bytes >= BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn table_ends(&mut self) -> Result<(), BackupError> {
        Ok(self.flush()?)
    }

    fn file(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), BackupError> {
        self.files.push((path.to_owned(), bytes));
        Ok(())
    }
}

fn make_folder(path: &Path) -> Result<(), BackupError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(io_at(path))
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(io_at(path))
}

/// The name of a file in the keys folder that a backup may hold: a private key, or under which name it
/// publishes. The high-water mark stands in the manifest, and is judged.
pub(super) fn is_key_file(name: &str) -> bool {
    let plain = |stem: &str| {
        !stem.is_empty()
            && stem
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    name == "holder" || name.strip_suffix(".pem").is_some_and(plain)
}

/// Whether a path is one of those that a backup may hold: never one outside the folder.
pub(super) fn is_known_file(path: &str) -> bool {
    matches!(
        path,
        "trust/policy.txt" | "trust/issuer.json" | "trust/monitors.txt" | "trust/successions.json"
    ) || path.strip_prefix("keys/").is_some_and(is_key_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_paths_are_written() {
        for good in [
            "trust/policy.txt",
            "keys/log.pem",
            "keys/issuer-2.pem",
            "keys/holder",
        ] {
            assert!(is_known_file(good), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../keys/log.pem",
            "keys/../x.pem",
            "keys/high-water",
            "keys/.pem",
            "keys/a/b.pem",
            "keys/A.pem",
            "trust/other.txt",
            "chengxin.toml",
            "keys/log.pem/",
            "keys/log.PEM",
        ] {
            assert!(!is_known_file(bad), "{bad}");
        }
    }
}

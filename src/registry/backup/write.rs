//! Making a backup: everything is read in one transaction, while others publish.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::manifest::{FIRST_LINE, Head, Manifest, Marker, Part};
use super::{BackupError, LEFT_OUT, io_at};
use crate::log::hash::Hash;
use crate::registry::Registry;
use crate::registry::data_dir::DataDir;
use crate::registry::high_water::Mark;
use crate::store::log::{checkpoint, head};
use crate::store::portable::{self, Table};
use crate::store::{self, Conn, StoreError};

/// Compression level: a quarter of the bytes at about 200 MB a second.
const LEVEL: i32 = 3;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it holds.
    pub manifest: Manifest,
    /// Its length in bytes.
    pub length: u64,
}

/// Makes a backup at `path`, where nothing may be yet. It appears there whole or not at all.
///
/// # Errors
/// [`BackupError`].
pub fn write(registry: &Registry, path: &Path, with_keys: bool) -> Result<Made, BackupError> {
    let data = registry.data.clone().ok_or(BackupError::NoFolder)?;
    let files = files(registry, &data, with_keys)?;
    // Before the transaction begins: a mark that rises later is of entries that the backup does not have.
    let keys = registry.keys()?;
    let (log, mark) = (keys.newest_log()?, keys.high_water()?.read()?);
    let io = io_at(path);
    let half = path.with_extension("half");
    // It holds what partners alone may see, and password hashes: nobody else's on this machine.
    let options = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&half);
    let file = options.map_err(io_at(&half))?;
    let written = write_to(registry, &data, file, (log, mark), &files).and_then(|made| {
        fs::hard_link(&half, path).map_err(&io)?;
        Ok(made)
    });
    fs::remove_file(&half).map_err(io_at(&half))?;
    let manifest = written?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_at(folder))?;
    let length = fs::metadata(path).map_err(io)?.len();
    Ok(Made { manifest, length })
}

fn write_to(
    registry: &Registry,
    data: &DataDir,
    file: File,
    (log, mark): (u32, Option<Mark>),
    files: &[(String, Vec<u8>)],
) -> Result<Manifest, BackupError> {
    let io = io_at(data.path());
    let mut out = Lines(zstd::Encoder::new(BufWriter::with_capacity(1 << 20, file), LEVEL).map_err(&io)?);
    out.0.include_checksum(true).map_err(&io)?;
    out.line(FIRST_LINE)?;
    let mut conn = registry.store.conn()?;
    let manifest = store::read(&mut conn, |conn| -> Result<Manifest, BackupError> {
        let (signed, mark) = heads(conn, mark)?;
        let mut tables = Vec::new();
        for table in portable::tables()? {
            if !LEFT_OUT.contains(&table.name) {
                tables.push(out.table(conn, &table)?);
            }
        }
        let files = files
            .iter()
            .map(|(path, bytes)| out.file(path, bytes))
            .collect::<Result<_, _>>()?;
        Ok(Manifest {
            host: registry.host.as_str().to_owned(),
            made_at: registry.clock.now(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            head: signed,
            log,
            mark,
            settings: data.read()?.0,
            tables,
            files,
            left_out: LEFT_OUT.map(str::to_owned).to_vec(),
        })
    })?;
    out.marker(&Marker::Manifest(Box::new(manifest.clone())))?;
    let file = out.0.finish().map_err(&io)?;
    let file = file.into_inner().map_err(|error| io(error.into_error()))?;
    file.sync_all().map_err(&io)?;
    Ok(manifest)
}

/// The newest signed head, and the mark: at least that, for the signer signed it.
fn heads(conn: &mut Conn, mark: Option<Mark>) -> Result<(Head, Head), BackupError> {
    let size = head::read(conn)?.head_size;
    let signed = checkpoint::at_size(conn, size)?.ok_or(BackupError::NoHead)?;
    let root = Hash::from_slice(&signed.root)
        .ok_or_else(|| StoreError::corrupt(format!("checkpoint {size}"), "its root is not 32 bytes"))?;
    let size = store::unsigned("the head's size", size)?;
    let signed = |mark: Mark| Head {
        size: mark.size,
        root: mark.root.to_base64(),
    };
    let head = Mark { size, root };
    let mark = mark.filter(|mark| mark.size > size).unwrap_or(head);
    Ok((signed(head), signed(mark)))
}

/// The files that a backup holds, by their paths in the registry's folder.
fn files(
    registry: &Registry,
    data: &DataDir,
    with_keys: bool,
) -> Result<Vec<(String, Vec<u8>)>, BackupError> {
    let mut paths = Vec::new();
    for name in ["policy.txt", "issuer.json", "monitors.txt", "successions.json"] {
        let path = data.trust().join(name);
        if path.exists() || !matches!(name, "monitors.txt" | "successions.json") {
            paths.push((format!("trust/{name}"), path));
        }
    }
    if with_keys {
        if let Some(path) = registry.keys()?.unencrypted()?.into_iter().next() {
            return Err(BackupError::Unencrypted(path));
        }
        paths.extend(private_files(&data.keys())?);
    }
    paths
        .into_iter()
        .map(|(name, path)| Ok((name, fs::read(&path).map_err(io_at(&path))?)))
        .collect()
}

/// The keys, which are encrypted, and the name under which they publish.
fn private_files(folder: &Path) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(io_at(folder))? {
        let path = entry.map_err(io_at(folder))?.path();
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && path.is_file()
            && super::restore::is_key_file(name)
        {
            found.push((format!("keys/{name}"), path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

struct Lines(zstd::Encoder<'static, BufWriter<File>>);

impl Lines {
    fn line(&mut self, line: &str) -> Result<(), BackupError> {
        let written = self
            .0
            .write_all(line.as_bytes())
            .and_then(|()| self.0.write_all(b"\n"));
        written.map_err(io_at(Path::new("the backup")))
    }

    fn marker(&mut self, marker: &Marker) -> Result<(), BackupError> {
        let line = serde_json::to_string(marker)
            .map_err(|error| StoreError::corrupt("a line of the backup", error))?;
        self.line(&line)
    }

    fn table(&mut self, conn: &mut Conn, table: &Table) -> Result<Part, BackupError> {
        self.marker(&Marker::Table {
            name: table.name.to_owned(),
            columns: table.columns().map(str::to_owned).collect(),
        })?;
        let (mut count, mut digest) = (0_u64, Sha256::new());
        portable::rows(conn, table, |row| {
            count = count.saturating_add(1);
            digest.update(row);
            digest.update(b"\n");
            self.line(row)
        })?;
        Ok(Part {
            name: table.name.to_owned(),
            count,
            sha256: hex(&digest.finalize()),
        })
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<Part, BackupError> {
        self.marker(&Marker::File {
            path: path.to_owned(),
            bytes: STANDARD.encode(bytes),
        })?;
        Ok(Part {
            name: path.to_owned(),
            count: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: hex(&Sha256::digest(bytes)),
        })
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

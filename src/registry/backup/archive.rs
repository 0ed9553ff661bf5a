//! Reading a backup: line by line, nothing larger than a line in memory, nothing believed before the manifest
//! confirms it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::manifest::{FIRST_LINE, Manifest, Marker, Part};
use super::write::hex;
use super::{BackupError, LEFT_OUT, io_at};
use crate::registry::backup::restore::is_known_file;
use crate::store::portable::{self, Table};

/// Longest line: a status list's order of indices is 1 MiB as text, a bundle of leaves less than 8.
const MAX_LINE: u64 = 16 << 20;
/// Largest file inside; keys and trust files have a few kilobytes.
const MAX_FILE: usize = 1 << 20;
/// Most bytes that the decompressor may look back, as a power of two: a stream that asks for more is not ours.
const WINDOW_LOG: u32 = 23;

/// What a backup gives, in its order.
pub(super) trait Sink {
    /// A row of a table; it fits the table's columns.
    fn row(&mut self, table: &Table, line: String) -> Result<(), BackupError>;
    /// No more rows of the last table follow.
    fn table_ends(&mut self) -> Result<(), BackupError>;
    /// A file whose path is one of those that a backup holds.
    fn file(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), BackupError>;
}

/// Nobody: a first reading, before anything is written.
struct Nobody;

impl Sink for Nobody {
    fn row(&mut self, _: &Table, _: String) -> Result<(), BackupError> {
        Ok(())
    }

    fn table_ends(&mut self) -> Result<(), BackupError> {
        Ok(())
    }

    fn file(&mut self, _: &str, _: Vec<u8>) -> Result<(), BackupError> {
        Ok(())
    }
}

/// Reads a whole backup and compares each part with the manifest. Writes nothing.
///
/// # Errors
/// [`BackupError::Archive`] for the first thing that is wrong with it.
pub fn verify(path: &Path) -> Result<Manifest, BackupError> {
    read(path, &mut Nobody)
}

/// Reads a whole backup and gives its parts to `sink` as they come, before the manifest confirms them.
pub(super) fn read(path: &Path, sink: &mut impl Sink) -> Result<Manifest, BackupError> {
    let wrong = |why: String| BackupError::Archive {
        path: path.to_path_buf(),
        why,
    };
    let file = File::open(path).map_err(io_at(path))?;
    let mut decoder = zstd::Decoder::new(file).map_err(io_at(path))?;
    decoder.window_log_max(WINDOW_LOG).map_err(io_at(path))?;
    let mut lines = Lines(BufReader::with_capacity(1 << 16, decoder));
    if lines.next().map_err(wrong)?.as_deref() != Some(FIRST_LINE) {
        return Err(wrong(
            "its first line is not that of a backup that this program can read".into(),
        ));
    }
    let mut reading = Reading {
        known: portable::tables()?,
        table: None,
        tables: Vec::new(),
        files: Vec::new(),
    };
    while let Some(line) = lines.next().map_err(wrong)? {
        if line.starts_with('[') {
            reading.row(&line).map_err(wrong)?;
            if let Some((table, ..)) = &reading.table {
                sink.row(table, line)?;
            }
            continue;
        }
        let marker = serde_json::from_str(&line)
            .map_err(|error| wrong(format!("a line is not one of ours: {error}")))?;
        if reading.end_table() {
            sink.table_ends()?;
        }
        match marker {
            Marker::Table { name, columns } => reading.begin(&name, &columns).map_err(wrong)?,
            Marker::File { path, bytes } => {
                let bytes = reading.file(&path, &bytes).map_err(wrong)?;
                sink.file(&path, bytes)?;
            }
            Marker::Manifest(manifest) => {
                if lines.next().map_err(wrong)?.is_some() {
                    return Err(wrong("something stands behind its manifest".into()));
                }
                reading.compare(&manifest).map_err(wrong)?;
                return Ok(*manifest);
            }
        }
    }
    Err(wrong("it ends before its manifest".into()))
}

/// What was read so far.
struct Reading {
    known: Vec<Table>,
    table: Option<(Table, u64, Sha256)>,
    tables: Vec<Part>,
    files: Vec<Part>,
}

impl Reading {
    fn begin(&mut self, name: &str, columns: &[String]) -> Result<(), String> {
        let place = self.known.iter().position(|table| table.name == name);
        // Each table once, and behind those that it refers to.
        let Some(place) = place.filter(|_| !LEFT_OUT.contains(&name)) else {
            return Err(format!(
                "it holds a table {name:?} twice, too late, or one that this program does not know"
            ));
        };
        let table = self.known.get(place).and_then(|table| table.with(columns));
        let table = table.ok_or_else(|| format!("its table {name} has other columns than this program's"))?;
        self.known.drain(..=place);
        self.table = Some((table, 0, Sha256::new()));
        Ok(())
    }

    fn row(&mut self, line: &str) -> Result<(), String> {
        let (table, count, digest) = self.table.as_mut().ok_or("a row stands behind no table")?;
        if !table.fits(line) {
            return Err(format!(
                "row {} of table {} does not fit its columns",
                *count, table.name
            ));
        }
        *count = count.saturating_add(1);
        digest.update(line);
        digest.update(b"\n");
        Ok(())
    }

    fn end_table(&mut self) -> bool {
        let Some((table, count, digest)) = self.table.take() else {
            return false;
        };
        self.tables.push(Part {
            name: table.name.to_owned(),
            count,
            sha256: hex(&digest.finalize()),
        });
        true
    }

    fn file(&mut self, path: &str, bytes: &str) -> Result<Vec<u8>, String> {
        if !is_known_file(path) || self.files.iter().any(|file| file.name == path) {
            return Err(format!(
                "it holds a file {path:?}, which no backup does, or twice"
            ));
        }
        if bytes.len() > MAX_FILE {
            return Err(format!("its file {path} is too large"));
        }
        let bytes = STANDARD
            .decode(bytes)
            .map_err(|error| format!("its file {path}: {error}"))?;
        self.files.push(Part {
            name: path.to_owned(),
            count: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: hex(&Sha256::digest(&bytes)),
        });
        Ok(bytes)
    }

    fn compare(&self, manifest: &Manifest) -> Result<(), String> {
        for (what, read, said) in [
            ("table", &self.tables, &manifest.tables),
            ("file", &self.files, &manifest.files),
        ] {
            if read.len() != said.len() {
                return Err(format!(
                    "it holds {} {what}s, its manifest says {}",
                    read.len(),
                    said.len()
                ));
            }
            for (read, said) in read.iter().zip(said) {
                if read != said {
                    return Err(format!("its {what} {} is not what its manifest says", said.name));
                }
            }
        }
        Ok(())
    }
}

struct Lines(BufReader<zstd::Decoder<'static, BufReader<File>>>);

impl Lines {
    fn next(&mut self) -> Result<Option<String>, String> {
        let mut line = Vec::new();
        let mut part = self.0.by_ref().take(MAX_LINE);
        part.read_until(b'\n', &mut line)
            .map_err(|error| format!("it cannot be decompressed: {error}"))?;
        match line.pop() {
            None => Ok(None),
            Some(b'\n') => String::from_utf8(line)
                .map(Some)
                .map_err(|_| "a line is not UTF-8".to_owned()),
            Some(_) => Err("a line is too long, or the last is cut".to_owned()),
        }
    }
}

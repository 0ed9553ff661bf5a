//! The files of one audience's dump, written as records come: nothing is held in memory but a buffer.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::rebuild::sorter::Sorter;
use crate::record::current::CurrentDigest;
use crate::record::digest::Digest;

use super::manifest::FileRef;
use super::row::COLUMNS;
use super::{CSV, DumpError, LISTS, RECORDS};

/// Compression level: a tenth of the bytes at about 300 MB a second.
const LEVEL: i32 = 3;

/// A file that counts and hashes what goes into it.
struct Hashed {
    file: BufWriter<File>,
    state: Sha256,
    size: u64,
}

impl Hashed {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(1 << 20, File::create_new(path)?),
            state: Sha256::new(),
            size: 0,
        })
    }

    /// On the disk; its size and digest.
    fn finish(self) -> io::Result<(u64, Digest)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((self.size, Digest::from_bytes(self.state.finalize().into())))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.state.update(bytes);
        self.size = self
            .size
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A dump under way.
pub(super) struct Writing {
    folder: PathBuf,
    records: zstd::Encoder<'static, Hashed>,
    csv: csv::Writer<Hashed>,
    digests: Sorter<32>,
    count: u64,
}

/// A dump whose files are whole.
pub(super) struct Written {
    pub(super) count: u64,
    pub(super) current: Digest,
    pub(super) files: Vec<FileRef>,
}

impl Writing {
    /// Begins in a folder that is not there yet.
    pub(super) fn begin(folder: &Path) -> Result<Self, DumpError> {
        fs::create_dir_all(folder)?;
        let mut records = zstd::Encoder::new(Hashed::create(&folder.join(RECORDS))?, LEVEL)?;
        records.include_checksum(true)?;
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Hashed::create(&folder.join(CSV))?);
        csv.write_record(COLUMNS).map_err(io::Error::from)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            records,
            csv,
            digests: Sorter::new(folder),
            count: 0,
        })
    }

    /// Where its files are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes a current record.
    pub(super) fn take(&mut self, digest: Digest, bytes: &[u8], cells: &[String]) -> Result<(), DumpError> {
        self.records.write_all(bytes)?;
        self.records.write_all(b"\n")?;
        self.csv.write_record(cells).map_err(io::Error::from)?;
        self.digests.push(*digest.as_bytes())?;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Ends the files, with the status lists that said what is current.
    pub(super) fn finish(self, lists: &[Vec<u8>], url: &str) -> Result<Written, DumpError> {
        let mut current = CurrentDigest::default();
        for digest in self.digests.sorted()? {
            current.push(Digest::from_bytes(digest?))?;
        }
        let mut newest = Hashed::create(&self.folder.join(LISTS))?;
        for list in lists {
            newest.write_all(list)?;
            newest.write_all(b"\n")?;
        }
        let csv = self
            .csv
            .into_inner()
            .map_err(|error| io::Error::other(error.error().to_string()))?;
        let mut files = Vec::new();
        for (name, media, file) in [
            (RECORDS, "application/zstd", self.records.finish()?),
            (CSV, "text/csv; charset=utf-8; header=present", csv),
            (LISTS, "application/x-ndjson", newest),
        ] {
            let (size, digest) = file.finish()?;
            files.push(FileRef {
                name: name.to_owned(),
                media_type: media.to_owned(),
                size,
                sha256: digest.hex(),
                url: format!("{url}/{name}"),
            });
        }
        File::open(&self.folder)?.sync_all()?;
        Ok(Written {
            count: self.count,
            current: current.finish(),
            files,
        })
    }
}

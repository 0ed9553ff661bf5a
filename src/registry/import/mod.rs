//! Imports from spreadsheets saved as CSV: employers, evidence, published blacklists; and the authorities
//! that a new registry begins with.
//!
//! A file is read whole and checked whole before anything is written: either every row goes in, in one
//! transaction with its audit row, or none does and every bad row is named with its row, column, value,
//! reason and what to do. It refuses to guess: a name alone never identifies an employer, and nothing
//! that is imported is graded, signed or served by being imported.
//!
//! The columns of each file stand in the `COLUMNS` of [`authorities`], [`employers`], [`evidence`] and [`blacklist`].

pub mod authorities;
pub mod blacklist;
mod cell;
pub mod employers;
pub mod evidence;
mod fault;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod hostile;
mod identity;
mod problem;
mod second_person;
mod table;
mod text;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::store::StoreError;

pub use problem::{Fault, Problem, Words};
pub use table::Column;

/// The largest file taken: a province's register of 300,000 employers stays below a fifth of it.
const LARGEST: u64 = 256 << 20;

/// A file to import.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    bytes: Vec<u8>,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Rows with content, the heading not counted.
    pub rows: usize,
    /// Rows that went into the register.
    pub added: usize,
    /// Rows that went to the list “needs an officer”.
    pub quarantined: usize,
    /// Rows that an earlier import of the same file had put on that list.
    pub known: usize,
    /// What is wrong. With one problem or more nothing was imported.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether the file went in.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Why an import could not be tried or finished; bad rows are in the [`Report`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is too large.
    #[error("{path} has more than {} MiB: split it into several files", LARGEST >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value of ours has no stored form.
    #[error("a row cannot be stored: {0}")]
    Form(#[from] serde_json::Error),
}

impl Source {
    /// A file by the name that people know it by.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            bytes,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ImportError::Io`], [`ImportError::TooLarge`].
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let io = |source| ImportError::Io {
            path: path.into(),
            source,
        };
        let mut bytes = Vec::new();
        File::open(path)
            .map_err(io)?
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() as u64 > LARGEST {
            return Err(ImportError::TooLarge { path: path.into() });
        }
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into(),
        );
        Ok(Self { name, bytes })
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    fn sha256(&self) -> String {
        self.digest()
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    fn report(&self) -> Report {
        Report {
            file: self.name.clone(),
            sha256: self.sha256(),
            ..Report::default()
        }
    }
}

//! The folder of one registry: settings, SQLite file, keys, and the trust folder for verifiers.

use std::path::{Path, PathBuf};

use crate::config::{FileError, Settings};
use crate::store::{DatabaseUrl, UrlError};

/// Where a registry keeps what is not in its database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The folder at `path`, which need not exist.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The settings file.
    #[must_use]
    pub fn settings(&self) -> PathBuf {
        self.0.join("chengxin.toml")
    }

    /// Private keys and the signer's high-water mark.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// What verifiers are handed.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.0.join("trust")
    }

    /// Whether a registry was made here.
    #[must_use]
    pub fn is_registry(&self) -> bool {
        self.settings().exists()
    }

    /// The settings and the database that they name.
    ///
    /// # Errors
    /// [`OpenError`](super::OpenError).
    pub fn read(&self) -> Result<(Settings, DatabaseUrl), super::OpenError> {
        if !self.is_registry() {
            return Err(super::OpenError::NotARegistry(self.0.clone()));
        }
        let settings = Settings::read(&self.settings())?;
        let url = self.database(&settings.database)?;
        Ok((settings, url))
    }

    /// A database URL whose SQLite path is relative to this folder.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn database(&self, url: &str) -> Result<DatabaseUrl, UrlError> {
        Ok(match DatabaseUrl::parse(url)? {
            DatabaseUrl::Sqlite(path) if path.is_relative() => DatabaseUrl::Sqlite(self.0.join(path)),
            other => other,
        })
    }
}

impl From<FileError> for super::OpenError {
    fn from(error: FileError) -> Self {
        Self::Config(error)
    }
}

//! Backups: one file that holds all of a registry as of one moment, made while it publishes, from either
//! database and for either.
//!
//! The file is one Zstandard stream of lines (`docs/formats.md`): what it is, the rows of each table, the public
//! files of the trust folder, with `--with-keys` the encrypted private keys, and last a manifest with the
//! number of rows and the SHA-256 of each part, the signed head and the signer's high-water mark. Whoever can
//! change the file can change the manifest: it tells damage. Forgery is told by the check after restoring,
//! which recomputes the log and verifies every signature.
//!
//! It refuses to hold an unencrypted key, to restore over anything, and to put an older mark over a newer one.

mod archive;
mod manifest;
mod restore;
mod write;

use std::io;
use std::path::PathBuf;

use crate::config::FileError;
use crate::store::{StoreError, UrlError};

use super::OpenError;
use super::fsck::FsckError;
use super::high_water::MarkError;
use super::keys::KeysError;
use super::trust::TrustError;

pub use archive::verify;
pub use manifest::{Head, Manifest, Part};
pub use restore::{Restored, Target, restore};
pub use write::{Made, write};

/// Tables that no backup holds: a restored registry signs nobody in by itself.
pub const LEFT_OUT: [&str; 2] = ["session", "sign_in_attempt"];

/// Why no backup was made, or none restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database's address.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The settings.
    #[error(transparent)]
    Config(#[from] FileError),
    /// Opening.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The high-water mark.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// The trust folder.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The check after restoring.
    #[error(transparent)]
    Fsck(#[from] FsckError),
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing was published.
    #[error("the log was never begun: there is nothing to back up")]
    NoHead,
    /// Keys that anybody could use.
    #[error(
        "{0} is not encrypted, and no backup holds such a key: give it a passphrase first (`chengxin keys passphrase`)"
    )]
    Unencrypted(PathBuf),
    /// The folder is needed.
    #[error("name the registry's folder by --data: a backup holds its trust folder and the signer's mark")]
    NoFolder,
    /// Not a backup, or damaged.
    #[error("{path} is no sound backup: {why}. Nothing was restored")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Somebody is there.
    #[error(
        "{0} is not empty; nothing was restored. A registry is restored into a new folder (which may hold its keys) and a new database"
    )]
    Taken(String),
    /// The mark of another history.
    #[error(
        "the keys folder remembers another root for {0} entries than the backup: they are of two registries. Nothing was restored"
    )]
    OtherHistory(u64),
    /// No keys inside.
    #[error("the backup holds no keys: it was made without --with-keys. Nothing was restored")]
    NoKeys,
}

fn io_at(path: &std::path::Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_path_buf();
    move |source| BackupError::Io {
        path: path.clone(),
        source,
    }
}

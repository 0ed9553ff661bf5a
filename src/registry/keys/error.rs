//! What can go wrong with keys. Never holds any of them.

use std::io;
use std::path::{Path, PathBuf};

use crate::log::key::KeyError;
use crate::log::note::NoteError;
use crate::record::signer::{KeyFileError, SignError};
use crate::registry::high_water::MarkError;
use crate::registry::random::RandomError;

/// Why keys cannot be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// This machine has no key that signs.
    #[error(
        "{0} 中没有日志密钥 log.pem：请从原登记机的 keys 文件夹（或其密钥备份）取来 log.pem、issuer.pem（及 log-2.pem、issuer-2.pem 等）和 \
         archive.key，放入该文件夹并执行 chmod 600；根密钥 root-*.pem 不需要，holder 会自动生成；high-water 若原机上有更新的，一并取来 / \
         {0} has no log key (log.pem): bring log.pem, issuer.pem (and log-2.pem, issuer-2.pem and so on, if there are any) and archive.key \
         from the keys folder of the machine that signed, or from your backup of it, put them there with mode 600. The root keys are not \
         needed, and holder is made by itself; bring high-water too if that machine's is newer"
    )]
    NoKeys(PathBuf),
    /// A key file is there already.
    #[error("{0} exists already: keys are never overwritten")]
    Exists(PathBuf),
    /// A key file is unusable.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyFileError,
    },
    /// Others may read a private key.
    #[error("{0} can be read by others: run chmod 600 on it")]
    Exposed(PathBuf),
    /// The archive's key is neither 64 hexadecimal digits nor PKCS#8 of AES-256-GCM.
    #[error(
        "{0} is no archive key: it must hold 64 hexadecimal digits, or such a key encrypted by `chengxin keys passphrase`"
    )]
    Archive(PathBuf),
    /// An encrypted key, and nobody to ask.
    #[error(
        "{0} is encrypted: give its passphrase by --passphrase-file FILE or --passphrase-fd N, or run this at a terminal"
    )]
    Locked(PathBuf),
    /// Another passphrase.
    #[error("the passphrase does not open {0}; nothing was changed")]
    Passphrase(PathBuf),
    /// No key here may sign records.
    #[error(
        "no issuer key on this machine is in force in the newest logged key document: make one with `chengxin keys rotate` and have the document signed (keys/README.md)"
    )]
    NoSigner,
    /// The last log key cannot go.
    #[error("there is only one log key here: begin with `chengxin keys rotate-log`")]
    OnlyOne,
    /// A log's key that the successor must have.
    #[error(
        "the key {0} is not on this machine: only the machine that made it with `chengxin keys succeed` can go on"
    )]
    NotHere(String),
    /// An overlap is on already.
    #[error("two log keys sign already: end that first with `chengxin keys rotate-log --finish`")]
    Overlap,
    /// A key's name is not usable in a note.
    #[error(transparent)]
    Name(#[from] KeyError),
    /// A note cannot be made.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// What is to be signed cannot be put into words.
    #[error("{0}")]
    Text(String),
    /// The signer refused.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The high-water mark refused.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl KeysError {
    pub(super) fn encrypted_form(path: &Path) -> Self {
        Self::File {
            path: path.into(),
            source: KeyFileError::Pem,
        }
    }
}

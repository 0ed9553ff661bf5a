//! The witness's key file: its name on the first line, then an unencrypted PKCS#8 PEM, mode 0600.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::log::key::{KeyError, KeyKind, VerifierKey};
use crate::record::signer::{KeyFileError, Signer as _, SoftwareSigner};

const NAME: &str = "witness-name: ";

/// A witness's private key with its name.
pub struct WitnessKey {
    signer: SoftwareSigner,
    verifier: VerifierKey,
}

/// Why a key file cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum WitnessKeyError {
    /// It cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// One is there.
    #[error("{0} exists already: keys are never overwritten")]
    Exists(PathBuf),
    /// Others may read it.
    #[error("{0} can be read by others: run chmod 600 on it")]
    Exposed(PathBuf),
    /// It is no witness's key.
    #[error(
        "{0} is no witness's key file: it begins with “witness-name: NAME”; make one with `chengxin witness keygen`"
    )]
    Form(PathBuf),
    /// The private key.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyFileError,
    },
    /// The name.
    #[error("the name {name}: {source}; a schema-less URL such as bank.example/witness is usual")]
    Name {
        /// The name.
        name: String,
        /// Why.
        source: KeyError,
    },
}

impl WitnessKey {
    /// Makes a key from 32 random bytes, which are wiped, and writes it to a file that is not there yet.
    ///
    /// # Errors
    /// [`WitnessKeyError`].
    pub fn create(path: &Path, name: &str, seed: &mut [u8; 32]) -> Result<Self, WitnessKeyError> {
        let key = Self::named(SoftwareSigner::generate(seed, name), name)?;
        let pem = key
            .signer
            .to_pkcs8_pem()
            .map_err(|source| WitnessKeyError::File {
                path: path.into(),
                source,
            })?;
        let text = Zeroizing::new(format!("{NAME}{name}\n{}", pem.as_str()));
        write_new(path, text.as_bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => WitnessKeyError::Exists(path.into()),
            _ => WitnessKeyError::Io {
                path: path.into(),
                source,
            },
        })?;
        Ok(key)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`WitnessKeyError`].
    pub fn read(path: &Path) -> Result<Self, WitnessKeyError> {
        let io = |source| WitnessKeyError::Io {
            path: path.into(),
            source,
        };
        let mode = fs::metadata(path).map_err(io)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(WitnessKeyError::Exposed(path.into()));
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(io)?);
        let (name, pem) = text
            .split_once('\n')
            .and_then(|(first, pem)| Some((first.strip_prefix(NAME)?, pem)))
            .ok_or_else(|| WitnessKeyError::Form(path.into()))?;
        let signer = SoftwareSigner::from_pkcs8_pem(pem, name).map_err(|source| WitnessKeyError::File {
            path: path.into(),
            source,
        })?;
        Self::named(signer, name)
    }

    fn named(signer: SoftwareSigner, name: &str) -> Result<Self, WitnessKeyError> {
        let verifier =
            VerifierKey::new(name, KeyKind::Cosignature, &signer.public_key()).map_err(|source| {
                WitnessKeyError::Name {
                    name: name.to_owned(),
                    source,
                }
            })?;
        Ok(Self { signer, verifier })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// What signs.
    pub(super) fn signer(&self) -> &SoftwareSigner {
        &self.signer
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

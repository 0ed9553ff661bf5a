//! The registry's keys on disk: root keys, issuer key, log key, and the archive's key.
//!
//! Private keys are unencrypted PKCS#8 files of mode 0600 in the data directory's `keys` folder. The
//! three root keys are needed only to sign key documents: move them off the machine (keys/README.md).

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::log::checkpoint::Checkpoint;
use crate::log::key::{KeyError, KeyKind, VerifierKey};
use crate::log::note::{Note, NoteError};
use crate::record::credential::Host;
use crate::record::did;
use crate::record::digest::Digest;
use crate::record::signer::{KeyFileError, SignError, Signer, SoftwareSigner};

use zeroize::Zeroizing;

use super::high_water::{HighWater, Mark, MarkError};
use super::publish::{Step, Stops};
use super::random::{Random, RandomError};

/// Root keys a registry has, and how many of them must sign a key document.
pub const ROOTS: usize = 3;
/// See [`ROOTS`].
pub const THRESHOLD: usize = 2;

/// File of the archive's key.
const ARCHIVE: &str = "archive.key";

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
    /// The archive's key is not 64 hexadecimal digits.
    #[error("{0} is no archive key: it must hold 64 hexadecimal digits")]
    Archive(PathBuf),
    /// A key's name is not usable in a note.
    #[error(transparent)]
    Name(#[from] KeyError),
    /// A note cannot be made.
    #[error(transparent)]
    Note(#[from] NoteError),
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

/// The folder that holds a registry's private keys.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
    host: Host,
}

/// The names of the private keys in a folder.
fn names() -> impl Iterator<Item = String> {
    (1..=ROOTS)
        .map(|n| format!("root-{n}"))
        .chain(["issuer".to_owned(), "log".to_owned()])
}

impl KeyFolder {
    /// The folder at `path` of the registry at `host`.
    #[must_use]
    pub fn new(path: &Path, host: &Host) -> Self {
        Self {
            path: path.to_path_buf(),
            host: host.clone(),
        }
    }

    /// The high-water mark beside the log key.
    #[must_use]
    pub fn high_water(&self) -> HighWater {
        HighWater::in_folder(&self.path)
    }

    /// Makes all keys that a new registry needs.
    ///
    /// # Errors
    /// [`KeysError::Exists`] when one is there; nothing is overwritten then.
    pub fn generate(&self, random: &dyn Random) -> Result<(), KeysError> {
        fs::create_dir_all(&self.path).map_err(|source| KeysError::Io {
            path: self.path.clone(),
            source,
        })?;
        for name in names() {
            let file = self.file(&name);
            if file.exists() {
                return Err(KeysError::Exists(file));
            }
        }
        self.complete(random)
    }

    /// Makes the keys that are missing. Each file appears whole or not at all, so that a stopped run is
    /// simply continued.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn complete(&self, random: &dyn Random) -> Result<(), KeysError> {
        fs::create_dir_all(&self.path).map_err(|source| KeysError::Io {
            path: self.path.clone(),
            source,
        })?;
        for name in names().filter(|name| !self.file(name).exists()) {
            let mut seed = [0_u8; 32];
            random.fill(&mut seed)?;
            let signer = SoftwareSigner::generate(&mut seed, name.clone());
            let path = self.file(&name);
            let pem = signer.to_pkcs8_pem().map_err(|source| KeysError::File {
                path: path.clone(),
                source,
            })?;
            write_private(&path, pem.as_bytes()).map_err(|source| KeysError::Io { path, source })?;
        }
        if !self.has_archive() {
            self.generate_archive(random)?;
        }
        let path = self.path.join("holder");
        if path.exists() {
            return Ok(());
        }
        let mut holder = [0_u8; 16];
        random.fill(&mut holder)?;
        let text: String = holder.iter().map(|byte| format!("{byte:02x}")).collect();
        write_private(&path, text.as_bytes()).map_err(|source| KeysError::Io { path, source })
    }

    /// Makes the archive's key: 32 random bytes, as hexadecimal digits. Without it nobody reads the
    /// archive again: back it up apart from the database.
    ///
    /// # Errors
    /// [`KeysError::Io`], also when it is there already; [`KeysError::Random`].
    pub fn generate_archive(&self, random: &dyn Random) -> Result<(), KeysError> {
        let mut key = Zeroizing::new([0_u8; 32]);
        random.fill(key.as_mut())?;
        let text: Zeroizing<String> = Zeroizing::new(key.iter().map(|byte| format!("{byte:02x}")).collect());
        let path = self.path.join(ARCHIVE);
        write_private(&path, text.as_bytes()).map_err(|source| KeysError::Io { path, source })
    }

    /// Whether the archive's key is there.
    #[must_use]
    pub fn has_archive(&self) -> bool {
        self.path.join(ARCHIVE).exists()
    }

    /// The archive's key.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn archive(&self) -> Result<Zeroizing<[u8; 32]>, KeysError> {
        let path = self.path.join(ARCHIVE);
        private(&path)?;
        let text = fs::read_to_string(&path).map_err(|source| KeysError::Io {
            path: path.clone(),
            source,
        })?;
        let text = Zeroizing::new(text);
        let digest = Digest::parse_hex(text.trim_end()).map_err(|_| KeysError::Archive(path))?;
        Ok(Zeroizing::new(*digest.as_bytes()))
    }

    /// The name under which this folder's publisher holds the log.
    ///
    /// # Errors
    /// [`KeysError::Io`].
    pub fn holder(&self) -> Result<String, KeysError> {
        let path = self.path.join("holder");
        fs::read_to_string(&path).map_err(|source| KeysError::Io { path, source })
    }

    /// The issuer key under its DID URL.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn issuer(&self) -> Result<SoftwareSigner, KeysError> {
        let signer = self.load("issuer", "issuer")?;
        let method = did::method_id(&self.host, &signer.public_key());
        Ok(signer.named(method))
    }

    /// Root key `n`, from 1, under the note key name `HOST/root-n`.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn root(&self, n: usize) -> Result<NoteSigner, KeysError> {
        let name = format!("{}/root-{n}", self.host);
        NoteSigner::new(self.load(&format!("root-{n}"), &name)?)
    }

    /// The log key under the log's origin `HOST/log`, behind the high-water mark.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn log(&self) -> Result<LogSigner, KeysError> {
        let origin = format!("{}/log", self.host);
        let key = NoteSigner::new(self.load("log", &origin)?)?;
        Ok(LogSigner {
            key,
            high_water: self.high_water(),
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.pem"))
    }

    fn load(&self, name: &str, method: &str) -> Result<SoftwareSigner, KeysError> {
        let path = self.file(name);
        private(&path)?;
        let pem = fs::read_to_string(&path).map_err(|source| KeysError::Io {
            path: path.clone(),
            source,
        })?;
        let pem = Zeroizing::new(pem);
        SoftwareSigner::from_pkcs8_pem(&pem, method).map_err(|source| KeysError::File {
            path: path.clone(),
            source,
        })
    }
}

/// Refuses a key file that others may read.
fn private(path: &Path) -> Result<(), KeysError> {
    use std::os::unix::fs::PermissionsExt;
    let found = fs::metadata(path).map_err(|source| KeysError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    if found.permissions().mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeysError::Exposed(path.to_path_buf()))
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = path.with_extension("half");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A link refuses to replace what is there, where a rename would not.
    fs::hard_link(&half, path)?;
    fs::remove_file(&half)
}

/// A key that signs notes.
pub struct NoteSigner {
    signer: SoftwareSigner,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// A note key whose name is the signer's own.
    ///
    /// # Errors
    /// [`KeysError::Name`].
    pub fn new(signer: SoftwareSigner) -> Result<Self, KeysError> {
        let verifier = VerifierKey::new(
            signer.verification_method(),
            KeyKind::Ed25519,
            &signer.public_key(),
        )?;
        Ok(Self { signer, verifier })
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Adds this key's signature to a note.
    ///
    /// # Errors
    /// [`KeysError::Sign`].
    pub fn sign(&self, note: &mut Note) -> Result<(), KeysError> {
        note.sign(&self.verifier, |message| self.signer.sign(message))?;
        Ok(())
    }
}

/// The log key: signs heads, and never one that contradicts an earlier one.
pub struct LogSigner {
    key: NoteSigner,
    high_water: HighWater,
}

impl LogSigner {
    /// The public half; its name is the log's origin.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The signer's memory.
    #[must_use]
    pub fn high_water(&self) -> &HighWater {
        &self.high_water
    }

    /// Signs a head, after the mark for it is durable.
    ///
    /// # Errors
    /// [`KeysError::Mark`] when the head goes back or forks; [`KeysError::Sign`].
    pub fn sign_head(&self, head: &Checkpoint, stops: &dyn Stops) -> Result<Note, KeysError> {
        let mut note = Note::unsigned(&head.to_string())?;
        self.high_water.raise(Mark {
            size: head.size,
            root: head.root,
        })?;
        stops.reached(Step::MarkRaised);
        self.key.sign(&mut note)?;
        Ok(note)
    }
}

//! The registry's keys on disk: root keys, issuer keys, log keys, and the archive's key.
//!
//! Private keys are PKCS#8 files of mode 0600 in the data directory's `keys` folder, encrypted or (for a
//! demonstration) not. `issuer.pem` is the first issuer key, `issuer-2.pem` the next; which of them signs is
//! decided by the newest logged key document alone. Of `log.pem`, `log-2.pem` … all that are there sign, until
//! there is a successor log, whose keys are `log2.pem`, `log2-2.pem` … (keys/README.md, “a stolen log key”).
//! The three root keys are needed only to sign key documents: move them off the machine (keys/README.md).

mod archive;
mod error;
mod file;
mod logs;
mod pem;
mod signers;
#[cfg(test)]
mod tests;
mod unlock;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::record::credential::Host;
use crate::record::did::{self, KeyDocument};
use crate::record::signer::{KeyFileError, Signer, SoftwareSigner};

use super::random::Random;

use file::write_private;

pub use error::KeysError;
pub use file::{change_passphrase, opens, read_private};
pub use signers::{LogSigner, NoteSigner};
pub use unlock::{AskPassphrase, Unlock};

/// Root keys a registry has, and how many of them must sign a key document.
pub const ROOTS: usize = 3;
/// See [`ROOTS`].
pub const THRESHOLD: usize = 2;

/// The folder that holds a registry's private keys.
#[derive(Clone)]
pub struct KeyFolder {
    path: PathBuf,
    host: Host,
    unlock: Unlock,
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
            unlock: Unlock::default(),
        }
    }

    /// The same folder, its encrypted keys opened by `unlock`.
    #[must_use]
    pub fn unlocked_by(self, unlock: &Unlock) -> Self {
        Self {
            unlock: unlock.clone(),
            ..self
        }
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
            self.make(&name, random)?;
        }
        if !self.has_archive() {
            self.generate_archive(random)?;
        }
        self.holder(random).map(drop)
    }

    /// The name under which this folder's publisher holds the log. Made where it is missing: it is no key, and
    /// whoever copies the keys to another machine need not bring it.
    ///
    /// # Errors
    /// [`KeysError::Io`], [`KeysError::Random`].
    pub fn holder(&self, random: &dyn Random) -> Result<String, KeysError> {
        let path = self.path.join("holder");
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map_err(|source| KeysError::Io { path, source }),
        }
        let mut holder = [0_u8; 16];
        random.fill(&mut holder)?;
        let text: String = holder.iter().map(|byte| format!("{byte:02x}")).collect();
        write_private(&path, text.as_bytes()).map_err(|source| KeysError::Io { path, source })?;
        Ok(text)
    }

    /// The issuer keys that are here, under their DID URLs, the oldest first.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn issuers(&self) -> Result<Vec<SoftwareSigner>, KeysError> {
        let named = |signer: SoftwareSigner| {
            let method = did::method_id(&self.host, &signer.public_key());
            signer.named(method)
        };
        self.series("issuer")?
            .iter()
            .map(|name| Ok(named(self.load(name, name)?)))
            .collect()
    }

    /// The key that signs records under a key document: the last method that is in force and whose private
    /// key is here.
    ///
    /// # Errors
    /// [`KeysError::NoSigner`] when there is none.
    pub fn signer_under(
        &self,
        document: &KeyDocument,
        now: DateTime<Utc>,
    ) -> Result<SoftwareSigner, KeysError> {
        let mut here = self.issuers()?;
        for method in document
            .methods
            .iter()
            .rev()
            .filter(|method| method.in_force(now))
        {
            let same = |signer: &SoftwareSigner| signer.public_key() == *method.key.as_bytes();
            if let Some(place) = here.iter().position(same) {
                return Ok(here.swap_remove(place).named(method.id.clone()));
            }
        }
        Err(KeysError::NoSigner)
    }

    /// Makes one more issuer key; encrypted when the others are.
    ///
    /// # Errors
    /// [`KeysError`]; nothing is overwritten.
    pub fn add_issuer(&self, random: &dyn Random) -> Result<PathBuf, KeysError> {
        self.issuers()?; // so that the passphrase is known and right
        self.add("issuer", random)
    }

    /// Whether root key `n` lies here.
    #[must_use]
    pub fn has_root(&self, n: usize) -> bool {
        self.file(&format!("root-{n}")).exists()
    }

    /// Root key `n`, from 1, under the note key name `HOST/root-n`.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn root(&self, n: usize) -> Result<NoteSigner, KeysError> {
        let name = format!("{}/root-{n}", self.host);
        NoteSigner::new(self.load(&format!("root-{n}"), &name)?)
    }

    /// The private-key files here that anybody who has the disk can use.
    ///
    /// # Errors
    /// [`KeysError::Io`].
    pub fn unencrypted(&self) -> Result<Vec<PathBuf>, KeysError> {
        let mut found = Vec::new();
        let roots = (1..=ROOTS).map(|n| format!("root-{n}"));
        for name in self
            .series("issuer")?
            .into_iter()
            .chain(self.log_files()?)
            .chain(roots)
        {
            let path = self.file(&name);
            match fs::read_to_string(&path).map(Zeroizing::new) {
                Ok(text) if !pem::is_encrypted(&text) => found.push(path),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(KeysError::Io { path, source }),
            }
        }
        Ok(found)
    }

    /// `issuer`, `issuer-2`, `issuer-3` … as far as there are such files, in this order.
    fn series(&self, first: &str) -> Result<Vec<String>, KeysError> {
        let io = |source| KeysError::Io {
            path: self.path.clone(),
            source,
        };
        let mut found = Vec::new();
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeysError::NoKeys(self.path.clone()));
            }
            entries => entries.map_err(io)?,
        };
        for entry in entries {
            let name = entry.map_err(io)?.file_name();
            if let Some(number) = name.to_str().and_then(|name| number_in(name, first)) {
                found.push(number);
            }
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|number| numbered(first, number)).collect())
    }

    /// Makes the key after the last one of a series; a retired one's number is not given again.
    fn add(&self, first: &str, random: &dyn Random) -> Result<PathBuf, KeysError> {
        let retired = Self {
            path: self.path.join(RETIRED),
            ..self.clone()
        };
        let mut names = self.series(first)?;
        if retired.path.is_dir() {
            names.extend(retired.series(first)?);
        }
        let last = names
            .iter()
            .filter_map(|name| number_in(&format!("{name}.pem"), first))
            .max();
        let next = numbered(first, last.map_or(1, |last| last.saturating_add(1)));
        self.make(&next, random)
    }

    /// Makes a key file.
    fn make(&self, name: &str, random: &dyn Random) -> Result<PathBuf, KeysError> {
        let path = self.file(name);
        if path.exists() {
            return Err(KeysError::Exists(path));
        }
        let mut seed = Zeroizing::new([0_u8; 32]);
        random.fill(seed.as_mut_slice())?;
        let signer = SoftwareSigner::generate(&mut seed, name);
        let file = |source| KeysError::File {
            path: path.clone(),
            source,
        };
        let mut text = signer.to_pkcs8_pem().map_err(file)?;
        if let Some(passphrase) = self.unlock.passphrase() {
            text = pem::seal(&text, &passphrase, random)?.map_err(|_| file(KeyFileError::Encode))?;
        }
        write_private(&path, text.as_bytes()).map_err(|source| KeysError::Io {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.pem"))
    }

    fn load(&self, name: &str, method: &str) -> Result<SoftwareSigner, KeysError> {
        read_private(&self.file(name), method, &self.unlock)
    }
}

/// Where keys go that no longer sign.
const RETIRED: &str = "retired";

fn numbered(first: &str, number: u32) -> String {
    match number {
        1 => first.to_owned(),
        number => format!("{first}-{number}"),
    }
}

/// 1 for `issuer.pem`, 2 for `issuer-2.pem`, and nothing for other names.
fn number_in(file: &str, first: &str) -> Option<u32> {
    let rest = file.strip_suffix(".pem")?.strip_prefix(first)?;
    match rest.strip_prefix('-') {
        None => rest.is_empty().then_some(1),
        Some(digits) => digits.parse().ok().filter(|number| numbered("", *number) == rest),
    }
}

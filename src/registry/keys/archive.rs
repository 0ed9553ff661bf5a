//! The key that seals and opens the archive's copies of withdrawn records. It signs nothing.
//!
//! Its file holds 64 hexadecimal digits, or, where a passphrase protects the other keys, PKCS#8 encrypted as they
//! are, whose private key is the 32 bytes and whose algorithm is AES-256-GCM. A plain one becomes an encrypted one
//! as soon as the passphrase is known.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::pem::{LineEnding, PemLabel as _};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use super::file::{read_exclusive, write_private};
use super::{KeyFolder, KeysError, pem};
use crate::record::digest::Digest;
use crate::registry::random::Random;

/// Its file.
const ARCHIVE: &str = "archive.key";
/// `id-aes256-GCM` (RFC 5084 §3.2).
const AES_256_GCM: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.46");

/// The key's 32 bytes.
type Key = Zeroizing<[u8; 32]>;

impl KeyFolder {
    /// Makes the archive's key: 32 random bytes, encrypted when the other keys are. Without it nobody reads the
    /// archive again: back it up apart from the database.
    ///
    /// # Errors
    /// [`KeysError::Io`], also when it is there already; [`KeysError::Random`].
    pub fn generate_archive(&self, random: &dyn Random) -> Result<(), KeysError> {
        let mut key: Key = Zeroizing::new([0_u8; 32]);
        random.fill(key.as_mut())?;
        let path = self.archive_file();
        let text = match self.unlock.passphrase() {
            Some(passphrase) => sealed(&path, &key, &passphrase, random)?,
            None => Zeroizing::new(key.iter().map(|byte| format!("{byte:02x}")).collect()),
        };
        write_private(&path, text.as_bytes()).map_err(|source| KeysError::Io { path, source })
    }

    /// Whether the archive's key is there.
    #[must_use]
    pub fn has_archive(&self) -> bool {
        self.archive_file().exists()
    }

    /// Encrypts a plain archive key, where a passphrase has opened the others; whether it did. The file is
    /// replaced in one step, and only by what opens to the same key.
    ///
    /// # Errors
    /// [`KeysError`]; the file is unchanged then.
    pub fn protect_archive(&self, random: &dyn Random) -> Result<bool, KeysError> {
        let path = self.archive_file();
        let Some(passphrase) = self.unlock.passphrase().filter(|_| path.exists()) else {
            return Ok(false);
        };
        let text = read_exclusive(&path)?;
        if pem::is_encrypted(&text) {
            return Ok(false);
        }
        let key = key_in(&text).ok_or_else(|| KeysError::Archive(path.clone()))?;
        let sealed = sealed(&path, &key, &passphrase, random)?;
        if pem::open(&sealed, &passphrase)
            .ok()
            .and_then(|opened| key_in(&opened))
            != Some(key)
        {
            return Err(KeysError::encrypted_form(&path));
        }
        replace(&path, sealed.as_bytes())?;
        Ok(true)
    }

    /// The archive's key.
    ///
    /// # Errors
    /// [`KeysError::Exposed`] when others may read it; [`KeysError::Locked`], [`KeysError::Passphrase`];
    /// [`KeysError::Archive`]; [`KeysError::Io`].
    pub fn archive(&self) -> Result<Key, KeysError> {
        let path = self.archive_file();
        let text = self.unlock.open(&path, read_exclusive(&path)?)?;
        key_in(&text).ok_or(KeysError::Archive(path))
    }

    /// The file, where anybody who has the disk can use it.
    ///
    /// # Errors
    /// [`KeysError::Io`].
    pub fn plain_archive(&self) -> Result<Option<PathBuf>, KeysError> {
        let path = self.archive_file();
        match fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(text) => Ok((!pem::is_encrypted(&text)).then_some(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeysError::Io { path, source }),
        }
    }

    fn archive_file(&self) -> PathBuf {
        self.path.join(ARCHIVE)
    }
}

/// Unencrypted PEM of an archive's key, whichever of the plain forms it has; none for anything else.
pub(super) fn plain_pem(path: &Path, text: &str) -> Result<Option<Zeroizing<String>>, KeysError> {
    key_in(text).map(|key| to_pem(path, &key)).transpose()
}

/// The key in a plain text: hexadecimal digits or unencrypted PKCS#8.
fn key_in(text: &str) -> Option<Key> {
    if let Ok(digits) = Digest::parse_hex(text.trim_end()) {
        return Some(Zeroizing::new(*digits.as_bytes()));
    }
    let (label, document) = SecretDocument::from_pem(text).ok()?;
    PrivateKeyInfoRef::validate_pem_label(label).ok()?;
    let info = PrivateKeyInfoRef::try_from(document.as_bytes()).ok()?;
    if info.algorithm.oid != AES_256_GCM {
        return None;
    }
    info.private_key.as_bytes().try_into().ok().map(Zeroizing::new)
}

fn to_pem(path: &Path, key: &Key) -> Result<Zeroizing<String>, KeysError> {
    let odd = || KeysError::encrypted_form(path);
    let algorithm = AlgorithmIdentifierRef {
        oid: AES_256_GCM,
        parameters: None,
    };
    let bytes = OctetStringRef::new(key.as_slice()).map_err(|_| odd())?;
    let info = PrivateKeyInfoRef::new(algorithm, bytes);
    let document = SecretDocument::encode_msg(&info).map_err(|_| odd())?;
    document
        .to_pem(PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)
        .map_err(|_| odd())
}

fn sealed(
    path: &Path,
    key: &Key,
    passphrase: &str,
    random: &dyn Random,
) -> Result<Zeroizing<String>, KeysError> {
    let plain = to_pem(path, key)?;
    pem::seal(&plain, passphrase, random)?.map_err(|_| KeysError::encrypted_form(path))
}

/// Puts other bytes in the place of a private file. What a stopped run left beside it is of no use.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    let io = |source| KeysError::Io {
        path: path.into(),
        source,
    };
    let temporary = path.with_extension("new");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    write_private(&temporary, bytes).map_err(io)?;
    fs::rename(&temporary, path).map_err(io)
}

//! One private-key file: read, written once, encrypted anew.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::{KeysError, Unlock, archive, pem};
use crate::record::signer::SoftwareSigner;
use crate::registry::random::Random;

/// Reads one private key, under the name `method`.
///
/// # Errors
/// [`KeysError::Exposed`] when others may read it; [`KeysError::Passphrase`]; [`KeysError::File`].
pub fn read_private(path: &Path, method: &str, unlock: &Unlock) -> Result<SoftwareSigner, KeysError> {
    let text = unlock.open(path, read_exclusive(path)?)?;
    SoftwareSigner::from_pkcs8_pem(&text, method).map_err(|source| KeysError::File {
        path: path.into(),
        source,
    })
}

/// Encrypts a private-key file anew with another passphrase. The old file is replaced in one step.
///
/// # Errors
/// [`KeysError`]; the file is unchanged then.
pub fn change_passphrase(
    path: &Path,
    unlock: &Unlock,
    passphrase: &str,
    random: &dyn Random,
) -> Result<(), KeysError> {
    let plain = plain_pem(path, unlock)?;
    let sealed = pem::seal(&plain, passphrase, random)?.map_err(|_| KeysError::encrypted_form(path))?;
    let temporary = path.with_extension("new");
    let io = |source| KeysError::Io {
        path: path.into(),
        source,
    };
    write_private(&temporary, sealed.as_bytes()).map_err(io)?;
    fs::rename(&temporary, path).map_err(io)
}

/// That a private-key file, or the archive's, opens: asked before somebody thinks up a new passphrase for it.
///
/// # Errors
/// As [`read_private`].
pub fn opens(path: &Path, unlock: &Unlock) -> Result<(), KeysError> {
    plain_pem(path, unlock).map(|_| ())
}

/// The unencrypted PEM of a signing key, or of the archive's key.
fn plain_pem(path: &Path, unlock: &Unlock) -> Result<Zeroizing<String>, KeysError> {
    let plain = unlock.open(path, read_exclusive(path)?)?;
    if let Some(archive) = archive::plain_pem(path, &plain)? {
        return Ok(archive);
    }
    SoftwareSigner::from_pkcs8_pem(&plain, "").map_err(|_| KeysError::encrypted_form(path))?;
    Ok(plain)
}

/// A file that nobody else may read.
pub(super) fn read_exclusive(path: &Path) -> Result<Zeroizing<String>, KeysError> {
    let io = |source| KeysError::Io {
        path: path.into(),
        source,
    };
    let mode = fs::metadata(path).map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeysError::Exposed(path.into()));
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(io)
}

/// Makes a file that nobody else may read; never overwrites one.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
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

//! The key that seals and opens the archive's copies of withdrawn records. It signs nothing.

use zeroize::Zeroizing;

use super::file::{read_exclusive, write_private};
use super::{KeyFolder, KeysError};
use crate::record::digest::Digest;
use crate::registry::random::Random;

/// Its file.
const ARCHIVE: &str = "archive.key";

impl KeyFolder {
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
    /// [`KeysError::Exposed`] when others may read it; [`KeysError::Archive`]; [`KeysError::Io`].
    pub fn archive(&self) -> Result<Zeroizing<[u8; 32]>, KeysError> {
        let path = self.path.join(ARCHIVE);
        let text = read_exclusive(&path)?;
        let digits = Digest::parse_hex(text.trim_end()).map_err(|_| KeysError::Archive(path))?;
        Ok(Zeroizing::new(*digits.as_bytes()))
    }
}

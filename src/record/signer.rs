//! Private keys behind a trait: a file today, a hardware module tomorrow.
//!
//! The trait signs bytes and tells its public half; it never gives the private key out. Nothing here
//! reads a file or draws randomness: PEM text and random bytes are passed in. Several signers may be
//! used from many threads at once.

mod many;

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::{Zeroize, Zeroizing};

/// Something that signs with one Ed25519 key (RFC 8032, pure).
pub trait Signer: Send + Sync {
    /// The DID URL that names the key in proofs, e.g. `did:web:registry.example#key-1`.
    fn verification_method(&self) -> &str;

    /// The public key, 32 bytes.
    fn public_key(&self) -> [u8; 32];

    /// Signs `message`.
    ///
    /// # Errors
    /// [`SignError`] where the device refuses or cannot be reached.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;

    /// Signs every message, in order: the same bytes as one by one, and cheaper where the signer can.
    ///
    /// # Errors
    /// [`SignError`] where the device refuses one or cannot be reached.
    fn sign_many(&self, messages: &[&[u8]]) -> Result<Vec<[u8; 64]>, SignError> {
        messages.iter().map(|message| self.sign(message)).collect()
    }
}

/// A signature could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signer refused: {0}")]
pub struct SignError(
    /// What the device said, without key material.
    pub String,
);

/// Why a private-key file is unusable. Never holds any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not an unencrypted PKCS#8 Ed25519 key in PEM (RFC 8410).
    #[error("not a PKCS#8 PEM file with an Ed25519 private key")]
    Pem,
    /// The key could not be written as PEM.
    #[error("the private key could not be encoded")]
    Encode,
}

/// A key held in memory, wiped when dropped.
pub struct SoftwareSigner {
    method: String,
    key: SigningKey,
}

impl SoftwareSigner {
    /// Reads an unencrypted PKCS#8 PEM (`-----BEGIN PRIVATE KEY-----`). `method` is the DID URL
    /// under which the key is published.
    ///
    /// # Errors
    /// [`KeyFileError::Pem`].
    pub fn from_pkcs8_pem(pem: &str, method: impl Into<String>) -> Result<Self, KeyFileError> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| KeyFileError::Pem)?;
        Ok(Self {
            method: method.into(),
            key,
        })
    }

    /// Makes a new key from 32 bytes of a cryptographic random source; wipes the caller's copy.
    pub fn generate(random: &mut [u8; 32], method: impl Into<String>) -> Self {
        let key = SigningKey::from_bytes(random);
        random.zeroize();
        Self {
            method: method.into(),
            key,
        }
    }

    /// The same key under another DID URL, for when the name is derived from the public key.
    #[must_use]
    pub fn named(self, method: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            key: self.key,
        }
    }

    /// The key as PKCS#8 PEM, for a file of mode 0600. Wiped when dropped.
    ///
    /// # Errors
    /// [`KeyFileError::Encode`].
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyFileError> {
        self.key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| KeyFileError::Encode)
    }
}

impl Signer for SoftwareSigner {
    fn verification_method(&self) -> &str {
        &self.method
    }

    fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature = self
            .key
            .try_sign(message)
            .map_err(|error| SignError(error.to_string()))?;
        Ok(signature.to_bytes())
    }

    fn sign_many(&self, messages: &[&[u8]]) -> Result<Vec<[u8; 64]>, SignError> {
        Ok(many::sign(&self.key, messages))
    }
}

impl fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareSigner")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_round_trips_and_generation_wipes_the_seed() {
        let mut seed = [7; 32];
        let signer = SoftwareSigner::generate(&mut seed, "did:web:registry.example#key-1");
        assert_eq!(seed, [0; 32]);
        let pem = signer.to_pkcs8_pem().unwrap();
        let again = SoftwareSigner::from_pkcs8_pem(&pem, "x")
            .unwrap()
            .named(signer.verification_method());
        assert_eq!(again.public_key(), signer.public_key());
        assert_eq!(again.sign(b"m"), signer.sign(b"m"));
        assert_eq!(again.verification_method(), "did:web:registry.example#key-1");
    }

    #[test]
    fn other_files_are_refused() {
        for text in [
            "",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "hello",
        ] {
            assert_eq!(
                SoftwareSigner::from_pkcs8_pem(text, "x").err(),
                Some(KeyFileError::Pem)
            );
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let signer = SoftwareSigner::generate(&mut [7; 32], "did:web:registry.example#key-1");
        let text = format!("{signer:?}");
        assert_eq!(
            text,
            "SoftwareSigner { method: \"did:web:registry.example#key-1\", .. }"
        );
    }
}

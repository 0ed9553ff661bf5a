//! Verifier keys of signed notes (C2SP signed-note 1.0, “Verifier keys”): `name+id+base64(type ‖ key)`.
//!
//! Two types are known: 0x01, Ed25519 over the text, and 0x04, timestamped witness cosignatures. Others are
//! refused as configuration and ignored as signatures.

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{base64, cosignature};

/// How a key signs (the specification's signature type identifier).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// 0x01: Ed25519 over the note's text.
    Ed25519,
    /// 0x04: Ed25519 over a time and the checkpoint (C2SP tlog-cosignature).
    Cosignature,
}

impl KeyKind {
    /// The identifier byte.
    pub fn byte(self) -> u8 {
        match self {
            KeyKind::Ed25519 => 0x01,
            KeyKind::Cosignature => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [KeyKind::Ed25519, KeyKind::Cosignature]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

/// A public key that a verifier was given for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: u32,
    key: VerifyingKey,
}

/// Why a verifier key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not of the form `name+id+base64`.
    #[error("a verifier key reads NAME+ID+BASE64")]
    Form,
    /// Empty, or with a space or a plus sign.
    #[error("a key name must not be empty nor contain spaces or a plus sign")]
    Name,
    /// Neither Ed25519 (1) nor a cosignature key (4).
    #[error("signature type {0:#04x} is not supported")]
    Kind(u8),
    /// The id is not the one that name and key give.
    #[error("the key id does not match the name and the key")]
    Id,
    /// Not a point of the curve, or one of small order.
    #[error("the bytes are not a usable Ed25519 public key")]
    Point,
}

impl VerifierKey {
    /// A key for a name.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Point`].
    pub fn new(name: &str, kind: KeyKind, public_key: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name);
        }
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| KeyError::Point)?;
        if key.is_weak() {
            return Err(KeyError::Point);
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            id: key_id(name, kind, public_key),
            key,
        })
    }

    /// Reads `name+id+base64(type ‖ key)`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let bytes = base64::decode(encoded).ok_or(KeyError::Form)?;
        let (kind, public_key) = bytes.split_first().ok_or(KeyError::Form)?;
        let kind = KeyKind::from_byte(*kind).ok_or(KeyError::Kind(*kind))?;
        let key = Self::new(name, kind, public_key.try_into().map_err(|_| KeyError::Point)?)?;
        if id == format!("{:08x}", key.id) {
            Ok(key)
        } else {
            Err(KeyError::Id)
        }
    }

    /// Name of the key; for a log key also the origin of its checkpoints.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// First four bytes of SHA-256(name ‖ newline ‖ type ‖ key).
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The 32 bytes of the Ed25519 public key.
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Verifies the signature bytes of a note's line (without the key id) strictly; gives the witness's time
    /// in POSIX seconds for a cosignature. `None` when it does not verify.
    pub fn verify(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        match self.kind {
            KeyKind::Ed25519 => self
                .verify_raw(text.as_bytes(), signature.try_into().ok()?)
                .then_some(None),
            KeyKind::Cosignature => {
                let (time, signature) = cosignature::split(signature)?;
                self.verify_raw(&cosignature::message(time, text), signature)
                    .then_some(Some(time))
            }
        }
    }

    fn verify_raw(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key
            .verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.kind.byte()];
        bytes.extend_from_slice(self.public_key());
        write!(f, "{}+{:08x}+{}", self.name, self.id, base64::encode(&bytes))
    }
}

/// Whether a name may stand in a signature line.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c == '+' || c.is_whitespace() || c.is_control())
}

fn key_id(name: &str, kind: KeyKind, public_key: &[u8; 32]) -> u32 {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', kind.byte()])
        .chain_update(public_key)
        .finalize();
    hash.first_chunk::<4>().map_or(0, |id| u32::from_be_bytes(*id))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let public = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        let key = VerifierKey::new("log.example/log", KeyKind::Ed25519, &public).unwrap();
        let text = key.to_string();
        assert_eq!(VerifierKey::parse(&text), Ok(key.clone()));
        assert_eq!(
            VerifierKey::parse(&text.replace("log.", "lag.")),
            Err(KeyError::Id)
        );
        assert_eq!(VerifierKey::parse("a+b"), Err(KeyError::Form));
        assert_eq!(VerifierKey::parse("a+00000000+Bg=="), Err(KeyError::Kind(6)));
        assert_eq!(
            VerifierKey::new("a b", KeyKind::Ed25519, &public),
            Err(KeyError::Name)
        );
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(
            VerifierKey::new("a", KeyKind::Ed25519, &identity),
            Err(KeyError::Point)
        );
        let other = VerifierKey::new("log.example/log", KeyKind::Cosignature, &public).unwrap();
        assert_ne!(other.id(), key.id(), "the type is part of the id");
    }

    proptest! {
        #[test]
        fn hostile_text(text in "[a-z.]{0,5}\\+?[0-9a-f]{0,9}\\+?[A-Za-z0-9+/=]{0,60}") {
            if let Ok(key) = VerifierKey::parse(&text) { prop_assert_eq!(key.to_string(), text); }
        }
    }
}

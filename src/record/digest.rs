//! SHA-256 digests in the two spellings that records use: lower-case hex (log entries) and
//! multibase multihash (`digestMultibase` inside credentials).
//!
//! Refuses every other algorithm, base and spelling: one digest has one text.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Multihash prefix: function `sha2-256` (0x12), length 32 (0x20).
const MULTIHASH: [u8; 2] = [0x12, 0x20];

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Why a text is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not 64 lower-case hexadecimal digits.
    #[error("a digest in hex must be 64 lower-case hexadecimal digits")]
    Hex,
    /// Not `u` followed by base64url without padding.
    #[error("a digestMultibase must be \"u\" followed by base64url without padding")]
    Multibase,
    /// Decodes, but not to a SHA-256 multihash.
    #[error("a digestMultibase must hold a SHA-256 multihash (0x12 0x20 and 32 bytes)")]
    Multihash,
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        self.hex_bytes().iter().map(|byte| char::from(*byte)).collect()
    }

    /// The hexadecimal digits as ASCII, without allocating.
    pub(crate) fn hex_bytes(&self) -> [u8; 64] {
        let mut out = [0; 64];
        for (pair, byte) in out.chunks_exact_mut(2).zip(self.0) {
            if let [high, low] = pair {
                *high = hex_digit(byte >> 4);
                *low = hex_digit(byte & 15);
            }
        }
        out
    }

    /// `u` + base64url without padding of the SHA-256 multihash (Controlled Identifiers 1.0, §2.4, §2.5).
    pub fn multibase(&self) -> String {
        self.multibase_bytes()
            .iter()
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// [`Digest::multibase`] as ASCII, without allocating.
    pub(crate) fn multibase_bytes(&self) -> [u8; 47] {
        let mut hash = [0; 34];
        let (prefix, body) = hash.split_at_mut(MULTIHASH.len());
        prefix.copy_from_slice(&MULTIHASH);
        body.copy_from_slice(&self.0);
        let mut out = [b'u'; 47];
        let (_, text) = out.split_at_mut(1);
        // 34 bytes make exactly 46 characters, so the buffer always fits.
        let _ = URL_SAFE_NO_PAD.encode_slice(hash, text);
        out
    }

    /// Parses [`Digest::hex`].
    ///
    /// # Errors
    /// [`DigestError::Hex`] for any other length, an upper-case digit or another character.
    pub fn parse_hex(text: &str) -> Result<Self, DigestError> {
        if text.len() != 64 {
            return Err(DigestError::Hex);
        }
        let mut out = [0; 32];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else {
                return Err(DigestError::Hex);
            };
            *byte = nibble(*high).ok_or(DigestError::Hex)? << 4 | nibble(*low).ok_or(DigestError::Hex)?;
        }
        Ok(Self(out))
    }

    /// Parses [`Digest::multibase`].
    ///
    /// # Errors
    /// [`DigestError::Multibase`] for another base or spelling, [`DigestError::Multihash`] for
    /// another hash function or length.
    pub fn parse_multibase(text: &str) -> Result<Self, DigestError> {
        let body = text.strip_prefix('u').ok_or(DigestError::Multibase)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| DigestError::Multibase)?;
        let hash = bytes.strip_prefix(&MULTIHASH).ok_or(DigestError::Multihash)?;
        Ok(Self(hash.try_into().map_err(|_| DigestError::Multihash)?))
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 {
        b'0' + value
    } else {
        b'a' + value - 10
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_round_trip() {
        let digest = Digest::of(b"abc");
        assert_eq!(
            digest.hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            digest.multibase(),
            "uEiC6eBa_jwHP6kFBQN5driIjsANho5YXepy0EP9h8gAVrQ"
        );
        assert_eq!(Digest::parse_hex(&digest.hex()), Ok(digest));
        assert_eq!(Digest::parse_multibase(&digest.multibase()), Ok(digest));
    }

    #[test]
    fn other_spellings_are_refused() {
        let digest = Digest::of(b"abc");
        assert_eq!(
            Digest::parse_hex(&digest.hex().to_uppercase()),
            Err(DigestError::Hex)
        );
        assert_eq!(Digest::parse_hex("ba78"), Err(DigestError::Hex));
        let text = digest.multibase();
        assert_eq!(Digest::parse_multibase(&text[1..]), Err(DigestError::Multibase));
        assert_eq!(
            Digest::parse_multibase(&format!("z{}", &text[1..])),
            Err(DigestError::Multibase)
        );
        assert_eq!(
            Digest::parse_multibase(&format!("{text}=")),
            Err(DigestError::Multibase)
        );
        assert_eq!(Digest::parse_multibase("uEyA"), Err(DigestError::Multihash));
        assert_eq!(Digest::parse_multibase("uEiC6"), Err(DigestError::Multihash));
        // The last character's unused bits must be zero: `rR` would decode to the same bytes.
        assert_eq!(
            Digest::parse_multibase(&text.replace("VrQ", "VrR")),
            Err(DigestError::Multibase)
        );
    }
}

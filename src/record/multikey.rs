//! Ed25519 public keys as Multikey text: `z` + base58btc of `0xed 0x01` and the 32 bytes
//! (Controlled Identifiers 1.0, §2.2.2).
//!
//! Refuses every other base, key type and length, and keys of small order, for which some signature
//! fits any message.

use ed25519_dalek::VerifyingKey;

/// Multicodec prefix `ed25519-pub` as a varint.
const ED25519_PUB: [u8; 2] = [0xed, 0x01];

/// Why a text is not an Ed25519 Multikey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultikeyError {
    /// Another multibase than base58btc (`z`), or a character outside its alphabet.
    #[error("a Multikey must be \"z\" followed by base58btc")]
    Base,
    /// Another key type, or another length than 32 bytes.
    #[error("the Multikey is not an Ed25519 public key (prefix 0xed01 and 32 bytes)")]
    Prefix,
    /// Not a point of the curve, or one of small order.
    #[error("the Multikey's 32 bytes are not a usable Ed25519 public key")]
    Point,
}

/// `publicKeyMultibase` of a key given as 32 bytes.
pub fn encode(key: &[u8; 32]) -> String {
    let mut bytes = [0; 34];
    let (prefix, body) = bytes.split_at_mut(ED25519_PUB.len());
    prefix.copy_from_slice(&ED25519_PUB);
    body.copy_from_slice(key);
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Parses a `publicKeyMultibase`.
///
/// # Errors
/// See [`MultikeyError`].
pub fn decode(text: &str) -> Result<VerifyingKey, MultikeyError> {
    let body = text.strip_prefix('z').ok_or(MultikeyError::Base)?;
    // 34 bytes take at most 47 base58 digits; a longer text is refused before its quadratic decoding.
    if body.len() > 47 {
        return Err(MultikeyError::Prefix);
    }
    let bytes = bs58::decode(body).into_vec().map_err(|_| MultikeyError::Base)?;
    let key = bytes.strip_prefix(&ED25519_PUB).ok_or(MultikeyError::Prefix)?;
    usable(key.try_into().map_err(|_| MultikeyError::Prefix)?)
}

/// The key of 32 raw bytes, if it is one that may be trusted with strict verification.
///
/// # Errors
/// [`MultikeyError::Point`].
pub fn usable(bytes: &[u8; 32]) -> Result<VerifyingKey, MultikeyError> {
    let key = VerifyingKey::from_bytes(bytes).map_err(|_| MultikeyError::Point)?;
    // A second encoding of the same point would give one key two names.
    if key.is_weak() || key.to_bytes() != *bytes {
        Err(MultikeyError::Point)
    } else {
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

    #[test]
    fn round_trips() {
        let key = decode(TEXT).unwrap();
        assert_eq!(encode(key.as_bytes()), TEXT);
    }

    #[test]
    fn other_bases_prefixes_and_lengths_are_refused() {
        let key = decode(TEXT).unwrap().to_bytes();
        let text =
            |prefix: &[u8], body: &[u8]| format!("z{}", bs58::encode([prefix, body].concat()).into_string());
        assert_eq!(decode(&text(&[0xed, 0x01], &key)).unwrap().to_bytes(), key);
        assert_eq!(decode(&TEXT[1..]), Err(MultikeyError::Base));
        assert_eq!(decode(&TEXT.replace('z', "u")), Err(MultikeyError::Base));
        assert_eq!(decode(&TEXT.replace('V', "0")), Err(MultikeyError::Base));
        assert_eq!(decode(&text(&[0xe7, 0x01], &key)), Err(MultikeyError::Prefix));
        assert_eq!(
            decode(&text(&[0xed, 0x01], &key[1..])),
            Err(MultikeyError::Prefix)
        );
        assert_eq!(decode(&text(&[0xed, 0x01, 0], &key)), Err(MultikeyError::Prefix));
        assert_eq!(
            decode(&format!("z{}", "1".repeat(100_000))),
            Err(MultikeyError::Prefix)
        );
    }

    #[test]
    fn small_order_and_second_encodings_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(usable(&identity), Err(MultikeyError::Point));
        assert_eq!(usable(&[0; 32]), Err(MultikeyError::Point));
        // y = 2^255 - 18 is a second encoding of y = 1.
        let mut second = [0xff; 32];
        second[0] = 0xee;
        second[31] = 0x7f;
        assert_eq!(usable(&second), Err(MultikeyError::Point));
    }
}

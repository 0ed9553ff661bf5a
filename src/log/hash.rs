//! SHA-256 with the domain separation of RFC 6962 §2.1: a leaf can never be read as a node.

use std::fmt;

use sha2::{Digest, Sha256};

use super::base64;

/// Bytes of a [`struct@Hash`].
pub const HASH_LEN: usize = 32;

/// A SHA-256 value: a leaf hash, the hash of a subtree, or a root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; HASH_LEN]);

impl Hash {
    /// The raw 32 bytes.
    pub fn as_bytes(&self) -> &[u8; HASH_LEN] {
        &self.0
    }

    /// Standard base64 with padding, 44 characters, as in checkpoints.
    pub fn to_base64(&self) -> String {
        base64::encode(&self.0)
    }

    /// Reads canonical standard base64 of exactly 32 bytes; `None` otherwise.
    pub fn from_base64(text: &str) -> Option<Self> {
        // The decoder wants room for the padding's byte too.
        let mut bytes = [0; HASH_LEN + 1];
        let length = if text.len() == 44 {
            base64::decode_into(text, &mut bytes)?
        } else {
            0
        };
        let [hash @ .., _] = bytes;
        (length == HASH_LEN).then_some(Hash(hash))
    }

    /// Reads 32 raw bytes; `None` for another length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Hash)
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// Hash of one leaf: SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(entry);
    Hash(hasher.finalize().into())
}

/// Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    // One buffer, one update: two compressions and no bookkeeping between them.
    let mut node = [1u8; 1 + 2 * HASH_LEN];
    node[1..33].copy_from_slice(&left.0);
    node[33..65].copy_from_slice(&right.0);
    Hash(Sha256::digest(node).into())
}

/// Root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(
            empty_root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            leaf_hash(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn base64_round_trip_is_canonical() {
        let hash = leaf_hash(b"x");
        let text = hash.to_base64();
        assert_eq!(Hash::from_base64(&text), Some(hash));
        // The last symbol before the padding carries two unused bits.
        let mut slack = text.into_bytes();
        slack[42] += 1;
        assert_eq!(Hash::from_base64(&String::from_utf8(slack).unwrap()), None);
        assert_eq!(Hash::from_base64("AAAA"), None);
    }
}

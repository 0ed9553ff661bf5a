//! A signature that is yet to be checked, and what its check is computed from.

use std::sync::LazyLock;

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha512};

/// y of the eight points of small order, as encoded.
static SMALL: LazyLock<[[u8; 32]; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| without_sign(&point.compress().to_bytes())));
/// The field's prime, 2^255 − 19; y is canonical below it.
const PRIME: [u8; 32] = {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed, 0x7f);
    bytes
};

/// A message and the signature that a key is said to have made of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) message: [u8; 64],
    pub(super) signature: [u8; 64],
}

impl Claim {
    /// Whether this one holds under a key, strictly.
    pub(super) fn holds(&self, key: &VerifyingKey) -> bool {
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(&self.message, &signature).is_ok()
    }

    /// The encoding of R.
    pub(super) fn r(&self) -> &[u8; 32] {
        self.halves().0
    }

    /// Whether R encodes a point of small order, or writes its y in a way that is not canonical. No signature
    /// with such an R passes a strict check.
    pub(super) fn r_is_odd(&self) -> bool {
        let y = without_sign(self.r());
        // The bytes are little-endian.
        SMALL.contains(&y) || y.iter().rev().ge(PRIME.iter().rev())
    }

    /// s, and the challenge k: SHA-512(R ‖ A ‖ M) modulo the group's order (RFC 8032 §5.1.7). `None` when s
    /// is not below the order.
    pub(super) fn scalars(&self, key: &VerifyingKey) -> Option<[Scalar; 2]> {
        let (r, s) = self.halves();
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(*s))?;
        let hash = Sha512::new()
            .chain_update(r)
            .chain_update(key.as_bytes())
            .chain_update(self.message);
        Some([s, Scalar::from_bytes_mod_order_wide(&hash.finalize().into())])
    }

    fn halves(&self) -> (&[u8; 32], &[u8; 32]) {
        // The first and last 32 of 64 bytes.
        let (r, s) = (self.signature.first_chunk(), self.signature.last_chunk());
        (r.unwrap_or(&[0; 32]), s.unwrap_or(&[0; 32]))
    }
}

/// An encoded point's y: all but the highest bit, which is the sign of x (RFC 8032 §5.1.2).
fn without_sign(point: &[u8; 32]) -> [u8; 32] {
    let mut y = *point;
    let [.., last] = &mut y;
    *last &= 0x7f;
    y
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::edwards::CompressedEdwardsY;

    use super::*;

    fn odd(r: [u8; 32]) -> bool {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        let message = [0; 64];
        Claim { message, signature }.r_is_odd()
    }

    /// Every encoding that the library reads as a point of small order, and every one that it would not write.
    #[test]
    fn odd_encodings() {
        let mut seen = [0; 2];
        let low = (0..40_u8).map(|n| {
            let mut y = PRIME;
            y[0] = 0xd8 + n;
            y
        });
        let small = EIGHT_TORSION.map(|point| point.compress().to_bytes());
        let ordinary = (1..40_u8).map(|n| {
            let mut y = [0; 32];
            y[0] = n;
            y
        });
        for y in low.chain(small).chain(ordinary) {
            for sign in [0, 0x80] {
                let mut r = y;
                r[31] = r[31] & 0x7f | sign;
                let Some(point) = CompressedEdwardsY(r).decompress() else {
                    continue;
                };
                let right = point.is_small_order() || point.compress().to_bytes() != r;
                assert_eq!(odd(r), right, "{r:x?}");
                seen[usize::from(right)] += 1;
            }
        }
        assert!(seen.into_iter().all(|count| count > 10), "{seen:?}");
    }
}

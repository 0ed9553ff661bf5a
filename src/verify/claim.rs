//! A signature that is yet to be checked, and what its check is computed from.

use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha512};

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

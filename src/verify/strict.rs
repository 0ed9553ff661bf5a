//! One strict Ed25519 verification at a time, with the answer of `ed25519_dalek`'s `verify_strict` and one
//! point decompression less.
//!
//! `verify_strict` decompresses R to see whether it has small order, computes R' = s·B − k·A, compresses it
//! and compares. Compressing first and comparing bytes shows R to be the one canonical encoding of R', so
//! the order of R' may be asked instead. Tests hold both against each other.

use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha512};

/// Whether the signature holds strictly: s canonical, R canonical, neither A nor R of small order.
pub(super) fn holds(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    recomputed(key, message, signature).unwrap_or(false) && !key.is_weak()
}

fn recomputed(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> Option<bool> {
    let (r, s) = signature.split_first_chunk::<32>()?;
    let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
    let k = challenge(r, key, message);
    let point = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-key.to_edwards(), &s);
    Some(point.compress().as_bytes() == r && !point.is_small_order())
}

/// SHA-512(R ‖ A ‖ M) modulo the group's order (RFC 8032 §5.1.7).
pub(super) fn challenge(r: &[u8; 32], key: &VerifyingKey, message: &[u8]) -> Scalar {
    let hash = Sha512::new()
        .chain_update(r)
        .chain_update(key.as_bytes())
        .chain_update(message);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use ed25519_dalek::{Signature, Signer, SigningKey};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn same_answer(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
        let dalek = key
            .verify_strict(message, &Signature::from_bytes(signature))
            .is_ok();
        assert_eq!(holds(key, message, signature), dalek);
        dalek
    }

    #[test]
    fn the_published_edge_cases() {
        let root = std::env::var_os("CHENGXIN_VECTORS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors"),
            PathBuf::from,
        );
        let Ok(text) = std::fs::read(root.join("ed25519/ed25519vectors.json")) else {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CI without published vectors: ed25519"
            );
            println!("SKIPPED published vectors: ed25519 (914 not run)");
            return;
        };
        let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
        let bytes = |case: &Value, name: &str| -> Vec<u8> {
            let text = case[name].as_str().unwrap();
            let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            (0..text.len()).step_by(2).map(pair).collect()
        };
        let (mut run, mut accepted) = (0, 0);
        for case in &cases {
            let key: [u8; 32] = bytes(case, "key").try_into().unwrap();
            let Ok(key) = VerifyingKey::from_bytes(&key) else {
                continue;
            };
            let signature: [u8; 64] = bytes(case, "sig").try_into().unwrap();
            let message = case["msg"].as_str().unwrap().as_bytes();
            accepted += usize::from(same_answer(&key, message, &signature));
            run += 1;
        }
        println!("{run} of {} edge cases, {accepted} accepted by both", cases.len());
        assert_eq!(cases.len(), 914);
        assert!(run > 500 && accepted > 0 && accepted < run);
    }

    proptest! {
        #[test]
        fn changed_signatures(seed in any::<[u8; 32]>(), message in any::<[u8; 64]>(), place in 0usize..64, mask in any::<u8>()) {
            let secret = SigningKey::from_bytes(&seed);
            let mut signature = secret.sign(&message).to_bytes();
            signature[place] ^= mask;
            prop_assert_eq!(same_answer(&secret.verifying_key(), &message, &signature), mask == 0);
        }
    }
}

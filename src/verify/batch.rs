//! Many signatures of one key checked at once: one multiscalar multiplication instead of one for each.
//!
//! For signatures (R, s) of the key A over messages with challenges k, and numbers z that nobody could have
//! known when signing, it checks 8·(Σ zs·B − Σ zk·A − Σ z·R) = 0. A forger fails but with probability 2^-128;
//! the key's own holder can add points of small order that a strict check would notice. Therefore verdicts
//! say `batch`, and therefore nothing but the bulk verifier uses this (`records.md` §1).

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use super::claim::Claim;

/// A signature's parts.
struct Parts {
    r: EdwardsPoint,
    s: Scalar,
    k: Scalar,
}

/// Whether all hold, all being of the key `key`. False says only that at least one does not.
pub(super) fn all_hold(key: &VerifyingKey, claims: &[Claim]) -> bool {
    if key.is_weak() {
        return false;
    }
    let Some(parts) = claims
        .iter()
        .map(|claim| Parts::of(key, claim))
        .collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    let weights = weights(key, claims);
    let (mut base, mut of_key) = (Scalar::ZERO, Scalar::ZERO);
    for (part, z) in parts.iter().zip(&weights) {
        base += z * part.s;
        of_key += z * part.k;
    }
    let scalars = weights.iter().copied().chain([-base, of_key]);
    let points = parts.iter().map(|part| part.r).chain([
        curve25519_dalek::constants::ED25519_BASEPOINT_POINT,
        key.to_edwards(),
    ]);
    EdwardsPoint::vartime_multiscalar_mul(scalars, points)
        .mul_by_cofactor()
        .is_identity()
}

impl Parts {
    fn of(key: &VerifyingKey, claim: &Claim) -> Option<Self> {
        let [s, k] = claim.scalars(key)?;
        if claim.r_is_odd() {
            return None;
        }
        let r = CompressedEdwardsY(*claim.r()).decompress()?;
        Some(Self { r, s, k })
    }
}

/// One number of 128 bits for each signature, drawn from a hash over all of them: whoever made the
/// signatures could not know it before they were all fixed.
fn weights(key: &VerifyingKey, claims: &[Claim]) -> Vec<Scalar> {
    let mut all = Sha256::new();
    all.update(b"chengxin batch verification v1");
    all.update(key.as_bytes());
    for claim in claims {
        all.update(claim.signature);
        all.update(claim.message);
    }
    let seed = all.finalize();
    let weight = |number: usize| {
        let half = Sha256::new()
            .chain_update(seed)
            .chain_update((number as u64).to_be_bytes())
            .finalize();
        half.first_chunk::<16>()
            .map_or(Scalar::ONE, |z| Scalar::from(u128::from_le_bytes(*z)))
    };
    (0..claims.len()).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::constants::EIGHT_TORSION;
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    fn claims(count: u8) -> (VerifyingKey, Vec<Claim>) {
        let secret = SigningKey::from_bytes(&[9; 32]);
        let claim = |n: u8| {
            let message = [n; 64];
            Claim {
                message,
                signature: secret.sign(&message).to_bytes(),
            }
        };
        (secret.verifying_key(), (0..count).map(claim).collect())
    }

    #[test]
    fn good_ones_hold_together() {
        for count in [0, 1, 2, 3, 50, 250] {
            let (key, claims) = claims(count);
            assert!(all_hold(&key, &claims), "{count}");
        }
    }

    #[test]
    fn one_bad_one_is_noticed_wherever_it_is() {
        for place in [0, 7, 39] {
            for byte in 0..64 {
                let (key, mut claims) = claims(40);
                claims[place].signature[byte] ^= 4;
                assert!(!all_hold(&key, &claims), "signature {place}, byte {byte}");
            }
            let (key, mut claims) = claims(40);
            claims[place].message[0] ^= 1;
            assert!(!all_hold(&key, &claims));
        }
    }

    #[test]
    fn two_that_cancel_each_other_are_noticed() {
        let (key, mut claims) = claims(2);
        let swapped = claims[0].signature;
        claims[0].signature = claims[1].signature;
        claims[1].signature = swapped;
        assert!(!all_hold(&key, &claims));
    }

    #[test]
    fn what_the_batch_cannot_judge_is_left_to_the_strict_check() {
        for torsion in EIGHT_TORSION {
            let (key, mut claims) = claims(3);
            // A part of small order in R cancels out in a batch; R of small order and nothing else does not pass.
            claims[1].signature[..32].copy_from_slice(torsion.compress().as_bytes());
            assert!(!all_hold(&key, &claims));
            let weak = VerifyingKey::from_bytes(torsion.compress().as_bytes()).unwrap();
            assert!(!all_hold(&weak, &claims[..1]));
        }
    }
}

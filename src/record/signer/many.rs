//! Ed25519 signatures over many messages at once (RFC 8032, 5.1.6): the same bytes as one by one.
//!
//! Encoding the point `R` of a signature takes a field inversion, a fifth of the signature's cost. Over many
//! points one inversion serves for all (Montgomery's trick, `compress_batch_alloc`), and the key is
//! expanded once. The secret goes only where it goes in a single signature: into the hash that gives `r`, into
//! `r·B` and `k·a + r`, all in constant time by `curve25519-dalek`.

use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

/// Signs every message with one key, in order.
pub(super) fn sign(key: &SigningKey, messages: &[&[u8]]) -> Vec<[u8; 64]> {
    let expanded = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(key.as_bytes())));
    let (_, prefix) = expanded.split_at(32);
    let secret = Zeroizing::new(key.to_scalar());
    let public = key.verifying_key();
    let nonces: Zeroizing<Vec<Scalar>> = Zeroizing::new(
        messages
            .iter()
            .map(|message| scalar(&[prefix, message]))
            .collect(),
    );
    let points: Vec<EdwardsPoint> = nonces.iter().map(EdwardsPoint::mul_base).collect();
    let points = EdwardsPoint::compress_batch_alloc(&points);
    messages
        .iter()
        .zip(nonces.iter())
        .zip(&points)
        .map(|((message, nonce), point)| {
            let challenge = scalar(&[point.as_bytes(), public.as_bytes(), message]);
            let answer = challenge * *secret + nonce;
            let mut signature = [0; 64];
            let (first, second) = signature.split_at_mut(32);
            first.copy_from_slice(point.as_bytes());
            second.copy_from_slice(answer.as_bytes());
            signature
        })
        .collect()
}

/// SHA-512 over pieces, as an integer modulo the group's order.
fn scalar(pieces: &[&[u8]]) -> Scalar {
    let mut hash = Sha512::new();
    for piece in pieces {
        hash.update(piece);
    }
    let wide = Zeroizing::new(<[u8; 64]>::from(hash.finalize()));
    Scalar::from_bytes_mod_order_wide(&wide)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::Signer as _;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn many_are_the_same_bytes_as_one_by_one(
            seed in any::<[u8; 32]>(),
            messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20),
        ) {
            let key = SigningKey::from_bytes(&seed);
            let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let single: Vec<_> = messages.iter().map(|message| key.sign(message).to_bytes()).collect();
            prop_assert_eq!(sign(&key, &messages), single);
        }
    }

    /// RFC 8032, 7.1, tests 1 to 3, each key's message beside an empty one.
    #[test]
    fn the_published_vectors() {
        for (seed, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let key = SigningKey::from_bytes(&unhex(seed).try_into().unwrap());
            let message = unhex(message);
            let made = sign(&key, &[&message, b""]);
            assert_eq!(made[0].as_slice(), unhex(signature));
        }
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }
}

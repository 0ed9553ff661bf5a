//! Signatures of one key, each checked strictly and by itself, from tables that are computed once.
//!
//! A check is the equation R = sB − kA (RFC 8032 §5.1.7). Computed afresh it takes some 250 doublings; with
//! every multiple j·256^i of B and of −A at hand (j from 1 to 128) it takes at most 64 additions. The points
//! that result are encoded together, because one inversion serves them all; nothing else is shared, so that
//! one bad signature cannot hide behind another.
//!
//! [`KeyTable::check`] accepts exactly what `VerifyingKey::verify_strict` accepts: `s` below the group's
//! order, `R` the canonical encoding of sB − kA with no multiple of the order left out, neither `R` nor the
//! key of small order. Nothing here is secret, so nothing takes constant time.

use std::sync::{LazyLock, OnceLock};

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;
use ed25519_dalek::VerifyingKey;

use super::claim::Claim;

/// Bytes of a scalar, each of which one row of a table answers.
const ROWS: usize = 32;
/// Largest digit of a scalar: a byte is written as a digit from −127 to 128 and a carry.
const COLUMNS: usize = 128;
/// Signatures of a key from which on its table pays; it costs as much as some twenty checks.
const MANY: usize = 32;
/// Most tables: one has 640 KiB, and a registry signs with one or two keys at a time.
const MOST: usize = 8;

static BASE: LazyLock<Multiples> = LazyLock::new(|| Multiples::of(&ED25519_BASEPOINT_POINT));
/// The eight encodings of points of small order that a computed point can have.
static SMALL: LazyLock<[CompressedEdwardsY; 8]> =
    LazyLock::new(|| EIGHT_TORSION.map(|point| point.compress()));

/// The keys of a ring, with the tables of those that have signed much.
#[derive(Debug, Default)]
pub(super) struct KeyTables(Vec<(VerifyingKey, OnceLock<KeyTable>)>);

impl KeyTables {
    /// Room for the tables of these keys; none is computed yet.
    pub(super) fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        Self(
            keys.into_iter()
                .take(MOST)
                .map(|key| (key, OnceLock::new()))
                .collect(),
        )
    }

    /// Whether each claim holds, all being of the key `key`, strictly and one by one.
    pub(super) fn check(&self, key: &VerifyingKey, claims: &[Claim]) -> Vec<bool> {
        let room = self
            .0
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, room)| room);
        let table = match room {
            Some(room) if claims.len() >= MANY => Some(room.get_or_init(|| KeyTable::new(key))),
            Some(room) => room.get(),
            None => None,
        };
        match table {
            Some(table) => table.check(claims),
            None => claims.iter().map(|claim| claim.holds(key)).collect(),
        }
    }
}

/// A key and the multiples of its negative.
pub(super) struct KeyTable {
    key: VerifyingKey,
    negative: Multiples,
}

impl KeyTable {
    /// Computes the table.
    pub(super) fn new(key: &VerifyingKey) -> Self {
        Self {
            key: *key,
            negative: Multiples::of(&-key.to_edwards()),
        }
    }

    /// Whether each claim holds, all being of this key.
    pub(super) fn check(&self, claims: &[Claim]) -> Vec<bool> {
        if self.key.is_weak() {
            return vec![false; claims.len()];
        }
        let scalars: Vec<Option<[Scalar; 2]>> = claims.iter().map(|claim| claim.scalars(&self.key)).collect();
        let points: Vec<EdwardsPoint> = scalars
            .iter()
            .map(|scalars| {
                let mut sum = EdwardsPoint::identity();
                if let Some([s, k]) = scalars {
                    BASE.add(s, &mut sum);
                    self.negative.add(k, &mut sum);
                }
                sum
            })
            .collect();
        let points = EdwardsPoint::compress_batch_alloc(&points);
        let expected = points.iter().zip(&scalars);
        let holds = |((point, scalars), claim): ((&CompressedEdwardsY, &Option<_>), &Claim)| {
            scalars.is_some() && *point.as_bytes() == *claim.r() && !SMALL.contains(point)
        };
        expected.zip(claims).map(holds).collect()
    }
}

impl std::fmt::Debug for KeyTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyTable").field(&self.key).finish()
    }
}

/// j·256^i·P for i from 0 to 31 and j from 1 to 128, row by row.
struct Multiples(Vec<EdwardsPoint>);

impl Multiples {
    fn of(point: &EdwardsPoint) -> Self {
        let mut all = Vec::with_capacity(ROWS * COLUMNS);
        let mut unit = *point;
        for _ in 0..ROWS {
            let mut multiple = unit;
            for _ in 1..COLUMNS {
                all.push(multiple);
                multiple += unit;
            }
            all.push(multiple);
            // Twice 128 times makes the next row's unit.
            unit = multiple + multiple;
        }
        Self(all)
    }

    /// Adds `scalar`·P to `sum`.
    fn add(&self, scalar: &Scalar, sum: &mut EdwardsPoint) {
        let mut carry = 0;
        for (row, byte) in self.0.chunks_exact(COLUMNS).zip(scalar.as_bytes()) {
            let digit = i16::from(*byte) + carry;
            carry = i16::from(digit > 128);
            let digit = digit - carry * 256;
            let multiple = usize::from(digit.unsigned_abs()).checked_sub(1);
            match multiple.and_then(|place| row.get(place)) {
                Some(multiple) if digit > 0 => *sum += multiple,
                Some(multiple) => *sum -= multiple,
                None => {}
            }
        }
        // A scalar is below 2^253, so its last byte leaves no carry.
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha512};

    use super::*;

    fn secret() -> SigningKey {
        SigningKey::from_bytes(&[9; 32])
    }

    fn claim(n: u8) -> Claim {
        let message = [n; 64];
        let signature = secret().sign(&message).to_bytes();
        Claim { message, signature }
    }

    /// The table's answers, after they have been compared with the library's.
    fn agreed(key: &VerifyingKey, claims: &[Claim]) -> Vec<bool> {
        let found = KeyTable::new(key).check(claims);
        let strictly: Vec<bool> = claims.iter().map(|claim| claim.holds(key)).collect();
        assert_eq!(found, strictly);
        found
    }

    /// Signs with a nonce and a key of the tester's choice, either of which may have a part of small order:
    /// what only the key's own holder can do.
    fn crafted(key: &VerifyingKey, secret: &Scalar, nonce: &Scalar, r: &EdwardsPoint) -> Claim {
        let (message, r) = ([1; 64], r.compress());
        let hash = Sha512::new()
            .chain_update(r.as_bytes())
            .chain_update(key.as_bytes())
            .chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(r.as_bytes());
        signature[32..].copy_from_slice((nonce + k * secret).as_bytes());
        Claim { message, signature }
    }

    #[test]
    fn good_ones_hold() {
        let claims: Vec<Claim> = (0..100).map(claim).collect();
        assert!(
            agreed(&secret().verifying_key(), &claims)
                .into_iter()
                .all(|holds| holds)
        );
        assert!(agreed(&secret().verifying_key(), &[]).is_empty());
    }

    #[test]
    fn each_bad_one_fails_alone() {
        let mut claims: Vec<Claim> = (0..128).map(claim).collect();
        for (place, claim) in claims.iter_mut().enumerate() {
            match place % 3 {
                0 => claim.signature[place / 2] ^= 1 << (place % 8),
                1 => claim.message[place / 2] ^= 1,
                _ => {}
            }
        }
        let found = agreed(&secret().verifying_key(), &claims);
        let right: Vec<bool> = (0..128).map(|place| place % 3 == 2).collect();
        assert_eq!(found, right);
    }

    #[test]
    fn a_second_spelling_of_s_is_refused() {
        // s plus the order of the group, 2^252 + 27742317777372353535851937790883648493.
        let order = (-Scalar::ONE).to_bytes();
        let mut claim = claim(3);
        let mut carry = 1_u16;
        for (byte, part) in claim.signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(part);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert_eq!(agreed(&secret().verifying_key(), &[claim]), [false]);
    }

    #[test]
    fn parts_of_small_order_are_judged_as_strictly() {
        let (secret, nonce) = (Scalar::from(77_u64), Scalar::from(99_u64));
        let mut held = 0;
        for torsion in EIGHT_TORSION {
            let point = EdwardsPoint::mul_base(&secret) + torsion;
            let key = VerifyingKey::from_bytes(point.compress().as_bytes()).unwrap();
            for other in EIGHT_TORSION {
                let r = EdwardsPoint::mul_base(&nonce) + other;
                let mixed = crafted(&key, &secret, &nonce, &r);
                // R of small order: the nonce is zero.
                let small = crafted(&key, &secret, &Scalar::ZERO, &other);
                let found = agreed(&key, &[mixed, small]);
                assert!(!found[1]);
                held += usize::from(found[0]);
            }
        }
        // Some of both kinds, or the comparison shows nothing.
        assert!((1..64).contains(&held), "{held}");
    }

    #[test]
    fn a_key_of_small_order_holds_nothing() {
        for torsion in EIGHT_TORSION {
            let key = VerifyingKey::from_bytes(torsion.compress().as_bytes()).unwrap();
            let nonce = Scalar::from(5_u64);
            let claim = crafted(&key, &Scalar::ZERO, &nonce, &EdwardsPoint::mul_base(&nonce));
            assert_eq!(agreed(&key, &[claim]), [false]);
        }
    }

    #[test]
    fn every_key_gets_its_own_answers() {
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
        let key = secret().verifying_key();
        let claims: Vec<Claim> = (0..40).map(claim).collect();
        // Two keys with room for tables, one without; few signatures and many.
        for tables in [KeyTables::new([key, other]), KeyTables::default()] {
            for some in [&claims[..3], &claims[..], &claims[..3]] {
                assert_eq!(tables.check(&key, some), vec![true; some.len()]);
                assert_eq!(tables.check(&other, some), vec![false; some.len()]);
            }
        }
    }

    proptest! {
        /// Multiples by table equal multiples by the library, also of points with a part of small order.
        #[test]
        fn multiples(bytes in any::<[u8; 32]>(), torsion in 0..8_usize) {
            let point = EdwardsPoint::mul_base(&Scalar::from(3_u64)) + EIGHT_TORSION[torsion];
            static TABLES: [OnceLock<Multiples>; 8] = [const { OnceLock::new() }; 8];
            let table = TABLES[torsion].get_or_init(|| Multiples::of(&point));
            let random = Scalar::from_bytes_mod_order(bytes);
            let digits = Scalar::from_bytes_mod_order([bytes[0]; 32]);
            for scalar in [random, -random, digits, Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(128_u64), Scalar::from(129_u64)] {
                let mut sum = EdwardsPoint::identity();
                table.add(&scalar, &mut sum);
                prop_assert_eq!(sum, point * scalar);
            }
        }
    }
}

//! Hostile bytes: each byte of a bundle changed, and anything at all, is never accepted and never panics.

use proptest::prelude::*;
use rayon::prelude::*;

use super::super::check::check_record;
use super::super::fixture::{Plan, World, options};
use super::super::trust::Trust;
use super::super::{Outcome, check_bundle};

fn flipped_bytes_are_never_accepted(plan: &Plan, masks: &[u8]) {
    let world = World::new(plan);
    let good = world.bundle(3).to_canonical().unwrap();
    let accepted = |bytes: &[u8]| {
        let verdict = check_bundle(bytes, &world.trust, &options());
        verdict.is_ok_and(|verdict| verdict.outcome() == Outcome::Accepted)
    };
    assert!(accepted(&good));
    (0..good.len()).into_par_iter().for_each(|place| {
        for mask in masks {
            let mut bytes = good.clone();
            bytes[place] ^= mask;
            assert!(!accepted(&bytes), "byte {place} with {mask:#04x}");
        }
    });
}

#[test]
fn every_byte_of_a_bundle() {
    flipped_bytes_are_never_accepted(&Plan::default(), &[0x01]);
}

#[test]
fn every_byte_of_a_bundle_without_witnesses() {
    flipped_bytes_are_never_accepted(&Plan::unwitnessed(), &[0x20]);
}

#[test]
#[ignore = "every bit takes minutes"]
fn every_bit_of_a_bundle() {
    let masks: Vec<u8> = (0..8).map(|bit| 1 << bit).collect();
    flipped_bytes_are_never_accepted(&Plan::default(), &masks);
    flipped_bytes_are_never_accepted(&Plan::unwitnessed(), &masks);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let world = World::new(&Plan::unwitnessed());
        prop_assert!(check_bundle(&bytes, &world.trust, &options()).is_err());
        prop_assert!(check_record(&bytes, &world.trust, &options()).is_err());
        prop_assert!(Trust::parse(&bytes, &bytes).is_err());
    }

    #[test]
    fn spliced_bundles(from in any::<prop::sample::Index>(), length in 0usize..300, into in any::<prop::sample::Index>()) {
        let world = World::new(&Plan::unwitnessed());
        let good = world.bundle(0).to_canonical().unwrap();
        let start = from.index(good.len());
        let piece = good[start..good.len().min(start + length)].to_vec();
        let at = into.index(good.len());
        let mut bytes = good.clone();
        bytes.splice(at..at, piece);
        if bytes != good && let Ok(verdict) = check_bundle(&bytes, &world.trust, &options()) {
            prop_assert!(verdict.outcome() != Outcome::Accepted);
        }
    }

    #[test]
    fn issuer_file(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let world = World::new(&Plan::unwitnessed());
        let mut issuer = world.issuer.into_bytes();
        let place = place.index(issuer.len());
        issuer[place] = byte;
        let _ = Trust::parse(world.policy.as_bytes(), &issuer);
    }
}

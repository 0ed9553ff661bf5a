//! Proofs made from tiles, at every size, against the recursive definition; and proofs that must fail.

use proptest::prelude::*;

use super::super::edge::Edge;
use super::super::hash::{Hash, empty_root};
use super::super::memory::MemoryTiles;
use super::super::proof::{
    ProofError, Prover, ReadError, consistency_proof, inclusion_proof, verify_consistency, verify_growth,
    verify_inclusion,
};
use super::{leaves, naive_consistency, naive_path, naive_root};

fn store(size: u64) -> MemoryTiles {
    let mut store = MemoryTiles::new();
    for (tile, bytes) in Edge::new().grow(&leaves(size)) {
        store.put(tile, &bytes).unwrap();
    }
    store
}

#[test]
fn every_proof_of_every_size() {
    const MAX: u64 = 300;
    let all = leaves(MAX);
    let roots: Vec<Hash> = (0..=MAX as usize).map(|size| naive_root(&all[..size])).collect();
    let store = store(MAX);
    for size in 1..=MAX {
        let mut prover = Prover::new(&store, size);
        let root = &roots[size as usize];
        for index in 0..size {
            let path = prover.inclusion(index).unwrap();
            verify_inclusion(&all[index as usize], index, size, &path, root).unwrap();
            if size % 37 == 0 {
                assert_eq!(path, naive_path(index as usize, &all[..size as usize]));
            }
        }
        for old in 1..=size {
            let path = prover.consistency(old).unwrap();
            verify_consistency(old, &roots[old as usize], size, root, &path).unwrap();
            if size % 37 == 0 {
                assert_eq!(path, naive_consistency(old as usize, &all[..size as usize], true));
            }
        }
    }
}

#[test]
fn three_levels_of_tiles() {
    let size = 66_000;
    let all = leaves(size);
    let (store, root) = (store(size), naive_root(&all));
    for index in [0, 255, 256, 65_535, 65_536, 65_999] {
        let path = inclusion_proof(&store, index, size).unwrap();
        verify_inclusion(&all[index as usize], index, size, &path, &root).unwrap();
        let old = index + 1;
        let path = consistency_proof(&store, old, size).unwrap();
        verify_consistency(old, &naive_root(&all[..old as usize]), size, &root, &path).unwrap();
    }
}

#[test]
fn outside_the_tree() {
    let store = store(5);
    assert_eq!(
        inclusion_proof(&store, 5, 5),
        Err(ReadError::OutOfRange { wanted: 5, size: 5 })
    );
    assert_eq!(
        consistency_proof(&store, 6, 5),
        Err(ReadError::OutOfRange { wanted: 6, size: 5 })
    );
    assert_eq!(consistency_proof(&store, 0, 5), Ok(vec![]));
    assert!(matches!(inclusion_proof(&store, 5, 6), Err(ReadError::Source(_))));
}

#[test]
fn growth_from_the_empty_tree() {
    let (empty, root) = (empty_root(), naive_root(&leaves(3)));
    assert_eq!(verify_growth(0, &empty, 3, &root, &[]), Ok(()));
    assert_eq!(verify_growth(0, &root, 3, &root, &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_growth(0, &empty, 0, &root, &[]), Err(ProofError::Root));
    assert_eq!(
        verify_growth(0, &empty, 3, &root, &[root]),
        Err(ProofError::Length)
    );
    assert_eq!(
        verify_consistency(0, &empty, 3, &root, &[]),
        Err(ProofError::EmptyTree)
    );
}

proptest! {
    #[test]
    fn a_changed_proof_never_verifies(size in 2u64..200, seed in any::<u64>(), bit in 0usize..256, at in any::<prop::sample::Index>()) {
        let all = leaves(size);
        let (store, root) = (store(size), naive_root(&all));
        let index = seed % size;
        let leaf = all[index as usize];
        let mut path = inclusion_proof(&store, index, size).unwrap();
        let other = (index + 1) % size;
        prop_assert!(verify_inclusion(&leaf, other, size, &path, &root).is_err());
        let place = at.index(path.len());
        path[place].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &path, &root), Err(ProofError::Root));

        let old = 1 + seed % (size - 1);
        let old_root = naive_root(&all[..old as usize]);
        let mut path = consistency_proof(&store, old, size).unwrap();
        let place = at.index(path.len());
        path[place].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(old, &old_root, size, &root, &path).is_err());
        path[place].0[bit / 8] ^= 1 << (bit % 8);
        path.push(root);
        prop_assert_eq!(verify_consistency(old, &old_root, size, &root, &path), Err(ProofError::Length));
    }

    #[test]
    fn hostile_numbers(index in any::<u64>(), size in any::<u64>(), path in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let path: Vec<Hash> = path.into_iter().map(Hash).collect();
        let root = empty_root();
        prop_assert!(verify_inclusion(&root, index, size, &path, &root).is_err());
        let _ = verify_growth(index, &root, size, &root, &path);
        let _ = verify_growth(size, &root, index, &root, &path);
    }
}

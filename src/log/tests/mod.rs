//! Tests across the log's files: published vectors, proofs against a naive reference, growth, hostile bytes.

mod growth;
mod proofs;
mod signatures;
mod sorted;
mod vectors;
mod witness;

use super::hash::{Hash, empty_root, leaf_hash, node_hash};

/// `count` distinct leaf hashes.
pub(super) fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// RFC 6962 §2.1, word for word.
pub(super) fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(half(leaves.len()));
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

/// RFC 6962 §2.1.1, word for word.
pub(super) fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let k = half(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = match index < k {
        true => (naive_path(index, left), naive_root(right)),
        false => (naive_path(index - k, right), naive_root(left)),
    };
    path.push(sibling);
    path
}

/// RFC 6962 §2.1.2, word for word.
pub(super) fn naive_consistency(old: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if complete {
            Vec::new()
        } else {
            vec![naive_root(leaves)]
        };
    }
    let k = half(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = match old <= k {
        true => (naive_consistency(old, left, complete), naive_root(right)),
        false => (naive_consistency(old - k, right, false), naive_root(left)),
    };
    path.push(sibling);
    path
}

fn half(n: usize) -> usize {
    n.next_power_of_two() / 2
}

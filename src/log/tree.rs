//! The frontier of a growing tree (a compact range that starts at leaf 0): enough to append and to compute
//! the root, in at most 64 hashes, and not enough to prove anything.

use super::hash::{Hash, empty_root, node_hash};

/// Roots of the perfect subtrees that make up a tree of `size` leaves, largest and leftmost first: one for
/// each 1 bit of the size.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// A frontier from stored parts; `None` when the number of nodes is not the number of 1 bits of `size`.
    pub fn from_nodes(size: u64, nodes: Vec<Hash>) -> Option<Self> {
        (nodes.len() == size.count_ones() as usize).then_some(Self { size, nodes })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The subtree roots, largest first.
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Appends one leaf hash.
    pub fn append(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// Root of the tree (RFC 6962 §2.1, Merkle Tree Hash).
    pub fn root(&self) -> Hash {
        fold_right(&self.nodes).unwrap_or_else(empty_root)
    }
}

impl Extend<Hash> for Frontier {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.append(leaf));
    }
}

/// Root over perfect subtrees given from left (largest) to right.
pub(super) fn fold_right(nodes: &[Hash]) -> Option<Hash> {
    let (last, rest) = nodes.split_last()?;
    Some(
        rest.iter()
            .rev()
            .fold(*last, |right, left| node_hash(left, &right)),
    )
}

/// Root of a perfect subtree whose leaves are `hashes`; the caller gives a power of two of them.
pub(super) fn perfect_root(hashes: &[Hash]) -> Option<Hash> {
    if hashes.len() <= 1 {
        return hashes.first().copied();
    }
    let mut row = pair_up(hashes);
    while row.len() > 1 {
        row = pair_up(&row);
    }
    row.first().copied()
}

/// The row above: each two neighbours hashed together.
pub(super) fn pair_up(row: &[Hash]) -> Vec<Hash> {
    row.as_chunks::<2>()
        .0
        .iter()
        .map(|[left, right]| node_hash(left, right))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{leaves, naive_root};
    use super::*;

    #[test]
    fn root_equals_the_recursive_definition() {
        let leaves = leaves(300);
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root(), empty_root());
        for (i, leaf) in leaves.iter().enumerate() {
            frontier.append(*leaf);
            assert_eq!(frontier.root(), naive_root(&leaves[..=i]), "size {}", i + 1);
        }
        let again = Frontier::from_nodes(frontier.size(), frontier.nodes().to_vec()).unwrap();
        assert_eq!(again, frontier);
        assert_eq!(Frontier::from_nodes(3, vec![]), None);
    }
}

//! Verification of inclusion and consistency proofs (RFC 9162 §2.1.3.2, §2.1.4.2). Making them is the
//! [`prover`](super::prover)'s work, also reachable from here.

use super::hash::{Hash, empty_root, node_hash};

pub use super::prover::{Prover, consistency_proof, inclusion_proof};
pub use super::reader::{HashReader, ReadError};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the tree size.
    #[error("index {index} is not in a tree of {size} leaves")]
    Index {
        /// Index of the leaf.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The newer tree is smaller than the older one.
    #[error("a tree of {new} leaves cannot extend one of {old}")]
    Shrunk {
        /// Leaves in the older tree.
        old: u64,
        /// Leaves in the newer tree.
        new: u64,
    },
    /// Nothing can be proved about a tree without leaves.
    #[error("a consistency proof cannot begin at the empty tree")]
    EmptyTree,
    /// The path has too few or too many hashes for these sizes.
    #[error("the path has the wrong length")]
    Length,
    /// The path leads to another root.
    #[error("the path leads to another root")]
    Root,
    /// The path leads to another root for the older tree.
    #[error("the path leads to another root for the older tree")]
    OldRoot,
}

/// Verifies that the leaf hash `leaf` stands at `index` in the tree of `size` leaves with this root.
///
/// # Errors
/// [`ProofError`] `Index`, `Length`, `Root`.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if root_from_inclusion(leaf, index, size, path)? == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// The root to which an inclusion path leads.
///
/// # Errors
/// [`ProofError`] `Index`, `Length`.
pub fn root_from_inclusion(leaf: &Hash, index: u64, size: u64, path: &[Hash]) -> Result<Hash, ProofError> {
    let mut climb = Climb::new(leaf, index, size)?;
    for sibling in path {
        climb.step(sibling)?;
    }
    climb.root()
}

/// An inclusion path on the way from a leaf to the root. Where two climbs in trees of one size are equal,
/// the same siblings lead them to the same root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Climb {
    node: u64,
    last: u64,
    hash: Hash,
}

impl Climb {
    /// Begins at the leaf.
    ///
    /// # Errors
    /// [`ProofError::Index`].
    pub fn new(leaf: &Hash, index: u64, size: u64) -> Result<Self, ProofError> {
        if index >= size {
            return Err(ProofError::Index { index, size });
        }
        Ok(Self {
            node: index,
            last: size - 1,
            hash: *leaf,
        })
    }

    /// Takes in the next hash of the path.
    ///
    /// # Errors
    /// [`ProofError::Length`] when the root is reached already.
    pub fn step(&mut self, sibling: &Hash) -> Result<(), ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        if self.node & 1 == 1 || self.node == self.last {
            self.hash = node_hash(sibling, &self.hash);
            // A right edge without a sibling on these levels: nothing was hashed there.
            let skip = self.node.trailing_zeros().min(63);
            self.node >>= skip;
            self.last >>= skip;
        } else {
            self.hash = node_hash(&self.hash, sibling);
        }
        self.node >>= 1;
        self.last >>= 1;
        Ok(())
    }

    /// The root, when it is reached.
    ///
    /// # Errors
    /// [`ProofError::Length`].
    pub fn root(&self) -> Result<Hash, ProofError> {
        match self.last {
            0 => Ok(self.hash),
            _ => Err(ProofError::Length),
        }
    }
}

/// Verifies that the tree of `new_size` leaves extends the tree of `old_size` leaves, which must not be 0.
///
/// # Errors
/// [`ProofError`] `EmptyTree`, `Shrunk`, `Length`, `OldRoot`, `Root`.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrunk {
            old: old_size,
            new: new_size,
        });
    }
    if old_size == 0 {
        return Err(ProofError::EmptyTree);
    }
    if old_size == new_size {
        return match (path.is_empty(), old_root == new_root) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    let skip = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> skip, (new_size - 1) >> skip);
    // An old tree that is one whole subtree is the start itself; otherwise the path begins with it.
    let (start, rest) = match node {
        0 => (old_root, path),
        _ => path.split_first().ok_or(ProofError::Length)?,
    };
    let (mut old, mut new) = (*start, *start);
    for hash in rest {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
            let skip = node.trailing_zeros().min(63);
            node >>= skip;
            last >>= skip;
        } else {
            new = node_hash(&new, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last == 0, old == *old_root, new == *new_root) {
        (false, _, _) => Err(ProofError::Length),
        (true, false, _) => Err(ProofError::OldRoot),
        (true, true, false) => Err(ProofError::Root),
        (true, true, true) => Ok(()),
    }
}

/// As [`verify_consistency`], and also accepts the older tree to be empty: then its root must be that of
/// the empty tree and the path empty.
///
/// # Errors
/// As there.
pub fn verify_growth(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old_size > 0 {
        return verify_consistency(old_size, old_root, new_size, new_root, path);
    }
    let empty = empty_root();
    match (
        path.is_empty(),
        *old_root == empty,
        new_size > 0 || *new_root == empty,
    ) {
        (false, _, _) => Err(ProofError::Length),
        (true, false, _) => Err(ProofError::OldRoot),
        (true, true, false) => Err(ProofError::Root),
        (true, true, true) => Ok(()),
    }
}

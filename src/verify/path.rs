//! Inclusion paths of neighbours in the log, which share their upper part.
//!
//! The last path that led to the root is remembered with every climb on it. A later path whose climb comes to
//! the same place with the same hash, and goes on with the same siblings, leads to the same root: those steps
//! are the same computation and are not done twice. Whatever differs is hashed up to where it no longer does.

use std::cell::RefCell;

use crate::log::hash::Hash;
use crate::log::proof::{Climb, ProofError, verify_inclusion};

/// A path, and what earlier ones in the same tree have shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    hashes: &'a [Hash],
    trail: Option<&'a RefCell<Trail>>,
}

/// The last path that led to a root. Made for one tree; another root is not recognised.
#[derive(Debug, Default)]
pub(super) struct Trail {
    root: Option<Hash>,
    hashes: Vec<Hash>,
    /// The climb before each of `hashes`; never more of them than hashes.
    climbs: Vec<Climb>,
}

impl<'a> Path<'a> {
    /// A path by itself.
    pub(super) const fn alone(hashes: &'a [Hash]) -> Self {
        Self { hashes, trail: None }
    }

    /// A path among others.
    pub(super) const fn among(hashes: &'a [Hash], trail: &'a RefCell<Trail>) -> Self {
        let trail = Some(trail);
        Self { hashes, trail }
    }

    /// As [`verify_inclusion`].
    ///
    /// # Errors
    /// As there.
    pub(super) fn verify(&self, leaf: &Hash, index: u64, size: u64, root: &Hash) -> Result<(), ProofError> {
        match self.trail.and_then(|trail| trail.try_borrow_mut().ok()) {
            Some(mut trail) => trail.verify(Climb::new(leaf, index, size)?, self.hashes, root),
            None => verify_inclusion(leaf, index, size, self.hashes, root),
        }
    }
}

impl Trail {
    fn verify(&mut self, mut climb: Climb, path: &[Hash], root: &Hash) -> Result<(), ProofError> {
        let comparable = self.root == Some(*root) && self.hashes.len() == path.len();
        let shared = match comparable {
            true => shared_end(&self.hashes, path),
            false => 0,
        };
        let mut climbs = Vec::with_capacity(path.len());
        for (place, sibling) in path.iter().enumerate() {
            // From here on the siblings are the same; is the place, and what is there?
            if path.len() - place <= shared && self.climbs.get(place) == Some(&climb) {
                self.remember(&climbs, path);
                return Ok(());
            }
            climbs.push(climb);
            climb.step(sibling)?;
        }
        if climb.root()? != *root {
            return Err(ProofError::Root);
        }
        self.root = Some(*root);
        self.hashes.resize(path.len(), *root);
        self.climbs.clear();
        self.remember(&climbs, path);
        Ok(())
    }

    /// Notes the lower part of a path; the upper is there already.
    fn remember(&mut self, climbs: &[Climb], path: &[Hash]) {
        self.climbs
            .splice(..climbs.len().min(self.climbs.len()), climbs.iter().copied());
        self.hashes.splice(
            ..climbs.len().min(self.hashes.len()),
            path.iter().take(climbs.len()).copied(),
        );
    }
}

/// How many hashes at the end of two paths are the same.
fn shared_end(left: &[Hash], right: &[Hash]) -> usize {
    let pairs = left.iter().rev().zip(right.iter().rev());
    pairs.take_while(|(left, right)| left == right).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::edge::Edge;
    use crate::log::hash::leaf_hash;
    use crate::log::memory::MemoryTiles;
    use crate::log::proof::inclusion_proof;
    use crate::log::tree::Frontier;

    /// Leaves, and for each its path in the tree of all; the root.
    fn tree(size: u64) -> (Vec<Hash>, Vec<Vec<Hash>>, Hash) {
        let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut store = MemoryTiles::new();
        for (tile, bytes) in Edge::new().grow(&leaves) {
            store.put(tile, &bytes).unwrap();
        }
        let mut all = Frontier::new();
        all.extend(leaves.iter().copied());
        let paths = (0..size)
            .map(|n| inclusion_proof(&store, n, size).unwrap())
            .collect();
        (leaves, paths, all.root())
    }

    #[test]
    fn in_any_order_as_if_alone() {
        for size in [1, 2, 3, 7, 64, 77, 300] {
            let (leaves, paths, root) = tree(size);
            let trail = RefCell::default();
            // Ascending, then every seventh, then back again.
            let order = (0..size)
                .chain((0..size).map(|n| n * 7 % size))
                .chain((0..size).rev());
            for n in order {
                let (leaf, path) = (&leaves[n as usize], &paths[n as usize]);
                assert_eq!(
                    Path::among(path, &trail).verify(leaf, n, size, &root),
                    Ok(()),
                    "{n} of {size}"
                );
            }
        }
    }

    #[test]
    fn what_is_wrong_is_refused_as_if_alone() {
        let size = 77;
        let (leaves, paths, root) = tree(size);
        let root_of = root;
        for n in 1..size {
            // The trail of its neighbour, which shares all that can be shared.
            let check = |leaf: &Hash, n: u64, path: &[Hash], root: &Hash| {
                let trail = RefCell::default();
                let before = Path::among(&paths[n as usize - 1], &trail);
                before
                    .verify(&leaves[n as usize - 1], n - 1, size, &root_of)
                    .unwrap();
                let found = Path::among(path, &trail).verify(leaf, n, size, root);
                assert_eq!(found, Path::alone(path).verify(leaf, n, size, root));
                found
            };
            let (leaf, path) = (&leaves[n as usize], &paths[n as usize]);
            assert_eq!(check(leaf, n, path, &root), Ok(()));
            assert_eq!(
                check(&leaves[n as usize - 1], n, path, &root),
                Err(ProofError::Root)
            );
            assert_eq!(check(leaf, n, path, leaf), Err(ProofError::Root));
            for place in 0..path.len() {
                let mut path = path.clone();
                path[place].0[31] ^= 1;
                assert_eq!(
                    check(leaf, n, &path, &root),
                    Err(ProofError::Root),
                    "{n}, {place}"
                );
                path.remove(place);
                assert_eq!(check(leaf, n, &path, &root), Err(ProofError::Length));
            }
            let longer = [path.as_slice(), &[root]].concat();
            assert_eq!(check(leaf, n, &longer, &root), Err(ProofError::Length));
        }
        // The neighbour's path for a leaf that is not there.
        let trail = RefCell::default();
        Path::among(&paths[4], &trail)
            .verify(&leaves[4], 4, size, &root)
            .unwrap();
        let found = Path::among(&paths[4], &trail).verify(&leaves[9], 4, size, &root);
        assert_eq!(found, Err(ProofError::Root));
        let found = Path::among(&paths[4], &trail).verify(&leaves[4], 6, size, &root);
        assert_eq!(found, Err(ProofError::Root));
        let found = Path::among(&paths[4], &trail).verify(&leaves[4], size, size, &root);
        assert!(matches!(found, Err(ProofError::Index { .. })));
    }
}

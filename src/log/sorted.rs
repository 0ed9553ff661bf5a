//! A tree whose leaves stand in the order of their keys, so that two neighbours prove that nothing stands
//! between them: proofs of presence and of absence.
//!
//! A leaf is opaque bytes that begin with its key of 32 bytes; hashing is that of RFC 6962 §2.1. An
//! [`Answer`] about a key is the leaf itself, or the two leaves around the place where it would stand, or
//! one leaf at an edge of the tree, or that the tree is empty. An answer holds under a size and a root, and
//! only if whoever computed that root sorted the leaves: [`SortedTree`] refuses to do otherwise, and
//! whoever rebuilds the tree from its leaves finds out whether another did.

use std::collections::BTreeMap;

use super::edge::Edge;
use super::hash::{Hash, empty_root, leaf_hash};
use super::proof::{ProofError, verify_inclusion};
use super::prover::Prover;
use super::reader::{HashReader, ReadError};
use super::tile::TileId;

/// Bytes of a key.
pub const KEY_LEN: usize = 32;
/// Leaves hashed into tiles at a time; a multiple of a tile's 256.
const STEP: usize = 4096;

/// What leaves are sorted by.
pub type Key = [u8; KEY_LEN];

/// The key with which a leaf begins; `None` for fewer bytes.
pub fn key_of(leaf: &[u8]) -> Option<Key> {
    leaf.first_chunk::<KEY_LEN>().copied()
}

/// Builds a sorted tree leaf by leaf, in flat memory.
#[derive(Clone, Debug, Default)]
pub struct SortedTree {
    edge: Edge,
    last: Option<Key>,
    waiting: Vec<Hash>,
    /// Tiles that later leaves may still widen.
    partial: BTreeMap<(u8, u64), (TileId, Vec<u8>)>,
}

/// Tiles of hashes, each with its name.
pub type Tiles = Vec<(TileId, Vec<u8>)>;

/// A finished tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The last tiles, the partial ones among them.
    pub tiles: Tiles,
    /// Number of leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

/// Why a leaf was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// It has no key.
    #[error("a leaf must begin with a key of {KEY_LEN} bytes")]
    NoKey,
    /// Its key is not above the one before.
    #[error("leaf {0} has not a greater key than the one before it")]
    NotAscending(u64),
}

impl SortedTree {
    /// The tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a leaf; gives the tiles that no later leaf will change.
    ///
    /// # Errors
    /// [`OrderError`]: a key must be greater than the one before, so none is there twice.
    pub fn push(&mut self, leaf: &[u8]) -> Result<Tiles, OrderError> {
        let key = key_of(leaf).ok_or(OrderError::NoKey)?;
        if self.last.is_some_and(|last| last >= key) {
            return Err(OrderError::NotAscending(
                self.edge.size() + self.waiting.len() as u64,
            ));
        }
        self.last = Some(key);
        self.waiting.push(leaf_hash(leaf));
        Ok(if self.waiting.len() < STEP {
            Vec::new()
        } else {
            self.grow()
        })
    }

    /// Ends the tree.
    pub fn finish(mut self) -> Finished {
        let mut tiles = self.grow();
        tiles.extend(self.partial.into_values());
        Finished {
            tiles,
            size: self.edge.size(),
            root: self.edge.root(),
        }
    }

    fn grow(&mut self) -> Tiles {
        let mut full = Vec::new();
        for (id, bytes) in self.edge.grow(&self.waiting) {
            if id.is_full() {
                self.partial.remove(&(id.level, id.index));
                full.push((id, bytes));
            } else {
                self.partial.insert((id.level, id.index), (id, bytes));
            }
        }
        self.waiting.clear();
        full
    }
}

/// A leaf and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its bytes, key first.
    pub data: Vec<u8>,
    /// Its index, from 0.
    pub index: u64,
    /// Inclusion path, from the leaf's sibling upwards.
    pub inclusion: Vec<Hash>,
}

/// What a sorted tree says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The key's leaf.
    Present(Leaf),
    /// The key would stand between these two neighbours.
    Between {
        /// The leaf before it.
        left: Leaf,
        /// The leaf after it.
        right: Leaf,
    },
    /// The key would stand before the first leaf.
    BeforeFirst(Leaf),
    /// The key would stand after the last leaf.
    AfterLast(Leaf),
    /// The tree has no leaf.
    Empty,
}

/// What an answer proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The key has a leaf.
    Present,
    /// It has none, if the tree is sorted.
    Absent,
}

/// Why an answer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// A leaf has no key.
    #[error("a leaf must begin with a key of {KEY_LEN} bytes")]
    NoKey,
    /// The leaf is another key's.
    #[error("the leaf is about another key")]
    OtherKey,
    /// The key does not lie where the answer puts it.
    #[error("the key does not lie where the neighbours say")]
    NotEnclosed,
    /// The two leaves are not neighbours.
    #[error("the leaves at {0} and {1} are not neighbours")]
    NotAdjacent(u64, u64),
    /// The leaf is not the first one.
    #[error("the leaf at {0} is not the first")]
    NotFirst(u64),
    /// The leaf is not the last one.
    #[error("the leaf at {0} is not the last")]
    NotLast(u64),
    /// The tree is not empty.
    #[error("the tree has {0} leaves")]
    NotEmpty(u64),
    /// A leaf does not stand in the tree where it is said to.
    #[error(transparent)]
    Inclusion(#[from] ProofError),
}

impl Leaf {
    fn key(&self) -> Result<Key, AnswerError> {
        key_of(&self.data).ok_or(AnswerError::NoKey)
    }

    fn stands(&self, size: u64, root: &Hash) -> Result<(), AnswerError> {
        let leaf = leaf_hash(&self.data);
        Ok(verify_inclusion(&leaf, self.index, size, &self.inclusion, root)?)
    }
}

impl Answer {
    /// The leaves that it shows.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Self::Present(leaf) | Self::BeforeFirst(leaf) | Self::AfterLast(leaf) => vec![leaf],
            Self::Between { left, right } => vec![left, right],
            Self::Empty => Vec::new(),
        }
    }

    /// Verifies the answer about `key` in the tree of `size` leaves with this root.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn verify(&self, key: &Key, size: u64, root: &Hash) -> Result<Presence, AnswerError> {
        match self {
            Self::Present(leaf) if leaf.key()? != *key => return Err(AnswerError::OtherKey),
            Self::Present(_) => {}
            Self::Between { left, right } => {
                if left.index.checked_add(1) != Some(right.index) {
                    return Err(AnswerError::NotAdjacent(left.index, right.index));
                }
                enclosed(left.key()? < *key && *key < right.key()?)?;
            }
            Self::BeforeFirst(leaf) => {
                if leaf.index != 0 {
                    return Err(AnswerError::NotFirst(leaf.index));
                }
                enclosed(*key < leaf.key()?)?;
            }
            Self::AfterLast(leaf) => {
                if leaf.index.checked_add(1) != Some(size) {
                    return Err(AnswerError::NotLast(leaf.index));
                }
                enclosed(leaf.key()? < *key)?;
            }
            Self::Empty if size == 0 && *root == empty_root() => {}
            Self::Empty => return Err(AnswerError::NotEmpty(size)),
        }
        for leaf in self.leaves() {
            leaf.stands(size, root)?;
        }
        Ok(match self {
            Self::Present(_) => Presence::Present,
            _ => Presence::Absent,
        })
    }
}

fn enclosed(good: bool) -> Result<(), AnswerError> {
    if good {
        Ok(())
    } else {
        Err(AnswerError::NotEnclosed)
    }
}

/// Why an answer cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MakeError<E> {
    /// The leaves at hand say nothing about the key in a tree of this size.
    #[error("the leaves at hand do not answer: {0}")]
    Leaves(AnswerError),
    /// The tiles.
    #[error(transparent)]
    Read(#[from] ReadError<E>),
}

/// Makes the answer about `key` in the tree of `size` leaves: `at` is the first leaf (index and bytes)
/// whose key is not below it, `before` the leaf ahead of that one.
///
/// # Errors
/// [`MakeError`].
pub fn answer<R: HashReader>(
    tiles: &R,
    size: u64,
    key: &Key,
    before: Option<(u64, Vec<u8>)>,
    at: Option<(u64, Vec<u8>)>,
) -> Result<Answer, MakeError<R::Error>> {
    let mut prover = Prover::new(tiles, size);
    let mut leaf = |(index, data): (u64, Vec<u8>)| {
        let inclusion = prover.inclusion(index)?;
        Ok::<_, ReadError<R::Error>>(Leaf {
            data,
            index,
            inclusion,
        })
    };
    Ok(match (before, at) {
        (_, Some(at)) if key_of(&at.1) == Some(*key) => Answer::Present(leaf(at)?),
        (Some(before), Some(at)) => Answer::Between {
            left: leaf(before)?,
            right: leaf(at)?,
        },
        (None, Some(at)) => Answer::BeforeFirst(leaf(at)?),
        (Some(before), None) => Answer::AfterLast(leaf(before)?),
        (None, None) if size == 0 => Answer::Empty,
        (None, None) => return Err(MakeError::Leaves(AnswerError::NotEmpty(size))),
    })
}

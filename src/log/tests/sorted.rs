//! Answers of sorted trees of every small size about every key, present and absent; and every lie about them
//! that can be put together from their leaves.

use proptest::prelude::*;

use super::super::hash::{Hash, leaf_hash};
use super::super::memory::MemoryTiles;
use super::super::proof::ProofError;
use super::super::sorted::{
    Answer, AnswerError, Key, Leaf, MakeError, OrderError, Presence, SortedTree, answer,
};
use super::naive_root;

const MAX: u64 = 70;

/// The key number `n`, in the order of numbers.
fn key(n: u64) -> Key {
    let mut key = [7; 32];
    key[..8].copy_from_slice(&n.to_be_bytes());
    key
}

/// Leaf `i` has the odd key `2 i + 1`, so that an even key stands at every place between.
fn data(i: u64) -> Vec<u8> {
    let mut data = key(2 * i + 1).to_vec();
    data.extend(format!("leaf {i}").bytes());
    data
}

struct Tree {
    size: u64,
    root: Hash,
    tiles: MemoryTiles,
}

fn tree(size: u64) -> Tree {
    let mut builder = SortedTree::new();
    let mut tiles = MemoryTiles::new();
    for i in 0..size {
        for (id, bytes) in builder.push(&data(i)).unwrap() {
            assert!(id.is_full());
            tiles.put(id, &bytes).unwrap();
        }
    }
    let finished = builder.finish();
    for (id, bytes) in &finished.tiles {
        tiles.put(*id, bytes).unwrap();
    }
    assert_eq!(finished.size, size);
    Tree {
        size,
        root: finished.root,
        tiles,
    }
}

impl Tree {
    fn answer(&self, wanted: &Key) -> Answer {
        // Leaf i has the key 2 i + 1, so the first leaf at or above n is n / 2.
        let n = u64::from_be_bytes(*wanted.first_chunk().unwrap());
        let at = Some(n / 2).filter(|i| *i < self.size);
        let before = at.unwrap_or(self.size).checked_sub(1);
        let with = |i| (i, data(i));
        answer(&self.tiles, self.size, wanted, before.map(with), at.map(with)).unwrap()
    }

    fn leaf(&self, i: u64) -> Leaf {
        let Answer::Present(leaf) = self.answer(&key(2 * i + 1)) else {
            panic!("leaf {i} is there")
        };
        leaf
    }

    fn verify(&self, answer: &Answer, key: &Key) -> Result<Presence, AnswerError> {
        answer.verify(key, self.size, &self.root)
    }
}

#[test]
fn every_key_of_every_size() {
    for size in 0..=MAX {
        let tree = tree(size);
        let hashes: Vec<Hash> = (0..size).map(|i| leaf_hash(&data(i))).collect();
        assert_eq!(tree.root, naive_root(&hashes), "size {size}");
        for n in 0..=2 * size {
            let answer = tree.answer(&key(n));
            let expected = if n % 2 == 1 {
                Presence::Present
            } else {
                Presence::Absent
            };
            assert_eq!(tree.verify(&answer, &key(n)), Ok(expected), "{n} of {size}");
            let form = match &answer {
                Answer::Present(_) => n % 2 == 1,
                Answer::Empty => size == 0,
                Answer::BeforeFirst(_) => n == 0,
                Answer::AfterLast(_) => n == 2 * size,
                Answer::Between { .. } => n % 2 == 0 && n > 0 && n < 2 * size,
            };
            assert!(form, "{n} of {size}: {answer:?}");
            // It says this about no other key.
            for other in [n.wrapping_sub(2), n + 1, n + 2] {
                let said = tree.verify(&answer, &key(other));
                let beyond = other > 2 * size && matches!(answer, Answer::AfterLast(_) | Answer::Empty);
                assert!(said.is_err() || beyond, "{other} for {n} of {size}: {said:?}");
            }
        }
    }
}

/// Every answer that could deny a present key, from all its leaves: honest ones, and ones whose indices are
/// bent so that the form fits.
fn denials(tree: &Tree, leaves: &[Leaf]) -> Vec<Answer> {
    let bent = |leaf: &Leaf, index: u64| Leaf {
        index,
        ..leaf.clone()
    };
    let mut all = vec![Answer::Empty];
    for left in leaves {
        all.push(Answer::BeforeFirst(left.clone()));
        all.push(Answer::BeforeFirst(bent(left, 0)));
        all.push(Answer::AfterLast(left.clone()));
        all.push(Answer::AfterLast(bent(left, tree.size - 1)));
        for right in leaves {
            let pair = |left: Leaf, right: Leaf| Answer::Between { left, right };
            all.push(pair(left.clone(), right.clone()));
            all.push(pair(left.clone(), bent(right, left.index + 1)));
            all.push(pair(bent(left, right.index.wrapping_sub(1)), right.clone()));
        }
    }
    all
}

#[test]
fn no_answer_denies_a_present_key() {
    for size in (1..=20).chain([31, 32, 33, 63, 64, 65, MAX]) {
        let tree = tree(size);
        let leaves: Vec<Leaf> = (0..size).map(|i| tree.leaf(i)).collect();
        let denials = denials(&tree, &leaves);
        for i in 0..size {
            for denial in &denials {
                let said = tree.verify(denial, &key(2 * i + 1));
                assert!(said.is_err(), "{i} of {size}: {denial:?} says {said:?}");
            }
        }
    }
}

#[test]
fn no_leaf_is_another_keys_presence() {
    for size in 1..=MAX {
        let tree = tree(size);
        let claims: Vec<Answer> = (0..size).map(|i| Answer::Present(tree.leaf(i))).collect();
        for n in (0..=2 * size).step_by(2) {
            for claim in &claims {
                assert_eq!(tree.verify(claim, &key(n)), Err(AnswerError::OtherKey));
            }
            // A neighbour's bytes under the key that is wanted.
            for i in (n / 2).saturating_sub(1)..(n / 2 + 1).min(size) {
                let mut forged = tree.leaf(i);
                forged.data[..32].copy_from_slice(&key(n));
                let claim = Answer::Present(forged);
                let refused = Err(AnswerError::Inclusion(ProofError::Root));
                assert_eq!(tree.verify(&claim, &key(n)), refused, "{n} of {size}");
            }
        }
    }
}

#[test]
fn each_lie_has_its_reason() {
    let tree = tree(9);
    let leaf = |i| tree.leaf(i);
    let wanted = key(7); // leaf 3
    let between = |left, right| Answer::Between { left, right };
    let said = |answer: Answer| tree.verify(&answer, &wanted).unwrap_err();
    assert_eq!(said(between(leaf(2), leaf(4))), AnswerError::NotAdjacent(2, 4));
    assert_eq!(said(between(leaf(2), leaf(3))), AnswerError::NotEnclosed);
    assert_eq!(said(between(leaf(4), leaf(5))), AnswerError::NotEnclosed);
    assert_eq!(said(Answer::BeforeFirst(leaf(4))), AnswerError::NotFirst(4));
    assert_eq!(said(Answer::BeforeFirst(leaf(0))), AnswerError::NotEnclosed);
    assert_eq!(said(Answer::AfterLast(leaf(2))), AnswerError::NotLast(2));
    assert_eq!(said(Answer::AfterLast(leaf(8))), AnswerError::NotEnclosed);
    assert_eq!(said(Answer::Empty), AnswerError::NotEmpty(9));
    assert_eq!(said(Answer::Present(leaf(4))), AnswerError::OtherKey);
    let mut short = leaf(3);
    short.data.truncate(31);
    assert_eq!(said(Answer::Present(short)), AnswerError::NoKey);
    assert_eq!(
        Answer::Empty.verify(&wanted, 0, &tree.root),
        Err(AnswerError::NotEmpty(0))
    );
    let mut last = leaf(8);
    last.index = u64::MAX;
    assert_eq!(said(Answer::AfterLast(last)), AnswerError::NotLast(u64::MAX));
}

#[test]
fn only_ascending_keys_are_taken() {
    let mut builder = SortedTree::new();
    builder.push(&data(1)).unwrap();
    assert_eq!(builder.push(&data(1)), Err(OrderError::NotAscending(1)));
    assert_eq!(builder.push(&data(0)), Err(OrderError::NotAscending(1)));
    assert_eq!(builder.push(&[0; 31]), Err(OrderError::NoKey));
    builder.push(&data(2)).unwrap();
    assert_eq!(builder.finish().size, 2);
}

#[test]
fn leaves_that_do_not_answer() {
    let tree = tree(3);
    assert_eq!(
        answer(&tree.tiles, 3, &key(0), None, None),
        Err(MakeError::Leaves(AnswerError::NotEmpty(3)))
    );
    assert!(answer(&tree.tiles, 3, &key(9), Some((3, data(3))), None).is_err());
}

#[test]
fn a_tree_of_several_tiles() {
    let tree = tree(70_000);
    for i in [0, 255, 256, 65_535, 65_536, 69_999] {
        assert_eq!(
            tree.verify(&Answer::Present(tree.leaf(i)), &key(2 * i + 1)),
            Ok(Presence::Present)
        );
        assert_eq!(
            tree.verify(&tree.answer(&key(2 * i)), &key(2 * i)),
            Ok(Presence::Absent)
        );
    }
}

proptest! {
    #[test]
    fn a_changed_answer_says_nothing(size in 1u64..=MAX, n in 0u64..=2 * MAX, bit in 0usize..256, which in any::<prop::sample::Index>(), part in 0u8..4) {
        let tree = tree(size);
        let n = n % (2 * size + 1);
        let mut answer = tree.answer(&key(n));
        let count = answer.leaves().len();
        let leaf = match &mut answer {
            Answer::Present(leaf) | Answer::BeforeFirst(leaf) | Answer::AfterLast(leaf) => leaf,
            Answer::Between { left, right } => if which.index(count) == 0 { left } else { right },
            Answer::Empty => unreachable!(),
        };
        match part {
            0 => leaf.index ^= 1 << (bit % 64),
            1 => { let at = which.index(leaf.data.len()); leaf.data[at] ^= 1 << (bit % 8); }
            2 if !leaf.inclusion.is_empty() => {
                let at = which.index(leaf.inclusion.len());
                leaf.inclusion[at].0[bit / 8] ^= 1 << (bit % 8);
            }
            _ => leaf.inclusion.push(tree.root),
        }
        prop_assert!(tree.verify(&answer, &key(n)).is_err());
    }

    #[test]
    fn hostile_answers(index in any::<u64>(), size in any::<u64>(), data in proptest::collection::vec(any::<u8>(), 0..80), path in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
        let leaf = Leaf { data, index, inclusion: path.into_iter().map(Hash).collect() };
        let root = naive_root(&[]);
        for answer in [Answer::Present(leaf.clone()), Answer::BeforeFirst(leaf.clone()), Answer::AfterLast(leaf.clone()), Answer::Between { left: leaf.clone(), right: leaf }] {
            prop_assert!(answer.verify(&key(3), size, &root).is_err());
        }
    }
}

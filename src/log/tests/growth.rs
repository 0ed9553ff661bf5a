//! A tree grown in steps has the tiles and the root of the tree grown at once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::edge::{Edge, growth};
use super::super::memory::MemoryTiles;
use super::super::reader::ReadError;
use super::super::tile::{TileId, width_at};
use super::super::tree::Frontier;
use super::{leaves, naive_root};

type Tiles = BTreeMap<TileId, Vec<u8>>;

fn at_once(size: u64) -> (Edge, Tiles) {
    let mut edge = Edge::new();
    let tiles = edge.grow(&leaves(size)).into_iter().collect();
    (edge, tiles)
}

#[test]
fn the_specifications_example() {
    let (edge, tiles) = at_once(70_000);
    let count = |level, full| {
        tiles
            .keys()
            .filter(|t| t.level == level && t.is_full() == full)
            .map(|t| t.width)
            .collect::<Vec<_>>()
    };
    assert_eq!(count(0, true).len(), 273);
    assert_eq!((count(0, false), count(1, true).len()), (vec![112], 1));
    assert_eq!((count(1, false), count(2, false)), (vec![17], vec![1]));
    assert_eq!(edge.root(), naive_root(&leaves(70_000)));
}

#[test]
fn only_changed_tiles_are_returned() {
    let mut edge = Edge::new();
    edge.grow(&leaves(300));
    let changed: Vec<_> = edge
        .grow(&leaves(1))
        .into_iter()
        .map(|(tile, _)| tile.to_string())
        .collect();
    assert_eq!(changed, ["tile/0/001.p/45"], "level 1 has not changed");
    assert!(edge.grow(&[]).is_empty());
}

#[test]
fn a_source_that_gives_too_little_is_refused() {
    let mut store = MemoryTiles::new();
    for (tile, bytes) in at_once(200).1 {
        store.put(tile, &bytes).unwrap();
    }
    assert!(matches!(growth(201, &store, &[]), Err(ReadError::Source(_))));
    assert!(
        store
            .put(
                TileId {
                    level: 0,
                    index: 9,
                    width: 1
                },
                &[0; 31]
            )
            .is_err()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn steps_equal_one_step(steps in proptest::collection::vec(0u64..900, 1..12)) {
        let total: u64 = steps.iter().sum();
        let all = leaves(total);
        let mut store = MemoryTiles::new();
        let mut written = Tiles::new();
        let mut frontier = Frontier::new();
        let mut size = 0u64;
        for step in steps {
            let new = &all[size as usize..(size + step) as usize];
            let grown = growth(size, &store, new).unwrap();
            frontier.extend(new.iter().copied());
            size += step;
            prop_assert_eq!((grown.size, grown.root), (size, frontier.root()));
            for (tile, bytes) in grown.tiles {
                prop_assert_eq!(bytes.len(), 32 * usize::from(tile.width));
                prop_assert_eq!(tile.width, width_at(tile.level, tile.index, size));
                store.put(tile, &bytes).unwrap();
                prop_assert!(written.insert(tile, bytes).is_none(), "no tile is written twice");
            }
        }
        let (edge, tiles) = at_once(total);
        for (tile, bytes) in &tiles {
            prop_assert_eq!(written.get(tile), Some(bytes));
        }
        let full = |tiles: &Tiles| tiles.keys().filter(|tile| tile.is_full()).count();
        prop_assert_eq!(full(&written), full(&tiles));
        prop_assert_eq!(Edge::load(&store, total).unwrap(), edge.clone());
        prop_assert_eq!(edge.frontier(), frontier);
    }
}

/// Prints the time a leaf; run in release: `cargo test --release --lib log -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed_of_appending() {
    let leaves = leaves(1_000_000);
    let start = std::time::Instant::now();
    let mut edge = Edge::new();
    let tiles: usize = leaves.chunks(10_000).map(|chunk| edge.grow(chunk).len()).sum();
    let grown = start.elapsed();
    let start = std::time::Instant::now();
    let mut hash = leaves[0];
    for leaf in &leaves {
        hash = super::super::hash::node_hash(&hash, leaf);
    }
    let hashed = start.elapsed();
    println!("{tiles} tiles, {grown:?} for 1,000,000 leaves; hashing alone {hashed:?} ({hash})");
}

//! Situations that nobody should publish or serve from, found at start: a database older than its
//! signer, another history, tiles that give another root. Every command that would go on refuses.

use std::fs;
use std::time::Instant;

use chengxin::log::edge::Edge;
use chengxin::log::hash::{Hash, leaf_hash};
use chengxin::registry::Registry;
use chengxin::registry::check;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::tiles::EveryWidth;
use chengxin::store::log::tile::{self, Tile};

use crate::support::city::{City, Summary};
use crate::support::stopped::{Stopped, ends};

use super::{drop_triggers, drop_triggers_of, flip, number};

/// A finished city, with its folder saved as it was before its first publication (`yesterday`) and as
/// it is now (`today`).
fn city() -> (City, Summary) {
    let city = City::new("start", None, 60);
    Stopped::at(&mut city.demo_command(), "intent-journalled", 1).kill();
    city.save("yesterday");
    let summary = city.demo();
    city.save("today");
    (city, summary)
}

/// Every command that publishes or serves refuses with these words, and the log stays as it is.
#[track_caller]
fn refused_everywhere(city: &City, words: &str) {
    let mark = fs::read(city.data().join("keys/high-water")).unwrap();
    let size = number(&mut city.database(), "SELECT stored_size AS value FROM log_head");
    for mut command in [
        city.command(&["serve", "--listen", "127.0.0.1:0"]),
        city.command(&["publish"]),
        city.demo_command(),
    ] {
        let ran = ends(&mut command).code(1);
        assert!(ran.stderr.contains(words), "{command:?}: {}", ran.stderr);
    }
    assert_eq!(fs::read(city.data().join("keys/high-water")).unwrap(), mark);
    assert_eq!(
        number(&mut city.database(), "SELECT stored_size AS value FROM log_head"),
        size
    );
}

#[test]
fn a_database_older_than_its_signer() {
    let (city, summary) = city();
    city.restore_database("yesterday");
    refused_everywhere(&city, "it is an older copy");
    city.restore("today");
    city.check(&summary);
}

/// Behind by a single listing that still waits: what is published next would reach the signed size again.
#[test]
fn a_database_older_than_its_signer_by_one_listing() {
    let city = City::new("behind", None, 60);
    Stopped::at(&mut city.demo_command(), "intent-journalled", 1).kill();
    city.save("yesterday");
    // One listing is published, then the database of before it comes back.
    Stopped::at(&mut city.demo_command(), "head-moved", 1).kill();
    city.restore_database("yesterday");
    refused_everywhere(&city, "it is an older copy");
}

#[test]
fn another_history() {
    let (city, summary) = city();
    let size = number(&mut city.database(), "SELECT head_size AS value FROM log_head");
    let other = format!("{size} {}\n", Hash([7; 32]).to_base64());
    fs::write(city.data().join("keys/high-water"), other).unwrap();
    refused_everywhere(&city, "it is another history");
    city.restore("today");
    city.check(&summary);
}

#[test]
fn a_changed_tile() {
    let (city, summary) = city();
    let conn = &mut city.database();
    drop_triggers(conn);
    let widest = number(conn, "SELECT MAX(width) AS value FROM tile WHERE level = 0");
    flip(conn, "tile", "hashes", &format!("level = 0 AND width = {widest}"));
    refused_everywhere(&city, "another root than the signed head");
    city.run(&["log", "fsck"]).code(4);
    city.restore("today");
    city.check(&summary);
}

/// A full tile that the right edge does not show, and a narrower width that only old heads need: the root is
/// recomputed from the level-0 tiles, and the server does not start.
#[test]
fn a_changed_tile_below_the_edge() {
    let city = City::new("below", None, 300);
    city.demo();
    let conn = &mut city.database();
    drop_triggers(conn);
    let narrow = number(conn, "SELECT MIN(width) AS value FROM tile WHERE tile_index = 0");
    let size = number(conn, "SELECT head_size AS value FROM log_head");
    assert!(narrow < 256 && size > 256);
    for (width, named) in [
        (256, "tile/0/000 is another than was signed".to_owned()),
        (
            narrow,
            format!("tile 0/0 width {narrow}: it and the one of width 256 contradict each other"),
        ),
    ] {
        let row = format!("level = 0 AND tile_index = 0 AND width = {width}");
        let whole = super::text(conn, &format!("SELECT hex(hashes) AS name FROM tile WHERE {row}"));
        flip(conn, "tile", "hashes", &row);
        // The edge, which is all that a publication looks at, does not show it.
        check::head(&registry(&city)).unwrap();
        let told = check::at_start(&registry(&city)).unwrap_err().to_string();
        assert!(told.contains(&named), "{told}");
        let ran = ends(&mut city.command(&["serve", "--listen", "127.0.0.1:0"])).code(1);
        assert!(
            ran.stderr.contains(&named) && ran.stderr.contains("log fsck"),
            "{}",
            ran.stderr
        );
        city.run(&["log", "fsck"]).code(4);
        super::change(conn, &format!("UPDATE tile SET hashes = X'{whole}' WHERE {row}"));
        let found = check::at_start(&registry(&city)).unwrap();
        assert_eq!(found.head_size, u64::try_from(size).unwrap());
    }
}

fn registry(city: &City) -> Registry {
    Registry::open(Some(&DataDir::new(&city.data())), None).unwrap()
}

crate::on_both_databases!(what_recomputing_a_root_costs);

/// 11,515 entries are the demonstration's, a million a large registry's; docs/operate.md has the figures.
fn what_recomputing_a_root_costs(database: Option<&str>) {
    if std::env::var_os("CHENGXIN_MEASURE").is_none() {
        println!("NOTE the start check is measured on demand (CHENGXIN_MEASURE=1)");
        return;
    }
    let fixture = crate::support::registry::Fixture::new("cost", database);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    drop_triggers_of(conn, "tile");
    for size in [11_515_u64, 1_000_000] {
        super::change(conn, "DELETE FROM tile");
        let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut edge = Edge::new();
        let rows: Vec<Tile> = edge
            .grow(&leaves)
            .into_iter()
            .map(|(id, hashes)| Tile {
                level: id.level.into(),
                tile_index: i64::try_from(id.index).unwrap(),
                width: id.width.into(),
                hashes,
            })
            .collect();
        let count = rows.len();
        chengxin::store::write(conn, |conn| tile::insert(conn, &rows)).unwrap();
        let begun = Instant::now();
        let tiles = EveryWidth::new(conn);
        let loaded = Edge::load(&tiles, size).unwrap();
        assert_eq!(loaded.root(), edge.root());
        assert_eq!(loaded.descend(&tiles).unwrap(), size / 256 + size / 65_536);
        println!("{size} entries, {count} tiles: {:?}", begun.elapsed());
    }
}

/// A size that nothing ever wrote is damage, not an empty log.
#[test]
fn a_negative_size() {
    let fixture = crate::support::registry::Fixture::new("negative", None);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    drop_triggers(conn);
    super::change(conn, "UPDATE log_head SET stored_size = -1");
    let told = chengxin::registry::check::at_start(&fixture.registry)
        .unwrap_err()
        .to_string();
    assert!(told.contains("-1 is negative"), "{told}");
}

//! Situations that nobody should publish or serve from, found at start: a database older than its
//! signer, another history, tiles that give another root. Every command that would go on refuses.

use std::fs;

use chengxin::log::hash::Hash;

use crate::support::city::{City, Summary};
use crate::support::stopped::{Stopped, ends};

use super::{drop_triggers, flip, number};

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

//! A registry that takes snapshots: while another process takes one, under heads that come late, and with
//! whose notes.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_query;

use super::super::statement::{keep_note, make};
use super::super::*;
use crate::record::credential::Host;
use crate::record::signer::SoftwareSigner;
use crate::registry::clock::StoryClock;
use crate::registry::data_dir::DataDir;
use crate::registry::high_water::MarkError;
use crate::registry::key_ceremony;
use crate::registry::key_document::{Change, SPEAKS};
use crate::registry::keys::NoteSigner;
use crate::registry::publish::NoStops;
use crate::registry::{init, snapshot as snapshots};
use crate::store::authority::AuthorityRow;
use crate::verify::statement::Statement;
use crate::verify::{Options, Outcome, check_statement};

/// Whom the statements are about: nobody.
const NAME: &str = "uscc:91500105MA5U00002H";

/// A registry in a folder of its own, which goes with it.
struct Home {
    registry: Registry,
    clock: Arc<StoryClock>,
    folder: PathBuf,
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Home {
    /// One that has published its lists and nothing else.
    fn new(label: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("chengxin-{label}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        let clock = Arc::new(StoryClock::starting("2026-10-09T01:00:00Z".parse().unwrap()));
        let plan = init::Plan {
            data: DataDir::new(&folder),
            host: Host::parse("registry.example").unwrap(),
            database: None,
            authorities: vec![AuthorityRow {
                id: "500000".into(),
                name: "重庆市示例人力资源和社会保障局".into(),
                division: "500000".into(),
                document_prefix: "渝示例".into(),
            }],
            witnesses: None,
        };
        let registry = init::create(&plan, clock.clone()).unwrap();
        Publisher::open(&registry, &NoStops)
            .unwrap()
            .refresh_lists()
            .unwrap();
        Self {
            registry,
            clock,
            folder,
        }
    }

    fn conn(&self) -> PooledConn {
        self.registry.store.conn().unwrap()
    }

    fn statement(&self) -> Vec<u8> {
        make(&mut self.conn(), Audience::Public, NAME, false).unwrap()
    }

    fn later(&self, hours: i64) {
        self.clock
            .advance(self.registry.clock.now() + TimeDelta::hours(hours));
    }
}

/// A snapshot and the next key document that came under one head, as after an outage of the witnesses.
#[test]
fn a_key_document_after_the_snapshot_leaves_the_one_before() {
    let home = Home::new("late-keys");
    let taken = snapshots::take(&home.registry, &NoStops).unwrap();
    home.later(1);
    let prepared = key_ceremony::prepare(&home.registry, &[Change::Refresh], SPEAKS).unwrap();
    let mut note = prepared.note.clone();
    for n in [1, 2] {
        let root = home.registry.keys().unwrap().root(n).unwrap();
        note = key_ceremony::sign(note.as_bytes(), &root).unwrap().0;
    }
    key_ceremony::publish(&home.registry, note.as_bytes(), &NoStops).unwrap();
    let after = taken.iter().map(|one| one.log_index).max().unwrap() + 1;
    let mut conn = home.conn();
    for sql in [
        "DROP TRIGGER served_checkpoint_no_delete".to_owned(),
        format!("DELETE FROM served_checkpoint WHERE size IN ({after}, {after} + 1)"),
    ] {
        sql_query(sql).execute(&mut *conn).unwrap();
    }
    drop(conn);
    let bytes = home.statement();
    let keys: Vec<u64> = Statement::parse(&bytes)
        .unwrap()
        .keys
        .iter()
        .map(|key| key.place.index)
        .collect();
    assert_eq!(keys, [0, after]);
    let options = Options::at(home.registry.clock.now());
    let verdict = check_statement(&bytes, &home.registry.trust().unwrap(), &options).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
}

#[test]
fn a_snapshot_in_the_making_is_left_alone() {
    let home = Home::new("two-takes");
    let other = Publisher::open(&home.registry, &NoStops).unwrap();
    let at = home.registry.clock.now().naive_utc();
    let id = snapshot::begin(&mut home.conn(), "public", 1, at).unwrap();
    let error = snapshots::take(&home.registry, &NoStops).unwrap_err();
    assert!(
        error.to_string().contains(&MarkError::Busy.to_string()),
        "{error}"
    );
    let rows = || snapshot::all(&mut home.conn()).unwrap();
    assert_eq!(rows().iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    drop(other);
    // A dead process's tree goes, and its number is nobody's beside it.
    snapshots::take(&home.registry, &NoStops).unwrap();
    assert!(rows().iter().all(|row| row.log_index.is_some()));
    assert_eq!(rows().len(), AUDIENCES.len());
}

fn row(id: i64, audience: &str, log_index: i64) -> snapshot::SnapshotRow {
    snapshot::SnapshotRow {
        id,
        audience: audience.into(),
        log_size: 0,
        tree_size: 0,
        taken_at: "2026-10-09T01:00:00".parse().unwrap(),
        log_index: Some(log_index),
    }
}

/// Of each audience the newest three, and what readers are served now.
#[test]
fn the_served_tree_outlasts_an_outage() {
    let rows: Vec<_> = (1..=6)
        .flat_map(|n| {
            [
                row(2 * n - 1, "public", 10 * n),
                row(2 * n, "partners", 10 * n + 1),
            ]
        })
        .collect();
    let kept = |served| {
        let kept = rows.iter().filter(|row| is_kept(&rows, row, served));
        kept.map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(kept(100), [7, 8, 9, 10, 11, 12]);
    assert_eq!(kept(22), [3, 4, 7, 8, 9, 10, 11, 12]);
    assert_eq!(kept(21), [2, 3, 7, 8, 9, 10, 11, 12]);
    assert_eq!(kept(0), [7, 8, 9, 10, 11, 12]);
}

fn monitor(seed: u8, name: &str) -> NoteSigner {
    NoteSigner::new(SoftwareSigner::generate(&mut [seed; 32], name)).unwrap()
}

#[test]
fn only_a_listed_monitors_good_note_is_kept() {
    let home = Home::new("notes");
    snapshots::take(&home.registry, &NoStops).unwrap();
    let signed = Statement::parse(&home.statement()).unwrap().snapshot.credential;
    let note = |monitor: &NoteSigner| {
        rebuild::vouch(
            &signed,
            "registry.example/log",
            home.registry.clock.now(),
            monitor,
        )
        .unwrap()
    };
    let kept = || Statement::parse(&home.statement()).unwrap().monitors;
    let (known, stranger) = (monitor(1, "monitor.example/1"), monitor(2, "monitor.example/2"));
    let good = note(&known);
    let refused = |text: &str| keep_note(&home.registry, text).unwrap_err().to_string();
    assert!(refused(&good).contains("monitors.txt"));
    let list = home.registry.data.as_ref().unwrap().trust().join("monitors.txt");
    let many: Vec<NoteSigner> = (10..27)
        .map(|seed| monitor(seed, &format!("monitor.example/{seed}")))
        .collect();
    let keys: String = std::iter::once(&known)
        .chain(&many)
        .map(|key| format!("{}\n", key.verifier()))
        .collect();
    std::fs::write(list, keys).unwrap();

    assert!(refused(&note(&stranger)).contains("monitors.txt"));
    // One line of a stranger beside a good one is not handed out; what says the same twice is kept once.
    let line = note(&stranger).lines().last().unwrap().to_owned();
    let both = format!("{good}{line}\n");
    for text in [&good, &both] {
        assert_eq!(keep_note(&home.registry, text).unwrap(), ["monitor.example/1"]);
        assert_eq!(kept(), std::slice::from_ref(&good));
    }
    // A line in the same name that does not verify takes no good one's place.
    let forged = good.replace("2026-10-09T01", "2026-10-09T02");
    refused(&forged);
    let namesake = note(&monitor(3, "monitor.example/1"));
    refused(&namesake);
    assert_eq!(kept(), std::slice::from_ref(&good));

    for other in many.iter().take(15) {
        keep_note(&home.registry, &note(other)).unwrap();
    }
    assert!(refused(&note(&many[15])).contains("16"));
    keep_note(&home.registry, &good).unwrap();
    assert_eq!(kept().len(), 16);
}

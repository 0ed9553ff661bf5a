//! A database and a signer's memory that both come back as of yesterday: nothing on the machine knows, and
//! the witnesses do.

use std::fs;
use std::path::Path;

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

use super::*;
use chengxin::registry::publish::{PublishError, Publisher};
use chengxin::registry::witness::{self, WitnessError};

use crate::support::command::chengxin;
use crate::support::stopped::ends;

crate::on_both_databases!(yesterdays_copy);

fn yesterdays_copy(database: Option<&str>) {
    let world = Witnessed::new("rolled-back", database);
    let data = world.data();
    let Witnessed {
        registry,
        trio: _trio,
        clock,
        dir,
    } = world;
    // Yesterday's copy of everything that the machine has, taken while nothing runs.
    drop(registry);
    let copied = copy_database(&dir, database);
    let mark = fs::read(data.keys().join("high-water")).unwrap();
    let open = |url: Option<&str>| {
        Registry::open(Some(&data), url)
            .unwrap()
            .with_clock(clock.clone())
    };
    let registry = open(database);
    freshness::refresh(&registry, &NoStops).unwrap();
    drop(registry);
    let url = put_back(&dir, copied);
    fs::write(data.keys().join("high-water"), mark).unwrap();

    let registry = open(url.as_deref());
    let refused = |error: &WitnessError| matches!(error, WitnessError::Ahead { .. });
    assert!(refused(&witness::at_start(&registry).unwrap_err()));
    let signed = Publisher::open(&registry, &NoStops).err();
    assert!(
        matches!(&signed, Some(PublishError::Witness(error)) if refused(error)),
        "{signed:?}"
    );
    drop(registry);
    for words in [vec!["serve", "--listen", "127.0.0.1:0"], vec!["publish"]] {
        let mut command = chengxin();
        command.args(&words).arg("--data").arg(data.path());
        if let Some(url) = &url {
            command.args(["--database-url", url]);
        }
        let ran = ends(&mut command).code(1);
        assert!(
            ran.stderr.contains("it is an older copy") && ran.stderr.contains("has cosigned"),
            "{words:?}: {}",
            ran.stderr
        );
    }
}

const FILES: [&str; 3] = ["chengxin.db", "chengxin.db-wal", "chengxin.db-shm"];

/// The name of the copy of a PostgreSQL database; SQLite files go to a folder beside.
fn copy_database(dir: &TempDir, database: Option<&str>) -> Option<String> {
    let Some(url) = database else {
        let (from, to) = (dir.join("registry"), dir.join("yesterday"));
        fs::create_dir_all(&to).unwrap();
        move_files(&from, &to, true);
        return None;
    };
    let name = url.split('/').nth(3).unwrap().split('?').next().unwrap();
    let copy = format!("{name}_yesterday");
    let mut conn = PgConnection::establish(&url.replace(name, "postgres")).unwrap();
    // The pool's connections end a moment after it was dropped.
    until("the database can be copied", || {
        sql_query(format!("CREATE DATABASE {copy} TEMPLATE {name}"))
            .execute(&mut conn)
            .is_ok()
    });
    Some(url.replace(name, &copy))
}

/// Puts the copy in the place of the database; gives the URL to open.
fn put_back(dir: &TempDir, copied: Option<String>) -> Option<String> {
    if copied.is_none() {
        move_files(&dir.join("yesterday"), &dir.join("registry"), false);
    }
    copied
}

fn move_files(from: &Path, to: &Path, keep: bool) {
    for file in FILES {
        let (from, to) = (from.join(file), to.join(file));
        if to.exists() {
            fs::remove_file(&to).unwrap();
        }
        if from.exists() {
            fs::copy(&from, to).unwrap();
            if !keep {
                fs::remove_file(from).unwrap();
            }
        }
    }
}

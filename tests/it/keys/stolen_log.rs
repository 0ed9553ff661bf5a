//! The theft of a log key on the command line: a city after its year, its bundles, statement, bulk file, mirror
//! and backup before and after.

use std::fs;
use std::path::Path;

use chengxin::registry::key_ceremony::CeremonyError;
use chengxin::registry::publish::NoStops;
use chengxin::registry::{check, fsck, key_ceremony, succession};
use serde_json::Value;

use super::{holds, publish_one, soon};
use crate::faults::{change, drop_triggers, number};
use crate::monitor::{clean, is, look};
use crate::support::city::City;
use crate::support::command::{collect, run, verify};
use crate::support::registry::Fixture;
use crate::support::server::Server;

crate::on_both_databases!(a_city_goes_on, a_second_theft);

#[cfg(feature = "failpoints")]
crate::on_both_databases!(a_succession_that_was_killed);

/// What `chengxin verify` says of a file under a trust folder: its exit code and reasons.
fn judged(file: &str, trust: &Path) -> (i32, String) {
    let ran = verify([file, "--trust", &trust.display().to_string(), "--json"]);
    (ran.code.unwrap_or(-1), ran.stdout)
}

fn a_city_goes_on(database: Option<&str>) {
    let city = City::new("stolen-log", database, 60);
    let summary = city.demo();
    let code = summary.samples["A"].clone();
    let export = |name: &str, what: &[&str]| {
        let file = city.path(name);
        city.run(&[&["export"], what, &["-o", &file]].concat()).ok();
        file
    };
    let of_employer = |what| vec![what, "--code", code.as_str()];
    let old = export("old.json", &of_employer("bundle"));
    let trust = city.data().join("trust");
    let handed = city.dir.join("trust-of-before");
    city.run(&["keys", "export-trust", "-o", &handed.display().to_string()])
        .ok();
    let mirror = city.dir.join("mirror");
    let server = Server::start(&city.data(), database);
    clean(&look(server.address(), &mirror, &handed, &[]));
    assert_eq!(server.terminate(), Some(0));
    city.save("before");

    let file = city.path("succession.note");
    city.run(&["keys", "succeed", "--prepare", &file]).ok();
    for n in [1, 3] {
        let root = city
            .data()
            .join(format!("keys/root-{n}.pem"))
            .display()
            .to_string();
        let said = run(["keys", "sign", &file, "--root", &root]).ok();
        assert!(said.contains("/log2"), "{said}");
    }
    city.run(&["keys", "publish", &file]).ok();
    city.run(&["log", "fsck"]).ok();
    city.run(&["snapshot", "take"]).ok();
    let listed = city.run(&["keys", "list"]).ok();
    assert!(listed.contains("/log2+"), "{listed}");

    // Old and new files, by the new trust folder; new ones by the old.
    assert_eq!(judged(&old, &trust).0, 0);
    let new = export("new.json", &of_employer("bundle"));
    let statement = export("statement.json", &of_employer("statement"));
    let bulk = export("bulk.ndjson", &["bulk"]);
    for file in [&new, &statement, &bulk] {
        let (code, said) = judged(file, &trust);
        assert_eq!(code, 0, "{file}: {said}");
    }
    let (code, said) = judged(&new, &handed);
    assert_eq!(code, 1);
    assert!(
        said.contains("\"log-unknown\"") && said.contains("\"unknown-log\""),
        "{said}"
    );

    // The server goes on, and so does the mirror; one that has the old folder alarms.
    let server = Server::start(&city.data(), database);
    let alarmed = look(server.address(), &city.dir.join("stranger"), &handed, &[]);
    is(&alarmed, 12, "head");
    let seen = look(server.address(), &mirror, &trust, &[]);
    clean(&seen);
    assert!(
        seen.1["origin"].as_str().unwrap().ends_with("/log2"),
        "{}",
        seen.1
    );
    assert_eq!(server.terminate(), Some(0));
    // Yesterday's database is brought up to date across the succession, from a copy with bodies.
    if database.is_none() {
        let copy = city.path("copy");
        city.run(&["export", "log", &copy, "--bodies"]).ok();
        city.save("now");
        city.restore_database("before");
        let refused = city.run(&["publish"]).code(1).stderr;
        assert!(refused.contains("/log2"), "{refused}");
        city.run(&["log", "catch-up", "--from", &copy]).ok();
        city.run(&["publish"]).ok();
        let caught = export("caught-up.json", &of_employer("bundle"));
        assert_eq!(judged(&caught, &trust).0, 0);
        city.restore("now");
    }

    // A backup of now is whole elsewhere; yesterday's keys beside today's database do not serve.
    let backup = city.path("backup");
    city.run(&["backup", "-o", &backup]).ok();
    if database.is_none() {
        let there = city.path("there");
        run(["restore", &backup, "--data", &there]).ok();
        run(["log", "fsck", "--data", &there]).ok();
        fs::rename(city.data().join("keys"), city.dir.join("keys-of-now")).unwrap();
        fs::rename(city.dir.join("before/keys"), city.data().join("keys")).unwrap();
        let refused = collect(
            city.command(&["serve", "--listen", "127.0.0.1:0"])
                .env_remove("RUST_LOG"),
        )
        .code(1);
        assert!(refused.stderr.contains("log2"), "{}", refused.stderr);
    }
}

/// The successor's key is rotated, and stolen too.
fn a_second_theft(database: Option<&str>) {
    let fixture = Fixture::new("second-theft", database);
    let registry = &fixture.registry;
    let signed = || {
        let note = succession::prepare(registry).unwrap().note;
        [1, 3].iter().fold(note, |note, n| {
            let root = registry.keys().unwrap().root(*n).unwrap();
            key_ceremony::sign(note.as_bytes(), &root).unwrap().0
        })
    };
    let publish = |note: &str| succession::publish(registry, note, &NoStops);
    let succeed = || publish(&signed()).unwrap();
    let mut rows = Vec::new();
    let outdated = signed();
    rows.push(publish_one(registry, "1").unwrap());
    let note = signed();
    publish(&note).unwrap();
    // The document is run again without harm; one that was signed before it names another beginning.
    publish(&note).unwrap();
    let refused = publish(&outdated).unwrap_err();
    assert!(matches!(refused, CeremonyError::OtherLog(_)), "{refused:?}");
    registry.trust().unwrap();
    rows.push(publish_one(registry, "2").unwrap());
    let added = key_ceremony::overlap_log(registry, &NoStops).unwrap();
    assert!(added.contains("/log2+"), "{added}");
    key_ceremony::end_overlap(registry, &NoStops).unwrap();
    rows.push(publish_one(registry, "3").unwrap());
    let done = succeed();
    assert!(done.key.contains("/log3+"), "{done:?}");
    rows.push(publish_one(registry, "4").unwrap());
    for row in &rows {
        holds(registry, row, soon(registry));
    }
    assert_eq!(fsck::run(registry, &|_, _| ()).unwrap().findings, []);
    check::at_start(registry).unwrap();
    // A registry restored from a backup has the newest mark alone, and goes on with the newest log.
    let keys = registry.data.as_ref().unwrap().keys();
    for ended in ["high-water", "high-water-log2"] {
        std::fs::remove_file(keys.join(ended)).unwrap();
    }
    check::at_start(registry).unwrap();
    rows.push(publish_one(registry, "5").unwrap());
    holds(registry, rows.last().unwrap(), soon(registry));
    let trust = registry.trust().unwrap();
    let logs: Vec<&str> = trust.policy.logs().iter().map(|key| key.name()).collect();
    let host = registry.host.as_str();
    assert_eq!(
        logs,
        ["log3", "log2", "log", "log2"].map(|log| format!("{host}/{log}"))
    );
    if database.is_some() {
        return;
    }
    // Somebody who owns the database serves a head of the log that ended.
    let conn = &mut *registry.store.conn().unwrap();
    drop_triggers(conn);
    let newest = number(conn, "SELECT MAX(size) AS value FROM served_checkpoint");
    let old = number(
        conn,
        "SELECT MIN(size) AS value FROM checkpoint WHERE note LIKE '%/log2%'",
    );
    let note = format!("(SELECT note FROM checkpoint WHERE size = {old})");
    change(
        conn,
        &format!("UPDATE checkpoint SET note = {note} WHERE size = {newest}"),
    );
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    let named = format!("served_checkpoint {newest}");
    assert!(
        report.findings.iter().any(|one| one.row == named),
        "{:?}",
        report.findings
    );
}

#[cfg(feature = "failpoints")]
fn a_succession_that_was_killed(database: Option<&str>) {
    use crate::support::stopped::Stopped;

    // What `chengxin publish` makes of it, before the import is run again: nothing, or the rest.
    let all = [
        ("succession-sealed", 1),
        ("succession-trust-written", 1),
        ("intent-journalled", 1),
        ("storing", 1),
        ("stored", 0),
        ("mark-raised", 0),
        ("head-signed", 0),
        ("moving-head", 0),
        ("head-moved", 0),
        ("succession-retired", 0),
    ];
    for (step, code) in if database.is_some() { &all[4..5] } else { &all[..] } {
        let fixture = Fixture::new("killed-succession", database);
        let registry = &fixture.registry;
        let mut note = succession::prepare(registry).unwrap().note;
        for n in [1, 2] {
            let root = registry.keys().unwrap().root(n).unwrap();
            note = key_ceremony::sign(note.as_bytes(), &root).unwrap().0;
        }
        let file = fixture.dir.join("succession.note");
        fs::write(&file, note).unwrap();
        let command = |words: &[&str]| {
            let mut command = crate::support::command::chengxin();
            command.args(words).args(fixture.data());
            if let Some(url) = database {
                command.args(["--database-url", url]);
            }
            command
        };
        let file = file.display().to_string();
        Stopped::at(&mut command(&["keys", "publish", &file]), step, 1).kill();
        let said = collect(&mut command(&["publish"])).code(*code);
        assert!(
            *code == 0 || said.stderr.contains("keys publish"),
            "at {step}: {}",
            said.stderr
        );
        collect(&mut command(&["keys", "publish", &file])).ok();
        collect(&mut command(&["publish"])).ok();
        let report = fsck::run(registry, &|_, _| ()).unwrap();
        assert_eq!(report.findings, [], "at {step}");
        let conn = &mut *registry.store.conn().unwrap();
        let acts = "SELECT COUNT(*) AS value FROM audit WHERE action = 'log.succeed'";
        assert_eq!(number(conn, acts), 1, "at {step}");
        let origin = chengxin::store::log::head::read(conn).unwrap().origin;
        assert!(origin.ends_with("/log2"), "at {step}");
        assert!(
            !registry.data.as_ref().unwrap().keys().join("log.pem").exists(),
            "at {step}"
        );
    }
}

/// The reasons are words of their own, so that a program tells a thief's head from an unknown log.
#[test]
fn the_words_are_told_apart() {
    let shared: Value = serde_json::from_str(include_str!("../../vectors/bundle/axes.json")).unwrap();
    let of = |name: &str| {
        let case = shared
            .as_array()
            .unwrap()
            .iter()
            .find(|case| case["name"] == name);
        case.unwrap()["axes"]["logged"].clone()
    };
    assert_eq!(of("successor-unknown"), "fails log-unknown");
    assert_eq!(of("log-frozen"), "fails log-frozen");
    assert_eq!(of("frozen-unproved"), "undecided frozen-unproved");
}

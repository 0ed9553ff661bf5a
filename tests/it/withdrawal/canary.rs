//! A name that stands in a withdrawn listing alone is found nowhere any more: not by any GET of the route
//! table, not by search, not in any export.
//!
//! The database file is another matter, and not promised: the authority's own file (`blacklist_case`,
//! `batch_item`) must keep the facts (domain.md B.3), in clear, behind accounts. What is promised here is
//! that no row from which anything is published holds them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chengxin::domain::withdrawal::Cause;
use chengxin::record::credential::{self, Subject};
use chengxin::registry::dump::manifest::Manifest;
use chengxin::web::{api, routes};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};

use crate::status::story::signed_in;
use crate::status::told::{Town, id};

use crate::support::http::Visitor;

use super::{accounts, done, listings, propose, release, rename};

crate::on_both_databases!(nowhere);

fn nowhere(database: Option<&str>) {
    let town = Town::new("canary", database);
    let (whom, record) = listings(&town.registry).remove(0);
    let facts = credential::read(&record.bytes).unwrap().facts().unwrap();
    let Subject::Blacklist(facts) = facts else {
        panic!("a listing")
    };
    rename(&town, &whom);
    let mut canaries: Vec<String> = facts
        .responsible_persons
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(!canaries.is_empty());
    canaries.extend([
        facts.employer.name.to_string(),
        facts.document_number.to_string(),
        facts.pay_order.number.to_string(),
    ]);
    let here = format!("/records/{}", id(&record));
    let shown = town.public(&here).text().to_owned();
    assert!(
        canaries.iter().all(|canary| shown.contains(canary)),
        "{canaries:?}"
    );
    let others = others(&town, &record);
    canaries.retain(|canary| !others.contains(canary.as_str()));
    assert!(canaries.len() >= 3, "in no other record: {canaries:?}");

    town.city.run(&["dump"]).ok();
    let before = dump_files(&town);
    let held = |path: &String| {
        let text = opened(path, &town.partner(path).body);
        canaries.iter().any(|canary| text.contains(canary.as_str()))
    };
    assert!(before.iter().any(held), "dumps hold it: {before:?}");

    let code = whom.code.clone().unwrap();
    let mut places = Places {
        code: &code,
        record: &id(&record).to_string(),
        batch: record.batch_id.as_deref().unwrap(),
        files: before.clone(),
    };
    let [proposer, _] = accounts(&town, &record);
    let mut officer = signed_in(&town, &proposer.login);
    shown_before(&town, &mut officer, &paths(&town, &places, &canaries), &canaries);

    let batch = propose(&town, &record, Cause::Correction).unwrap();
    release(&town, &record, &batch);
    for path in &before {
        let (public, partner) = (town.public(path).status, town.partner(path).status);
        assert!(
            [404, 503].contains(&public) && [404, 503].contains(&partner),
            "{path}"
        );
    }
    // A snapshot that no longer counts it, and a dump of that.
    done(&town, &["publish"]);
    done(&town, &["dump"]);
    places.files = dump_files(&town);
    let paths = paths(&town, &places, &canaries);
    assert!(paths.iter().any(|path| path.ends_with("records.ndjson.zst")));
    for path in &paths {
        let answers = [
            town.public(path),
            town.partner(path),
            officer.get(&town.url(path)),
        ];
        for (who, answer) in ["public", "partner", "officer"].iter().zip(answers) {
            assert!(answer.status < 500, "{path}");
            clean(&format!("{path} to {who}"), &answer.body, &canaries, path);
        }
    }
    asked(&town, &code, &canaries);
    let (records, bulk, log) = (town.city.path("r"), town.city.path("b"), town.city.path("l"));
    town.city.run(&["export", "records", "-o", &records]).ok();
    town.city.run(&["export", "bulk", "-o", &bulk]).ok();
    town.city.run(&["export", "log", &log]).ok();
    let (statement, mirror) = (town.city.path("s"), town.city.path("mirror"));
    town.city
        .run(&["export", "statement", "--code", &code, "-o", &statement])
        .ok();
    fs::write(&mirror, mirrored(&town)).unwrap();
    for words in [&["quarantine", "list"][..], &["withdraw", "list"]] {
        clean(
            &words.join(" "),
            town.city.run(words).ok().as_bytes(),
            &canaries,
            "",
        );
    }
    files(Path::new(&records), &canaries);
    files(Path::new(&bulk), &canaries);
    files(Path::new(&log), &canaries);
    files(Path::new(&statement), &canaries);
    files(Path::new(&mirror), &canaries);
    bodies(&town, &canaries);
}

/// Every other record, as text.
fn others(town: &Town, record: &chengxin::store::log::body::Body) -> String {
    let all = town.city.records();
    let own = id(record).to_string();
    all.lines().filter(|line| !line.contains(&own)).collect()
}

/// The same walk finds the canaries while they may be shown: on every surface that has them.
fn shown_before(town: &Town, officer: &mut Visitor, paths: &[String], canaries: &[String]) {
    let mut found = BTreeSet::new();
    for path in paths {
        let answers = [
            town.public(path),
            town.partner(path),
            officer.get(&town.url(path)),
        ];
        for answer in answers {
            let text = opened(path, &answer.body);
            if canaries.iter().any(|canary| text.contains(canary.as_str())) {
                found.insert(path.split(['?', '%']).next().unwrap());
            }
        }
    }
    for surface in [
        "/employers/",
        "/api/v1/employers/",
        "/api/v1/changes",
        "/records/",
        "/officer/batches/",
        "/items/",
        "/bundle",
        "/statement",
        "/latest",
        ".ndjson.zst",
        ".csv",
    ] {
        let has = |path: &&str| path.contains(surface);
        assert!(found.iter().any(has), "{surface} shows it before: {found:?}");
    }
}

/// What the parameters of a route are filled with.
pub(super) struct Places<'p> {
    pub code: &'p str,
    pub record: &'p str,
    pub batch: &'p str,
    pub files: Vec<String>,
}

/// The addresses of the files of the newest dumps, the public's and the partners'.
pub(super) fn dump_files(town: &Town) -> Vec<String> {
    let path = "/api/v1/dumps/latest";
    let manifests = [town.public(path), town.partner(path)].map(|answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        Manifest::of_note(&answer.body).unwrap()
    });
    let files = manifests.iter().flat_map(|manifest| &manifest.files);
    files.map(|file| file.url.clone()).collect()
}

/// A body as text, taken out of its compression.
fn opened(path: &str, bytes: &[u8]) -> String {
    let compressed = path.ends_with(".zst") && bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let plain = if compressed {
        zstd::decode_all(bytes).unwrap()
    } else {
        bytes.to_vec()
    };
    String::from_utf8_lossy(&plain).into_owned()
}

/// A look-up is a question in a POST, and reads all the same.
fn asked(town: &Town, code: &str, canaries: &[String]) {
    let body = format!("{{\"codes\":[\"{code}\"]}}");
    let answer = Visitor::new().post_json(&town.url("/api/v1/employers/lookup"), &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    clean("a look-up", &answer.body, canaries, "");
}

/// What a partner's mirror holds that reads all changes from the beginning.
fn mirrored(town: &Town) -> Vec<u8> {
    let (mut all, mut since) = (Vec::new(), 0);
    loop {
        let answer = town.partner(&format!("/api/v1/changes?since={since}&limit=50"));
        let page = answer.json();
        all.extend_from_slice(&answer.body);
        since = page["next"].as_i64().unwrap();
        if page["next"] == page["logSize"] {
            return all;
        }
    }
}

/// Every GET of the two route tables, with parameters that lead to the record, its employer, its batch.
pub(super) fn paths(town: &Town, places: &Places<'_>, canaries: &[String]) -> Vec<String> {
    let size: u64 = {
        let conn = &mut *town.registry.store.conn().unwrap();
        chengxin::store::log::checkpoint::served_size(conn)
            .unwrap()
            .try_into()
            .unwrap()
    };
    let mut paths = Vec::new();
    for route in routes::ROUTES.iter().chain(api::ROUTES) {
        if route.method != "GET" {
            continue;
        }
        if route.path == "/api/v1/dumps/{dump}/{file}" {
            paths.extend(places.files.iter().cloned());
            continue;
        }
        let id = if route.path.contains("/batches/") {
            places.batch
        } else {
            places.record
        };
        let fill = |path: &str, position: usize| {
            path.replace("{code}", places.code)
                .replace("{id}", id)
                .replace("{position}", &position.to_string())
                .replace("{name}", "site.css")
                .replace("{purpose}", "revocation")
                .replace("{n}", "1")
                .replace("entries/{path:.*}", &format!("entries/000.p/{}", size % 256))
                .replace("{path:.*}", &format!("0/000.p/{}", size % 256))
        };
        for position in 0..if route.path.contains("{position}") { 4 } else { 1 } {
            let path = fill(route.path, position);
            assert!(
                !path.contains('{'),
                "{} has a parameter that this test does not know",
                route.path
            );
            for lang in ["", "?lang=en", "?since=0&limit=1000", "?records=true"] {
                paths.push(format!("{path}{lang}"));
            }
            for day in ["2026-02-12", "2026-06-30", "2026-10-31", "2026-11-24"] {
                paths.push(format!("{path}?as_of={day}"));
                paths.push(format!("{path}?timestamp={day}T12:00:00Z"));
            }
            for canary in canaries {
                let word: String = canary.bytes().map(|byte| format!("%{byte:02X}")).collect();
                if ["/", "/api/v1/employers"].contains(&route.path) {
                    paths.push(format!("{path}?query={word}"));
                }
                if route.path.contains("/batches/") || route.path == "/officer" {
                    paths.push(format!("{path}?query={word}"));
                }
            }
        }
    }
    assert!(paths.len() > 30);
    paths
}

/// No canary in an answer; what was asked for may stand in the form that repeats it.
#[track_caller]
fn clean(what: &str, bytes: &[u8], canaries: &[String], path: &str) {
    let text = opened(path, bytes);
    for canary in canaries {
        let asked: String = canary.bytes().map(|byte| format!("%{byte:02X}")).collect();
        if !path.contains(&asked) {
            assert!(!text.contains(canary.as_str()), "{canary} in {what}");
        } else {
            assert!(!text.contains("/employers/9"), "{canary} finds somebody: {what}");
        }
    }
}

fn files(path: &Path, canaries: &[String]) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), canaries);
        }
    } else {
        clean(
            &path.display().to_string(),
            &fs::read(path).unwrap(),
            canaries,
            "",
        );
    }
}

#[derive(QueryableByName)]
struct Bytes {
    #[diesel(sql_type = sql_types::Binary)]
    bytes: Vec<u8>,
}

/// What is published comes from bodies; the archive's copy is sealed.
fn bodies(town: &Town, canaries: &[String]) {
    let conn = &mut town.city.database();
    for sql in [
        "SELECT bytes FROM body",
        "SELECT sealed AS bytes FROM archive",
        "SELECT entries AS bytes FROM entry_bundle",
    ] {
        let rows: Vec<Bytes> = sql_query(sql).load(conn).unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            clean(sql, &row.bytes, canaries, "");
        }
    }
}

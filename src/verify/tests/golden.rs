//! Golden files under `tests/vectors/bundle/`: a bundle, a bulk file and their trust folder, as a registry
//! without witnesses publishes them. Verifiers in other languages read them. Regenerated only on purpose:
//! `cargo test --no-default-features --lib verify::tests::golden -- --ignored`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::fixture::statement::{EMPLOYER, Employers};
use super::super::fixture::succession::signed;
use super::super::fixture::{Plan, World, at, now};
use super::super::{Axis, Finding, Options, check_bundle};
use super::succession::{succeeded, theft, with_current};
use crate::log::hash::Hash;
use crate::record::context;
use crate::record::digest::Digest;
use crate::record::entry::EntryKind;

/// A good bundle and one mutant for each axis, of a registry with witnesses, with the verdict on each: every
/// verifier must come to the same.
fn mutants() -> Vec<u8> {
    let plan = Plan::default;
    let world = World::new(&plan());
    let good = String::from_utf8(world.bundle(0).to_canonical().unwrap()).unwrap();
    let mut misplaced = world.bundle(0);
    misplaced.place.inclusion[0].0[0] ^= 1;
    let mut times = plan().times;
    times[2] = at(8, 36);
    let mut witnesses: [&'static [u8]; 5] = [&[1, 2]; 5];
    witnesses[3] = &[3];
    let mut early = plan().times;
    early[..3].fill(at(8, 25) - TimeDelta::days(2));
    let changed: [(&str, &str, Plan); 11] = [
        (
            "signature",
            "signature",
            Plan {
                edit: |record| record.replace("第1号", "第2号"),
                ..plan()
            },
        ),
        ("issuer-key", "issuer-key", Plan { roots: 1, ..plan() }),
        ("time", "time", Plan { times, ..plan() }),
        (
            "time-too-wide",
            "time",
            Plan {
                times: early,
                ..plan()
            },
        ),
        ("witnessed", "witnessed", Plan { witnesses, ..plan() }),
        (
            "suite-unknown",
            "syntax",
            Plan {
                edit: |record| record.replace("eddsa-jcs-2022", "ecdsa-jcs-2019"),
                ..plan()
            },
        ),
        (
            "status",
            "status",
            Plan {
                bits: [true, false, false],
                ..plan()
            },
        ),
        (
            "freshness",
            "freshness",
            Plan {
                listed: at(5, 0),
                ..plan()
            },
        ),
        // What an old list says of a suspension may have ended since; a withdrawal is for good.
        (
            "old-suspension",
            "freshness",
            Plan {
                listed: at(5, 0),
                bits: [false, true, false],
                ..plan()
            },
        ),
        (
            "old-revocation",
            "status",
            Plan {
                listed: at(5, 0),
                bits: [true, false, false],
                ..plan()
            },
        ),
        (
            "backdating",
            "backdating",
            Plan {
                created: at(8, 24) - TimeDelta::days(1),
                ..plan()
            },
        ),
    ];
    // The log's key is stolen: the log goes on as log2, and old bundles are judged by the new folder.
    let (across, _, new) = succeeded(&plan());
    let new = String::from_utf8(new.to_canonical().unwrap()).unwrap();
    let forged = across.thiefs_head(99, Hash([7; 32]), &[1, 2], at(20, 30));
    let forged = with_current(world.bundle(0), forged).to_canonical().unwrap();
    let unwitnessed = Plan::unwitnessed();
    let mut later_frozen = World::new(&unwitnessed);
    let smaller = later_frozen.bundle(0).to_canonical().unwrap();
    later_frozen.publish(EntryKind::Record, b"{}".to_vec());
    let frozen = later_frozen.sign_head(&[1], &[], at(20, 3));
    later_frozen.succeed(frozen, theft());
    let misplaced = misplaced.to_canonical().unwrap();
    let later = now() + TimeDelta::days(400);
    let strict = good.replacen('{', "{\"also\":1,", 1);
    let mut cases = vec![
        case(("good", "good"), &world, &good, now()),
        case(("syntax", "syntax"), &world, &strict, now()),
        case(
            ("logged", "logged"),
            &world,
            str::from_utf8(&misplaced).unwrap(),
            now(),
        ),
        case(("validity", "validity"), &world, &good, later),
        case(
            ("foreign", "syntax"),
            &world.to_another("other.example"),
            &good,
            now(),
        ),
        case(
            ("log-unknown", "logged"),
            &world.to_another("registry.example"),
            &good,
            now(),
        ),
        case(("successor", "good"), &across, &new, now()),
        case(("before-successor", "good"), &across, &good, now()),
        case(("successor-unknown", "logged"), &world, &new, now()),
        case(
            ("log-frozen", "logged"),
            &across,
            str::from_utf8(&forged).unwrap(),
            now(),
        ),
        case(
            ("frozen-unproved", "logged"),
            &later_frozen,
            str::from_utf8(&smaller).unwrap(),
            now(),
        ),
    ];
    for (name, axis, plan) in changed {
        let world = World::new(&plan);
        let file = world.bundle(0).to_canonical().unwrap();
        cases.push(case((name, axis), &world, str::from_utf8(&file).unwrap(), now()));
    }
    let world = World::new(&Plan {
        edit: super::withdrawal::withdrawal,
        ..plan()
    });
    let mut file = world.bundle(0);
    file.lists.clear();
    let file = file.to_canonical().unwrap();
    let file = str::from_utf8(&file).unwrap();
    cases.push(case(("withdrawal", "withdrawal"), &world, file, now()));
    lines(&cases)
}

/// An array with one case a line.
pub fn lines(cases: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n")).into_bytes()
}

/// `axis` is the one that is wrong, or `good`.
fn case((name, axis): (&str, &str), world: &World, file: &str, now: DateTime<Utc>) -> Value {
    let verdict = check_bundle(file.as_bytes(), &world.trust, &Options::at(now)).unwrap();
    let mut case = json!({
        "name": name,
        "axis": axis,
        "now": now.timestamp(),
        "file": file,
        "policy": world.policy,
        "issuer": serde_json::from_str::<Value>(&world.issuer).unwrap(),
        "context": context::text(&world.trust.issuer.host),
        "axes": told(verdict.findings()),
        "headline": verdict.headline().code(),
        "exitCode": verdict.outcome().exit_code(),
    });
    if let Some(text) = &world.successions {
        case["successions"] = serde_json::from_str(text).unwrap();
    }
    case
}

/// State and reason of each axis.
pub fn told<'v>(findings: impl Iterator<Item = (Axis, &'v Finding)>) -> BTreeMap<&'static str, String> {
    findings
        .map(|(axis, found)| {
            let words = format!("{} {}", found.state.code(), found.reason.code());
            (axis.code(), words)
        })
        .collect()
}

#[test]
fn each_mutant_fails_on_its_axis() {
    let cases: Vec<Value> = serde_json::from_slice(&mutants()).unwrap();
    assert_eq!(cases.len(), 23);
    for case in &cases {
        let (name, axis) = (case["name"].as_str().unwrap(), case["axis"].as_str().unwrap());
        let (code, state) = match name {
            "good" | "withdrawal" | "successor" | "before-successor" => (0, ""),
            // Nothing speaks against what is only too old, or logged at a time known too roughly.
            "time-too-wide" | "freshness" | "old-suspension" | "frozen-unproved" => (3, "undecided "),
            _ => (1, "fails "),
        };
        assert_eq!(case["exitCode"], code, "{name}");
        let found = case["axes"][axis].as_str().unwrap_or_default();
        assert!(found.starts_with(state), "{name}: {found}");
    }
    let named = |name: &str| cases.iter().find(|case| case["name"] == name).unwrap();
    assert_eq!(named("foreign")["headline"], "foreign");
    assert_eq!(named("log-unknown")["headline"], "unknown-log");
    assert_eq!(named("successor-unknown")["headline"], "unknown-log");
    assert_eq!(named("log-frozen")["axes"]["logged"], "fails log-frozen");
    assert_eq!(
        named("frozen-unproved")["axes"]["logged"],
        "undecided frozen-unproved"
    );
    assert_eq!(named("suite-unknown")["axes"]["syntax"], "fails suite-unknown");
    let wide = &named("time-too-wide")["axes"];
    assert_eq!(wide["time"], "undecided time-too-wide");
    assert_eq!(wide["backdating"], "undecided time-too-wide");
}

/// A succession document as it is logged: a note that two roots have signed.
fn succession() -> Vec<u8> {
    let document = World::new(&Plan::default()).freezing(4, theft());
    signed(&document, &[1, 3]).into_bytes()
}

fn files() -> Vec<(PathBuf, Vec<u8>)> {
    let mut world = World::new(&Plan::unwitnessed());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/bundle");
    let (bundle, bulk) = (world.bundle(0).to_canonical().unwrap(), world.bulk_file());
    let others = [
        "uscc:91500105MA5U000026",
        "uscc:91500105MA5U00003X",
        "reg:500105:500105000000017",
    ];
    let held = others.map(|name| (name, vec![Digest::of(name.as_bytes())]));
    let own = (EMPLOYER, (0..20).map(|record| world.digest(record)).collect());
    let employers = Employers::new(held.into_iter().chain([own]));
    world.take_snapshot(&employers, &[], |_| ());
    let statement = |name, records: &[usize]| {
        let statement = world.statement(&employers, name, records);
        statement.to_canonical().unwrap()
    };
    let (present, nothing) = (
        statement(EMPLOYER, &[0]),
        statement("uscc:91500105MA5U000042", &[]),
    );
    vec![
        (folder.join("bundle.json"), bundle),
        (folder.join("bulk.ndjson"), bulk),
        (folder.join("statement.json"), present),
        (folder.join("statement-nothing.json"), nothing),
        (folder.join("statements.json"), super::golden_statements::cases()),
        (folder.join("axes.json"), mutants()),
        (folder.join("succession.note"), succession()),
        (folder.join("trust/policy.txt"), world.policy.into_bytes()),
        (folder.join("trust/issuer.json"), world.issuer.into_bytes()),
    ]
}

#[test]
fn files_are_what_we_write() {
    for (path, bytes) in files() {
        assert!(
            fs::read(&path).unwrap() == bytes,
            "{} has changed",
            path.display()
        );
    }
}

#[test]
#[ignore = "writes the golden files"]
fn write() {
    for (path, bytes) in files() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

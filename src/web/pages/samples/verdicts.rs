//! Bundles, good and bad, with the Rust verifier's verdicts, for the browser's verifier to agree with.
//!
//! `CHENGXIN_VERDICTS=/tmp/verdicts.json cargo test writes_verdicts && node tests/browser/verdicts.mjs
//! /tmp/verdicts.json`

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::record::context;
use crate::verify::bundle::Bundle;
use crate::verify::fixture::{Plan, World, at, now};
use crate::verify::{Options, Verdict, check_bundle};

/// One file and the verdict on it.
#[derive(Serialize)]
struct Case {
    name: String,
    /// One letter a byte (Latin-1), so that broken UTF-8 survives.
    file: String,
    policy: String,
    issuer: serde_json::Value,
    context: String,
    /// Seconds since 1970.
    now: i64,
    /// `state reason` by axis; none where the file is unusable.
    axes: Option<BTreeMap<&'static str, String>>,
}

fn case(name: &str, world: &World, file: &[u8], now: DateTime<Utc>) -> Case {
    let words = |verdict: Verdict| {
        let word = |(axis, finding): (crate::verify::Axis, &crate::verify::Finding)| {
            (
                axis.code(),
                format!("{} {}", finding.state.code(), finding.reason.code()),
            )
        };
        verdict.findings().map(word).collect()
    };
    Case {
        name: name.to_owned(),
        file: file.iter().map(|byte| char::from(*byte)).collect(),
        policy: world.policy.clone(),
        issuer: serde_json::from_str(&world.issuer).unwrap(),
        context: context::text(&world.trust.issuer.host),
        now: now.timestamp(),
        axes: check_bundle(file, &world.trust, &Options::at(now))
            .ok()
            .map(words),
    }
}

fn plans() -> Vec<(&'static str, Plan)> {
    let plan = Plan::default;
    let mut times = [plan().times; 2];
    times[0][2] = at(8, 36);
    times[1][2] = at(8, 25) - TimeDelta::days(2);
    let [contradictory, wide] = times;
    let mut witnesses: [&'static [u8]; 5] = [&[1, 2]; 5];
    witnesses[3] = &[3];
    vec![
        ("good", plan()),
        ("unwitnessed", Plan::unwitnessed()),
        (
            "altered",
            Plan {
                edit: |record| record.replace("第1号", "第2号"),
                ..plan()
            },
        ),
        (
            "other method",
            Plan {
                edit: |record| record.replace("#key-1", "#key-2"),
                ..plan()
            },
        ),
        (
            "not a grade",
            Plan {
                edit: |record| record.replace("\"grade\":\"A\"", "\"grade\":\"a\""),
                ..plan()
            },
        ),
        ("one root", Plan { roots: 1, ..plan() }),
        ("no root", Plan { roots: 0, ..plan() }),
        ("three roots", Plan { roots: 3, ..plan() }),
        (
            "key expired",
            Plan {
                key_end: [Some(at(8, 35)), None],
                ..plan()
            },
        ),
        (
            "key revoked",
            Plan {
                key_end: [None, Some(at(8, 35))],
                ..plan()
            },
        ),
        (
            "key revoked later",
            Plan {
                key_end: [None, Some(at(8, 36))],
                ..plan()
            },
        ),
        (
            "times contradict",
            Plan {
                times: contradictory,
                ..plan()
            },
        ),
        (
            "times too wide",
            Plan {
                times: wide,
                ..plan()
            },
        ),
        ("quorum missing", Plan { witnesses, ..plan() }),
        (
            "list dated after",
            Plan {
                listed: at(21, 0),
                ..plan()
            },
        ),
        (
            "list stale",
            Plan {
                listed: at(5, 0),
                ..plan()
            },
        ),
        (
            "keys stale",
            Plan {
                updated: at(5, 0),
                ..plan()
            },
        ),
        (
            "revoked",
            Plan {
                bits: [true, false, false],
                ..plan()
            },
        ),
        (
            "suspended",
            Plan {
                bits: [false, true, false],
                ..plan()
            },
        ),
        (
            "replaced",
            Plan {
                bits: [false, false, true],
                ..plan()
            },
        ),
        (
            "list forged",
            Plan {
                list_signer: 43,
                ..plan()
            },
        ),
        (
            "created too early",
            Plan {
                created: at(8, 24) - TimeDelta::days(1),
                ..plan()
            },
        ),
        (
            "created after",
            Plan {
                created: at(8, 36),
                ..plan()
            },
        ),
    ]
}

/// A change to a good bundle, in one place.
type Change = fn(&mut Bundle);

fn changes() -> Vec<(&'static str, Change)> {
    vec![
        ("path", |b| b.place.inclusion[0].0[0] ^= 1),
        ("path too long", |b| b.place.inclusion.push(b.place.inclusion[0])),
        ("index", |b| b.place.index += 1),
        ("entry", |b| b.place.entry[0] = b'['),
        ("consistency", |b| b.checkpoints.after.consistency[0].0[0] ^= 1),
        ("heads swapped", |b| {
            b.checkpoints.before = b.checkpoints.after.clone()
        }),
        ("note", |b| b.checkpoints.current.note += "x"),
        ("keys missing", |b| b.keys.clear()),
        ("key misplaced", |b| b.keys[1].place.index -= 1),
        ("old keys only", |b| drop(b.keys.pop())),
        ("list missing", |b| drop(b.lists.pop())),
        ("list twice", |b| b.lists[2] = b.lists[1].clone()),
        ("list misplaced", |b| b.lists[1].place.index = 1),
    ]
}

#[test]
fn writes_verdicts() {
    let mut cases = Vec::new();
    for (name, plan) in plans() {
        let world = World::new(&plan);
        let file = world.bundle(0).to_canonical().unwrap();
        for (when, hours) in [
            ("", 0),
            (", a day later", 24),
            (", long ago", -48),
            (", next year", 24 * 400),
        ] {
            cases.push(case(
                &format!("{name}{when}"),
                &world,
                &file,
                now() + TimeDelta::hours(hours),
            ));
        }
    }
    let world = World::new(&Plan::default());
    for record in 0..20 {
        let file = world.bundle(record).to_canonical().unwrap();
        cases.push(case(&format!("record {record}"), &world, &file, now()));
    }
    for (name, change) in changes() {
        let mut bundle = world.bundle(0);
        change(&mut bundle);
        cases.push(case(name, &world, &bundle.to_canonical().unwrap(), now()));
    }
    let good = world.bundle(0).to_canonical().unwrap();
    let step = if std::env::var_os("CHENGXIN_VERDICTS").is_some() {
        5
    } else {
        499
    };
    for (at, bit) in (0..good.len())
        .step_by(step)
        .zip([1, 2, 4, 32, 128].into_iter().cycle())
    {
        let mut file = good.clone();
        file[at] ^= bit;
        cases.push(case(&format!("byte {at}, bit {bit}"), &world, &file, now()));
    }
    let unusable = cases.iter().filter(|case| case.axes.is_none());
    assert!(unusable.into_iter().all(|case| case.name.starts_with("byte")));
    if let Some(path) = std::env::var_os("CHENGXIN_VERDICTS") {
        std::fs::write(path, serde_json::to_vec(&cases).unwrap()).unwrap();
    }
}

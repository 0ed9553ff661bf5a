//! A mirror that is not what was written: every round says so by name, adds nothing to it and counts nothing.

use std::fs;
use std::path::Path;

use chengxin::record::credential::Audience;
use chrono::TimeDelta;
use serde_json::Value;

use super::forger::{Log, files};
use super::{Watch, clean, is};

/// A log of three bundles, with a body withdrawn and some that are for partners alone.
fn log() -> Log {
    let mut log = Log::new();
    for n in 0..600 {
        let audience = if n % 5 == 0 {
            Audience::Partners
        } else {
            Audience::Public
        };
        log.grade(n, audience);
    }
    log.erase(11);
    log.lists(&[]);
    log
}

/// The files that a damaged copy can have: what the head and the state speak of.
fn speaks_of(name: &str) -> bool {
    name.starts_with("tile/") || name.starts_with("private/bodies/") || name == "checkpoint"
}

fn named(round: &(i32, Value)) -> Vec<String> {
    let alarms = round.1["alarms"].as_array().unwrap().iter();
    alarms
        .map(|alarm| alarm["about"].as_str().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn is_damaged(round: &(i32, Value), file: &str) {
    is(round, 1, "mirror-damaged");
    assert!(
        named(round).iter().any(|about| about == file),
        "{file}: {:#}",
        round.1
    );
    assert_eq!(round.1["checked"], 0, "{file}");
    assert_eq!(round.1["added"], 0, "{file}");
}

/// Flips the middle byte.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

#[test]
fn every_file_of_a_mirror_is_looked_at() {
    let (mut log, watch) = (log(), Watch::new("monitor-damaged"));
    clean(&watch.see(&log));
    let mirror = watch.dir.join("mirror");
    let sound = files(&mirror);
    let names: Vec<&String> = sound.keys().filter(|name| speaks_of(name)).collect();
    assert_eq!(names.len(), 11, "{names:?}");
    for name in names {
        let path = mirror.join(name);
        let damages: [&dyn Fn(); 3] = [&|| flip(&path), &|| fs::remove_file(&path).unwrap(), &|| {
            fs::write(&path, &sound[name][..sound[name].len() - 1]).unwrap()
        }];
        for damage in damages {
            damage();
            is_damaged(&watch.see(&log), name);
            fs::write(&path, &sound[name]).unwrap();
        }
    }
    let round = watch.see(&log);
    clean(&round);
    assert_eq!(round.1["checked"], log.size());
    assert_eq!(round.1["rechecked"], log.size());
    assert!(round.1["recheckedAt"].is_string(), "{}", round.1);

    // Also where there is something to add.
    log.lists(&[]);
    let path = mirror.join("private/bodies/001");
    flip(&path);
    is_damaged(&watch.see(&log), "private/bodies/001");
    fs::write(&path, &sound["private/bodies/001"]).unwrap();
    clean(&watch.see(&log));
}

/// A body that no erasure names may not be taken out, though its file is well-formed.
#[test]
fn a_body_that_is_gone() {
    let (log, watch) = (log(), Watch::new("monitor-body-gone"));
    clean(&watch.see(&log));
    let path = watch.dir.join("mirror/private/bodies/000");
    let bytes = fs::read(&path).unwrap();
    let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let first = length(0) + 4;
    let mut without = bytes[..first].to_vec();
    without.extend([0; 4]);
    without.extend(&bytes[first + 4 + length(first)..]);
    fs::write(&path, without).unwrap();
    let round = watch.see(&log);
    is_damaged(&round, "private/bodies/000");
    assert!(
        round.1.to_string().contains("no erasure says so"),
        "{:#}",
        round.1
    );
}

/// Whoever does not ask for it gets it once a day all the same, and when the monitor starts.
#[test]
fn asked_for_and_by_itself() {
    let (log, watch) = (log(), Watch::new("monitor-recheck"));
    let at = log.now();
    let stage = super::forger::Stage::of(&log);
    clean(&watch.round(&stage.url(), at, &[]));
    let asked = watch.round(&stage.url(), at, &["--recheck"]);
    assert_eq!(asked.1["rechecked"], log.size());
    let next = at + TimeDelta::minutes(5);
    let started = watch.round(&stage.url(), next, &[]);
    assert_eq!(
        started.1["recheckedAt"].as_str().unwrap(),
        next.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
}

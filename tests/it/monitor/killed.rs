//! A monitor that is killed wherever it stands goes on as if nothing had happened.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use chengxin::record::credential::Audience;

use super::forger::{Log, Stage, files, honest};
use super::{Watch, clean};
use crate::support::command::chengxin;

#[test]
fn killed_at_every_request() {
    let mut log = Log::new();
    for n in 0..300 {
        log.grade(
            n,
            if n % 4 == 0 {
                Audience::Partners
            } else {
                Audience::Public
            },
        );
    }
    log.erase(10);
    log.lists(&[]);
    log.snapshot(|_| {});
    let whole = Watch::new("monitor-whole");
    let stage = Stage::of(&log);
    clean(&whole.round(&stage.url(), log.now(), &[]));
    let asked = stage.asked.lock().unwrap().len();
    assert!(asked > 10, "{asked}");
    let mirror = |watch: &Watch| {
        let mut files = files(&watch.dir.join("mirror"));
        // What only says when.
        files.retain(|name, _| name != "private/half" && name != "private/rechecked.json");
        files
    };
    let watch = Watch::new("monitor-killed");
    for stop in 1..=asked {
        let count = Arc::new(AtomicUsize::new(0));
        let (sender, reached) = mpsc::channel();
        let sender = std::sync::Mutex::new(sender);
        let silent = Stage::lying(&log, move |path, log| {
            if count.fetch_add(1, Ordering::SeqCst) + 1 < stop {
                return honest(path, log);
            }
            let _ = sender.lock().unwrap().send(());
            None
        });
        let mut child = chengxin()
            .args(["log", "monitor", &silent.url(), "--mirror"])
            .arg(watch.dir.join("mirror"))
            .arg("--trust")
            .arg(watch.dir.join("trust"))
            .args(["--at", &log.now().to_rfc3339()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A round that goes on from earlier ones may need fewer requests than there are.
        while reached.recv_timeout(Duration::from_millis(20)).is_err() {
            if child.try_wait().unwrap().is_some() {
                break;
            }
        }
        drop(child.kill());
        child.wait().unwrap();
    }
    clean(&watch.see(&log));
    let (one, other) = (mirror(&whole), mirror(&watch));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    assert!(one == other, "the mirrors differ");
}

/// However it came to where it is, the mirror is the same: no partial tile is left behind that a full one
/// replaces.
#[test]
fn in_steps_or_at_once() {
    let mut log = Log::new();
    let steps = Watch::new("monitor-steps");
    for size in [5, 255, 256, 257, 511, 513, 768] {
        while log.size() < size {
            log.hidden();
        }
        clean(&steps.see(&log));
    }
    let once = Watch::new("monitor-once");
    clean(&once.see(&log));
    let tiles = |watch: &Watch| {
        let mut files = files(&watch.dir.join("mirror"));
        files.retain(|name, _| {
            name.starts_with("tile") || name == "checkpoint" || name.starts_with("private/bodies")
        });
        files
    };
    let (steps, once) = (tiles(&steps), tiles(&once));
    // Of a tile that is still growing, every width that a reader may have been told of stays.
    let of_the_past: Vec<&String> = steps.keys().filter(|name| !once.contains_key(*name)).collect();
    assert_eq!(of_the_past, ["tile/1/000.p/1", "tile/1/000.p/2"]);
    assert!(once.iter().all(|(name, bytes)| steps.get(name) == Some(bytes)));
}

/// Again and again, until it is stopped: one line a round.
#[test]
fn every_second() {
    let log = Log::new();
    let (watch, stage) = (Watch::new("monitor-every"), Stage::of(&log));
    let mut child = chengxin()
        .args([
            "log",
            "monitor",
            &stage.url(),
            "--json",
            "--every",
            "1s",
            "--max-age",
            "99999d",
            "--mirror",
        ])
        .arg(watch.dir.join("mirror"))
        .arg("--trust")
        .arg(watch.dir.join("trust"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said: Vec<serde_json::Value> = lines
        .take(2)
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    drop(child.kill());
    child.wait().unwrap();
    assert_eq!(
        (&said[0]["first"], &said[1]["first"]),
        (&true.into(), &false.into())
    );
    assert_eq!(
        (&said[0]["outcome"], &said[1]["outcome"]),
        (&"clean".into(), &"clean".into())
    );
}

/// Two monitors never write into one folder.
#[test]
fn one_at_a_time() {
    let log = Log::new();
    let watch = Watch::new("monitor-busy");
    let held = chengxin::monitor::Mirror::open(&watch.dir.join("mirror")).unwrap();
    let (mirror, trust) = (
        watch.dir.join("mirror").display().to_string(),
        watch.dir.join("trust").display().to_string(),
    );
    let url = Stage::of(&log).url();
    let ran = crate::support::command::run(["log", "monitor", &url, "--mirror", &mirror, "--trust", &trust]);
    assert!(ran.code(1).stderr.contains("another monitor uses"));
    drop(held);
    clean(&watch.see(&log));
}

//! A monitor from outside: of registries that are in order, of a database that was rolled back, and of a log
//! whose owner lies in every way. That witnesses and the verifier refuse the same second history, each by its
//! own reason, is tested in `witness/fork.rs`; `forks.rs` shows one head to all three.

mod bounds;
mod clean;
mod damaged;
pub mod forger;
mod forks;
mod killed;
mod lies;
mod rolled_back;
mod successor;

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::support::command::run;
use crate::support::temp::TempDir;
use forger::{Log, Reply, Stage};

/// A monitor with its mirror and trust folder.
struct Watch {
    dir: TempDir,
}

impl Watch {
    /// One that has seen nothing yet, and trusts the forger's registry.
    fn new(label: &str) -> Self {
        let dir = TempDir::new(label);
        Log::trust(&dir);
        Self { dir }
    }

    /// A round at `url`, judged as of `at`; its exit code and what it says.
    fn round(&self, url: &str, at: DateTime<Utc>, more: &[&str]) -> (i32, Value) {
        let (mirror, trust) = (self.dir.join("mirror"), self.dir.join("trust"));
        look(
            url,
            &mirror,
            &trust,
            &[&["--at", &at.to_rfc3339()], more].concat(),
        )
    }

    /// A round at an honest server of a log, shortly after its newest entry.
    fn see(&self, log: &Log) -> (i32, Value) {
        self.round(&Stage::of(log).url(), log.now(), &[])
    }

    /// A round at a server that lies.
    fn hear(&self, log: &Log, lie: impl Fn(&str, &Log) -> Reply + Send + Sync + 'static) -> (i32, Value) {
        self.round(&Stage::lying(log, lie).url(), log.now(), &[])
    }
}

/// Runs the monitor once.
pub fn look(url: &str, mirror: &Path, trust: &Path, more: &[&str]) -> (i32, Value) {
    let (mirror, trust) = (mirror.display().to_string(), trust.display().to_string());
    let words = [
        "log", "monitor", url, "--mirror", &mirror, "--trust", &trust, "--once", "--json",
    ];
    let ran = run([&words, more].concat());
    let code = ran.code.unwrap();
    let said = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr));
    (code, said)
}

/// A round's exit code, which its words must bear out; `kind` is its gravest alarm.
#[track_caller]
pub fn is(round: &(i32, Value), code: i32, kind: &str) {
    let (found, said) = round;
    assert_eq!(
        (*found, &said["exitCode"]),
        (code, &Value::from(code)),
        "{said:#}"
    );
    let gravest = said["alarms"][0]["kind"].as_str().unwrap_or_default();
    assert_eq!(gravest, kind, "{said:#}");
}

/// A round that found nothing.
#[track_caller]
pub fn clean(round: &(i32, Value)) {
    is(round, 0, "");
    assert_eq!(round.1["outcome"], "clean");
}

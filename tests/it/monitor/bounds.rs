//! What a hostile server may cost: every answer, size and wait has its bound.

use std::fs;
use std::net::TcpListener;

use chengxin::log::hash::{Hash, node_hash};
use chengxin::record::credential::Audience;

use super::forger::{Log, Stage, honest};
use super::{Watch, clean, is};

fn log() -> Log {
    let mut log = Log::new();
    log.grade(1, Audience::Public);
    log
}

#[test]
fn answers_beyond_their_kind() {
    for wanted in [
        "/log/checkpoint",
        "/log/tile/0/000.p/5",
        "/log/tile/entries/000.p/5",
        "/status/revocation/1",
        "/log/keys",
    ] {
        let watch = Watch::new("monitor-long");
        let round = watch.hear(&log(), move |path, log| match path == wanted {
            true => Some((200, vec![b'a'; 1 << 20])),
            false => honest(path, log),
        });
        is(&round, 24, "oversized");
        let about = round.1["alarms"][0]["about"].as_str().unwrap();
        assert!(wanted.ends_with(about), "{wanted}: {about}");
        clean(&watch.see(&log()));
    }
    // A body that no page can hold, among others that are in order.
    let watch = Watch::new("monitor-long-body");
    let round = watch.hear(&log(), |path, log| match path.starts_with("/api/v1/changes") {
        true => Some((200, vec![b' '; (16 << 20) + 1])),
        false => honest(path, log),
    });
    is(&round, 24, "oversized");
    clean(&watch.see(&log()));
}

/// A log of one entry, repeated: its owner can sign the root of more of them than there are atoms to store them.
#[test]
fn a_size_that_nobody_could_mirror() {
    let log = log();
    let leaf = chengxin::log::hash::leaf_hash(&log.items[0].entry);
    let root = (0..60).fold(leaf, |hash: Hash, _| node_hash(&hash, &hash));
    let head = Log::sign(1 << 60, root);
    let watch = Watch::new("monitor-size");
    let lie = move |path: &str, log: &Log| match path {
        "/log/checkpoint" => Some((200, head.clone().into_bytes())),
        path => honest(path, log),
    };
    is(&watch.hear(&log, lie.clone()), 24, "oversized");
    clean(&watch.see(&log));
    let stage = Stage::lying(&log, lie);
    is(&watch.round(&stage.url(), log.now(), &[]), 24, "oversized");
    assert_eq!(
        stage.asked.lock().unwrap().len(),
        1,
        "nothing was asked for but the head"
    );
    // As many as it takes, if one says so.
    let watch = Watch::new("monitor-most");
    is(
        &watch.round(&Stage::of(&log).url(), log.now(), &["--most", "4"]),
        24,
        "oversized",
    );
    clean(&watch.round(&Stage::of(&log).url(), log.now(), &["--most", "5"]));
}

#[test]
fn nobody_there_or_somewhere_else() {
    let watch = Watch::new("monitor-gone");
    let log = log();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let round = watch.round(&format!("http://{port}"), log.now(), &[]);
    is(&round, 3, "");
    assert_eq!(round.1["outcome"], "undecided");
    for (status, body) in [(302, &b""[..]), (500, b""), (404, b""), (503, b"later")] {
        let round = watch.hear(&log, move |_, _| Some((status, body.to_vec())));
        is(&round, 3, "");
    }
    // Pages that are no pages.
    for body in [&b"<html>"[..], b"{}", b"{\"changes\":[[]]}", b"\xff"] {
        let round = watch.hear(&log, move |path, log| match path.starts_with("/api") {
            true => Some((200, body.to_vec())),
            false => honest(path, log),
        });
        is(&round, 3, "");
    }
    // Heads and tiles, and not one body: that is no question of single bodies.
    let mut many = log.clone();
    for n in 0..40 {
        many.grade(n, Audience::Public);
    }
    let none = Watch::new("monitor-none");
    let round = none.hear(&many, |path, log| match path.starts_with("/api") {
        true => Some((500, Vec::new())),
        false => honest(path, log),
    });
    is(&round, 3, "");
    assert_eq!(round.1["checked"], 0);
    // No time at all: nothing is lost.
    is(
        &watch.round(&Stage::of(&log).url(), log.now(), &["--longest", "0s"]),
        3,
        "",
    );
    clean(&watch.see(&log));
}

#[test]
fn what_the_monitor_itself_refuses() {
    use crate::support::command::run;
    let watch = Watch::new("monitor-usage");
    let log = log();
    clean(&watch.see(&log));
    let stage = Stage::of(&log);
    let (mirror, trust) = (watch.dir.join("mirror"), watch.dir.join("trust"));
    let (mirror, trust) = (mirror.display().to_string(), trust.display().to_string());
    let url = stage.url();
    let ran = |more: &[&str]| {
        let words = [
            "log", "monitor", &url, "--mirror", &mirror, "--trust", &trust, "--lang", "en",
        ];
        run([&words, more].concat())
    };
    let at = log.now().to_rfc3339();
    // Words for people, in either language.
    let text = ran(&["--at", &at]).ok();
    assert!(
        text.contains("all is well") && text.contains("credit.example/log 5"),
        "{text}"
    );
    let text = run([
        "log", "monitor", &url, "--mirror", &mirror, "--trust", &trust, "--lang", "zh", "--at", &at,
    ])
    .ok();
    assert!(text.contains("未发现异常"), "{text}");
    assert!(
        ran(&["--at", "2050-01-01T00:00:00Z"])
            .code(2)
            .stderr
            .contains("trust folder has expired")
    );
    let key = watch.dir.write("key", "cx_1");
    let key = key.display().to_string();
    assert!(
        ran(&["--at", &at, "--partner-key-file", &key])
            .code(2)
            .stderr
            .contains("without a partner's key")
    );
    assert!(
        ran(&["--at", &at, "--partner-key-file", "/nonexistent"])
            .code(2)
            .stderr
            .contains("/nonexistent")
    );
    run([
        "log",
        "monitor",
        "https://credit.example",
        "--mirror",
        &mirror,
        "--trust",
        &trust,
    ])
    .code(2);
    run(["log", "monitor", &url, "--mirror", &mirror, "--trust", &mirror]).code(2);
    // A memory that is gone while there is a checkpoint, and a damaged one.
    let state = watch.dir.join("mirror/private/state.json");
    fs::write(&state, "{}").unwrap();
    assert!(ran(&["--at", &at]).code(1).stderr.contains("damaged"));
    fs::remove_file(&state).unwrap();
    assert!(
        ran(&["--at", &at])
            .code(1)
            .stderr
            .contains("it is gone though there is a checkpoint")
    );
}

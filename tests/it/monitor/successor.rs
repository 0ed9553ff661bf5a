//! A log whose key was stolen, seen from outside: the mirror goes on with the successor, as far as the roots say
//! so and the tree is the same.

use chengxin::record::credential::Audience;

use super::forger::{Log, Reply, Stage};
use super::{Watch, clean, is};

/// A log of some records.
fn grown(first: u32) -> Log {
    let mut log = Log::new();
    for n in first..first + 10 {
        log.grade(n, Audience::Public);
    }
    log
}

/// The head of everything that a log has now, whatever it grows to.
fn showing(note: String) -> impl Fn(&str, &Log) -> Reply + Send + Sync + 'static {
    move |path, log| match path {
        "/log/checkpoint" => Some((200, note.clone().into_bytes())),
        path => Some(log.answer(path).map_or((404, Vec::new()), |body| (200, body))),
    }
}

#[test]
fn a_mirror_goes_on_with_the_successor() {
    let mut log = grown(0);
    let (watch, late) = (Watch::new("monitor-goes-on"), Watch::new("monitor-late"));
    clean(&watch.see(&log));
    let before = log.clone();
    log.grade(30, Audience::Public);
    let document = before.freezing(before.size(), before.root(before.size()));
    log.succeed(&document);
    log.grade(31, Audience::Public);
    is(&watch.see(&log), 12, "head");
    for watch in [&watch, &late] {
        Log::trust_after(&watch.dir, &document);
        let seen = watch.see(&log);
        clean(&seen);
        assert_eq!(seen.1["origin"], "credit.example/log2");
        assert_eq!(seen.1["size"], log.size());
    }
    // The frozen head again, honest as it was: the log that ended does not come back.
    let back = watch.hear(&log, showing(before.head()));
    is(&back, 12, "head");
    clean(&watch.see(&log));
}

#[test]
fn a_thiefs_log_is_a_fork() {
    let log = grown(0);
    let document = log.freezing(log.size(), log.root(log.size()));
    let mut thief = log.clone();
    thief.grade(40, Audience::Public);
    // Believed by a mirror before anybody knew, and shown to one that does.
    let (watch, knowing) = (Watch::new("monitor-thief"), Watch::new("monitor-knows"));
    clean(&watch.see(&thief));
    let mut honest = log.clone();
    honest.succeed(&document);
    honest.grade(41, Audience::Public);
    Log::trust_after(&watch.dir, &document);
    Log::trust_after(&knowing.dir, &document);
    is(&watch.see(&honest), 10, "fork");
    is(&knowing.see(&thief), 10, "fork");
    let other = Log::sign(log.size(), grown(50).root(log.size()));
    let fresh = Watch::new("monitor-other-root");
    Log::trust_after(&fresh.dir, &document);
    is(&fresh.hear(&log, showing(other)), 10, "fork");
}

#[test]
fn a_successor_of_another_tree_is_a_fork() {
    let (log, mut other) = (grown(0), grown(60));
    let document = log.freezing(log.size(), log.root(log.size()));
    other.succeed(&document);
    let (fresh, held) = (Watch::new("monitor-other-tree"), Watch::new("monitor-held-tree"));
    clean(&held.see(&log));
    for watch in [&fresh, &held] {
        Log::trust_after(&watch.dir, &document);
        is(&watch.see(&other), 10, "fork");
    }
    // So is one that does not even reach the frozen head.
    let short = Watch::new("monitor-short-tree");
    let later = log.freezing(log.size() + 9, log.root(log.size()));
    Log::trust_after(&short.dir, &later);
    is(&short.see(&other), 10, "fork");
}

#[test]
fn a_document_that_the_trust_folder_does_not_have() {
    let mut log = grown(0);
    let document = log.freezing(log.size(), log.root(log.size()));
    let another = log.freezing(log.size() - 1, log.root(log.size() - 1));
    log.succeed(&document);
    log.succeed(&another);
    let watch = Watch::new("monitor-other-document");
    Log::trust_after(&watch.dir, &document);
    let seen = watch.round(&Stage::of(&log).url(), log.now(), &[]);
    is(&seen, 21, "keys");
}

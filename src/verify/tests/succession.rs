//! A stolen log key: what a verifier makes of heads of the log that ended and of the one that goes on.

use std::io::Cursor;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::bundle::Bundle;
use super::super::fixture::succession::{signed, successor_key};
use super::super::fixture::{FIRST, Plan, World, at, log_key, options, record_by};
use super::super::succession::{generation, origin, parse_file, write_file};
use super::super::{
    Axis, Headline, Outcome, Reason, Refusal, SignatureCheck, State, Succession, SuccessionError, Trust,
    Verdict, check_bulk, check_bundle,
};
use crate::log::hash::Hash;
use crate::log::note::Note;
use crate::record::canonical;
use crate::record::credential::samples;
use crate::record::entry::EntryKind;

/// The moment of the theft.
pub(super) fn theft() -> DateTime<Utc> {
    at(20, 5)
}

pub(super) fn judged(bundle: &Bundle, trust: &Trust) -> Verdict {
    check_bundle(&bundle.to_canonical().unwrap(), trust, &options()).unwrap()
}

#[track_caller]
fn logged(verdict: &Verdict, state: State, reason: Reason) {
    let found = verdict.finding(Axis::Logged);
    assert_eq!((found.state, found.reason), (state, reason), "{verdict:?}");
}

/// The same bundle with another newest head.
pub(super) fn with_current(mut bundle: Bundle, note: String) -> Bundle {
    bundle.checkpoints.current.note = note;
    bundle
}

/// A world whose log went on, and the bundle of its first record before and after.
pub(super) fn succeeded(plan: &Plan) -> (World, Bundle, Bundle) {
    let mut world = World::new(plan);
    let (newest, old) = (world.newest(), world.bundle(0));
    world.succeed(4, theft());
    let head = world.sign_successor_head(plan.witnesses[4], at(20, 10));
    let new = world.bundle_of(FIRST, [2, 3, head], &[0, newest + 3], newest);
    (world, old, new)
}

#[test]
fn records_of_both_logs_hold_under_the_new_trust_folder() {
    for plan in [Plan::default(), Plan::unwitnessed()] {
        let (mut world, old, new) = succeeded(&plan);
        for bundle in [&old, &new] {
            let verdict = judged(bundle, &world.trust);
            assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
        }
        // A record that only the successor's heads cover, before its first and after.
        let lists = world.newest() - 1;
        let issuer = samples::signer();
        let record = world.publish(EntryKind::Record, record_by(&issuer, 77, at(20, 11)));
        let head = world.sign_successor_head(plan.witnesses[4], at(20, 20));
        for heads in [[4, head, head], [5, head, head]] {
            let bundle = world.bundle_of(record, heads, &[0, lists + 3], lists);
            let verdict = judged(&bundle, &world.trust);
            assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
        }
    }
}

#[test]
fn a_log_that_ended_does_not_come_back() {
    let (mut world, _, new) = succeeded(&Plan::default());
    let newest = world.newest() - 1;
    let head = world.sign_head(&[1], &[1, 2], at(20, 30));
    let back = world.bundle_of(FIRST, [2, 5, head], &[0, newest + 3], newest);
    logged(&judged(&back, &world.trust), State::Fails, Reason::LogFrozen);
    // A small head of the old one after one of the successor.
    let mut turned = new.clone();
    std::mem::swap(
        &mut turned.checkpoints.after.note,
        &mut turned.checkpoints.current.note,
    );
    logged(
        &judged(&turned, &world.trust),
        State::Fails,
        Reason::CheckpointsInconsistent,
    );
}

#[test]
fn a_thiefs_heads_are_refused() {
    for (plan, cosigned) in [(Plan::default(), &[1, 2][..]), (Plan::unwitnessed(), &[])] {
        let (world, old, _) = succeeded(&plan);
        let size = world.trust.successions[0].size;
        let larger = world.thiefs_head(size + 9, Hash([7; 32]), cosigned, at(20, 30));
        let other = world.thiefs_head(size, Hash([7; 32]), cosigned, at(20, 30));
        for note in [larger, other] {
            let verdict = judged(&with_current(old.clone(), note), &world.trust);
            logged(&verdict, State::Fails, Reason::LogFrozen);
            assert_eq!(verdict.headline(), Headline::Forged);
        }
        // He may also shorten the log: then it does not fit the heads before it.
        let smaller = world.thiefs_head(size - 1, Hash([7; 32]), cosigned, at(20, 30));
        let verdict = judged(&with_current(old, smaller), &world.trust);
        logged(&verdict, State::Fails, Reason::CheckpointsInconsistent);
    }
}

#[test]
fn what_is_older_than_the_frozen_head_needs_witnesses_or_a_newer_bundle() {
    let without = Plan::unwitnessed();
    for (plan, state, reason) in [
        (Plan::default(), State::Holds, Reason::Included),
        (without, State::Undecided, Reason::FrozenUnproved),
    ] {
        // An older head is the newest that the bundle has.
        let mut world = World::new(&plan);
        let old = world.bundle(0);
        world.publish(EntryKind::Record, b"{}".to_vec());
        let frozen = world.sign_head(&[1], plan.witnesses[4], at(20, 3));
        world.succeed(frozen, theft());
        logged(&judged(&old, &world.trust), state, reason);
    }
}

#[test]
fn only_the_new_trust_folder_knows_the_successor() {
    let (world, _, new) = succeeded(&Plan::default());
    let before = World::new(&Plan::default());
    let verdict = judged(&new, &before.trust);
    logged(&verdict, State::Fails, Reason::LogUnknown);
    assert_eq!(verdict.headline(), Headline::UnknownLog);
    // A policy that names both, and nothing that says where the first one ended.
    let half = world.trust_of(None);
    logged(&judged(&new, &half), State::Fails, Reason::LogUnknown);
}

#[test]
fn a_bulk_file_goes_across() {
    let (world, _, _) = succeeded(&Plan::default());
    let file = Cursor::new(world.bulk_across());
    let odd =
        |line, verdict: Verdict| assert_eq!(verdict.outcome(), Outcome::Accepted, "{line}: {verdict:?}");
    let report = check_bulk(file, &world.trust, &options(), SignatureCheck::Strict, odd).unwrap();
    assert_eq!(
        (report.records(), report.outcome()),
        (20, Some(Outcome::Accepted))
    );
}

#[test]
fn the_document_says_exactly_this() {
    let world = World::new(&Plan::default());
    let document = world.freezing(4, theft());
    let text = document.text().unwrap();
    assert_eq!(Succession::parse(&text).as_ref(), Ok(&document));
    assert!(Succession::is_text(&text));
    let note = signed(&document, &[1, 3]);
    assert!(Succession::is_note(note.as_bytes()));
    assert_eq!(
        Succession::open(note.as_bytes(), &world.trust.issuer),
        Ok(document.clone())
    );
    for (name, value) in [
        ("type", json!("LabourCreditBundle")),
        ("version", json!(2)),
        ("host", json!("other.example")),
        ("host", json!("")),
        ("oldOrigin", json!("registry.example/log2")),
        ("oldKeys", json!([])),
        ("oldKeys", json!([successor_key().1.to_string()])),
        ("oldKeys", json!(["x"])),
        ("newOrigin", json!("registry.example/log3")),
        ("newKey", json!(log_key(1).1.to_string())),
        ("size", json!(-1)),
        ("root", json!("AA==")),
        ("frozenAt", json!("2026-10-09T20:05:00.5Z")),
        ("more", json!(1)),
    ] {
        let mut members: Value = serde_json::from_str(&text).unwrap();
        members[name] = value;
        let changed = String::from_utf8(canonical::to_vec(&members).unwrap()).unwrap() + "\n";
        assert!(Succession::parse(&changed).is_err(), "{changed}");
    }
    let spaced = text.replacen(':', ": ", 1);
    assert_eq!(Succession::parse(&spaced), Err(SuccessionError::NotCanonical));
    for roots in [&[][..], &[2], &[9]] {
        let note = match roots {
            [] => {
                let (secret, public) = successor_key();
                let mut note = Note::unsigned(&text).unwrap();
                let sign =
                    |message: &[u8]| Ok::<_, ()>(ed25519_dalek::Signer::sign(&secret, message).to_bytes());
                note.sign(&public, sign).unwrap();
                note.to_string()
            }
            roots => signed(&document, roots),
        };
        let opened = Succession::open(note.as_bytes(), &world.trust.issuer);
        assert_eq!(opened, Err(SuccessionError::Roots), "{roots:?}");
    }
}

#[test]
fn origins_have_one_spelling() {
    let host = samples::host();
    for number in [1, 2, 3, 10] {
        assert_eq!(generation(&host, &origin(&host, number)), Some(number));
    }
    for wrong in [
        "log",
        "log1",
        "log0",
        "log02",
        "log-2",
        "log2x",
        "log+2",
        "log 2",
        "log99999999999",
    ] {
        let known = generation(&host, &format!("registry.example/{wrong}"));
        assert_eq!(known, (wrong == "log").then_some(1), "{wrong}");
    }
    assert_eq!(generation(&host, "other.example/log2"), None);
}

#[test]
fn a_trust_folder_tells_of_one_log_after_the_other() {
    let (world, _, _) = succeeded(&Plan::default());
    let issuer = &world.trust.issuer;
    let first = &world.trust.successions[0];
    let third = super::super::fixture::succession::key_of_log(3);
    let second = Succession {
        old_keys: vec![first.new_key.clone()],
        new_key: third,
        size: first.size + 5,
        ..first.clone()
    };
    let file = |row: &[&Succession]| {
        let notes: Vec<String> = row.iter().map(|one| signed(one, &[1, 2])).collect();
        write_file(&notes).unwrap()
    };
    let read = |text: &str| parse_file(text.as_bytes(), issuer);
    assert_eq!(read(&file(&[first, &second])).unwrap().len(), 2);
    for wrong in [&[&second][..], &[&second, first], &[first, first]] {
        assert!(read(&file(wrong)).is_err());
    }
    for wrong in ["", "{}", "[1]", "[\"\"]", "[[]]"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    // A folder that does not name the newest log's key.
    let lacks = world
        .trust
        .clone()
        .with_successions(file(&[first, &second]).as_bytes());
    let refusal = Refusal::from(lacks.unwrap_err());
    assert_eq!(refusal.reason, Reason::TrustSuccessions);
    let refusal = Refusal::from(world.trust.clone().with_successions(b"[1]").unwrap_err());
    assert_eq!(refusal.reason, Reason::TrustSuccessions);
}

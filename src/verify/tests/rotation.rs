//! Keys over the years: two rotations, a theft, an overlap of log keys, and a verifier ten years on.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::super::bundle::Bundle;
use super::super::check::judge_bundle;
use super::super::fixture::{World, at, issuer_key, list_by, log_key, record_by, signed_document};
use super::super::options::Options;
use super::super::trust::Trust;
use super::*;
use crate::record::credential::samples;
use crate::record::did::{KeyDocument, Method};
use crate::record::entry::EntryKind;
use crate::record::multikey;
use crate::record::signer::{Signer, SoftwareSigner};
use crate::record::status::StatusPurpose;

const QUORUM: &str = "group two 2 w1 w2 w3\nquorum two";

fn method(signer: &SoftwareSigner) -> Method {
    Method {
        id: signer.verification_method().to_owned(),
        key: multikey::usable(&signer.public_key()).unwrap(),
        expires: None,
        revoked: None,
    }
}

fn expires(signer: &SoftwareSigner, at: DateTime<Utc>) -> Method {
    Method {
        expires: Some(at),
        ..method(signer)
    }
}

fn revoked(signer: &SoftwareSigner, since: DateTime<Utc>) -> Method {
    Method {
        revoked: Some(since),
        ..method(signer)
    }
}

/// A registry whose days are told one by one.
struct Story {
    world: World,
    records: u32,
}

impl Story {
    fn new(quorum: &str, logs: &[u8]) -> Self {
        let mut world = World::empty(quorum, logs);
        world.sign_head(&[logs[0]], &[1, 2], at(0, 0));
        Self { world, records: 0 }
    }

    /// Logs a key document that is good for thirty days.
    fn keys(&mut self, updated: DateTime<Utc>, methods: &[Method]) -> u64 {
        let document = KeyDocument {
            host: samples::host(),
            updated,
            next_update: Some(updated + TimeDelta::days(30)),
            methods: methods.to_vec(),
        };
        self.world
            .publish(EntryKind::Keys, signed_document(&document, &[1, 3]))
    }

    /// Logs the three lists.
    fn lists(&mut self, signer: &SoftwareSigner, time: DateTime<Utc>) -> u64 {
        let [first, ..] = StatusPurpose::ALL.map(|purpose| {
            self.world
                .publish(EntryKind::StatusList, list_by(signer, purpose, time))
        });
        first
    }

    /// Logs a record between two heads of the log keys `logs`; its index and the heads' numbers.
    fn record(
        &mut self,
        signer: &SoftwareSigner,
        logs: &[u8],
        created: DateTime<Utc>,
        time: DateTime<Utc>,
    ) -> (u64, usize) {
        let before = self.world.sign_head(logs, &[1, 2], time - TimeDelta::minutes(1));
        let index = self
            .world
            .publish(EntryKind::Record, record_by(signer, self.records, created));
        self.records += 1;
        self.world.sign_head(logs, &[1, 2], time);
        (index, before)
    }

    fn bundle(&self, (index, before): (u64, usize), keys: &[u64], lists: u64, current: usize) -> Bundle {
        self.world
            .bundle_of(index, [before, before + 1, current], keys, lists)
    }
}

fn judged(bundle: &Bundle, trust: &Trust, now: DateTime<Utc>) -> Vec<(Axis, State, Reason)> {
    // What was written is what is read.
    let bundle = Bundle::parse(&bundle.to_canonical().unwrap()).unwrap();
    odd(&judge_bundle(&bundle, trust, &Options::at(now)))
}

#[test]
fn old_records_verify_after_two_rotations_and_ten_years_on() {
    let [one, two, three] = [1, 2, 3].map(issuer_key);
    let day = |n: i64| at(8, 0) + TimeDelta::days(n);
    let mut story = Story::new(QUORUM, &[1]);
    let first = story.keys(day(0), &[method(&one)]);
    let old = story.record(&one, &[1], day(1), day(1));
    let second = story.keys(day(20), &[expires(&one, day(25)), method(&two)]);
    // The old key still works between the document and its end.
    let between = story.record(&one, &[1], day(21), day(21));
    let middle = story.record(&two, &[1], day(22), day(22));
    let late = story.record(&one, &[1], day(26), day(26));
    story.keys(
        day(50),
        &[expires(&one, day(25)), expires(&two, day(55)), method(&three)],
    );

    // Ten years later the registry goes on, under a clock and a trust folder of then.
    let then = at(8, 0) + Months::new(120);
    let newest = story.keys(
        then,
        &[expires(&one, day(25)), expires(&two, day(55)), method(&three)],
    );
    let lists = story.lists(&three, then);
    let current = story.world.sign_head(&[1], &[1, 2], then + TimeDelta::hours(1));
    let mut trust = story.world.trust.clone();
    let now = then + TimeDelta::hours(2);
    let of = |record, listed, trust: &Trust| {
        judged(
            &story.bundle(record, &[listed, newest], lists, current),
            trust,
            now,
        )
    };
    assert_eq!(
        of(old, first, &trust)[0].2,
        Reason::TrustExpired,
        "the folder of then is needed"
    );
    trust.issuer.valid_until = now + Months::new(12);
    // A grade of a year lapses; everything else about it holds for ever.
    let lapsed = vec![(Axis::Validity, State::Fails, Reason::Expired)];
    assert_eq!(of(old, first, &trust), lapsed);
    assert_eq!(of(between, first, &trust), lapsed);
    assert_eq!(of(middle, second, &trust), lapsed);
    let after_its_end = (Axis::IssuerKey, State::Fails, Reason::KeyExpired);
    assert!(of(late, first, &trust).contains(&after_its_end));
    // A key document of ten years ago says nothing about today.
    let stale = judged(&story.bundle(old, &[first], lists, current), &trust, now);
    assert!(
        stale
            .iter()
            .any(|(axis, state, _)| *axis == Axis::Status && *state != State::Holds),
        "{stale:?}"
    );
}

#[test]
fn a_key_stolen_at_a_time_cannot_backdate_past_the_witnesses() {
    let [stolen, fresh] = [1, 2].map(issuer_key);
    let theft = at(12, 0);
    let mut story = Story::new(QUORUM, &[1]);
    let first = story.keys(at(1, 0), &[method(&stolen)]);
    let honest = story.record(&stolen, &[1], at(9, 0), at(9, 0));
    let just_before = story.record(&stolen, &[1], at(11, 0), theft - TimeDelta::seconds(3));
    let at_the_time = story.record(&stolen, &[1], at(11, 0), theft - TimeDelta::seconds(2));
    // The thief dates his records before the theft; the witnesses saw when they came.
    let backdated = story.record(&stolen, &[1], at(9, 0), at(13, 0));
    let newest = story.keys(at(14, 0), &[revoked(&stolen, theft), method(&fresh)]);
    let lists = story.lists(&fresh, at(14, 1));
    let current = story.world.sign_head(&[1], &[1, 2], at(14, 2));
    let of = |record| {
        judged(
            &story.bundle(record, &[first, newest], lists, current),
            &story.world.trust,
            at(15, 0),
        )
    };
    let revoked = (Axis::IssuerKey, State::Fails, Reason::KeyRevoked);
    assert_eq!(of(honest), []);
    // Witness 2 cosigned a second after witness 1: its time is the upper bound.
    assert_eq!(of(just_before), [], "a second before the theft");
    assert_eq!(of(at_the_time), [revoked]);
    assert_eq!(of(backdated), [revoked]);

    // The thief cannot do without the newest document either: what the old one says is stale soon enough,
    // and a bundle without any proves nothing.
    let hidden = judged(
        &story.bundle(backdated, &[first], lists, current),
        &story.world.trust,
        at(15, 0),
    );
    assert!(
        hidden.contains(&(Axis::Status, State::Fails, Reason::ListSignature)),
        "{hidden:?}"
    );
    let late = at(1, 0) + TimeDelta::days(30);
    let mut old_lists = Story::new(QUORUM, &[1]);
    let first = old_lists.keys(at(1, 0), &[method(&stolen)]);
    let record = old_lists.record(&stolen, &[1], late, late);
    let lists = old_lists.lists(&stolen, late);
    let current = old_lists
        .world
        .sign_head(&[1], &[1, 2], late + TimeDelta::minutes(1));
    let shown = judged(
        &old_lists.bundle(record, &[first], lists, current),
        &old_lists.world.trust,
        late + TimeDelta::minutes(2),
    );
    assert_eq!(
        shown,
        [(Axis::Freshness, State::Undecided, Reason::KeyDocumentStale)]
    );
}

#[test]
fn without_witnesses_the_claimed_time_decides_and_a_warning_says_so() {
    let [stolen, fresh] = [1, 2].map(issuer_key);
    let mut story = Story::new("quorum none", &[1]);
    let first = story.keys(at(1, 0), &[method(&stolen)]);
    let record = story.record(&stolen, &[1], at(9, 0), at(13, 0));
    let newest = story.keys(at(14, 0), &[revoked(&stolen, at(12, 0)), method(&fresh)]);
    let lists = story.lists(&fresh, at(14, 1));
    let current = story.world.sign_head(&[1], &[], at(14, 2));
    let bundle = story.bundle(record, &[first, newest], lists, current);
    let verdict = judge_bundle(&bundle, &story.world.trust, &Options::at(at(15, 0)));
    assert_eq!(verdict.finding(Axis::IssuerKey).state, State::Holds);
    assert_eq!(verdict.warnings, [Reason::KeyTimeClaimed]);
}

#[test]
fn a_key_that_signs_before_it_is_listed_is_not_authorised() {
    let [one, two] = [1, 2].map(issuer_key);
    let mut story = Story::new(QUORUM, &[1]);
    let first = story.keys(at(1, 0), &[method(&one)]);
    let early = story.record(&two, &[1], at(9, 0), at(9, 0));
    let newest = story.keys(at(10, 0), &[method(&one), method(&two)]);
    let lists = story.lists(&two, at(10, 1));
    let current = story.world.sign_head(&[1], &[1, 2], at(10, 2));
    let of = |keys: &[u64]| {
        judged(
            &story.bundle(early, keys, lists, current),
            &story.world.trust,
            at(11, 0),
        )
    };
    let later = [(Axis::IssuerKey, State::Undecided, Reason::KeyListedLater)];
    assert_eq!(of(&[first, newest]), later);
    assert_eq!(of(&[newest]), later);
    let unknown = of(&[first]);
    assert!(
        unknown.contains(&(Axis::IssuerKey, State::Fails, Reason::KeyNotListed)),
        "{unknown:?}"
    );
}

#[test]
fn a_document_that_drops_or_unrevokes_a_method_helps_nobody() {
    let [one, two] = [1, 2].map(issuer_key);
    let judge = |last: &[Method]| {
        let mut story = Story::new(QUORUM, &[1]);
        let first = story.keys(at(1, 0), &[revoked(&one, at(8, 0)), method(&two)]);
        let record = story.record(&one, &[1], at(9, 0), at(9, 0));
        let newest = story.keys(at(10, 0), last);
        let lists = story.lists(&two, at(10, 1));
        let current = story.world.sign_head(&[1], &[1, 2], at(10, 2));
        judged(
            &story.bundle(record, &[first, newest], lists, current),
            &story.world.trust,
            at(11, 0),
        )
    };
    let unrevoked = judge(&[method(&one), method(&two)]);
    assert_eq!(unrevoked, [(Axis::IssuerKey, State::Fails, Reason::KeyRevoked)]);
    let dropped = judge(&[method(&two)]);
    assert!(
        dropped.contains(&(Axis::IssuerKey, State::Fails, Reason::KeyNotListed)),
        "{dropped:?}"
    );
}

#[test]
fn a_root_that_signs_twice_counts_once() {
    let one = issuer_key(1);
    let signed = |roots: &[u8]| {
        let mut story = Story::new(QUORUM, &[1]);
        let document = KeyDocument {
            host: samples::host(),
            updated: at(1, 0),
            next_update: Some(at(1, 0) + TimeDelta::days(30)),
            methods: vec![method(&one)],
        };
        let note = String::from_utf8(signed_document(&document, roots)).unwrap();
        // The same line once more, as a note may carry it.
        let line = note.lines().last().unwrap().to_owned();
        let first = story
            .world
            .publish(EntryKind::Keys, format!("{note}{line}\n").into_bytes());
        let record = story.record(&one, &[1], at(9, 0), at(9, 0));
        let lists = story.lists(&one, at(10, 1));
        let current = story.world.sign_head(&[1], &[1, 2], at(10, 2));
        judged(
            &story.bundle(record, &[first], lists, current),
            &story.world.trust,
            at(11, 0),
        )
    };
    assert!(signed(&[2]).contains(&(Axis::IssuerKey, State::Fails, Reason::RootsTooFew)));
    assert_eq!(signed(&[2, 3]), []);
}

#[test]
fn a_promised_update_keeps_a_key_document_fresh_until_then() {
    let one = issuer_key(1);
    let mut story = Story::new(QUORUM, &[1]);
    let first = story.keys(at(1, 0), &[method(&one)]);
    let later = |n: i64| at(1, 0) + TimeDelta::days(n);
    let record = story.record(&one, &[1], later(29), later(29));
    let lists = story.lists(&one, later(29) + TimeDelta::hours(1));
    let current = story
        .world
        .sign_head(&[1], &[1, 2], later(29) + TimeDelta::hours(2));
    let bundle = story.bundle(record, &[first], lists, current);
    let of = |now, max_age| {
        let options = Options {
            max_age,
            ..Options::at(now)
        };
        odd(&judge_bundle(&bundle, &story.world.trust, &options))
    };
    let day = TimeDelta::hours(24);
    assert_eq!(of(later(30) - TimeDelta::seconds(1), day), []);
    let stale = [(Axis::Freshness, State::Undecided, Reason::KeyDocumentStale)];
    assert_eq!(of(later(30), day), stale);
    assert_eq!(
        of(later(30), TimeDelta::days(31)),
        [],
        "who accepts an old answer gets it"
    );
}

#[test]
fn an_overlap_of_log_keys_serves_old_and_new_trust_folders() {
    let one = issuer_key(1);
    let mut story = Story::new(QUORUM, &[1, 2]);
    let first = story.keys(at(1, 0), &[method(&one)]);
    let alone = story.record(&one, &[1], at(9, 0), at(9, 0));
    let both = story.record(&one, &[1, 2], at(10, 0), at(10, 0));
    let lists = story.lists(&one, at(10, 1));
    let trust = |logs: &[u8]| World::empty(QUORUM, logs).trust;
    let [old, new, whole] = [trust(&[1]), trust(&[2]), trust(&[1, 2])];
    let invalid = |found: &[(Axis, State, Reason)]| {
        found.contains(&(Axis::Logged, State::Fails, Reason::CheckpointInvalid))
    };

    let current = story.world.sign_head(&[1, 2], &[1, 2], at(10, 2));
    let during =
        |record, trust: &Trust| judged(&story.bundle(record, &[first], lists, current), trust, at(11, 0));
    for trust in [&old, &whole] {
        assert_eq!(during(alone, trust), []);
        assert_eq!(during(both, trust), []);
    }
    assert_eq!(during(both, &new), []);
    assert!(invalid(&during(alone, &new)), "old heads need the old key");

    let after = story.record(&one, &[2], at(11, 0), at(11, 0));
    let current = story.world.sign_head(&[2], &[1, 2], at(11, 2));
    let later =
        |record, trust: &Trust| judged(&story.bundle(record, &[first], lists, current), trust, at(12, 0));
    for record in [alone, both, after] {
        assert_eq!(later(record, &whole), []);
        assert!(invalid(&later(record, &old)), "the old folder has had its day");
    }
    assert_eq!(later(after, &new), []);
    assert_ne!(log_key(1).1, log_key(2).1);
    assert_eq!(log_key(1).1.name(), log_key(2).1.name(), "one origin");
}

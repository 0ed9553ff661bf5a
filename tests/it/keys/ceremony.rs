//! The ceremony on either database: what is refused, and that no record is ever signed by a key that no
//! logged document lists.

use std::sync::Arc;

use chengxin::log::note::Note;
use chengxin::record::did::KeyDocument;
use chengxin::record::signer::SoftwareSigner;
use chengxin::registry::clock::{Clock, StoryClock};
use chengxin::registry::key_ceremony::{self, CeremonyError, Prepared};
use chengxin::registry::key_document::{self, Change, KeyDocumentError, SPEAKS};
use chengxin::registry::keys::{KeysError, NoteSigner};
use chengxin::registry::publish::{NoStops, PublishError};
use chengxin::registry::{Registry, freshness};
use chengxin::verify::{Axis, Reason, State};
use chrono::TimeDelta;

use super::{holds, publish_one, reason, signed_by, signs_by_a_listed_key, soon, verdict};
use crate::on_both_databases;
use crate::support::registry::Fixture;

on_both_databases!(
    a_rotation_without_downtime,
    what_publication_refuses,
    a_revoked_key,
    an_overlap_that_was_stopped
);

/// A registry whose clock the test moves.
fn registry(label: &str, database: Option<&str>) -> (Fixture, Registry, Arc<StoryClock>) {
    let fixture = Fixture::new(label, database);
    let clock = Arc::new(StoryClock::starting(fixture.registry.clock.now()));
    let registry = fixture.registry.clone().with_clock(clock.clone());
    (fixture, registry, clock)
}

/// Signed by these roots of the fixture, which are still on its machine.
fn signed(registry: &Registry, prepared: &Prepared, roots: &[usize]) -> Vec<u8> {
    let mut note = prepared.note.clone();
    for n in roots {
        let root = registry.keys().unwrap().root(*n).unwrap();
        note = key_ceremony::sign(note.as_bytes(), &root).unwrap().0;
    }
    note.into_bytes()
}

#[track_caller]
fn refused(registry: &Registry, note: &[u8]) -> KeyDocumentError {
    match key_ceremony::publish(registry, note, &NoStops) {
        Err(CeremonyError::Publish(PublishError::KeyDocument(error)) | CeremonyError::Document(error)) => {
            error
        }
        other => panic!("{other:?}"),
    }
}

fn a_rotation_without_downtime(database: Option<&str>) {
    let (_fixture, registry, clock) = registry("rotation", database);
    clock.advance(clock.now() + TimeDelta::days(1));
    let before = signs_by_a_listed_key(&registry, "1");
    let prepared = key_ceremony::rotate(&registry, &[], SPEAKS).unwrap();
    assert!(prepared.made.is_some());
    let during = signs_by_a_listed_key(&registry, "2");
    assert_eq!(
        signed_by(&during),
        signed_by(&before),
        "the old key signs until the document is logged"
    );
    // Prepared again, no second key is made.
    let prepared = key_ceremony::rotate(&registry, &[], SPEAKS).unwrap();
    assert_eq!(prepared.made, None);
    let published =
        key_ceremony::publish(&registry, &signed(&registry, &prepared, &[1, 3]), &NoStops).unwrap();
    let after = signs_by_a_listed_key(&registry, "3");
    assert_eq!(signed_by(&after), published.signer);
    assert_ne!(signed_by(&after), signed_by(&before));
    for row in [&before, &during, &after] {
        holds(&registry, row, soon(&registry));
    }

    let at = clock.now() + TimeDelta::days(2);
    let prepared = key_ceremony::retire(&registry, &signed_by(&before), at, SPEAKS).unwrap();
    key_ceremony::publish(&registry, &signed(&registry, &prepared, &[2, 3]), &NoStops).unwrap();
    clock.advance(at + TimeDelta::days(1));
    freshness::refresh(&registry, &NoStops).unwrap();
    let last = signs_by_a_listed_key(&registry, "4");
    for row in [&before, &during, &after, &last] {
        holds(&registry, row, soon(&registry));
    }
    assert_eq!(signed_by(&last), signed_by(&after));
    let late = key_ceremony::retire(&registry, &signed_by(&after), at, SPEAKS);
    assert!(matches!(late, Err(CeremonyError::EndPast(_))));
    let none_left = key_ceremony::retire(&registry, &signed_by(&after), at + TimeDelta::days(9), SPEAKS);
    assert!(none_left.unwrap_err().to_string().contains("add a new key first"));
}

fn what_publication_refuses(database: Option<&str>) {
    let (_fixture, registry, clock) = registry("refusals", database);
    clock.advance(clock.now() + TimeDelta::days(1));
    let size = |registry: &Registry| {
        chengxin::store::log::head::read(&mut registry.store.conn().unwrap())
            .unwrap()
            .stored_size
    };
    let prepared = key_ceremony::prepare(&registry, &[Change::Refresh], SPEAKS).unwrap();
    let begun = size(&registry);
    assert!(matches!(
        refused(&registry, prepared.note.as_bytes()),
        KeyDocumentError::Note(_)
    ));
    let one = signed(&registry, &prepared, &[2]);
    assert!(matches!(
        refused(&registry, &one),
        KeyDocumentError::Roots { have: 1, need: 2 }
    ));
    let root = registry.keys().unwrap().root(2).unwrap();
    assert!(matches!(
        key_ceremony::sign(&one, &root),
        Err(CeremonyError::SignedBefore(_))
    ));
    let text = String::from_utf8(one).unwrap();
    let line = text.lines().last().unwrap();
    let twice = format!("{text}{line}\n");
    assert!(matches!(
        refused(&registry, twice.as_bytes()),
        KeyDocumentError::Roots { have: 1, need: 2 }
    ));
    let whole = String::from_utf8(signed(&registry, &prepared, &[1, 2])).unwrap();
    let changed = whole.replace(
        "\"updated\":\"2026-03-03T01:00:00Z\"",
        "\"updated\":\"2026-03-03T01:00:01Z\"",
    );
    assert_ne!(changed, whole);
    assert!(matches!(
        refused(&registry, changed.as_bytes()),
        KeyDocumentError::Note(_)
    ));

    let newest = key_ceremony::newest(&registry).unwrap();
    let with = |change: &dyn Fn(&mut KeyDocument)| {
        let mut document = prepared.document.clone();
        change(&mut document);
        let note = key_document::unsigned(&document).unwrap().to_string();
        refused(
            &registry,
            &signed(
                &registry,
                &Prepared {
                    note,
                    document,
                    made: None,
                },
                &[1, 2],
            ),
        )
    };
    let other = key_document::method(&SoftwareSigner::generate(
        &mut [9; 32],
        format!("{}#key-9", registry.host.did()),
    ))
    .unwrap();
    let drops = with(&|document| document.methods = vec![other.clone()]);
    assert!(drops.to_string().contains("never dropped"), "{drops}");
    let back = with(&|document| {
        document.updated = newest.updated;
        document.next_update = Some(newest.updated + TimeDelta::days(30));
    });
    assert!(back.to_string().contains("not after the one before it"), "{back}");
    let future = with(&|document| {
        document.updated += TimeDelta::days(1);
        document.next_update = Some(document.updated + TimeDelta::days(30));
    });
    assert!(matches!(future, KeyDocumentError::Future(_)));
    assert!(matches!(
        with(&|document| document.methods[0].revoked = Some(document.updated)),
        KeyDocumentError::History(_)
    ));
    let stranger = SoftwareSigner::generate(&mut [7; 32], "other.example/root-1");
    let stranger = key_ceremony::sign(prepared.note.as_bytes(), &NoteSigner::new(stranger).unwrap());
    assert!(matches!(stranger, Err(CeremonyError::OtherRoot { .. })));

    // What was prepared too long ago has run out.
    let old = signed(&registry, &prepared, &[1, 2]);
    clock.advance(prepared.document.next_update.unwrap());
    assert!(matches!(refused(&registry, &old), KeyDocumentError::Stale));
    assert_eq!(size(&registry), begun, "nothing was logged");
    assert!(Note::parse(&old).is_ok());
}

fn a_revoked_key(database: Option<&str>) {
    let (_fixture, registry, clock) = registry("revoked", database);
    clock.advance(clock.now() + TimeDelta::days(1));
    let honest = publish_one(&registry, "1").unwrap();
    let theft = clock.now() + TimeDelta::hours(1);
    clock.advance(theft);
    let stolen = publish_one(&registry, "2").unwrap();
    clock.advance(theft + TimeDelta::hours(1));
    let later = key_ceremony::revoke(
        &registry,
        &signed_by(&honest),
        clock.now() + TimeDelta::days(1),
        SPEAKS,
    );
    assert!(matches!(later, Err(CeremonyError::SinceLater(_))));
    // It is the only key, so another is made for the same document.
    let prepared = key_ceremony::revoke(&registry, &signed_by(&honest), theft, SPEAKS).unwrap();
    assert!(prepared.made.is_some());
    key_ceremony::publish(&registry, &signed(&registry, &prepared, &[1, 2]), &NoStops).unwrap();
    holds(&registry, &honest, soon(&registry));
    let after = verdict(&registry, &stolen, soon(&registry));
    assert_eq!(
        reason(&after, Axis::IssuerKey),
        (State::Fails, Reason::KeyRevoked)
    );
    assert_eq!(after.warnings, [Reason::KeyTimeClaimed]);
    let next = signs_by_a_listed_key(&registry, "3");
    holds(&registry, &next, soon(&registry));
    // And nothing brings it back: neither the next document nor one that says less.
    let next = key_ceremony::prepare(&registry, &[Change::Refresh], SPEAKS).unwrap();
    assert_eq!(next.document.methods[0].revoked, Some(theft));
    let mut document = next.document.clone();
    document.methods[0].revoked = None;
    let note = key_document::unsigned(&document).unwrap().to_string();
    let unrevoked = refused(
        &registry,
        &signed(
            &registry,
            &Prepared {
                note,
                document,
                made: None,
            },
            &[1, 2],
        ),
    );
    assert!(unrevoked.to_string().contains("takes back"), "{unrevoked}");
}

/// A run of `keys rotate-log` that died when it had made the key: verifiers do not know it yet.
fn an_overlap_that_was_stopped(database: Option<&str>) {
    let (_fixture, registry, _) = registry("overlap", database);
    registry
        .keys()
        .unwrap()
        .add_log(registry.random.as_ref())
        .unwrap();
    let ended = key_ceremony::end_overlap(&registry, &NoStops);
    assert!(matches!(ended, Err(CeremonyError::NotTrusted)), "{ended:?}");
    let added = key_ceremony::overlap_log(&registry, &NoStops).unwrap();
    let trusted = registry.trust().unwrap().policy;
    assert!(trusted.logs().iter().any(|key| key.to_string() == added));
    let again = key_ceremony::overlap_log(&registry, &NoStops);
    assert!(
        matches!(again, Err(CeremonyError::Keys(KeysError::Overlap))),
        "{again:?}"
    );
    key_ceremony::end_overlap(&registry, &NoStops).unwrap();
    let row = publish_one(&registry, "1").unwrap();
    holds(&registry, &row, soon(&registry));
}

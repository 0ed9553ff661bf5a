use serde_json::{Value, json};

use super::*;
use crate::record::credential::samples::{created, host};
use crate::record::golden;
use crate::record::signer::{Signer, SoftwareSigner};

fn key(seed: u8) -> VerifyingKey {
    multikey::usable(&SoftwareSigner::generate(&mut [seed; 32], "").public_key()).unwrap()
}

fn document() -> KeyDocument {
    let method = |seed, expires, revoked| Method {
        id: method_id(&host(), key(seed).as_bytes()),
        key: key(seed),
        expires,
        revoked,
    };
    KeyDocument {
        host: host(),
        updated: created(),
        next_update: None,
        methods: vec![
            method(1, None, None),
            method(2, Some(created()), None),
            method(3, None, Some(created())),
        ],
    }
}

fn changed(change: impl FnOnce(&mut Value)) -> DidError {
    let mut value: Value = serde_json::from_slice(&document().to_canonical().unwrap()).unwrap();
    change(&mut value);
    KeyDocument::parse(&serde_json::to_vec(&value).unwrap()).unwrap_err()
}

#[test]
fn documents_round_trip_and_are_pinned() {
    let bytes = document().to_canonical().unwrap();
    assert_eq!(KeyDocument::parse(&bytes), Ok(document()));
    golden::check("did.json", &bytes);
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let pretty = serde_json::to_vec_pretty(&value).unwrap();
    assert_eq!(KeyDocument::parse(&pretty), Ok(document()));
}

#[test]
fn methods_are_found_by_their_url() {
    let document = document();
    let id = method_id(&host(), key(2).as_bytes());
    assert!(id.starts_with("did:web:registry.example#key-z6Mk"));
    assert_eq!(document.method(&id).unwrap().key, key(2));
    let resolved = document.resolve(&id).unwrap();
    assert_eq!((resolved.expires, resolved.revoked), (Some(created()), None));
    assert_eq!(resolved.controller, resolved.document);
    assert!(document.resolve("did:web:registry.example#other").is_none());
}

#[test]
fn other_documents_are_refused() {
    assert_eq!(
        changed(|d| d["service"] = json!([])),
        DidError::Unknown("service".into())
    );
    assert_eq!(
        changed(|d| d["verificationMethod"][0]["x"] = 1.into()),
        DidError::Unknown("x".into())
    );
    assert_eq!(changed(|d| d["id"] = "did:key:x".into()), DidError::Missing("id"));
    assert_eq!(
        changed(|d| d["@context"][0] = "x".into()),
        DidError::Missing("@context")
    );
    assert_eq!(
        changed(|d| d["verificationMethod"][0]["type"] = "JsonWebKey".into()),
        DidError::Missing("type")
    );
    let other = changed(|d| d["verificationMethod"][0]["controller"] = "did:web:other.example".into());
    assert!(matches!(other, DidError::Controller(_)));
    let id = changed(|d| d["verificationMethod"][0]["id"] = "did:web:other.example#key-1".into());
    assert!(matches!(id, DidError::Controller(_)));
    let twice = changed(|d| d["verificationMethod"][1] = d["verificationMethod"][0].clone());
    assert!(matches!(twice, DidError::Duplicate(_)));
    assert_eq!(
        changed(|d| drop(d["assertionMethod"].as_array_mut().unwrap().pop())),
        DidError::Assertion
    );
    assert_eq!(
        changed(|d| d["assertionMethod"][0] = json!({})),
        DidError::Assertion
    );
    assert!(matches!(
        changed(|d| d["verificationMethod"][1]["expires"] = "soon".into()),
        DidError::Time(_)
    ));
    assert_eq!(
        changed(|d| d["verificationMethod"][1]["expires"] = json!(1)),
        DidError::Missing("expires")
    );
    assert!(matches!(
        changed(|d| d["verificationMethod"][0]["publicKeyMultibase"] = "u1".into()),
        DidError::Key(_)
    ));
    assert_eq!(
        changed(|d| drop(d.as_object_mut().unwrap().remove("updated"))),
        DidError::Missing("updated")
    );
    let none = changed(|d| (d["verificationMethod"], d["assertionMethod"]) = (json!([]), json!([])));
    assert_eq!(none, DidError::Assertion);
    assert!(matches!(
        KeyDocument::parse(b"{\"id\":1,\"id\":2}"),
        Err(DidError::Json(_))
    ));
}

#[test]
fn the_next_update_is_optional_and_bounded() {
    let promised = |after: TimeDelta| {
        let document = KeyDocument {
            next_update: Some(created() + after),
            ..document()
        };
        KeyDocument::parse(&document.to_canonical().unwrap())
            .map(|read| assert_eq!(read, document))
            .map_err(|error| assert_eq!(error, DidError::NextUpdate))
            .is_ok()
    };
    let second = TimeDelta::seconds(1);
    assert!(promised(SHORTEST) && promised(LONGEST));
    assert!(!promised(SHORTEST - second) && !promised(LONGEST + second) && !promised(-LONGEST));
}

#[test]
fn a_document_is_stale_after_its_next_update() {
    let (day, second) = (TimeDelta::hours(24), TimeDelta::seconds(1));
    let old = document();
    assert!(!old.is_stale(created() + day, day) && old.is_stale(created() + day + second, day));
    let promised = KeyDocument {
        next_update: Some(created() + day * 30),
        ..document()
    };
    assert!(!promised.is_stale(created() + day * 30 - second, day));
    assert!(promised.is_stale(created() + day * 30, day));
    assert!(
        !promised.is_stale(created() + day * 30, day * 31),
        "who accepts old answers gets them"
    );
}

#[test]
fn what_may_follow() {
    let before = document();
    let id = |place: usize| document().methods[place].id.clone();
    let after = |change: fn(&mut KeyDocument)| {
        let mut next = document();
        next.updated += TimeDelta::hours(1);
        change(&mut next);
        before.may_be_followed_by(&next)
    };
    let earlier = |end: &mut Option<DateTime<Utc>>, by: i64| *end = Some(created() - TimeDelta::seconds(by));
    assert_eq!(after(|_| ()), Ok(()));
    assert_eq!(
        after(|next| next.methods[0].revoked = Some(created())),
        Err(HistoryError::NoneLasting)
    );
    assert_eq!(
        after(|next| {
            next.methods[0].revoked = Some(created());
            next.methods.push(Method {
                id: method_id(&host(), key(4).as_bytes()),
                key: key(4),
                expires: None,
                revoked: None,
            });
        }),
        Ok(())
    );
    let mut next = document();
    next.updated += TimeDelta::hours(1);
    earlier(&mut next.methods[1].expires, 9);
    earlier(&mut next.methods[2].revoked, 9);
    assert_eq!(before.may_be_followed_by(&next), Ok(()), "ends may come nearer");

    assert!(matches!(
        after(|next| next.updated = created()),
        Err(HistoryError::NotLater { .. })
    ));
    assert_eq!(
        after(|next| next.host = Host::parse("other.example").unwrap()),
        Err(HistoryError::Host)
    );
    assert_eq!(
        after(|next| drop(next.methods.pop())),
        Err(HistoryError::Dropped(id(2)))
    );
    assert_eq!(
        after(|next| next.methods.swap(0, 1)),
        Err(HistoryError::Dropped(id(0)))
    );
    assert_eq!(
        after(|next| next.methods[0].key = key(9)),
        Err(HistoryError::OtherKey(id(0)))
    );
    assert_eq!(
        after(|next| next.methods[2].revoked = None),
        Err(HistoryError::Unrevoked(id(2)))
    );
    assert_eq!(
        after(|next| next.methods[2].revoked = Some(created() + TimeDelta::seconds(1))),
        Err(HistoryError::Unrevoked(id(2)))
    );
    assert_eq!(
        after(|next| next.methods[1].expires = None),
        Err(HistoryError::Unexpired(id(1)))
    );
}

#[test]
fn did_key_carries_its_key() {
    let text = multikey::encode(key(4).as_bytes());
    let resolved = DidKey.resolve(&format!("did:key:{text}#{text}")).unwrap();
    assert_eq!(multikey::decode(&resolved.public_key), Ok(key(4)));
    assert!(DidKey.resolve(&format!("did:key:{text}#other")).is_none());
    assert!(DidKey.resolve(&format!("did:key:{text}")).is_none());
    assert!(DidKey.resolve("did:web:a.example#z").is_none());
}

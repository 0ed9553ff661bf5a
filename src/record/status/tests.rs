use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::record::canonical;
use crate::record::credential::samples::{created, grade, host, signer};
use crate::record::credential::{IssueError, Template, issue};
use crate::record::proof::secure_document;
use crate::record::signer::Signer;
use crate::record::{golden, multikey};

fn draft() -> ListDraft {
    let mut bits = Bitstring::default();
    for index in [0, 7, 94_567, LENGTH - 1] {
        bits.set(index, true).unwrap();
    }
    ListDraft {
        purpose: StatusPurpose::Revocation,
        list: 1,
        bits,
        valid_from: created(),
        valid_until: None,
    }
}

fn issued(draft: &ListDraft) -> Vec<u8> {
    let signer = signer();
    Template::new(&host(), signer.verification_method(), created())
        .unwrap()
        .issue_list(draft, &signer)
        .unwrap()
}

fn value() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://registry.example/ns/labour-credit/v1"],
        "id": "https://registry.example/status/revocation/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:registry.example",
        "validFrom": "2026-10-09T08:30:00Z",
        "credentialSubject": {
            "id": "https://registry.example/status/revocation/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": draft().bits.encode(),
        },
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn text(bytes: &[u8]) -> String {
    format!("u{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[test]
fn index_0_is_the_most_significant_bit() {
    let mut bits = Bitstring::default();
    bits.set(0, true).unwrap();
    bits.set(15, true).unwrap();
    let mut bytes = vec![0; 16_384];
    (bytes[0], bytes[1]) = (0x80, 0x01);
    assert_eq!(Bitstring::decode(&text(&gzip(&bytes))), Ok(bits.clone()));
    bits.set(0, false).unwrap();
    assert_eq!(bits.count(), 1);
    assert_eq!(bits.get(15), Ok(true));
    assert_eq!(bits.get(LENGTH), Err(BitstringError::Index(LENGTH)));
    assert_eq!(bits.set(LENGTH, true), Err(BitstringError::Index(LENGTH)));
}

#[test]
fn the_specifications_empty_list_decodes() {
    // Bitstring Status List 1.0, example 6: 131,072 zero bits.
    let example = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    assert_eq!(Bitstring::decode(example), Ok(Bitstring::default()));
}

#[test]
fn bombs_and_other_lengths_are_refused_without_inflating_them() {
    let bomb = text(&gzip(&vec![0; 30 << 20]));
    assert!(bomb.len() < 44_000);
    assert_eq!(Bitstring::decode(&bomb), Err(BitstringError::Length));
    assert_eq!(
        Bitstring::decode(&text(&gzip(&vec![0; 16_383]))),
        Err(BitstringError::Length)
    );
    assert_eq!(
        Bitstring::decode(&text(&gzip(&vec![0; 16_385]))),
        Err(BitstringError::Length)
    );
    assert_eq!(
        Bitstring::decode(&format!("u{}", "A".repeat(44_001))),
        Err(BitstringError::Multibase)
    );
}

#[test]
fn other_encodings_are_refused() {
    let good = Bitstring::default().encode();
    assert_eq!(Bitstring::decode(&good[1..]), Err(BitstringError::Multibase));
    assert_eq!(
        Bitstring::decode(&format!("{good}=")),
        Err(BitstringError::Multibase)
    );
    let bytes = gzip(&[0; 16_384]);
    assert_eq!(
        Bitstring::decode(&text(&bytes[..bytes.len() - 1])),
        Err(BitstringError::Gzip)
    );
    assert_eq!(
        Bitstring::decode(&text(&[&bytes[..], b"x"].concat())),
        Err(BitstringError::Gzip)
    );
    assert_eq!(
        Bitstring::decode(&text(&[&bytes[..], &bytes[..]].concat())),
        Err(BitstringError::Gzip)
    );
    let mut checksum = bytes.clone();
    let at = checksum.len() - 8;
    checksum[at] ^= 1;
    assert_eq!(Bitstring::decode(&text(&checksum)), Err(BitstringError::Gzip));
    assert_eq!(Bitstring::decode("u"), Err(BitstringError::Gzip));
}

#[test]
fn the_text_depends_on_the_bits_alone() {
    let (one, two) = (draft().bits, draft().bits);
    assert_eq!(one.encode(), two.encode());
    let bytes = URL_SAFE_NO_PAD.decode(&one.encode()[1..]).unwrap();
    assert_eq!(bytes[4..8], [0; 4], "gzip time");
    assert_eq!(bytes[3], 0, "no name, no comment");
}

#[test]
fn a_cleared_bit_is_found() {
    let (old, mut new) = (draft().bits, draft().bits);
    assert_eq!(old.first_cleared(&new), None);
    new.set(5, true).unwrap();
    assert_eq!(old.first_cleared(&new), None);
    new.set(94_567, false).unwrap();
    assert_eq!(old.first_cleared(&new), Some(94_567));
    assert_eq!(format!("{new:?}"), "Bitstring(4 of 131072 set)");
}

proptest! {
    #[test]
    fn bits_round_trip(indices in prop::collection::btree_set(0..LENGTH, 0..500)) {
        let mut bits = Bitstring::default();
        for index in &indices {
            bits.set(*index, true).unwrap();
        }
        let again = Bitstring::decode(&bits.encode()).unwrap();
        prop_assert_eq!(u32::try_from(indices.len()).unwrap(), again.count());
        prop_assert!(indices.iter().all(|index| again.get(*index).unwrap()));
    }
}

#[test]
fn lists_are_issued_read_and_pinned() {
    let bytes = issued(&draft());
    let slow = secure_document(&value(), "2026-10-09T08:30:00Z", &signer()).unwrap();
    assert_eq!(bytes, canonical::to_vec(&slow).unwrap());
    let list = read_list(&bytes).unwrap();
    assert_eq!((list.purpose, list.list), (StatusPurpose::Revocation, 1));
    assert_eq!(list.bits, draft().bits);
    assert_eq!(list.credential.status, None);
    let key = multikey::usable(&signer().public_key()).unwrap();
    assert_eq!(list.credential.proof.verify(&key), Ok(()));
    golden::check("status-list.json", &bytes);
}

#[test]
fn incompressible_lists_still_decode() {
    let mut draft = draft();
    let mut state = 1u32;
    for index in 0..LENGTH {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        draft.bits.set(index, state >> 31 == 1).unwrap();
    }
    assert_eq!(read_list(&issued(&draft)).unwrap().bits, draft.bits);
}

#[test]
fn other_lists_are_refused() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut document = value();
        change(&mut document);
        let secured = secure_document(&document, "2026-10-09T08:30:00Z", &signer()).unwrap();
        read_list(&canonical::to_vec(&secured).unwrap())
            .map(|_| ())
            .unwrap_err()
    };
    let value = |name| ListError::Read(ReadError::Value(name));
    for id in [
        "https://registry.example/status/message/1",
        "https://registry.example/status/revocation/0",
        "https://registry.example/status/revocation/01",
        "https://other.example/status/revocation/1",
        "urn:uuid:0f0e1d2c-3b4a-4958-8677-8695a4b3c2d1",
    ] {
        assert_eq!(changed(&|d| d["id"] = id.into()), value("id"), "{id}");
    }
    assert_eq!(
        changed(&|d| d["credentialSubject"]["statusPurpose"] = "refresh".into()),
        value("credentialSubject")
    );
    assert_eq!(
        changed(&|d| d["credentialSubject"]["id"] = "x".into()),
        value("credentialSubject")
    );
    assert_eq!(
        changed(&|d| d["credentialSubject"]["type"] = "List".into()),
        value("credentialSubject")
    );
    let missing = ListError::Read(ReadError::Missing("credentialSubject"));
    assert_eq!(changed(&|d| d["credentialSubject"]["ttl"] = 1.into()), missing);
    let unknown = ListError::Read(ReadError::Unknown("credentialStatus".into()));
    assert_eq!(changed(&|d| d["credentialStatus"] = json!([])), unknown);
    assert!(matches!(
        changed(&|d| d["credentialSubject"]["encodedList"] = "u".into()),
        ListError::Bits(_)
    ));
    let record = issue(&host(), &grade(), created(), &signer()).unwrap();
    assert_eq!(
        read_list(&record).map(|_| ()),
        Err(ListError::Read(ReadError::Type))
    );
}

#[test]
fn list_0_is_not_issued() {
    let mut draft = draft();
    draft.list = 0;
    let signer = signer();
    let template = Template::new(&host(), signer.verification_method(), created()).unwrap();
    assert_eq!(template.issue_list(&draft, &signer), Err(IssueError::Status));
}

#[test]
fn only_a_suspension_can_be_lifted() {
    for purpose in StatusPurpose::ALL {
        let set = Change::of(purpose, true).unwrap();
        assert_eq!((set.purpose(), set.value()), (purpose, true));
    }
    assert_eq!(Change::of(StatusPurpose::Revocation, false), None);
    assert_eq!(Change::of(StatusPurpose::Refresh, false), None);
    assert_eq!(
        Change::of(StatusPurpose::Suspension, false),
        Some(Change::Restore)
    );
    let at = crate::record::credential::StatusPointer { list: 1, index: 7 };
    let mut bits = draft().bits;
    bits.apply(BitChange {
        at,
        to: Change::Restore,
    })
    .unwrap();
    assert_eq!(bits.get(7), Ok(false));
    bits.apply(BitChange {
        at,
        to: Change::Suspend,
    })
    .unwrap();
    assert_eq!(bits, draft().bits);
}

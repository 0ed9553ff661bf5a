//! Hostile input: no parser of outside bytes panics, whatever it is given, and what it accepts it
//! writes back unchanged.

use proptest::prelude::*;

use super::credential::{self, Host};
use super::did::{DidKey, KeyDocument};
use super::digest::Digest;
use super::entry::Entry;
use super::json::{Limits, parse};
use super::proof::verify_document;
use super::status::{Bitstring, read_list};
use super::{canonical, multikey, proof, time};

fn feed(bytes: &[u8]) {
    let _ = canonical::scan(bytes);
    if let Ok(credential) = credential::read(bytes) {
        let _ = (credential.facts(), credential.proof.message(), credential.uuid());
    }
    let _ = read_list(bytes);
    let _ = KeyDocument::parse(bytes);
    if let Ok(entry) = Entry::decode(bytes) {
        assert_eq!(entry.encode(), bytes);
    }
    if let Ok(value) = parse(bytes, Limits::default()) {
        let _ = verify_document(&value, &DidKey, chrono::DateTime::UNIX_EPOCH);
        assert!(canonical::to_vec(&value).is_ok());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    assert!(!time::parse_timestamp(text).is_ok_and(|at| time::timestamp_string(at).unwrap() != text));
    let _ = (
        time::parse_date(text),
        Host::parse(text),
        Bitstring::decode(text),
        proof::parse_signature(text),
    );
    assert!(!multikey::decode(text).is_ok_and(|key| multikey::encode(key.as_bytes()) != text));
    assert!(!Digest::parse_hex(text).is_ok_and(|digest| digest.hex() != text));
    assert!(!Digest::parse_multibase(text).is_ok_and(|digest| digest.multibase() != text));
}

const GOLDEN: [&[u8]; 5] = [
    include_bytes!("../../tests/vectors/record/grade.json"),
    include_bytes!("../../tests/vectors/record/blacklist.json"),
    include_bytes!("../../tests/vectors/record/rule-set.json"),
    include_bytes!("../../tests/vectors/record/status-list.json"),
    include_bytes!("../../tests/vectors/record/did.json"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        feed(&bytes);
    }

    #[test]
    fn random_json_like_text(text in r#"[\{\}\[\]":,\\0-9a-fu.eE\- tn]{0,60}"#) {
        feed(text.as_bytes());
    }

    #[test]
    fn short_texts_of_the_right_alphabets(text in "[uz]?[A-Za-z0-9_-]{0,90}|[0-9T:Z-]{8,22}") {
        feed(text.as_bytes());
    }

    /// A stretch of a golden file replaced by a stretch of another, or cut out.
    #[test]
    fn spliced_documents(
        which in (0..GOLDEN.len(), 0..GOLDEN.len()),
        places in any::<[prop::sample::Index; 4]>(),
    ) {
        let (one, two) = (GOLDEN[which.0], GOLDEN[which.1]);
        let (mut a, mut b) = (places[0].index(one.len()), places[1].index(one.len()));
        let (mut c, mut d) = (places[2].index(two.len()), places[3].index(two.len()));
        if a > b { std::mem::swap(&mut a, &mut b); }
        if c > d { std::mem::swap(&mut c, &mut d); }
        feed(&[&one[..a], &two[c..d], &one[b..]].concat());
        feed(&[&one[..a], &one[b..]].concat());
    }
}

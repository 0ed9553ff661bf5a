//! What needs no server: kinds and their codes, lists against lists.

use std::collections::BTreeSet;

use super::alarm::Kind;
use super::lists::contradiction;
use crate::record::status::{Bitstring, StatusPurpose};
use crate::verify::Lang;

#[test]
fn every_kind_has_its_own_codes_and_words() {
    let distinct = |texts: Vec<String>| texts.iter().collect::<BTreeSet<_>>().len();
    let of = |text: fn(Kind) -> String| Kind::ALL.map(text).to_vec();
    for text in [
        |kind: Kind| kind.code().to_owned(),
        |kind: Kind| kind.exit_code().to_string(),
        |kind: Kind| kind.text(Lang::Zh).to_owned(),
        |kind: Kind| kind.text(Lang::En).to_owned(),
    ] {
        assert_eq!(distinct(of(text)), Kind::ALL.len());
    }
    assert!(
        Kind::ALL.is_sorted_by_key(|kind| kind.exit_code()),
        "the gravest first"
    );
    for kind in Kind::ALL {
        let word = serde_json::to_value(kind).unwrap();
        assert_eq!(word, kind.code());
        // 1 is the monitor's own fault, and so is its mirror.
        let own = kind == Kind::MirrorDamaged;
        assert!(
            kind.exit_code() >= 10 || (own && kind.exit_code() == 1),
            "{kind:?}"
        );
    }
}

#[test]
fn what_a_list_may_do() {
    let at = |hour: u32| format!("2026-10-09T{hour:02}:00:00Z").parse().unwrap();
    let bits = |set: &[u32]| {
        let mut bits = Bitstring::default();
        set.iter().for_each(|index| bits.set(*index, true).unwrap());
        bits
    };
    let (none, one, two) = (bits(&[]), bits(&[7]), bits(&[7, 9]));
    let [revocation, suspension, refresh] = StatusPurpose::ALL;
    for purpose in [revocation, refresh] {
        assert_eq!(contradiction(purpose, (&one, at(1)), (&two, at(1))), None);
        let cleared = contradiction(purpose, (&two, at(1)), (&one, at(2))).unwrap();
        assert_eq!(cleared.0, Kind::ListCleared);
        assert!(cleared.1.1.contains("bit 9"), "{:?}", cleared.1);
    }
    assert_eq!(contradiction(suspension, (&one, at(1)), (&none, at(2))), None);
    for purpose in StatusPurpose::ALL {
        let back = contradiction(purpose, (&one, at(2)), (&one, at(1))).unwrap();
        assert_eq!(back.0, Kind::ListTime);
    }
}

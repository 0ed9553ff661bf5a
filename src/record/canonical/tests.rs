use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::record::json::{Limits, parse};

/// Any value of the strict dialect: integers below 2^53, any strings.
fn strict_value() -> impl Strategy<Value = Value> {
    let limit = (1i64 << 53) - 1;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-limit..=limit).prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any_text(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Strings rich in what matters: controls, quotes, Chinese, characters around the surrogates.
fn any_text() -> impl Strategy<Value = String> {
    let char = prop_oneof![
        any::<char>(),
        prop::char::range('\0', '\u{80}'),
        prop::char::range('一', '龥'),
        prop::char::range('\u{e000}', '\u{f000}'),
        prop::char::range('\u{10000}', '\u{10ffff}'),
        Just('"'),
        Just('\\'),
    ];
    prop::collection::vec(char, 0..12).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn written_strings_equal_the_crates(text in any_text()) {
        let mut writer = Writer::default();
        writer.string(&text);
        prop_assert_eq!(writer.into_vec(), to_vec(&text).unwrap());
    }

    #[test]
    fn the_scanner_accepts_what_the_crate_writes(value in strict_value()) {
        let document = json!({ "v": value });
        let bytes = to_vec(&document).unwrap();
        let members = scan(&bytes).unwrap();
        prop_assert_eq!(members.len(), 1);
        prop_assert_eq!(members.get("v").unwrap().text().as_bytes(), to_vec(&value).unwrap());
    }

    /// Whatever one byte is changed to, the scanner accepts exactly if strict reading and canonical
    /// writing give the same bytes back.
    #[test]
    fn the_scanner_means_canonical(value in strict_value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = to_vec(&json!({ "b": value, "é": [1, "x\u{1}"] })).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let same = parse(&bytes, Limits::default())
            .is_ok_and(|value| value.is_object() && to_vec(&value).unwrap() == bytes);
        prop_assert_eq!(scan(&bytes).is_ok(), same, "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_member_can_be_spliced_out(value in strict_value(), name in "[a-d]") {
        let mut document = json!({ "a": 1, "b": value, "c": {"x": []}, "d": "…" });
        let bytes = to_vec(&document).unwrap();
        let pieces = scan(&bytes).unwrap().without(&name).unwrap();
        document.as_object_mut().unwrap().remove(&name);
        prop_assert_eq!(pieces.concat().into_bytes(), to_vec(&document).unwrap());
    }

    /// Reading an inner object off the tape equals scanning its text.
    #[test]
    fn inner_objects_need_no_second_scan(value in strict_value(), other in strict_value()) {
        let bytes = to_vec(&json!({ "a": other, "b": { "c": value, "d": { "e": other } }, "f": 1 })).unwrap();
        let inner = scan(&bytes).unwrap().object("b").unwrap();
        let again = scan(inner.text().as_bytes()).unwrap();
        prop_assert!(inner.iter().eq(again.iter()));
        prop_assert_eq!(inner.without("c"), again.without("c"));
        prop_assert_eq!(inner.without("d"), again.without("d"));
        let deep = inner.object("d").unwrap();
        prop_assert_eq!(deep.get("e").unwrap().text().as_bytes(), to_vec(&other).unwrap());
        prop_assert_eq!(deep.without("e"), None);
        prop_assert!(inner.get("c").unwrap().object().is_some() == value.is_object());
        prop_assert!(scan(&bytes).unwrap().object("f").is_none());
    }

    #[test]
    fn strings_read_back(text in any_text()) {
        let bytes = to_vec(&json!({ "s": text, "l": [text, "x"] })).unwrap();
        let members = scan(&bytes).unwrap();
        prop_assert_eq!(members.get("s").unwrap().string().unwrap(), text.as_str());
        prop_assert_eq!(members.get("l").unwrap().strings().unwrap(), vec![text.as_str(), "x"]);
    }
}

#[test]
fn each_departure_has_its_reason() {
    let cases: &[(&[u8], NotCanonical)] = &[
        (b"[]", NotCanonical::NotObject),
        (b"", NotCanonical::NotObject),
        (b" {}", NotCanonical::NotObject),
        (b"{ }", NotCanonical::Unexpected(1)),
        (b"{}\n", NotCanonical::Trailing(2)),
        (b"{\"a\": 1}", NotCanonical::Unexpected(5)),
        (b"{\"a\":1", NotCanonical::Unexpected(6)),
        (b"{\"a\":1,}", NotCanonical::Unexpected(7)),
        (b"{\"a\":1.0}", NotCanonical::Number(5)),
        (b"{\"a\":1e2}", NotCanonical::Number(5)),
        (b"{\"a\":01}", NotCanonical::Number(5)),
        (b"{\"a\":-0}", NotCanonical::Number(5)),
        (b"{\"a\":-}", NotCanonical::Number(5)),
        (b"{\"a\":9007199254740992}", NotCanonical::Range(5)),
        (b"{\"a\":-9007199254740992}", NotCanonical::Range(5)),
        (b"{\"a\":99999999999999999999999}", NotCanonical::Range(5)),
        (b"{\"a\":\"\\/\"}", NotCanonical::Escape(6)),
        (b"{\"a\":\"\\u0041\"}", NotCanonical::Escape(6)),
        (b"{\"a\":\"\\u000a\"}", NotCanonical::Escape(6)),
        (b"{\"a\":\"\\u001F\"}", NotCanonical::Escape(6)),
        (b"{\"a\":\"\\ud83d\"}", NotCanonical::Escape(6)),
        (b"{\"a\":\"\n\"}", NotCanonical::Unexpected(6)),
        (b"{\"b\":1,\"a\":1}", NotCanonical::Order(7)),
        (b"{\"a\":1,\"a\":1}", NotCanonical::Duplicate(7)),
        (b"{\"a\":\"\xff\"}", NotCanonical::Utf8(6)),
        (b"{\"a\":tru}", NotCanonical::Unexpected(5)),
    ];
    for (text, reason) in cases {
        assert_eq!(
            scan(text).unwrap_err(),
            *reason,
            "{}",
            String::from_utf8_lossy(text)
        );
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(32), "]".repeat(32));
    assert_eq!(scan(deep.as_bytes()).unwrap_err(), NotCanonical::Depth(36));
    assert!(scan(deep.replacen('[', "", 1).replacen(']', "", 1).as_bytes()).is_ok());
}

#[test]
fn names_sort_by_utf16_not_by_utf8() {
    // U+1F602 is D83D DE02 in UTF-16, before U+FB33; in UTF-8 it comes after.
    assert!(scan("{\"\u{1f602}\":1,\"\u{fb33}\":2}".as_bytes()).is_ok());
    let by_utf8 = "{\"\u{fb33}\":2,\"\u{1f602}\":1}";
    assert_eq!(scan(by_utf8.as_bytes()).unwrap_err(), NotCanonical::Order(9));
    // The escape \n stands for U+000A, which sorts before "1".
    assert!(scan(b"{\"\\n\":1,\"1\":2}").is_ok());
    assert!(scan(b"{\"1\":2,\"\\n\":1}").is_err());
}

#[test]
fn integers_are_written_in_full() {
    let mut writer = Writer::with_capacity(16);
    writer
        .integer(0)
        .raw(",")
        .integer(7)
        .raw(",")
        .integer(131_071)
        .raw(",")
        .integer(u32::MAX);
    assert_eq!(writer.as_bytes(), b"0,7,131071,4294967295");
    assert!(!writer.is_empty());
    assert_eq!(writer.len(), 21);
}

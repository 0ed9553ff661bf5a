//! The bodies in a page of a registry's changes (docs/formats.md, “Changes”), as monitors and catch-up read it. Of a
//! page nothing counts but the bytes of each body: what they must be, and that they must be there, the log says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The bodies of a page by the index of their entries.
pub type Bodies = BTreeMap<u64, Vec<u8>>;

#[derive(Deserialize)]
struct Page {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    log_index: u64,
    #[serde(default)]
    credential: Option<Box<RawValue>>,
    #[serde(default)]
    text: Option<String>,
}

/// Reads a page; a body that is empty or has more than `longest` bytes is left out, as if it had not been given.
///
/// # Errors
/// What is wrong with its JSON.
pub fn parse(bytes: &[u8], longest: usize) -> Result<Bodies, String> {
    let page: Page = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let body = |change: Change| {
        let text = change
            .credential
            .map(|raw| raw.get().to_owned())
            .or(change.text)?;
        (text.len() <= longest && !text.is_empty()).then(|| (change.log_index, text.into_bytes()))
    };
    Ok(page.changes.into_iter().filter_map(body).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exact_bytes_come_out() {
        let page = br#"{"changes":[
            {"logIndex":7,"kind":"record","credential":{"a":"\u00e4", "b":1},"text":null},
            {"logIndex":8,"credential":null,"text":"a\nb"},
            {"logIndex":9,"credential":null,"text":null,"erased":true}],"next":10,"logSize":10}"#;
        let found = parse(page, 100).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[&7], br#"{"a":"\u00e4", "b":1}"#);
        assert_eq!(found[&8], b"a\nb");
        let long = |length: usize| {
            format!(
                r#"{{"changes":[{{"logIndex":1,"text":"{}"}}]}}"#,
                "x".repeat(length)
            )
        };
        assert_eq!(parse(long(100).as_bytes(), 100).unwrap().len(), 1);
        assert_eq!(parse(long(101).as_bytes(), 100).unwrap().len(), 0);
        assert_eq!(parse(long(0).as_bytes(), 100).unwrap().len(), 0);
        assert!(parse(b"{}", 100).is_err() && parse(b"[", 100).is_err());
    }

    proptest! {
        #[test]
        fn hostile_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\":,a-z0-9]{0,200}") {
            let _ = parse(&bytes, 100);
            let _ = parse(text.as_bytes(), 100);
        }
    }
}

//! Bodies from the registry's changes (docs/formats.md, “Changes”). Of a page nothing counts but the bytes of
//! each body: what they must be, and that they must be there, the log says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fetch::FetchError;
use super::round::Round;
use super::segment::MAX_BODY;

/// Longest page that is read, in bytes.
const MAX_PAGE: u64 = 16 << 20;

/// The bodies of a page by the index of their entries.
pub(super) type Page = BTreeMap<u64, Vec<u8>>;

#[derive(Deserialize)]
struct Told {
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

/// Reads a page; what is longer than a body can be is left out, as if it had not been given.
///
/// # Errors
/// What is wrong with its JSON.
pub(super) fn parse(bytes: &[u8]) -> Result<Page, String> {
    let told: Told = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let body = |change: Change| {
        let text = change
            .credential
            .map(|raw| raw.get().to_owned())
            .or(change.text)?;
        (text.len() <= MAX_BODY && !text.is_empty()).then(|| (change.log_index, text.into_bytes()))
    };
    Ok(told.changes.into_iter().filter_map(body).collect())
}

/// Why a page is no use.
pub(super) enum PageError {
    Fetch(FetchError),
    Malformed(String),
}

impl Round<'_> {
    /// The bodies of entries `from..to`, as far as the server gives them.
    pub(super) fn page(&self, from: u64, to: u64) -> Result<Page, PageError> {
        let limit = to.saturating_sub(from);
        let path = format!("/api/v1/changes?since={from}&limit={limit}");
        let bytes = self
            .server
            .get_as_partner(&path, MAX_PAGE)
            .map_err(PageError::Fetch)?;
        parse(&bytes).map_err(|error| PageError::Malformed(format!("{path}: {error}")))
    }
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
        let found = parse(page).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[&7], br#"{"a":"\u00e4", "b":1}"#);
        assert_eq!(found[&8], b"a\nb");
        let long = format!(
            r#"{{"changes":[{{"logIndex":1,"text":"{}"}}]}}"#,
            "x".repeat(MAX_BODY + 1)
        );
        assert_eq!(parse(long.as_bytes()).unwrap().len(), 0);
        assert!(parse(b"{}").is_err() && parse(b"[").is_err());
    }

    proptest! {
        #[test]
        fn hostile_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\":,a-z0-9]{0,200}") {
            let _ = parse(&bytes);
            let _ = parse(text.as_bytes());
        }
    }
}

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::record::credential::samples::{
    blacklist, grade, host, rule_set_publication, signer, value, withdrawal,
};
use crate::record::credential::{Template, samples::created};
use crate::record::golden;
use crate::record::signer::Signer as _;
use crate::record::vectors::folder;

fn snapshot_document() -> Value {
    serde_json::from_slice(&std::fs::read(golden::path("snapshot.json")).unwrap()).unwrap()
}

fn own() -> Value {
    serde_json::from_str::<Value>(&text(&host())).unwrap()["@context"].clone()
}

/// Every member name and type of a document, with those inside `content` left out.
fn words(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                found.insert(name.clone());
                if name == "type" {
                    let types = value
                        .as_array()
                        .map_or(std::slice::from_ref(value), Vec::as_slice);
                    found.extend(types.iter().filter_map(Value::as_str).map(str::to_owned));
                } else if name != "content" && name != "@context" {
                    words(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

/// Every term that a context defines, scoped ones included.
fn terms(context: &Value, found: &mut BTreeSet<String>) {
    for (name, definition) in context.as_object().into_iter().flatten() {
        found.insert(name.clone());
        if let Some(inner) = definition.get("@context") {
            terms(inner, found);
        }
    }
}

#[test]
fn the_text_is_pinned() {
    golden::check("context.json", text(&host()).as_bytes());
    assert_eq!(digest(&host()), Digest::of(text(&host()).as_bytes()));
    assert!(!text(&host()).contains("HOST"));
    assert_ne!(digest(&host()), digest(&Host::parse("other.example").unwrap()));
}

#[test]
fn every_term_is_defined_and_protected() {
    let Some(vectors) = folder("contexts", 1) else {
        return;
    };
    let v2: Value = serde_json::from_slice(&std::fs::read(vectors.join("v2")).unwrap()).unwrap();
    let mut known = BTreeSet::from(["@context".to_owned()]);
    terms(&v2["@context"], &mut known);
    terms(&own(), &mut known);
    let mut used = BTreeSet::new();
    for draft in [grade(), blacklist(), rule_set_publication()] {
        words(&value(&draft), &mut used);
    }
    let template = Template::new(&host(), signer().verification_method(), created()).unwrap();
    let bytes = template.issue_withdrawal(&withdrawal(), &signer()).unwrap();
    words(&serde_json::from_slice(&bytes).unwrap(), &mut used);
    assert!(used.contains("withdraws"));
    words(&snapshot_document(), &mut used);
    let undefined: Vec<_> = used.difference(&known).collect();
    assert!(undefined.is_empty(), "{undefined:?}");
    assert_eq!(own()["@protected"], true);
    assert_eq!(own()["@version"], 1.1);
}

#[test]
fn no_protected_term_of_the_base_context_is_redefined() {
    let Some(vectors) = folder("contexts", 1) else {
        return;
    };
    let v2: Value = serde_json::from_slice(&std::fs::read(vectors.join("v2")).unwrap()).unwrap();
    let mut base: BTreeSet<&String> = v2["@context"].as_object().unwrap().keys().collect();
    base.extend(
        v2["@context"]["VerifiableCredential"]["@context"]
            .as_object()
            .unwrap()
            .keys(),
    );
    let own = own();
    let clash: Vec<_> = own
        .as_object()
        .unwrap()
        .keys()
        .filter(|name| base.contains(name))
        .collect();
    assert_eq!(clash, ["@protected"]);
}

/// `docs/formats.md` names every term, in code spans or inside a JSON example, and every golden file.
#[test]
fn the_document_names_every_term_and_golden_file() {
    let document = include_str!("../../../docs/formats.md");
    let mut defined = BTreeSet::new();
    terms(&own(), &mut defined);
    let named = |term: &str| {
        ['`', '"']
            .iter()
            .any(|mark| document.contains(&format!("{mark}{term}{mark}")))
    };
    let missing: Vec<&String> = defined
        .iter()
        .filter(|term| !term.starts_with('@') && !named(term))
        .collect();
    assert!(missing.is_empty(), "not in docs/formats.md: {missing:?}");
    assert!(
        defined.contains("unifiedCode") && defined.contains("deadline"),
        "{defined:?}"
    );

    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let mut folders = vec![std::path::PathBuf::from(vectors)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(vectors).unwrap().to_str().unwrap();
            assert!(
                name.ends_with("README.md") || document.contains(name),
                "{name} is not in docs/formats.md"
            );
        }
    }
}

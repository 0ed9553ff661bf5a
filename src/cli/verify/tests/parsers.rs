//! Every parser of outside bytes, and what feeds it hostile ones. The sources are searched: a parser that
//! stands in no row fails the test, so that it is given a row, and with it hostile bytes, in the same change.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::log::checkpoint::Checkpoint;
use crate::log::hash::Hash;
use crate::log::key::VerifierKey;
use crate::log::note::{Note, SignatureLine};
use crate::log::policy::Policy;
use crate::log::tlog_proof::TlogProof;
use crate::log::witness::AddCheckpoint;
use crate::log::{entries, tile};
use crate::record::credential::{self, Audience, Host, RecordType};
use crate::record::current::Holding;
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::json::{self, Limits};
use crate::record::snapshot::read_snapshot;
use crate::record::status::{Bitstring, StatusPurpose, read_list};
use crate::record::{canonical, multikey, proof, time};
use crate::verify::bulk::{Header, Line};
use crate::verify::bundle::{Bundle, MAX_BUNDLE};
use crate::verify::fixture::options;
use crate::verify::monitor::{MonitorNote, parse_keys};
use crate::verify::succession::{Succession, parse_file};
use crate::verify::trust::{Issuer, Trust};
use crate::verify::{
    SignatureCheck, Statement, check_bulk, check_bundle, check_record, check_statement, identify,
};

/// Where outside bytes are read.
const PLACES: [&str; 5] = [
    "src/log",
    "src/record",
    "src/verify",
    "src/registry/import",
    "src/web",
];
/// How functions that read bytes are called.
const NAMES: [&str; 8] = [
    "parse",
    "decode",
    "read",
    "scan",
    "identify",
    "open",
    "check_",
    "from_base64",
];

/// What gives a parser hostile bytes.
pub(super) enum Fed {
    /// This, with every input of [`super::hostile`].
    Here(fn(&[u8], &Trust)),
    /// Another row, which calls it on the way.
    By(&'static str),
    /// A test of its own, in this file.
    There(&'static str),
    /// Nothing: what it reads is not from outside.
    Own,
}

use Fed::{By, Here, Own, There};

/// File, function, and what feeds it.
pub(super) const PARSERS: &[(&str, &str, Fed)] = &[
    ("log/base64.rs", "decode", By("log/note.rs parse")),
    ("log/base64.rs", "decode_into", By("log/hash.rs from_base64")),
    (
        "log/checkpoint.rs",
        "parse",
        Here(|b, _| text(b, Checkpoint::parse)),
    ),
    ("log/entries.rs", "decode", Here(|b, _| drop(entries::decode(b)))),
    (
        "log/hash.rs",
        "from_base64",
        Here(|b, _| text(b, Hash::from_base64)),
    ),
    ("log/key.rs", "parse", Here(|b, _| text(b, VerifierKey::parse))),
    (
        "log/note.rs",
        "open",
        Here(|b, trust| drop(Note::parse(b).map(|note| note.open(trust.policy.logs()).is_ok()))),
    ),
    ("log/note.rs", "parse", Here(|b, _| text(b, SignatureLine::parse))),
    ("log/policy.rs", "parse", Here(|b, _| drop(Policy::parse(b)))),
    ("log/policy/parse.rs", "parse", By("log/policy.rs parse")),
    ("log/reader.rs", "read", Own),
    ("log/tile.rs", "decode", Here(|b, _| drop(tile::decode(b)))),
    (
        "log/tile.rs",
        "parse_path",
        Here(|b, _| text(b, tile::parse_path)),
    ),
    (
        "log/tlog_proof.rs",
        "parse",
        Here(|b, _| drop(TlogProof::parse(b))),
    ),
    (
        "record/canonical/scan.rs",
        "scan",
        Here(|b, _| drop(canonical::scan(b))),
    ),
    (
        "record/canonical/scan.rs",
        "scan_text",
        By("record/canonical/scan.rs scan"),
    ),
    ("record/changes.rs", "parse", Own),
    (
        "record/credential/host.rs",
        "parse",
        Here(|b, _| text(b, Host::parse)),
    ),
    (
        "record/credential/mod.rs",
        "parse",
        Here(|b, _| {
            text(b, Audience::parse);
            text(b, RecordType::parse);
        }),
    ),
    (
        "record/credential/read.rs",
        "read",
        Here(|b, _| {
            if let Ok(credential) = credential::read(b) {
                let _ = (credential.facts(), credential.proof.message(), credential.uuid());
            }
        }),
    ),
    (
        "record/credential/read.rs",
        "read_members",
        By("record/credential/read.rs read"),
    ),
    ("record/did.rs", "parse", Here(|b, _| drop(KeyDocument::parse(b)))),
    (
        "record/digest.rs",
        "parse_hex",
        Here(|b, _| text(b, Digest::parse_hex)),
    ),
    (
        "record/digest.rs",
        "parse_multibase",
        Here(|b, _| text(b, Digest::parse_multibase)),
    ),
    (
        "record/entry.rs",
        "decode",
        Here(|b, _| {
            let _ = Entry::decode(b);
        }),
    ),
    ("record/entry.rs", "parse", Here(|b, _| text(b, EntryKind::parse))),
    (
        "record/json.rs",
        "parse",
        Here(|b, _| {
            if let Ok(value) = json::parse(b, Limits::default()) {
                assert!(canonical::to_vec(&value).is_ok());
            }
        }),
    ),
    (
        "record/multikey.rs",
        "decode",
        Here(|b, _| text(b, multikey::decode)),
    ),
    (
        "record/proof/fast.rs",
        "open",
        By("record/credential/read.rs read"),
    ),
    (
        "record/proof/mod.rs",
        "parse_signature",
        Here(|b, _| text(b, proof::parse_signature)),
    ),
    (
        "record/status/bitstring.rs",
        "decode",
        Here(|b, _| text(b, Bitstring::decode)),
    ),
    (
        "record/status/mod.rs",
        "parse",
        Here(|b, _| text(b, StatusPurpose::parse)),
    ),
    (
        "record/status/mod.rs",
        "read_list",
        Here(|b, _| drop(read_list(b))),
    ),
    (
        "record/time.rs",
        "parse_date",
        Here(|b, _| text(b, time::parse_date)),
    ),
    (
        "record/time.rs",
        "parse_timestamp",
        Here(|b, _| text(b, time::parse_timestamp)),
    ),
    (
        "registry/import/authorities.rs",
        "read",
        There("src/registry/import/hostile.rs"),
    ),
    (
        "registry/import/evidence/kind.rs",
        "read",
        By("registry/import/table.rs read"),
    ),
    (
        "registry/import/mod.rs",
        "read",
        By("registry/import/table.rs read"),
    ),
    (
        "registry/import/table.rs",
        "read",
        There("src/registry/import/hostile.rs"),
    ),
    (
        "registry/import/text.rs",
        "decode",
        There("src/registry/import/hostile.rs"),
    ),
    (
        "verify/bulk.rs",
        "parse",
        Here(|b, _| {
            let _ = (Header::parse(b), Line::parse(b));
        }),
    ),
    ("verify/bundle.rs", "parse", Here(|b, _| drop(Bundle::parse(b)))),
    ("verify/bundle.rs", "parse_object", By("verify/bundle.rs parse")),
    ("verify/bundle.rs", "check_type", By("verify/bundle.rs parse")),
    ("verify/chain.rs", "open", By("verify/check/mod.rs check_bundle")),
    (
        "verify/check/mod.rs",
        "check_bundle",
        Here(|b, trust| drop(check_bundle(b, trust, &options()))),
    ),
    (
        "verify/check/mod.rs",
        "check_record",
        Here(|b, trust| drop(check_record(b, trust, &options()))),
    ),
    (
        "verify/check/mod.rs",
        "identify",
        Here(|b, _| drop(identify(b, MAX_BUNDLE))),
    ),
    ("verify/intake.rs", "decode", By("verify/bundle.rs parse")),
    ("verify/keys.rs", "open", By("verify/check/mod.rs check_bundle")),
    ("verify/lists.rs", "open", By("verify/check/mod.rs check_bundle")),
    (
        "verify/stream.rs",
        "check_bulk",
        Here(|b, trust| {
            for check in [SignatureCheck::Strict, SignatureCheck::Batch] {
                drop(check_bulk(b, trust, &options(), check, |_, _| ()));
            }
        }),
    ),
    (
        "verify/stream.rs",
        "check_line",
        By("verify/stream.rs check_bulk"),
    ),
    ("verify/stream.rs", "check_line_unsigned", Own),
    (
        "verify/stream.rs",
        "check_lines",
        By("verify/stream.rs check_bulk"),
    ),
    ("verify/stream.rs", "open", By("verify/stream.rs check_bulk")),
    (
        "verify/trust.rs",
        "parse",
        Here(|b, _| {
            let _ = (Issuer::parse(b), Trust::parse(b, b));
        }),
    ),
    (
        "verify/succession.rs",
        "open",
        Here(|b, trust| drop(Succession::open(b, &trust.issuer))),
    ),
    (
        "verify/succession.rs",
        "parse",
        Here(|b, _| text(b, Succession::parse)),
    ),
    (
        "verify/succession.rs",
        "parse_file",
        Here(|b, trust| drop(parse_file(b, &trust.issuer))),
    ),
    ("web/file.rs", "open", Own),
    ("web/handlers/published.rs", "read", Own),
    ("web/handlers/search.rs", "parse", There("src/web/hostile.rs")),
    ("web/handlers/verify.rs", "read", Own),
    ("web/i18n/mod.rs", "parse", There("src/web/hostile.rs")),
    (
        "log/note.rs",
        "parse_prepared",
        Here(|b, _| drop(Note::parse_prepared(b))),
    ),
    (
        "log/witness/request.rs",
        "parse",
        Here(|b, _| drop(AddCheckpoint::parse(b))),
    ),
    (
        "record/current.rs",
        "decode",
        Here(|b, _| {
            let _ = Holding::decode(b);
        }),
    ),
    (
        "record/snapshot.rs",
        "read_snapshot",
        Here(|b, _| drop(read_snapshot(b))),
    ),
    (
        "record/status/mod.rs",
        "parse_url",
        By("record/status/mod.rs read_list"),
    ),
    (
        "verify/check/mod.rs",
        "identify_value",
        By("verify/check/mod.rs identify"),
    ),
    (
        "verify/monitor.rs",
        "open",
        Here(|b, trust| text(b, |t| MonitorNote::open(t, trust.policy.logs()).is_ok())),
    ),
    (
        "verify/monitor.rs",
        "parse",
        Here(|b, _| text(b, MonitorNote::parse)),
    ),
    (
        "verify/monitor.rs",
        "parse_keys",
        Here(|b, _| drop(parse_keys(b))),
    ),
    (
        "verify/statement.rs",
        "parse",
        Here(|b, _| drop(Statement::parse(b))),
    ),
    (
        "verify/statement/check.rs",
        "check_statement",
        Here(|b, trust| drop(check_statement(b, trust, &options()))),
    ),
];

fn text<T>(bytes: &[u8], parse: impl Fn(&str) -> T) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        drop(parse(text));
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" && name != "fixture" {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" && name != "fixture.rs" {
            found.push(path);
        }
    }
}

/// Name of the function that a line declares for others, if any.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (_, after) = line.strip_prefix("pub").and_then(|_| line.split_once("fn "))?;
    after.split(['(', '<']).next()
}

#[test]
fn every_parser_has_a_row() {
    let mut files = Vec::new();
    for place in PLACES {
        sources(&root().join(place), &mut files);
    }
    let mut found = BTreeSet::new();
    for file in &files {
        let name = file.strip_prefix(root().join("src")).unwrap().to_str().unwrap();
        let source = fs::read_to_string(file).unwrap();
        let before_tests = source.split("#[cfg(test)]\nmod tests").next().unwrap();
        let functions = before_tests.lines().filter_map(declared);
        let parsers = functions.filter(|function| NAMES.iter().any(|start| function.starts_with(start)));
        found.extend(parsers.map(|function| (name.to_owned(), function.to_owned())));
    }
    let rows = PARSERS
        .iter()
        .map(|(file, function, _)| ((*file).to_owned(), (*function).to_owned()));
    let rows: BTreeSet<(String, String)> = rows.collect();
    let missing: Vec<_> = found.difference(&rows).collect();
    assert!(missing.is_empty(), "parsers without a row: {missing:?}");
    let gone: Vec<_> = rows.difference(&found).collect();
    assert!(gone.is_empty(), "rows without a parser: {gone:?}");
}

#[test]
fn every_row_leads_to_hostile_bytes() {
    for (file, function, fed) in PARSERS {
        match fed {
            Here(_) | Own => {}
            By(row) => {
                let by = |(file, function, fed): &(&str, &str, Fed)| {
                    format!("{file} {function}") == *row && !matches!(fed, Own)
                };
                assert!(PARSERS.iter().any(by), "{file} {function}: no row {row}");
            }
            There(path) => {
                let source = fs::read_to_string(root().join(path)).unwrap();
                assert!(source.contains("proptest!"), "{path}");
            }
        }
    }
}

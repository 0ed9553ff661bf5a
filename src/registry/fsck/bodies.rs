//! Bodies: digest against entry, signature against the issuer's keys, look-up columns against bytes.

use std::collections::HashMap;

use ed25519_dalek::VerifyingKey;
use rayon::prelude::*;

use crate::log::note::Note;
use crate::record::credential::{self, Credential, Subject};
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::registry::Registry;
use crate::registry::keys::ROOTS;
use crate::store::log::body::{self, Body};
use crate::store::{Conn, StoreResult};

use super::{Damage, Finding, FsckError, Report};

/// The issuer's keys by verification method, as the logged key documents list them.
pub(super) type IssuerKeys = HashMap<String, VerifyingKey>;

/// Opens every key document; the root keys' signatures are checked where the public halves are at hand.
pub(super) fn issuer_keys(
    conn: &mut Conn,
    registry: &Registry,
    report: &mut Report,
) -> Result<IssuerKeys, FsckError> {
    let mut roots = Vec::new();
    if registry.data.is_some() {
        let keys = registry.keys()?;
        // Root keys belong offline: those that are not here are not asked.
        roots.extend(
            (1..=ROOTS)
                .filter_map(|n| keys.root(n).ok())
                .map(|root| root.verifier().clone()),
        );
    }
    let mut issuer = IssuerKeys::new();
    for row in body::all_of_kind(conn, EntryKind::Keys.as_str())? {
        let name = format!("body {}", row.log_index);
        let document = Note::parse(&row.bytes)
            .map_err(|error| error.to_string())
            .and_then(|note| {
                note.verified_by(&roots).map_err(|error| error.to_string())?;
                KeyDocument::parse(note.text().trim_end_matches('\n').as_bytes())
                    .map_err(|error| error.to_string())
            });
        match document {
            Ok(document) => issuer.extend(document.methods.into_iter().map(|method| (method.id, method.key))),
            Err(why) => report.find(Damage::Signature, name, why),
        }
    }
    Ok(issuer)
}

/// Checks the bodies of entries `first..end` against the entries.
pub(super) fn check(
    conn: &mut Conn,
    first: i64,
    end: i64,
    entries: &[&[u8]],
    keys: &IssuerKeys,
    report: &mut Report,
) -> StoreResult<()> {
    let rows: HashMap<i64, Body> = body::between(conn, first, end)?
        .into_iter()
        .map(|row| (row.log_index, row))
        .collect();
    let places: Vec<(i64, &[u8])> = (first..end).zip(entries.iter().copied()).collect();
    let checked: Vec<Result<bool, Finding>> = places
        .into_par_iter()
        .map(|(index, entry)| match rows.get(&index) {
            Some(row) => check_body(row, entry, keys),
            None => Err(damaged(index, Damage::Body, "it is gone, and no erasure says so")),
        })
        .collect();
    for result in checked {
        match result {
            Ok(signed) => report.signatures = report.signatures.saturating_add(u64::from(signed)),
            Err(finding) => report.find(finding.damage, finding.row, finding.why),
        }
    }
    Ok(())
}

fn damaged(index: i64, damage: Damage, why: impl ToString) -> Finding {
    Finding {
        damage,
        row: format!("body {index}"),
        why: why.to_string(),
    }
}

/// Whether it was signed; or what is wrong with it.
fn check_body(row: &Body, entry: &[u8], keys: &IssuerKeys) -> Result<bool, Finding> {
    let index = row.log_index;
    let entry = Entry::decode(entry).map_err(|error| damaged(index, Damage::Log, error))?;
    if Digest::of(&row.bytes) != entry.digest {
        return Err(damaged(
            index,
            Damage::Body,
            "its bytes are not those that were logged",
        ));
    }
    if row.kind != entry.kind.as_str() || row.audience != entry.audience.as_str() {
        return Err(damaged(
            index,
            Damage::Index,
            "its kind or audience is not what was logged",
        ));
    }
    if entry.kind == EntryKind::Keys {
        return Ok(false);
    }
    let record = credential::read(&row.bytes).map_err(|error| damaged(index, Damage::Body, error))?;
    let method = record.proof.verification_method();
    let key = keys
        .get(method)
        .ok_or_else(|| damaged(index, Damage::Signature, "no key document lists its key"))?;
    record
        .proof
        .verify(key)
        .map_err(|error| damaged(index, Damage::Signature, error))?;
    check_columns(row, &record)?;
    Ok(true)
}

/// The columns by which it is found say what the bytes say.
fn check_columns(row: &Body, record: &Credential<'_>) -> Result<(), Finding> {
    let wrong = |what: &str| {
        Err(damaged(
            row.log_index,
            Damage::Index,
            format!("its {what} is not what its bytes say"),
        ))
    };
    if row.kind == EntryKind::StatusList.as_str() {
        return Ok(());
    }
    if row.record_type.as_deref() != Some(record.record_type.as_str()) {
        return wrong("type");
    }
    if row.record_id.as_deref()
        != record
            .uuid()
            .map(|id| id.into_bytes())
            .as_ref()
            .map(<[u8; 16]>::as_slice)
    {
        return wrong("record id");
    }
    let facts = record
        .facts()
        .map_err(|error| damaged(row.log_index, Damage::Body, error))?;
    let (year, outcome) = match &facts {
        Subject::Grade(facts) => (Some(i64::from(facts.year)), facts.grade.to_string()),
        Subject::Blacklist(_) => (None, "listed".to_owned()),
        Subject::RuleSet(facts) => (None, format!("{} {}", facts.id, facts.version)),
    };
    if row.year != year || row.outcome.as_deref() != Some(outcome.as_str()) {
        return wrong("year or outcome");
    }
    Ok(())
}

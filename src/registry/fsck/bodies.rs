//! Bodies: digest against entry, signature against the issuer's keys, look-up columns against bytes.

use std::collections::HashMap;

use ed25519_dalek::VerifyingKey;
use rayon::prelude::*;

use crate::log::note::Note;
use crate::record::credential::{self, Credential, EmployerId, Subject};
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::{snapshot, status};
use crate::registry::Registry;
use crate::registry::audit::Statement;
use crate::registry::key_document::{self, KeyDocumentError};
use crate::store::employer::{self, EmployerRow};
use crate::store::log::body::{self, Body};
use crate::store::log::chunk::Chunk;
use crate::store::log::status::StatusListVersion;
use crate::store::{Conn, StoreResult};
use crate::verify::Succession;
use crate::verify::trust::Issuer;

use super::erasures::Erasures;
use super::lists::{Lists, Seen};
use super::{Damage, Finding, FsckError, Report};

/// The issuer's keys by verification method, as the logged key documents list them.
pub(super) type IssuerKeys = HashMap<String, VerifyingKey>;

/// Opens every key document: enough roots have signed it, where the trust folder says who they are, and it
/// takes back nothing of the one before.
pub(super) fn issuer_keys(
    conn: &mut Conn,
    registry: &Registry,
    report: &mut Report,
) -> Result<IssuerKeys, FsckError> {
    let roots = registry.data.as_ref().map(|_| registry.trust()).transpose()?;
    let mut issuer = IssuerKeys::new();
    let mut before: Option<KeyDocument> = None;
    for row in body::all_of_kind(conn, EntryKind::Keys.as_str())? {
        // Those have a check of their own.
        if Succession::is_note(&row.bytes) {
            continue;
        }
        let name = format!("body {}", row.log_index);
        match key_document(
            &row.bytes,
            roots.as_ref().map(|trust| &trust.issuer),
            before.as_ref(),
        ) {
            Ok(document) => {
                issuer.extend(
                    document
                        .methods
                        .iter()
                        .map(|method| (method.id.clone(), method.key)),
                );
                before = Some(document);
            }
            Err(why) => report.find(Damage::Signature, name, why),
        }
    }
    Ok(issuer)
}

fn key_document(
    bytes: &[u8],
    roots: Option<&Issuer>,
    before: Option<&KeyDocument>,
) -> Result<KeyDocument, KeyDocumentError> {
    let note = Note::parse(bytes)?;
    let document = key_document::read(bytes)?;
    if let Some(issuer) = roots {
        let (have, need) = (key_document::roots_of(&note, issuer)?, issuer.threshold);
        if have < need {
            return Err(KeyDocumentError::Roots { have, need });
        }
    }
    if let Some(before) = before {
        before.may_be_followed_by(&document)?;
    }
    Ok(document)
}

/// What bodies are held against, besides their entries.
pub(super) struct Known<'k> {
    /// The issuer's keys.
    pub(super) keys: &'k IssuerKeys,
    /// The journal, in log order.
    pub(super) chunks: &'k [Chunk],
    /// What was erased.
    pub(super) erasures: &'k Erasures,
}

impl Known<'_> {
    /// The batch that the entry at `index` came with, by the journal.
    fn batch(&self, index: i64) -> Option<&str> {
        let after = self.chunks.partition_point(|chunk| chunk.first_index <= index);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        chunk.batch_id.as_deref()
    }
}

/// Checks the bodies of the entries from `first` on against the entries.
pub(super) fn check(
    conn: &mut Conn,
    first: i64,
    entries: &[&[u8]],
    known: &Known<'_>,
    lists: &mut Lists,
    report: &mut Report,
) -> StoreResult<()> {
    let places: Vec<(i64, &[u8])> = (first..).zip(entries.iter().copied()).collect();
    let end = places.last().map_or(first, |(last, _)| last.saturating_add(1));
    let rows: HashMap<i64, Body> = body::between(conn, first, end)?
        .into_iter()
        .map(|row| (row.log_index, row))
        .collect();
    let ids: Vec<i64> = rows.values().filter_map(|row| row.employer_id).collect();
    let employers: HashMap<i64, EmployerRow> = employer::find_many(conn, &ids)?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let checked: Vec<Result<Seen, Finding>> = places
        .into_par_iter()
        .map(|(index, entry)| match rows.get(&index) {
            Some(row) => check_body(row, entry, known, &employers),
            None => known.erasures.account_for(index, entry, known.batch(index)),
        })
        .collect();
    for result in checked {
        match result {
            Ok(seen) => {
                report.signatures = report.signatures.saturating_add(u64::from(!matches!(
                    seen,
                    Seen::Keys | Seen::Audit | Seen::Erasure
                )));
                lists.saw(seen, report);
            }
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

/// What it is; or what is wrong with it.
fn check_body(
    row: &Body,
    entry: &[u8],
    known: &Known<'_>,
    employers: &HashMap<i64, EmployerRow>,
) -> Result<Seen, Finding> {
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
    if row.batch_id.as_deref() != known.batch(index) {
        return Err(damaged(
            index,
            Damage::Index,
            "its batch is not the one that the journal names",
        ));
    }
    if entry.kind == EntryKind::Keys {
        no_columns(row)?;
        return Ok(Seen::Keys);
    }
    if entry.kind == EntryKind::Audit {
        no_columns(row)?;
        return match Statement::parse(&row.bytes) {
            Some(_) => Ok(Seen::Audit),
            None => Err(damaged(
                index,
                Damage::Body,
                "it is no statement of the audit trail",
            )),
        };
    }
    let record = credential::read(&row.bytes).map_err(|error| damaged(index, Damage::Body, error))?;
    let method = record.proof.verification_method();
    let key = known
        .keys
        .get(method)
        .ok_or_else(|| damaged(index, Damage::Signature, "no key document lists its key"))?;
    record
        .proof
        .verify(key)
        .map_err(|error| damaged(index, Damage::Signature, error))?;
    if row.kind == EntryKind::StatusList.as_str() {
        no_columns(row)?;
        let list = status::list_of(record).map_err(|error| damaged(index, Damage::Body, error))?;
        let version = StatusListVersion {
            purpose: list.purpose.as_str().to_owned(),
            number: i64::from(list.list),
            log_index: index,
            valid_from: list.credential.valid_from.naive_utc(),
        };
        return Ok(Seen::List(version, list.bits));
    }
    if entry.kind == EntryKind::Snapshot {
        no_columns(row)?;
        let found = snapshot::snapshot_of(record).map_err(|error| damaged(index, Damage::Body, error))?;
        if found.state.audience != entry.audience {
            return Err(damaged(index, Damage::Body, "it was logged for another audience"));
        }
        return Ok(Seen::Snapshot);
    }
    check_columns(row, &record, employers)?;
    Ok(Seen::Record(index, record.status))
}

/// The registry's own entries are found by nothing but their kind.
fn no_columns(row: &Body) -> Result<(), Finding> {
    let none = row.record_id.is_none()
        && row.record_type.is_none()
        && row.employer_id.is_none()
        && row.year.is_none()
        && row.outcome.is_none();
    if none {
        Ok(())
    } else {
        Err(damaged(
            row.log_index,
            Damage::Index,
            "it is no record and would be found as one",
        ))
    }
}

/// The columns by which it is found say what the bytes say.
fn check_columns(
    row: &Body,
    record: &Credential<'_>,
    employers: &HashMap<i64, EmployerRow>,
) -> Result<(), Finding> {
    let wrong = |what: &str| {
        Err(damaged(
            row.log_index,
            Damage::Index,
            format!("its {what} is not what its bytes say"),
        ))
    };
    if row.record_type.as_deref() != Some(record.record_type.as_str()) {
        return wrong("type");
    }
    let id = record.uuid().map(uuid::Uuid::into_bytes);
    if row.record_id.as_deref() != id.as_ref().map(<[u8; 16]>::as_slice) {
        return wrong("record id");
    }
    let facts = record
        .facts()
        .map_err(|error| damaged(row.log_index, Damage::Body, error))?;
    let (year, outcome, about) = match &facts {
        Subject::Grade(facts) => (
            Some(i64::from(facts.year)),
            facts.grade.to_string(),
            Some(&facts.employer),
        ),
        Subject::Blacklist(facts) => (None, "listed".to_owned(), Some(&facts.employer)),
        Subject::RuleSet(facts) => (None, format!("{} {}", facts.id, facts.version), None),
        Subject::Withdrawal(_) => (None, "withdrawn".to_owned(), None),
    };
    if row.year != year || row.outcome.as_deref() != Some(outcome.as_str()) {
        return wrong("year or outcome");
    }
    let found = row.employer_id.map(|id| employers.get(&id));
    let same = match (found, about) {
        (None, None) => true,
        (Some(Some(found)), Some(about)) => match &about.id {
            EmployerId::UnifiedCode(code) => found.code.as_deref() == Some(&**code),
            EmployerId::RegistrationNumber(number) => found.registration.as_deref() == Some(&**number),
        },
        _ => false,
    };
    if same { Ok(()) } else { wrong("employer") }
}

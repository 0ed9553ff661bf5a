//! Whether a body is what its entry says, signed by a key that could sign it. Pure: bytes in, judgement out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::alarm::Kind;
use crate::record::credential::{self, Subject};
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::snapshot::{State as SnapshotState, snapshot_of};
use crate::record::status::{StatusPurpose, list_of};
use crate::verify::trust::Issuer;

/// By what bodies are judged.
pub(super) struct Known<'k> {
    pub(super) issuer: &'k Issuer,
    /// The newest key document below the bodies.
    pub(super) keys: Option<&'k KeyDocument>,
    /// Where the first document stands that lists each method.
    pub(super) methods: &'k BTreeMap<String, u64>,
    /// From which index on entries were logged after which time.
    pub(super) after: Option<(u64, DateTime<Utc>)>,
}

/// A body in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sound {
    /// Nothing to remember.
    Other,
    /// A version of a status list.
    List(StatusPurpose, u32, DateTime<Utc>),
    /// A snapshot.
    Snapshot(SnapshotState),
    /// A withdrawal of the body of this digest.
    Withdrawal(Digest),
}

/// Why a body is not in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Other bytes than those that were logged.
    Changed,
    /// What was logged should not have been.
    Wrong(Kind, String),
}

/// Judges the body of the entry at `index`; key documents are judged one after another, elsewhere.
pub(super) fn judge(index: u64, entry: &Entry, body: &[u8], known: &Known<'_>) -> Result<Sound, Fault> {
    if Digest::of(body) != entry.digest {
        return Err(Fault::Changed);
    }
    match entry.kind {
        // A day of the audit trail is a digest for those who have the trail; an erasure has no body.
        EntryKind::Audit | EntryKind::Erasure | EntryKind::Keys => return Ok(Sound::Other),
        EntryKind::Record
        | EntryKind::StatusList
        | EntryKind::Snapshot
        | EntryKind::RuleSet
        | EntryKind::Draw => {}
    }
    let malformed = match entry.kind {
        EntryKind::StatusList => Kind::ListMalformed,
        _ => Kind::Record,
    };
    let wrong = |kind, why: &dyn std::fmt::Display| Fault::Wrong(kind, why.to_string());
    let record = credential::read(body).map_err(|error| wrong(malformed, &error))?;
    if record.host != known.issuer.host.as_str() {
        return Err(wrong(Kind::Record, &format!("it is issued by {}", record.issuer)));
    }
    if record.record_type.entry_kind() != entry.kind {
        return Err(wrong(
            Kind::Record,
            &format!(
                "it is a {}, logged as {}",
                record.record_type.as_str(),
                entry.kind.as_str()
            ),
        ));
    }
    signed(index, &record, known).map_err(|why| wrong(Kind::Record, &why))?;
    match entry.kind {
        EntryKind::StatusList => {
            let list = list_of(record).map_err(|error| wrong(Kind::ListMalformed, &error))?;
            Ok(Sound::List(list.purpose, list.list, list.credential.valid_from))
        }
        EntryKind::Snapshot => {
            let snapshot = snapshot_of(record).map_err(|error| wrong(Kind::Snapshot, &error))?;
            match snapshot.state.audience == entry.audience {
                true => Ok(Sound::Snapshot(snapshot.state)),
                false => Err(wrong(Kind::Snapshot, &"it was logged for another audience")),
            }
        }
        _ => match record.facts() {
            Ok(Subject::Withdrawal(facts)) => Ok(Sound::Withdrawal(facts.withdraws)),
            Ok(_) => Ok(Sound::Other),
            Err(error) => Err(wrong(Kind::Record, &error)),
        },
    }
}

/// Whether a key signed that a document before it lists, and that had not ended.
fn signed(index: u64, record: &credential::Credential<'_>, known: &Known<'_>) -> Result<(), String> {
    let name = record.proof.verification_method();
    let listed = known.methods.get(name).is_some_and(|first| *first < index);
    let method = known.keys.and_then(|keys| keys.method(name)).filter(|_| listed);
    let method = method.ok_or_else(|| format!("no key document before it lists {name}"))?;
    record
        .proof
        .verify(&method.key)
        .map_err(|error| error.to_string())?;
    let created = record.proof.created();
    let proven = known
        .after
        .filter(|(from, _)| index >= *from)
        .map(|(_, time)| time);
    // Not before this; it may have been later.
    let at = proven.map_or(created, |proven| proven.max(created));
    let ends = [method.expires, method.revoked];
    match ends.into_iter().flatten().min().filter(|end| *end <= at) {
        Some(end) => Err(format!(
            "its key had ended on {end}, and it was signed or logged at {at} at the earliest"
        )),
        None => Ok(()),
    }
}

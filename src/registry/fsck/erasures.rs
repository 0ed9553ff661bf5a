//! Erasures: a body may be missing only with its `erasure` entry, its `RecordWithdrawal` and an archived copy
//! that opens to the erased digest; and what is erased must not be there still.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::withdrawal::Cause;
use crate::log::entries;
use crate::record::credential::{self, StatusPointer, Subject};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::Change;
use crate::registry::Registry;
use crate::registry::archive::ArchiveKey;
use crate::registry::change::Causes;
use crate::store::log::archive::{self, SealedRow};
use crate::store::log::erasure::{self, ErasureRow};
use crate::store::log::{body, bundle, change, head};
use crate::store::{Conn, StoreResult};

use super::lists::Seen;
use super::{Damage, Finding, FsckError, Report};

/// A row with what it must be held against.
struct Erased {
    row: ErasureRow,
    sealed: Option<SealedRow>,
    /// By the journal of changes; the archived bytes count where they can be opened.
    pointer: Option<StatusPointer>,
    /// When its withdrawal says that display ended, under the issuer's signature.
    ended: Option<DateTime<Utc>>,
}

/// How long the signing of one chunk of withdrawals may take.
const SIGNING: TimeDelta = TimeDelta::minutes(10);

/// Every erasure by the erased record's log index.
pub(super) struct Erasures {
    rows: BTreeMap<i64, Erased>,
    by_entry: BTreeMap<i64, i64>,
    /// None where this machine has no keys: then the copies are only looked for, not opened.
    key: Option<ArchiveKey>,
}

fn name(index: i64) -> String {
    format!("erasure {index}")
}

impl Erasures {
    pub(super) fn load(conn: &mut Conn, registry: &Registry, report: &mut Report) -> Result<Self, FsckError> {
        let mut sealed: BTreeMap<i64, SealedRow> = archive::all(conn)?
            .into_iter()
            .map(|row| (row.record_index, row))
            .collect();
        let mut found = Self {
            rows: BTreeMap::new(),
            by_entry: BTreeMap::new(),
            key: None,
        };
        for row in erasure::all(conn)? {
            let pointer = revoked(conn, row.record_index)?;
            if pointer.is_none() {
                let why = "no change of status says that its record is withdrawn";
                report.find(Damage::Status, name(row.record_index), why);
            }
            found.by_entry.insert(row.erasure_index, row.record_index);
            let withdrawal = body::at(conn, row.withdrawal_index)?;
            let erased = Erased {
                ended: withdrawal
                    .and_then(|body| credential::read(&body.bytes).ok().map(|record| record.valid_from)),
                sealed: sealed.remove(&row.record_index),
                pointer,
                row,
            };
            found.rows.insert(erased.row.record_index, erased);
        }
        for index in sealed.keys() {
            report.find(
                Damage::Body,
                format!("archive {index}"),
                "no erasure accounts for it",
            );
        }
        // A copy that was restored without keys is opened when they are put back.
        let has_keys = registry.data.is_some() && registry.keys()?.signs_heads()?;
        if has_keys && !found.rows.is_empty() {
            match ArchiveKey::of(registry, conn) {
                Ok(key) => found.key = Some(key),
                Err(error) => report.find(Damage::Body, "archive", error),
            }
        }
        Ok(found)
    }

    /// What an entry without a body is, if an erasure accounts for it; `batch` is the one that the journal
    /// names for it.
    pub(super) fn account_for(&self, index: i64, entry: &[u8], batch: Option<&str>) -> Result<Seen, Finding> {
        let finding = |damage, row: String, why: &str| Finding {
            damage,
            row,
            why: why.to_owned(),
        };
        let entry = Entry::decode(entry)
            .map_err(|error| finding(Damage::Log, format!("body {index}"), &error.to_string()))?;
        if entry.kind == EntryKind::Erasure {
            let row = self.by_entry.get(&index).and_then(|record| self.rows.get(record));
            return match row {
                Some(erased) if says(&erased.row, &entry) => Ok(Seen::Erasure),
                _ => Err(finding(
                    Damage::Index,
                    format!("erasure entry {index}"),
                    "no row says what it erased",
                )),
            };
        }
        let gone = || {
            finding(
                Damage::Body,
                format!("body {index}"),
                "it is gone, and no erasure says so",
            )
        };
        let erased = self.rows.get(&index).ok_or_else(gone)?;
        if entry.kind != EntryKind::Record || !says(&erased.row, &entry) {
            return Err(gone());
        }
        let Some(sealed) = &erased.sealed else {
            return Err(finding(
                Damage::Body,
                format!("archive {index}"),
                "the erased record has no copy in the archive",
            ));
        };
        let Some(key) = &self.key else {
            return Ok(Seen::Record(index, erased.pointer));
        };
        let bytes = key
            .open(&erased.row, sealed)
            .map_err(|error| finding(Damage::Body, format!("archive {index}"), &error.to_string()))?;
        let record = credential::read(&bytes)
            .map_err(|error| finding(Damage::Body, format!("archive {index}"), &error.to_string()))?;
        if record.record_type.as_str() != erased.row.record_type
            || erased.row.origin_batch.as_deref() != batch
        {
            let why = "its type or batch is not that of its record";
            return Err(finding(Damage::Index, name(index), why));
        }
        if record.status != erased.pointer {
            return Err(finding(
                Damage::Index,
                name(index),
                "the bit that was set is not that of its record",
            ));
        }
        Ok(Seen::Record(index, record.status))
    }

    /// Whether a record's term had run when it was withdrawn: what time alone may bring about. One that cannot
    /// be opened here is told of elsewhere.
    fn was_over(&self, erased: &Erased) -> bool {
        let (Some(key), Some(sealed)) = (&self.key, &erased.sealed) else {
            return true;
        };
        let Ok(bytes) = key.open(&erased.row, sealed) else {
            return true;
        };
        let until = credential::read(&bytes)
            .ok()
            .and_then(|record| record.valid_until);
        matches!((until, erased.ended), (Some(until), Some(ended)) if until <= ended)
    }

    /// What is left once the log was read: bodies that should be gone, erasures that the log does not hold,
    /// withdrawals that name another record.
    pub(super) fn check(&self, conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
        let found = head::read(conn)?;
        let mut causes = Causes::default();
        let (signed, stored) = (found.head_size, found.stored_size);
        for (index, erased) in &self.rows {
            let row = &erased.row;
            if row.erasure_index < signed && body::at(conn, *index)?.is_some() {
                let why = "it was erased and is still there";
                report.find(Damage::Body, format!("body {index}"), why);
            }
            if let Some(why) = undecided(conn, &mut causes, row)? {
                report.find(Damage::Status, name(*index), why);
            }
            if row.cause == Cause::Expiry.as_str() && !self.was_over(erased) {
                let why = "it was taken down before its term had run, and nobody decided it";
                report.find(Damage::Status, name(*index), why);
            }
            let apart = erased.ended.map(|ended| (row.erased_at.and_utc() - ended).abs());
            if apart.is_some_and(|apart| apart > SIGNING) {
                let why = "it was not erased when its withdrawal was signed";
                report.find(Damage::Time, name(*index), why);
            }
            let logged = logged_at(conn, row.erasure_index, stored)?;
            if !logged.is_some_and(|entry| entry.kind == EntryKind::Erasure && says(row, &entry)) {
                report.find(Damage::Index, name(*index), "no entry of the log says it");
            }
            let withdrawal = body::at(conn, row.withdrawal_index)?;
            let names = withdrawal.and_then(|body| withdraws(&body.bytes));
            if names.is_none_or(|digest| digest.as_bytes().as_slice() != row.digest) {
                let why = "no withdrawal stands where it says, or it names another record";
                report.find(Damage::Index, name(*index), why);
            }
        }
        Ok(())
    }
}

/// Why neither two persons decided an erasure nor time can have brought it about. That a term had run is seen
/// in the archived record, where it can be opened.
fn undecided(conn: &mut Conn, causes: &mut Causes, row: &ErasureRow) -> StoreResult<Option<String>> {
    match (&row.batch_id, Cause::parse(&row.cause)) {
        (None, Some(Cause::Expiry)) => Ok(None),
        (Some(batch), Some(cause)) if cause.is_decided() => {
            causes.refuse_erasure(conn, batch, row.record_index)
        }
        _ => Ok(Some(format!("{:?} names no batch that decided it", row.cause))),
    }
}

/// The entry at a place in a log of `size`.
pub(super) fn logged_at(conn: &mut Conn, index: i64, size: i64) -> StoreResult<Option<Entry>> {
    if !(0..size).contains(&index) {
        return Ok(None);
    }
    let number = index / 256;
    let width = size.saturating_sub(number.saturating_mul(256)).min(256);
    let row = bundle::read(conn, number, width)?;
    let place = usize::try_from(index % 256).unwrap_or(usize::MAX);
    Ok(row.and_then(|row| {
        let entries = entries::decode(&row.entries).ok()?;
        Entry::decode(entries.get(place)?).ok()
    }))
}

fn says(row: &ErasureRow, entry: &Entry) -> bool {
    row.digest == entry.digest.as_bytes().as_slice() && row.audience == entry.audience.as_str()
}

/// The record that a withdrawal names.
fn withdraws(bytes: &[u8]) -> Option<Digest> {
    match credential::read(bytes).ok()?.facts().ok()? {
        Subject::Withdrawal(facts) => Some(facts.withdraws),
        _ => None,
    }
}

/// Where the bit stands that a journalled revocation sets.
fn revoked(conn: &mut Conn, record: i64) -> StoreResult<Option<StatusPointer>> {
    for row in change::of_record(conn, record)? {
        if let Ok(wanted) = row.change()
            && wanted.to == Change::Revoke
            && row.version_index.is_some()
        {
            return Ok(Some(wanted.at));
        }
    }
    Ok(None)
}

//! Re-verifies everything from storage: every tile from the leaves up, every entry, every body's
//! digest and signature, every head, every list version, the audit chain and its daily statements, and the
//! times that the chain tells of.
//!
//! It trusts nothing that the database says about itself, repairs nothing, and reports each damaged
//! row. Everything is read in one transaction, so that a registry may publish meanwhile. Memory grows with the
//! log by a few bytes a record (`lists`). What each table is held against, and which columns nothing speaks
//! for, is the table of `tests/it/fsck`.

mod audit;
mod bodies;
mod cosigned;
mod decisions;
mod erasures;
mod history;
mod intents;
mod journal;
mod lists;
mod outside;
mod snapshots;
mod successions;
mod times;
mod tree;
mod waiting;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::store::log::head::{self, Head};
use crate::store::{self, Conn, StoreError, StoreResult, setting};

use super::Registry;
use super::high_water::{Mark, MarkError};
use super::keys::KeysError;
use super::origins::Origins;
use super::trust::TrustError;

/// What kind of damage; the command's exit code is the smallest one found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Damage {
    /// Entries, tiles or heads contradict each other or are missing.
    Log,
    /// A body's bytes are not those that were logged, or are gone without a sound erasure, or are still there
    /// after one.
    Body,
    /// A record's, list's or key document's signature does not verify.
    Signature,
    /// The columns by which a body is found do not say what its bytes say.
    Index,
    /// The audit chain is broken, shorter than the log says, or silent about what was done.
    Audit,
    /// A time is not what the audit trail or something signed says.
    Time,
    /// A status list goes back in time, clears a bit that is never cleared, or shows what nobody decided.
    Status,
}

impl Damage {
    /// The exit code for this kind.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Log => 4,
            Self::Body => 5,
            Self::Signature => 6,
            Self::Index => 7,
            Self::Audit => 8,
            Self::Time => 9,
            Self::Status => 10,
        }
    }
}

/// One damaged row. As JSON: `kind`, `table`, `row` (the row's key within its table) and `says`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub damage: Damage,
    /// The row: the name of its table, a space, its key.
    pub row: String,
    /// What is wrong with it.
    pub why: String,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (table, row) = self.row.split_once(' ').unwrap_or((&self.row, ""));
        let mut object = serializer.serialize_struct("Finding", 4)?;
        object.serialize_field("kind", &self.damage)?;
        object.serialize_field("table", table)?;
        object.serialize_field("row", row)?;
        object.serialize_field("says", &self.why)?;
        object.end()
    }
}

/// What was checked and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Entries under the signed head.
    pub entries: u64,
    /// The recomputed root, base64.
    pub root: String,
    /// Signatures verified.
    pub signatures: u64,
    /// Audit rows.
    pub audit_rows: u64,
    /// Damage, in the order found; at most [`MOST`].
    #[serde(rename = "faults")]
    pub findings: Vec<Finding>,
}

/// Findings listed; a wrecked database would otherwise fill the memory with them.
pub const MOST: usize = 1000;

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The trust folder, which names the public halves.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

impl Report {
    fn find(&mut self, damage: Damage, row: impl Into<String>, why: impl ToString) {
        if self.findings.len() < MOST {
            self.findings.push(Finding {
                damage,
                row: row.into(),
                why: why.to_string(),
            });
        }
    }

    /// 0 when nothing is damaged.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.findings
            .iter()
            .map(|finding| finding.damage)
            .min()
            .map_or(0, Damage::exit_code)
    }
}

/// Told how many entries are checked, and of how many.
pub type Progress<'p> = &'p dyn Fn(u64, u64);

/// Checks everything.
///
/// # Errors
/// [`FsckError`] when the database cannot be read at all; damage is in the report.
pub fn run(registry: &Registry, progress: Progress<'_>) -> Result<Report, FsckError> {
    // Before the transaction begins: a mark that rises later tells of entries that it does not see.
    let mark = mark(registry)?;
    let mut conn = registry.store.conn()?;
    store::read(&mut conn, |conn| check(conn, registry, mark.as_ref(), progress))
}

/// What the signer remembers, where this machine has its keys.
///
/// # Errors
/// [`FsckError::Keys`].
pub fn mark(registry: &Registry) -> Result<Option<Remembered>, FsckError> {
    match &registry.data {
        Some(_) => Ok(Some(registry.keys()?.high_water()?.read())),
        None => Ok(None),
    }
}

/// What was found where the signer's memory should be.
pub type Remembered = Result<Option<Mark>, MarkError>;

/// Checks everything over a connection whose transaction reads all of it as of one moment.
///
/// # Errors
/// As [`run`].
pub fn check(
    conn: &mut Conn,
    registry: &Registry,
    mark: Option<&Remembered>,
    progress: Progress<'_>,
) -> Result<Report, FsckError> {
    let mut report = Report::default();
    let origins = successions::check(conn, registry, &mut report)?;
    let Some(found) = sound_head(conn, (registry, &origins), &mut report)? else {
        return Ok(report);
    };
    let keys = bodies::issuer_keys(conn, registry, &mut report)?;
    let chunks = journal::check(conn, &mut report)?;
    let mut lists = lists::Lists::load(conn)?;
    let mut intents = intents::Intents::load(conn, &chunks)?;
    let erasures = erasures::Erasures::load(conn, registry, &mut report)?;
    let known = bodies::Known {
        keys: &keys,
        chunks: &chunks,
        erasures: &erasures,
    };
    let mut seen = tree::Seen {
        lists: &mut lists,
        intents: &mut intents,
    };
    tree::check(
        conn,
        (registry, mark),
        (&found, &origins),
        &known,
        &mut seen,
        &mut report,
        progress,
    )?;
    intents.check(conn, &mut report)?;
    outside::check(conn, &mut report)?;
    erasures.check(conn, &mut report)?;
    lists.check(conn, &mut report)?;
    cosigned::check(conn, registry, &mut report)?;
    snapshots::check(conn, (registry, &origins), &mut report)?;
    decisions::check(conn, &chunks, &mut report)?;
    waiting::check(conn, &mut report)?;
    let trail = audit::check(conn, &mut report)?;
    times::check(conn, &trail, &mut report)?;
    Ok(report)
}

/// The row that says how far the log has come; none where it is gone and nothing can be held against it.
fn sound_head(
    conn: &mut Conn,
    (registry, origins): (&Registry, &Origins),
    report: &mut Report,
) -> StoreResult<Option<Head>> {
    let Some(found) = head::find(conn)? else {
        report.find(Damage::Log, "log_head 1", "it is gone");
        return Ok(None);
    };
    if found.head_size < 0 || found.stored_size < found.head_size {
        report.find(Damage::Log, "log_head 1", "its sizes cannot be");
    }
    let host = registry.host.as_str();
    if found.origin != origins.newest() {
        let why = format!(
            "its origin is not that of the log of {host} that goes on, {}",
            origins.newest()
        );
        report.find(Damage::Log, "log_head 1", why);
    }
    if setting::get(conn, "host")?.as_deref() != Some(host) {
        report.find(Damage::Index, "setting host", "it is not the registry's name");
    }
    Ok(Some(found))
}

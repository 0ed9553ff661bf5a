//! Re-verifies everything from storage: every tile from the leaves up, every entry, every body's
//! digest and signature, every head, every list version, the audit chain and its daily statements, and the
//! times that the chain tells of.
//!
//! It trusts nothing that the database says about itself, repairs nothing, and reports each damaged
//! row. Memory grows with the log by a few bytes a record (`lists`).

mod audit;
mod bodies;
mod cosigned;
mod erasures;
mod history;
mod journal;
mod lists;
mod outside;
mod snapshots;
mod times;
mod tree;

use serde::Serialize;

use crate::store::StoreError;

use super::Registry;
use super::keys::KeysError;
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

/// One damaged row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind.
    pub damage: Damage,
    /// The row, by table and key.
    pub row: String,
    /// What is wrong with it.
    pub why: String,
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
    let mut report = Report::default();
    let mut conn = registry.store.conn()?;
    let keys = bodies::issuer_keys(&mut conn, registry, &mut report)?;
    let chunks = journal::check(&mut conn, &mut report)?;
    let mut lists = lists::Lists::load(&mut conn)?;
    let erasures = erasures::Erasures::load(&mut conn, registry, &mut report)?;
    let known = bodies::Known {
        keys: &keys,
        chunks: &chunks,
        erasures: &erasures,
    };
    tree::check(&mut conn, registry, &known, &mut lists, &mut report, progress)?;
    outside::check(&mut conn, &mut report)?;
    erasures.check(&mut conn, &mut report)?;
    lists.check(&mut conn, &mut report)?;
    cosigned::check(&mut conn, registry, &mut report)?;
    snapshots::check(&mut conn, &mut report)?;
    let trail = audit::check(&mut conn, &mut report)?;
    times::check(&mut conn, &trail, &mut report)?;
    Ok(report)
}

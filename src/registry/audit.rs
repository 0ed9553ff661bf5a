//! No audit row, no action: the row is written in the transaction of the act, and each row carries
//! the digest of the one before.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::store::audit::{self, AuditRow};
use crate::store::{Conn, StoreResult};

/// What somebody did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Act {
    /// Account id, `partner:NAME` or `system`.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// For which authority.
    pub authority: Option<String>,
    /// What, as `noun.verb`: `batch.approve`.
    pub action: &'static str,
    /// To what.
    pub subject: String,
    /// In which request.
    pub request: String,
    /// SHA-256 of what it was.
    pub before: Option<[u8; 32]>,
    /// SHA-256 of what it is.
    pub after: Option<[u8; 32]>,
}

impl Act {
    /// An act of the registry's own machinery or its operator at the command line.
    #[must_use]
    pub fn system(action: &'static str, subject: impl Into<String>) -> Self {
        Self {
            actor: "system".into(),
            role: "operator".into(),
            action,
            subject: subject.into(),
            ..Self::default()
        }
    }
}

/// Writes the row. Call it inside the act's transaction.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError): the act must fail with it.
pub fn record(conn: &mut Conn, act: &Act, at: DateTime<Utc>) -> StoreResult<()> {
    let (seq, previous) = audit::newest(conn)?.unwrap_or((0, vec![0; 32]));
    let mut row = AuditRow {
        seq: seq.saturating_add(1),
        at: at.naive_utc(),
        actor: act.actor.clone(),
        role: act.role.clone(),
        authority_id: act.authority.clone(),
        action: act.action.to_owned(),
        subject: act.subject.clone(),
        request_id: act.request.clone(),
        before_digest: act.before.map(Vec::from),
        after_digest: act.after.map(Vec::from),
        previous,
        digest: Vec::new(),
    };
    row.digest = digest(&row).to_vec();
    audit::insert(conn, &row)
}

/// The digest that a row must have: SHA-256 over its fields, each behind its length in eight bytes.
#[must_use]
pub fn digest(row: &AuditRow) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(bytes);
    };
    field(&row.seq.to_be_bytes());
    field(row.at.to_string().as_bytes());
    for text in [&row.actor, &row.role, &row.action, &row.subject, &row.request_id] {
        field(text.as_bytes());
    }
    field(row.authority_id.as_deref().unwrap_or_default().as_bytes());
    field(row.before_digest.as_deref().unwrap_or_default());
    field(row.after_digest.as_deref().unwrap_or_default());
    field(&row.previous);
    hasher.finalize().into()
}

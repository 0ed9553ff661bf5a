//! No audit row, no action: the row is written in the transaction of the act, and each row carries
//! the digest of the one before.
//!
//! Once a day what the trail comes to is logged (entry kind `audit`), so that whoever holds the whole
//! database still cannot cut, change or renumber rows that the log covers. **The day's audit digest**, which
//! the entry carries, is SHA-256 over these bytes, the canonical JSON (RFC 8785) of a [`Statement`]:
//!
//! ```text
//! {"count":1234,"day":"2026-10-09","head":"<64 hexadecimal digits>"}
//! ```
//!
//! - `day`: the UTC day on which the statement was made;
//! - `count`: the rows of the trail at that moment, which is the number (`seq`) of the newest row, since
//!   numbers run from 1 without a gap;
//! - `head`: the newest row's digest, by [`digest`]. Each digest covers the one before, so it commits to
//!   every row from 1 to `count`. With no rows it is 32 zero bytes.
//!
//! An auditor with a copy of the table recomputes the digests of rows 1 to `count`, puts the last into the
//! text above, hashes it and finds the result in the log. The text itself is the entry's body, public: it
//! says how many acts there were, never which. Rows after the newest statement are covered by the next.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::authority::Actor;
use crate::store::audit::{self, AuditRow};
use crate::store::{Conn, StoreResult};

/// A head was signed: subject is its size, `after` SHA-256 of its note, the time its `signed_at`.
pub const HEAD: &str = "log.head";
/// A head was served to readers later than it was signed: subject is its size. A head that is served
/// when it is signed has no such row.
pub const SERVE: &str = "log.serve";

/// A released batch of which nothing enters the log before the day's end.
pub const WAIT: &str = "batch.wait";

/// What the trail came to on a day; the module's head says what its digest is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Rows.
    pub count: i64,
    /// The UTC day.
    pub day: NaiveDate,
    /// The newest row's digest, hexadecimal.
    pub head: String,
}

impl Statement {
    /// The trail as it is now.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub fn of(conn: &mut Conn, day: NaiveDate) -> StoreResult<Self> {
        let (count, head) = audit::newest(conn)?.unwrap_or((0, vec![0; 32]));
        let head = head.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { count, day, head })
    }

    /// The bytes that are hashed: members in the order of their names, no spaces.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { count, day, head } = self;
        format!("{{\"count\":{count},\"day\":\"{day}\",\"head\":\"{head}\"}}").into_bytes()
    }

    /// Reads exactly the bytes that [`Statement::to_bytes`] writes.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let said: Self = serde_json::from_slice(bytes).ok()?;
        (said.to_bytes() == bytes).then_some(said)
    }
}

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

    /// An officer's act.
    #[must_use]
    pub fn by(actor: &Actor, action: &'static str, subject: &str) -> Self {
        Self {
            actor: actor.account.as_str().to_owned(),
            role: actor.roles.to_string(),
            authority: Some(actor.authority.as_str().to_owned()),
            action,
            subject: subject.to_owned(),
            ..Self::default()
        }
    }
}

/// Writes the row. Call it inside the act's transaction.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError): the act must fail with it.
pub fn record(conn: &mut Conn, act: &Act, at: DateTime<Utc>) -> StoreResult<()> {
    audit::hold(conn)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_one_spelling() {
        let said = Statement {
            count: 12,
            day: "2026-10-09".parse().unwrap(),
            head: "ab".repeat(32),
        };
        let bytes = said.to_bytes();
        let text = format!(r#"{{"count":12,"day":"2026-10-09","head":"{}"}}"#, said.head);
        assert_eq!(String::from_utf8_lossy(&bytes), text);
        assert_eq!(Statement::parse(&bytes), Some(said));
        assert_eq!(Statement::parse(format!("{text} ").as_bytes()), None);
        assert_eq!(Statement::parse(text.replace("12", "1.2e1").as_bytes()), None);
    }
}

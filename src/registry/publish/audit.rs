//! The audit trail in the log: an `audit` entry a day, so that a cut, changed or renumbered row contradicts
//! what readers and witnesses have seen. What its digest is over: [`crate::registry::audit`].

use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::registry::Registry;
use crate::registry::audit::Statement;
use crate::registry::witness;
use crate::store::StoreError;
use crate::store::log::{body, head};

use super::chunk::{Chunk, Prepared};
use super::own::own_body;
use super::{PublishError, Publisher, Stops};

/// Whether no statement of today (UTC) is in the log yet.
///
/// # Errors
/// [`PublishError::Store`], also for a newest statement that cannot be read: one that was changed must
/// not be covered up by a fresh one.
pub fn audit_is_due(registry: &Registry) -> Result<bool, PublishError> {
    let mut conn = registry.store.conn()?;
    let stored = head::read(&mut conn)?.stored_size;
    let Some(newest) = body::newest_of_kind(&mut conn, EntryKind::Audit.as_str(), stored)? else {
        return Ok(true);
    };
    let said = Statement::parse(&newest.bytes)
        .ok_or_else(|| StoreError::corrupt(format!("body {}", newest.log_index), "no audit statement"))?;
    Ok(said.day < registry.clock.now().date_naive())
}

/// Logs what the trail comes to now: where in the log.
///
/// # Errors
/// [`PublishError`].
pub fn publish_audit(registry: &Registry, stops: &dyn Stops) -> Result<u64, PublishError> {
    let index = Publisher::open(registry, stops)?.publish_audit()?;
    witness::after_publishing(registry)?;
    Ok(index)
}

impl Publisher<'_> {
    /// Logs what the trail comes to now.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn publish_audit(&mut self) -> Result<u64, PublishError> {
        let day = self.registry.clock.now().date_naive();
        let said = Statement::of(&mut self.conn, day)?.to_bytes();
        let body = own_body(EntryKind::Audit, Audience::Public, said);
        let entry = Entry {
            audience: Audience::Public,
            digest: Digest::of(&body.bytes),
            kind: EntryKind::Audit,
        };
        self.append(Chunk {
            entries: vec![Prepared::new(body, &entry)],
            ..Chunk::default()
        })
    }
}

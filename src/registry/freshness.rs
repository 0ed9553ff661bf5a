//! Keeping what readers must be able to call fresh: status lists and the key document are signed again
//! and logged, though nothing in them changed, so that silence is never mistaken for “not revoked”; and
//! a change that waits is shown within seconds.

use chrono::{DateTime, TimeDelta, Utc};

use crate::record::did::KeyDocument;
use crate::record::status::{StatusPurpose, read_list};
use crate::store::log::status::{self, StatusListVersion};
use crate::store::log::{body, change, head};
use crate::store::{Conn, StoreError, StoreResult};

use super::Registry;
use super::init::InitError;
use super::key_document::{self, Change, DUE, SPEAKS};
use super::keys::THRESHOLD;
use super::publish::{PublishError, Publisher, Sequenced, Stops};
use super::witness;
use super::{init, publish};

/// Lists are signed again at least this often; verifiers allow 24 hours by default.
pub const EVERY: TimeDelta = TimeDelta::hours(5);

/// What was signed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    /// Versions of lists.
    pub lists: usize,
    /// Whether the key document was signed again: only where two root keys are on this machine. Where
    /// they are offline, as they should be, the ceremony does it (keys/README.md).
    pub keys: bool,
}

/// Whether the newest version of any list, or the newest key document, is older than [`EVERY`], or a list is
/// signed by a key that has ended, which verifiers no longer believe. Of any: the sequencer signs only lists in
/// which something changes.
///
/// # Errors
/// [`PublishError`].
pub fn is_due(registry: &Registry) -> Result<bool, PublishError> {
    let mut conn = registry.store.conn()?;
    // By what is stored, not by what is served: a batch under way holds serving back, and signing again
    // every minute would not change that.
    let stored = head::read(&mut conn)?.stored_size;
    let mut lists = Vec::new();
    for (number, _, _) in status::all(&mut conn)? {
        for purpose in StatusPurpose::ALL {
            lists.push(status::newest_version(
                &mut conn,
                purpose.as_str(),
                number,
                stored,
            )?);
        }
    }
    let keys = key_document::newest(&mut conn, stored)?;
    let now = registry.clock.now();
    let mut due = lists.is_empty();
    for list in lists {
        due |= match list {
            Some(list) if now - list.valid_from.and_utc() < EVERY => {
                let keys = keys.as_ref();
                keys.map_or(Ok(false), |keys| is_disowned(&mut conn, &list, keys, now))?
            }
            _ => true,
        };
    }
    if due {
        return Ok(true);
    }
    // With the root keys offline only their holders can do something about an old key document.
    Ok(keys.is_some_and(|keys| keys_due(&keys, now)) && roots_here(registry)?)
}

/// Whether the key that signed a list's version has ended by a key document: after a revocation, say, whose
/// writer died before it signed the lists anew.
fn is_disowned(
    conn: &mut Conn,
    list: &StatusListVersion,
    keys: &KeyDocument,
    now: DateTime<Utc>,
) -> StoreResult<bool> {
    let name = || format!("body {}", list.log_index);
    let row = body::at(conn, list.log_index)?;
    let row = row.ok_or_else(|| StoreError::corrupt(name(), "a status list that is not there"))?;
    let read = read_list(&row.bytes).map_err(|error| StoreError::corrupt(name(), error))?;
    let method = keys.method(read.credential.proof.verification_method());
    Ok(method.is_none_or(|method| !method.in_force(now)))
}

/// Whether a key document ends soon; one that promises no next version is as old as it may be after
/// [`EVERY`].
fn keys_due(newest: &KeyDocument, now: DateTime<Utc>) -> bool {
    match newest.next_update {
        Some(next) => next - now < DUE,
        None => now - newest.updated >= EVERY,
    }
}

/// Whether a change of status waits to be shown. A few seconds is how long readers may wait for it.
///
/// # Errors
/// [`PublishError`].
pub fn is_pending(registry: &Registry) -> Result<bool, PublishError> {
    Ok(change::count_pending(&mut *registry.store.conn()?)? > 0)
}

/// Signs and logs the lists in which a change waits, if any does.
///
/// # Errors
/// [`PublishError`]; the changes wait on.
pub fn sequence(registry: &Registry, stops: &dyn Stops) -> Result<Sequenced, PublishError> {
    if !is_pending(registry)? {
        return Ok(Sequenced::default());
    }
    let sequenced = Publisher::open(registry, stops)?.sequence()?;
    witness::after_publishing(registry)?;
    Ok(sequenced)
}

/// Whether the root keys that sign a key document are on this machine, as in a demonstration.
fn roots_here(registry: &Registry) -> Result<bool, PublishError> {
    let keys = registry.keys()?;
    Ok((1..=THRESHOLD).all(|n| keys.has_root(n)))
}

/// When the newest key document ends, if that is soon and only the roots' holders can do something about it.
///
/// # Errors
/// [`PublishError`].
pub fn ceremony_due(registry: &Registry) -> Result<Option<DateTime<Utc>>, PublishError> {
    let mut conn = registry.store.conn()?;
    let stored = head::read(&mut conn)?.stored_size;
    let newest = key_document::newest(&mut conn, stored)?;
    let end = newest
        .filter(|newest| keys_due(newest, registry.clock.now()))
        .map(|newest| {
            newest
                .next_update
                .unwrap_or(newest.updated + TimeDelta::hours(24))
        });
    Ok(match end {
        Some(end) if !roots_here(registry)? => Some(end),
        _ => None,
    })
}

/// Signs the lists again, now, and the key document where it is due.
///
/// # Errors
/// [`InitError`] from keys or publication.
pub fn refresh(registry: &Registry, stops: &dyn Stops) -> Result<Refreshed, InitError> {
    let mut publisher: Publisher<'_> = publish::Publisher::open(registry, stops)?;
    let now = registry.clock.now();
    let newest = publisher.newest_keys()?.filter(|newest| keys_due(newest, now));
    let keys = newest.is_some() && roots_here(registry)?;
    if let Some(newest) = newest.filter(|_| keys) {
        let next = key_document::next(&newest, &[Change::Refresh], now, SPEAKS)?;
        publisher.publish_keys(init::sign_here(&next, &registry.keys()?)?)?;
    }
    let lists = publisher.refresh_lists()?.versions;
    drop(publisher);
    witness::after_publishing(registry).map_err(PublishError::from)?;
    Ok(Refreshed { lists, keys })
}

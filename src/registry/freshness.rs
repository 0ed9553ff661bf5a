//! Keeping what readers must be able to call fresh: status lists and the key document are signed again
//! and logged, though nothing in them changed, so that silence is never mistaken for “not revoked”; and
//! a change that waits is shown within seconds.

use chrono::{DateTime, TimeDelta, Utc};

use crate::log::note::Note;
use crate::record::did::KeyDocument;
use crate::record::status::StatusPurpose;
use crate::store::log::{body, change, head, status};

use super::Registry;
use super::init::InitError;
use super::keys::{KeysError, THRESHOLD};
use super::publish::{PublishError, Publisher, Sequenced, Stops};
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

/// Whether the newest version of any list, or the newest key document, is older than [`EVERY`]. Of any: the
/// sequencer signs only lists in which something changes.
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
            let version = status::newest_version(&mut conn, purpose.as_str(), number, stored)?;
            lists.push(version.map(|version| version.valid_from.and_utc()));
        }
    }
    let keys = body::newest_of_kind(&mut conn, "keys", stored)?.and_then(|row| updated(&row.bytes));
    let now = registry.clock.now();
    let old = |at: Option<DateTime<Utc>>| at.is_none_or(|at| now - at >= EVERY);
    // With the root keys offline only their holders can do something about an old key document.
    let roots_here = (1..=THRESHOLD).all(|n| registry.keys().and_then(|keys| keys.root(n)).is_ok());
    Ok(lists.is_empty() || lists.into_iter().any(old) || (old(keys) && roots_here))
}

/// When a key document was signed; `None` for one that cannot be read, which is as good as none.
fn updated(note: &[u8]) -> Option<DateTime<Utc>> {
    let note = Note::parse(note).ok()?;
    Some(
        KeyDocument::parse(note.text().trim_end_matches('\n').as_bytes())
            .ok()?
            .updated,
    )
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
    if is_pending(registry)? {
        Publisher::open(registry, stops)?.sequence()
    } else {
        Ok(Sequenced::default())
    }
}

/// Signs everything again, now.
///
/// # Errors
/// [`InitError`] from keys or publication.
pub fn refresh(registry: &Registry, stops: &dyn Stops) -> Result<Refreshed, InitError> {
    let note = match init::key_document(registry, &registry.keys()?) {
        Ok(note) => Some(note),
        Err(InitError::Keys(KeysError::Io { source, .. }))
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            None
        }
        Err(error) => return Err(error),
    };
    let mut publisher: Publisher<'_> = publish::Publisher::open(registry, stops)?;
    let keys = note.is_some();
    if let Some(note) = note {
        publisher.publish_keys(note)?;
    }
    Ok(Refreshed {
        lists: publisher.refresh_lists()?.versions,
        keys,
    })
}

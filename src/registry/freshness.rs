//! Keeping what readers must be able to call fresh: status lists and the key document are signed again
//! and logged, though nothing in them changed, so that silence is never mistaken for “not revoked”.

use chrono::TimeDelta;

use crate::store::log::{body, checkpoint, status};

use super::Registry;
use super::init::InitError;
use super::keys::KeysError;
use super::publish::{PublishError, Publisher, Stops};
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

/// Whether the newest list version is older than [`EVERY`].
///
/// # Errors
/// [`PublishError`].
pub fn is_due(registry: &Registry) -> Result<bool, PublishError> {
    let mut conn = registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    let newest = status::newest_version(&mut conn, "revocation", 1, served)?;
    let keys = body::newest_of_kind(&mut conn, "keys", served)?;
    let now = registry.clock.now().naive_utc();
    Ok(keys.is_none() || newest.is_none_or(|version| now - version.valid_from >= EVERY))
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
        lists: publisher.refresh_lists()?,
        keys,
    })
}

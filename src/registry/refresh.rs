//! Keeping status lists young: a bundle whose lists are a day old no longer says enough.

use chrono::{DateTime, TimeDelta, Utc};

use crate::record::status::StatusPurpose;
use crate::store::StoreError;
use crate::store::log::{checkpoint, status};

use super::Registry;
use super::publish::{NoStops, PublishError, Publisher};

/// Age at which lists are signed anew; verifiers accept a day.
pub const INTERVAL: TimeDelta = TimeDelta::hours(5);

/// Signs new versions of all lists if the oldest of the newest versions is older than [`INTERVAL`]; how
/// many were signed.
///
/// # Errors
/// [`PublishError`]; the next attempt begins anew.
pub fn when_due(registry: &Registry) -> Result<usize, PublishError> {
    let due = oldest(registry)?.is_some_and(|at| registry.clock.now() - at >= INTERVAL);
    if due {
        Publisher::open(registry, &NoStops)?.refresh_lists()
    } else {
        Ok(0)
    }
}

/// When the oldest among the newest versions was signed; none where there are no lists.
fn oldest(registry: &Registry) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut conn = registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    let mut oldest = None;
    for (number, _, _) in status::all(&mut conn)? {
        for purpose in StatusPurpose::ALL {
            let version = status::newest_version(&mut conn, purpose.as_str(), number, served)?;
            let at = version.map_or(DateTime::UNIX_EPOCH, |version| version.valid_from.and_utc());
            oldest = Some(oldest.map_or(at, |held: DateTime<Utc>| held.min(at)));
        }
    }
    Ok(oldest)
}

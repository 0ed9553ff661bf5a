//! What may follow a key document: later, of the same registry, with every method that was ever listed, in
//! the same order, and none whose end was taken back or put off.

use chrono::{DateTime, Utc};

use super::{KeyDocument, Method};

/// Why one key document may not follow another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Another registry's.
    #[error("it is of another registry")]
    Host,
    /// `updated` does not go up.
    #[error("it is dated {next}, not after the one before it ({before})")]
    NotLater {
        /// `updated` of the one before.
        before: DateTime<Utc>,
        /// `updated` of this one.
        next: DateTime<Utc>,
    },
    /// A method is gone, or stands elsewhere.
    #[error("it does not list {0} where the one before it does: methods are never dropped or moved")]
    Dropped(String),
    /// A method names another key.
    #[error("it gives {0} another key")]
    OtherKey(String),
    /// `revoked` is gone, or later than it was.
    #[error("it takes back or puts off the revocation of {0}")]
    Unrevoked(String),
    /// `expires` is gone, or later than it was.
    #[error("it takes back or puts off the end of {0}")]
    Unexpired(String),
    /// No method could go on signing under it.
    #[error("every key that it lists has an end: add a new key first (chengxin keys rotate)")]
    NoneLasting,
}

impl Method {
    /// Whether records logged at `at` may be signed by it.
    pub fn in_force(&self, at: DateTime<Utc>) -> bool {
        [self.expires, self.revoked]
            .into_iter()
            .flatten()
            .all(|end| at < end)
    }
}

impl KeyDocument {
    /// Whether `next` may follow this version.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn may_be_followed_by(&self, next: &KeyDocument) -> Result<(), HistoryError> {
        if self.host != next.host {
            return Err(HistoryError::Host);
        }
        if next.updated <= self.updated {
            let (before, next) = (self.updated, next.updated);
            return Err(HistoryError::NotLater { before, next });
        }
        for (place, old) in self.methods.iter().enumerate() {
            let id = || old.id.clone();
            let new = next.methods.get(place).filter(|new| new.id == old.id);
            let new = new.ok_or_else(|| HistoryError::Dropped(id()))?;
            if new.key != old.key {
                return Err(HistoryError::OtherKey(id()));
            }
            if put_off(old.revoked, new.revoked) {
                return Err(HistoryError::Unrevoked(id()));
            }
            if put_off(old.expires, new.expires) {
                return Err(HistoryError::Unexpired(id()));
            }
        }
        next.can_sign()
    }

    /// Whether it lists a method without an end.
    ///
    /// # Errors
    /// [`HistoryError::NoneLasting`].
    pub fn can_sign(&self) -> Result<(), HistoryError> {
        let lasting = |method: &Method| method.expires.is_none() && method.revoked.is_none();
        match self.methods.iter().any(lasting) {
            true => Ok(()),
            false => Err(HistoryError::NoneLasting),
        }
    }
}

/// Whether an end that was set is gone or later now.
fn put_off(old: Option<DateTime<Utc>>, new: Option<DateTime<Utc>>) -> bool {
    old.is_some_and(|old| new.is_none_or(|new| new > old))
}

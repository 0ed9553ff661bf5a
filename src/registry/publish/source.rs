//! What a batch's records say, in the order in which they enter the log.

use chrono::{DateTime, Utc};

use crate::record::credential::{Audience, IssueError, Subject, Supersedes};

use super::PublishError;

/// One decided fact, ready to become a record.
#[derive(Debug, Clone)]
pub struct Item {
    /// Whom it is about, by our own number.
    pub employer_id: i64,
    /// Who may see it.
    pub audience: Audience,
    /// The year graded or reviewed.
    pub year: Option<i64>,
    /// The grade, or `listed`.
    pub outcome: String,
    /// Until when it is valid, UTC.
    pub valid_until: Option<DateTime<Utc>>,
    /// What will be signed.
    pub subject: Subject<'static>,
    /// The record of the same audience that it replaces.
    pub supersedes: Option<Supersedes<'static>>,
}

impl Item {
    /// Whether it can become a record at `now`. Asked of everything before the first of a batch is signed: one
    /// that cannot would leave the others half published for ever, and no head could be shown again.
    ///
    /// # Errors
    /// [`IssueError`].
    pub(in crate::registry) fn check(&self, now: DateTime<Utc>) -> Result<(), IssueError> {
        if self.valid_until.is_some_and(|until| until <= now) {
            return Err(IssueError::Validity);
        }
        Ok(self.subject.check()?)
    }
}

/// A batch's items, by position. Asked for the same positions again after a crash, it gives the
/// same items.
pub trait Source: Send {
    /// How many items there are.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SHA-256 over all of them, as approved.
    fn digest(&self) -> [u8; 32];

    /// Items `from..to`.
    ///
    /// # Errors
    /// [`PublishError`] when they cannot be read or are not what was approved.
    fn items(&mut self, from: u64, to: u64) -> Result<Vec<Item>, PublishError>;
}

//! Bringing a database that is older than its signer up to date from a mirror of the log: entries, bodies and
//! the signed head, so that publication goes on where it stopped instead of beginning a second history.
//!
//! Nothing of the mirror is believed: its head must be signed by the log's keys (and cosigned, where the policy
//! demands it), the entries that this database has must be the beginning of the head's tree, the signer's mark
//! must lie on it, and each body must have the digest that its entry says. All is written in one transaction.
//!
//! What a mirror does not have stays lost: decisions, evidence, accounts and audit rows since the backup, and,
//! in one that was made without a partner's key, the bodies that partners alone may see. It is told, and
//! `chengxin log fsck` goes on telling it. It refuses to guess: without all bodies it stops unless told to go on.

mod again;
mod body;
mod fetch;
mod fill;
mod lists;
mod mirror;
mod numbers;
mod open;
mod replay;

use crate::log::checkpoint::CheckpointError;
use crate::log::note::NoteError;
use crate::store::StoreError;

use super::batch::BatchError;
use super::high_water::MarkError;
use super::keys::KeysError;
use super::publish::PublishError;
use super::trust::TrustError;

pub(super) use again::Replayed;
pub use mirror::{Mirror, MirrorError, write_bodies};
pub use open::Open;
pub use replay::catch_up;

/// The act in the audit trail: its subject is `FROM-TO`, `after` SHA-256 of the head's note.
pub const CATCH_UP: &str = "log.catch-up";

/// What the journal of status changes gives as the cause of a bit whose decision is lost.
pub const CAUSE: &str = "catch-up";

/// What was brought up to date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Entries before.
    pub from: u64,
    /// Entries now, all under a signed head.
    pub to: u64,
    /// Entries whose bodies the mirror did not have: public ones, and ones that partners alone may see.
    pub missing: (u64, u64),
    /// Bodies that an earlier catching up lacked and this mirror had.
    pub filled: u64,
    /// Items that wait for a day's end and may be out already: nobody knows while bodies are missing.
    pub held: u64,
    /// Records about employers that this database does not know.
    pub strangers: u64,
    /// Batches that stand open here and may have been published since.
    pub open: Vec<Open>,
}

/// Why nothing was brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum CatchUpError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The high-water mark.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// The trust folder.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Randomness.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The mirror.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The mirror's head.
    #[error("the mirror's checkpoint is not one of this log's: {0}. Nothing was changed")]
    Head(String),
    /// Too old a mirror.
    #[error(
        "the mirror ends at {mirror} entries, and {signed} were signed: find one that has them all. Nothing was changed"
    )]
    Behind {
        /// What the mirror has.
        mirror: u64,
        /// What was signed or is stored.
        signed: u64,
    },
    /// Another history.
    #[error(
        "the mirror's entries do not go on from this database's, or not to its own head: {0}. Nothing was changed; keep both for the auditor"
    )]
    OtherHistory(String),
    /// A publication stands in the middle.
    #[error(
        "this database was copied in the middle of a publication ({0}): take a backup of another moment. Nothing was changed"
    )]
    Unfinished(String),
    /// Records were withdrawn since.
    #[error(
        "{0} records were withdrawn since the backup, and going on would show them again: restore a backup of after their \
         withdrawal. Nothing was changed"
    )]
    Erased(u64),
    /// What waits cannot be held against the log.
    #[error(transparent)]
    Waiting(#[from] BatchError),
    /// Bodies are missing that no later publication can do without.
    #[error(
        "the mirror lacks {0} status lists or key documents: going on without them would take back what they say. Find another \
         mirror; --allow-missing does not help. Nothing was changed"
    )]
    Essential(u64),
    /// Bodies are missing.
    #[error(
        "the mirror lacks the bodies of {public} public entries and of {partners} that partners alone may see: find one that has them \
         (`chengxin export log DIR --bodies`, or a monitor's with a partner's key), or repeat with --allow-missing, after which \
         statements and lists lack them. Nothing was changed"
    )]
    Missing {
        /// Public ones.
        public: u64,
        /// Ones that partners alone may see.
        partners: u64,
    },
}

impl From<NoteError> for CatchUpError {
    fn from(error: NoteError) -> Self {
        Self::Head(error.to_string())
    }
}

impl From<CheckpointError> for CatchUpError {
    fn from(error: CheckpointError) -> Self {
        Self::Head(error.to_string())
    }
}

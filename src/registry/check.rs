//! Distrusting oneself at start: the head's signature, the root from the tiles, the signer's memory.
//!
//! A database that cannot reproduce what was signed (a restored backup, a changed tile) stops the
//! server with a message that says what to do.

use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::edge::Edge;
use crate::log::note::{Note, NoteError};
use crate::store::log::{checkpoint, head};
use crate::store::{StoreError, unsigned};

use super::Registry;
use super::high_water::MarkError;
use super::keys::KeysError;
use super::tiles::StoredTiles;

/// Why the registry must not serve.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The signer's memory.
    #[error(transparent)]
    Mark(#[from] MarkError),
    /// The head's note.
    #[error(
        "the stored head of {size} entries does not verify: {why}. Run `chengxin log fsck`, then restore the newest backup"
    )]
    Head {
        /// Its size.
        size: i64,
        /// Why.
        why: String,
    },
    /// Another root.
    #[error(
        "the stored tiles give another root than the signed head of {0} entries: they were changed. Run `chengxin log fsck`"
    )]
    Root(u64),
    /// Older than the signer.
    #[error(
        "the signer signed a head of {signed} entries, the database has {stored}: it is an older copy. \
         Do not publish from it: restore the newest backup, or replay the log from a mirror"
    )]
    Older {
        /// What the signer remembers.
        signed: u64,
        /// What the database has.
        stored: u64,
    },
    /// A second history.
    #[error(
        "the database holds other entries than the signer signed at {0} entries: it is another history. Stop and call the auditor"
    )]
    Forked(u64),
    /// The signer remembers nothing.
    #[error(
        "the signer's high-water mark is gone: put the newest copy of keys/high-water back; see keys/README.md"
    )]
    NoMark,
    /// The keys folder is older than the database.
    #[error(
        "the signer remembers {signed} entries, the signed head has {head}: the keys folder is an older copy; see keys/README.md"
    )]
    MarkBehind {
        /// What the signer remembers.
        signed: u64,
        /// What the head covers.
        head: u64,
    },
    /// Not made.
    #[error("the log was never begun: make the registry again with `chengxin init`")]
    NoHead,
}

/// What was found at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Entries under the signed head.
    pub head_size: u64,
    /// Entries stored beyond it, which the next publication finishes.
    pub unfinished: u64,
}

/// Checks the log's head, root and high-water mark.
///
/// # Errors
/// [`CheckError`]; each says what to do.
pub fn at_start(registry: &Registry) -> Result<Checked, CheckError> {
    let mut conn = registry.store.conn()?;
    let found = head::read(&mut conn)?;
    let signed = checkpoint::at_size(&mut conn, found.head_size)?.ok_or(CheckError::NoHead)?;
    let bad = |why: String| CheckError::Head {
        size: found.head_size,
        why,
    };
    let note = Note::parse(signed.note.as_bytes()).map_err(|error: NoteError| bad(error.to_string()))?;
    let claimed = Checkpoint::of(&note).map_err(|error: CheckpointError| bad(error.to_string()))?;
    if claimed.origin != found.origin || i64::try_from(claimed.size) != Ok(found.head_size) {
        return Err(bad("it is the head of another log or size".into()));
    }
    let unreadable = |error: &dyn ToString| bad(error.to_string());
    let root = Edge::load(&StoredTiles::new(&mut conn), claimed.size)
        .map_err(|error| unreadable(&error))?
        .root();
    if root != claimed.root {
        return Err(CheckError::Root(claimed.size));
    }
    let stored = unsigned("the log's stored size", found.stored_size)?;
    if registry.data.is_some() {
        let signer = registry.keys()?.log()?;
        note.open(&signer.verifiers())
            .map_err(|error| bad(error.to_string()))?;
        let mark = signer.high_water().read()?.ok_or(CheckError::NoMark)?;
        if mark.size > stored {
            return Err(CheckError::Older {
                signed: mark.size,
                stored,
            });
        }
        if mark.size < claimed.size {
            return Err(CheckError::MarkBehind {
                signed: mark.size,
                head: claimed.size,
            });
        }
        let root = Edge::load(&StoredTiles::new(&mut conn), mark.size)
            .map_err(|error| unreadable(&error))?
            .root();
        if root != mark.root {
            return Err(CheckError::Forked(mark.size));
        }
    }
    Ok(Checked {
        head_size: claimed.size,
        unfinished: stored.saturating_sub(claimed.size),
    })
}

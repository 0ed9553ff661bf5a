//! Distrusting oneself: the head's signature, the root from the tiles, the signer's memory.
//!
//! A database that cannot reproduce what was signed (a restored backup, a changed tile) stops the
//! server with a message that says what to do. [`at_start`] recomputes the root from the level-0 tiles, which
//! reads every tile once; [`head`], before every publication and for whoever asks whether the server is ready,
//! reads the tiles of the right edge alone.

use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::descent::DescentError;
use crate::log::edge::Edge;
use crate::log::note::{Note, NoteError};
use crate::log::reader::ReadError;
use crate::store::log::{checkpoint, head as log_head};
use crate::store::{Conn, StoreError, unsigned};
use crate::verify::Succession;

use super::Registry;
use super::high_water::{HighWater, Mark, MarkError};
use super::keys::KeysError;
use super::origins::Origins;
use super::tiles::{EveryWidth, StoredTiles};
use super::trust::TrustError;

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
    /// The trust folder, which names the keys of logs that ended.
    #[error(transparent)]
    Trust(#[from] TrustError),
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
    /// A tile that the root does not show: damage below the right edge, or in a narrower width.
    #[error(
        "the stored tiles do not come to the signed head of {size} entries: {why}. \
         Run `chengxin log fsck`, which names every damaged row, then restore the newest backup"
    )]
    Tile {
        /// Entries under the head.
        size: u64,
        /// Which tile, and what is wrong with it.
        why: String,
    },
    /// Older than the signer.
    #[error(
        "the signer signed a head of {signed} entries, the database has {stored}: it is an older copy. \
         Do not publish from it: restore the newest backup, or bring it up to date from a mirror \
         (`chengxin log catch-up --from MIRROR`; docs/operate.md)"
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
    /// Database and keys folder are of different logs of the host.
    #[error(
        "the database goes on with {database}, and the keys folder signs {keys}. If a log key was stolen and its \
         succession was stopped, run `chengxin keys publish` on the signed document again; otherwise put the newest \
         copy of the keys folder, or of the database, back (keys/README.md, “a stolen log key”)"
    )]
    OtherLog {
        /// Origin by the database.
        database: String,
        /// Origin by the keys folder.
        keys: String,
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

/// Checks the log's head and high-water mark, and recomputes its root from the level-0 tiles up: every stored
/// tile under the head, in every width.
///
/// # Errors
/// [`CheckError`]; each says what to do.
pub fn at_start(registry: &Registry) -> Result<Checked, CheckError> {
    let checked = head(registry)?;
    let mut conn = registry.store.conn()?;
    let tiles = EveryWidth::new(&mut conn);
    let damaged = |error: DescentError<StoreError>| match error {
        DescentError::Read(error) => unreadable(error, checked.head_size),
        DescentError::Tile(id) => CheckError::Tile {
            size: checked.head_size,
            why: format!("{id} is another than was signed"),
        },
    };
    Edge::load(&tiles, checked.head_size)
        .map_err(DescentError::Read)
        .and_then(|edge| edge.descend(&tiles))
        .map_err(damaged)?;
    Ok(checked)
}

/// A tile that cannot be read. Where the database does not answer, nothing is said about the tile.
fn unreadable(error: ReadError<StoreError>, size: u64) -> CheckError {
    match error {
        ReadError::Source(StoreError::Corrupt { what, why }) => CheckError::Tile {
            size,
            why: format!("{what}: {why}"),
        },
        ReadError::Source(error) => CheckError::Store(error),
        error => CheckError::Tile {
            size,
            why: error.to_string(),
        },
    }
}

/// Checks the log's head, the root that the right edge of its tiles gives, and the high-water mark.
///
/// # Errors
/// [`CheckError`]; each says what to do.
pub fn head(registry: &Registry) -> Result<Checked, CheckError> {
    let mut conn = registry.store.conn()?;
    let found = log_head::read(&mut conn)?;
    let signed = checkpoint::at_size(&mut conn, found.head_size)?.ok_or(CheckError::NoHead)?;
    let bad = |why: String| CheckError::Head {
        size: found.head_size,
        why,
    };
    let note = Note::parse(signed.note.as_bytes()).map_err(|error: NoteError| bad(error.to_string()))?;
    let claimed = Checkpoint::of(&note).map_err(|error: CheckpointError| bad(error.to_string()))?;
    // A succession that was logged and not yet signed: the head is still the old log's.
    let ended = claimed.origin != found.origin
        && Origins::load(&mut conn, &registry.host)?.may(found.head_size, &claimed.origin);
    if (claimed.origin != found.origin && !ended) || i64::try_from(claimed.size) != Ok(found.head_size) {
        return Err(bad("it is the head of another log or size".into()));
    }
    let root = Edge::load(&StoredTiles::new(&mut conn), claimed.size)
        .map_err(|error| unreadable(error, claimed.size))?
        .root();
    if root != claimed.root {
        return Err(CheckError::Root(claimed.size));
    }
    let stored = unsigned("the log's stored size", found.stored_size)?;
    if registry.data.is_some() {
        let signer = registry.keys()?.log()?;
        if signer.verifier().name() != found.origin {
            return Err(CheckError::OtherLog {
                database: found.origin,
                keys: signer.verifier().name().to_owned(),
            });
        }
        let known = match ended {
            true => registry.trust()?.policy.logs().to_vec(),
            false => signer.verifiers(),
        };
        note.open(&known).map_err(|error| bad(error.to_string()))?;
        let mark = signer.high_water().read()?.ok_or(CheckError::NoMark)?;
        if mark.size > stored {
            return Err(CheckError::Older {
                signed: mark.size,
                stored,
            });
        }
        if mark.size < claimed.size && !ended {
            return Err(CheckError::MarkBehind {
                signed: mark.size,
                head: claimed.size,
            });
        }
        same_history(&mut conn, mark)?;
    }
    Ok(Checked {
        head_size: claimed.size,
        unfinished: stored.saturating_sub(claimed.size),
    })
}

/// Whether the database holds everything that the log which is to end has signed: the document would call what
/// is missing a thief's.
///
/// # Errors
/// [`CheckError`]; each says what to do.
pub(super) fn before_succession(
    registry: &Registry,
    document: &Succession,
    ended: u32,
) -> Result<(), CheckError> {
    let mut conn = registry.store.conn()?;
    let found = log_head::read(&mut conn)?;
    if found.origin != document.old_origin() {
        return Err(CheckError::OtherLog {
            database: found.origin,
            keys: document.old_origin().to_owned(),
        });
    }
    let stored = unsigned("the log's stored size", found.stored_size)?;
    let folder = registry.data.as_ref().ok_or(CheckError::NoMark)?.keys();
    let mark = HighWater::of_log(&folder, ended)
        .read()?
        .ok_or(CheckError::NoMark)?;
    if mark.size > stored {
        return Err(CheckError::Older {
            signed: mark.size,
            stored,
        });
    }
    same_history(&mut conn, mark)
}

/// Whether the tree that is stored has the root that was signed.
fn same_history(conn: &mut Conn, mark: Mark) -> Result<(), CheckError> {
    let root = Edge::load(&StoredTiles::new(conn), mark.size)
        .map_err(|error| unreadable(error, mark.size))?
        .root();
    match root == mark.root {
        true => Ok(()),
        false => Err(CheckError::Forked(mark.size)),
    }
}

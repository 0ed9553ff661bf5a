//! What a witness is asked, and what it answers (C2SP tlog-witness 1.0, `add-checkpoint`).
//!
//! Pure: [`judge`] decides from a request, the keys trusted for its origin and the newest tree that was
//! cosigned. It refuses to remember anything: who calls it keeps the state, and makes the new one durable
//! before a cosignature leaves.

mod answer;
mod request;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::hash::{Hash, empty_root};
use super::key::VerifierKey;
use super::note::Note;
use super::proof::{ProofError, verify_growth};

pub use answer::{AnswerError, MAX_ANSWER, SIZE_MEDIA, cosignatures, stale_size};
pub use request::{AddCheckpoint, MAX_PROOF, MAX_REQUEST, RequestError};

/// The newest tree of one log that a witness has cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

impl Seen {
    /// Nothing was cosigned yet: the tree without leaves.
    pub fn nothing() -> Self {
        Self {
            size: 0,
            root: empty_root(),
        }
    }
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body is no request. 400.
    #[error(transparent)]
    Malformed(#[from] RequestError),
    /// The note is no checkpoint. 400.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No key is trusted for the origin. 404.
    #[error("this witness does not know the log {0}")]
    UnknownLog(String),
    /// No trusted key has signed, or one has signed wrongly. 403.
    #[error("the checkpoint is not signed by a key that this witness trusts for the log")]
    BadSignature,
    /// The caller's old size is larger than the checkpoint's. 400.
    #[error("the old size {old} is larger than the checkpoint's size {size}")]
    OldTooLarge {
        /// The caller's old size.
        old: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// The caller's old size is not that of the newest cosigned tree. 409 with that size.
    #[error("the newest tree that this witness has cosigned has {0} leaves")]
    Stale(u64),
    /// Another root for the size that was cosigned: two histories. 409.
    #[error("this witness has cosigned another root for {0} leaves: the log shows two histories")]
    OtherRoot(u64),
    /// The new tree does not extend the cosigned one. 422.
    #[error("the checkpoint does not extend the tree that this witness has cosigned: {0}")]
    NotGrown(ProofError),
}

impl Refusal {
    /// The HTTP status that the specification gives it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Checkpoint(_) | Self::OldTooLarge { .. } => 400,
            Self::BadSignature => 403,
            Self::UnknownLog(_) => 404,
            Self::Stale(_) | Self::OtherRoot(_) => 409,
            Self::NotGrown(_) => 422,
        }
    }
}

/// The checkpoint in a note from any log: with extension lines, which are signed and mean nothing here.
///
/// # Errors
/// [`CheckpointError`].
pub fn checkpoint_of(note: &Note) -> Result<Checkpoint, CheckpointError> {
    let text = note.text();
    let end = text.match_indices('\n').nth(2).ok_or(CheckpointError::Lines)?.0 + 1;
    let (head, extensions) = text.split_at(end);
    if extensions.split_terminator('\n').any(str::is_empty) {
        return Err(CheckpointError::Lines);
    }
    Checkpoint::parse(head)
}

/// Whether the request's checkpoint may be cosigned: by the `keys` that are trusted for its origin, and
/// after the tree last `seen` of it. The checks and their order are those of the specification.
///
/// # Errors
/// [`Refusal`].
pub fn judge(request: &AddCheckpoint, keys: &[VerifierKey], seen: &Seen) -> Result<Checkpoint, Refusal> {
    let checkpoint = checkpoint_of(&request.checkpoint)?;
    let trusted: Vec<VerifierKey> = keys
        .iter()
        .filter(|key| key.name() == checkpoint.origin)
        .cloned()
        .collect();
    if trusted.is_empty() {
        return Err(Refusal::UnknownLog(checkpoint.origin));
    }
    request
        .checkpoint
        .open(&trusted)
        .map_err(|_| Refusal::BadSignature)?;
    if request.old > checkpoint.size {
        return Err(Refusal::OldTooLarge {
            old: request.old,
            size: checkpoint.size,
        });
    }
    if request.old != seen.size {
        return Err(Refusal::Stale(seen.size));
    }
    if request.old == checkpoint.size && checkpoint.root != seen.root {
        return Err(Refusal::OtherRoot(seen.size));
    }
    verify_growth(
        seen.size,
        &seen.root,
        checkpoint.size,
        &checkpoint.root,
        &request.proof,
    )
    .map_err(Refusal::NotGrown)?;
    Ok(checkpoint)
}

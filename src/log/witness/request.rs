//! The body of `add-checkpoint`: old size, consistency proof, an empty line, the checkpoint.

use std::fmt;

use super::super::hash::Hash;
use super::super::note::{Note, NoteError};
use super::super::tile::decimal;

/// Most lines of a consistency proof.
pub const MAX_PROOF: usize = 63;
/// Longest body that is read, in bytes: 63 hashes take 3 KB, a checkpoint with 64 cosignatures 12 KB.
pub const MAX_REQUEST: usize = 1 << 16;

/// A log's request to a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the newest tree that the caller believes cosigned by this witness; 0 for none.
    pub old: u64,
    /// Consistency path from that tree to the checkpoint's; empty from 0 and to the same size.
    pub proof: Vec<Hash>,
    /// The checkpoint with its signatures.
    pub checkpoint: Note,
}

/// Why bytes are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// More bytes than [`MAX_REQUEST`].
    #[error("the request is longer than {MAX_REQUEST} bytes")]
    TooLong,
    /// Not UTF-8, or no empty line before the checkpoint.
    #[error("a request has an “old SIZE” line, hashes, an empty line and a checkpoint")]
    Form,
    /// The first line is not `old` and a plain decimal.
    #[error("the first line reads “old SIZE” with a decimal without leading zeroes")]
    Old,
    /// A proof line is not the base64 of 32 bytes.
    #[error("line {0} of the consistency proof is not the base64 of 32 bytes")]
    Hash(usize),
    /// More proof lines than [`MAX_PROOF`].
    #[error("a consistency proof has at most {MAX_PROOF} lines")]
    ProofLength,
    /// The checkpoint is no signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl AddCheckpoint {
    /// Reads a request body.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > MAX_REQUEST {
            return Err(RequestError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| RequestError::Form)?;
        let (head, note) = text.split_once("\n\n").ok_or(RequestError::Form)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(decimal).ok_or(RequestError::Old)?;
        let mut proof = Vec::new();
        for (number, line) in (1..).zip(lines) {
            if number > MAX_PROOF {
                return Err(RequestError::ProofLength);
            }
            proof.push(Hash::from_base64(line).ok_or(RequestError::Hash(number))?);
        }
        Ok(Self {
            old,
            proof,
            checkpoint: Note::parse(note.as_bytes())?,
        })
    }
}

/// The request body.
impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

//! One proof as a text file (C2SP tlog-proof, draft): index, inclusion path, checkpoint; extension
//! `.tlog-proof`.

use std::fmt;

use super::base64;
use super::hash::Hash;
use super::note::{MAX_NOTE, Note, NoteError};
use super::policy::{AssessError, Assessed, Policy};
use super::proof::{ProofError, verify_inclusion};
use super::tile::decimal;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Longest inclusion path of a tree with a 64-bit size.
pub const MAX_PATH: usize = 64;

/// A proof that an entry stands in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Opaque data beside the proof, which nothing authenticates.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry, from 0.
    pub index: u64,
    /// Inclusion path, from the leaf's sibling upwards.
    pub path: Vec<Hash>,
    /// The checkpoint with its signatures.
    pub checkpoint: Note,
}

/// Why a proof file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The lines are not those of the specification.
    #[error("not a tlog-proof file: {0}")]
    Form(&'static str),
    /// The checkpoint is not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint means nothing under the policy.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// Too few witnesses have cosigned.
    #[error("the policy's quorum of witnesses is not reached")]
    Quorum,
    /// The path does not lead to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Reads a proof file.
    ///
    /// # Errors
    /// [`TlogProofError`] `Form`, `Note`.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        let form = TlogProofError::Form;
        let text = std::str::from_utf8(bytes).map_err(|_| form("not UTF-8"))?;
        if text.len() > 2 * MAX_NOTE {
            return Err(form("too long"));
        }
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let (head, checkpoint) = rest
            .ok_or(form("first line"))?
            .split_once("\n\n")
            .ok_or(form("no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.and_then(|line| line.strip_prefix("extra "));
        let extra = extra
            .map(|data| base64::decode(data).ok_or(form("extra data")))
            .transpose()?;
        let index = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("index ")?));
        let index = index.ok_or(form("index"))?;
        let path = lines
            .take(MAX_PATH + 1)
            .map(Hash::from_base64)
            .collect::<Option<Vec<_>>>();
        let path = path
            .filter(|path| path.len() <= MAX_PATH)
            .ok_or(form("inclusion path"))?;
        Ok(Self {
            extra,
            index,
            path,
            checkpoint: Note::parse(checkpoint.as_bytes())?,
        })
    }

    /// Verifies that the entry with this leaf hash stands where the proof says, in a tree that the policy
    /// accepts.
    ///
    /// # Errors
    /// [`TlogProofError`] `Assess`, `Quorum`, `Proof`.
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<Assessed, TlogProofError> {
        let assessed = policy.assess(&self.checkpoint)?;
        if !assessed.quorum {
            return Err(TlogProofError::Quorum);
        }
        let tree = &assessed.checkpoint;
        verify_inclusion(leaf, self.index, tree.size, &self.path, &tree.root)?;
        Ok(assessed)
    }
}

/// The file's text.
impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64::encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash.to_base64()))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

//! Policies (C2SP tlog-policy, draft): which logs and witnesses a verifier knows and which of the witnesses
//! must have cosigned. The text's parser is in `policy/parse.rs`.

mod parse;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::key::VerifierKey;
use super::note::{Note, NoteError};

pub use parse::{PolicyError, PolicyErrorKind};

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
    /// Witnesses and groups by the order of definition; a group names only what stands before it.
    rules: Vec<Rule>,
    /// `None` is `quorum none`.
    quorum: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Witness(usize),
    Group { threshold: usize, members: Vec<usize> },
}

/// A checkpoint that a known log has signed, and what the witnesses say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Valid cosignatures of witnesses that the quorum counts: position among [`Policy::witnesses`] and time
    /// in POSIX seconds.
    pub cosignatures: Vec<(usize, u64)>,
    /// Whether they suffice; true under `quorum none`.
    pub quorum: bool,
}

/// Why a checkpoint note means nothing under a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// The text is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A known key's signature does not verify.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// No log of the policy has signed a checkpoint of this origin.
    #[error("no log of the policy has signed the checkpoint of {0}")]
    UnknownLog(String),
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] with the number of the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        parse::parse(bytes)
    }

    /// Keys of the known logs; each key's name is the log's origin.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Keys of the known witnesses.
    pub fn witnesses(&self) -> &[VerifierKey] {
        &self.witnesses
    }

    /// Whether any cosignature is demanded: false under `quorum none`.
    pub fn demands_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Whether the witnesses of which `has_signed` is true are a quorum; always under `quorum none`.
    pub fn quorum_of(&self, has_signed: &dyn Fn(&VerifierKey) -> bool) -> bool {
        let by_place = |witness: usize| self.witnesses.get(witness).is_some_and(has_signed);
        self.quorum.is_none_or(|rule| self.holds(rule, &by_place))
    }

    /// Verifies the signatures of a checkpoint note and counts its cosignatures.
    ///
    /// # Errors
    /// [`AssessError`]. A quorum that is not reached is no error.
    pub fn assess(&self, note: &Note) -> Result<Assessed, AssessError> {
        let checkpoint = Checkpoint::of(note)?;
        let signed = note.verified_by(&self.logs)?;
        let by_its_log = |key: usize| {
            self.logs
                .get(key)
                .is_some_and(|log| log.name() == checkpoint.origin)
        };
        if !signed.iter().any(|signature| by_its_log(signature.key)) {
            return Err(AssessError::UnknownLog(checkpoint.origin));
        }
        let all: Vec<(usize, u64)> = note
            .verified_by(&self.witnesses)?
            .iter()
            .filter_map(|signature| Some((signature.key, signature.time?)))
            .collect();
        let has_signed = |witness: usize| all.iter().any(|(key, _)| *key == witness);
        let quorum = self.quorum.is_none_or(|rule| self.holds(rule, &has_signed));
        let counted = |witness: usize| self.quorum.is_some_and(|rule| self.names(rule, witness));
        let cosignatures = all.iter().copied().filter(|(key, _)| counted(*key)).collect();
        Ok(Assessed {
            checkpoint,
            cosignatures,
            quorum,
        })
    }

    // Both recursions end: a group names only rules that stand before it, and there are at most 256 groups.

    fn holds(&self, rule: usize, has_signed: &dyn Fn(usize) -> bool) -> bool {
        match self.rules.get(rule) {
            None => false,
            Some(Rule::Witness(witness)) => has_signed(*witness),
            Some(Rule::Group { threshold, members }) => {
                members
                    .iter()
                    .filter(|member| self.holds(**member, has_signed))
                    .count()
                    >= *threshold
            }
        }
    }

    fn names(&self, rule: usize, wanted: usize) -> bool {
        match self.rules.get(rule) {
            None => false,
            Some(Rule::Witness(witness)) => *witness == wanted,
            Some(Rule::Group { members, .. }) => members.iter().any(|member| self.names(*member, wanted)),
        }
    }
}

//! The log's heads that an input carries: opened under the policy, and proved to be one growing tree.
//!
//! A log whose key was stolen goes on under another origin with the same tree (`succession`): heads of the old
//! one, then of the new one. Under the old key a head counts only up to the frozen one; what is larger, or has
//! another root there, is what a thief makes.

use chrono::{DateTime, Utc};

use super::bundle::Head;
use super::options::Options;
use super::path::Path;
use super::reason::Reason;
use super::succession::Succession;
use super::trust::{Standing, Trust};
use super::verdict::{Detail, Finding, State};
use crate::log::hash::{Hash, leaf_hash};
use crate::log::note::Note;
use crate::log::policy::{AssessError, Assessed, Policy};
use crate::log::proof::verify_growth;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};

/// Heads in ascending order, each proved to extend the one before; the last is the current one.
#[derive(Debug)]
pub(super) struct Chain {
    heads: Vec<Seen>,
    current: Seen,
    demanded: bool,
}

/// A head as the policy sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) size: u64,
    root: Hash,
    /// Smallest and largest counted cosignature time, if the quorum is reached and demanded.
    times: Option<(DateTime<Utc>, DateTime<Utc>)>,
    quorum: bool,
}

/// Between which times a body entered the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    /// The policy demands no witnesses.
    NotDemanded,
    /// Cosignatures are missing.
    Unknown,
    /// Earliest and latest.
    Proven(DateTime<Utc>, DateTime<Utc>),
}

impl Chain {
    /// Opens heads, the oldest first.
    ///
    /// # Errors
    /// A finding for the axis `logged`.
    pub(super) fn open<'a>(
        heads: impl IntoIterator<Item = &'a Head>,
        trust: &Trust,
    ) -> Result<Self, Finding> {
        let policy = &trust.policy;
        let mut opened: Vec<Seen> = Vec::new();
        let mut origins: Vec<String> = Vec::new();
        let mut ends: Option<&Succession> = None;
        for head in heads {
            let assessed = assess(&head.note, policy)?;
            let seen = Seen::of(&assessed, policy);
            let origin = assessed.checkpoint.origin;
            ends = seen.within(&origin, trust)?;
            if origins.last() != Some(&origin) {
                // A log that was followed by another does not come back.
                let follows = origins.last().is_none_or(|last| trust.follows(last, &origin));
                if !follows {
                    return Err(inconsistent(Detail::english(&"another origin")));
                }
                origins.push(origin);
            }
            if let Some(last) = opened.last() {
                verify_growth(last.size, &last.root, seen.size, &seen.root, &head.consistency)
                    .map_err(|error| inconsistent(Detail::error(&error)))?;
            } else if !head.consistency.is_empty() {
                return Err(inconsistent(Detail::english(&"the first head has a proof")));
            }
            opened.push(seen);
        }
        let current = *opened
            .last()
            .ok_or_else(|| inconsistent(Detail::english(&"no head")))?;
        if let Some(end) = ends.filter(|end| !current.belongs(end, policy)) {
            let size = Detail::Index(end.size);
            return Err(Finding::with(State::Undecided, Reason::FrozenUnproved, size));
        }
        Ok(Self {
            heads: opened,
            current,
            demanded: policy.demands_witnesses(),
        })
    }

    /// The newest head.
    pub(super) fn current(&self) -> &Seen {
        &self.current
    }

    /// A head by its place, from 0.
    pub(super) fn head(&self, number: usize) -> Option<&Seen> {
        self.heads.get(number)
    }

    /// The time of the newest cosignature that counts.
    pub(super) fn newest_time(&self) -> Option<DateTime<Utc>> {
        self.heads.iter().filter_map(|head| Some(head.times?.1)).max()
    }

    /// Whether the heads numbered `before` and `after` enclose an index.
    pub(super) fn encloses(&self, before: usize, after: usize, index: u64) -> bool {
        match (self.heads.get(before), self.heads.get(after)) {
            (Some(before), Some(after)) => before.size <= index && index < after.size,
            _ => false,
        }
    }

    /// Logged time of what lies between two heads: smallest time on the one, largest on the other.
    pub(super) fn bounds(&self, before: usize, after: usize) -> Bounds {
        if !self.demanded {
            return Bounds::NotDemanded;
        }
        let times = |head: usize| self.heads.get(head).and_then(|head| head.times);
        match (times(before), times(after)) {
            (Some((earliest, _)), Some((_, latest))) => Bounds::Proven(earliest, latest),
            _ => Bounds::Unknown,
        }
    }

    /// Latest time at which anything under the current head was logged.
    pub(super) fn latest(&self) -> Bounds {
        match (self.demanded, self.current.times) {
            (false, _) => Bounds::NotDemanded,
            (true, None) => Bounds::Unknown,
            (true, Some((earliest, latest))) => Bounds::Proven(earliest, latest),
        }
    }

    /// The axis `witnessed`: the two heads around a record, and the current one.
    pub(super) fn witnessed(&self, before: usize, after: usize) -> Finding {
        let quorum = |head: usize| self.heads.get(head).is_some_and(|head| head.quorum);
        match (
            self.demanded,
            quorum(before) && quorum(after) && self.current.quorum,
        ) {
            (false, _) => Finding::new(State::NotRequired, Reason::NotRequired),
            (true, true) => Finding::new(State::Holds, Reason::QuorumReached),
            (true, false) => Finding::new(State::Fails, Reason::QuorumMissing),
        }
    }
}

impl Seen {
    /// Whether it is the head of this size and root.
    pub(super) fn is(&self, size: u64, root: &Hash) -> bool {
        self.size == size && self.root == *root
    }

    /// The end of this head's log, if it has one and the head does not lie past it.
    fn within<'t>(&self, origin: &str, trust: &'t Trust) -> Result<Option<&'t Succession>, Finding> {
        match trust.standing(origin) {
            Standing::Newest => Ok(None),
            Standing::Unknown => {
                let detail = Detail::Text(origin.to_owned());
                Err(Finding::with(State::Fails, Reason::LogUnknown, detail))
            }
            Standing::Frozen(end)
                if self.size > end.size || (self.size == end.size && self.root != end.root) =>
            {
                Err(Finding::with(
                    State::Fails,
                    Reason::LogFrozen,
                    Detail::Index(end.size),
                ))
            }
            Standing::Frozen(end) => Ok(Some(end)),
        }
    }

    /// Whether the newest head at hand, of a log that was frozen at `end`, is known to be a part of what was
    /// frozen: it is that very head, or a quorum of witnesses has seen it. They cosigned the frozen head too,
    /// and never two histories; without them the thief could have made any smaller head.
    fn belongs(&self, end: &Succession, policy: &Policy) -> bool {
        self.size == end.size || (policy.demands_witnesses() && self.quorum)
    }

    fn of(assessed: &Assessed, policy: &Policy) -> Self {
        let counted = policy.demands_witnesses() && assessed.quorum;
        let times = assessed
            .cosignatures
            .iter()
            .filter_map(|(_, time)| DateTime::from_timestamp(i64::try_from(*time).ok()?, 0));
        let times: Vec<DateTime<Utc>> = if counted { times.collect() } else { Vec::new() };
        Self {
            size: assessed.checkpoint.size,
            root: assessed.checkpoint.root,
            times: times.iter().min().copied().zip(times.iter().max().copied()),
            quorum: assessed.quorum,
        }
    }

    /// Whether a body stands in this tree where it is said to.
    ///
    /// # Errors
    /// A reason of the axis `logged`, and what fills its text.
    pub(super) fn holds(
        &self,
        (entry, index, inclusion): (&[u8], u64, Path<'_>),
        digest: &Digest,
        kind: EntryKind,
    ) -> Result<(), (Reason, Detail)> {
        let decoded = Entry::decode(entry).map_err(|_| (Reason::EntryMalformed, Detail::None))?;
        if decoded.digest != *digest {
            return Err((Reason::EntryDigest, Detail::None));
        }
        if decoded.kind != kind {
            return Err((Reason::EntryKind, Detail::None));
        }
        inclusion
            .verify(&leaf_hash(entry), index, self.size, &self.root)
            .map_err(|error| (Reason::InclusionInvalid, Detail::error(&error)))
    }
}

impl Bounds {
    /// The axis `time`.
    pub(super) fn finding(self, options: &Options) -> Finding {
        match self {
            Bounds::NotDemanded => Finding::new(State::NotRequired, Reason::NotRequired),
            Bounds::Unknown => Finding::new(State::Undecided, Reason::TimeUnknown),
            Bounds::Proven(earliest, latest) => {
                let detail = Detail::Between(earliest, latest);
                if earliest > latest {
                    Finding::with(State::Fails, Reason::TimeContradictory, detail)
                } else if latest - earliest > options.allowances.window {
                    Finding::with(State::Undecided, Reason::TimeTooWide, detail)
                } else {
                    Finding::with(State::Holds, Reason::TimeProven, detail)
                }
            }
        }
    }
}

fn assess(note: &str, policy: &Policy) -> Result<Assessed, Finding> {
    let invalid = |error| {
        let (reason, detail) = match error {
            AssessError::UnknownLog(origin) => (Reason::LogUnknown, Detail::Text(origin)),
            error => (Reason::CheckpointInvalid, Detail::error(&error)),
        };
        Finding::with(State::Fails, reason, detail)
    };
    let note = Note::parse(note.as_bytes()).map_err(|error| invalid(AssessError::Note(error)))?;
    policy.assess(&note).map_err(invalid)
}

fn inconsistent(detail: Detail) -> Finding {
    Finding::with(State::Fails, Reason::CheckpointsInconsistent, detail)
}

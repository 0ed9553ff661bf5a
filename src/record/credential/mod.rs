//! The record types and their credentials: [`Template::issue`] makes the exact canonical secured
//! bytes of a [`Draft`], [`read()`] gives them back as a [`Credential`].
//!
//! Member names are fixed by our JSON-LD context ([`super::context`]); adding one is a new version of
//! it. Facts are checked in both directions by the same rules ([`facts`]): what would not be issued
//! is not read. Nothing here knows the law: grades, limbs and rule ids are text.

pub mod facts;
mod host;
mod parse;
mod read;
mod template;
mod write;

pub use facts::{
    Authority, BlacklistFacts, Employer, EmployerId, FactError, GradeFacts, PayOrder, RuleSetFacts,
    RuleSetRef, Subject, WithdrawalFacts, is_public_text,
};
pub use host::{Host, HostError};
pub(crate) use read::decimal;
pub use read::{Credential, ReadError, read, read_members};
pub(crate) use template::is_method_of;
pub use template::{Draft, IssueError, Prepared, Template, WithdrawalDraft, issue};

use super::digest::Digest;
use super::entry::EntryKind;
use std::borrow::Cow;

/// The types of credential that a registry publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// An employer's integrity grade for one year.
    IntegrityGrade,
    /// A listing for wage arrears.
    WageBlacklistEntry,
    /// A rule set, so that anyone can recompute what was decided under it.
    RuleSetPublication,
    /// That a record was withdrawn; its contents are no longer shown.
    RecordWithdrawal,
    /// A signed version of a status list.
    BitstringStatusListCredential,
    /// What was current at a head of the log, for one audience.
    RegistrySnapshot,
}

impl RecordType {
    /// Every type.
    pub const ALL: [Self; 6] = [
        Self::IntegrityGrade,
        Self::WageBlacklistEntry,
        Self::RuleSetPublication,
        Self::RecordWithdrawal,
        Self::BitstringStatusListCredential,
        Self::RegistrySnapshot,
    ];

    /// The second `type` of the credential.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IntegrityGrade => "IntegrityGrade",
            Self::WageBlacklistEntry => "WageBlacklistEntry",
            Self::RuleSetPublication => "RuleSetPublication",
            Self::RecordWithdrawal => "RecordWithdrawal",
            Self::BitstringStatusListCredential => "BitstringStatusListCredential",
            Self::RegistrySnapshot => "RegistrySnapshot",
        }
    }

    /// The type of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The kind of log entry that such a body must have.
    pub const fn entry_kind(self) -> EntryKind {
        match self {
            Self::IntegrityGrade | Self::WageBlacklistEntry | Self::RecordWithdrawal => EntryKind::Record,
            Self::RuleSetPublication => EntryKind::RuleSet,
            Self::BitstringStatusListCredential => EntryKind::StatusList,
            Self::RegistrySnapshot => EntryKind::Snapshot,
        }
    }

    /// Whether the credential carries `credentialStatus` and `refreshService`. A withdrawal is final:
    /// nothing can happen to it.
    pub const fn has_status(self) -> bool {
        !matches!(
            self,
            Self::BitstringStatusListCredential | Self::RegistrySnapshot | Self::RecordWithdrawal
        )
    }
}

/// Who may read a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// Everyone.
    Public,
    /// Partner bodies with a key, and the employer itself.
    Partners,
}

impl Audience {
    /// The audience's word in a log entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Partners => "partners",
        }
    }

    /// The audience of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Public, Self::Partners]
            .into_iter()
            .find(|audience| audience.as_str() == word)
    }
}

/// Where a record's three status bits are: one list number and one index serve all three purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusPointer {
    /// Number of the list, from 1: the last part of `https://HOST/status/<purpose>/<n>`.
    pub list: u32,
    /// Index of the bit, from 0.
    pub index: u32,
}

/// That a record replaces another one, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supersedes<'a> {
    /// Digest of the older record's stored bytes.
    pub digest: Digest,
    /// Why, in words for the public.
    pub reason: Cow<'a, str>,
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

//! Bitstring Status List 1.0: whether a record is revoked, suspended or replaced, as signed lists of
//! 131,072 bits, one list per purpose and number.
//!
//! Lists are ours alone in length and form: `encodedList` is `u` + base64url of a gzip stream with
//! no time in it. Inflating stops at the list's length. How old a list may be, and which version is
//! the newest, is the verifier's question.

mod bitstring;
mod change;

use chrono::{DateTime, Utc};

pub use bitstring::{Bitstring, BitstringError, LENGTH};
pub use change::{BitChange, Change};

use super::credential::{Credential, ReadError, RecordType, decimal};

/// What a set bit means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusPurpose {
    /// Withdrawn, finally.
    Revocation,
    /// An objection or review is pending; reversible.
    Suspension,
    /// A newer record replaces this one; never cleared.
    Refresh,
}

impl StatusPurpose {
    /// Every purpose, in the order of a record's `credentialStatus`.
    pub const ALL: [Self; 3] = [Self::Revocation, Self::Suspension, Self::Refresh];

    /// The specification's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::Refresh => "refresh",
        }
    }

    /// The purpose of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// A version of a list before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDraft {
    /// What its bits mean.
    pub purpose: StatusPurpose,
    /// Its number, from 1.
    pub list: u32,
    /// Its bits.
    pub bits: Bitstring,
    /// As of when, UTC, whole seconds; freshness is measured from here.
    pub valid_from: DateTime<Utc>,
    /// Until when at most it may be used, UTC, whole seconds.
    pub valid_until: Option<DateTime<Utc>>,
}

/// A signed version of a list, read; its signature is checked through `credential.proof`.
#[derive(Debug, Clone)]
pub struct StatusList<'a> {
    /// The credential around it.
    pub credential: Credential<'a>,
    /// What its bits mean.
    pub purpose: StatusPurpose,
    /// Its number.
    pub list: u32,
    /// Its bits.
    pub bits: Bitstring,
}

/// Why a credential is not a status list of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The credential's own shape.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The `encodedList`.
    #[error(transparent)]
    Bits(#[from] BitstringError),
}

/// Reads a status list credential from its stored bytes.
///
/// # Errors
/// [`ListError`].
pub fn read_list(bytes: &[u8]) -> Result<StatusList<'_>, ListError> {
    list_of(super::credential::read(bytes)?)
}

/// The list in a credential.
///
/// # Errors
/// [`ListError`], [`ReadError::Type`] if it is another record.
pub fn list_of(credential: Credential<'_>) -> Result<StatusList<'_>, ListError> {
    if credential.record_type != RecordType::BitstringStatusListCredential {
        return Err(ReadError::Type.into());
    }
    let (purpose, list) = url(credential.id, credential.host).ok_or(ReadError::Value("id"))?;
    let subject = credential
        .proof
        .document()
        .object("credentialSubject")
        .filter(|subject| subject.len() == 4);
    let subject = subject.ok_or(ReadError::Missing("credentialSubject"))?;
    let plain = |name| {
        subject
            .get(name)
            .and_then(|raw| raw.plain())
            .ok_or(ReadError::Missing(name))
    };
    let own = plain("id")?.strip_prefix(credential.id) == Some("#list");
    if !own || plain("type")? != "BitstringStatusList" || plain("statusPurpose")? != purpose.as_str() {
        return Err(ReadError::Value("credentialSubject").into());
    }
    let bits = Bitstring::decode(plain("encodedList")?)?;
    Ok(StatusList {
        credential,
        purpose,
        list,
        bits,
    })
}

/// Purpose and number in a list's URL, of whatever host.
pub(super) fn parse_url(text: &str) -> Option<(StatusPurpose, u32)> {
    let (host, _) = text.strip_prefix("https://")?.split_once('/')?;
    url(text, host)
}

/// Purpose and number in `https://HOST/status/<purpose>/<n>`.
fn url(text: &str, host: &str) -> Option<(StatusPurpose, u32)> {
    let path = text
        .strip_prefix("https://")?
        .strip_prefix(host)?
        .strip_prefix("/status/")?;
    let (purpose, list) = path.split_once('/')?;
    Some((
        StatusPurpose::parse(purpose)?,
        decimal(list).filter(|list| *list > 0)?,
    ))
}

#[cfg(test)]
mod tests;

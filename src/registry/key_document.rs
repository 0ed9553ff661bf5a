//! Key documents in the log: the newest one, what the next one says, and whether a note may be logged as it.
//!
//! The next document always grows out of the newest logged one, so that no method is ever dropped. It
//! refuses to log what two roots have not signed, or what takes back what an earlier document said.

use chrono::{DateTime, TimeDelta, Utc};

use crate::log::note::{Note, NoteError};
use crate::record::canonical::scan;
use crate::record::did::{self, DidError, HistoryError, KeyDocument, Method};
use crate::record::entry::EntryKind;
use crate::record::multikey;
use crate::record::signer::Signer;
use crate::store::log::body::{self, Body};
use crate::store::{Conn, StoreError, StoreResult};
use crate::verify::Succession;
use crate::verify::trust::Issuer;

/// How long a document speaks unless the ceremony says otherwise: a month and some days to come late.
pub const SPEAKS: TimeDelta = TimeDelta::days(30);
/// A document that ends within this time is due to be replaced; `chengxin serve` says so daily.
pub const DUE: TimeDelta = TimeDelta::days(7);

/// Why a note is not the registry's next key document.
#[derive(Debug, thiserror::Error)]
pub enum KeyDocumentError {
    /// Not a signed note.
    #[error("the key document's note: {0}")]
    Note(#[from] NoteError),
    /// Not a key document.
    #[error(transparent)]
    Did(#[from] DidError),
    /// Not in canonical form, which verifiers demand.
    #[error("the key document is not canonical JSON: prepare it again")]
    NotCanonical,
    /// Another registry's.
    #[error("the key document is of {0}")]
    OtherHost(String),
    /// Roots are missing.
    #[error(
        "{have} of the {need} root signatures that it needs: let another holder run `chengxin keys sign`"
    )]
    Roots {
        /// Different roots that have signed.
        have: usize,
        /// How many must.
        need: usize,
    },
    /// It may not follow the newest one.
    #[error("the key document cannot follow the newest logged one: {0}")]
    History(#[from] HistoryError),
    /// Dated after now.
    #[error(
        "the key document is dated {0}, which has not come yet: set the clock of the machine that prepared it"
    )]
    Future(DateTime<Utc>),
    /// Over before it began.
    #[error("the key document has run out already: prepare it again and have it signed within its time")]
    Stale,
    /// A method that is not there.
    #[error("the newest key document lists no {0}: see `chengxin keys list`")]
    NoSuchMethod(String),
    /// Not a usable public key.
    #[error("the issuer key: {0}")]
    Key(String),
}

/// What is to change with the next document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it is only signed again.
    Refresh,
    /// A method is added, the last.
    Add(Box<Method>),
    /// A method's records hold if they were logged before `at`.
    Expire {
        /// Its DID URL.
        method: String,
        /// From then on it signs nothing, UTC.
        at: DateTime<Utc>,
    },
    /// A method is not believed from `since` on.
    Revoke {
        /// Its DID URL.
        method: String,
        /// When it was stolen, UTC.
        since: DateTime<Utc>,
    },
}

/// The newest key document below `size`.
///
/// # Errors
/// [`StoreError`], also when it cannot be read: it was logged, so it must be readable.
pub fn newest(conn: &mut Conn, size: i64) -> StoreResult<Option<KeyDocument>> {
    let Some(row) = newest_row(conn, size)? else {
        return Ok(None);
    };
    let document = read(&row.bytes)
        .map_err(|error| StoreError::corrupt(format!("key document {}", row.log_index), error))?;
    Ok(Some(document))
}

/// The row of the newest key document below `size`. Succession documents have the same kind, and are none.
///
/// # Errors
/// [`StoreError`].
pub fn newest_row(conn: &mut Conn, size: i64) -> StoreResult<Option<Body>> {
    let mut below = size;
    while let Some(row) = body::newest_of_kind(conn, EntryKind::Keys.as_str(), below)? {
        if !Succession::is_note(&row.bytes) {
            return Ok(Some(row));
        }
        below = row.log_index;
    }
    Ok(None)
}

/// The document in a note, its signatures unverified.
///
/// # Errors
/// [`KeyDocumentError`].
pub fn read(note: &[u8]) -> Result<KeyDocument, KeyDocumentError> {
    of(&Note::parse(note)?)
}

/// The document in a note that may await its signatures.
pub(super) fn of(note: &Note) -> Result<KeyDocument, KeyDocumentError> {
    let text = note.text().strip_suffix('\n').unwrap_or_default().as_bytes();
    scan(text).map_err(|_| KeyDocumentError::NotCanonical)?;
    Ok(KeyDocument::parse(text)?)
}

/// The note that roots are to sign.
///
/// # Errors
/// [`KeyDocumentError`].
pub fn unsigned(document: &KeyDocument) -> Result<Note, KeyDocumentError> {
    let canonical = document.to_canonical()?;
    Ok(Note::unsigned(&format!(
        "{}\n",
        String::from_utf8_lossy(&canonical)
    ))?)
}

/// A method for an issuer key.
///
/// # Errors
/// [`KeyDocumentError::Key`].
pub fn method(signer: &dyn Signer) -> Result<Method, KeyDocumentError> {
    let key =
        multikey::usable(&signer.public_key()).map_err(|error| KeyDocumentError::Key(error.to_string()))?;
    Ok(Method {
        id: signer.verification_method().to_owned(),
        key,
        expires: None,
        revoked: None,
    })
}

/// The document that follows `newest`.
///
/// # Errors
/// [`KeyDocumentError::NoSuchMethod`]; [`KeyDocumentError::History`] when nothing could sign under it, or
/// an end would move away.
pub fn next(
    newest: &KeyDocument,
    changes: &[Change],
    now: DateTime<Utc>,
    speaks: TimeDelta,
) -> Result<KeyDocument, KeyDocumentError> {
    let mut next = newest.clone();
    // Whole seconds, and later than the one before even within the same second.
    let now = DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now);
    next.updated = now.max(newest.updated + TimeDelta::seconds(1));
    next.next_update = Some(next.updated + speaks.clamp(did::SHORTEST, did::LONGEST));
    for change in changes {
        let (id, end) = match change {
            Change::Refresh => continue,
            Change::Add(method) => {
                next.methods.push(Method::clone(method));
                continue;
            }
            Change::Expire { method, at } => (method, (Some(*at), None)),
            Change::Revoke { method, since } => (method, (None, Some(*since))),
        };
        let found = next.methods.iter_mut().find(|method| method.id == *id);
        let found = found.ok_or_else(|| KeyDocumentError::NoSuchMethod(id.clone()))?;
        found.expires = end.0.or(found.expires);
        found.revoked = end.1.or(found.revoked);
    }
    newest.may_be_followed_by(&next)?;
    Ok(next)
}

/// Whether a note may be logged as the key document after `newest`: enough roots have signed it, it takes
/// nothing back, and it speaks for `now`.
///
/// # Errors
/// [`KeyDocumentError`].
pub fn check(
    note: &[u8],
    newest: Option<&KeyDocument>,
    issuer: &Issuer,
    now: DateTime<Utc>,
) -> Result<KeyDocument, KeyDocumentError> {
    let note = Note::parse(note)?;
    let document = of(&note)?;
    if document.host != issuer.host {
        return Err(KeyDocumentError::OtherHost(document.host.to_string()));
    }
    let have = roots_of(&note, issuer)?;
    if have < issuer.threshold {
        let need = issuer.threshold;
        return Err(KeyDocumentError::Roots { have, need });
    }
    match newest {
        Some(newest) => newest.may_be_followed_by(&document)?,
        None => document.can_sign()?,
    }
    // A few seconds come from dating two documents of one second apart.
    if document.updated - now > TimeDelta::minutes(1) {
        return Err(KeyDocumentError::Future(document.updated));
    }
    if document.is_stale(now, did::SHORTEST) {
        return Err(KeyDocumentError::Stale);
    }
    Ok(document)
}

/// How many different roots have signed: a root that signs twice counts once.
///
/// # Errors
/// [`KeyDocumentError::Note`] when a root's line does not verify.
pub fn roots_of(note: &Note, issuer: &Issuer) -> Result<usize, KeyDocumentError> {
    let mut roots: Vec<usize> = note
        .verified_by(&issuer.roots)?
        .iter()
        .map(|one| one.key)
        .collect();
    roots.sort_unstable();
    roots.dedup();
    Ok(roots.len())
}

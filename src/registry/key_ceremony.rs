//! The ceremony around key documents (keys/README.md): prepared here, signed offline by two of the three
//! roots' holders, logged here; and the changes that it carries: a new issuer key, the end of an old one.
//!
//! It refuses to hold a root key: signing needs a file and a key, and no registry.

mod sign;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::record::did::{HistoryError, KeyDocument};
use crate::record::signer::Signer;
use crate::store::log::head;
use crate::store::{StoreError, audit as trail};

use super::Registry;
use super::audit::Act;
use super::key_document::{self, Change, KeyDocumentError};
use super::keys::KeysError;
use super::publish::{PublishError, Publisher, Stops};
use super::trust::{TrustError, TrustFiles};
use super::witness;
use crate::verify::SuccessionError;

pub use sign::{Document, host_of, sign};

/// Why a step of the ceremony was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// The document.
    #[error(transparent)]
    Document(#[from] KeyDocumentError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Publication.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The trust folder.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A succession document.
    #[error("the succession document: {0}")]
    Succession(#[from] SuccessionError),
    /// There is no head to freeze.
    #[error("readers were never served a head of this log: there is nothing to freeze")]
    NothingServed,
    /// The document ends a log that is not the one here.
    #[error("{0} is not the log that goes on here: prepare the document again with `chengxin keys succeed`")]
    OtherLog(String),
    /// The document freezes another head than the newest that readers were served.
    #[error(
        "the document freezes the log at {named} entries, and the newest head that readers were served has {served}, \
         or another root: prepare it again with `chengxin keys succeed`, and publish nothing until it is imported"
    )]
    OtherHead {
        /// Entries by the document.
        named: u64,
        /// Entries served.
        served: i64,
    },
    /// Verifiers would not know the key that is to sign alone.
    #[error("the trust folder does not name the newest log key: finish `chengxin keys rotate-log` first")]
    NotTrusted,
    /// The log is empty.
    #[error("the log holds no key document: make the registry again with `chengxin init`")]
    NoDocument,
    /// A root of another registry.
    #[error("{root} is no root of {host}")]
    OtherRoot {
        /// The root's key name.
        root: String,
        /// Whose document it is.
        host: String,
    },
    /// It has signed already.
    #[error("{0} has signed it already")]
    SignedBefore(String),
    /// A time that has not come.
    #[error(
        "revoked since {0}, which has not come yet: to end a key at a later time use `chengxin keys retire`"
    )]
    SinceLater(DateTime<Utc>),
    /// An end that is past.
    #[error(
        "{0} is past: records logged since then would fail. To disown a stolen key use `chengxin keys revoke`"
    )]
    EndPast(DateTime<Utc>),
}

impl From<HistoryError> for CeremonyError {
    fn from(error: HistoryError) -> Self {
        Self::Document(error.into())
    }
}

impl From<diesel::result::Error> for CeremonyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What the roots' holders are to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The note, without signatures.
    pub note: String,
    /// What it says.
    pub document: KeyDocument,
    /// The file of a key that was made for it.
    pub made: Option<std::path::PathBuf>,
}

/// Prepares the document after the newest logged one.
///
/// # Errors
/// [`CeremonyError`].
pub fn prepare(
    registry: &Registry,
    changes: &[Change],
    speaks: TimeDelta,
) -> Result<Prepared, CeremonyError> {
    let newest = newest(registry)?;
    let document = key_document::next(&newest, changes, registry.clock.now(), speaks)?;
    let note = key_document::unsigned(&document)?.to_string();
    let made = None;
    Ok(Prepared { note, document, made })
}

/// Makes a new issuer key and prepares the document that lists it beside the old ones. Nothing is signed by
/// it before that document is logged.
///
/// # Errors
/// [`CeremonyError`].
pub fn rotate(registry: &Registry, changes: &[Change], speaks: TimeDelta) -> Result<Prepared, CeremonyError> {
    let newest = newest(registry)?;
    let keys = registry.keys()?;
    let mut changes = changes.to_vec();
    // A key that an earlier, abandoned ceremony made is taken before another is made.
    let unlisted = |signer: &dyn Signer| {
        newest
            .methods
            .iter()
            .all(|one| *one.key.as_bytes() != signer.public_key())
    };
    let mut made = None;
    if !keys.issuers()?.iter().any(|signer| unlisted(signer)) {
        made = Some(keys.add_issuer(registry.random.as_ref())?);
    }
    let signers = keys.issuers()?;
    let signer = signers
        .iter()
        .rev()
        .find(|signer| unlisted(*signer))
        .ok_or(KeysError::NoSigner)?;
    changes.insert(0, Change::Add(Box::new(key_document::method(signer)?)));
    let prepared = prepare(registry, &changes, speaks)?;
    Ok(Prepared { made, ..prepared })
}

/// Prepares the end of a method at a time to come.
///
/// # Errors
/// [`CeremonyError::EndPast`]; [`CeremonyError`].
pub fn retire(
    registry: &Registry,
    method: &str,
    at: DateTime<Utc>,
    speaks: TimeDelta,
) -> Result<Prepared, CeremonyError> {
    if at <= registry.clock.now() {
        return Err(CeremonyError::EndPast(at));
    }
    let method = full_id(registry, method);
    prepare(registry, &[Change::Expire { method, at }], speaks)
}

/// Prepares the revocation of a method: what was logged at or after `since` is disowned, what was logged
/// before holds. Where no other key could go on signing, a new one is made and added.
///
/// # Errors
/// [`CeremonyError::SinceLater`]; [`CeremonyError`].
pub fn revoke(
    registry: &Registry,
    method: &str,
    since: DateTime<Utc>,
    speaks: TimeDelta,
) -> Result<Prepared, CeremonyError> {
    if since > registry.clock.now() {
        return Err(CeremonyError::SinceLater(since));
    }
    let method = full_id(registry, method);
    let change = Change::Revoke { method, since };
    match prepare(registry, std::slice::from_ref(&change), speaks) {
        Err(CeremonyError::Document(KeyDocumentError::History(HistoryError::NoneLasting))) => {
            rotate(registry, &[change], speaks)
        }
        other => other,
    }
}

/// What publication of a key document came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Where the document stands in the log.
    pub index: u64,
    /// The method that signs from now on.
    pub signer: String,
    /// List versions signed anew, so that none is left that only a revoked key has signed.
    pub lists: usize,
}

/// Checks a signed document and logs it; from then on the key that it says signs. A writer that dies before
/// the lists are signed anew leaves that to [`freshness`](super::freshness), where lists of a key that has
/// ended are due.
///
/// # Errors
/// [`PublishError::KeyDocument`] when it must not be logged; [`CeremonyError`].
pub fn publish(registry: &Registry, note: &[u8], stops: &dyn Stops) -> Result<Published, CeremonyError> {
    let text = String::from_utf8(note.to_vec()).map_err(|_| KeyDocumentError::NotCanonical)?;
    let now = registry.clock.now();
    let mut publisher = Publisher::open(registry, stops)?;
    let index = publisher.publish_keys(text)?;
    let lists = publisher.refresh_lists()?.versions;
    drop(publisher);
    witness::after_publishing(registry)?;
    let signer = registry.keys()?.signer_under(&newest(registry)?, now)?;
    let signer = signer.verification_method().to_owned();
    Ok(Published { index, signer, lists })
}

/// Begins the overlap of two log keys: a second one is made, the trust folder names it, and both sign a new
/// head at once.
///
/// # Errors
/// [`KeysError::Overlap`]; [`CeremonyError`].
pub fn overlap_log(registry: &Registry, stops: &dyn Stops) -> Result<String, CeremonyError> {
    let keys = registry.keys()?;
    match keys.add_log(registry.random.as_ref()) {
        Ok(_) => {}
        // A run that was stopped once it had made the key: the rest of it is done now.
        Err(KeysError::Overlap) if !overlap_is_told(registry)? => {}
        Err(error) => return Err(error.into()),
    }
    let signers = keys.log()?.verifiers();
    if let (Some(key), Some(data)) = (signers.last(), &registry.data) {
        TrustFiles::read(&data.trust())?
            .with_log(key)
            .write(&data.trust())?;
    }
    let key = signers.last().map(ToString::to_string).unwrap_or_default();
    Publisher::open(registry, stops)?.refresh_lists_for(Act::system(ADD, key.clone()))?;
    witness::after_publishing(registry)?;
    Ok(key)
}

/// An overlap began: subject is the new log key.
const ADD: &str = "log.key.add";

/// Whether the trust folder names the newest log key, and the audit trail tells of it.
fn overlap_is_told(registry: &Registry) -> Result<bool, CeremonyError> {
    let signers = registry.keys()?.log()?.verifiers();
    let key = signers.last().map(ToString::to_string).unwrap_or_default();
    let told = trail::about(&mut *registry.store.conn()?, ADD, &key)?;
    Ok(newest_is_trusted(registry)? && !told.is_empty())
}

/// Whether the trust folder names the newest log key.
fn newest_is_trusted(registry: &Registry) -> Result<bool, CeremonyError> {
    let signers = registry.keys()?.log()?.verifiers();
    let policy = registry.trust()?.policy;
    Ok(signers.last().is_some_and(|key| policy.logs().contains(key)))
}

/// Ends the overlap: the older log key signs no more. The trust folder goes on naming it, for the heads that
/// it alone has signed.
///
/// # Errors
/// [`KeysError::OnlyOne`]; [`CeremonyError`].
pub fn end_overlap(registry: &Registry, stops: &dyn Stops) -> Result<std::path::PathBuf, CeremonyError> {
    let keys = registry.keys()?;
    let oldest = keys.log()?.verifier().to_string();
    if !newest_is_trusted(registry)? {
        return Err(CeremonyError::NotTrusted);
    }
    // A head that the newer key has signed too must be the newest one, else nobody here could check it.
    // The audit trail is told with it: a run that is stopped before the file is moved is run again.
    let act = Act::system("log.key.retire", oldest);
    Publisher::open(registry, stops)?.refresh_lists_for(act)?;
    let retired = keys.retire_log()?;
    Publisher::open(registry, stops)?.refresh_lists()?;
    witness::after_publishing(registry)?;
    Ok(retired)
}

/// The newest key document under the signed head.
///
/// # Errors
/// [`CeremonyError::NoDocument`]; [`CeremonyError::Store`].
pub fn newest(registry: &Registry) -> Result<KeyDocument, CeremonyError> {
    let mut conn = registry.store.conn()?;
    let size = head::read(&mut conn)?.head_size;
    key_document::newest(&mut conn, size)?.ok_or(CeremonyError::NoDocument)
}

/// `key-z6Mk…` for the whole DID URL.
fn full_id(registry: &Registry, method: &str) -> String {
    if method.contains('#') {
        method.to_owned()
    } else {
        format!("{}#{method}", registry.host.did())
    }
}

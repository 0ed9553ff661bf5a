//! Key documents (`records.md` §7): signed by enough roots, logged, and asked whether a key was valid at a
//! time. Whoever controls the server or the log cannot introduce a key here.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;

use super::bundle::KeyItem;
use super::chain::{Bounds, Chain};
use super::path::Path;
use super::reason::Reason;
use super::trust::{Issuer, Trust};
use super::verdict::{Detail, Finding, State};
use crate::log::note::Note;
use crate::record::canonical::scan;
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::EntryKind;

/// A key document that the roots have signed and the log contains.
#[derive(Debug)]
pub(super) struct KeyFile {
    index: u64,
    document: KeyDocument,
}

/// All key documents of an input, or why one of them is not to be believed: then none is.
#[derive(Debug)]
pub(super) struct Ring {
    files: Vec<(Digest, KeyFile)>,
    newest: usize,
}

impl Ring {
    /// Opens the key documents.
    ///
    /// # Errors
    /// A finding for the axis `issuer-key`.
    pub(super) fn open<'a>(
        items: impl IntoIterator<Item = &'a KeyItem>,
        chain: &Chain,
        trust: &Trust,
    ) -> Result<Self, Finding> {
        let mut files = Vec::new();
        for item in items {
            files.push((
                Digest::of(item.note.as_bytes()),
                KeyFile::open(item, chain, trust)?,
            ));
        }
        let newest = files.iter().enumerate().max_by_key(|(_, (_, file))| file.index);
        let newest = newest.map(|(place, _)| place);
        let newest = newest.ok_or(Finding::new(State::Undecided, Reason::NotSupplied))?;
        Ok(Self { files, newest })
    }

    /// The newest document by its place in the log.
    pub(super) fn newest(&self) -> Option<&KeyDocument> {
        self.files.get(self.newest).map(|(_, file)| &file.document)
    }

    /// The keys that the newest document lists.
    pub(super) fn keys(&self) -> impl Iterator<Item = VerifyingKey> {
        self.newest()
            .into_iter()
            .flat_map(|document| document.methods.iter().map(|method| method.key))
    }

    /// The key that a method names, in the newest document and in the one that is cited by its digest (or
    /// in any, when none is cited). It ends at the earliest time that either says: nothing is un-revoked.
    pub(super) fn find(&self, method: &str, cited: Option<&Digest>) -> Result<KeyView, Finding> {
        let unlisted = || {
            Finding::with(
                State::Fails,
                Reason::KeyNotListed,
                Detail::Text(method.to_owned()),
            )
        };
        let documents = self
            .files
            .iter()
            .filter(|(digest, _)| cited.is_none_or(|cited| cited == digest))
            .filter_map(|(_, file)| Some((file.index, file.document.method(method)?)));
        // The oldest of them is the one that says since when the key is listed.
        let (index, listed) = documents.min_by_key(|(index, _)| *index).ok_or_else(unlisted)?;
        // Rotation keeps old methods listed, so what the newest document leaves out was never the issuer's.
        let newest = self
            .newest()
            .and_then(|document| document.method(method))
            .ok_or_else(unlisted)?;
        if newest.key != listed.key {
            return Err(unlisted());
        }
        let earliest = |a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>| a.into_iter().chain(b).min();
        Ok(KeyView {
            key: listed.key,
            index,
            expires: earliest(listed.expires, newest.expires),
            revoked: earliest(listed.revoked, newest.revoked),
        })
    }
}

/// A key and its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyView {
    pub(super) key: VerifyingKey,
    /// Where the document stands that lists it.
    index: u64,
    expires: Option<DateTime<Utc>>,
    revoked: Option<DateTime<Utc>>,
}

impl KeyView {
    /// Whether a document listed the key before `index`: else a key could sign first and be authorised
    /// afterwards.
    pub(super) fn listed_before(&self, index: u64) -> bool {
        self.index < index
    }

    /// The axis `issuer-key`: whether the key was valid when something was logged. Compared is the latest
    /// time that is possible, or, without witnesses, the time that the signer claims.
    pub(super) fn valid(&self, logged: Bounds, created: DateTime<Utc>) -> Finding {
        let at = match logged {
            Bounds::NotDemanded => created,
            Bounds::Proven(_, latest) => latest,
            Bounds::Unknown if self.expires.is_none() && self.revoked.is_none() => created,
            Bounds::Unknown => return Finding::new(State::Undecided, Reason::KeyTimeUnknown),
        };
        match (self.revoked, self.expires) {
            (Some(end), _) if end <= at => Finding::with(State::Fails, Reason::KeyRevoked, Detail::At(end)),
            (_, Some(end)) if end <= at => Finding::with(State::Fails, Reason::KeyExpired, Detail::At(end)),
            _ => Finding::new(State::Holds, Reason::KeyValid),
        }
    }
}

impl KeyFile {
    fn open(item: &KeyItem, chain: &Chain, trust: &Trust) -> Result<Self, Finding> {
        let document = key_document(item.note.as_bytes(), &trust.issuer)?;
        let digest = Digest::of(item.note.as_bytes());
        let place = (
            item.place.entry.as_slice(),
            item.place.index,
            Path::alone(&item.place.inclusion),
        );
        chain
            .current()
            .holds(place, &digest, EntryKind::Keys)
            .map_err(|(reason, detail)| {
                let why = Box::new(Finding::with(State::Fails, reason, detail));
                Finding::with(State::Fails, Reason::KeyDocumentNotLogged, Detail::Because(why))
            })?;
        Ok(Self {
            index: item.place.index,
            document,
        })
    }
}

/// The document in a note that enough of the issuer's roots have signed; where it stands in the log is the
/// caller's to know.
///
/// # Errors
/// A finding for the axis `issuer-key`.
pub fn key_document(note: &[u8], issuer: &Issuer) -> Result<KeyDocument, Finding> {
    let malformed = |detail| Finding::with(State::Fails, Reason::KeyDocumentMalformed, detail);
    let note = Note::parse(note).map_err(|error| malformed(Detail::error(&error)))?;
    if !enough_roots(&note, issuer) {
        return Err(Finding::new(State::Fails, Reason::RootsTooFew));
    }
    let text = note.text().strip_suffix('\n').unwrap_or_default().as_bytes();
    scan(text).map_err(|error| malformed(Detail::english(&error)))?;
    let document = KeyDocument::parse(text).map_err(|error| malformed(Detail::english(&error)))?;
    match document.host == issuer.host {
        true => Ok(document),
        false => Err(malformed(Detail::Text(document.host.to_string()))),
    }
}

/// Different roots count, not lines; a root's line that does not verify rejects the note.
pub(super) fn enough_roots(note: &Note, issuer: &Issuer) -> bool {
    let Ok(verified) = note.verified_by(&issuer.roots) else {
        return false;
    };
    let roots: BTreeSet<usize> = verified.iter().map(|signature| signature.key).collect();
    roots.len() >= issuer.threshold
}

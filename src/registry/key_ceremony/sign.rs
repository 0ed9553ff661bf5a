//! What the offline machine does: says what a prepared document is, and signs it. Needs no registry.

use crate::log::note::Note;
use crate::record::credential::Host;
use crate::record::did::KeyDocument;
use crate::verify::Succession;

use super::CeremonyError;
use crate::registry::key_document::{self, KeyDocumentError};
use crate::registry::keys::NoteSigner;

/// What roots sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// The issuer's keys.
    Keys(KeyDocument),
    /// The end of a log, and the one that goes on.
    Succession(Box<Succession>),
}

impl Document {
    fn of(note: &Note) -> Result<Self, CeremonyError> {
        Ok(match Succession::is_text(note.text()) {
            true => Self::Succession(Box::new(Succession::parse(note.text())?)),
            false => Self::Keys(key_document::of(note)?),
        })
    }

    fn host(&self) -> &Host {
        match self {
            Self::Keys(document) => &document.host,
            Self::Succession(document) => &document.host,
        }
    }
}

/// Signs a prepared document with a root key. Needs no registry: this is what the offline machine does.
///
/// # Errors
/// [`CeremonyError::OtherRoot`], [`CeremonyError::SignedBefore`], [`CeremonyError::Document`].
pub fn sign(prepared: &[u8], root: &NoteSigner) -> Result<(String, Document), CeremonyError> {
    let mut note = Note::parse_prepared(prepared).map_err(KeyDocumentError::from)?;
    let document = Document::of(&note)?;
    let name = root.verifier().name().to_owned();
    if !name.starts_with(&format!("{}/root-", document.host())) {
        let host = document.host().to_string();
        return Err(CeremonyError::OtherRoot { root: name, host });
    }
    let known = std::slice::from_ref(root.verifier());
    let signed = note.verified_by(known).map_err(KeyDocumentError::from)?;
    if !signed.is_empty() {
        return Err(CeremonyError::SignedBefore(name));
    }
    root.sign(&mut note)?;
    Ok((note.to_string(), document))
}

/// The HOST of a prepared document: part of the name under which a root signs it.
///
/// # Errors
/// [`CeremonyError::Document`].
pub fn host_of(prepared: &[u8]) -> Result<String, CeremonyError> {
    let note = Note::parse_prepared(prepared).map_err(KeyDocumentError::from)?;
    Ok(Document::of(&note)?.host().to_string())
}

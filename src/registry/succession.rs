//! The ceremony after the theft of a log key (records.md §7, keys/README.md): the log is frozen at the last
//! head that readers were served, and goes on as `HOST/log2` with the same tree under a key that was made
//! for it.
//!
//! Two of the three roots sign a document that names both, offline; it is imported here by the durable
//! steps of [`publish`], each of which may be the last one:
//!
//! 1. the new key's high-water mark begins at the frozen head. *Crash*: the old key is sealed, here nothing
//!    signs under it any more, and the server refuses to start until the import is run again.
//! 2. the trust folder names the successor. *Crash*: as 1.
//! 3. transaction 1: the document's entry, the log's new name, the audit row. *Crash before*: as 1. *Crash
//!    after*: whoever publishes next signs the first head under the new key, as after any crash there.
//! 4. the head is signed and stored, cosigned and served under the new name, as every head is.
//! 5. the old key's file goes to `retired`. *Crash before*: it lies where it was, and signs nothing.
//!
//! It refuses to freeze anything but the newest head that readers were served, and to go on from a database
//! that is an older copy: what the old key honestly signed past it would be called a thief's.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::DateTime;
use serde::Serialize;

use crate::log::edge::Edge;
use crate::log::hash::Hash;
use crate::log::note::Note;
use crate::store::log::{checkpoint, head};
use crate::store::{self, StoreError};
use crate::verify::succession::generation;
use crate::verify::{Succession, SuccessionError};

use super::Registry;
use super::check;
use super::high_water::Mark;
use super::key_ceremony::CeremonyError;
use super::keys::KeysError;
use super::origins::{Origins, frozen};
use super::publish::{Ending, PublishError, Publisher, Stops};
use super::tiles::StoredTiles;
use super::trust::TrustFiles;
use super::witness;

/// What the roots' holders are to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The note, without signatures.
    pub note: String,
    /// What it says.
    pub document: Succession,
}

/// Makes the successor's key, unless an earlier run did, and prepares the document that freezes the log at its
/// newest served head. Nothing else changes: the old key signs until the document is imported.
///
/// # Errors
/// [`CeremonyError`].
pub fn prepare(registry: &Registry) -> Result<Prepared, CeremonyError> {
    check::at_start(registry).map_err(PublishError::from)?;
    // What awaits witnesses is frozen too, if they can be had. A thief may have shown them more by now.
    if let Err(error) = witness::settle(registry) {
        tracing::warn!(%error, "the witnesses say otherwise: the log is frozen at what readers were served");
    }
    let keys = registry.keys()?;
    let ending = keys.log()?;
    let mut conn = registry.store.conn()?;
    let (size, root) = last_head(registry, &mut conn)?;
    let named = registry.trust()?.policy;
    let origin = ending.verifier().name();
    let mut old_keys: Vec<_> = named
        .logs()
        .iter()
        .filter(|key| key.name() == origin)
        .cloned()
        .collect();
    for key in ending.verifiers() {
        if !old_keys.contains(&key) {
            old_keys.push(key);
        }
    }
    let now = registry.clock.now();
    let document = Succession {
        host: registry.host.clone(),
        old_keys,
        new_key: keys.successor(registry.random.as_ref())?.verifier().clone(),
        size: store::unsigned("the frozen head's size", size)?,
        root,
        frozen_at: DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now),
    };
    let note = Note::unsigned(&document.text()?)
        .map_err(SuccessionError::from)?
        .to_string();
    Ok(Prepared { note, document })
}

/// The newest head that a quorum has cosigned; where none is demanded, the newest signed one.
fn last_head(registry: &Registry, conn: &mut store::Conn) -> Result<(i64, Hash), CeremonyError> {
    let row = match registry.witnesses {
        Some(_) => checkpoint::newest_served(conn)?,
        None => {
            let size = head::read(conn)?.head_size;
            checkpoint::at_size(conn, size)?
        }
    };
    let row = row.ok_or(CeremonyError::NothingServed)?;
    let root = Hash::from_slice(&row.root);
    let root = root
        .ok_or_else(|| StoreError::corrupt(format!("checkpoint {}", row.size), "its root is not 32 bytes"))?;
    Ok((row.size, root))
}

/// What a succession came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Succeeded {
    /// Where the document stands in the log.
    pub index: u64,
    /// Entries under the frozen head.
    pub frozen: u64,
    /// The key of the log that goes on.
    pub key: String,
    /// Key files that sign nothing any more: destroy them.
    pub retired: Vec<PathBuf>,
}

/// Checks a signed document and takes every step that is left of it.
///
/// # Errors
/// [`CeremonyError::OtherHead`] when it does not freeze the newest served head; [`CeremonyError`].
pub fn publish(registry: &Registry, note: &str, stops: &dyn Stops) -> Result<Succeeded, CeremonyError> {
    let own = registry.trust()?;
    let document = Succession::open(note.as_bytes(), &own.issuer)?;
    let keys = registry.keys()?;
    let ended = generation(&registry.host, document.old_origin()).unwrap_or(1);
    let begun = head::read(&mut *registry.store.conn()?)?.origin == document.new_origin();
    if begun {
        is_the_one(registry, &document)?;
    } else {
        may_begin(registry, &document, ended)?;
        let mark = Mark {
            size: document.size,
            root: document.root,
        };
        keys.end_log(ended, mark)?;
    }
    stops.ending(Ending::Sealed);
    let signer = keys.log()?;
    if !signer.verifiers().contains(&document.new_key) {
        return Err(KeysError::NotHere(document.new_key.to_string()).into());
    }
    let data = registry.data.as_ref().ok_or(CeremonyError::NothingServed)?;
    let files = TrustFiles::read(&data.trust())?.with_succession(note, &document)?;
    // What could not be read again would leave no way on: everything that signs reads this folder.
    files.parse(&data.trust())?;
    files.write(&data.trust())?;
    stops.ending(Ending::TrustWritten);
    let successor = under_its_policy(registry)?;
    let index = Publisher::succeed(&successor, note, &document, stops)?;
    let retired = keys.retire_ended(ended)?;
    stops.ending(Ending::Retired);
    witness::after_publishing(&successor)?;
    Ok(Succeeded {
        index,
        frozen: document.size,
        key: document.new_key.to_string(),
        retired,
    })
}

/// The registry with the trust folder's policy of now: the one that it was opened with does not know the
/// successor.
fn under_its_policy(registry: &Registry) -> Result<Registry, CeremonyError> {
    let policy = registry.trust()?.policy;
    let witnesses = registry.witnesses.as_ref();
    Ok(Registry {
        witnesses: witnesses.map(|witnesses| Arc::new(witnesses.under(policy))),
        ..registry.clone()
    })
}

/// The log that goes on began with one document: another one for the same key, signed earlier or later, says
/// something else of its beginning and is refused.
fn is_the_one(registry: &Registry, document: &Succession) -> Result<(), CeremonyError> {
    let origins = Origins::load(&mut *registry.store.conn()?, &registry.host)?;
    match origins.newest_document() == Some(document) {
        true => Ok(()),
        false => Err(CeremonyError::OtherLog(document.old_origin().to_owned())),
    }
}

/// Whether a document may end the log that this database holds.
fn may_begin(registry: &Registry, document: &Succession, ended: u32) -> Result<(), CeremonyError> {
    let keys = registry.keys()?;
    let newest = keys.newest_log()?;
    // A run that was stopped once the old key was sealed is the only one that finds another log here.
    if newest != ended && newest != ended.saturating_add(1) {
        return Err(CeremonyError::OtherLog(document.old_origin().to_owned()));
    }
    check::before_succession(registry, document, ended).map_err(PublishError::from)?;
    let mut conn = registry.store.conn()?;
    if Origins::load(&mut conn, &registry.host)?.newest() != document.old_origin() {
        return Err(CeremonyError::OtherLog(document.old_origin().to_owned()));
    }
    let (size, root) = last_head(registry, &mut conn)?;
    let own = Edge::load(&StoredTiles::new(&mut conn), document.size).map(|edge| edge.root());
    if size != frozen(document) || root != document.root || own.ok() != Some(root) {
        return Err(CeremonyError::OtherHead {
            named: document.size,
            served: size,
        });
    }
    // Nothing is sealed for a key that only another machine has.
    let next = keys_of_next(registry, newest == ended)?;
    match next.contains(&document.new_key) {
        true => Ok(()),
        false => Err(KeysError::NotHere(document.new_key.to_string()).into()),
    }
}

/// The keys that are to sign next: made for it, or, in a run that goes on, signing already.
fn keys_of_next(
    registry: &Registry,
    prepared: bool,
) -> Result<Vec<crate::log::key::VerifierKey>, CeremonyError> {
    let keys = registry.keys()?;
    Ok(match prepared {
        true => vec![keys.successor(registry.random.as_ref())?.verifier().clone()],
        false => keys.log()?.verifiers(),
    })
}

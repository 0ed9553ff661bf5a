//! The registry's own entries: the size-0 head, key documents, status lists, rule sets. Readers see
//! them at once.

use crate::log::checkpoint::Checkpoint;
use crate::log::hash::empty_root;
use crate::log::note::Note;
use crate::record::credential::{Audience, RuleSetFacts, Subject};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::signer::Signer as _;
use crate::record::status::{Bitstring, LENGTH, ListDraft, StatusPurpose};
use crate::store;
use crate::store::log::body::Body;
use crate::store::log::status::{self, StatusList};
use crate::store::log::{checkpoint, cosigned, head, lease};

use super::allocator::{self, Allocator};
use super::batch::Signing;
use super::chunk::{Chunk, Prepared};
use super::lists;
use super::step::Stops;
use super::{Item, PublishError, Publisher, record_head};
use crate::registry::Registry;
use crate::registry::audit::Act;
use crate::registry::clock::{Clock, SystemClock};
use crate::registry::key_document;
use crate::registry::keys::{KeyFolder, KeysError};

/// The signed head of a log without entries.
///
/// # Errors
/// [`KeysError`].
pub fn empty_head(keys: &KeyFolder, stops: &dyn Stops) -> Result<Note, KeysError> {
    let signer = keys.log()?;
    let head = Checkpoint {
        origin: signer.verifier().name().to_owned(),
        size: 0,
        root: empty_root(),
    };
    signer.sign_head(&head, stops)
}

/// Begins the log: its head of size 0 is signed and served, with the cosignatures of `first` where the
/// policy demands witnesses.
///
/// # Errors
/// [`PublishError`], also when the log was begun before.
pub fn begin_log(registry: &Registry, first: Option<&Note>, stops: &dyn Stops) -> Result<(), PublishError> {
    let keys = registry.keys()?;
    let origin = keys.log()?.verifier().name().to_owned();
    let at = registry.clock.now();
    let now = at.naive_utc();
    let note = empty_head(&keys, stops)?;
    let row = checkpoint::Checkpoint {
        size: 0,
        root: empty_root().as_bytes().to_vec(),
        note: note.to_string(),
        signed_at: now,
    };
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), PublishError> {
        head::create(conn, &origin)?;
        lease::create(conn, SystemClock.now().naive_utc())?;
        checkpoint::insert(conn, &row)?;
        record_head(conn, &row, at)?;
        if let Some(note) = first {
            cosigned::keep(conn, 0, &note.to_string(), now)?;
        }
        checkpoint::serve(conn, 0, now)?;
        Ok(())
    })
}

impl Publisher<'_> {
    /// Logs a key document: a signed note over the registry's DID document, and tells the audit trail of it in
    /// the same transaction. From then on its key signs.
    ///
    /// # Errors
    /// [`PublishError::KeyDocument`] when it is not the roots' next one; nothing is logged then.
    pub fn publish_keys(&mut self, note: String) -> Result<u64, PublishError> {
        let newest = self.newest_keys()?;
        let issuer = self.registry.trust()?.issuer;
        let now = self.registry.clock.now();
        let document = key_document::check(note.as_bytes(), newest.as_ref(), &issuer, now)?;
        let signer = match self.registry.keys()?.signer_under(&document, now) {
            Ok(signer) => signer.verification_method().to_owned(),
            // None of its keys is on this machine; it is logged all the same, for verifiers to know.
            Err(KeysError::NoSigner) => String::new(),
            Err(error) => return Err(error.into()),
        };
        let (entry, digest) = keys_entry(note.into_bytes());
        let act = Act {
            after: Some(*digest.as_bytes()),
            ..Act::system("keys.publish", signer)
        };
        let index = self.append(Chunk {
            entries: vec![entry],
            acts: vec![(act, now)],
            ..Chunk::default()
        })?;
        self.choose_issuer()?;
        Ok(index)
    }

    /// Logs a rule set, so that anyone can recompute what was decided under it.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn publish_rule_set(&mut self, facts: RuleSetFacts<'static>) -> Result<u64, PublishError> {
        self.ensure_lists(1)?;
        let mut allocator = Allocator::load(&mut self.conn)?;
        let outcome = format!("{} {}", facts.id, facts.version);
        let item = Item {
            employer_id: 0,
            audience: Audience::Public,
            year: None,
            outcome,
            valid_until: None,
            subject: Subject::RuleSet(facts),
            supersedes: None,
        };
        let chunk = self.signing()?.chunk(vec![item], &mut allocator, None)?;
        self.append(chunk)
    }

    /// Makes a list for each purpose under the next number and logs them, before any of its indices
    /// is handed out.
    pub(super) fn new_list(&mut self) -> Result<u64, PublishError> {
        let number = status::all(&mut self.conn)?
            .last()
            .map_or(1, |(number, _, _)| number.saturating_add(1));
        let list = StatusList {
            number,
            size: i64::from(LENGTH),
            used: 0,
            free_order: allocator::shuffled_order(LENGTH, self.registry.random.as_ref())?,
        };
        let mut chunk = Chunk::default();
        let signing = self.signing()?;
        let template = signing.template()?;
        for purpose in StatusPurpose::ALL {
            let draft = ListDraft {
                purpose,
                list: u32::try_from(number).map_err(|_| PublishError::TooLarge)?,
                bits: Bitstring::default(),
                valid_from: signing.now,
                valid_until: None,
            };
            lists::add_version(&mut chunk, &signing, &template, &draft)?;
        }
        chunk.new_lists.push(list);
        self.append(chunk)
    }

    pub(super) fn signing(&self) -> Result<Signing<'_>, PublishError> {
        Ok(Signing {
            host: &self.registry.host,
            issuer: self.issuer()?,
            random: self.registry.random.as_ref(),
            now: self.registry.clock.now(),
        })
    }
}

/// A root-signed note as a public entry of kind `keys`, and its digest.
pub(super) fn keys_entry(note: Vec<u8>) -> (Prepared, Digest) {
    let body = own_body(EntryKind::Keys, Audience::Public, note);
    let digest = Digest::of(&body.bytes);
    let entry = Entry {
        audience: Audience::Public,
        digest,
        kind: EntryKind::Keys,
    };
    (Prepared::new(body, &entry), digest)
}

/// A body of the registry's own, which is about no employer.
pub(super) fn own_body(kind: EntryKind, audience: Audience, bytes: Vec<u8>) -> Body {
    Body::bare(0, kind.as_str(), audience.as_str(), bytes)
}

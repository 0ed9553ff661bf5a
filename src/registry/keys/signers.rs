//! Keys that sign notes: roots over key documents, log keys over heads.

use crate::log::checkpoint::Checkpoint;
use crate::log::key::{KeyKind, VerifierKey};
use crate::log::note::Note;
use crate::record::signer::{Signer, SoftwareSigner};
use crate::registry::high_water::{HighWater, Mark};
use crate::registry::publish::{Step, Stops};

use super::KeysError;

/// A key that signs notes.
pub struct NoteSigner {
    signer: SoftwareSigner,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// A note key whose name is the signer's own.
    ///
    /// # Errors
    /// [`KeysError::Name`].
    pub fn new(signer: SoftwareSigner) -> Result<Self, KeysError> {
        let verifier = VerifierKey::new(
            signer.verification_method(),
            KeyKind::Ed25519,
            &signer.public_key(),
        )?;
        Ok(Self { signer, verifier })
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Adds this key's signature to a note.
    ///
    /// # Errors
    /// [`KeysError::Sign`].
    pub fn sign(&self, note: &mut Note) -> Result<(), KeysError> {
        note.sign(&self.verifier, |message| self.signer.sign(message))?;
        Ok(())
    }
}

/// The log's keys: one, or while one follows another (`chengxin keys rotate-log`) both. They sign heads,
/// never one that contradicts an earlier one; the mark is one for all of them.
pub struct LogSigner {
    first: NoteSigner,
    others: Vec<NoteSigner>,
    high_water: HighWater,
}

impl LogSigner {
    pub(super) fn new(first: NoteSigner, others: Vec<NoteSigner>, high_water: HighWater) -> Self {
        Self {
            first,
            others,
            high_water,
        }
    }

    /// The public half of the oldest key; its name is the log's origin.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.first.verifier()
    }

    /// The public halves, the oldest first.
    #[must_use]
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.all().map(|key| key.verifier().clone()).collect()
    }

    /// The signer's memory.
    #[must_use]
    pub fn high_water(&self) -> &HighWater {
        &self.high_water
    }

    /// Signs a head with every key, after the mark for it is durable.
    ///
    /// # Errors
    /// [`KeysError::Mark`] when the head goes back or forks; [`KeysError::Sign`].
    pub fn sign_head(&self, head: &Checkpoint, stops: &dyn Stops) -> Result<Note, KeysError> {
        let mut note = Note::unsigned(&head.to_string())?;
        self.high_water.raise(Mark {
            size: head.size,
            root: head.root,
        })?;
        stops.reached(Step::MarkRaised);
        self.all().try_for_each(|key| key.sign(&mut note))?;
        Ok(note)
    }

    fn all(&self) -> impl Iterator<Item = &NoteSigner> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

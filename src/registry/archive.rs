//! The internal archive of withdrawn records. The law ends their display, not the authority's own file: the
//! body is kept sealed (AES-256-GCM) under a key of the archive's own, bound to the record's id and place in
//! the log.
//!
//! It refuses to open anything without an audit row: the row is committed before the bytes are given.

use std::io;

use aes_gcm::aead::{Aead, Nonce, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use uuid::Uuid;

use crate::record::digest::Digest;
use crate::store::log::archive::{self, SealedRow};
use crate::store::log::erasure::{self, ErasureRow};
use crate::store::{self, Conn, StoreError};

use super::Registry;
use super::audit::{self, Act};
use super::keys::KeysError;
use super::random::{Random, RandomError};

/// Why the archive gives or takes nothing.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive's key.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// There are sealed bodies, and their key is not there.
    #[error(
        "the archive holds sealed records and keys/archive.key is missing: put it back from its backup; a new key would not open them"
    )]
    KeyLost,
    /// A body cannot be sealed.
    #[error("record {0} cannot be sealed")]
    Seal(i64),
    /// A body cannot be opened, or is not the one that was erased.
    #[error(
        "the archived copy of record {0} does not open to the bytes that were logged: the key is another, or the row was changed"
    )]
    Damaged(i64),
    /// No reason given.
    #[error("say why the archive is opened: --reason")]
    NoReason,
    /// Nothing of the kind.
    #[error("no withdrawn record {0} is in the archive")]
    Unknown(String),
}

/// The key that seals and opens.
pub struct ArchiveKey(Aes256Gcm);

impl ArchiveKey {
    /// The registry's own; made where the archive is still empty, as for a registry older than the archive.
    ///
    /// # Errors
    /// [`ArchiveError::KeyLost`], [`ArchiveError::Keys`].
    pub fn of(registry: &Registry, conn: &mut Conn) -> Result<Self, ArchiveError> {
        let keys = registry.keys()?;
        // One from before it was encrypted as the others are, or a passphrase that was set later.
        keys.protect_archive(registry.random.as_ref())?;
        if !keys.has_archive() {
            if !archive::is_empty(conn)? {
                return Err(ArchiveError::KeyLost);
            }
            match keys.generate_archive(registry.random.as_ref()) {
                // Another process was faster.
                Err(KeysError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        Ok(Self(Aes256Gcm::new(&(*keys.archive()?).into())))
    }

    /// Seals a body.
    ///
    /// # Errors
    /// [`ArchiveError::Random`], [`ArchiveError::Seal`].
    pub fn seal(
        &self,
        random: &dyn Random,
        record_id: &[u8],
        record_index: i64,
        bytes: &[u8],
    ) -> Result<SealedRow, ArchiveError> {
        let mut nonce = [0_u8; 12];
        random.fill(&mut nonce)?;
        let payload = Payload {
            msg: bytes,
            aad: &associated(record_id, record_index),
        };
        let sealed = self
            .0
            .encrypt(&nonce.into(), payload)
            .map_err(|_| ArchiveError::Seal(record_index))?;
        Ok(SealedRow {
            record_index,
            nonce: nonce.to_vec(),
            sealed,
        })
    }

    /// Opens the archived copy of an erased record, which must be what was logged.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`].
    pub fn open(&self, erased: &ErasureRow, row: &SealedRow) -> Result<Vec<u8>, ArchiveError> {
        let damaged = || ArchiveError::Damaged(erased.record_index);
        let nonce: [u8; 12] = row.nonce.as_slice().try_into().map_err(|_| damaged())?;
        let payload = Payload {
            msg: &row.sealed,
            aad: &associated(&erased.record_id, erased.record_index),
        };
        let nonce: Nonce<Aes256Gcm> = nonce.into();
        let bytes = self.0.decrypt(&nonce, payload).map_err(|_| damaged())?;
        if Digest::of(&bytes).as_bytes().as_slice() == erased.digest {
            Ok(bytes)
        } else {
            Err(damaged())
        }
    }
}

/// What a sealed body is bound to: the 16 bytes of the id, then the log index as eight bytes.
fn associated(record_id: &[u8], record_index: i64) -> Vec<u8> {
    let mut bytes = record_id.to_vec();
    bytes.extend_from_slice(&record_index.to_be_bytes());
    bytes
}

/// Every erasure whose entry stands at `from..to` has a copy that opens to the erased bytes. Asked before
/// the bodies go.
///
/// # Errors
/// [`ArchiveError`].
pub(super) fn check(registry: &Registry, conn: &mut Conn, from: i64, to: i64) -> Result<(), ArchiveError> {
    let erased = erasure::between(conn, from, to)?;
    if erased.is_empty() {
        return Ok(());
    }
    let key = ArchiveKey::of(registry, conn)?;
    for row in &erased {
        let sealed = archive::find(conn, row.record_index)?;
        key.open(row, &sealed.ok_or(ArchiveError::Damaged(row.record_index))?)?;
    }
    Ok(())
}

/// A withdrawn record out of the archive, for the authority's own file. No audit row, no answer.
///
/// # Errors
/// [`ArchiveError`].
pub fn show(registry: &Registry, record: Uuid, reason: &str) -> Result<Vec<u8>, ArchiveError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ArchiveError::NoReason);
    }
    let mut conn = registry.store.conn()?;
    let unknown = || ArchiveError::Unknown(record.to_string());
    let erased = erasure::by_record_id(&mut conn, record.as_bytes())?.ok_or_else(unknown)?;
    let sealed = archive::find(&mut conn, erased.record_index)?.ok_or_else(unknown)?;
    let act = Act {
        request: reason.chars().take(200).collect(),
        after: erased.digest.as_slice().try_into().ok(),
        ..Act::system("archive.show", record.to_string())
    };
    store::write(&mut conn, |conn| {
        audit::record(conn, &act, registry.clock.now()).map_err(ArchiveError::from)
    })?;
    let key = ArchiveKey::of(registry, &mut conn)?;
    key.open(&erased, &sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::random::SystemRandom;

    fn erased(bytes: &[u8]) -> ErasureRow {
        ErasureRow {
            record_index: 7,
            record_id: vec![9; 16],
            record_type: "IntegrityGrade".into(),
            audience: "public".into(),
            employer_id: None,
            origin_batch: None,
            case_id: None,
            digest: Digest::of(bytes).as_bytes().to_vec(),
            cause: "court".into(),
            batch_id: None,
            ended_on: chrono::NaiveDate::MIN,
            due_on: chrono::NaiveDate::MIN,
            erased_at: chrono::NaiveDateTime::MIN,
            withdrawal_index: 8,
            erasure_index: 9,
        }
    }

    #[test]
    fn only_the_same_key_place_and_bytes_open() {
        let random = SystemRandom::new().unwrap();
        let key = ArchiveKey(Aes256Gcm::new(&[1; 32].into()));
        let bytes = "张样本的记录".as_bytes();
        let row = erased(bytes);
        let sealed = key.seal(&random, &row.record_id, 7, bytes).unwrap();
        assert_eq!(key.open(&row, &sealed).unwrap(), bytes);
        let sealed_text = &sealed.sealed[..bytes.len()];
        assert_ne!(sealed_text, bytes);
        let again = key.seal(&random, &row.record_id, 7, bytes).unwrap();
        assert_ne!((&again.nonce, &again.sealed), (&sealed.nonce, &sealed.sealed));

        let refuses = |key: &ArchiveKey, row: &ErasureRow, sealed: &SealedRow| {
            assert!(matches!(key.open(row, sealed), Err(ArchiveError::Damaged(_))));
        };
        refuses(&ArchiveKey(Aes256Gcm::new(&[2; 32].into())), &row, &sealed);
        let mut other = row.clone();
        other.record_index = 8;
        refuses(&key, &other, &sealed);
        let mut other = row.clone();
        other.record_id = vec![8; 16];
        refuses(&key, &other, &sealed);
        refuses(&key, &erased(b"other"), &sealed);
        for byte in 0..sealed.sealed.len() {
            let mut changed = sealed.clone();
            changed.sealed[byte] ^= 1;
            refuses(&key, &row, &changed);
        }
    }
}

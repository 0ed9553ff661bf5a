//! Partners' API keys: shown once, kept as a digest.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::store::partner::{self, PartnerRow};
use crate::store::{self, StoreError};

use super::Registry;
use super::audit::{self, Act};
use super::random::RandomError;

/// Why a partner cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    /// There is one of that name.
    #[error("there is a partner named {0} already: revoke its key first, or choose another name")]
    Taken(String),
    /// No partner of that name has a key.
    #[error("没有持有密钥的合作方 {0} / no partner named {0} has a key")]
    Unknown(String),
    /// The name is empty or too long.
    #[error("a partner's name is 1 to 100 characters")]
    Name,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Adds a partner and gives its API key, which is never shown again.
///
/// # Errors
/// [`PartnerError`].
pub fn add(registry: &Registry, name: &str) -> Result<String, PartnerError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(PartnerError::Name);
    }
    let mut bytes = [0_u8; 32];
    registry.random.fill(&mut bytes)?;
    let key = format!(
        "cx_{}",
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    );
    let mut id = [0_u8; 16];
    registry.random.fill(&mut id)?;
    let now = registry.clock.now();
    let row = PartnerRow {
        id: uuid::Builder::from_random_bytes(id).into_uuid().to_string(),
        name: name.to_owned(),
        key_prefix: key.chars().take(11).collect(),
        key_digest: Sha256::digest(key.as_bytes()).to_vec(),
        created_at: now.naive_utc(),
        revoked_at: None,
    };
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), PartnerError> {
        if partner::list(conn)?.iter().any(|known| known.name == name) {
            return Err(PartnerError::Taken(name.to_owned()));
        }
        partner::insert(conn, &row)?;
        // The trail knows the key by its digest, so that another one cannot be put in its place unseen.
        let act = Act {
            after: Some(Sha256::digest(key.as_bytes()).into()),
            ..Act::system("partner.add", name)
        };
        audit::record(conn, &act, now)?;
        Ok(())
    })?;
    Ok(key)
}

/// Revokes a partner's key, from the next request on.
///
/// # Errors
/// [`PartnerError::Unknown`] when no partner of that name has a key.
pub fn revoke(registry: &Registry, name: &str) -> Result<(), PartnerError> {
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), PartnerError> {
        if !partner::revoke_key(conn, name.trim(), now.naive_utc())? {
            return Err(PartnerError::Unknown(name.trim().to_owned()));
        }
        audit::record(conn, &Act::system("partner.revoke", name.trim()), now)?;
        Ok(())
    })
}

/// The partner behind a key, if any.
///
/// # Errors
/// [`StoreError`].
pub fn who(registry: &Registry, key: &str) -> Result<Option<PartnerRow>, StoreError> {
    let digest = Sha256::digest(key.as_bytes());
    let mut conn = registry.store.conn()?;
    let found = partner::by_key_digest(&mut conn, &digest)?;
    // The index look-up already compared; this keeps the answer independent of how it did.
    Ok(found.filter(|row| bool::from(row.key_digest.as_slice().ct_eq(&digest))))
}

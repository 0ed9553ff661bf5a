//! Every key of a registry and its state, for `chengxin keys list`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::record::did::{KeyDocument, Method};
use crate::record::signer::Signer;

use super::Registry;
use super::key_ceremony::{self, CeremonyError};
use super::keys::ROOTS;

/// All keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyList {
    /// When the newest key document was made, UTC.
    pub updated: DateTime<Utc>,
    /// Until when it speaks, UTC.
    pub next_update: Option<DateTime<Utc>>,
    /// Issuer keys in the document's order, then those that no document lists yet.
    pub issuer: Vec<IssuerKey>,
    /// Log keys, as verifier keys; more than one while they overlap or after it.
    pub log: Vec<LogKey>,
    /// Root keys, as verifier keys.
    pub roots: Vec<RootKey>,
}

/// What may be said of an issuer key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyState {
    /// Signs records now.
    Signing,
    /// In force, and another one signs.
    InForce,
    /// Its time is over; what it signed before holds.
    Expired,
    /// Disowned from a time on.
    Revoked,
    /// Made, and in no logged key document yet.
    Unlisted,
}

/// An issuer key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuerKey {
    /// Its DID URL.
    pub method: String,
    /// What may be said of it.
    pub state: KeyState,
    /// When it ends, UTC.
    pub expires: Option<DateTime<Utc>>,
    /// Since when it is disowned, UTC.
    pub revoked: Option<DateTime<Utc>>,
    /// Whether the private key is on this machine.
    pub here: bool,
}

/// A log key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogKey {
    /// `name+id+base64`.
    pub key: String,
    /// Whether it signs heads, on this machine.
    pub signs: bool,
}

/// A root key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootKey {
    /// `name+id+base64`.
    pub key: String,
    /// Whether the private key is on this machine, where it does not belong.
    pub here: bool,
}

/// Lists them.
///
/// # Errors
/// [`CeremonyError`].
pub fn list(registry: &Registry) -> Result<KeyList, CeremonyError> {
    let document = key_ceremony::newest(registry)?;
    let trust = registry.trust()?;
    let keys = registry.keys()?;
    let here: Vec<(String, [u8; 32])> = keys
        .issuers()?
        .iter()
        .map(|signer| (signer.verification_method().to_owned(), signer.public_key()))
        .collect();
    let signs = keys.log()?.verifiers();
    let log = trust.policy.logs().iter().map(|key| LogKey {
        key: key.to_string(),
        signs: signs.contains(key),
    });
    let roots = (1..=ROOTS).zip(&trust.issuer.roots).map(|(n, key)| RootKey {
        key: key.to_string(),
        here: keys.has_root(n),
    });
    Ok(KeyList {
        updated: document.updated,
        next_update: document.next_update,
        issuer: issuer_keys(&document, &here, registry.clock.now()),
        log: log.collect(),
        roots: roots.collect(),
    })
}

fn issuer_keys(document: &KeyDocument, here: &[(String, [u8; 32])], now: DateTime<Utc>) -> Vec<IssuerKey> {
    let is_here = |method: &Method| here.iter().any(|(_, key)| key == method.key.as_bytes());
    let signing = document
        .methods
        .iter()
        .rfind(|method| method.in_force(now) && is_here(method));
    let listed = document.methods.iter().map(|method| IssuerKey {
        method: method.id.clone(),
        state: match method {
            _ if signing.is_some_and(|signing| signing.id == method.id) => KeyState::Signing,
            method if method.revoked.is_some_and(|end| end <= now) => KeyState::Revoked,
            method if method.in_force(now) => KeyState::InForce,
            _ => KeyState::Expired,
        },
        expires: method.expires,
        revoked: method.revoked,
        here: is_here(method),
    });
    let unlisted = here
        .iter()
        .filter(|(_, key)| document.methods.iter().all(|method| method.key.as_bytes() != key))
        .map(|(method, _)| IssuerKey {
            method: method.clone(),
            state: KeyState::Unlisted,
            expires: None,
            revoked: None,
            here: true,
        });
    listed.chain(unlisted).collect()
}

//! The text of key documents: the did:web document of a registry, as Controlled Identifiers 1.0
//! spells it, and the keys that it lists. Also did:key, for foreign credentials.
//!
//! The document is only text here: what makes it a key document is the note around it, signed by two
//! of the three root keys and logged (`records.md`, §7). Reading is strict: unknown members, other
//! controllers, other key types and methods outside `assertionMethod` are refused. Nothing is fetched.
//!
//! `history` says what may follow what: nothing disappears, nothing is un-revoked.

mod history;

use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::VerifyingKey;
use serde_json::{Map, Value, json};

use super::canonical::{self, CanonicalError};
use super::credential::{Host, is_method_of};
use super::json::{JsonError, Limits, parse};
use super::multikey::{self, MultikeyError};
use super::proof::{Resolve, Resolved};
use super::time::{TimeError, parse_timestamp, timestamp_string};

const CONTEXTS: [&str; 2] = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
];

pub use history::HistoryError;

/// A document speaks for at least this long: status lists may be that old by default, and a key document
/// that ended sooner would be stale while they are fresh.
pub const SHORTEST: TimeDelta = TimeDelta::hours(24);
/// And at most for this long: so long can a registry's server hide that a key was revoked.
pub const LONGEST: TimeDelta = TimeDelta::days(35);

/// A registry's issuer keys at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDocument {
    /// Whose keys.
    pub host: Host,
    /// When this version was made, UTC; how old it is counts from here.
    pub updated: DateTime<Utc>,
    /// When the next version is due at the latest, UTC, as the roots promise; without it this one grows
    /// old as status lists do. From [`SHORTEST`] to [`LONGEST`] after `updated`.
    pub next_update: Option<DateTime<Utc>>,
    /// Every key, ended ones included: old records need them.
    pub methods: Vec<Method>,
}

/// One issuer key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// `did:web:HOST#key-…`.
    pub id: String,
    /// The Ed25519 public key.
    pub key: VerifyingKey,
    /// Records logged after this are not signed by it, UTC.
    pub expires: Option<DateTime<Utc>>,
    /// Not to be believed from here on, UTC.
    pub revoked: Option<DateTime<Utc>>,
}

/// Why a text is not a key document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DidError {
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing or of another kind.
    #[error("the key document's \"{0}\" is missing or not of the right kind")]
    Missing(&'static str),
    /// A member that key documents do not have.
    #[error("\"{0}\" does not belong in a key document")]
    Unknown(String),
    /// The same method twice, or the same key under two names.
    #[error("the key document lists \"{0}\" twice")]
    Duplicate(String),
    /// A method of another controller.
    #[error("the method \"{0}\" belongs to another controller")]
    Controller(String),
    /// `assertionMethod` is not exactly the list of methods.
    #[error("assertionMethod must list every method, in the same order")]
    Assertion,
    /// `nextUpdate` is too near or too far.
    #[error("nextUpdate must lie 24 hours to 35 days after updated")]
    NextUpdate,
    /// A time in another spelling.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A key that is not Ed25519.
    #[error(transparent)]
    Key(#[from] MultikeyError),
    /// The document cannot be written.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// The DID URL of a key, named after the key itself: `did:web:HOST#key-<multibase>`.
pub fn method_id(host: &Host, public_key: &[u8; 32]) -> String {
    format!("{}#key-{}", host.did(), multikey::encode(public_key))
}

impl KeyDocument {
    /// The method with this DID URL.
    pub fn method(&self, id: &str) -> Option<&Method> {
        self.methods.iter().find(|method| method.id == id)
    }

    /// Whether a newer version must be had before this one is believed to be the newest: from `nextUpdate`
    /// on, unless the reader accepts answers of that age anyway (`max_age`, 24 hours by default).
    pub fn is_stale(&self, now: DateTime<Utc>, max_age: TimeDelta) -> bool {
        self.next_update.is_none_or(|next| next <= now) && now - self.updated > max_age
    }

    /// The canonical JSON, as served at `/.well-known/did.json` and signed in a key document.
    ///
    /// # Errors
    /// [`DidError::Time`] for a time that cannot be spelled.
    pub fn to_canonical(&self) -> Result<Vec<u8>, DidError> {
        let did = self.host.did();
        let mut methods = Vec::with_capacity(self.methods.len());
        for method in &self.methods {
            let mut members = Map::new();
            members.insert("id".to_owned(), method.id.clone().into());
            members.insert("type".to_owned(), "Multikey".into());
            members.insert("controller".to_owned(), did.clone().into());
            members.insert(
                "publicKeyMultibase".to_owned(),
                multikey::encode(method.key.as_bytes()).into(),
            );
            for (name, at) in [("expires", method.expires), ("revoked", method.revoked)] {
                if let Some(at) = at {
                    members.insert(name.to_owned(), timestamp_string(at)?.into());
                }
            }
            methods.push(Value::Object(members));
        }
        let assertion: Vec<&str> = self.methods.iter().map(|method| method.id.as_str()).collect();
        let [did_context, key_context] = CONTEXTS;
        let mut document = json!({
            "@context": [did_context, key_context, self.host.context_url()],
            "id": did,
            "updated": timestamp_string(self.updated)?,
            "verificationMethod": methods,
            "assertionMethod": assertion,
        });
        if let (Some(next), Some(members)) = (self.next_update, document.as_object_mut()) {
            members.insert("nextUpdate".to_owned(), timestamp_string(next)?.into());
        }
        Ok(canonical::to_vec(&document)?)
    }

    /// Reads what [`KeyDocument::to_canonical`] writes; member order and white space do not matter.
    ///
    /// # Errors
    /// [`DidError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, DidError> {
        let value = parse(
            bytes,
            Limits {
                bytes: 256 << 10,
                depth: 8,
            },
        )?;
        let members = value.as_object().ok_or(DidError::Missing("id"))?;
        only(
            members,
            &[
                "@context",
                "id",
                "updated",
                "nextUpdate",
                "verificationMethod",
                "assertionMethod",
            ],
        )?;
        let did = text(members, "id")?;
        let host = did
            .strip_prefix("did:web:")
            .and_then(|host| Host::parse(host).ok());
        let host = host.ok_or(DidError::Missing("id"))?;
        let [did_context, key_context] = CONTEXTS;
        if members.get("@context") != Some(&json!([did_context, key_context, host.context_url()])) {
            return Err(DidError::Missing("@context"));
        }
        let mut methods: Vec<Method> = Vec::new();
        for entry in list(members, "verificationMethod")? {
            let method = method(entry, &host)?;
            if methods
                .iter()
                .any(|other| other.id == method.id || other.key == method.key)
            {
                return Err(DidError::Duplicate(method.id));
            }
            methods.push(method);
        }
        let assertion = list(members, "assertionMethod")?.iter().map(Value::as_str);
        if methods.is_empty() || !assertion.eq(methods.iter().map(|method| Some(method.id.as_str()))) {
            return Err(DidError::Assertion);
        }
        let updated = parse_timestamp(text(members, "updated")?)?;
        let next_update = time(members, "nextUpdate")?;
        if next_update.is_some_and(|next| !(SHORTEST..=LONGEST).contains(&(next - updated))) {
            return Err(DidError::NextUpdate);
        }
        Ok(Self {
            host,
            updated,
            next_update,
            methods,
        })
    }
}

fn method(entry: &Value, host: &Host) -> Result<Method, DidError> {
    let members = entry.as_object().ok_or(DidError::Missing("verificationMethod"))?;
    only(
        members,
        &[
            "id",
            "type",
            "controller",
            "publicKeyMultibase",
            "expires",
            "revoked",
        ],
    )?;
    let id = text(members, "id")?.to_owned();
    if text(members, "controller")? != host.did() || !is_method_of(host.as_str(), &id) {
        return Err(DidError::Controller(id));
    }
    if text(members, "type")? != "Multikey" {
        return Err(DidError::Missing("type"));
    }
    let key = multikey::decode(text(members, "publicKeyMultibase")?)?;
    Ok(Method {
        id,
        key,
        expires: time(members, "expires")?,
        revoked: time(members, "revoked")?,
    })
}

/// A time that may be left out.
fn time(members: &Map<String, Value>, name: &'static str) -> Result<Option<DateTime<Utc>>, DidError> {
    match members.get(name) {
        Some(_) => Ok(Some(parse_timestamp(text(members, name)?)?)),
        None => Ok(None),
    }
}

fn only(members: &Map<String, Value>, known: &[&str]) -> Result<(), DidError> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(DidError::Unknown(name.clone())),
        None => Ok(()),
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, DidError> {
    members
        .get(name)
        .and_then(Value::as_str)
        .ok_or(DidError::Missing(name))
}

fn list<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a [Value], DidError> {
    members
        .get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .ok_or(DidError::Missing(name))
}

impl Resolve for KeyDocument {
    fn resolve(&self, verification_method: &str) -> Option<Resolved> {
        self.method(verification_method).map(|method| Resolved {
            document: self.host.did(),
            controller: self.host.did(),
            assertion: true,
            public_key: multikey::encode(method.key.as_bytes()),
            expires: method.expires,
            revoked: method.revoked,
        })
    }
}

/// Resolves `did:key:z…#z…`, which carries its own key.
#[derive(Debug, Clone, Copy, Default)]
pub struct DidKey;

impl Resolve for DidKey {
    fn resolve(&self, verification_method: &str) -> Option<Resolved> {
        let (document, fragment) = verification_method.split_once('#')?;
        let key = document.strip_prefix("did:key:").filter(|key| *key == fragment)?;
        Some(Resolved {
            document: document.to_owned(),
            controller: document.to_owned(),
            assertion: true,
            public_key: key.to_owned(),
            expires: None,
            revoked: None,
        })
    }
}

#[cfg(test)]
mod tests;

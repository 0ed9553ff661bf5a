//! Proofs on anybody's document, held as a [`Value`].
//!
//! The value must come from the strict intake ([`crate::record::json::parse`]): a lenient parser has
//! already lost what a signature may cover. Keys come from a [`Resolve`] that the caller fills;
//! nothing is fetched. Proof sets are accepted if every proof verifies; proof chains
//! (`previousProof`), challenges and domains are refused, because nothing here asks for them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{
    CRYPTOSUITE, PROOF_TYPE, PURPOSE, ProofError, check, hash, message, parse_signature, push_signature,
};
use crate::record::canonical;
use crate::record::multikey;
use crate::record::signer::{SignError, Signer};

/// Where verification methods are found, without fetching.
pub trait Resolve {
    /// The method with this DID URL, if it is among the supplied material.
    fn resolve(&self, verification_method: &str) -> Option<Resolved>;
}

/// A verification method as its document states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// `id` of the document that lists the method.
    pub document: String,
    /// The method's own `controller`.
    pub controller: String,
    /// Whether the document lists it under `assertionMethod`.
    pub assertion: bool,
    /// `publicKeyMultibase`.
    pub public_key: String,
    /// `expires`, UTC.
    pub expires: Option<DateTime<Utc>>,
    /// `revoked`, UTC.
    pub revoked: Option<DateTime<Utc>>,
}

/// Verifies every proof of `document` as of `now`.
///
/// # Errors
/// The first [`ProofError`] found. A key that is expired or revoked at `now` is refused here; whoever
/// knows when the document was logged checks [`super::Secured`] instead.
pub fn verify_document(document: &Value, keys: &dyn Resolve, now: DateTime<Utc>) -> Result<(), ProofError> {
    let mut unsecured = document.as_object().ok_or(ProofError::NoProof)?.clone();
    let proofs = match unsecured.remove("proof") {
        Some(Value::Array(proofs)) if !proofs.is_empty() => proofs,
        Some(proof @ Value::Object(_)) => vec![proof],
        _ => return Err(ProofError::NoProof),
    };
    for proof in proofs {
        let Value::Object(proof) = proof else {
            return Err(ProofError::NoProof);
        };
        verify_one(&unsecured, proof, keys, now)?;
    }
    Ok(())
}

fn verify_one(
    document: &Map<String, Value>,
    mut options: Map<String, Value>,
    keys: &dyn Resolve,
    now: DateTime<Utc>,
) -> Result<(), ProofError> {
    let value = options.remove("proofValue");
    let value = value
        .as_ref()
        .and_then(Value::as_str)
        .ok_or(ProofError::Missing("proofValue"))?;
    let signature = parse_signature(value)?;
    let text = |name| {
        options
            .get(name)
            .and_then(Value::as_str)
            .ok_or(ProofError::Missing(name))
    };
    for (name, wanted) in [
        ("type", PROOF_TYPE),
        ("cryptosuite", CRYPTOSUITE),
        ("proofPurpose", PURPOSE),
    ] {
        if text(name)? != wanted {
            return Err(ProofError::Value(name));
        }
    }
    let method = text("verificationMethod")?;
    for name in ["previousProof", "challenge", "domain"] {
        if options.contains_key(name) {
            return Err(ProofError::Value(name));
        }
    }
    if instant(&options, "expires")?.is_some_and(|expires| expires <= now) {
        return Err(ProofError::Expired);
    }
    instant(&options, "created")?;

    let key = usable_key(method, keys, now)?;
    let message = match options.get("@context") {
        Some(context) => {
            begins_with(document.get("@context"), context)?;
            let mut document = document.clone();
            document.insert("@context".to_owned(), context.clone());
            digest_both(&options, &document)?
        }
        None => digest_both(&options, document)?,
    };
    check(&key, &message, &signature)
}

fn usable_key(
    method: &str,
    keys: &dyn Resolve,
    now: DateTime<Utc>,
) -> Result<ed25519_dalek::VerifyingKey, ProofError> {
    let found = keys
        .resolve(method)
        .ok_or_else(|| ProofError::MethodUnknown(method.to_owned()))?;
    if !found.assertion {
        return Err(ProofError::MethodPurpose);
    }
    if found.controller != found.document || method.split('#').next() != Some(&*found.document) {
        return Err(ProofError::Controller);
    }
    if [found.expires, found.revoked]
        .iter()
        .flatten()
        .any(|end| *end <= now)
    {
        return Err(ProofError::MethodEnded);
    }
    Ok(multikey::decode(&found.public_key)?)
}

/// An optional `xsd:dateTimeStamp` member; foreign documents may write an offset or a fraction.
fn instant(options: &Map<String, Value>, name: &'static str) -> Result<Option<DateTime<Utc>>, ProofError> {
    let Some(value) = options.get(name) else {
        return Ok(None);
    };
    let parsed = value
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    Ok(Some(parsed.ok_or(ProofError::Value(name))?.to_utc()))
}

/// The document's `@context` must begin with the proof's, entry by entry.
fn begins_with(document: Option<&Value>, proof: &Value) -> Result<(), ProofError> {
    let document = document.ok_or(ProofError::Context)?;
    fn entries(value: &Value) -> &[Value] {
        value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice)
    }
    if entries(document).starts_with(entries(proof)) {
        Ok(())
    } else {
        Err(ProofError::Context)
    }
}

fn digest_both(options: &Map<String, Value>, document: &Map<String, Value>) -> Result<[u8; 64], ProofError> {
    let text = |value| {
        let bytes = canonical::to_vec(value).map_err(|_| ProofError::Canonical)?;
        String::from_utf8(bytes).map_err(|_| ProofError::Canonical)
    };
    Ok(message(&hash([&*text(options)?]), &hash([&*text(document)?])))
}

/// Adds an `eddsa-jcs-2022` proof to any object: the slow, general counterpart of
/// [`crate::record::credential::Template`]. `created` is copied as given.
///
/// # Errors
/// [`SignError`] if the signer refuses, or if `document` is not an object or has a proof already.
pub fn secure_document(document: &Value, created: &str, signer: &dyn Signer) -> Result<Value, SignError> {
    let mut secured = match document {
        Value::Object(members) if !members.contains_key("proof") => members.clone(),
        _ => {
            return Err(SignError(
                "the document is not an object without a proof".to_owned(),
            ));
        }
    };
    let mut options = Map::new();
    if let Some(context) = secured.get("@context") {
        options.insert("@context".to_owned(), context.clone());
    }
    for (name, value) in [
        ("type", PROOF_TYPE),
        ("cryptosuite", CRYPTOSUITE),
        ("created", created),
        ("verificationMethod", signer.verification_method()),
        ("proofPurpose", PURPOSE),
    ] {
        options.insert(name.to_owned(), value.into());
    }
    let message = digest_both(&options, &secured).map_err(|error| SignError(error.to_string()))?;
    let mut value = Vec::new();
    push_signature(&mut value, &signer.sign(&message)?);
    options.insert("proofValue".to_owned(), String::from_utf8_lossy(&value).into());
    secured.insert("proof".to_owned(), Value::Object(options));
    Ok(Value::Object(secured))
}

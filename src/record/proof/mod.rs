//! Data Integrity proofs of suite `eddsa-jcs-2022` (W3C Data Integrity EdDSA Cryptosuites 1.0, §3.3).
//!
//! Signed is `SHA-256(JCS(proof options)) ‖ SHA-256(JCS(document without proof))`, proof hash first,
//! with pure Ed25519; `proofValue` is `z` + base58btc of the 64 bytes. Two paths: [`Secured`] for our
//! own canonical bytes, by splicing, and [`verify_document`] for anybody's document as a
//! [`serde_json::Value`]. Both check strictly (`verify_strict`); neither fetches anything.

mod fast;
mod generic;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

pub use fast::Secured;
pub use generic::{Resolve, Resolved, secure_document, verify_document};

use super::multikey::MultikeyError;

/// `type` of every proof here.
pub const PROOF_TYPE: &str = "DataIntegrityProof";
/// `cryptosuite` of every proof here.
pub const CRYPTOSUITE: &str = "eddsa-jcs-2022";
/// The only `proofPurpose` accepted.
pub const PURPOSE: &str = "assertionMethod";

/// Why a proof was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No `proof`, or none that is an object.
    #[error("the document carries no proof")]
    NoProof,
    /// A required member is missing or is not text.
    #[error("the proof has no usable \"{0}\"")]
    Missing(&'static str),
    /// One of our own records, with a proof that has other members than the seven.
    #[error("the proof must have exactly the seven members of our records")]
    Members,
    /// A member says something that this verifier does not accept.
    #[error("the proof's \"{0}\" is not acceptable")]
    Value(&'static str),
    /// The proof's `@context` does not fit the document's.
    #[error("the proof's @context is not the beginning of the document's")]
    Context,
    /// `proofValue` is not `z` and base58btc of 64 bytes.
    #[error("proofValue must be \"z\" followed by base58btc of 64 bytes")]
    Encoding,
    /// The proof's `expires` has passed.
    #[error("the proof has expired")]
    Expired,
    /// The verification method is not among the supplied keys.
    #[error("the verification method \"{0}\" is not known")]
    MethodUnknown(String),
    /// The method is not listed under `assertionMethod`.
    #[error("the verification method is not authorised for assertionMethod")]
    MethodPurpose,
    /// The method's controller is not the document that lists it.
    #[error("the verification method belongs to another controller")]
    Controller,
    /// The method was revoked or had expired.
    #[error("the verification method is revoked or expired")]
    MethodEnded,
    /// The method's key is not a usable Ed25519 Multikey.
    #[error(transparent)]
    Key(#[from] MultikeyError),
    /// The signature does not fit key and content.
    #[error("the signature does not match")]
    Signature,
    /// The document cannot be canonicalised.
    #[error("the document has no canonical form")]
    Canonical,
}

/// The 64 bytes that are signed.
pub fn message(proof_hash: &[u8; 32], document_hash: &[u8; 32]) -> [u8; 64] {
    let mut out = [0; 64];
    let (first, second) = out.split_at_mut(32);
    first.copy_from_slice(proof_hash);
    second.copy_from_slice(document_hash);
    out
}

/// Checks one signature strictly: canonical encodings, no key or R of small order.
///
/// # Errors
/// [`ProofError::Signature`].
pub fn check(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> Result<(), ProofError> {
    key.verify_strict(message, &Signature::from_bytes(signature))
        .map_err(|_| ProofError::Signature)
}

/// Appends `z` and base58btc of the signature, 65 to 89 ASCII characters.
pub fn push_signature(out: &mut Vec<u8>, signature: &[u8; 64]) {
    let mut digits = [0; five8::BASE58_ENCODED_64_MAX_LEN];
    let used = five8::encode_64(signature, &mut digits);
    out.push(b'z');
    out.extend_from_slice(digits.get(..usize::from(used)).unwrap_or_default());
}

/// Reads a `proofValue`.
///
/// # Errors
/// [`ProofError::Encoding`] for another base or length.
pub fn parse_signature(text: &str) -> Result<[u8; 64], ProofError> {
    let body = text.strip_prefix('z').ok_or(ProofError::Encoding)?;
    let mut out = [0; 64];
    five8::decode_64(body, &mut out).map_err(|_| ProofError::Encoding)?;
    Ok(out)
}

/// SHA-256 over pieces, as if they were one text.
fn hash<'a>(pieces: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
    let mut state = Sha256::new();
    for piece in pieces {
        state.update(piece.as_bytes());
    }
    state.finalize().into()
}

#[cfg(test)]
mod tests;

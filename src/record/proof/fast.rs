//! Proofs on our own canonical bytes: what was hashed is spliced out of what was received, so nothing
//! is serialised again.
//!
//! Refuses any proof but the exact seven members of our records (`records.md`, §1).

use chrono::{DateTime, Utc};
use ed25519_dalek::VerifyingKey;

use super::{CRYPTOSUITE, PROOF_TYPE, PURPOSE, ProofError, check, hash, message, parse_signature};
use crate::record::canonical::{Members, Raw};
use crate::record::time::parse_timestamp;

/// A canonical document whose proof has the right shape; its signature is not checked yet.
#[derive(Debug, Clone)]
pub struct Secured<'a> {
    document: Members<'a>,
    proof: Members<'a>,
    created: DateTime<Utc>,
    verification_method: &'a str,
    signature: [u8; 64],
}

impl<'a> Secured<'a> {
    /// Reads the proof of a scanned document.
    ///
    /// # Errors
    /// [`ProofError`] for a missing proof, other members than the seven, a copied `@context` that
    /// differs, another type, suite or purpose, a `created` that is not `YYYY-MM-DDTHH:MM:SSZ`, or
    /// another multibase.
    pub fn open(document: Members<'a>) -> Result<Self, ProofError> {
        let proof = document.object("proof").ok_or(ProofError::NoProof)?;
        let text = |name| {
            proof
                .get(name)
                .and_then(Raw::plain)
                .ok_or(ProofError::Missing(name))
        };
        let fixed = |name, wanted| {
            if text(name)? == wanted {
                Ok(())
            } else {
                Err(ProofError::Value(name))
            }
        };
        fixed("type", PROOF_TYPE)?;
        fixed("cryptosuite", CRYPTOSUITE)?;
        fixed("proofPurpose", PURPOSE)?;
        let context = proof.get("@context").ok_or(ProofError::Missing("@context"))?;
        if document.get("@context") != Some(context) {
            return Err(ProofError::Context);
        }
        let created = parse_timestamp(text("created")?).map_err(|_| ProofError::Value("created"))?;
        let verification_method = text("verificationMethod")?;
        let signature = parse_signature(text("proofValue")?)?;
        // Seven names are found above, so exactly seven members are those.
        if proof.len() != 7 {
            return Err(ProofError::Members);
        }
        Ok(Self {
            document,
            proof,
            created,
            verification_method,
            signature,
        })
    }

    /// The document with its proof.
    pub fn document(&self) -> &Members<'a> {
        &self.document
    }

    /// When the issuer says it signed, UTC. Proves nothing by itself.
    pub fn created(&self) -> DateTime<Utc> {
        self.created
    }

    /// The DID URL of the signing key.
    pub fn verification_method(&self) -> &'a str {
        self.verification_method
    }

    /// The signature's 64 bytes.
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The 64 bytes that were signed; costs the two hashes.
    pub fn message(&self) -> [u8; 64] {
        // Neither object consists of the cut member alone: both have others by construction.
        let options = self.proof.without("proofValue").unwrap_or_default();
        let document = self.document.without("proof").unwrap_or_default();
        message(&hash(options), &hash(document))
    }

    /// Checks the signature strictly under `key`. Whether `key` is the issuer's, and was valid, is
    /// the caller's question.
    ///
    /// # Errors
    /// [`ProofError::Signature`].
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), ProofError> {
        check(key, &self.message(), &self.signature)
    }
}

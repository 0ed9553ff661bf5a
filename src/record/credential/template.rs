//! From a draft to the exact bytes that are stored and served.
//!
//! A [`Template`] holds what is equal in every record of a batch: context, issuer, status list URLs,
//! and the proof options with their hash, since one batch has one `created`. [`Template::prepare`]
//! writes and hashes; signing may happen elsewhere; [`Template::secure`] puts the signature in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::facts::{FactError, Subject, WithdrawalFacts, text};
use super::host::Host;
use super::write;
use super::{RecordType, StatusPointer, Supersedes};
use crate::record::canonical::Writer;
use crate::record::digest::Digest;
use crate::record::proof::{CRYPTOSUITE, PROOF_TYPE, PURPOSE, message, push_signature};
use crate::record::signer::{SignError, Signer};
use crate::record::status::{LENGTH, ListDraft, StatusPurpose};
use crate::record::time::{self, TimeError};
use sha2::{Digest as _, Sha256};

/// A record before it is signed. The audience is not part of it: it belongs to the log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<'a> {
    /// A random (version 4) UUID; its 122 random bits keep the digest unguessable.
    pub id: Uuid,
    /// Start of validity, UTC, whole seconds.
    pub valid_from: DateTime<Utc>,
    /// End of validity, UTC, whole seconds.
    pub valid_until: Option<DateTime<Utc>>,
    /// What it says.
    pub subject: Subject<'a>,
    /// Its status bits.
    pub status: StatusPointer,
    /// The record that it replaces.
    pub supersedes: Option<Supersedes<'a>>,
}

/// A withdrawal before it is signed. Like its record it has a random id of its own; it never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawalDraft {
    /// A random (version 4) UUID.
    pub id: Uuid,
    /// When display ended, UTC, whole seconds.
    pub valid_from: DateTime<Utc>,
    /// SHA-256 of the withdrawn record's stored bytes.
    pub withdraws: Digest,
}

/// Why a draft was not issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A fact is not fit to be signed.
    #[error(transparent)]
    Fact(#[from] FactError),
    /// A time or date that records cannot spell.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The UUID is not random.
    #[error("a record's id must be a version 4 UUID")]
    Id,
    /// `validUntil` is not after `validFrom`.
    #[error("validUntil must be after validFrom")]
    Validity,
    /// List 0, or an index past the list's end.
    #[error("the status pointer must name a list from 1 and an index below 131072")]
    Status,
    /// A snapshot's counts or lists are out of order or out of bounds.
    #[error("a snapshot's counts and lists must be ascending, and its numbers below 2^53")]
    Snapshot,
    /// The signing key's name is not `did:web:HOST#…`.
    #[error("the verification method must be did:web:HOST# and letters, digits, \"-\", \"_\" or \".\"")]
    Method,
    /// The signer refused.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// The constant parts of a batch's records.
#[derive(Debug, Clone)]
pub struct Template {
    host: Host,
    head: String,
    proof_head: String,
    proof_tail: String,
    proof_hash: [u8; 32],
}

/// A record written and hashed, waiting for its signature.
#[derive(Debug, Clone)]
pub struct Prepared {
    before: Vec<u8>,
    after: Vec<u8>,
    message: [u8; 64],
}

impl Prepared {
    /// The 64 bytes to sign.
    pub fn message(&self) -> &[u8; 64] {
        &self.message
    }

    /// The canonical document without its proof, as the pieces before and after where it goes.
    pub fn unsigned(&self) -> [&[u8]; 2] {
        [&self.before, &self.after]
    }
}

/// Whether `method` is `did:web:HOST#…` with a fragment that needs no escaping.
pub(crate) fn is_method_of(host: &str, method: &str) -> bool {
    let fragment = method
        .strip_prefix("did:web:")
        .and_then(|rest| rest.strip_prefix(host)?.strip_prefix('#'));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    fragment.is_some_and(|fragment| !fragment.is_empty() && fragment.bytes().all(plain))
}

impl Template {
    /// The template of records that `verification_method` signs at `created` (UTC, whole seconds).
    ///
    /// # Errors
    /// [`IssueError::Method`], [`IssueError::Time`].
    pub fn new(host: &Host, verification_method: &str, created: DateTime<Utc>) -> Result<Self, IssueError> {
        if !is_method_of(host.as_str(), verification_method) {
            return Err(IssueError::Method);
        }
        let context = format!(
            "[\"https://www.w3.org/ns/credentials/v2\",\"{}\"]",
            host.context_url()
        );
        let created = time::timestamp_string(created)?;
        let options = format!(
            "{{\"@context\":{context},\"created\":\"{created}\",\"cryptosuite\":\"{CRYPTOSUITE}\",\
             \"proofPurpose\":\"{PURPOSE}\""
        );
        let tail = format!("\"type\":\"{PROOF_TYPE}\",\"verificationMethod\":\"{verification_method}\"}}");
        Ok(Self {
            host: host.clone(),
            head: format!("{{\"@context\":{context},"),
            proof_hash: Sha256::digest(format!("{options},{tail}")).into(),
            proof_head: format!(",\"proof\":{options},\"proofValue\":\""),
            proof_tail: format!("\",{tail}"),
        })
    }

    /// Whose records these are.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Writes and hashes a record.
    ///
    /// # Errors
    /// Every [`IssueError`] but [`IssueError::Sign`].
    pub fn prepare(&self, draft: &Draft<'_>) -> Result<Prepared, IssueError> {
        draft.check()?;
        let host = self.host.as_str();
        let mut id = [0; 36];
        let id: &str = draft.id.hyphenated().encode_lower(&mut id);
        // A grade is about 1.9 KB, 0.5 KB of it the proof; content only in a rule set.
        let content = if let Subject::RuleSet(facts) = &draft.subject {
            facts.content.len()
        } else {
            0
        };
        let mut before = Writer::with_capacity(2048 + content);
        before.raw(&self.head).raw("\"credentialStatus\":");
        self.status(&mut before, draft.status);
        before.raw(",\"credentialSubject\":");
        write::subject(&mut before, host, &draft.subject)?;
        before
            .raw(",\"id\":\"urn:uuid:")
            .raw(id)
            .raw("\",\"issuer\":\"did:web:")
            .raw(host)
            .raw("\"");

        let mut after = Writer::with_capacity(512);
        after
            .raw(",\"refreshService\":{\"id\":\"https://")
            .raw(host)
            .raw("/records/")
            .raw(id);
        after.raw("/latest\",\"type\":\"LabourCreditRefresh\"}");
        if let Some(supersedes) = &draft.supersedes {
            after
                .raw(",\"supersedes\":{\"digestMultibase\":\"")
                .ascii(&supersedes.digest.multibase_bytes());
            after.raw("\",\"reason\":").string(&supersedes.reason).raw("}");
        }
        tail(
            &mut after,
            draft.subject.record_type(),
            draft.valid_from,
            draft.valid_until,
        )?;
        Ok(self.hashed(before, after))
    }

    /// Writes and hashes a withdrawal.
    ///
    /// # Errors
    /// [`IssueError::Id`], [`IssueError::Time`].
    pub fn prepare_withdrawal(&self, draft: &WithdrawalDraft) -> Result<Prepared, IssueError> {
        if !is_random(draft.id) {
            return Err(IssueError::Id);
        }
        let host = self.host.as_str();
        let mut id = [0; 36];
        let id: &str = draft.id.hyphenated().encode_lower(&mut id);
        let mut before = Writer::with_capacity(1024);
        before.raw(&self.head).raw("\"credentialSubject\":");
        let withdraws = draft.withdraws;
        let subject = Subject::Withdrawal(WithdrawalFacts { withdraws });
        write::subject(&mut before, host, &subject)?;
        before.raw(",\"id\":\"urn:uuid:").raw(id);
        before.raw("\",\"issuer\":\"did:web:").raw(host).raw("\"");
        let mut after = Writer::with_capacity(256);
        tail(&mut after, subject.record_type(), draft.valid_from, None)?;
        Ok(self.hashed(before, after))
    }

    /// Writes and hashes a version of a status list.
    ///
    /// # Errors
    /// [`IssueError::Time`], [`IssueError::Validity`], [`IssueError::Status`] for list number 0.
    pub fn prepare_list(&self, draft: &ListDraft) -> Result<Prepared, IssueError> {
        if draft.list == 0 {
            return Err(IssueError::Status);
        }
        let (host, purpose) = (self.host.as_str(), draft.purpose.as_str());
        let encoded = draft.bits.encode();
        let mut before = Writer::with_capacity(1024 + encoded.len());
        let url = |out: &mut Writer| {
            out.raw("https://")
                .raw(host)
                .raw("/status/")
                .raw(purpose)
                .raw("/")
                .integer(draft.list);
        };
        before
            .raw(&self.head)
            .raw("\"credentialSubject\":{\"encodedList\":\"")
            .raw(&encoded)
            .raw("\",\"id\":\"");
        url(&mut before);
        before
            .raw("#list\",\"statusPurpose\":\"")
            .raw(purpose)
            .raw("\",\"type\":\"BitstringStatusList\"},\"id\":\"");
        url(&mut before);
        before.raw("\",\"issuer\":\"did:web:").raw(host).raw("\"");
        let mut after = Writer::with_capacity(256);
        tail(
            &mut after,
            RecordType::BitstringStatusListCredential,
            draft.valid_from,
            draft.valid_until,
        )?;
        Ok(self.hashed(before, after))
    }

    /// Writes and hashes a credential without status or end, over a canonical `credentialSubject`.
    ///
    /// # Errors
    /// [`IssueError::Id`], [`IssueError::Time`].
    pub(in crate::record) fn prepare_plain(
        &self,
        kind: RecordType,
        subject: &[u8],
        id: Uuid,
        from: DateTime<Utc>,
    ) -> Result<Prepared, IssueError> {
        if !is_random(id) {
            return Err(IssueError::Id);
        }
        let mut before = Writer::with_capacity(512 + subject.len());
        before
            .raw(&self.head)
            .raw("\"credentialSubject\":")
            .ascii(subject)
            .raw(",\"id\":\"urn:uuid:")
            .raw(&id.hyphenated().to_string())
            .raw("\",\"issuer\":\"did:web:")
            .raw(self.host.as_str())
            .raw("\"");
        let mut after = Writer::with_capacity(128);
        tail(&mut after, kind, from, None)?;
        Ok(self.hashed(before, after))
    }

    /// The exact bytes to store, serve and log: the record with its proof, canonical.
    pub fn secure(&self, prepared: Prepared, signature: &[u8; 64]) -> Vec<u8> {
        let mut out = prepared.before;
        // 89 = `z` and at most 88 base58 digits.
        out.reserve(self.proof_head.len() + 89 + self.proof_tail.len() + prepared.after.len());
        out.extend_from_slice(self.proof_head.as_bytes());
        push_signature(&mut out, signature);
        out.extend_from_slice(self.proof_tail.as_bytes());
        out.extend_from_slice(&prepared.after);
        out
    }

    /// Writes, hashes and signs a record. `signer` must be the one the template was made for.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue(&self, draft: &Draft<'_>, signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
        let prepared = self.prepare(draft)?;
        let signature = signer.sign(prepared.message())?;
        Ok(self.secure(prepared, &signature))
    }

    /// Writes, hashes and signs a withdrawal.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue_withdrawal(
        &self,
        draft: &WithdrawalDraft,
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, IssueError> {
        let prepared = self.prepare_withdrawal(draft)?;
        let signature = signer.sign(prepared.message())?;
        Ok(self.secure(prepared, &signature))
    }

    /// Writes, hashes and signs a version of a status list.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue_list(&self, draft: &ListDraft, signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
        let prepared = self.prepare_list(draft)?;
        let signature = signer.sign(prepared.message())?;
        Ok(self.secure(prepared, &signature))
    }

    fn status(&self, out: &mut Writer, pointer: StatusPointer) {
        for (at, purpose) in StatusPurpose::ALL.into_iter().enumerate() {
            out.raw(if at == 0 { "[" } else { "," });
            out.raw("{\"statusListCredential\":\"https://")
                .raw(self.host.as_str())
                .raw("/status/");
            out.raw(purpose.as_str()).raw("/").integer(pointer.list);
            out.raw("\",\"statusListIndex\":\"").integer(pointer.index);
            out.raw("\",\"statusPurpose\":\"").raw(purpose.as_str());
            out.raw("\",\"type\":\"BitstringStatusListEntry\"}");
        }
        out.raw("]");
    }

    fn hashed(&self, before: Writer, after: Writer) -> Prepared {
        let (before, after) = (before.into_vec(), after.into_vec());
        let hash: [u8; 32] = Sha256::new()
            .chain_update(&before)
            .chain_update(&after)
            .finalize()
            .into();
        Prepared {
            message: message(&self.proof_hash, &hash),
            before,
            after,
        }
    }
}

/// `type`, `validFrom`, `validUntil` and the closing brace.
fn tail(
    out: &mut Writer,
    kind: RecordType,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<(), IssueError> {
    out.raw(",\"type\":[\"VerifiableCredential\",\"")
        .raw(kind.as_str());
    out.raw("\"],\"validFrom\":\"")
        .ascii(&time::timestamp(from)?)
        .raw("\"");
    if let Some(until) = until {
        if until <= from {
            return Err(IssueError::Validity);
        }
        out.raw(",\"validUntil\":\"")
            .ascii(&time::timestamp(until)?)
            .raw("\"");
    }
    out.raw("}");
    Ok(())
}

fn is_random(id: Uuid) -> bool {
    id.get_version_num() == 4 && id.get_variant() == uuid::Variant::RFC4122
}

impl Draft<'_> {
    fn check(&self) -> Result<(), IssueError> {
        if !is_random(self.id) {
            return Err(IssueError::Id);
        }
        // A withdrawal has no status: it is drafted as what it is.
        if !self.subject.record_type().has_status() || self.status.list == 0 || self.status.index >= LENGTH {
            return Err(IssueError::Status);
        }
        if let Some(supersedes) = &self.supersedes {
            text("reason", &supersedes.reason)?;
        }
        Ok(self.subject.check()?)
    }
}

/// The exact canonical secured bytes of one record. For many records of one time, keep a [`Template`].
///
/// # Errors
/// [`IssueError`].
pub fn issue(
    host: &Host,
    draft: &Draft<'_>,
    created: DateTime<Utc>,
    signer: &dyn Signer,
) -> Result<Vec<u8>, IssueError> {
    Template::new(host, signer.verification_method(), created)?.issue(draft, signer)
}

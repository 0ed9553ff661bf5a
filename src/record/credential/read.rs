//! Reading one of our credentials: from received bytes to a view that has been checked against the
//! exact shape that [`super::Template`] writes.
//!
//! Refuses bytes that are not canonical, unknown or missing members, and every fixed part that
//! differs from what this registry type writes (contexts, status entries, refresh service). It does
//! not judge: signature, keys, times and status are the verifier's.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::facts::{FactError, Subject, text};
use super::host::is_host;
use super::template::is_method_of;
use super::{RecordType, StatusPointer, Supersedes, parse};
use crate::record::canonical::{Members, NotCanonical, Raw, scan};
use crate::record::digest::{Digest, DigestError};
use crate::record::proof::{ProofError, Secured};
use crate::record::status::{LENGTH, StatusPurpose};
use crate::record::time::{TimeError, parse_timestamp};

/// Every member that a credential of ours may have.
const MEMBERS: [&str; 11] = [
    "@context",
    "credentialStatus",
    "credentialSubject",
    "id",
    "issuer",
    "proof",
    "refreshService",
    "supersedes",
    "type",
    "validFrom",
    "validUntil",
];

/// Why bytes are not one of our credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not canonical JSON.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// A required member is missing or of another kind.
    #[error("\"{0}\" is missing or not of the right kind")]
    Missing(&'static str),
    /// A member that our context does not know, or that this type does not carry.
    #[error("\"{0}\" does not belong here")]
    Unknown(String),
    /// A fixed part that differs from what this registry writes.
    #[error("\"{0}\" is not what a record of this registry says")]
    Value(&'static str),
    /// Not a type that we know.
    #[error("unknown credential type")]
    Type,
    /// A time or date in another spelling.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// A digest in another spelling.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A fact that would not have been signed.
    #[error(transparent)]
    Fact(#[from] FactError),
    /// The proof's shape.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// A credential of ours, read in place.
#[derive(Debug, Clone)]
pub struct Credential<'a> {
    /// What it is.
    pub record_type: RecordType,
    /// `urn:uuid:…`, or for a status list its URL.
    pub id: &'a str,
    /// `did:web:HOST`.
    pub issuer: &'a str,
    /// HOST.
    pub host: &'a str,
    /// Start of validity, UTC.
    pub valid_from: DateTime<Utc>,
    /// End of validity, UTC.
    pub valid_until: Option<DateTime<Utc>>,
    /// Where its status bits are; none for a withdrawal, a status list or a snapshot.
    pub status: Option<StatusPointer>,
    /// The record that it replaces.
    pub supersedes: Option<Supersedes<'a>>,
    /// `credentialSubject` as it stands.
    pub subject: Raw<'a>,
    /// The proof, its signature not yet checked.
    pub proof: Secured<'a>,
}

/// Reads a credential from its stored bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read(bytes: &[u8]) -> Result<Credential<'_>, ReadError> {
    read_members(scan(bytes)?)
}

/// Reads a credential that lies inside other canonical text, such as a bulk file's line.
///
/// # Errors
/// [`ReadError`].
pub fn read_members(members: Members<'_>) -> Result<Credential<'_>, ReadError> {
    if let Some((name, _)) = members.iter().find(|(name, _)| !MEMBERS.contains(name)) {
        return Err(ReadError::Unknown(name.to_owned()));
    }
    let member = |name| members.get(name).ok_or(ReadError::Missing(name));
    let plain = |name| member(name)?.plain().ok_or(ReadError::Missing(name));
    let issuer = plain("issuer")?;
    let host = issuer
        .strip_prefix("did:web:")
        .filter(|host| is_host(host))
        .ok_or(ReadError::Value("issuer"))?;
    let context = [
        "[\"https://www.w3.org/ns/credentials/v2\",\"https://",
        host,
        "/ns/labour-credit/v1\"]",
    ];
    if !is_joined(member("@context")?.text(), &context) {
        return Err(ReadError::Value("@context"));
    }
    let record_type = kind(member("type")?.text())?;
    let id = plain("id")?;
    let (status, supersedes) = if record_type.has_status() {
        let uuid = uuid_of(id).ok_or(ReadError::Value("id"))?;
        let service = [
            "{\"id\":\"https://",
            host,
            "/records/",
            uuid,
            "/latest\",\"type\":\"LabourCreditRefresh\"}",
        ];
        if !is_joined(member("refreshService")?.text(), &service) {
            return Err(ReadError::Value("refreshService"));
        }
        let status = pointer(member("credentialStatus")?.text(), host);
        let status = status.ok_or(ReadError::Value("credentialStatus"))?;
        (Some(status), supersedes(&members)?)
    } else {
        if record_type == RecordType::RegistrySnapshot && uuid_of(id).is_none() {
            return Err(ReadError::Value("id"));
        }
        for name in ["credentialStatus", "refreshService", "supersedes"] {
            if members.get(name).is_some() {
                return Err(ReadError::Unknown(name.to_owned()));
            }
        }
        if record_type == RecordType::RecordWithdrawal {
            uuid_of(id).ok_or(ReadError::Value("id"))?;
            if members.get("validUntil").is_some() {
                return Err(ReadError::Unknown("validUntil".to_owned()));
            }
        }
        (None, None)
    };
    let valid_from = parse_timestamp(plain("validFrom")?)?;
    let valid_until = members.get("validUntil").map(|until| {
        parse_timestamp(until.plain().ok_or(ReadError::Missing("validUntil"))?).map_err(ReadError::from)
    });
    let valid_until = valid_until.transpose()?;
    if valid_until.is_some_and(|until| until <= valid_from) {
        return Err(ReadError::Value("validUntil"));
    }
    let subject = member("credentialSubject")?;
    let proof = Secured::open(members)?;
    if !is_method_of(host, proof.verification_method()) {
        return Err(ReadError::Value("verificationMethod"));
    }
    Ok(Credential {
        record_type,
        id,
        issuer,
        host,
        valid_from,
        valid_until,
        status,
        supersedes,
        subject,
        proof,
    })
}

impl<'a> Credential<'a> {
    /// The record's UUID; none for a status list.
    pub fn uuid(&self) -> Option<Uuid> {
        Uuid::parse_str(uuid_of(self.id)?).ok()
    }

    /// What the record says, checked like a draft.
    ///
    /// # Errors
    /// [`ReadError`] for another shape, and for a status list (see [`crate::record::status::read_list`]) or
    /// snapshot (see [`crate::record::snapshot::read_snapshot`]).
    pub fn facts(&self) -> Result<Subject<'a>, ReadError> {
        parse::facts(self.record_type, self.host, self.proof.document())
    }
}

/// Whether `text` is the concatenation of `parts`.
pub(super) fn is_joined(text: &str, parts: &[&str]) -> bool {
    parts
        .iter()
        .try_fold(text, |rest, part| rest.strip_prefix(part))
        .is_some_and(str::is_empty)
}

fn kind(text: &str) -> Result<RecordType, ReadError> {
    let word = text
        .strip_prefix("[\"VerifiableCredential\",\"")
        .and_then(|rest| rest.strip_suffix("\"]"));
    word.and_then(RecordType::parse).ok_or(ReadError::Type)
}

/// The UUID's text if `id` is `urn:uuid:` and a lower-case version 4 UUID.
fn uuid_of(id: &str) -> Option<&str> {
    let text = id.strip_prefix("urn:uuid:")?;
    let uuid = Uuid::parse_str(text).ok()?;
    let mut written = [0; 36];
    let random = uuid.get_version_num() == 4 && uuid.get_variant() == uuid::Variant::RFC4122;
    (random && *uuid.hyphenated().encode_lower(&mut written) == *text).then_some(text)
}

/// The pointer, if the three entries are exactly those that we write for it.
fn pointer(text: &str, host: &str) -> Option<StatusPointer> {
    let rest = text
        .strip_prefix("[{\"statusListCredential\":\"https://")?
        .strip_prefix(host)?;
    let (list, rest) = rest.strip_prefix("/status/revocation/")?.split_once('"')?;
    let (index, _) = rest.strip_prefix(",\"statusListIndex\":\"")?.split_once('"')?;
    let (mut left, mut open) = (text, "[");
    for purpose in StatusPurpose::ALL {
        let url = [
            open,
            "{\"statusListCredential\":\"https://",
            host,
            "/status/",
            purpose.as_str(),
            "/",
            list,
        ];
        let bit = [
            "\",\"statusListIndex\":\"",
            index,
            "\",\"statusPurpose\":\"",
            purpose.as_str(),
        ];
        for part in url
            .into_iter()
            .chain(bit)
            .chain(["\",\"type\":\"BitstringStatusListEntry\"}"])
        {
            left = left.strip_prefix(part)?;
        }
        open = ",";
    }
    let pointer = StatusPointer {
        list: decimal(list)?,
        index: decimal(index)?,
    };
    (left == "]" && pointer.list > 0 && pointer.index < LENGTH).then_some(pointer)
}

/// A decimal number without sign or leading zero.
pub(crate) fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn supersedes<'a>(document: &Members<'a>) -> Result<Option<Supersedes<'a>>, ReadError> {
    if document.get("supersedes").is_none() {
        return Ok(None);
    }
    let missing = ReadError::Missing("supersedes");
    let members = document
        .object("supersedes")
        .filter(|members| members.len() == 2)
        .ok_or(missing)?;
    let member = |name| members.get(name).ok_or(ReadError::Missing("supersedes"));
    let digest = member("digestMultibase")?
        .plain()
        .ok_or(ReadError::Missing("supersedes"))?;
    let reason = member("reason")?
        .string()
        .ok_or(ReadError::Missing("supersedes"))?;
    text("reason", &reason)?;
    let digest = Digest::parse_multibase(digest)?;
    Ok(Some(Supersedes { digest, reason }))
}

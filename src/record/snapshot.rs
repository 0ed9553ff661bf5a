//! `RegistrySnapshot`: what one audience could see at one head of the log, in one signed credential
//! (`records.md` §6). It has no status: a newer snapshot takes its place, and its age is its freshness.
//!
//! It describes entries `[0, N)` of a head that readers had been served, and is itself logged at an index
//! of at least N. It refuses to say how the state was found; see [`super::current`] for what counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::canonical::{Members, Raw, Writer};
use super::credential::{
    Audience, Credential, Host, IssueError, Prepared, ReadError, RecordType, Template, read,
};
use super::digest::Digest;
use super::json::INTEGER_LIMIT;
use super::signer::Signer;
use super::status::{StatusPurpose, parse_url};

/// What a snapshot says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whose view it is.
    pub audience: Audience,
    /// N: entries described, below 2^53.
    pub log_size: u64,
    /// Root of the log's tree of N entries.
    pub log_root: [u8; 32],
    /// How many credentials of each type are current; ascending by the type's word, none with 0.
    pub counts: Vec<(RecordType, u64)>,
    /// The newest version of each status list below N, ascending by number and purpose.
    pub lists: Vec<ListVersion>,
    /// SHA-256 over the sorted hex digests of all current bodies, one a line.
    pub current: Digest,
    /// Employers with current records: leaves of the tree.
    pub tree_size: u64,
    /// Root of the tree.
    pub tree_root: [u8; 32],
}

/// One version of one status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListVersion {
    /// The list's number, from 1.
    pub list: u32,
    /// What its bits mean.
    pub purpose: StatusPurpose,
    /// Digest of the version's stored bytes.
    pub digest: Digest,
}

/// A snapshot before it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotDraft {
    /// A random (version 4) UUID.
    pub id: Uuid,
    /// As of when, UTC, whole seconds: what has expired by then is not current.
    pub valid_from: DateTime<Utc>,
    /// What it says.
    pub state: State,
}

/// A signed snapshot, read; its signature is checked through `credential.proof`.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// The credential around it.
    pub credential: Credential<'a>,
    /// What it says.
    pub state: State,
}

impl State {
    /// Whether the parts have the order and bounds that the format prescribes.
    fn is_regular(&self) -> bool {
        let counts = self
            .counts
            .is_sorted_by(|one, next| one.0.as_str() < next.0.as_str());
        let counted =
            |(kind, count): &(RecordType, u64)| kind.has_status() && (1..INTEGER_LIMIT).contains(count);
        let place = |list: &ListVersion| (list.list, list.purpose);
        let lists = self.lists.is_sorted_by(|one, next| place(one) < place(next));
        counts
            && self.counts.iter().all(counted)
            && lists
            && self.lists.iter().all(|list| list.list > 0)
            && self.log_size < INTEGER_LIMIT
            && self.tree_size < INTEGER_LIMIT
    }

    fn write(&self, host: &str) -> Vec<u8> {
        let mut out = Writer::with_capacity(1024 + 128 * self.lists.len());
        out.raw("{\"audience\":\"").raw(self.audience.as_str());
        out.raw("\",\"currentDigest\":\"")
            .ascii(&self.current.multibase_bytes());
        out.raw("\",\"id\":\"https://")
            .raw(host)
            .raw("/log\",\"logRoot\":\"");
        out.raw(&STANDARD.encode(self.log_root)).raw("\",\"logSize\":");
        out.raw(&self.log_size.to_string()).raw(",\"recordCounts\":[");
        for (at, (kind, count)) in self.counts.iter().enumerate() {
            out.raw(if at == 0 { "" } else { "," }).raw("{\"count\":");
            out.raw(&count.to_string());
            out.raw(",\"recordType\":\"").raw(kind.as_str()).raw("\"}");
        }
        out.raw("],\"statusLists\":[");
        for (at, list) in self.lists.iter().enumerate() {
            out.raw(if at == 0 { "" } else { "," })
                .raw("{\"digestMultibase\":\"");
            out.ascii(&list.digest.multibase_bytes());
            out.raw("\",\"id\":\"https://").raw(host).raw("/status/");
            out.raw(list.purpose.as_str())
                .raw("/")
                .integer(list.list)
                .raw("\"}");
        }
        out.raw("],\"treeRoot\":\"").raw(&STANDARD.encode(self.tree_root));
        out.raw("\",\"treeSize\":").raw(&self.tree_size.to_string());
        out.raw(",\"type\":\"LabourCreditLog\"}");
        out.into_vec()
    }
}

impl Template {
    /// Writes and hashes a snapshot.
    ///
    /// # Errors
    /// [`IssueError::Id`], [`IssueError::Time`]; [`IssueError::Snapshot`] when its parts have not the order
    /// and bounds of the format.
    pub fn prepare_snapshot(&self, draft: &SnapshotDraft) -> Result<Prepared, IssueError> {
        if !draft.state.is_regular() {
            return Err(IssueError::Snapshot);
        }
        let subject = draft.state.write(self.host().as_str());
        self.prepare_plain(RecordType::RegistrySnapshot, &subject, draft.id, draft.valid_from)
    }

    /// Writes, hashes and signs a snapshot.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue_snapshot(&self, draft: &SnapshotDraft, signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
        let prepared = self.prepare_snapshot(draft)?;
        let signature = signer.sign(prepared.message())?;
        Ok(self.secure(prepared, &signature))
    }
}

/// Reads a snapshot from its stored bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read_snapshot(bytes: &[u8]) -> Result<Snapshot<'_>, ReadError> {
    snapshot_of(read(bytes)?)
}

/// The snapshot in a credential.
///
/// # Errors
/// [`ReadError`], its `Type` if it is another record.
pub fn snapshot_of(credential: Credential<'_>) -> Result<Snapshot<'_>, ReadError> {
    if credential.record_type != RecordType::RegistrySnapshot {
        return Err(ReadError::Type);
    }
    let subject = credential.proof.document().object("credentialSubject");
    let subject = subject.ok_or(ReadError::Missing("credentialSubject"))?;
    let state = state(&subject)?;
    // What would be written is what was read: order, spelling and members are those of the format.
    let host = Host::parse(credential.host).map_err(|_| ReadError::Value("issuer"))?;
    let same = state.is_regular() && state.write(host.as_str()) == subject.text().as_bytes();
    if !same || credential.valid_until.is_some() {
        return Err(ReadError::Value("credentialSubject"));
    }
    Ok(Snapshot { credential, state })
}

fn state(subject: &Members<'_>) -> Result<State, ReadError> {
    let plain = |name| field(subject, name)?.plain().ok_or(ReadError::Missing(name));
    Ok(State {
        audience: Audience::parse(plain("audience")?).ok_or(ReadError::Value("audience"))?,
        log_size: number(subject, "logSize")?,
        log_root: root(plain("logRoot")?, "logRoot")?,
        counts: each(subject, "recordCounts", |item| {
            let kind = field(item, "recordType")?.plain().and_then(RecordType::parse);
            Ok((
                kind.ok_or(ReadError::Value("recordType"))?,
                number(item, "count")?,
            ))
        })?,
        lists: each(subject, "statusLists", |item| {
            let url = field(item, "id")?.plain().and_then(parse_url);
            let (purpose, list) = url.ok_or(ReadError::Value("statusLists"))?;
            let digest = field(item, "digestMultibase")?.plain().unwrap_or_default();
            let digest = Digest::parse_multibase(digest)?;
            Ok(ListVersion {
                list,
                purpose,
                digest,
            })
        })?,
        current: Digest::parse_multibase(plain("currentDigest")?)?,
        tree_size: number(subject, "treeSize")?,
        tree_root: root(plain("treeRoot")?, "treeRoot")?,
    })
}

fn field<'a>(object: &Members<'a>, name: &'static str) -> Result<Raw<'a>, ReadError> {
    object.get(name).ok_or(ReadError::Missing(name))
}

fn number(object: &Members<'_>, name: &'static str) -> Result<u64, ReadError> {
    let value = field(object, name)?
        .integer()
        .and_then(|value| u64::try_from(value).ok());
    value.ok_or(ReadError::Missing(name))
}

fn root(text: &str, name: &'static str) -> Result<[u8; 32], ReadError> {
    let bytes = STANDARD.decode(text).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(ReadError::Value(name))
}

fn each<'a, T>(
    object: &Members<'a>,
    name: &'static str,
    read: impl Fn(&Members<'a>) -> Result<T, ReadError>,
) -> Result<Vec<T>, ReadError> {
    let items = field(object, name)?.items().ok_or(ReadError::Missing(name))?;
    let item = |raw: Raw<'a>| read(&raw.object().ok_or(ReadError::Missing(name))?);
    items.into_iter().map(item).collect()
}

#[cfg(test)]
mod tests;

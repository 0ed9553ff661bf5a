//! The trust folder (`records.md` §7): what a verifier is handed out of band, on paper or by hand, and
//! everything else is judged by. `policy.txt` says which log and witnesses; `issuer.json` which registry and
//! which three offline root keys; `monitors.txt`, where there is one, whose word on snapshots counts;
//! `successions.json`, where there is one, at which head each log that a successor follows was frozen.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::intake::{FormError, Object};
use super::monitor;
use super::succession::{self, SUCCESSIONS_FILE, Succession, SuccessionError};
use crate::log::key::{KeyKind, VerifierKey};
use crate::log::policy::{Policy, PolicyError};
use crate::record::context;
use crate::record::credential::Host;
use crate::record::digest::Digest;
use crate::record::json::{JsonError, Limits, parse};
use crate::record::time::{TimeError, parse_timestamp, timestamp_string};

/// Name of the policy file in a trust folder.
pub const POLICY_FILE: &str = "policy.txt";
/// Name of the issuer file in a trust folder.
pub const ISSUER_FILE: &str = "issuer.json";
/// Name of the file of monitors' keys in a trust folder; a folder need not have one.
pub const MONITORS_FILE: &str = "monitors.txt";
/// Most root keys.
const MAX_ROOTS: usize = 16;

/// A trust folder, read.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Which log and witnesses.
    pub policy: Policy,
    /// Which registry.
    pub issuer: Issuer,
    /// Keys of monitors whose word on a snapshot's tree counts.
    pub monitors: Vec<VerifierKey>,
    /// Which log followed which, the oldest first.
    pub successions: Vec<Succession>,
}

/// The registry that is trusted: `issuer.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// HOST; the DID is `did:web:HOST`.
    pub host: Host,
    /// Keys that sign key documents, kept offline.
    pub roots: Vec<VerifierKey>,
    /// How many of the roots must have signed.
    pub threshold: usize,
    /// SHA-256 of the JSON-LD context that all records name.
    pub context_digest: Digest,
    /// Until when this folder may be used, UTC.
    pub valid_until: DateTime<Utc>,
}

/// Why a trust folder is unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// `policy.txt`.
    #[error("{POLICY_FILE}: {0}")]
    Policy(#[from] PolicyError),
    /// `policy.txt` knows no log.
    #[error("{POLICY_FILE}: no log is named")]
    NoLog,
    /// `issuer.json` is not strict JSON.
    #[error("{ISSUER_FILE}: {0}")]
    Json(#[from] JsonError),
    /// The policy names another registry's log.
    #[error("{POLICY_FILE}: {0} is not a log of the issuer's host")]
    ForeignLog(String),
    /// `issuer.json` lacks a member or has one too many, or one of another kind.
    #[error("{ISSUER_FILE}: {0}")]
    Form(#[from] FormError),
    /// A member of `issuer.json` says what cannot be.
    #[error("{ISSUER_FILE}: “{0}” {1}")]
    Value(&'static str, &'static str),
    /// `monitors.txt`, with the number of the line.
    #[error("{MONITORS_FILE}: line {0} is no Ed25519 verifier key, is there twice, or is one too many")]
    Monitors(usize),
    /// `successions.json`.
    #[error("{SUCCESSIONS_FILE}: {0}")]
    Succession(SuccessionError),
    /// `policy.txt` does not name the log that a succession begins.
    #[error("{POLICY_FILE}: it does not name {0}, the key of the newest log by {SUCCESSIONS_FILE}")]
    NoSuccessor(String),
    /// A time that cannot be written.
    #[error("{ISSUER_FILE}: {0}")]
    Time(#[from] TimeError),
}

/// What a trust folder says about a log that its policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'t> {
    /// It goes on.
    Newest,
    /// It ended, at the head that this names.
    Frozen(&'t Succession),
    /// Another one goes on, and no document says where this one ended.
    Unknown,
}

/// `HOST/log`, or a successor `HOST/log2`, `HOST/log3` … (records.md §7).
fn is_log_of(own: &str, origin: &str) -> bool {
    origin
        .strip_prefix(own)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Trust {
    /// Reads the two files' contents.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn parse(policy: &[u8], issuer: &[u8]) -> Result<Self, TrustError> {
        let policy = Policy::parse(policy)?;
        if policy.logs().is_empty() {
            return Err(TrustError::NoLog);
        }
        let issuer = Issuer::parse(issuer)?;
        // Another registry's log could otherwise vouch for this issuer's records, where nobody who
        // watches this issuer looks.
        let own = format!("{}/log", issuer.host);
        if let Some(foreign) = policy.logs().iter().find(|log| !is_log_of(&own, log.name())) {
            return Err(TrustError::ForeignLog(foreign.name().to_owned()));
        }
        Ok(Self {
            policy,
            issuer,
            monitors: Vec::new(),
            successions: Vec::new(),
        })
    }

    /// The same folder with the contents of its `successions.json`.
    ///
    /// # Errors
    /// [`TrustError::Succession`]; [`TrustError::NoSuccessor`].
    pub fn with_successions(self, successions: &[u8]) -> Result<Self, TrustError> {
        let successions =
            succession::parse_file(successions, &self.issuer).map_err(TrustError::Succession)?;
        if let Some(last) = successions.last()
            && !self.policy.logs().contains(&last.new_key)
        {
            return Err(TrustError::NoSuccessor(last.new_key.to_string()));
        }
        Ok(Self { successions, ..self })
    }

    /// Whether the log `new` goes on, through however many others, where `old` ended.
    pub fn follows(&self, old: &str, new: &str) -> bool {
        let row = &self.successions;
        let ended = row.iter().position(|one| one.old_origin() == old);
        let begun = row.iter().position(|one| one.new_origin() == new);
        ended.zip(begun).is_some_and(|(ended, begun)| ended <= begun)
    }

    /// How a log of the policy stands: one that is neither frozen nor the newest is not believed, for
    /// nothing says how far its key may be.
    pub fn standing(&self, origin: &str) -> Standing<'_> {
        if let Some(end) = self.successions.iter().find(|one| one.old_origin() == origin) {
            return Standing::Frozen(end);
        }
        let host = &self.issuer.host;
        let newest = self.policy.logs().iter();
        let newest = newest
            .filter_map(|log| succession::generation(host, log.name()))
            .max();
        match succession::generation(host, origin) == newest {
            true => Standing::Newest,
            false => Standing::Unknown,
        }
    }

    /// The same folder with the contents of its `monitors.txt`.
    ///
    /// # Errors
    /// [`TrustError::Monitors`].
    pub fn with_monitors(self, monitors: &[u8]) -> Result<Self, TrustError> {
        let monitors = monitor::parse_keys(monitors).map_err(TrustError::Monitors)?;
        Ok(Self { monitors, ..self })
    }

    /// Whether the pinned context is the one that this program knows.
    pub(super) fn context_known(&self) -> bool {
        context::digest(&self.issuer.host) == self.issuer.context_digest
    }
}

impl Issuer {
    /// Reads `issuer.json`.
    ///
    /// # Errors
    /// [`TrustError`], all but `Policy` and `NoLog`.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustError> {
        let value = parse(
            bytes,
            Limits {
                bytes: 1 << 16,
                depth: 4,
            },
        )?;
        let mut issuer = Object::of(value, "issuer.json")?;
        let host =
            Host::parse(&issuer.text("host")?).map_err(|_| TrustError::Value("host", "is no host name"))?;
        if issuer.text("did")? != host.did() {
            return Err(TrustError::Value("did", "is not did:web: and the host"));
        }
        let roots = issuer.texts("roots", MAX_ROOTS)?;
        let roots: Result<Vec<VerifierKey>, _> = roots.iter().map(|root| VerifierKey::parse(root)).collect();
        let roots = roots.map_err(|_| TrustError::Value("roots", "has a key that is no verifier key"))?;
        let threshold = issuer.number("threshold")? as usize;
        check_roots(&roots, threshold)?;
        let context_digest = Digest::parse_multibase(&issuer.text("contextDigest")?)
            .map_err(|_| TrustError::Value("contextDigest", "is no multibase SHA-256 digest"))?;
        let valid_until = parse_timestamp(&issuer.text("validUntil")?)?;
        issuer.finish()?;
        Ok(Self {
            host,
            roots,
            threshold,
            context_digest,
            valid_until,
        })
    }

    /// Writes `issuer.json`, readable by people.
    ///
    /// # Errors
    /// [`TrustError::Time`] when `valid_until` cannot be spelled.
    pub fn to_json(&self) -> Result<String, TrustError> {
        let roots: Vec<Value> = self.roots.iter().map(|root| root.to_string().into()).collect();
        let value = json!({
            "did": self.host.did(),
            "host": self.host.as_str(),
            "roots": roots,
            "threshold": self.threshold,
            "contextDigest": self.context_digest.multibase(),
            "validUntil": timestamp_string(self.valid_until)?,
        });
        Ok(format!("{value:#}\n"))
    }
}

fn check_roots(roots: &[VerifierKey], threshold: usize) -> Result<(), TrustError> {
    let error = |what| Err(TrustError::Value("roots", what));
    if roots.iter().any(|root| root.kind() != KeyKind::Ed25519) {
        return error("must be Ed25519 keys (type 1)");
    }
    // The same key under two names would sign twice.
    let twice = |(n, root): (usize, &VerifierKey)| {
        roots
            .iter()
            .skip(n + 1)
            .any(|other| other.public_key() == root.public_key())
    };
    if roots.iter().enumerate().any(twice) {
        return error("names a key twice");
    }
    match (1..=roots.len()).contains(&threshold) {
        true => Ok(()),
        false => Err(TrustError::Value(
            "threshold",
            "is not between 1 and the number of roots",
        )),
    }
}

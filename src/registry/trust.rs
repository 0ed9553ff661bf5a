//! What a verifier is handed out of band: the trust folder (records.md §7).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::log::key::VerifierKey;
use crate::record::context;
use crate::record::credential::Host;

use super::keys::{KeyFolder, KeysError, ROOTS, THRESHOLD};

/// The two files of a trust folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustFiles {
    /// `policy.txt`, a C2SP tlog-policy.
    pub policy: String,
    /// `issuer.json`.
    pub issuer: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Issuer {
    did: String,
    host: String,
    roots: Vec<String>,
    threshold: usize,
    context_digest: String,
    valid_until: String,
}

/// Why a trust folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The files could not be put into words.
    #[error("issuer.json: {0}")]
    Json(#[from] serde_json::Error),
}

/// A policy (C2SP tlog-policy) of one log and `quorum` of some witnesses; without any, `quorum none`.
///
/// `quorum none` is honest only for a demonstration or a single office: verdicts then say that
/// witnessing is not required by policy, never that it holds.
#[must_use]
pub fn policy(log: &VerifierKey, witnesses: &[VerifierKey], quorum: usize) -> String {
    let mut text = format!("log {log}\n");
    if witnesses.is_empty() {
        return text + "quorum none\n";
    }
    let mut group = format!("group witnesses {quorum}");
    for witness in witnesses {
        text.push_str(&format!("witness {} {witness}\n", witness.name()));
        group.push_str(&format!(" {}", witness.name()));
    }
    format!("{text}{group}\nquorum witnesses\n")
}

/// The trust files of a registry under a policy.
///
/// # Errors
/// [`TrustError::Keys`].
pub fn files(
    keys: &KeyFolder,
    host: &Host,
    valid_until: DateTime<Utc>,
    policy: String,
) -> Result<TrustFiles, TrustError> {
    let roots = (1..=ROOTS)
        .map(|n| Ok(keys.root(n)?.verifier().to_string()))
        .collect::<Result<_, KeysError>>()?;
    let issuer = Issuer {
        did: host.did(),
        host: host.as_str().to_owned(),
        roots,
        threshold: THRESHOLD,
        context_digest: context::digest(host).multibase(),
        valid_until: valid_until.to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    let mut issuer = serde_json::to_string_pretty(&issuer)?;
    issuer.push('\n');
    Ok(TrustFiles { policy, issuer })
}

impl TrustFiles {
    /// Writes both files into a folder that need not exist.
    ///
    /// # Errors
    /// [`TrustError::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), TrustError> {
        let write = |path: PathBuf, text: &str| {
            fs::write(&path, text).map_err(|source| TrustError::Io { path, source })
        };
        fs::create_dir_all(folder).map_err(|source| TrustError::Io {
            path: folder.into(),
            source,
        })?;
        write(folder.join("policy.txt"), &self.policy)?;
        write(folder.join("issuer.json"), &self.issuer)
    }

    /// Reads both files.
    ///
    /// # Errors
    /// [`TrustError::Io`].
    pub fn read(folder: &Path) -> Result<Self, TrustError> {
        let read =
            |path: PathBuf| fs::read_to_string(&path).map_err(|source| TrustError::Io { path, source });
        Ok(Self {
            policy: read(folder.join("policy.txt"))?,
            issuer: read(folder.join("issuer.json"))?,
        })
    }
}

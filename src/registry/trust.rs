//! What a verifier is handed out of band: the trust folder (records.md §7).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::log::key::VerifierKey;
use crate::log::note::Note;
use crate::record::context;
use crate::record::credential::Host;
use crate::verify::monitor::parse_keys;
use crate::verify::succession::{self, SUCCESSIONS_FILE, Succession, SuccessionError};
use crate::verify::trust as verifier;

use super::durable;
use super::keys::{KeyFolder, KeysError, ROOTS, THRESHOLD};

/// The files of a trust folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustFiles {
    /// `policy.txt`, a C2SP tlog-policy.
    pub policy: String,
    /// `issuer.json`.
    pub issuer: String,
    /// `successions.json`, where a log was followed by another.
    pub successions: Option<String>,
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
    /// A verifier would refuse the folder.
    #[error("the trust folder {path}: {source}")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: verifier::TrustError,
    },
    /// A succession document.
    #[error("successions.json: {0}")]
    Succession(SuccessionError),
    /// Verifiers would not know the log.
    #[error("policy.txt does not name the log key {0}: add the line `log {0}`")]
    LogKey(String),
    /// An end that is past.
    #[error("the trust folder would have ended already ({0})")]
    Ended(DateTime<Utc>),
}

/// What a policy says of itself that demands no witnesses: a comment, which verifiers pass over.
const NO_WITNESSES: &str =
    "# NOT FOR PRODUCTION 不得用于正式核验: no witness watches this log (chengxin init --witness)\n";

/// A policy (C2SP tlog-policy) of one log and `quorum` of some witnesses; without any, `quorum none`.
///
/// `quorum none` is honest only for a demonstration or a single office: verdicts then say that
/// witnessing is not required by policy, never that it holds.
#[must_use]
pub fn policy(log: &VerifierKey, witnesses: &[VerifierKey], quorum: usize) -> String {
    let mut text = format!("log {log}\n");
    if witnesses.is_empty() {
        return text + NO_WITNESSES + "quorum none\n";
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
    Ok(TrustFiles {
        policy,
        issuer,
        successions: None,
    })
}

impl TrustFiles {
    /// Writes the files into a folder that need not exist, each as a whole: it is read as it was or as it is
    /// to be, wherever the machine stops.
    ///
    /// # Errors
    /// [`TrustError::Io`].
    pub fn write(&self, folder: &Path) -> Result<(), TrustError> {
        let write = |path: PathBuf, text: &str| {
            durable::replace(&path, text.as_bytes()).map_err(|source| TrustError::Io { path, source })
        };
        fs::create_dir_all(folder).map_err(|source| TrustError::Io {
            path: folder.into(),
            source,
        })?;
        write(folder.join("policy.txt"), &self.policy)?;
        write(folder.join("issuer.json"), &self.issuer)?;
        match &self.successions {
            Some(text) => write(folder.join(SUCCESSIONS_FILE), text),
            None => Ok(()),
        }
    }

    /// The monitors whose word counts, by the folder's `monitors.txt`; none where there is no such file.
    ///
    /// # Errors
    /// [`TrustError::Unusable`] as a verifier would say; [`TrustError::Io`].
    pub fn monitors(folder: &Path) -> Result<Vec<VerifierKey>, TrustError> {
        let path = folder.join(verifier::MONITORS_FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(TrustError::Io { path, source }),
        };
        parse_keys(&bytes).map_err(|line| TrustError::Unusable {
            path: folder.into(),
            source: verifier::TrustError::Monitors(line),
        })
    }

    /// The folder as verifiers read it.
    ///
    /// # Errors
    /// [`TrustError::Unusable`] as a verifier would say; [`TrustError::Io`].
    pub fn as_verifier(folder: &Path) -> Result<verifier::Trust, TrustError> {
        Self::read(folder)?.parse(folder)
    }

    /// The files as verifiers read them; the folder is for the message.
    ///
    /// # Errors
    /// [`TrustError::Unusable`] as a verifier would say.
    pub fn parse(&self, folder: &Path) -> Result<verifier::Trust, TrustError> {
        let unusable = |source| TrustError::Unusable {
            path: folder.into(),
            source,
        };
        let trust =
            verifier::Trust::parse(self.policy.as_bytes(), self.issuer.as_bytes()).map_err(unusable)?;
        match &self.successions {
            Some(text) => trust.with_successions(text.as_bytes()).map_err(unusable),
            None => Ok(trust),
        }
    }

    /// The registry's own folder with another end: what `keys export-trust` hands out. Witnesses are those
    /// of its `policy.txt`.
    ///
    /// # Errors
    /// [`TrustError::LogKey`] when a key that signs heads now is not named; [`TrustError::Ended`].
    pub fn exported(
        own: &Path,
        log: &[VerifierKey],
        valid_until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, TrustError> {
        if valid_until <= now {
            return Err(TrustError::Ended(valid_until));
        }
        let files = Self::read(own)?;
        let mut trust = files.parse(own)?;
        if let Some(missing) = log.iter().find(|key| !trust.policy.logs().contains(key)) {
            return Err(TrustError::LogKey(missing.to_string()));
        }
        trust.issuer.valid_until = valid_until;
        let issuer = trust.issuer.to_json().map_err(|source| TrustError::Unusable {
            path: own.into(),
            source,
        })?;
        Ok(Self {
            policy: files.policy,
            issuer,
            successions: files.successions,
        })
    }

    /// The same with one more key of the log, named after the others.
    #[must_use]
    pub fn with_log(mut self, key: &VerifierKey) -> Self {
        let line = format!("log {key}\n");
        if !self.policy.contains(&line) {
            let last = self.policy.lines().rfind(|line| line.starts_with("log "));
            let after = last.and_then(|last| Some(self.policy.find(last)? + last.len() + 1));
            self.policy.insert_str(after.unwrap_or(0), &line);
        }
        self
    }

    /// The same with a succession document, and the key of the log that it begins; unchanged where it has
    /// them already.
    ///
    /// # Errors
    /// [`TrustError::Succession`] when the documents that are there cannot be read.
    pub fn with_succession(mut self, note: &str, document: &Succession) -> Result<Self, TrustError> {
        let mut notes: Vec<String> = match &self.successions {
            Some(text) => serde_json::from_str(text)?,
            None => Vec::new(),
        };
        let same = |one: &String| {
            Note::parse(one.as_bytes())
                .is_ok_and(|one| Succession::parse(one.text()).as_ref() == Ok(document))
        };
        if !notes.iter().any(same) {
            notes.push(note.to_owned());
        }
        self.successions = Some(succession::write_file(&notes).map_err(TrustError::Succession)?);
        // Before the others: whoever looks for the log by hand takes the first line.
        let line = format!("log {}\n", document.new_key);
        if !self.policy.contains(&line) {
            self.policy.insert_str(0, &line);
        }
        Ok(self)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// [`TrustError::Io`].
    pub fn read(folder: &Path) -> Result<Self, TrustError> {
        let read =
            |path: PathBuf| fs::read_to_string(&path).map_err(|source| TrustError::Io { path, source });
        Ok(Self {
            policy: read(folder.join("policy.txt"))?,
            issuer: read(folder.join("issuer.json"))?,
            successions: match folder.join(SUCCESSIONS_FILE) {
                path if path.exists() => Some(read(path)?),
                _ => None,
            },
        })
    }
}

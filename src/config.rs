//! Typed settings of one registry: the file `chengxin.toml` in its data directory.
//!
//! It refuses unknown keys and never holds a secret: keys are files of their own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

mod site;

pub use site::Site;

/// What a registry is and where its database lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The DNS name under which its identifiers live. Fixed when the registry is made; never the
    /// address it listens on.
    pub host: String,
    /// The authority that runs it, as its pages show.
    pub name: String,
    /// `sqlite:PATH` (relative to the data directory) or `postgres://…`.
    pub database: String,
    /// `[site]`: what the foot of every page says of the body that runs it.
    #[serde(default, skip_serializing_if = "Site::is_default")]
    pub site: Site,
    /// `[witnessing]`: how long and how often witnesses are asked.
    #[serde(default, skip_serializing_if = "Witnessing::is_default")]
    pub witnessing: Witnessing,
    /// `[[witness]]`: where the witnesses of `trust/policy.txt` are reached.
    #[serde(default, rename = "witness", skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<WitnessAddress>,
}

/// Where a witness is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessAddress {
    /// Its verifier key, `NAME+ID+BASE64`, as in the policy.
    pub key: String,
    /// Its submission prefix (C2SP tlog-witness): `add-checkpoint` is below it.
    pub url: String,
}

/// How long and how often witnesses are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Witnessing {
    /// Longest wait for a quorum, in milliseconds.
    pub timeout_ms: u64,
    /// Wait for the other witnesses once the quorum is reached, in milliseconds.
    pub extra_wait_ms: u64,
    /// Wait before witnesses are asked again after a round without a quorum, in milliseconds.
    pub retry_ms: u64,
    /// After how many seconds an idle head is cosigned again.
    pub recosign_seconds: u32,
}

impl Default for Witnessing {
    /// Five seconds, half a second, ten seconds, five minutes.
    fn default() -> Self {
        Self {
            timeout_ms: 5_000,
            extra_wait_ms: 500,
            retry_ms: 10_000,
            recosign_seconds: 300,
        }
    }
}

impl Witnessing {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a file of a form of our own cannot be read or written: settings, a mirror's.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let text = fs::read_to_string(path).map_err(|source| FileError::Io {
            path: path.into(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| FileError::Form {
            path: path.into(),
            why: error.to_string(),
        })
    }

    /// Writes a settings file that is not there yet.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn create(&self, path: &Path) -> Result<(), FileError> {
        // The section is written by itself, with comments.
        let bare = Self {
            site: Site::default(),
            ..self.clone()
        };
        let mut text = toml::to_string(&bare).map_err(|error| FileError::Form {
            path: path.into(),
            why: error.to_string(),
        })?;
        text.push_str(&self.site.commented());
        let io = |source| FileError::Io {
            path: path.into(),
            source,
        };
        // The file appears whole or not at all: a folder with one is a registry.
        let half = path.with_extension("half");
        let mut file = fs::File::create(&half).map_err(io)?;
        io::Write::write_all(&mut file, text.as_bytes()).map_err(io)?;
        file.sync_all().map_err(io)?;
        fs::hard_link(&half, path).map_err(io)?;
        fs::remove_file(&half).map_err(io)
    }
}

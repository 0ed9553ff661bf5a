//! A dump's manifest: what its files are and what they come to, as a note that the issuer's key signs
//! (`docs/formats.md`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::log::note::Note;
use crate::record::credential::Audience;
use crate::record::digest::Digest;

use super::DumpError;

/// What the key's name in the note's signature is, behind the registry's HOST.
pub const KEY_NAME: &str = "/dump";

/// What a manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Always `LabourCreditDump`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Always 1.
    pub version: u32,
    /// The dump's name in addresses.
    pub id: String,
    /// `public` or `partners`.
    pub audience: String,
    /// The log's name.
    pub log: String,
    /// It holds what was current among so many entries; changes go on from here.
    pub log_size: u64,
    /// Root of the log's tree of that size, base64.
    pub log_root: String,
    /// As of when, UTC: what had expired by then is left out.
    pub as_of: DateTime<Utc>,
    /// When it was made, UTC.
    pub created_at: DateTime<Utc>,
    /// Lines of the records' file.
    pub records: u64,
    /// `digestMultibase` over the sorted hex digests of all lines; equal to the snapshot's.
    pub current_digest: String,
    /// The logged `RegistrySnapshot` that says the same.
    pub snapshot: SnapshotRef,
    /// The files.
    pub files: Vec<FileRef>,
}

/// Where the snapshot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SnapshotRef {
    /// Digest of its stored bytes.
    pub digest_multibase: String,
    /// Where it stands in the log.
    pub log_index: u64,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileRef {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Hex SHA-256.
    pub sha256: String,
    /// Where it is served, relative to the server.
    pub url: String,
}

impl Manifest {
    /// The note's text: canonical JSON and a line feed.
    ///
    /// # Errors
    /// [`DumpError::Manifest`].
    pub fn text(&self) -> Result<String, DumpError> {
        let mut text = serde_json_canonicalizer::to_string(self).map_err(malformed)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a note without asking who signed it.
    ///
    /// # Errors
    /// [`DumpError::Manifest`].
    pub fn of_note(bytes: &[u8]) -> Result<Self, DumpError> {
        let note = Note::parse(bytes).map_err(malformed)?;
        serde_json::from_str(note.text()).map_err(malformed)
    }

    /// Whose it is.
    #[must_use]
    pub fn audience(&self) -> Option<Audience> {
        Audience::parse(&self.audience)
    }

    /// One of its files.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&FileRef> {
        self.files.iter().find(|file| file.name == name)
    }
}

fn malformed(why: impl std::fmt::Display) -> DumpError {
    DumpError::Manifest(why.to_string())
}

/// A root as manifests spell it.
pub(super) fn root(bytes: &[u8; 32]) -> String {
    STANDARD.encode(bytes)
}

/// A digest as manifests spell it.
pub(super) fn multibase(digest: Digest) -> String {
    digest.multibase()
}

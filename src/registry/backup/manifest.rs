//! The last line of a backup: what stands before it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::config::Settings;

/// The first line of every backup of this format.
pub(super) const FIRST_LINE: &str = r#"{"type":"ChengxinBackup","version":1}"#;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// The registry's name in identifiers.
    pub host: String,
    /// As of when, UTC.
    pub made_at: DateTime<Utc>,
    /// The version of the program that made it.
    pub program: String,
    /// The newest signed head.
    pub head: Head,
    /// Number of the host's log that the mark is of; 1 unless a successor goes on.
    #[serde(default = "first_log", skip_serializing_if = "is_first_log")]
    pub log: u32,
    /// The largest head that the signer remembered.
    pub mark: Head,
    /// The registry's settings; the database is another after restoring.
    pub settings: Settings,
    /// Tables, in the order of their rows.
    pub tables: Vec<Part>,
    /// Files, in the order of their lines.
    pub files: Vec<Part>,
    /// Tables whose rows it does not hold.
    pub left_out: Vec<String>,
}

const fn first_log() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_first_log(log: &u32) -> bool {
    *log == 1
}

/// A size and its root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// RFC 6962 root, base64.
    pub root: String,
}

/// A table or a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The table's name, or the file's path in the registry's folder.
    pub name: String,
    /// Rows, or bytes.
    pub count: u64,
    /// Hex SHA-256: of the rows' lines with their line feeds, or of the file.
    pub sha256: String,
}

/// A line that is no row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Marker {
    /// Rows of this table follow.
    Table {
        /// Its name.
        name: String,
        /// The columns of each row.
        columns: Vec<String>,
    },
    /// A file.
    File {
        /// Its path in the registry's folder.
        path: String,
        /// Its bytes, base64.
        bytes: String,
    },
    /// The end.
    Manifest(Box<Manifest>),
}

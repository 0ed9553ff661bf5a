//! What the log holds about a body: its digest, its audience and its kind. No name, no code.
//!
//! The exact bytes are the canonical form of
//! `{"alg":"sha-256","audience":"public","digest":"<hex>","kind":"record"}`, about 130 bytes, and
//! they are what a leaf hashes. [`Entry::decode`] refuses any other spelling.

pub use super::credential::Audience;
use super::digest::Digest;

/// What kind of body an entry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A credential about an employer.
    Record,
    /// A signed version of a status list.
    StatusList,
    /// A key document (a signed note).
    Keys,
    /// A registry snapshot.
    Snapshot,
    /// A published rule set.
    RuleSet,
    /// A spot-check draw.
    Draw,
    /// A day of the audit trail; the digest is the day's.
    Audit,
    /// A withdrawn body; the digest is the erased record's.
    Erasure,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Record,
        Self::StatusList,
        Self::Keys,
        Self::Snapshot,
        Self::RuleSet,
        Self::Draw,
        Self::Audit,
        Self::Erasure,
    ];

    /// The kind's word in an entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::StatusList => "status-list",
            Self::Keys => "keys",
            Self::Snapshot => "snapshot",
            Self::RuleSet => "rule-set",
            Self::Draw => "draw",
            Self::Audit => "audit",
            Self::Erasure => "erasure",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One log entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Who may read the body.
    pub audience: Audience,
    /// SHA-256 of the body's stored bytes (see [`EntryKind`] for the two exceptions).
    pub digest: Digest,
    /// What the body is.
    pub kind: EntryKind,
}

/// The bytes are not those of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a log entry of the form {{\"alg\":\"sha-256\",\"audience\":…,\"digest\":…,\"kind\":…}}")]
pub struct EntryError;

impl Entry {
    /// The entry's exact bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(144);
        out.extend_from_slice(b"{\"alg\":\"sha-256\",\"audience\":\"");
        out.extend_from_slice(self.audience.as_str().as_bytes());
        out.extend_from_slice(b"\",\"digest\":\"");
        out.extend_from_slice(&self.digest.hex_bytes());
        out.extend_from_slice(b"\",\"kind\":\"");
        out.extend_from_slice(self.kind.as_str().as_bytes());
        out.extend_from_slice(b"\"}");
        out
    }

    /// Reads an entry's exact bytes.
    ///
    /// # Errors
    /// [`EntryError`] for anything that [`Entry::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        Self::fields(bytes)
            .filter(|entry| entry.encode() == bytes)
            .ok_or(EntryError)
    }

    fn fields(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let rest = text.strip_prefix("{\"alg\":\"sha-256\",\"audience\":\"")?;
        let (audience, rest) = rest.split_once("\",\"digest\":\"")?;
        let (digest, rest) = rest.split_once("\",\"kind\":\"")?;
        Some(Self {
            audience: Audience::parse(audience)?,
            digest: Digest::parse_hex(digest).ok()?,
            kind: EntryKind::parse(rest.strip_suffix("\"}")?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::canonical;

    #[test]
    fn every_entry_is_canonical_and_round_trips() {
        for kind in EntryKind::ALL {
            for audience in [Audience::Public, Audience::Partners] {
                let entry = Entry {
                    audience,
                    digest: Digest::of(b"x"),
                    kind,
                };
                let bytes = entry.encode();
                assert_eq!(Entry::decode(&bytes), Ok(entry));
                assert_eq!(canonical::scan(&bytes).unwrap().len(), 4);
                assert!(bytes.len() <= 144);
            }
        }
    }

    #[test]
    fn other_bytes_are_refused() {
        let entry = Entry {
            audience: Audience::Public,
            digest: Digest::of(b"x"),
            kind: EntryKind::Record,
        };
        let good = String::from_utf8(entry.encode()).unwrap();
        for bad in [
            good.replace("sha-256", "sha-512"),
            good.replace("public", "private"),
            good.replace("record", "recorded"),
            good.replace("\"kind\"", "\"kinds\""),
            good.replace("{", "{ "),
            good.to_uppercase(),
            format!("{good}\n"),
            format!("{}{}", &good[..good.len() - 1], ",\"x\":1}"),
            String::new(),
        ] {
            assert_eq!(Entry::decode(bad.as_bytes()), Err(EntryError), "{bad}");
        }
    }
}

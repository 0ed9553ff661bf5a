//! What a monitor signs when it has rebuilt a snapshot's tree from the log's bodies and status lists and
//! found it equal: a C2SP signed note over the snapshot's digest. The exact text is in `docs/formats.md`.
//!
//! Whose word counts is the trust folder's to say: `monitors.txt`, one verifier key (Ed25519, type 1) a line.

use chrono::{DateTime, Utc};

use crate::log::key::{KeyKind, VerifierKey};
use crate::log::note::{self, Note};
use crate::record::digest::Digest;
use crate::record::time::{TimeError, parse_timestamp, timestamp_string};

/// First line of a note's text, so that it can be taken for nothing else.
const HEADER: &str = "chengxin-monitor/v1";
/// Most monitors in a trust folder.
const MAX_MONITORS: usize = 64;

/// What a monitor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorNote {
    /// The log's origin.
    pub origin: String,
    /// SHA-256 of the snapshot's stored bytes.
    pub snapshot: Digest,
    /// When the monitor had rebuilt the tree, UTC, whole seconds.
    pub rebuilt: DateTime<Utc>,
}

/// Why a note says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a signed note.
    #[error("a monitor's note is no signed note")]
    Note,
    /// A known monitor's signature does not verify.
    #[error("a known monitor's signature does not fit its note")]
    Signature,
    /// Another text.
    #[error("a monitor's note must say {HEADER}, the log's origin, the snapshot's digest and a time")]
    Text,
    /// A time that cannot be spelled.
    #[error(transparent)]
    Time(#[from] TimeError),
}

impl MonitorNote {
    /// The note's text, which is what is signed.
    ///
    /// # Errors
    /// [`NoteError::Time`].
    pub fn text(&self) -> Result<String, NoteError> {
        let rebuilt = timestamp_string(self.rebuilt)?;
        Ok(format!(
            "{HEADER}\n{}\n{}\n{rebuilt}\n",
            self.origin,
            self.snapshot.hex()
        ))
    }

    /// The note, signed with a monitor's key by `sign`.
    ///
    /// # Errors
    /// [`NoteError`]; `Signature` when `sign` fails.
    pub fn sign<E>(
        &self,
        key: &VerifierKey,
        sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
    ) -> Result<String, NoteError> {
        let mut note = Note::unsigned(&self.text()?).map_err(|_| NoteError::Note)?;
        note.sign(key, sign).map_err(|_| NoteError::Signature)?;
        Ok(note.to_string())
    }

    /// What a note says if one of the known monitors has signed it; `None` if none has.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn open(note: &str, known: &[VerifierKey]) -> Result<Option<Self>, NoteError> {
        let note = Note::parse(note.as_bytes()).map_err(|_| NoteError::Note)?;
        let verified = note
            .verified_by(known)
            .map_err(|_: note::NoteError| NoteError::Signature)?;
        let said = Self::parse(note.text()).ok_or(NoteError::Text)?;
        Ok((!verified.is_empty()).then_some(said))
    }

    /// What a note's text says, whoever signed it; `None` for another text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next()? != HEADER {
            return None;
        }
        let said = Self {
            origin: lines.next()?.to_owned(),
            snapshot: Digest::parse_hex(lines.next()?).ok()?,
            rebuilt: parse_timestamp(lines.next()?).ok()?,
        };
        (lines.next().is_none() && !said.origin.is_empty()).then_some(said)
    }
}

/// Reads `monitors.txt`: one verifier key a line; empty lines and lines that begin with `#` say nothing.
///
/// # Errors
/// The number of the first line, from 1, that is no Ed25519 verifier key, is there twice, or is one too many.
pub fn parse_keys(bytes: &[u8]) -> Result<Vec<VerifierKey>, usize> {
    let text = std::str::from_utf8(bytes).map_err(|_| 1_usize)?;
    let mut keys: Vec<VerifierKey> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let key = VerifierKey::parse(line).map_err(|_| number)?;
        let known = keys.iter().any(|other| other.public_key() == key.public_key());
        if key.kind() != KeyKind::Ed25519 || known || keys.len() == MAX_MONITORS {
            return Err(number);
        }
        keys.push(key);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u8) -> (SigningKey, VerifierKey) {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        let name = format!("monitor-{seed}.example");
        let public = VerifierKey::new(&name, KeyKind::Ed25519, secret.verifying_key().as_bytes()).unwrap();
        (secret, public)
    }

    fn said() -> MonitorNote {
        MonitorNote {
            origin: "registry.example/log".into(),
            snapshot: Digest::of(b"snapshot"),
            rebuilt: "2026-10-09T20:05:00Z".parse().unwrap(),
        }
    }

    fn note(seed: u8) -> String {
        let (secret, public) = key(seed);
        let sign = |message: &[u8]| Ok::<_, ()>(secret.sign(message).to_bytes());
        said().sign(&public, sign).unwrap()
    }

    #[test]
    fn only_a_known_monitors_word_counts() {
        let note = note(1);
        let hex = Digest::of(b"snapshot").hex();
        let text = format!("chengxin-monitor/v1\nregistry.example/log\n{hex}\n2026-10-09T20:05:00Z\n\n");
        assert!(note.starts_with(&text), "{note}");
        assert_eq!(MonitorNote::open(&note, &[key(1).1]), Ok(Some(said())));
        assert_eq!(MonitorNote::open(&note, &[key(2).1]), Ok(None));
        let changed = note.replace("20:05", "21:05");
        assert_eq!(
            MonitorNote::open(&changed, &[key(1).1]),
            Err(NoteError::Signature)
        );
        assert_eq!(MonitorNote::open("", &[]), Err(NoteError::Note));
        let other = note.replace("monitor/v1", "monitor/v2");
        assert_eq!(MonitorNote::open(&other, &[key(2).1]), Err(NoteError::Text));
    }

    #[test]
    fn the_trust_folders_file() {
        let (one, two) = (key(1).1, key(2).1);
        let file = format!("# who rebuilds\n{one}\n\n{two}\n");
        assert_eq!(parse_keys(file.as_bytes()), Ok(vec![one.clone(), two]));
        assert_eq!(parse_keys(b""), Ok(vec![]));
        assert_eq!(parse_keys(format!("{one}\n{one}\n").as_bytes()), Err(2));
        assert_eq!(parse_keys(b"# x\nnot a key\n"), Err(2));
    }

    proptest! {
        #[test]
        fn hostile_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,300}") {
            let _ = parse_keys(&bytes);
            let _ = MonitorNote::open(&text, &[key(1).1]);
        }
    }
}

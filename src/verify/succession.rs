//! Succession documents (records.md §7): after the theft of a log key the roots freeze the log at a head
//! that they name, and name the log that goes on from there.
//!
//! The successor, `HOST/log2` (then `HOST/log3` …), continues the same tree: every index, path and older
//! head stays what it was. What ends is the word of the old key: a head under it counts up to the frozen one,
//! and as far as it is part of the same tree. The document is a signed note, two of the three roots over
//! canonical JSON; it is logged (kind `keys`), below the first head of the successor, and lies in the trust
//! folder, without which a verifier knows no successor. It refuses to skip a log, and to name the host of
//! anybody else. The exact text is in `docs/formats.md`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::intake::{FormError, Object};
use super::keys::enough_roots;
use super::trust::Issuer;
use crate::log::hash::Hash;
use crate::log::key::{KeyKind, VerifierKey};
use crate::log::note::{Note, NoteError};
use crate::record::canonical::{self, CanonicalError};
use crate::record::credential::Host;
use crate::record::json::{JsonError, Limits, parse};
use crate::record::time::{TimeError, parse_timestamp, timestamp_string};

/// `type` of a succession document.
pub const SUCCESSION_TYPE: &str = "LabourCreditLogSuccession";
/// Its version.
const VERSION: u64 = 1;
/// Name of the file of succession documents in a trust folder; a log that never had a successor has none.
pub const SUCCESSIONS_FILE: &str = "successions.json";
/// Most successions that a trust folder may tell of.
const MOST: usize = 16;
/// Most keys of the log that ended: two overlap during a rotation, and retired ones are named too.
const MOST_KEYS: usize = 16;
/// Longest document in bytes.
const LONGEST: usize = 1 << 14;

/// One log ends, another goes on with its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Whose logs.
    pub host: Host,
    /// Keys of the log that ends; each key's name is its origin.
    pub old_keys: Vec<VerifierKey>,
    /// Key of the log that goes on; its name is the new origin.
    pub new_key: VerifierKey,
    /// Entries under the last head of the old log that counts.
    pub size: u64,
    /// That head's RFC 6962 root.
    pub root: Hash,
    /// When the old log was frozen, UTC, whole seconds.
    pub frozen_at: DateTime<Utc>,
}

/// Why a text is no succession document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuccessionError {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing, of another kind, or one too many.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A time in another spelling.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// It cannot be written.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// Another document.
    #[error("it is no {SUCCESSION_TYPE} of version {VERSION}")]
    Type,
    /// Not in canonical form.
    #[error("the succession document is not canonical JSON")]
    NotCanonical,
    /// A member says what cannot be.
    #[error("“{0}” {1}")]
    Value(&'static str, &'static str),
    /// Of another registry.
    #[error("the succession document is of {0}")]
    OtherHost(String),
    /// Roots are missing.
    #[error("the succession document lacks signatures of enough roots")]
    Roots,
}

/// Which log of a host an origin names: 1 for `HOST/log`, 2 for `HOST/log2` …; `None` for anything else.
pub fn generation(host: &Host, origin: &str) -> Option<u32> {
    let rest = origin.strip_prefix(host.as_str())?.strip_prefix("/log")?;
    match rest {
        "" => Some(1),
        digits => digits
            .parse()
            .ok()
            .filter(|number: &u32| *number > 1 && number.to_string() == digits),
    }
}

/// The origin of a host's log of that number, from 1.
pub fn origin(host: &Host, generation: u32) -> String {
    match generation {
        0 | 1 => format!("{host}/log"),
        number => format!("{host}/log{number}"),
    }
}

impl Succession {
    /// Origin of the log that ends.
    pub fn old_origin(&self) -> &str {
        self.old_keys.first().map_or("", VerifierKey::name)
    }

    /// Origin of the log that goes on.
    pub fn new_origin(&self) -> &str {
        self.new_key.name()
    }

    /// The text that roots sign: canonical JSON and a newline.
    ///
    /// # Errors
    /// [`SuccessionError`] for a time that cannot be spelled.
    pub fn text(&self) -> Result<String, SuccessionError> {
        let keys: Vec<Value> = self.old_keys.iter().map(|key| key.to_string().into()).collect();
        let value = json!({
            "type": SUCCESSION_TYPE,
            "version": VERSION,
            "host": self.host.as_str(),
            "oldOrigin": self.old_origin(),
            "oldKeys": keys,
            "newOrigin": self.new_origin(),
            "newKey": self.new_key.to_string(),
            "size": self.size,
            "root": self.root.to_base64(),
            "frozenAt": timestamp_string(self.frozen_at)?,
        });
        let bytes = canonical::to_vec(&value)?;
        Ok(format!("{}\n", String::from_utf8_lossy(&bytes)))
    }

    /// Whether a note's text says that it is a succession document: the roots also sign key documents.
    pub fn is_text(text: &str) -> bool {
        text.contains(&format!("\"type\":\"{SUCCESSION_TYPE}\""))
    }

    /// Whether the bytes of a logged body of the kind `keys` say so.
    pub fn is_note(note: &[u8]) -> bool {
        Note::parse(note).is_ok_and(|note| Self::is_text(note.text()))
    }

    /// Reads a note's text, whoever signed it.
    ///
    /// # Errors
    /// [`SuccessionError`], all but `Roots`.
    pub fn parse(text: &str) -> Result<Self, SuccessionError> {
        let limits = Limits {
            bytes: LONGEST,
            depth: 3,
        };
        let value = parse(text.strip_suffix('\n').unwrap_or_default().as_bytes(), limits)?;
        let mut members = Object::of(value, "succession")?;
        if members.text("type")? != SUCCESSION_TYPE || members.number("version")? != VERSION {
            return Err(SuccessionError::Type);
        }
        let host = Host::parse(&members.text("host")?)
            .map_err(|_| SuccessionError::Value("host", "is no host name"))?;
        let origins = [members.text("oldOrigin")?, members.text("newOrigin")?];
        let old_keys = members.texts("oldKeys", MOST_KEYS)?;
        let old_keys = old_keys.iter().map(|line| key("oldKeys", line));
        let succession = Self {
            old_keys: old_keys.collect::<Result<_, _>>()?,
            new_key: key("newKey", &members.text("newKey")?)?,
            size: members.number("size")?,
            root: Hash::from_base64(&members.text("root")?)
                .ok_or(SuccessionError::Value("root", "is not the base64 of a hash"))?,
            frozen_at: parse_timestamp(&members.text("frozenAt")?)?,
            host,
        };
        members.finish()?;
        succession.check(&origins)?;
        match succession.text()? == text {
            true => Ok(succession),
            false => Err(SuccessionError::NotCanonical),
        }
    }

    fn check(&self, [old, new]: &[String; 2]) -> Result<(), SuccessionError> {
        let fail = |name, what| Err(SuccessionError::Value(name, what));
        if self.old_keys.is_empty() || self.old_keys.iter().any(|key| key.name() != old) {
            return fail("oldKeys", "are not the keys of the old log");
        }
        if self.new_key.name() != new {
            return fail("newKey", "is not the key of the new log");
        }
        if self
            .old_keys
            .iter()
            .any(|old| old.public_key() == self.new_key.public_key())
        {
            return fail("newKey", "is a key of the old log");
        }
        let next = generation(&self.host, old).and_then(|number| number.checked_add(1));
        match next.is_some() && generation(&self.host, new) == next {
            true => Ok(()),
            false => fail(
                "newOrigin",
                "is not the log of this host that follows the old one",
            ),
        }
    }

    /// The document in a note that enough of an issuer's roots have signed.
    ///
    /// # Errors
    /// [`SuccessionError`].
    pub fn open(note: &[u8], issuer: &Issuer) -> Result<Self, SuccessionError> {
        let note = Note::parse(note)?;
        if !enough_roots(&note, issuer) {
            return Err(SuccessionError::Roots);
        }
        let succession = Self::parse(note.text())?;
        match succession.host == issuer.host {
            true => Ok(succession),
            false => Err(SuccessionError::OtherHost(succession.host.to_string())),
        }
    }
}

fn key(name: &'static str, line: &str) -> Result<VerifierKey, SuccessionError> {
    let key = VerifierKey::parse(line).ok();
    key.filter(|key| key.kind() == KeyKind::Ed25519)
        .ok_or(SuccessionError::Value(
            name,
            "has a key that is no log's verifier key",
        ))
}

/// Reads `successions.json`: a JSON array of notes, the oldest first, each of the log that the one before
/// began.
///
/// # Errors
/// [`SuccessionError`].
pub fn parse_file(bytes: &[u8], issuer: &Issuer) -> Result<Vec<Succession>, SuccessionError> {
    let limits = Limits {
        bytes: MOST * LONGEST * 2,
        depth: 2,
    };
    let notes = match parse(bytes, limits)? {
        Value::Array(notes) if notes.len() <= MOST => notes,
        _ => return Err(SuccessionError::Value(SUCCESSIONS_FILE, "is no array of notes")),
    };
    let mut row: Vec<Succession> = Vec::new();
    for note in notes {
        let Value::String(note) = note else {
            return Err(SuccessionError::Value(SUCCESSIONS_FILE, "is no array of notes"));
        };
        let next = Succession::open(note.as_bytes(), issuer)?;
        let follows = match row.last() {
            None => generation(&issuer.host, next.old_origin()) == Some(1),
            Some(last) => {
                last.new_origin() == next.old_origin()
                    && last.size < next.size
                    && last.frozen_at <= next.frozen_at
            }
        };
        if !follows {
            return Err(SuccessionError::Value(
                SUCCESSIONS_FILE,
                "does not tell of one log after the other",
            ));
        }
        row.push(next);
    }
    Ok(row)
}

/// Writes `successions.json`, a note a line.
///
/// # Errors
/// [`SuccessionError::Canonical`].
pub fn write_file(notes: &[String]) -> Result<String, SuccessionError> {
    let lines = notes
        .iter()
        .map(|note| {
            Ok(String::from_utf8_lossy(&canonical::to_vec(&Value::from(note.as_str()))?).into_owned())
        })
        .collect::<Result<Vec<_>, SuccessionError>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

//! Bundles: one record with everything that proves it (`records.md` §5), as JSON.
//!
//! The same types read and write. Reading is strict: unknown members, duplicate keys, non-canonical base64
//! and anything over its limit are refused. Reading proves nothing; see [`check`](super::check).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::intake::{FormError, MAX_ENTRY, Object, encode};
use crate::log::hash::Hash;
use crate::record::canonical::{self, CanonicalError};
use crate::record::json::{JsonError, Limits, parse};

/// `type` of a bundle.
pub const BUNDLE_TYPE: &str = "LabourCreditBundle";
/// `version` of bundle and bulk file.
pub const VERSION: u64 = 1;
/// Longest bundle in bytes: three incompressible status lists and two key documents with room to spare.
pub const MAX_BUNDLE: usize = 4 << 20;
/// Objects and arrays inside each other.
const MAX_DEPTH: usize = 24;

/// One record and its proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The record's canonical bytes.
    pub record: Vec<u8>,
    /// Where it stands in the log.
    pub place: Place,
    /// Heads of the log around it, and now.
    pub checkpoints: Checkpoints,
    /// The key document that lists the signing key, and last the newest; one element when they are the same.
    pub keys: Vec<KeyItem>,
    /// The newest version of the three status lists that the record points to.
    pub lists: Vec<ListItem>,
}

/// Where a body stands in the log, with its inclusion path under the current checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The exact entry bytes.
    pub entry: Vec<u8>,
    /// Index in the log, from 0.
    pub index: u64,
    /// From the leaf's sibling upwards.
    pub inclusion: Vec<Hash>,
}

/// The three heads that a bundle carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// Last published head of size at most the record's index.
    pub before: Head,
    /// First published head of size above the record's index; its proof leads here from `before`.
    pub after: Head,
    /// The newest head; its proof leads here from `after`.
    pub current: Head,
}

/// A head of the log.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// The whole checkpoint note with all its signatures.
    pub note: String,
    /// Consistency path from the head before it; empty for the first, and from a tree without leaves.
    pub consistency: Vec<Hash>,
}

/// A key document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyItem {
    /// The whole signed note.
    pub note: String,
    /// Where it stands in the log.
    pub place: Place,
}

/// A status list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// The list credential's canonical bytes.
    pub credential: Vec<u8>,
    /// Where it stands in the log.
    pub place: Place,
}

/// Why bytes are not a bundle or a bulk file's header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A part cannot be written canonically.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// White space or other bytes around the object (one final newline is allowed).
    #[error("there is something around the JSON object")]
    Surrounded,
    /// `type` or `version` is another.
    #[error("not a {0} of version {VERSION}")]
    Type(&'static str),
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        Self::from_value(parse_object(bytes, MAX_BUNDLE)?)
    }

    /// Reads a bundle from strictly parsed JSON.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn from_value(value: Value) -> Result<Self, FileError> {
        let mut bundle = Object::of(value, "bundle")?;
        check_type(&mut bundle, BUNDLE_TYPE)?;
        let mut heads = bundle.object("checkpoints")?;
        // In the file each proof stands with the head that it starts from; here with the one it leads to.
        let (before, to_after) = head(heads.object("before")?, true)?;
        let (after, to_current) = head(heads.object("after")?, true)?;
        let (current, _) = head(heads.object("current")?, false)?;
        heads.finish()?;
        let checkpoints = Checkpoints {
            before: Head {
                note: before,
                consistency: Vec::new(),
            },
            after: Head {
                note: after,
                consistency: to_after,
            },
            current: Head {
                note: current,
                consistency: to_current,
            },
        };
        let keys = bundle
            .array("keys", 2)?
            .into_iter()
            .map(KeyItem::from_value)
            .collect::<Result<_, _>>()?;
        let lists = bundle
            .array("lists", 3)?
            .into_iter()
            .map(ListItem::from_value)
            .collect::<Result<_, _>>()?;
        let record = canonical::to_vec(&bundle.take("record")?)?;
        let place = Place::take(&mut bundle)?;
        bundle.finish()?;
        Ok(Self {
            record,
            place,
            checkpoints,
            keys,
            lists,
        })
    }

    /// Writes the bundle as canonical JSON.
    ///
    /// # Errors
    /// [`FileError`] when record or lists are not strict JSON.
    pub fn to_canonical(&self) -> Result<Vec<u8>, FileError> {
        let heads = &self.checkpoints;
        let keys: Vec<Value> = self.keys.iter().map(KeyItem::to_value).collect();
        let lists = self
            .lists
            .iter()
            .map(ListItem::to_value)
            .collect::<Result<Vec<_>, _>>()?;
        let mut value = json!({
            "type": BUNDLE_TYPE,
            "version": VERSION,
            "record": embedded(&self.record)?,
            "checkpoints": {
                "before": { "note": heads.before.note, "consistency": texts(&heads.after.consistency) },
                "after": { "note": heads.after.note, "consistency": texts(&heads.current.consistency) },
                "current": { "note": heads.current.note },
            },
            "keys": keys,
            "lists": lists,
        });
        self.place.put(&mut value);
        Ok(canonical::to_vec(&value)?)
    }
}

impl Place {
    pub(super) fn take(object: &mut Object) -> Result<Self, FormError> {
        Ok(Self {
            entry: object.bytes("entry", MAX_ENTRY)?,
            index: object.number("index")?,
            inclusion: object.path("inclusion")?,
        })
    }

    pub(super) fn put(&self, value: &mut Value) {
        if let Value::Object(members) = value {
            members.insert("entry".into(), encode(&self.entry).into());
            members.insert("index".into(), self.index.into());
            members.insert("inclusion".into(), texts(&self.inclusion));
        }
    }
}

impl KeyItem {
    pub(super) fn from_value(value: Value) -> Result<Self, FormError> {
        let mut item = Object::of(value, "keys")?;
        let key = Self {
            note: item.text("note")?,
            place: Place::take(&mut item)?,
        };
        item.finish()?;
        Ok(key)
    }

    pub(super) fn to_value(&self) -> Value {
        let mut value = json!({ "note": self.note });
        self.place.put(&mut value);
        value
    }
}

impl ListItem {
    pub(super) fn from_value(value: Value) -> Result<Self, FileError> {
        let mut item = Object::of(value, "lists")?;
        let credential = canonical::to_vec(&item.take("credential")?)?;
        let list = Self {
            credential,
            place: Place::take(&mut item)?,
        };
        item.finish()?;
        Ok(list)
    }

    pub(super) fn to_value(&self) -> Result<Value, FileError> {
        let mut value = json!({ "credential": embedded(&self.credential)? });
        self.place.put(&mut value);
        Ok(value)
    }
}

/// Strict JSON of one object, with nothing around it but one final newline: a space too many would make two
/// files of one bundle.
pub(super) fn parse_object(bytes: &[u8], most: usize) -> Result<Value, FileError> {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let value = parse(
        text,
        Limits {
            bytes: most,
            depth: MAX_DEPTH,
        },
    )?;
    match text.starts_with(b"{") && text.ends_with(b"}") {
        true => Ok(value),
        false => Err(FileError::Surrounded),
    }
}

pub(super) fn check_type(object: &mut Object, wanted: &'static str) -> Result<(), FileError> {
    let same = object.text("type")? == wanted && object.number("version")? == VERSION;
    if same {
        Ok(())
    } else {
        Err(FileError::Type(wanted))
    }
}

pub(super) fn head(mut head: Object, with_proof: bool) -> Result<(String, Vec<Hash>), FormError> {
    let note = head.text("note")?;
    let path = if with_proof {
        head.path("consistency")?
    } else {
        Vec::new()
    };
    head.finish()?;
    Ok((note, path))
}

pub(super) fn texts(hashes: &[Hash]) -> Value {
    hashes.iter().map(|hash| Value::from(hash.to_base64())).collect()
}

/// A canonical document as part of another one.
pub(super) fn embedded(bytes: &[u8]) -> Result<Value, FileError> {
    Ok(parse(
        bytes,
        Limits {
            bytes: MAX_BUNDLE,
            depth: MAX_DEPTH,
        },
    )?)
}

/// Items by the digest of their bytes, as a bulk file's header keeps them.
pub type ByDigest<T> = BTreeMap<crate::record::digest::Digest, T>;

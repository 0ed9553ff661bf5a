//! Bulk files: many records, and once what they share (`records.md` §5), as NDJSON.
//!
//! Line 1 is the [`Header`]; each further line a [`Line`], canonical, so that the record's own canonical
//! bytes are a slice of it. The same types read and write.

use std::io::Write as _;

use serde_json::{Map, Value, json};

use super::bundle::{
    ByDigest, FileError, Head, KeyItem, ListItem, Place, VERSION, check_type, head, parse_object, texts,
};
use super::intake::{FormError, MAX_ENTRY, MAX_PATH, Object, decode, encode};
use crate::log::hash::Hash;
use crate::record::canonical::{self, Members, Raw, scan};
use crate::record::digest::Digest;

/// `type` of a bulk file's header.
pub const BULK_TYPE: &str = "LabourCreditBulk";
/// Longest header in bytes: some hundreds of status lists.
pub const MAX_HEADER: usize = 64 << 20;
/// Longest further line in bytes; a rule set is the longest record.
pub const MAX_LINE: usize = 1 << 20;
/// Most heads in a header.
const MAX_HEADS: usize = 1 << 16;

/// What all records of a bulk file share.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Header {
    /// Heads of the log, ascending; the last is the current one. Lines name them by position from 0.
    pub checkpoints: Vec<Head>,
    /// Key documents by the digest of the note; the one with the highest index is the newest.
    pub keys: ByDigest<KeyItem>,
    /// Status lists by the digest of the credential.
    pub lists: ByDigest<ListItem>,
}

/// One record of a bulk file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Position of the last head of size at most the record's index.
    pub before: u32,
    /// Position of the first head of size above the record's index.
    pub after: u32,
    /// Where the record stands in the log, with its path under the current head.
    pub place: Place,
    /// Digest of the key document that lists the signing key.
    pub key: Digest,
    /// Digests of the three status lists: revocation, suspension, refresh.
    pub lists: [Digest; 3],
    /// The record's canonical bytes.
    pub record: Vec<u8>,
}

/// The path of the last line, as text and taken apart: neighbours in the log share its end, which need not
/// be decoded again.
#[derive(Debug, Default)]
pub(super) struct LastPath<'a> {
    text: &'a str,
    hashes: Vec<Hash>,
}

/// A line taken apart in place.
pub(super) struct LineView<'a> {
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) entry: Vec<u8>,
    pub(super) index: u64,
    pub(super) inclusion: Vec<Hash>,
    pub(super) key: Digest,
    pub(super) lists: [Digest; 3],
    pub(super) record: Members<'a>,
}

impl Header {
    /// Reads a header line.
    ///
    /// # Errors
    /// [`FileError`]; a key of `keys` or `lists` that is not the digest of its value is one.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let mut header = Object::of(parse_object(bytes, MAX_HEADER)?, "header")?;
        check_type(&mut header, BULK_TYPE)?;
        let mut checkpoints = Vec::new();
        for item in header.array("checkpoints", MAX_HEADS)? {
            let (note, consistency) = head(Object::of(item, "checkpoints")?, true)?;
            checkpoints.push(Head { note, consistency });
        }
        let keys = by_digest(header.object("keys")?, "keys", |value| {
            let item = KeyItem::from_value(value)?;
            Ok((Digest::of(item.note.as_bytes()), item))
        })?;
        let lists = by_digest(header.object("lists")?, "lists", |value| {
            let item = ListItem::from_value(value)?;
            Ok((Digest::of(&item.credential), item))
        })?;
        header.finish()?;
        Ok(Self {
            checkpoints,
            keys,
            lists,
        })
    }

    /// Adds a key document; gives the digest by which lines name it.
    pub fn add_key(&mut self, item: KeyItem) -> Digest {
        let digest = Digest::of(item.note.as_bytes());
        self.keys.insert(digest, item);
        digest
    }

    /// Adds a status list; gives the digest by which lines name it.
    pub fn add_list(&mut self, item: ListItem) -> Digest {
        let digest = Digest::of(&item.credential);
        self.lists.insert(digest, item);
        digest
    }

    /// Writes the header line, canonical, with its newline.
    ///
    /// # Errors
    /// [`FileError`] when a list is not strict JSON.
    pub fn to_line(&self) -> Result<Vec<u8>, FileError> {
        let heads: Vec<Value> = self
            .checkpoints
            .iter()
            .map(|head| json!({ "note": head.note, "consistency": texts(&head.consistency) }))
            .collect();
        let keys: Map<String, Value> = self
            .keys
            .iter()
            .map(|(digest, item)| (digest.hex(), item.to_value()))
            .collect();
        let lists: Result<Map<String, Value>, FileError> = self
            .lists
            .iter()
            .map(|(digest, item)| Ok((digest.hex(), item.to_value()?)))
            .collect();
        let mut line = canonical::to_vec(&json!({
            "type": BULK_TYPE,
            "version": VERSION,
            "checkpoints": heads,
            "keys": keys,
            "lists": lists?,
        }))?;
        line.push(b'\n');
        Ok(line)
    }
}

impl Line {
    /// Appends the line, canonical, with its newline.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(self.record.len() + 1024);
        // Writing to a Vec cannot fail.
        let _ = write!(
            out,
            r#"{{"after":{},"before":{},"entry":"{}","inclusion":["#,
            self.after,
            self.before,
            encode(&self.place.entry)
        );
        for (place, hash) in self.place.inclusion.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\"{}\"", hash.to_base64());
        }
        let [revocation, suspension, refresh] = &self.lists;
        let _ = write!(
            out,
            r#"],"index":{},"key":"{}","lists":["{revocation}","{suspension}","{refresh}"],"record":"#,
            self.place.index, self.key
        );
        out.extend_from_slice(&self.record);
        out.extend_from_slice(b"}\n");
    }

    /// Reads a line without its newline.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        let view = LineView::parse(line, &mut LastPath::default())?;
        let number = |n: usize| u32::try_from(n).map_err(|_| "not a position".to_owned());
        Ok(Self {
            before: number(view.before)?,
            after: number(view.after)?,
            place: Place {
                entry: view.entry,
                index: view.index,
                inclusion: view.inclusion,
            },
            key: view.key,
            lists: view.lists,
            record: view.record.text().as_bytes().to_vec(),
        })
    }
}

impl<'a> LineView<'a> {
    /// Proves a line canonical and takes it apart.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse(line: &'a [u8], last: &mut LastPath<'a>) -> Result<Self, String> {
        if line.len() > MAX_LINE {
            return Err(format!("a line of more than {MAX_LINE} bytes"));
        }
        let members = scan(line).map_err(|error| error.to_string())?;
        let member = |name: &'static str| members.get(name).ok_or(FormError::Missing(name));
        let digest = |raw: Raw<'_>| raw.plain().and_then(|hex| Digest::parse_hex(hex).ok());
        let view = (|| {
            let lists = words(member("lists")?).and_then(|words| {
                words
                    .take(4)
                    .map(|hex| Digest::parse_hex(hex?).ok())
                    .collect::<Option<Vec<Digest>>>()
            });
            let lists = lists.and_then(|lists| lists.try_into().ok());
            let record = members.object("record").ok_or(FormError::NotObject("record"))?;
            Ok::<_, FormError>(Self {
                before: number(member("before")?, "before")?,
                after: number(member("after")?, "after")?,
                entry: entry(member("entry")?)?,
                index: number(member("index")?, "index")?,
                inclusion: last
                    .path(member("inclusion")?)
                    .ok_or(FormError::Kind("inclusion", "an array of base64 hashes"))?,
                key: digest(member("key")?).ok_or(FormError::Kind("key", "a digest"))?,
                lists: lists.ok_or(FormError::Kind("lists", "three digests"))?,
                record,
            })
        })()
        .map_err(|error| error.to_string())?;
        // Eight names are found above, so exactly eight members are those.
        if members.len() == 8 {
            Ok(view)
        } else {
            Err("unknown member in the line".to_owned())
        }
    }
}

fn number<T: TryFrom<i64>>(raw: Raw<'_>, name: &'static str) -> Result<T, FormError> {
    let number = raw.integer().and_then(|n| T::try_from(n).ok());
    number.ok_or(FormError::Kind(name, "a whole number from 0"))
}

fn entry(raw: Raw<'_>) -> Result<Vec<u8>, FormError> {
    let bytes = raw
        .plain()
        .and_then(decode)
        .filter(|bytes| bytes.len() <= MAX_ENTRY);
    bytes.ok_or(FormError::Kind("entry", "canonical base64 of acceptable length"))
}

impl<'a> LastPath<'a> {
    /// Decodes a path, as far as it is not that of the last line.
    fn path(&mut self, raw: Raw<'a>) -> Option<Vec<Hash>> {
        /// A hash's base64 in quotes, and the comma before it.
        const ITEM: usize = 47;
        let inner = raw.text().strip_prefix('[')?.strip_suffix(']')?;
        // The last path was read, so each of its items is this long; the first lacks the comma.
        let pairs = inner
            .as_bytes()
            .rchunks_exact(ITEM)
            .zip(self.text.as_bytes().rchunks_exact(ITEM));
        let shared = pairs.take_while(|(new, old)| new == old).count();
        let own = inner.get(..inner.len() - shared * ITEM)?;
        let mut hashes = Vec::with_capacity(self.hashes.len().max(8));
        for word in words_within(own).take(MAX_PATH + 1) {
            hashes.push(Hash::from_base64(word?)?);
        }
        hashes.extend_from_slice(self.hashes.get(self.hashes.len() - shared..)?);
        if hashes.len() > MAX_PATH {
            return None;
        }
        (self.text, self.hashes) = (inner, hashes.clone());
        Some(hashes)
    }
}

/// The strings of a canonical array, when none of them holds a comma: neither base64 nor hexadecimal does,
/// and anything else will not decode. Cheaper than to look for their ends once more.
fn words<'a>(raw: Raw<'a>) -> Option<impl Iterator<Item = Option<&'a str>>> {
    Some(words_within(raw.text().strip_prefix('[')?.strip_suffix(']')?))
}

fn words_within(inner: &str) -> impl Iterator<Item = Option<&str>> {
    let words = (!inner.is_empty())
        .then(|| inner.split(','))
        .into_iter()
        .flatten();
    words.map(|word| word.strip_prefix('"')?.strip_suffix('"'))
}

fn by_digest<T>(
    object: Object,
    name: &'static str,
    read: impl Fn(Value) -> Result<(Digest, T), FileError>,
) -> Result<ByDigest<T>, FileError> {
    let mut items = ByDigest::new();
    for (hex, value) in object.rest() {
        let (digest, item) = read(value)?;
        if digest.hex() != hex {
            return Err(FormError::Kind(name, "keyed by the digests of its values").into());
        }
        items.insert(digest, item);
    }
    Ok(items)
}

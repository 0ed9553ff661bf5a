//! Reading proven canonical text in place: members and values as slices of it.
//!
//! A tape lists members in the order of the text: each is followed by those inside its value, so the
//! members of an inner object are a stretch of its parent's tape.
//!
//! Built only by [`super::scan()`], so everything here may rely on canonical form; a value that is not
//! of the asked kind answers `None`.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::escape::long;
use super::scan::{items, scan_text};

/// One member's places in the scanned text: of the key's opening quote, of the value, past the value;
/// and how many entries of the tape it takes, those inside its value included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: usize,
    pub(super) value: usize,
    pub(super) end: usize,
    pub(super) span: usize,
}

/// A canonical object and where its members lie.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    text: &'a str,
    /// Where `text` begins in the scanned text, to which the tape's places refer.
    base: usize,
    tape: Vec<Member>,
}

/// A canonical JSON value as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Members<'a> {
    pub(super) fn new(text: &'a str, tape: Vec<Member>) -> Self {
        Self { text, base: 0, tape }
    }

    /// The whole object.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many members the object has.
    pub fn len(&self) -> usize {
        self.entries().count()
    }

    /// Whether the object is `{}`.
    pub fn is_empty(&self) -> bool {
        self.tape.is_empty()
    }

    /// Names (as written, without their quotes) and values, in canonical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Raw<'a>)> {
        self.entries()
            .map(|(_, member)| (self.name(member), self.value(member)))
    }

    /// The value of a member whose name needs no escape.
    pub fn get(&self, wanted: &str) -> Option<Raw<'a>> {
        self.find(wanted).map(|(_, member)| self.value(member))
    }

    /// The object that is the value of such a member; not scanned again.
    pub fn object(&self, wanted: &str) -> Option<Self> {
        let (at, member) = self.find(wanted)?;
        let text = self.value(member).text();
        let tape = self.tape.get(at + 1..at + member.span)?.to_vec();
        let base = member.value;
        text.starts_with('{').then_some(Self { text, base, tape })
    }

    /// The object's text without one member, as the two pieces around it: their concatenation is
    /// again canonical. `None` if there is no such member, or no other.
    pub fn without(&self, wanted: &str) -> Option<[&'a str; 2]> {
        let (_, member) = self.find(wanted)?;
        let (key, end) = (member.key - self.base, member.end - self.base);
        // Every member is preceded by `{` or `,`; take the comma before it, or, for the first, after it.
        let first = key == 1;
        if first && self.len() == 1 {
            return None;
        }
        let (from, to) = if first { (key, end + 1) } else { (key - 1, end) };
        Some([self.text.get(..from)?, self.text.get(to..)?])
    }

    /// The object's own members, each with its place on the tape.
    fn entries(&self) -> impl Iterator<Item = (usize, &Member)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let member = self.tape.get(at)?;
            let found = (at, member);
            at += member.span;
            Some(found)
        })
    }

    fn find(&self, wanted: &str) -> Option<(usize, &Member)> {
        // Two quotes and the colon; most names differ in length already.
        let length = wanted.len() + 3;
        self.entries()
            .find(|(_, member)| member.value - member.key == length && self.name(member) == wanted)
    }

    fn name(&self, member: &Member) -> &'a str {
        // key's quote, name, quote, colon, value
        let (from, to) = (member.key + 1 - self.base, member.value - 2 - self.base);
        self.text.get(from..to).unwrap_or_default()
    }

    fn value(&self, member: &Member) -> Raw<'a> {
        let (from, to) = (member.value - self.base, member.end - self.base);
        Raw(self.text.get(from..to).unwrap_or_default())
    }
}

impl<'a> Raw<'a> {
    /// The value's canonical text.
    pub fn text(self) -> &'a str {
        self.0
    }

    /// A string that holds no escape, without its quotes.
    pub fn plain(self) -> Option<&'a str> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        (!inner.contains('\\')).then_some(inner)
    }

    /// A string, unescaped where needed.
    pub fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        Some(unescape(inner))
    }

    /// An integer.
    pub fn integer(self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// An object's members, scanned again; prefer [`Members::object`].
    pub fn object(self) -> Option<Members<'a>> {
        scan_text(self.0).ok()
    }

    /// An array's items.
    pub fn items(self) -> Option<Vec<Raw<'a>>> {
        Some(items(self.0)?.into_iter().map(Raw).collect())
    }

    /// An array of strings.
    pub fn strings(self) -> Option<Vec<Cow<'a, str>>> {
        self.items()?.into_iter().map(Raw::string).collect()
    }
}

/// Order of two member names as written, by UTF-16 code units (RFC 8785, §3.2.3).
pub(super) fn compare_names(left: &[u8], right: &[u8]) -> Ordering {
    // UTF-8 bytes order like UTF-16 units but for surrogates against U+E000–U+FFFF; an escape stands
    // for a character that sorts before or after what its backslash would.
    let simple = |byte: &u8| *byte != b'\\' && *byte < 0xee;
    match (left.first(), right.first()) {
        (Some(a), Some(b)) if a != b && simple(a) && simple(b) => return a.cmp(b),
        _ if left.iter().chain(right).all(simple) => return left.cmp(right),
        _ => {}
    }
    let text = |name| std::str::from_utf8(name).map(unescape).unwrap_or_default();
    text(left).encode_utf16().cmp(text(right).encode_utf16())
}

fn unescape(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let control = escape.strip_prefix("u00").and_then(|hex| hex.get(..2));
        let (byte, used) = match control.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => (byte, 5),
            None => (escape.bytes().next().and_then(long).unwrap_or(b'?'), 1),
        };
        out.push(char::from(byte));
        rest = escape.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

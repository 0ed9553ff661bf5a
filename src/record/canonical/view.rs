//! Reading proven canonical text in place: members and values as slices of it.
//!
//! Built only by [`super::scan`], so everything here may rely on canonical form; a value that is not
//! of the asked kind answers `None`.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::escape::long;
use super::scan::{items, scan_text};

/// Places of one member in its text: of the key's opening quote, of the value, and past the value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: usize,
    pub(super) value: usize,
    pub(super) end: usize,
}

/// A canonical object and where its members lie.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    text: &'a str,
    members: Vec<Member>,
}

/// A canonical JSON value as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Members<'a> {
    pub(super) fn new(text: &'a str, members: Vec<Member>) -> Self {
        Self { text, members }
    }

    /// The whole object.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many members the object has.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the object is `{}`.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Names (as written, without their quotes) and values, in canonical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Raw<'a>)> {
        let text = self.text;
        self.members
            .iter()
            .map(move |member| (name(text, member), value(text, member)))
    }

    /// The value of a member whose name needs no escape.
    pub fn get(&self, wanted: &str) -> Option<Raw<'a>> {
        self.find(wanted).map(|member| value(self.text, member))
    }

    /// The object's text without one member, as the two pieces around it: their concatenation is
    /// again canonical. `None` if there is no such member, or no other.
    pub fn without(&self, wanted: &str) -> Option<[&'a str; 2]> {
        let member = self.find(wanted)?;
        // Every member is preceded by `{` or `,`; take the comma before it, or, for the first, after it.
        let first = member.key == 1;
        if first && self.members.len() == 1 {
            return None;
        }
        let from = if first { member.key } else { member.key - 1 };
        let to = if first { member.end + 1 } else { member.end };
        Some([self.text.get(..from)?, self.text.get(to..)?])
    }

    fn find(&self, wanted: &str) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| name(self.text, member) == wanted)
    }
}

fn name<'a>(text: &'a str, member: &Member) -> &'a str {
    // key's quote, name, quote, colon, value
    text.get(member.key + 1..member.value - 2).unwrap_or_default()
}

fn value<'a>(text: &'a str, member: &Member) -> Raw<'a> {
    Raw(text.get(member.value..member.end).unwrap_or_default())
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

    /// An object's members.
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
    let simple = |name: &[u8]| !name.iter().any(|byte| *byte == b'\\' || *byte >= 0xee);
    if simple(left) && simple(right) {
        return left.cmp(right);
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

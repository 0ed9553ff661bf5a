//! A one-pass proof that bytes are canonical JSON in the strict dialect that records use.
//!
//! Accepts exactly what the RFC 8785 serialiser would write for a strictly read object: no white
//! space, members in UTF-16 order without repetition, minimal escapes, integers strictly between
//! −2^53 and 2^53 without `-0`. Everything else is refused with its place. The places of all members,
//! nested ones included, are kept on one tape, so that nothing is scanned twice.

use super::escape::{long, plain_prefix, short};
use super::view::{Member, Members, compare_names};
use crate::record::json::INTEGER_LIMIT;

/// Objects and arrays inside each other at most; the same as the strict intake's default.
const DEPTH: usize = 32;
/// Longest text, so that places fit `u32` with room to spare: 64 MiB.
const LENGTH: usize = 64 << 20;

/// Why bytes are not canonical. Places are byte offsets from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Not UTF-8.
    #[error("the text is not UTF-8 (at byte {0})")]
    Utf8(usize),
    /// Longer than 64 MiB.
    #[error("the text is {0} bytes long, more than 64 MiB")]
    Length(usize),
    /// Deeper than 32 levels.
    #[error("the text is nested deeper than 32 levels (at byte {0})")]
    Depth(usize),
    /// The text is not an object.
    #[error("the text is not a JSON object")]
    NotObject,
    /// White space, a syntax error or an early end.
    #[error("unexpected byte, white space or end (at byte {0})")]
    Unexpected(usize),
    /// Something after the object.
    #[error("there are bytes after the JSON object (at byte {0})")]
    Trailing(usize),
    /// A fraction, an exponent, a leading zero, negative zero.
    #[error("numbers must be plain integers (at byte {0})")]
    Number(usize),
    /// An integer of 2^53 or more, or −2^53 or less.
    #[error("integers must lie strictly between -2^53 and 2^53 (at byte {0})")]
    Range(usize),
    /// An escape that canonical form does not write, a lone surrogate included.
    #[error("an escape is not the canonical one (at byte {0})")]
    Escape(usize),
    /// A member out of UTF-16 order.
    #[error("object members are not in canonical order (at byte {0})")]
    Order(usize),
    /// The same member twice.
    #[error("an object member occurs twice (at byte {0})")]
    Duplicate(usize),
}

/// Proves `bytes` canonical and finds the top-level members.
///
/// # Errors
/// The first [`NotCanonical`] reason found.
pub fn scan(bytes: &[u8]) -> Result<Members<'_>, NotCanonical> {
    if bytes.len() > LENGTH {
        return Err(NotCanonical::Length(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| NotCanonical::Utf8(error.valid_up_to()))?;
    scan_text(text)
}

/// [`scan`] for text known to be UTF-8 and not over-long.
pub(super) fn scan_text(text: &str) -> Result<Members<'_>, NotCanonical> {
    let mut cursor = Cursor::new(text, 0);
    // A bulk file's line has about 75 members.
    cursor.tape.reserve(80);
    if cursor.peek() != Some(b'{') {
        return Err(NotCanonical::NotObject);
    }
    cursor.object(DEPTH)?;
    if cursor.at < text.len() {
        return Err(NotCanonical::Trailing(cursor.at));
    }
    Ok(Members::new(text, cursor.tape))
}

/// The extents of the items of a canonical array, which `text` is known to be.
pub(super) fn items(text: &str) -> Option<Vec<&str>> {
    let mut cursor = Cursor::new(text, 1);
    let mut found = Vec::with_capacity(4);
    if !text.starts_with('[') {
        return None;
    }
    if cursor.peek() == Some(b']') {
        return Some(found);
    }
    loop {
        let start = cursor.at;
        cursor.value(DEPTH).ok()?;
        found.push(text.get(start..cursor.at)?);
        if cursor.next()? == b']' {
            return Some(found);
        }
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    tape: Vec<Member>,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        let (bytes, tape) = (text.as_bytes(), Vec::new());
        Self { bytes, at, tape }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotCanonical> {
        if self.peek() != Some(byte) {
            return Err(NotCanonical::Unexpected(self.at));
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<(), NotCanonical> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err(NotCanonical::Unexpected(self.at)),
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), NotCanonical> {
        if !self.rest().starts_with(word) {
            return Err(NotCanonical::Unexpected(self.at));
        }
        self.at += word.len();
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<(), NotCanonical> {
        let depth = depth.checked_sub(1).ok_or(NotCanonical::Depth(self.at))?;
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let mut last: Option<&[u8]> = None;
        loop {
            let key = self.at;
            self.string()?;
            let name = self.bytes.get(key + 1..self.at - 1).unwrap_or_default();
            if let Some(last) = last {
                match compare_names(last, name) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => return Err(NotCanonical::Duplicate(key)),
                    std::cmp::Ordering::Greater => return Err(NotCanonical::Order(key)),
                }
            }
            last = Some(name);
            self.expect(b':')?;
            let slot = self.tape.len();
            let (value, end) = (self.at, self.at);
            self.tape.push(Member {
                key,
                value,
                end,
                span: 1,
            });
            self.value(depth)?;
            let (end, span) = (self.at, self.tape.len() - slot);
            if let Some(member) = self.tape.get_mut(slot) {
                (member.end, member.span) = (end, span);
            }
            match self.next() {
                Some(b',') => {}
                Some(b'}') => return Ok(()),
                _ => return Err(NotCanonical::Unexpected(self.at.min(self.bytes.len()))),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), NotCanonical> {
        let depth = depth.checked_sub(1).ok_or(NotCanonical::Depth(self.at))?;
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value(depth)?;
            match self.next() {
                Some(b',') => {}
                Some(b']') => return Ok(()),
                _ => return Err(NotCanonical::Unexpected(self.at.min(self.bytes.len()))),
            }
        }
    }

    fn number(&mut self) -> Result<(), NotCanonical> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let digits = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let text = self.rest().get(..digits).unwrap_or_default();
        self.at += digits;
        let leading_zero = text.first() == Some(&b'0');
        let odd = digits == 0 || leading_zero && (digits > 1 || negative);
        if odd || matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(NotCanonical::Number(start));
        }
        // 2^53 has 16 digits, and 16 digits fit u64.
        let value = text.iter().fold(0u64, |sum, digit| {
            sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
        });
        if digits > 16 || value >= INTEGER_LIMIT {
            return Err(NotCanonical::Range(start));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), NotCanonical> {
        self.expect(b'"')?;
        loop {
            self.at += plain_prefix(self.rest());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                _ => return Err(NotCanonical::Unexpected(self.at)),
            }
        }
    }

    /// `\n` and its like, or `\u00xx` in lower case for the other control characters; nothing else.
    fn escape(&mut self) -> Result<(), NotCanonical> {
        let start = self.at;
        let length = match self.rest() {
            [
                _,
                b'u',
                b'0',
                b'0',
                high @ (b'0' | b'1'),
                low @ (b'0'..=b'9' | b'a'..=b'f'),
                ..,
            ] => {
                let low = if *low <= b'9' { low - b'0' } else { low - b'a' + 10 };
                if short((high - b'0') * 16 + low).is_some() {
                    return Err(NotCanonical::Escape(start));
                }
                6
            }
            [_, letter, ..] if long(*letter).is_some() => 2,
            _ => return Err(NotCanonical::Escape(start)),
        };
        self.at += length;
        Ok(())
    }
}

//! Writes canonical JSON straight into one buffer, for shapes whose member order is known.
//!
//! The caller writes punctuation and member names as literals in canonical order; the writer knows
//! only how values are spelled. It cannot check the order: tests compare with the crate's bytes.

use super::escape::{plain_prefix, short};

/// A growing canonical JSON text.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty text with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
        }
    }

    /// Text that is canonical already: punctuation, names, constants.
    pub fn raw(&mut self, text: &str) -> &mut Self {
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    /// ASCII bytes that are canonical already, such as a date's digits.
    pub fn ascii(&mut self, bytes: &[u8]) -> &mut Self {
        debug_assert!(bytes.is_ascii());
        self.out.extend_from_slice(bytes);
        self
    }

    /// A string with its quotes, escaped as RFC 8785 demands.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.out.push(b'"');
        let mut rest = text.as_bytes();
        loop {
            let (plain, tail) = rest.split_at_checked(plain_prefix(rest)).unwrap_or((rest, &[]));
            self.out.extend_from_slice(plain);
            let Some((special, after)) = tail.split_first() else {
                break;
            };
            match short(*special) {
                Some(letter) => self.out.extend_from_slice(&[b'\\', letter]),
                None => {
                    let low = special & 15;
                    let low = if low < 10 { b'0' + low } else { b'a' + low - 10 };
                    self.out
                        .extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (special >> 4), low]);
                }
            }
            rest = after;
        }
        self.out.push(b'"');
        self
    }

    /// An unsigned integer below 2^32 in decimal, without quotes.
    pub fn integer(&mut self, value: u32) -> &mut Self {
        let mut digits = [0; 10];
        let mut rest = value;
        let mut used = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            used += 1;
            if rest == 0 {
                break;
            }
        }
        self.out.extend_from_slice(digits.split_at(digits.len() - used).1);
        self
    }

    /// An array of strings, in the given order.
    pub fn strings<'a>(&mut self, items: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.out.push(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.string(item);
        }
        self.out.push(b']');
        self
    }

    /// How many bytes are written.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// What is written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.out
    }

    /// The finished text.
    pub fn into_vec(self) -> Vec<u8> {
        self.out
    }
}

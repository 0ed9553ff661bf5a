//! Taking apart a strictly parsed JSON object: every member is asked for by name, and what nobody asked for
//! is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::log::hash::Hash;

/// Longest inclusion or consistency path: two hashes for each of 64 levels, never reached.
pub(super) const MAX_PATH: usize = 128;
/// Longest log entry in bytes; ours have about 130.
pub(super) const MAX_ENTRY: usize = 1 << 10;

/// Why an object is not of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Not an object.
    #[error("“{0}” is not an object")]
    NotObject(&'static str),
    /// A member is missing.
    #[error("“{0}” is missing")]
    Missing(&'static str),
    /// A member is of another kind or too long.
    #[error("“{0}” is not {1}")]
    Kind(&'static str, &'static str),
    /// A member that the format does not have.
    #[error("unknown member “{0}” in “{1}”")]
    Unknown(String, &'static str),
}

/// An object whose members are taken out one by one.
pub(super) struct Object {
    name: &'static str,
    members: Map<String, Value>,
}

impl Object {
    pub(super) fn of(value: Value, name: &'static str) -> Result<Self, FormError> {
        match value {
            Value::Object(members) => Ok(Self { name, members }),
            _ => Err(FormError::NotObject(name)),
        }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Result<Value, FormError> {
        self.members.remove(name).ok_or(FormError::Missing(name))
    }

    pub(super) fn object(&mut self, name: &'static str) -> Result<Object, FormError> {
        Object::of(self.take(name)?, name)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, FormError> {
        match self.take(name)? {
            Value::String(text) => Ok(text),
            _ => Err(FormError::Kind(name, "a string")),
        }
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<u64, FormError> {
        self.take(name)?
            .as_u64()
            .ok_or(FormError::Kind(name, "a whole number from 0"))
    }

    pub(super) fn array(&mut self, name: &'static str, most: usize) -> Result<Vec<Value>, FormError> {
        match self.take(name)? {
            Value::Array(items) if items.len() <= most => Ok(items),
            _ => Err(FormError::Kind(name, "an array of acceptable length")),
        }
    }

    pub(super) fn texts(&mut self, name: &'static str, most: usize) -> Result<Vec<String>, FormError> {
        let text = |item| match item {
            Value::String(text) => Ok(text),
            _ => Err(FormError::Kind(name, "an array of strings")),
        };
        self.array(name, most)?.into_iter().map(text).collect()
    }

    /// Bytes in canonical standard base64.
    pub(super) fn bytes(&mut self, name: &'static str, most: usize) -> Result<Vec<u8>, FormError> {
        let bytes = decode(&self.text(name)?).filter(|bytes| bytes.len() <= most);
        bytes.ok_or(FormError::Kind(name, "canonical base64 of acceptable length"))
    }

    /// A path of hashes.
    pub(super) fn path(&mut self, name: &'static str) -> Result<Vec<Hash>, FormError> {
        let texts = self.texts(name, MAX_PATH)?;
        let path = texts
            .iter()
            .map(|text| Hash::from_base64(text))
            .collect::<Option<_>>();
        path.ok_or(FormError::Kind(name, "an array of base64 hashes"))
    }

    /// All remaining members, for maps keyed by digests.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.members
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), FormError> {
        match self.members.into_iter().next() {
            Some((name, _)) => Err(FormError::Unknown(shorten(name), self.name)),
            None => Ok(()),
        }
    }
}

/// Standard base64 with padding and without slack in the last bits; `None` otherwise.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Names from outside are repeated in messages, but not at any length.
fn shorten(name: String) -> String {
    name.chars().take(40).collect()
}

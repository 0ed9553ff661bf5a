//! Canonical JSON (RFC 8785, JCS): the bytes that are hashed, signed, stored and served.
//!
//! Three ways, for three needs: [`to_vec`] canonicalises any value by a well-kept crate; [`Writer`]
//! writes shapes whose member order is known at compile time, ten times faster and byte for byte
//! equal (a property test holds them together); [`scan()`] proves in one pass that bytes already are
//! canonical and finds their members, so that verification never serialises anything again.

mod escape;
mod scan;
mod view;
mod writer;

pub use scan::{NotCanonical, scan};
pub use view::{Members, Raw};
pub use writer::Writer;

/// A value has no canonical form: it does not serialise, or holds a number that is not finite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value has no canonical JSON form: {0}")]
pub struct CanonicalError(String);

/// The canonical bytes of any value.
///
/// Numbers follow RFC 8785, so floats and integers of 2^53 or more are *rounded*: values from outside
/// must have passed [`crate::record::json::parse`], which refuses them.
///
/// # Errors
/// [`CanonicalError`].
pub fn to_vec<T: serde::Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    serde_json_canonicalizer::to_vec(&value).map_err(|error| CanonicalError(error.to_string()))
}

#[cfg(test)]
mod tests;

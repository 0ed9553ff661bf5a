//! Standard base64 (RFC 4648 §4), canonical only: padding required, unused trailing bits must be zero.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Encodes with padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes; `None` for anything that [`encode`] would not have written.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Decodes into a buffer; gives the length. `None` as for [`decode`], or when the buffer is too short.
pub(super) fn decode_into(text: &str, buffer: &mut [u8]) -> Option<usize> {
    STANDARD.decode_slice(text, buffer).ok()
}

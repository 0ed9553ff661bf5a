//! What a client reads out of a witness's answer. A witness is a stranger: its bytes are bounded, lines of
//! other keys are ignored, and a cosignature counts only when it verifies.

use super::super::key::{KeyKind, VerifierKey};
use super::super::note::{MAX_SIGNATURES, Note, SignatureLine};
use super::super::tile::decimal;

/// Longest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 1 << 14;
/// Media type of the size in a 409.
pub const SIZE_MEDIA: &str = "text/x.tlog.size";

/// Why an answer brings no cosignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not lines of signatures, or too many bytes or lines of them.
    #[error("the answer is not a list of note signatures")]
    Form,
    /// A line that bears the witness's key does not verify.
    #[error("the cosignature does not verify")]
    BadSignature,
    /// No line bears the witness's key.
    #[error("the answer has no cosignature by the witness's key")]
    Missing,
}

/// The cosignatures of `key` on `note` in the body of a 200, each with its time in POSIX seconds.
///
/// # Errors
/// [`AnswerError`].
pub fn cosignatures(
    body: &[u8],
    note: &Note,
    key: &VerifierKey,
) -> Result<Vec<(SignatureLine, u64)>, AnswerError> {
    let text = std::str::from_utf8(body).map_err(|_| AnswerError::Form)?;
    let lines = text.strip_suffix('\n').ok_or(AnswerError::Form)?;
    if body.len() > MAX_ANSWER || key.kind() != KeyKind::Cosignature {
        return Err(AnswerError::Form);
    }
    let mut found = Vec::new();
    for (number, line) in lines.split('\n').enumerate() {
        if number == MAX_SIGNATURES {
            return Err(AnswerError::Form);
        }
        let line = SignatureLine::parse(line).ok_or(AnswerError::Form)?;
        if line.name != key.name() || line.key_id != key.id() {
            continue;
        }
        let time = key.verify(note.text(), &line.signature).flatten();
        found.push((line, time.ok_or(AnswerError::BadSignature)?));
    }
    if found.is_empty() {
        return Err(AnswerError::Missing);
    }
    Ok(found)
}

/// The size in the body of a 409; `None` for anything but a decimal and a newline.
pub fn stale_size(body: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(body).ok()?;
    decimal(text.strip_suffix('\n')?)
}

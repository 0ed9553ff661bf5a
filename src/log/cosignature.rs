//! Witness cosignatures (C2SP tlog-cosignature 1.0.1, Ed25519, type 0x04): “as of this time, the largest
//! tree I have seen of this log has this root, and it extends every one that I saw before”.

use super::key::VerifierKey;
use super::note::{Note, SignatureLine};

/// The message that a witness signs for a checkpoint's text at a time in POSIX seconds.
pub fn message(time: u64, checkpoint: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{checkpoint}").into_bytes()
}

/// Splits the signature of a line into time and Ed25519 signature; `None` for another length or a time
/// past 2^63 - 1.
pub(super) fn split(signature: &[u8]) -> Option<(u64, &[u8; 64])> {
    let (time, signature) = signature.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    (time <= i64::MAX as u64).then_some(())?;
    Some((time, signature.try_into().ok()?))
}

/// Cosigns a checkpoint note with a key of type cosignature; `sign` turns the message into a raw signature.
/// The caller has checked consistency and stored the new size first.
///
/// # Errors
/// Whatever `sign` says.
pub fn cosign<E>(
    note: &Note,
    key: &VerifierKey,
    time: u64,
    sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
) -> Result<SignatureLine, E> {
    let raw = sign(&message(time, note.text()))?;
    let signature = [time.to_be_bytes().as_slice(), &raw].concat();
    Ok(SignatureLine {
        name: key.name().to_owned(),
        key_id: key.id(),
        signature,
    })
}

//! Bodies of up to 256 entries in one file: each behind its length in four bytes, big-endian; none has the
//! length 0. The file of the entries from 256·N on is named as the entry bundle N is.

use crate::log::tile::BundleId;

/// Longest body, in bytes: a key document is the longest, at 256 KiB and its signatures.
pub(super) const MAX_BODY: usize = 288 << 10;
/// Entries in a segment.
pub(super) const WIDTH: u64 = 256;
/// Longest segment, in bytes.
pub(super) const MAX_SEGMENT: u64 = WIDTH * (MAX_BODY as u64 + 4);

/// The bodies of consecutive entries, the first one's index being a multiple of 256.
pub(super) type Bodies = Vec<Option<Vec<u8>>>;

/// Name of a segment below the folder of bodies.
pub(super) fn name(number: u64) -> String {
    let bundle = BundleId {
        index: number,
        width: 256,
    };
    let path = bundle.to_string();
    path.strip_prefix("tile/entries/").unwrap_or(&path).to_owned()
}

pub(super) fn encode(bodies: &[Option<Vec<u8>>]) -> Vec<u8> {
    let mut out = Vec::new();
    for body in bodies {
        let bytes = body.as_deref().unwrap_or_default();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(bytes);
    }
    out
}

/// `None` for bytes that [`encode`] would not have written.
pub(super) fn decode(bytes: &[u8]) -> Option<Bodies> {
    let (mut rest, mut bodies) = (bytes, Bodies::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (body, after) = after.split_at_checked(length).filter(|_| length <= MAX_BODY)?;
        bodies.push((length > 0).then(|| body.to_vec()));
        rest = after;
    }
    (rest.is_empty() && bodies.len() as u64 <= WIDTH).then_some(bodies)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_those_of_bundles() {
        assert_eq!(name(7), "007");
        assert_eq!(name(1_234_067), "x001/x234/067");
    }

    proptest! {
        #[test]
        fn round_trip(bodies in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 1..9)), 0..=256)) {
            prop_assert_eq!(decode(&encode(&bodies)), Some(bodies));
        }

        #[test]
        fn hostile_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(bodies) = decode(&bytes) { prop_assert_eq!(encode(&bodies), bytes); }
        }
    }
}

//! Entry bundles (C2SP tlog-tiles 0.1, “Log entries”): up to 256 entries, each behind its big-endian 16-bit
//! length.

/// Longest entry that a bundle can carry, in bytes.
pub const MAX_ENTRY: usize = u16::MAX as usize;
/// Most entries in a bundle.
pub const MAX_ENTRIES: usize = 256;

/// Why a bundle was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than 65,535 bytes.
    #[error("an entry of {0} bytes is longer than 65535")]
    EntryTooLong(usize),
    /// Not between 1 and 256 entries.
    #[error("a bundle holds 1 to 256 entries")]
    Count,
    /// The bytes end within an entry.
    #[error("the bundle ends within an entry")]
    Truncated,
}

/// Writes a bundle.
///
/// # Errors
/// [`BundleError::EntryTooLong`]; [`BundleError::Count`].
pub fn encode<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.is_empty() || entries.len() > MAX_ENTRIES {
        return Err(BundleError::Count);
    }
    let mut bundle = Vec::with_capacity(entries.iter().map(|entry| entry.as_ref().len() + 2).sum());
    for entry in entries.iter().map(AsRef::as_ref) {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(entry.len()))?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Reads a bundle into its entries, borrowed from the bytes.
///
/// # Errors
/// [`BundleError::Truncated`]; [`BundleError::Count`].
pub fn decode(bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(BundleError::Truncated)?;
        if entries.len() == MAX_ENTRIES {
            return Err(BundleError::Count);
        }
        entries.push(entry);
        rest = after;
    }
    match (rest.is_empty(), entries.is_empty()) {
        (false, _) => Err(BundleError::Truncated),
        (true, true) => Err(BundleError::Count),
        (true, false) => Ok(entries),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits() {
        assert_eq!(decode(b""), Err(BundleError::Count));
        assert_eq!(decode(b"\x00"), Err(BundleError::Truncated));
        assert_eq!(decode(b"\x00\x02a"), Err(BundleError::Truncated));
        assert_eq!(decode(&[0; 2 * 257]), Err(BundleError::Count));
        assert_eq!(encode::<&[u8]>(&[]), Err(BundleError::Count));
        assert_eq!(encode(&[vec![0; 65_536]]), Err(BundleError::EntryTooLong(65_536)));
    }

    proptest! {
        #[test]
        fn round_trip(entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 1..=256)) {
            let bundle = encode(&entries).unwrap();
            prop_assert_eq!(decode(&bundle).unwrap(), entries);
        }

        #[test]
        fn hostile_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            if let Ok(entries) = decode(&bytes) { prop_assert_eq!(encode(&entries).unwrap(), bytes); }
        }
    }
}

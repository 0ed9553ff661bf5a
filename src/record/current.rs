//! What is current, as snapshots count it (`records.md` §6): the leaf of one employer, its key, and the
//! digest over all current bodies.
//!
//! Current is a credential with a status that, at a moment, is neither revoked nor refreshed (replaced)
//! nor expired; a suspended one counts. It refuses to find out: bits and times are the caller's.

use sha2::{Digest as _, Sha256};

use super::credential::{Employer, EmployerId};
use super::digest::Digest;

/// Bytes of a leaf before its digests: 32 of the key, 4 of the count.
const HEAD: usize = 36;
/// Most current records of one employer: a year's grade and a handful of listings make a few dozen in a
/// lifetime, and a statement must stay small.
pub const MAX_RECORDS: usize = 10_000;

/// What identifies an employer in a snapshot's tree, as text: `uscc:CODE` or `reg:DIVISION:NUMBER`.
pub fn name(employer: &Employer<'_>) -> String {
    match &employer.id {
        EmployerId::UnifiedCode(code) => format!("uscc:{code}"),
        EmployerId::RegistrationNumber(number) => format!("reg:{}:{number}", employer.division),
    }
}

/// The key of a [`name`]: its SHA-256.
pub fn key(name: &str) -> [u8; 32] {
    Sha256::digest(name).into()
}

/// Whether a text has the form of a [`name`]: `uscc:` and 18 digits and capitals, or `reg:`, six digits,
/// `:` and 13 to 15 digits.
pub fn is_name(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    if let Some(code) = text.strip_prefix("uscc:") {
        return code.len() == 18 && code.bytes().all(plain);
    }
    let parts = text.strip_prefix("reg:").and_then(|rest| rest.split_once(':'));
    parts.is_some_and(|(division, number)| {
        division.len() == 6 && digits(division) && (13..=15).contains(&number.len()) && digits(number)
    })
}

/// One employer's leaf: key (32 bytes) ‖ count (uint32, big-endian) ‖ sorted digests (32 bytes each).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// SHA-256 of the employer's [`name`].
    pub key: [u8; 32],
    /// Digests of its current records, ascending; at least one.
    pub digests: Vec<Digest>,
}

/// The bytes are no leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a leaf is a key, the number of digests from 1 to {MAX_RECORDS}, and that many ascending digests")]
pub struct HoldingError;

impl Holding {
    /// The leaf's exact bytes.
    ///
    /// # Errors
    /// [`HoldingError`] unless the digests are ascending and 1 to [`MAX_RECORDS`].
    pub fn encode(&self) -> Result<Vec<u8>, HoldingError> {
        let ascending = self.digests.is_sorted_by(|one, next| one < next);
        let count = Some(self.digests.len()).filter(|count| ascending && (1..=MAX_RECORDS).contains(count));
        let count = count
            .and_then(|count| u32::try_from(count).ok())
            .ok_or(HoldingError)?;
        let mut out = Vec::with_capacity(HEAD + 32 * self.digests.len());
        out.extend_from_slice(&self.key);
        out.extend_from_slice(&count.to_be_bytes());
        for digest in &self.digests {
            out.extend_from_slice(digest.as_bytes());
        }
        Ok(out)
    }

    /// Reads a leaf's exact bytes.
    ///
    /// # Errors
    /// [`HoldingError`] for anything that [`Holding::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, HoldingError> {
        let (key, rest) = bytes.split_first_chunk::<32>().ok_or(HoldingError)?;
        let (_, digests) = rest.split_first_chunk::<4>().ok_or(HoldingError)?;
        let digests = digests.as_chunks::<32>().0.iter();
        let holding = Self {
            key: *key,
            digests: digests.copied().map(Digest::from_bytes).collect(),
        };
        match holding.encode() {
            Ok(again) if again == bytes => Ok(holding),
            _ => Err(HoldingError),
        }
    }
}

/// SHA-256 over the sorted lines of hex digests: 64 lower-case digits and a line feed each.
#[derive(Clone, Debug, Default)]
pub struct CurrentDigest {
    state: Sha256,
    last: Option<Digest>,
}

/// A digest did not come in ascending order, or came twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the digest {0} does not follow the one before it")]
pub struct NotAscending(pub Digest);

impl CurrentDigest {
    /// Adds the next line.
    ///
    /// # Errors
    /// [`NotAscending`].
    pub fn push(&mut self, digest: Digest) -> Result<(), NotAscending> {
        if self.last.is_some_and(|last| last >= digest) {
            return Err(NotAscending(digest));
        }
        self.last = Some(digest);
        self.state.update(digest.hex_bytes());
        self.state.update(b"\n");
        Ok(())
    }

    /// The digest over all lines; over no line it is that of no bytes.
    pub fn finish(self) -> Digest {
        Digest::from_bytes(self.state.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_exact_bytes_of_a_leaf() {
        let holding = Holding {
            key: key("uscc:91500105MA5U00001X"),
            digests: vec![Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32])],
        };
        let bytes = holding.encode().unwrap();
        let expected: Vec<u8> = [
            Sha256::digest("uscc:91500105MA5U00001X").as_slice(),
            &[0, 0, 0, 2],
            &[1; 32],
            &[2; 32],
        ]
        .concat();
        assert_eq!(bytes, expected);
        assert_eq!(Holding::decode(&bytes), Ok(holding));
    }

    #[test]
    fn other_leaves_are_refused() {
        let digest = |n| Digest::from_bytes([n; 32]);
        for digests in [vec![], vec![digest(2), digest(1)], vec![digest(1), digest(1)]] {
            assert_eq!(
                Holding {
                    key: [0; 32],
                    digests
                }
                .encode(),
                Err(HoldingError)
            );
        }
        let good = Holding {
            key: [0; 32],
            digests: vec![digest(1), digest(2)],
        };
        let good = good.encode().unwrap();
        assert_eq!(Holding::decode(&good[..good.len() - 1]), Err(HoldingError));
        assert_eq!(Holding::decode(&good[..68]), Err(HoldingError));
        for (at, byte) in [(35, 1), (35, 3), (32, 1), (36, 3)] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(Holding::decode(&bad), Err(HoldingError), "{at}");
        }
    }

    #[test]
    fn lines_are_hex_and_sorted() {
        let mut lines = CurrentDigest::default();
        lines.push(Digest::from_bytes([1; 32])).unwrap();
        lines.push(Digest::from_bytes([2; 32])).unwrap();
        let twice = Digest::from_bytes([2; 32]);
        assert_eq!(lines.push(twice), Err(NotAscending(twice)));
        let text = format!("{}\n{}\n", "01".repeat(32), "02".repeat(32));
        assert_eq!(lines.finish(), Digest::of(text.as_bytes()));
        assert_eq!(CurrentDigest::default().finish(), Digest::of(b""));
    }

    #[test]
    fn names() {
        for good in ["uscc:91500105MA5U00001X", "reg:500105:500105000000017"] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "91500105MA5U00001X",
            "uscc:91500105ma5u00001x",
            "uscc:91500105MA5U00001",
            "reg:500105:1",
            "reg:5001:500105000000017",
            "reg:500105:50010500000001X",
            "uscc:91500105MA5U00001X\n",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn hostile_leaves(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(holding) = Holding::decode(&bytes) {
                prop_assert_eq!(holding.encode().unwrap(), bytes);
            }
        }
    }
}

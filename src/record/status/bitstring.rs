//! The bits of a status list and their compressed text (Bitstring Status List 1.0, §3.2–3.4).
//!
//! Decoding inflates at most one byte more than a list has, so that a small text cannot fill the
//! memory, and refuses every other length, a second gzip member and trailing bytes.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Crc;
use flate2::bufread::GzDecoder;
use miniz_oxide::deflate::compress_to_vec;

/// Bits in a list: the specification's minimum, which keeps a herd around each record.
pub const LENGTH: u32 = 131_072;
/// The same in bytes: 131,072 / 8.
const BYTES: usize = 16_384;
/// RFC 1952 §2.3: deflate, no flags, no time, the slowest compression, an unknown system.
const GZIP_HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255];
/// The level that the header tells of.
const BEST: u8 = 9;
/// Longest `encodedList` worth decoding: 16,384 incompressible bytes take 16 KiB and some 30 bytes
/// of gzip, times 4/3, is under 22,000; twice that leaves room for other compressors.
const TEXT: usize = 44_000;

/// One list's bits; index 0 is the most significant bit of the first byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Bitstring(Vec<u8>);

/// Why an `encodedList` was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BitstringError {
    /// Not `u` and base64url without padding, or far too long.
    #[error("encodedList must be \"u\" followed by base64url without padding")]
    Multibase,
    /// Not one whole gzip stream.
    #[error("encodedList does not hold exactly one gzip stream")]
    Gzip,
    /// Fewer or more than 131,072 bits.
    #[error("a status list must have exactly 131072 entries")]
    Length,
    /// An index past the end.
    #[error("the status index {0} is past the list's 131072 entries")]
    Index(u32),
}

impl Default for Bitstring {
    /// All clear.
    fn default() -> Self {
        Self(vec![0; BYTES])
    }
}

impl Bitstring {
    /// The bit at `index`.
    ///
    /// # Errors
    /// [`BitstringError::Index`].
    pub fn get(&self, index: u32) -> Result<bool, BitstringError> {
        let (byte, mask) = place(index);
        self.0
            .get(byte)
            .map(|byte| byte & mask != 0)
            .ok_or(BitstringError::Index(index))
    }

    /// Sets or clears the bit at `index`.
    ///
    /// # Errors
    /// [`BitstringError::Index`].
    pub fn set(&mut self, index: u32, value: bool) -> Result<(), BitstringError> {
        let (byte, mask) = place(index);
        let byte = self.0.get_mut(byte).ok_or(BitstringError::Index(index))?;
        *byte = if value { *byte | mask } else { *byte & !mask };
        Ok(())
    }

    /// How many bits are set.
    pub fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }

    /// The first index that is set here and clear in `newer`: a bit that was cleared.
    pub fn first_cleared(&self, newer: &Self) -> Option<u32> {
        let at = self
            .0
            .iter()
            .zip(&newer.0)
            .position(|(old, new)| old & !new != 0)?;
        let lost = self.0.get(at)? & !newer.0.get(at)?;
        Some(u32::try_from(at).ok()? * 8 + lost.leading_zeros())
    }

    /// `u` + base64url without padding of the gzip stream; the same bits always give the same text. The
    /// compressor is named here: behind flate2 it would be whichever any other crate's features choose.
    pub fn encode(&self) -> String {
        let mut gzip = GZIP_HEADER.to_vec();
        gzip.extend(compress_to_vec(&self.0, BEST));
        let mut crc = Crc::new();
        crc.update(&self.0);
        gzip.extend(crc.sum().to_le_bytes());
        gzip.extend(crc.amount().to_le_bytes());
        format!("u{}", URL_SAFE_NO_PAD.encode(gzip))
    }

    /// Reads an `encodedList`.
    ///
    /// # Errors
    /// [`BitstringError`].
    pub fn decode(text: &str) -> Result<Self, BitstringError> {
        let body = text.strip_prefix('u').filter(|body| body.len() <= TEXT);
        let body = body.ok_or(BitstringError::Multibase)?;
        let bytes = URL_SAFE_NO_PAD
            .decode(body)
            .map_err(|_| BitstringError::Multibase)?;
        let mut gzip = GzDecoder::new(bytes.as_slice()).take(BYTES as u64 + 1);
        let mut bits = Vec::with_capacity(BYTES + 1);
        gzip.read_to_end(&mut bits).map_err(|_| BitstringError::Gzip)?;
        if bits.len() != BYTES {
            return Err(BitstringError::Length);
        }
        if !gzip.into_inner().into_inner().is_empty() {
            return Err(BitstringError::Gzip);
        }
        Ok(Self(bits))
    }
}

fn place(index: u32) -> (usize, u8) {
    (
        usize::try_from(index / 8).unwrap_or(usize::MAX),
        0x80 >> (index % 8),
    )
}

impl std::fmt::Debug for Bitstring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bitstring({} of {LENGTH} set)", self.count())
    }
}

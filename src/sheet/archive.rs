//! A first look at a packed workbook: unpacks every part into nothing and counts, before any reader
//! believes a header.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{Limits, Refusal};

/// Where a document type would stand.
const HEAD: usize = 4096;
/// Parts so small may unpack to any ratio.
const SMALL: u64 = 64 << 10;

/// Checks a packed workbook against the limits.
///
/// # Errors
/// [`Refusal`].
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if archive.len() > limits.parts {
        return Err(Refusal::Unpacks);
    }
    let mut left = limits.unpacked;
    let mut has_workbook = false;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).map_err(|_| Refusal::Damaged)?;
        let name = part.name().map_err(|_| Refusal::Damaged)?.to_lowercase();
        has_workbook |= name.ends_with("workbook.xml");
        refused_by_name(&name)?;
        let most = left.min((part.compressed_size().saturating_mul(limits.ratio)).max(SMALL));
        let size = drain(&mut part, most)?;
        left = left.saturating_sub(size);
    }
    if has_workbook {
        Ok(())
    } else {
        Err(Refusal::NoWorkbook)
    }
}

fn refused_by_name(name: &str) -> Result<(), Refusal> {
    if name.ends_with("vbaproject.bin") || name.contains("/macrosheets/") {
        return Err(Refusal::Macros);
    }
    if name.contains("externallinks/") {
        return Err(Refusal::Links);
    }
    Ok(())
}

/// Unpacks a part and tells its size.
fn drain(part: &mut impl Read, most: u64) -> Result<u64, Refusal> {
    let mut buffer = vec![0_u8; 64 << 10];
    let mut head = Vec::with_capacity(HEAD);
    let mut size = 0_u64;
    loop {
        let got = part.read(&mut buffer).map_err(|_| Refusal::Damaged)?;
        let read = buffer.get(..got).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        head.extend(read.iter().take(HEAD - head.len()));
        size = size.saturating_add(u64::try_from(got).unwrap_or(u64::MAX));
        if size > most {
            return Err(Refusal::Unpacks);
        }
    }
    let has = |mark: &[u8]| {
        head.windows(mark.len())
            .any(|window| window.eq_ignore_ascii_case(mark))
    };
    if has(b"<!DOCTYPE") || has(b"<!ENTITY") {
        return Err(Refusal::DocumentType);
    }
    Ok(size)
}

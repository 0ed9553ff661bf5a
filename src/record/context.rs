//! Our JSON-LD context, `https://HOST/ns/labour-credit/v1`: every term of our records, protected.
//!
//! Immutable once a registry is deployed: its digest is pinned in every trust folder, and a new member
//! or type is a new version under a new URL. Until the first release v1 itself still grows, here and
//! nowhere else. It redefines nothing of `https://www.w3.org/ns/credentials/v2`, except
//! that inside `ruleSet` the member `id` is a plain identifier (a property-scoped context may do that).

use super::credential::Host;
use super::digest::Digest;

/// The text with `HOST` for the host's name.
const TEXT: &str = include_str!("context.json");

/// The exact text served as `application/ld+json` for this host.
pub fn text(host: &Host) -> String {
    TEXT.replace("HOST", host.as_str())
}

/// Digest of [`text`], as pinned in the trust folder (`contextDigest`).
pub fn digest(host: &Host) -> Digest {
    Digest::of(text(host).as_bytes())
}

#[cfg(test)]
mod tests;

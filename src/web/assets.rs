//! Stylesheet, scripts and images, embedded in the binary and served under content-hashed names.
//!
//! A hashed name never changes its bytes, so it may be cached for ever ([`CACHE_CONTROL`]); a name
//! whose hash is not that of this build is refused, never redirected. Knows nothing of HTTP itself.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;

/// Cache header of every asset: a year, and no revalidation, because the name carries the digest.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Path under which assets are served, with a slash at its end.
pub const PREFIX: &str = "/assets/";

/// Hexadecimal digits of the SHA-256 in a name: 64 bits, enough to tell builds apart (it is a cache
/// key; nobody's trust hangs on it).
const HASH_DIGITS: usize = 16;

#[derive(RustEmbed)]
#[folder = "templates/assets/"]
struct Embedded;

/// One file as it is served.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Media type with charset where it is text.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Every asset of this build, by hashed name.
#[derive(Debug)]
pub struct Assets {
    by_served_name: BTreeMap<String, Asset>,
    served_names: BTreeMap<String, String>,
}

impl Assets {
    /// Reads the embedded files and names them by their digest.
    #[must_use]
    pub fn embedded() -> Self {
        let mut assets = Self {
            by_served_name: BTreeMap::new(),
            served_names: BTreeMap::new(),
        };
        for name in Embedded::iter() {
            if let Some(file) = Embedded::get(&name) {
                let served = hashed_name(&name, &file.metadata.sha256_hash());
                assets.by_served_name.insert(
                    served.clone(),
                    Asset {
                        media_type: media_type(&name),
                        bytes: file.data.into_owned(),
                    },
                );
                assets.served_names.insert(name.into_owned(), served);
            }
        }
        assets
    }

    /// URL path of the file called `name` in `templates/assets/`, or `None` where there is none.
    #[must_use]
    pub fn url(&self, name: &str) -> Option<String> {
        let served = self.served_names.get(name)?;
        Some(format!("{PREFIX}{served}"))
    }

    /// The asset that is served under a hashed name (what follows [`PREFIX`] in the path).
    #[must_use]
    pub fn get(&self, served_name: &str) -> Option<&Asset> {
        self.by_served_name.get(served_name)
    }

    /// Every hashed name with its asset, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Asset)> {
        self.by_served_name
            .iter()
            .map(|(name, asset)| (name.as_str(), asset))
    }
}

fn hashed_name(name: &str, sha256: &[u8; 32]) -> String {
    let hash: String = sha256
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(HASH_DIGITS)
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect();
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_has_one_url_and_a_known_media_type() {
        let assets = Assets::embedded();
        for name in [
            "site.css",
            "site.js",
            "verify.js",
            "verify-page.js",
            "headline.js",
            "favicon.svg",
        ] {
            let url = assets.url(name).unwrap();
            let served = url.strip_prefix(PREFIX).unwrap();
            let asset = assets.get(served).unwrap();
            assert_ne!(asset.media_type, "application/octet-stream", "{name}");
            assert!(!asset.bytes.is_empty());
        }
    }

    #[test]
    fn a_plain_or_foreign_name_is_refused() {
        let assets = Assets::embedded();
        assert!(assets.get("site.css").is_none());
        assert!(assets.get("site.0000000000000000.css").is_none());
        assert!(assets.url("missing.css").is_none());
    }

    #[test]
    fn the_verifier_stays_within_its_budget() {
        let script = Embedded::get("verify.js").unwrap();
        let lines = script.data.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines <= 600, "verify.js has {lines} lines, at most 600");
    }
}

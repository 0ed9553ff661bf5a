//! Bodies from the registry's changes, a page at a time.

use super::fetch::FetchError;
use super::round::Round;
use super::segment::MAX_BODY;
use crate::record::changes::{self, Bodies};

/// Longest page that is read, in bytes.
const MAX_PAGE: u64 = 16 << 20;

/// Why a page is no use.
pub(super) enum PageError {
    Fetch(FetchError),
    Malformed(String),
}

impl Round<'_> {
    /// The bodies of entries `from..to`, as far as the server gives them.
    pub(super) fn page(&self, from: u64, to: u64) -> Result<Bodies, PageError> {
        let limit = to.saturating_sub(from);
        let path = format!("/api/v1/changes?since={from}&limit={limit}");
        let bytes = self
            .server
            .get_as_partner(&path, MAX_PAGE)
            .map_err(PageError::Fetch)?;
        changes::parse(&bytes, MAX_BODY).map_err(|error| PageError::Malformed(format!("{path}: {error}")))
    }
}

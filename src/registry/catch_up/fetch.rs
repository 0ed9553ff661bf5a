//! A mirror over HTTP: the same paths below an address; and where that is the `/log` of a registry's own server
//! (a stand-by, say), the bodies from its changes, which a partner's key makes whole.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::mirror::MirrorError;
use crate::config::FileError;
use crate::record::changes;

/// Longest wait for one file.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Longest body.
const MAX_BODY: usize = 288 << 10;
/// Longest page of changes: 256 bodies.
const MAX_PAGE: u64 = 256 * (MAX_BODY as u64);

/// An address that files are fetched from.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// Without a slash at its end.
    url: String,
    agent: ureq::Agent,
    key: Option<String>,
}

impl Address {
    pub(super) fn new(url: &str, key: Option<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A key must not go to anybody else.
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .user_agent("chengxin")
            .build();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            agent: config.into(),
            key,
        }
    }

    /// The bytes of a file of at most `limit` below the address; none where there is no such file.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, MirrorError> {
        self.get(&format!("{}/{name}", self.url), limit)
    }

    /// The bodies of the entries from `256 * index` on, as far as the server gives them.
    pub(super) fn bodies(&self, index: u64) -> Result<Vec<Option<Vec<u8>>>, MirrorError> {
        let Some(server) = self.url.strip_suffix("/log") else {
            return Ok(Vec::new());
        };
        let since = index.saturating_mul(256);
        let url = format!("{server}/api/v1/changes?since={since}&limit=256");
        let Some(bytes) = self.get(&url, MAX_PAGE)? else {
            return Ok(Vec::new());
        };
        let mut found = changes::parse(&bytes, MAX_BODY).map_err(|why| FileError::Form {
            path: url.into(),
            why,
        })?;
        let bodies = (since..since.saturating_add(256)).map(|index| found.remove(&index));
        Ok(bodies.collect())
    }

    fn get(&self, url: &str, limit: u64) -> Result<Option<Vec<u8>>, MirrorError> {
        let failed = |why: String| {
            MirrorError::from(FileError::Io {
                path: PathBuf::from(url),
                source: io::Error::other(why),
            })
        };
        let mut request = self.agent.get(url);
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = request.call().map_err(|error| failed(error.to_string()))?;
        match response.status().as_u16() {
            200 => {}
            404 => return Ok(None),
            status => return Err(failed(format!("it answered {status}"))),
        }
        let body = response.body_mut().with_config().limit(limit).read_to_vec();
        body.map(Some).map_err(|error| failed(error.to_string()))
    }
}

//! GET over HTTP/1.1 from one server that may be hostile: no redirect is followed, no answer is read beyond
//! its bound, no request outlives its time-out, and no round its deadline.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use ureq::Agent;
use zeroize::Zeroizing;

/// Longest wait for one answer, its body included.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Attempts where the server asks for patience.
const ATTEMPTS: u32 = 4;
/// Longest patience that a server may ask for, in seconds: a rate limit's window.
const PATIENCE: u64 = 61;

/// Where a registry is: `http://HOST[:PORT][/PREFIX]`, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

/// Not an address of a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "应为 http://主机[:端口][/前缀] / must be http://HOST[:PORT][/PREFIX]; reach an https site through a tunnel of your own, everything that counts is signed"
)]
pub struct AddressError;

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim_end_matches('/');
        let rest = text.strip_prefix("http://").ok_or(AddressError)?;
        let host = rest.split('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '\\');
        match !host.is_empty() && rest.chars().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(AddressError),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why there is no answer to use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    /// No answer.
    #[error("{0}: no answer: {1}")]
    Unreachable(String, String),
    /// Another status than 200.
    #[error("{0}: HTTP {1}")]
    Status(String, u16),
    /// A longer answer than its kind can have.
    #[error("{0}: longer than {1} bytes")]
    TooLong(String, u64),
    /// The round's time is over.
    #[error("{0}: the round's time is over; the next one goes on from here")]
    Late(String),
}

impl FetchError {
    /// Whether the server says that there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Status(_, 404 | 410))
    }
}

/// A server, asked in one round.
pub(super) struct Server {
    agent: Agent,
    address: Address,
    key: Option<Zeroizing<String>>,
    until: Instant,
}

impl Server {
    /// Asks at `address` for at most `longest`.
    pub(super) fn new(address: &Address, key: Option<Zeroizing<String>>, longest: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .user_agent("chengxin-monitor")
            .build();
        Self {
            agent: config.into(),
            address: address.clone(),
            key,
            until: Instant::now() + longest,
        }
    }

    /// What is at `path`, at most `limit` bytes, as anybody sees it.
    pub(super) fn get(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.ask(path, limit, None)
    }

    /// As [`Server::get`], with the partner's key where there is one.
    pub(super) fn get_as_partner(&self, path: &str, limit: u64) -> Result<Vec<u8>, FetchError> {
        self.ask(path, limit, self.key.as_deref().map(String::as_str))
    }

    fn ask(&self, path: &str, limit: u64, key: Option<&str>) -> Result<Vec<u8>, FetchError> {
        let unreachable = |error: ureq::Error| FetchError::Unreachable(path.to_owned(), error.to_string());
        let mut attempt = 1;
        loop {
            if Instant::now() >= self.until {
                return Err(FetchError::Late(path.to_owned()));
            }
            let mut request = self.agent.get(format!("{}{path}", self.address));
            if let Some(key) = key {
                request = request.header("authorization", format!("Bearer {key}"));
            }
            let mut response = request.call().map_err(unreachable)?;
            let status = response.status().as_u16();
            if status == 200 {
                // The client counts an answer of exactly its limit as too long.
                let most = limit.saturating_add(1);
                let read = response.body_mut().with_config().limit(most).read_to_vec();
                return read.map_err(|error| match error {
                    ureq::Error::BodyExceedsLimit(_) => FetchError::TooLong(path.to_owned(), limit),
                    error => unreachable(error),
                });
            }
            let retry = response.headers().get("retry-after");
            let seconds = retry
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.parse::<u64>().ok())
                .filter(|seconds| *seconds <= PATIENCE);
            match (status, seconds) {
                (429 | 503, Some(seconds)) if attempt < ATTEMPTS => {
                    let left = self.until.saturating_duration_since(Instant::now());
                    thread::sleep(Duration::from_secs(seconds).min(left));
                    attempt = attempt.saturating_add(1);
                }
                _ => return Err(FetchError::Status(path.to_owned(), status)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, read) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://registry.example/", "http://registry.example"),
            ("http://registry.example/a/b/", "http://registry.example/a/b"),
        ] {
            assert_eq!(
                Address::parse(text).map(|address| address.to_string()),
                Ok(read.into())
            );
        }
        for text in [
            "",
            "registry.example",
            "https://registry.example",
            "http://",
            "http://a b",
            "http://a?x",
            "http://u@a",
        ] {
            assert_eq!(Address::parse(text), Err(AddressError), "{text}");
        }
    }
}

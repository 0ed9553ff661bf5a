//! HOST: the DNS name under which a registry's identifiers live. Fixed when a registry is created;
//! never the address it listens on.
//!
//! Refuses ports, upper case, underscores and non-ASCII names (write those in punycode), so that the
//! name needs no escaping in a URL, a did:web or a JSON string.

use std::fmt;

/// A registry's DNS name, e.g. `registry.example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// Not a usable host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is a lower-case DNS name such as registry.example, without port or scheme")]
pub struct HostError;

impl Host {
    /// Parses a DNS name of at least two labels.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if is_host(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HostError)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `did:web:HOST`.
    pub fn did(&self) -> String {
        format!("did:web:{self}")
    }

    /// URL of our JSON-LD context, `https://HOST/ns/labour-credit/v1`.
    pub fn context_url(&self) -> String {
        format!("https://{self}/ns/labour-credit/v1")
    }
}

/// Whether `text` is a DNS name as [`Host`] takes it.
pub(crate) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = label.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        bytes.len() <= 63 && bytes.iter().all(plain) && edge(bytes.first()) && edge(bytes.last())
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_pass_and_addresses_do_not() {
        let host = Host::parse("registry.example").unwrap();
        assert_eq!(host.did(), "did:web:registry.example");
        assert_eq!(host.context_url(), "https://registry.example/ns/labour-credit/v1");
        for text in [
            "",
            "localhost",
            "a..b",
            "A.b",
            "a.b:80",
            "https://a.b",
            "-a.b",
            "a-.b",
            "a_b.c",
            "诚信.cn",
            "a.b/",
        ] {
            assert_eq!(Host::parse(text), Err(HostError), "{text}");
        }
    }
}

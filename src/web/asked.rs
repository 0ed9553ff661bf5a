//! What was asked, copied out of the HTTP request so that a blocking thread can work on it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use actix_web::http::{Method, header};
use actix_web::{HttpMessage as _, HttpRequest, web};

use super::i18n::{LANG_PARAMETER, Lang};
use super::pages::shell::MODE_PARAMETER;
use super::rate::source;
use super::viewer;

/// Number of a request, made by the server, for logs and error pages.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Name of the cookie that ties a sign-in form to the browser that loaded it.
pub const FORM_COOKIE: &str = "chengxin_form";

/// A request, without its connection.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Path and query as they came.
    pub path_and_query: String,
    /// Whether it wants to change something.
    pub is_post: bool,
    /// Values of the pattern's places.
    pub places: BTreeMap<String, String>,
    /// Query parameters; of a doubled one the first counts.
    pub query: BTreeMap<String, String>,
    /// Fields of the form; of a doubled one the first counts.
    pub form: BTreeMap<String, String>,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
    /// Key of the `Authorization` header.
    pub key: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<String>,
    /// `Host`.
    pub host: String,
    /// Whom the limits count the asker as ([`source`]).
    pub source: String,
    /// Whether the reader's connection is HTTPS.
    pub https: bool,
    /// Number of the request.
    pub id: String,
}

/// The address that the nearest proxy saw: the last of `X-Forwarded-For`, which some proxies write with its
/// port. What stands before it the client may have written itself.
fn last_hop(forwarded: &str) -> Option<IpAddr> {
    let last = forwarded.rsplit(',').next()?.trim();
    let with_port = || last.parse::<SocketAddr>().ok().map(|address| address.ip());
    last.parse().ok().or_else(with_port)
}

impl Asked {
    /// Reads a request. `trusted_proxy`: whether forwarded scheme and address are believed.
    #[must_use]
    pub fn of(request: &HttpRequest, body: &[u8], trusted_proxy: bool) -> Self {
        let text = |name: header::HeaderName| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        // The request lends these from one cell, so each loan ends before the next begins.
        let (scheme, own_host) = {
            let info = request.connection_info();
            (info.scheme().to_owned(), info.host().to_owned())
        };
        let forwarded = request
            .headers()
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok())
            .and_then(last_hop);
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        let peer = request.peer_addr().map(|address| address.ip());
        let address = if trusted_proxy { forwarded } else { peer };
        let (key, _) = viewer::credentials(request);
        let uri = request.uri();
        Self {
            path_and_query: uri.path_and_query().map_or_else(String::new, ToString::to_string),
            is_post: request.method() == Method::POST,
            places: request
                .match_info()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            query: pairs(uri.query().unwrap_or_default()),
            form: pairs(std::str::from_utf8(body).unwrap_or_default()),
            cookies: request
                .cookies()
                .map(|cookies| {
                    cookies
                        .iter()
                        .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
                        .collect()
                })
                .unwrap_or_default(),
            key,
            origin: text(header::ORIGIN),
            fetch_site: request
                .headers()
                .get("sec-fetch-site")
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            host: text(header::HOST).unwrap_or(own_host),
            source: address.map(source).unwrap_or_default(),
            https: trusted_proxy && scheme == "https",
            id: id.unwrap_or_default(),
        }
    }

    /// The language: of the address, else of the cookie, else Chinese.
    #[must_use]
    pub fn lang(&self) -> Lang {
        let chosen = |values: &BTreeMap<String, String>| {
            values.get(LANG_PARAMETER).and_then(|value| Lang::parse(value))
        };
        chosen(&self.query)
            .or_else(|| chosen(&self.cookies))
            .unwrap_or_default()
    }

    /// Whether the layout for older readers is on.
    #[must_use]
    pub fn large(&self) -> bool {
        let chosen =
            |values: &BTreeMap<String, String>| values.get(MODE_PARAMETER).map(|value| value == "large");
        chosen(&self.query)
            .or_else(|| chosen(&self.cookies))
            .unwrap_or(false)
    }

    /// A query parameter, trimmed; empty where there is none.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", |value| value.trim())
    }

    /// A field of the form; empty where there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// A place of the pattern; empty where there is none.
    #[must_use]
    pub fn place(&self, name: &str) -> &str {
        self.places.get(name).map_or("", String::as_str)
    }
}

fn pairs(encoded: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(encoded) {
        for (name, value) in pairs.into_inner() {
            found.entry(name).or_insert(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_the_nearest_proxys_word_counts() {
        let of = |text: &str| last_hop(text).map(source);
        assert_eq!(of("1.2.3.4, 10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(of("10.0.0.1:5678").as_deref(), Some("10.0.0.1"));
        assert_eq!(of("[2001:db8::1]:443"), of("2001:db8::1"));
        assert_eq!(of("anything"), None);
    }

    #[test]
    fn a_peer_is_counted_by_its_prefix() {
        let of = |peer: &str| {
            let request = TestRequest::default().peer_addr(peer.parse().unwrap());
            Asked::of(&request.to_http_request(), b"", false).source
        };
        assert_eq!(of("[2001:db8::1]:9"), of("[2001:db8::2]:10"));
        assert_ne!(of("[2001:db8::1]:9"), of("[2001:db8:0:1::1]:9"));
        assert_eq!(of("[::ffff:192.0.2.1]:9"), of("192.0.2.1:10"));
    }

    #[test]
    fn language_and_layout_come_from_the_address_before_the_cookie() {
        let request = TestRequest::with_uri("/?lang=en&query=%E6%B1%9F")
            .insert_header((header::COOKIE, "lang=zh; mode=large"))
            .to_http_request();
        let asked = Asked::of(&request, b"a=1&a=2&b=%E4%B8%80", false);
        assert_eq!(asked.lang(), Lang::English);
        assert!(asked.large());
        assert_eq!(asked.parameter("query"), "江");
        assert_eq!(
            (asked.field("a"), asked.field("b"), asked.field("c")),
            ("1", "一", "")
        );
    }

    #[test]
    fn a_forwarded_scheme_is_believed_only_where_the_proxy_is_trusted() {
        let request = TestRequest::default()
            .insert_header(("x-forwarded-proto", "https"))
            .to_http_request();
        assert!(!Asked::of(&request, b"", false).https);
        assert!(Asked::of(&request, b"", true).https);
    }
}

//! HTTP as a stranger speaks it: no redirect is followed, no status is an error, cookies are kept by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use ureq::Agent;
use ureq::http::Response;

/// A visitor with a cookie jar of its own.
#[derive(Clone)]
pub struct Visitor {
    agent: Agent,
    cookies: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
}

/// An answer, read whole.
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers by lower-case name; repeated ones joined by line feeds.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// A header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

impl Visitor {
    /// Somebody whom the server has never seen.
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self {
            agent: config.into(),
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// Sends this header with every request.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// GET.
    pub fn get(&mut self, url: &str) -> Answer {
        let mut request = self.agent.get(url);
        for (name, value) in self.sent() {
            request = request.header(name, value);
        }
        let response = request
            .call()
            .unwrap_or_else(|error| panic!("GET {url}: {error}"));
        self.read(response)
    }

    /// POST of a form.
    pub fn post_form(&mut self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.post(url);
        for (name, value) in self.sent() {
            request = request.header(name, value);
        }
        let response = request
            .send_form(fields.iter().copied())
            .unwrap_or_else(|error| panic!("POST {url}: {error}"));
        self.read(response)
    }

    /// POST of JSON.
    pub fn post_json(&mut self, url: &str, text: &str) -> Answer {
        let mut request = self.agent.post(url).header("content-type", "application/json");
        for (name, value) in self.sent() {
            request = request.header(name, value);
        }
        let response = request
            .send(text)
            .unwrap_or_else(|error| panic!("POST {url}: {error}"));
        self.read(response)
    }

    fn sent(&self) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.push(("cookie".into(), pairs.join("; ")));
        }
        headers
    }

    fn read(&mut self, mut response: Response<ureq::Body>) -> Answer {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if name == "set-cookie" {
                let pair = value.split(';').next().unwrap_or_default();
                if let Some((name, value)) = pair.split_once('=') {
                    self.cookies
                        .insert(name.trim().to_owned(), value.trim().to_owned());
                }
            }
            headers
                .entry(name.as_str().to_owned())
                .and_modify(|all| *all = format!("{all}\n{value}"))
                .or_insert(value);
        }
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(256 << 20)
            .read_to_vec()
            .expect("a whole body");
        Answer {
            status,
            headers,
            body,
        }
    }
}

//! Error pages: what happened, what to do, and the number to quote.
//!
//! An unknown address, a record for partners only and one that never existed read the same.

use serde::Serialize;

use crate::web::i18n::Lang;
use crate::web::pages::parts::Link;
use crate::web::render::{Page, Section};

/// An error page.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// HTTP status.
    pub status: u16,
    heading: String,
    text: String,
    advice: Vec<String>,
    /// Fields in error, each with a link to it.
    pub errors: Vec<Link>,
    links: Vec<Link>,
    /// Number of the request.
    pub request_id: Option<String>,
}

/// The kinds of error page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 404.
    NotFound,
    /// 403.
    Forbidden,
    /// 422.
    Invalid,
    /// 500, with no detail of the cause.
    Server,
}

impl ErrorPage {
    /// The page of that kind.
    #[must_use]
    pub fn new(lang: Lang, kind: ErrorKind, request_id: Option<String>) -> Self {
        let t = lang.text();
        let e = &t.error;
        let (status, heading, text) = match kind {
            ErrorKind::NotFound => (404, e.not_found, e.not_found_text),
            ErrorKind::Forbidden => (403, e.forbidden, e.forbidden_text),
            ErrorKind::Invalid => (422, e.invalid, e.invalid_text),
            ErrorKind::Server => (500, e.server, e.server_text),
        };
        let advice = match kind {
            ErrorKind::NotFound => vec![e.not_found_check, e.not_found_verify],
            ErrorKind::Forbidden => vec![e.forbidden_role, e.forbidden_admin],
            ErrorKind::Invalid => vec![e.invalid_fix],
            ErrorKind::Server => vec![e.server_retry, e.server_tell],
        };
        let mut links = vec![Link::new("/", e.back_home, "search", true)];
        if kind == ErrorKind::NotFound {
            links.push(Link::new("/verify", t.nav.verify, "shield", false));
        }
        Self {
            status,
            heading: heading.to_owned(),
            text: text.to_owned(),
            advice: advice.into_iter().map(str::to_owned).collect(),
            errors: Vec::new(),
            links,
            request_id,
        }
    }
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error";

    fn title(&self) -> String {
        self.heading.clone()
    }

    fn section(&self) -> Section {
        Section::None
    }
}

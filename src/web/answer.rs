//! What a handler gives back: a page, a redirect, or the reason why there is none.

use std::error::Error;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::csrf::Forged;

/// An answer, ready to be sent.
#[derive(Debug, Clone)]
pub struct Answer {
    status: StatusCode,
    body: Body,
    cookies: Vec<Cookie<'static>>,
    retry_after: Option<i64>,
}

#[derive(Debug, Clone)]
enum Body {
    Html(String),
    See(String),
}

/// Why there is no ordinary answer.
#[derive(Debug)]
pub enum Failure {
    /// No such thing, or not for this viewer; nobody can tell which.
    NotFound,
    /// The viewer may not.
    Forbidden,
    /// The form is not believed.
    Forged(Forged),
    /// It failed on our side; logged, never shown.
    Server(Box<dyn Error + Send + Sync>),
}

impl<E: Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Server(Box::new(error))
    }
}

impl Answer {
    /// A page.
    #[must_use]
    pub fn page(html: String) -> Self {
        Self::with_status(StatusCode::OK, html)
    }

    /// A page with another status.
    #[must_use]
    pub fn with_status(status: StatusCode, html: String) -> Self {
        Self {
            status,
            body: Body::Html(html),
            cookies: Vec::new(),
            retry_after: None,
        }
    }

    /// `303 See Other`.
    #[must_use]
    pub fn see(location: impl Into<String>) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            body: Body::See(location.into()),
            cookies: Vec::new(),
            retry_after: None,
        }
    }

    /// Sets a cookie.
    #[must_use]
    pub fn cookie(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// Says when to try again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// As a response. `keep`: whether anybody may keep it; pages for one viewer are not kept at all.
    #[must_use]
    pub fn respond(self, keep: bool) -> HttpResponse {
        let mut response: HttpResponseBuilder = HttpResponse::build(self.status);
        let control = if keep { "no-cache" } else { "no-store" };
        response.insert_header((header::CACHE_CONTROL, control));
        response.insert_header((header::VARY, "Cookie, Authorization, Accept-Encoding"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        for cookie in self.cookies {
            response.cookie(cookie);
        }
        match self.body {
            Body::Html(html) => response.content_type("text/html; charset=utf-8").body(html),
            Body::See(location) => response.insert_header((header::LOCATION, location)).finish(),
        }
    }
}

/// A cookie that no script reads. `seconds`: how long it is kept; none until the browser closes.
#[must_use]
pub fn cookie(
    name: &'static str,
    value: impl Into<String>,
    same_site: SameSite,
    https: bool,
    seconds: Option<i64>,
) -> Cookie<'static> {
    let mut cookie = Cookie::build(name, value.into())
        .path("/")
        .http_only(true)
        .same_site(same_site)
        .secure(https);
    if let Some(seconds) = seconds {
        cookie = cookie.max_age(Duration::seconds(seconds));
    }
    cookie.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_for_this_site_only() {
        let text = cookie("a", "b", SameSite::Strict, true, Some(0)).to_string();
        for part in ["a=b", "HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=0"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!cookie("a", "b", SameSite::Lax, false, None).to_string().contains("Secure"));
    }
}

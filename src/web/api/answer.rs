//! What a resource answers, before HTTP: bytes, how long they may be kept, and by what they differ.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use crate::record::digest::Digest;
use crate::web::file::Part;
use crate::web::i18n::Lang;
use crate::web::problem::Failure;

/// JSON.
pub(super) const JSON: &str = "application/json";

/// How long an answer may be kept by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Not at all: it can be withdrawn, or is for this reader alone.
    Never,
    /// That many seconds.
    Seconds(u32),
    /// A year; it never changes.
    ForEver,
}

/// What is sent.
#[derive(Debug)]
enum Body {
    Bytes(Vec<u8>),
    File(Part),
}

/// Where an entity tag comes from.
#[derive(Debug)]
enum Tag {
    None,
    /// From the bytes.
    OfBytes,
    Known(String),
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    media: &'static str,
    body: Body,
    keep: Keep,
    tag: Tag,
    by_viewer: bool,
    lang: Option<Lang>,
    headers: Vec<(HeaderName, String)>,
    waits: Option<(i64, u32)>,
}

impl Answer {
    /// Bytes of a media type.
    pub(super) fn new(media: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: StatusCode::OK,
            media,
            body: Body::Bytes(body.into()),
            keep: Keep::Never,
            tag: Tag::None,
            by_viewer: false,
            lang: None,
            headers: Vec::new(),
            waits: None,
        }
    }

    /// A file, or a part of one, with its tag. It is sent as it lies: a compressed stretch could not be gone
    /// on from.
    pub(super) fn file(media: &'static str, part: Part, tag: String) -> Self {
        Self {
            body: Body::File(part),
            tag: Tag::Known(tag),
            ..Self::new(media, Vec::new())
        }
        .header(header::CONTENT_ENCODING, "identity")
    }

    /// It is a part only: `range` says which.
    pub(super) fn part(self, range: String) -> Self {
        self.status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, range)
    }

    /// A value as JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(value).map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(Self::new(JSON, body))
    }

    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) fn keep(self, keep: Keep) -> Self {
        Self { keep, ..self }
    }

    /// With an entity tag over its bytes, for `If-None-Match`.
    pub(super) fn tagged(self) -> Self {
        Self {
            tag: Tag::OfBytes,
            ..self
        }
    }

    /// It depends on who asks.
    pub(super) fn by_viewer(self) -> Self {
        Self {
            by_viewer: true,
            ..self
        }
    }

    /// It has words in this language.
    pub(super) fn lang(self, lang: Lang) -> Self {
        Self {
            lang: Some(lang),
            ..self
        }
    }

    pub(super) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// There is nothing yet: whoever asked waits up to `seconds` for the served log to be longer than
    /// `seen`, and the question is then answered anew.
    pub(super) fn unless_longer(self, seen: i64, seconds: u32) -> Self {
        Self {
            waits: Some((seen, seconds)),
            ..self
        }
    }

    /// What it waits for.
    pub(super) fn waits(&self) -> Option<(i64, u32)> {
        self.waits
    }

    /// The response, or 304 when the client's copy is this one.
    pub(super) fn respond(self, none_match: Option<&str>) -> HttpResponse {
        let tag = match (&self.tag, &self.body) {
            (Tag::OfBytes, Body::Bytes(bytes)) => Some(format!("\"{}\"", Digest::of(bytes).hex())),
            (Tag::Known(tag), _) => Some(tag.clone()),
            (Tag::None | Tag::OfBytes, _) => None,
        };
        let same = matches!((&tag, none_match), (Some(tag), Some(known)) if matches_tag(known, tag));
        let mut response = HttpResponse::build(if same {
            StatusCode::NOT_MODIFIED
        } else {
            self.status
        });
        self.write_headers(&mut response, tag);
        if same {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.media));
        match self.body {
            Body::Bytes(bytes) => response.body(bytes),
            Body::File(part) => response.body(part),
        }
    }

    fn write_headers(&self, response: &mut HttpResponseBuilder, tag: Option<String>) {
        let cache = match self.keep {
            Keep::Never => "no-store".to_owned(),
            Keep::Seconds(seconds) => format!("public, max-age={seconds}"),
            Keep::ForEver => "public, max-age=31536000, immutable".to_owned(),
        };
        response.insert_header((header::CACHE_CONTROL, cache));
        // What is withdrawn must be able to vanish; a search engine's copy would stay.
        response.insert_header(("x-robots-tag", "noindex"));
        if let Some(tag) = tag {
            response.insert_header((header::ETAG, tag));
        }
        let vary = match (self.by_viewer, self.lang.is_some()) {
            (true, true) => Some("Accept-Language, Authorization, Cookie"),
            (true, false) => Some("Authorization, Cookie"),
            (false, true) => Some("Accept-Language"),
            (false, false) => None,
        };
        if let Some(vary) = vary {
            response.insert_header((header::VARY, vary));
        }
        if let Some(lang) = self.lang {
            let lang = if lang == Lang::English { "en" } else { "zh-Hans" };
            response.insert_header((header::CONTENT_LANGUAGE, lang));
        }
        for (name, value) in &self.headers {
            response.append_header((name.clone(), value.as_str()));
        }
    }
}

/// `If-None-Match` compares weakly (RFC 9110 §13.1.2). Our tags hold no comma.
fn matches_tag(known: &str, tag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_not_sent_again() {
        let answer = || Answer::new(JSON, "{}").tagged();
        let tag = format!("\"{}\"", Digest::of(b"{}").hex());
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            assert_eq!(answer().respond(Some(&known)).status(), 304, "{known}");
        }
        assert_eq!(answer().respond(Some("\"x\"")).status(), 200);
        assert_eq!(Answer::new(JSON, "{}").respond(Some("*")).status(), 200);
    }
}

//! Errors as problem documents (RFC 9457): the one place where a typed error becomes what a client reads.
//!
//! Refuses to tell an unknown thing from one that is not for this reader, and to tell a client anything
//! of an internal error but the number to quote.

mod kind;
mod language;
mod reason;

use actix_web::http::header;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use serde::Serialize;

use crate::record::credential::Host;
use crate::registry::random::Random;
use crate::store::StoreError;

use super::asked::RequestId;
use super::i18n::Lang;

pub use language::language;
pub use reason::{Described, Invalid, Reason};

/// Media type of a problem document.
pub const MEDIA: &str = "application/problem+json";
/// Type of a missing status list (Bitstring Status List 1.0, “Processing Errors”).
const STATUS_RETRIEVAL: &str = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR";

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// Unknown, or not for this reader: the two never differ.
    NotFound,
    /// Withdrawn, and this reader could see it before.
    Gone,
    /// No such status list, or no version of it at that time.
    NoStatusList,
    /// Parameters that cannot be used, each with its reason.
    Parameters(Vec<Invalid>),
    /// An API key was given that is unknown, revoked or malformed.
    Key,
    /// The resource knows other methods: these.
    Method(&'static str),
    /// Nothing of the kind was made yet, or it is being made anew.
    NotYet,
    /// The part asked for is beyond so many bytes.
    Range(u64),
    /// The request's body is not JSON.
    NotJson,
    /// The request's body ended before its end.
    Unread,
    /// The request's body is longer than so many bytes.
    TooLong(usize),
    /// Too many requests; seconds until the next may be sent.
    TooMany(i64),
    /// Our own fault. The text goes to the log only.
    Internal(String),
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Parameters(vec![invalid])
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// The number of a request, which its error quotes: the one that an earlier layer gave, or a fresh one.
/// Never taken from the client.
#[must_use]
pub fn number(request: &HttpRequest, random: &dyn Random) -> String {
    if let Some(RequestId(known)) = request.extensions().get() {
        return known.clone();
    }
    fresh_number(random)
}

/// A UUID for a request.
#[must_use]
pub fn fresh_number(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    if let Err(error) = random.fill(&mut bytes) {
        tracing::warn!(%error, "a request has no number of its own");
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    instance: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Error<'a>>,
}

#[derive(Serialize)]
struct Error<'a> {
    pointer: String,
    #[serde(flatten)]
    described: Described<'a>,
}

impl Failure {
    /// The problem document as a response, in `lang`.
    #[must_use]
    pub fn respond(&self, lang: Lang, host: &Host, id: &str) -> HttpResponse {
        if let Self::Internal(why) = self {
            tracing::error!(request = %id, why, "request failed");
        }
        let kind = self.kind();
        let (title, detail) = if lang == Lang::English { kind.en } else { kind.zh };
        let document = Document {
            r#type: match self {
                Self::NoStatusList => STATUS_RETRIEVAL.to_owned(),
                _ => format!("https://{host}/problems/{}", kind.name),
            },
            title,
            status: kind.status.as_u16(),
            detail,
            instance: format!("urn:uuid:{id}"),
            errors: self.errors(lang),
        };
        let mut response = HttpResponse::build(kind.status);
        response
            .insert_header((header::CONTENT_TYPE, MEDIA))
            .insert_header((
                header::CONTENT_LANGUAGE,
                if lang == Lang::English { "en" } else { "zh-Hans" },
            ))
            .insert_header((header::VARY, "Accept-Language, Authorization, Cookie"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        match self {
            Self::Key => {
                let challenge = format!("Bearer realm=\"{host}\", error=\"invalid_token\"");
                response.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            Self::Method(known) => {
                response.insert_header((header::ALLOW, *known));
            }
            Self::NotYet => {
                response.insert_header((header::RETRY_AFTER, "60"));
            }
            Self::Range(size) => {
                response.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
            }
            Self::TooMany(seconds) => {
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            _ => {}
        }
        // A document of strings and numbers always has a JSON text.
        response.body(serde_json::to_vec(&document).unwrap_or_default())
    }

    fn errors(&self, lang: Lang) -> Vec<Error<'_>> {
        let Self::Parameters(all) = self else {
            return Vec::new();
        };
        all.iter()
            .map(|invalid| Error {
                pointer: format!("/{}/{}", invalid.place, escape(&invalid.name)),
                described: invalid.reason.described(lang),
            })
            .collect()
    }
}

/// A member name within a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_members_name_is_escaped_in_its_pointer() {
        assert_eq!(escape("a/b~"), "a~1b~0");
    }
}

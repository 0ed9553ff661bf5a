//! A request as the resources see it: path parts, checked query, credentials. Plain data, so that it can
//! go to the thread that talks to the database.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, web};

use crate::web::i18n::Lang;
use crate::web::problem::{Failure, Invalid, Reason, language};
use crate::web::state::App;
use crate::web::viewer::{Viewer, credentials};

use super::endpoint::Parameter;

/// What stood in `Authorization`.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    None,
    Given(String),
    /// Another scheme, or no key after it.
    Malformed,
}

/// A request.
pub(super) struct Call {
    /// The path as it was sent, not decoded.
    pub(super) path: String,
    /// `Range`.
    pub(super) range: Option<String>,
    /// `If-Range`.
    pub(super) if_range: Option<String>,
    /// The body, where the resource takes one.
    pub(super) body: Vec<u8>,
    /// The language of words.
    pub(super) lang: Lang,
    parts: BTreeMap<String, String>,
    query: BTreeMap<String, String>,
    key: Key,
    token: Option<String>,
}

impl Call {
    /// Reads a request; `known` are the query parameters that there are.
    ///
    /// # Errors
    /// [`Failure::Parameters`] for unknown and repeated ones.
    pub(super) fn of(request: &HttpRequest, known: &[Parameter]) -> Result<Self, Failure> {
        let parts = request.match_info().iter();
        let text = |name: header::HeaderName| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        Ok(Self {
            path: request.path().to_owned(),
            range: text(header::RANGE),
            if_range: text(header::IF_RANGE),
            body: Vec::new(),
            lang: language(request),
            parts: parts
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            query: query(request.query_string(), known)?,
            key: key(request),
            token: credentials(request).1,
        })
    }

    /// A part of the path by its name in the pattern.
    pub(super) fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// A query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// Who asks. A key that is given must be good: a partner must not take the public's answer for its own.
    ///
    /// # Errors
    /// [`Failure::Key`], [`Failure::Internal`].
    pub(super) fn viewer(&self, app: &App) -> Result<Viewer, Failure> {
        match &self.key {
            Key::Malformed => Err(Failure::Key),
            Key::None => Ok(Viewer::of(app, None, self.token.as_deref())?),
            Key::Given(key) => match Viewer::of(app, Some(key), None)? {
                partner @ Viewer::Partner { .. } => Ok(partner),
                _ => Err(Failure::Key),
            },
        }
    }
}

fn key(request: &HttpRequest) -> Key {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return Key::None;
    };
    let given = value.to_str().ok().and_then(|value| value.trim().split_once(' '));
    match given {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => {
            Key::Given(key.trim().to_owned())
        }
        _ => Key::Malformed,
    }
}

fn query(text: &str, known: &[Parameter]) -> Result<BTreeMap<String, String>, Failure> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text)
        .map_err(|_| Invalid::query("", Reason::Form))?
        .into_inner();
    let mut found = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, value) in pairs {
        if !known.iter().any(|parameter| parameter.name == name) {
            wrong.push(Invalid::query(name, Reason::Unknown));
        } else if found.insert(name.clone(), value).is_some() {
            wrong.push(Invalid::query(name, Reason::Repeated));
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(Failure::Parameters(wrong))
    }
}

//! One row of the route table: what every URL needs from whoever asks for it.
//!
//! Rows are data, so that a test can read them. A handler is registered only through [`row`],
//! which looks its row up: what has no row cannot be reached, and the start fails.

use actix_web::http::Method;

use crate::domain::authority::Role;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody; what is shown still depends on who asks (records.md §6).
    Public,
    /// An officer who holds one of these roles; an empty list means any officer. Matters outside the
    /// officer's jurisdiction answer 403.
    Officer(&'static [Role]),
    /// Anybody with a session.
    SignedIn,
}

/// How often it may be asked for, from one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Reading.
    Read,
    /// Changing.
    Write,
    /// Trying a password.
    SignIn,
    /// Reading about a thousand employers at once, or a whole dump.
    Bulk,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`; a `GET` answers `HEAD` too.
    pub method: &'static str,
    /// The pattern as actix writes it: `/employers/{code}`.
    pub path: &'static str,
    /// Who may ask.
    pub audience: Audience,
    /// Whether the request must prove that it came from our own form.
    pub csrf: bool,
    /// How often.
    pub rate: Rate,
}

impl Route {
    /// A page or resource that anybody may read.
    #[must_use]
    pub const fn public(path: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            audience: Audience::Public,
            csrf: false,
            rate: Rate::Read,
        }
    }

    /// A question that anybody may ask in a request's body: it changes nothing, so no form's token is needed.
    #[must_use]
    pub const fn question(path: &'static str) -> Self {
        Self {
            method: "POST",
            rate: Rate::Bulk,
            ..Self::public(path)
        }
    }

    /// The same at another rate.
    #[must_use]
    pub const fn at_rate(self, rate: Rate) -> Self {
        Self { rate, ..self }
    }

    /// The method as HTTP knows it.
    ///
    /// # Errors
    /// [`RouteError::Method`] for a word that is no method.
    pub fn method(&self) -> Result<Method, RouteError> {
        Method::from_bytes(self.method.as_bytes()).map_err(|_| RouteError::Method(self.method))
    }
}

/// The table does not fit the handlers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// A handler without a row.
    #[error("{method} {path} has a handler but no row in the route table")]
    NoRow {
        /// Its method.
        method: &'static str,
        /// Its path.
        path: &'static str,
    },
    /// No method of HTTP.
    #[error("{0} is no HTTP method")]
    Method(&'static str),
}

/// The row of a handler.
///
/// # Errors
/// [`RouteError::NoRow`].
pub fn row(table: &[Route], method: &'static str, path: &'static str) -> Result<Route, RouteError> {
    table
        .iter()
        .find(|row| row.method == method && row.path == path)
        .copied()
        .ok_or(RouteError::NoRow { method, path })
}

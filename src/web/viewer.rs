//! Who is asking, and so which records exist for them (records.md §6).

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::registry::{partner, session};
use crate::store::StoreError;
use crate::store::log::body::Body;
use crate::store::search::Reach;

use super::state::App;

/// The name of the session cookie; `__Host-` ties it to this host over HTTPS, and a plain name is used
/// where the server itself speaks plain HTTP on loopback.
pub const SESSION_COOKIE: &str = "chengxin_session";

/// Who is asking.
#[derive(Clone)]
pub enum Viewer {
    /// Anybody.
    Public,
    /// A partner body, by its API key.
    Partner {
        /// Its name.
        name: String,
    },
    /// Somebody signed in: an officer, or a person of an employer.
    Person(Box<session::SignedIn>),
}

impl Viewer {
    /// Finds out who sent a request: `Authorization: Bearer KEY`, or the session cookie. An unknown key
    /// or an ended session is the public. Blocking: call it inside `web::block`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn of(app: &App, key: Option<&str>, token: Option<&str>) -> Result<Self, StoreError> {
        if let Some(key) = key
            && let Some(row) = partner::who(&app.registry, key)?
        {
            return Ok(Self::Partner { name: row.name });
        }
        if let Some(token) = token
            && let Some(who) = session::who(&app.registry, token)?
        {
            return Ok(Self::Person(Box::new(who)));
        }
        Ok(Self::Public)
    }

    /// Whether a withdrawn record is mentioned to this viewer: to officers, and to the employer that it is
    /// about. To everybody else it is as if it had never been.
    #[must_use]
    pub fn is_told_of_withdrawals(&self, body: &Body) -> bool {
        match self {
            Self::Public | Self::Partner { .. } => false,
            Self::Person(who) => {
                who.account.kind == "officer"
                    || (body.employer_id.is_some() && body.employer_id == who.account.employer_id)
            }
        }
    }

    /// Whom part of a name finds for this viewer. Partners and officers act under law; to all others an
    /// individual business is found by its whole name or number only.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::Partner { .. } => Reach::All,
            Self::Person(who) if who.account.kind == "officer" => Reach::All,
            Self::Public | Self::Person(_) => Reach::LegalPersons,
        }
    }

    /// Whether this viewer is told all that partners are told: partners themselves, and officers, who see what
    /// their registry published.
    #[must_use]
    pub fn is_told_as_partners(&self) -> bool {
        match self {
            Self::Public => false,
            Self::Partner { .. } => true,
            Self::Person(who) => who.account.kind == "officer",
        }
    }

    /// Whether everything published about an employer exists for this viewer.
    #[must_use]
    pub fn sees_all_of(&self, employer: i64) -> bool {
        match self {
            Self::Person(who) if who.account.employer_id == Some(employer) => true,
            _ => self.is_told_as_partners(),
        }
    }

    /// Whether a published body exists for this viewer. An officer sees what its registry published.
    #[must_use]
    pub fn may_see(&self, body: &Body) -> bool {
        self.may_see_of(&body.audience, body.employer_id)
    }

    /// Whether a record of this audience about this employer exists, or existed, for this viewer.
    #[must_use]
    pub fn may_see_of(&self, audience: &str, employer: Option<i64>) -> bool {
        match self {
            _ if audience == "public" => true,
            Self::Public => false,
            Self::Partner { .. } => true,
            Self::Person(who) if who.account.kind == "officer" => true,
            Self::Person(who) => employer.is_some() && employer == who.account.employer_id,
        }
    }
}

/// The API key and the session token of a request.
#[must_use]
pub fn credentials(request: &HttpRequest) -> (Option<String>, Option<String>) {
    let key = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::to_owned);
    let token = request
        .cookie(SESSION_COOKIE)
        .map(|cookie| cookie.value().to_owned());
    (key, token)
}

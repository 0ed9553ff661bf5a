//! One employer: who it is, and what this reader may see of what is published about it.

use serde::Serialize;

use crate::domain::code::{CodeError, UnifiedCode};
use crate::domain::registration::EmployerKey;
use crate::store::employer::{self, EmployerRow};
use crate::store::log::checkpoint::{self, Checkpoint};
use crate::store::{Conn, StoreError};
use crate::web::i18n::Lang;
use crate::web::problem::{Failure, Invalid, Reason};
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};
use super::view::{self, Grade, Identity, Links, Listing};
use crate::web::standing::Lists;

/// `/api/v1/employers/{code}`
pub(super) const EMPLOYER: Endpoint = Endpoint {
    route: Route::public("/api/v1/employers/{code}"),
    run: one,
    about: "One employer: identity, current grade, years, listings in force",
    operation: "employer",
    path: &[Parameter::text(
        "code",
        "unified social credit code, or reg:DIVISION:NUMBER where there is none",
    )
    .required()],
    query: &[],
    media: JSON,
    schema: Some("EmployerAnswer"),
    by_viewer: true,
    others: &[304, 400, 401, 404],
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One {
    employer: Identity,
    as_of: String,
    log_size: i64,
    grade: Option<Grade>,
    withheld: Option<Withheld>,
    history: Vec<Grade>,
    listings: Vec<Listing>,
    links: Links,
}

/// Why no grade may be shown: every lawful reason, always all of them, told apart for nobody.
#[derive(Serialize)]
struct Withheld {
    title: &'static str,
    detail: &'static str,
    reasons: [&'static str; 5],
}

fn one(app: &App, call: &Call) -> Result<Answer, Failure> {
    let viewer = call.viewer(app)?;
    let mut conn = app.registry.store.conn()?;
    let row = named(&mut conn, call.part("code"))?;
    let (as_of, served) = as_of(&mut conn)?;
    let mut lists = Lists::new(served, app.registry.clock.now());
    let found = view::published(&mut conn, &mut lists, &viewer, row.id, served)?;
    let answer = One {
        employer: view::identity(&row, call.lang),
        as_of,
        log_size: served,
        withheld: found.current.is_none().then(|| withheld(call.lang)),
        grade: found.current,
        history: found.history,
        listings: found.listings,
        links: view::links(&row),
    };
    Ok(Answer::json(&answer)?.tagged().by_viewer().lang(call.lang))
}

fn withheld(lang: Lang) -> Withheld {
    let words = &lang.text().employer;
    Withheld {
        title: words.none_title,
        detail: words.why_none_lead,
        reasons: [
            words.why_scope,
            words.why_pending,
            words.why_audience,
            words.why_lapsed,
            words.why_never,
        ],
    }
}

/// When the newest served head was signed, and its size.
pub(super) fn as_of(conn: &mut Conn) -> Result<(String, i64), StoreError> {
    let newest: Option<Checkpoint> = checkpoint::newest_served(conn)?;
    Ok(newest.map_or_else(
        || (view::moment(chrono::DateTime::UNIX_EPOCH), 0),
        |head| (view::moment(head.signed_at.and_utc()), head.size),
    ))
}

/// The employer that a path names.
fn named(conn: &mut Conn, text: &str) -> Result<EmployerRow, Failure> {
    if text.starts_with("reg:") {
        let key = text
            .parse()
            .map_err(|_| Invalid::path("code", Reason::RegistrationKey))?;
        return by_registration(conn, &key)?.ok_or(Failure::NotFound);
    }
    by_code(conn, text)?
        .map_err(|error| Invalid::path("code", Reason::Code(error)))?
        .ok_or(Failure::NotFound)
}

/// The employer of a unified code. A code whose check character fails is an error only where no employer
/// holds it under an override.
pub(super) fn by_code(
    conn: &mut Conn,
    text: &str,
) -> Result<Result<Option<EmployerRow>, CodeError>, StoreError> {
    match UnifiedCode::parse(text) {
        Ok(code) => Ok(Ok(employer::by_code(conn, code.as_str())?)),
        Err(error) if error.can_be_overridden() => Ok(employer::by_code(conn, text)?.map(Some).ok_or(error)),
        Err(error) => Ok(Err(error)),
    }
}

/// The employer that [`view::key`] names; `None` for one that is not there.
pub(super) fn by_key(conn: &mut Conn, text: &str) -> Result<Option<EmployerRow>, StoreError> {
    match text.parse::<EmployerKey>() {
        Ok(key) => by_registration(conn, &key),
        Err(_) => employer::by_code(conn, text),
    }
}

fn by_registration(conn: &mut Conn, key: &EmployerKey) -> Result<Option<EmployerRow>, StoreError> {
    let EmployerKey::Registration { division, number } = key else {
        return Ok(None);
    };
    let rows = employer::by_registration(conn, number.as_str())?;
    Ok(rows
        .into_iter()
        .find(|row| row.code.is_none() && row.division == division.as_str()))
}

//! One employer: who it is, and what this reader may see of what is published about it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::Serialize;

use crate::domain::code::{CodeError, UnifiedCode};
use crate::domain::registration::EmployerKey;
use crate::registry::clock::date_in_shanghai;
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
    query: &[Parameter::text(
        "as_of",
        "a day, YYYY-MM-DD: what was published and current when it ended (Asia/Shanghai), without what was \
         withdrawn since; names are today's",
    )],
    body: None,
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
    let now = app.registry.clock.now();
    let day = call.parameter("as_of").map(|text| day(text, now)).transpose()?;
    let mut conn = app.registry.store.conn()?;
    let row = look_up(&mut conn, call.part("code"))?.map_err(|reason| Invalid::path("code", reason))?;
    let row = row.ok_or(Failure::NotFound)?;
    let (as_of, served) = as_of(&mut conn)?;
    let mut lists = Lists::new(served, now);
    let (as_of, served, found) = match day {
        None => {
            let found = view::published(&mut conn, &mut lists, &viewer, row.id, served)?;
            (as_of, served, found)
        }
        Some(day) => {
            let (as_of, then) = served_by(&mut conn, end_of(day))?;
            let mut old = Lists::new(then, now.min(last_second(day)));
            let found = view::published_then(&mut conn, &mut old, &mut lists, &viewer, row.id, then)?;
            (as_of, then, found)
        }
    };
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

/// A day that has begun in Asia/Shanghai.
fn day(text: &str, now: DateTime<Utc>) -> Result<NaiveDate, Failure> {
    let spelled = |day: &NaiveDate| day.format("%Y-%m-%d").to_string() == text;
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(spelled);
    day.filter(|day| *day <= date_in_shanghai(now))
        .ok_or_else(|| Invalid::query("as_of", Reason::Day).into())
}

/// When a day is over in Asia/Shanghai, eight hours ahead of UTC.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let ended = day.and_time(NaiveTime::MIN).and_utc();
    ended + TimeDelta::hours(24 - 8)
}

fn last_second(day: NaiveDate) -> DateTime<Utc> {
    end_of(day) - TimeDelta::seconds(1)
}

/// When the newest head that had been served before `moment` was signed, and its size.
fn served_by(conn: &mut Conn, moment: DateTime<Utc>) -> Result<(String, i64), StoreError> {
    let head = checkpoint::newest_served_before(conn, moment.naive_utc())?;
    Ok(signed(head))
}

fn signed(head: Option<Checkpoint>) -> (String, i64) {
    head.map_or_else(
        || (view::moment(DateTime::UNIX_EPOCH), 0),
        |head| (view::moment(head.signed_at.and_utc()), head.size),
    )
}

/// When the newest served head was signed, and its size.
pub(super) fn as_of(conn: &mut Conn) -> Result<(String, i64), StoreError> {
    Ok(signed(checkpoint::newest_served(conn)?))
}

/// The employer that a code or a key names, or why the text can be neither.
pub(super) fn look_up(
    conn: &mut Conn,
    text: &str,
) -> Result<Result<Option<EmployerRow>, Reason>, StoreError> {
    if !text.starts_with("reg:") {
        return Ok(by_code(conn, text)?.map_err(Reason::Code));
    }
    match text.parse() {
        Ok(key) => Ok(Ok(by_registration(conn, &key)?)),
        Err(_) => Ok(Err(Reason::RegistrationKey)),
    }
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

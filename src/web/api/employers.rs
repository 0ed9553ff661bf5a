//! Search for employers: part of a name, a code, an old registration number.
//!
//! Hits, order, total and cursor come from the register alone, never from what is published; the grade shown
//! beside a hit depends on who asks, and the public finds individual businesses by their whole name only.

use actix_web::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::code::UnifiedCode;
use crate::domain::division::{DivisionCode, Level};
use crate::domain::employer::fold_full_width;
use crate::domain::registration::RegistrationNumber;
use crate::store::employer::{self, EmployerRow};
use crate::store::search::{self, Hits, Reach};
use crate::store::{Conn, StoreError};
use crate::web::problem::{Failure, Invalid, Reason};
use crate::web::route::Route;
use crate::web::state::App;
use crate::web::viewer::Viewer;
use crate::web::words;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::employer::{as_of, by_code, by_key};
use super::endpoint::{Endpoint, Parameter};
use super::view::{self, Grade, Identity, Links};
use crate::web::standing::Lists;

const LIMIT: u32 = 20;
const MOST: u32 = 100;
/// Characters of a query.
const SHORTEST: usize = 2;
const LONGEST: usize = 100;

/// `/api/v1/employers`
pub(super) const SEARCH: Endpoint = Endpoint {
    route: Route::public("/api/v1/employers"),
    run: search,
    about: "Employers by part of a name, unified code or old registration number",
    operation: "searchEmployers",
    path: &[],
    query: &[
        Parameter::text(
            "query",
            "part of a name from two characters, a unified code, or a registration number",
        )
        .required(),
        Parameter::text(
            "division",
            "division code of six digits: that division and those below it",
        ),
        Parameter::number("limit", "hits a page, 1 to 100; 20 without it"),
        Parameter::text("after", "cursor: `next` of the page before"),
    ],
    body: None,
    media: JSON,
    schema: Some("EmployerPage"),
    by_viewer: true,
    others: &[304, 400, 401],
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    employers: Vec<Hit>,
    total: i64,
    next: Option<String>,
    as_of: String,
    log_size: i64,
}

#[derive(Serialize)]
struct Hit {
    employer: Identity,
    grade: Option<Grade>,
    listed: bool,
    links: Links,
}

/// A query that can be run.
struct Wanted {
    text: String,
    division: Option<DivisionCode>,
    limit: u32,
    after: Option<String>,
}

impl Wanted {
    fn of(call: &Call) -> Result<Self, Failure> {
        let mut wrong = Vec::new();
        let mut keep = |name: &str, reason| wrong.push(Invalid::query(name, reason));
        let text = call.parameter("query").map(tidy);
        match &text {
            None => keep("query", Reason::Missing),
            Some(text) if !(SHORTEST..=LONGEST).contains(&text.chars().count()) => {
                keep("query", Reason::Characters(SHORTEST, LONGEST));
            }
            Some(_) => {}
        }
        let limit = call
            .parameter("limit")
            .map_or(Some(LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MOST).contains(limit));
        if limit.is_none() {
            keep("limit", Reason::Range(1, MOST));
        }
        let division = call.parameter("division").map(DivisionCode::parse).transpose();
        if division.is_err() {
            keep("division", Reason::Division);
        }
        let after = call.parameter("after").map(from_cursor);
        if after == Some(None) {
            keep("after", Reason::Cursor);
        }
        if !wrong.is_empty() {
            return Err(Failure::Parameters(wrong));
        }
        Ok(Self {
            text: text.unwrap_or_default(),
            division: division.ok().flatten(),
            limit: limit.unwrap_or(LIMIT),
            after: after.flatten(),
        })
    }
}

/// As names are stored: trimmed, full-width forms folded, NFC.
fn tidy(text: &str) -> String {
    text.trim()
        .chars()
        .map(fold_full_width)
        .nfc()
        .collect::<String>()
        .trim()
        .to_owned()
}

fn search(app: &App, call: &Call) -> Result<Answer, Failure> {
    let viewer = call.viewer(app)?;
    let wanted = Wanted::of(call)?;
    let mut conn = app.registry.store.conn()?;
    let hits = hits(&mut conn, &wanted, viewer.reach())?;
    let (as_of, served) = as_of(&mut conn)?;
    let mut lists = Lists::new(served, app.registry.clock.now());
    let next = hits.next.and_then(|_| hits.rows.last()).map(cursor);
    let mut hit = |row: &EmployerRow| shown(&mut conn, &mut lists, &viewer, row, served, call);
    let employers = hits.rows.iter().map(&mut hit).collect::<Result<_, _>>()?;
    let link = next.as_ref().map(|next| next_link(&wanted, next));
    let page = Page {
        employers,
        total: hits.total,
        next,
        as_of,
        log_size: served,
    };
    let answer = Answer::json(&page)?.tagged().by_viewer().lang(call.lang);
    Ok(match link {
        Some(link) => answer.header(header::LINK, link),
        None => answer,
    })
}

fn shown(
    conn: &mut Conn,
    lists: &mut Lists,
    viewer: &Viewer,
    row: &EmployerRow,
    served: i64,
    call: &Call,
) -> Result<Hit, Failure> {
    let found = view::published(conn, lists, viewer, row.id, served)?;
    Ok(Hit {
        employer: view::identity(row, call.lang),
        grade: found.current,
        listed: !found.listings.is_empty(),
        links: view::links(row),
    })
}

fn hits(conn: &mut Conn, wanted: &Wanted, reach: Reach) -> Result<Hits, Failure> {
    let code = UnifiedCode::tidy(&wanted.text);
    if UnifiedCode::from_stored(&code).is_ok() {
        let found = by_code(conn, &code)?.map_err(|error| Invalid::query("query", Reason::Code(error)))?;
        return Ok(all(found.into_iter().collect(), wanted));
    }
    if let Ok(number) = RegistrationNumber::parse(&wanted.text) {
        return Ok(all(employer::by_registration(conn, number.as_str())?, wanted));
    }
    let after = match &wanted.after {
        None => 0,
        Some(key) => {
            by_key(conn, key)?
                .ok_or_else(|| Invalid::query("after", Reason::Cursor))?
                .id
        }
    };
    Ok(by_name(conn, wanted, reach, after)?)
}

fn by_name(conn: &mut Conn, wanted: &Wanted, reach: Reach, after: i64) -> Result<Hits, StoreError> {
    let prefix = wanted.division.map_or_else(String::new, significant);
    search::by_name(conn, &wanted.text, &prefix, reach, after, i64::from(wanted.limit))
}

/// The digits that a division shares with all below it.
fn significant(code: DivisionCode) -> String {
    let digits = match code.level() {
        Level::Province => 2,
        Level::Prefecture => 4,
        Level::County => 6,
    };
    code.as_str().chars().take(digits).collect()
}

/// An exact number has few hits: one page.
fn all(rows: Vec<EmployerRow>, wanted: &Wanted) -> Hits {
    let inside = |row: &EmployerRow| match (wanted.division, DivisionCode::parse(&row.division)) {
        (None, _) => true,
        (Some(above), Ok(own)) => above.covers(own),
        (Some(_), Err(_)) => false,
    };
    let rows: Vec<EmployerRow> = rows.into_iter().filter(inside).collect();
    Hits {
        total: i64::try_from(rows.len()).unwrap_or(i64::MAX),
        rows,
        next: None,
    }
}

/// A cursor names the last employer shown by its public key, never by our own number.
fn cursor(row: &EmployerRow) -> String {
    URL_SAFE_NO_PAD.encode(view::key(row))
}

fn from_cursor(text: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn next_link(wanted: &Wanted, next: &str) -> String {
    let division = wanted
        .division
        .map_or_else(String::new, |code| format!("&division={code}"));
    let query = words::escaped(&wanted.text);
    format!(
        "</api/v1/employers?query={query}{division}&limit={}&after={next}>; rel=\"next\"",
        wanted.limit
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_tidied() {
        assert_eq!(tidy(" ＡＢ公司 "), "AB公司");
        assert_eq!(from_cursor("!!"), None);
    }
}

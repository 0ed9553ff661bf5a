//! Up to a thousand employers in one question: one answer for each code, in the order asked, all as of one
//! head of the log. A code that cannot be one is answered in its place, with its reason.

use serde::{Deserialize, Serialize};

use crate::store::Conn;
use crate::web::i18n::Lang;
use crate::web::problem::{Described, Failure, Invalid, Reason};
use crate::web::route::Route;
use crate::web::state::App;
use crate::web::viewer::Viewer;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::employer::{as_of, look_up};
use super::endpoint::Endpoint;
use super::view::{self, Grade, Identity, Links, Listing};
use crate::web::standing::Lists;

/// Most codes in a question.
const MOST: usize = 1000;

/// `/api/v1/employers/lookup`
pub(super) const LOOKUP: Endpoint = Endpoint {
    route: Route::question("/api/v1/employers/lookup"),
    run: look,
    about: "Up to 1,000 employers by code: one answer each, in the order asked; it changes nothing, so it takes no Idempotency-Key",
    operation: "lookUpEmployers",
    path: &[],
    query: &[],
    body: Some("LookupRequest"),
    media: JSON,
    schema: Some("LookupAnswer"),
    by_viewer: true,
    others: &[304, 401, 413, 415],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    codes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    answers: Vec<One<'a>>,
    as_of: String,
    log_size: i64,
}

/// What is known of one code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    code: &'a str,
    status: Known,
    error: Option<Described<'a>>,
    employer: Option<Identity>,
    grade: Option<Grade>,
    listings: Vec<Listing>,
    links: Option<Links>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Known {
    /// An employer of the register.
    Found,
    /// No employer of the register.
    Unknown,
    /// Not a code at all.
    Invalid,
}

fn look(app: &App, call: &Call) -> Result<Answer, Failure> {
    let viewer = call.viewer(app)?;
    let asked: Asked = serde_json::from_slice(&call.body).map_err(|_| Invalid::body("", Reason::Codes))?;
    if !(1..=MOST).contains(&asked.codes.len()) {
        return Err(Invalid::body("codes", Reason::Codes).into());
    }
    let mut conn = app.registry.store.conn()?;
    let (as_of, served) = as_of(&mut conn)?;
    let mut lists = Lists::new(served, app.registry.clock.now());
    let found = asked.codes.iter().map(|code| look_up(&mut conn, code));
    // The reasons are lent to the answers, so they are found first.
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    let answers = asked.codes.iter().zip(&found).map(|(code, found)| match found {
        Err(reason) => Ok(One::without(
            code,
            Known::Invalid,
            Some(reason.described(call.lang)),
        )),
        Ok(None) => Ok(One::without(code, Known::Unknown, None)),
        Ok(Some(row)) => {
            let served = Served {
                conn: &mut conn,
                lists: &mut lists,
                viewer: &viewer,
                size: served,
                lang: call.lang,
            };
            served.one(code, row)
        }
    });
    let answered = Answered {
        answers: answers.collect::<Result<_, Failure>>()?,
        as_of,
        log_size: served,
    };
    Ok(Answer::json(&answered)?.tagged().by_viewer().lang(call.lang))
}

/// What an answer is read from.
struct Served<'s> {
    conn: &'s mut Conn,
    lists: &'s mut Lists,
    viewer: &'s Viewer,
    size: i64,
    lang: Lang,
}

impl Served<'_> {
    fn one<'a>(self, code: &'a str, row: &crate::store::employer::EmployerRow) -> Result<One<'a>, Failure> {
        let published = view::published(self.conn, self.lists, self.viewer, row.id, self.size)?;
        Ok(One {
            code,
            status: Known::Found,
            error: None,
            employer: Some(view::identity(row, self.lang)),
            grade: published.current,
            listings: published.listings,
            links: Some(view::links(row)),
        })
    }
}

impl<'a> One<'a> {
    fn without(code: &'a str, status: Known, error: Option<Described<'a>>) -> Self {
        Self {
            code,
            status,
            error,
            employer: None,
            grade: None,
            listings: Vec::new(),
            links: None,
        }
    }
}

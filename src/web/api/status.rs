//! Status lists: the newest version, or the one of a moment.

use chrono::{DateTime, Utc};

use crate::record::status::StatusPurpose;
use crate::store::log::{body, checkpoint, status};
use crate::web::problem::{Failure, Invalid, Reason};
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::{Answer, Keep};
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};
use super::records::CREDENTIAL;

/// Lists are signed anew at most every few seconds.
const SECONDS: u32 = 5;

/// `/status/{purpose}/{n}`
pub(super) const LIST: Endpoint = Endpoint {
    route: Route::public("/status/{purpose}/{n}"),
    run: list,
    about: "A status list (Bitstring Status List 1.0): the newest version, or the newest of a moment",
    operation: "statusList",
    path: &[
        Parameter::text("purpose", "revocation, suspension or refresh").required(),
        Parameter::number("n", "the list's number, from 1").required(),
    ],
    query: &[Parameter::text(
        "timestamp",
        "as it was then: the newest version whose validFrom is not later",
    )],
    body: None,
    media: CREDENTIAL,
    schema: None,
    by_viewer: false,
    others: &[304, 400, 404],
};

fn list(app: &App, call: &Call) -> Result<Answer, Failure> {
    let at = call.parameter("timestamp").map(moment).transpose()?;
    let purpose = StatusPurpose::parse(call.part("purpose")).ok_or(Failure::NoStatusList)?;
    let number = number(call.part("n")).ok_or(Failure::NoStatusList)?;
    let mut conn = app.registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    let version = match at {
        None => status::newest_version(&mut conn, purpose.as_str(), number, served)?,
        Some(at) => status::version_at(&mut conn, purpose.as_str(), number, served, at.naive_utc())?,
    };
    let version = version.ok_or(Failure::NoStatusList)?;
    let found = body::at(&mut conn, version.log_index)?
        .ok_or_else(|| Failure::Internal(format!("status list version {} has no body", version.log_index)))?;
    Ok(Answer::new(CREDENTIAL, found.bytes)
        .keep(Keep::Seconds(SECONDS))
        .tagged())
}

fn moment(text: &str) -> Result<DateTime<Utc>, Failure> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| Invalid::query("timestamp", Reason::Timestamp).into())
}

/// A decimal number from 1, spelled in its one way.
fn number(text: &str) -> Option<i64> {
    text.parse()
        .ok()
        .filter(|number: &i64| *number > 0 && number.to_string() == text)
}

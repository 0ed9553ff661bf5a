//! Records, bare and with everything that proves them.
//!
//! A record that is not for this reader answers as one that never existed; one that was withdrawn answers
//! so (410) to whoever could see it before.

use actix_web::http::header;
use uuid::Uuid;

use crate::record::credential as credentials;
use crate::registry::export;
use crate::store::log::body::{self, Body};
use crate::store::log::{checkpoint, erasure};
use crate::store::{Conn, PooledConn, StoreError, employer};
use crate::web::problem::Failure;
use crate::web::route::Route;
use crate::web::standing::{Lists, Standing};
use crate::web::state::App;
use crate::web::viewer::Viewer;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};

/// Media type of a credential (VC Data Model 2.0).
pub(super) const CREDENTIAL: &str = "application/vc";

const ID: &[Parameter] = &[Parameter::text("id", "the record's UUID, without urn:uuid:").required()];

/// `/records/{id}`
pub(super) const RECORD: Endpoint = Endpoint {
    route: Route::public("/records/{id}"),
    run: record,
    about: "A record: the exact bytes that were signed and logged",
    operation: "record",
    path: ID,
    query: &[],
    body: None,
    media: CREDENTIAL,
    schema: None,
    by_viewer: true,
    others: &[304, 401, 404, 410],
};

/// `/records/{id}/latest`
pub(super) const LATEST: Endpoint = Endpoint {
    route: Route::public("/records/{id}/latest"),
    run: latest,
    about: "The newest record of the same employer, type and year that the reader may see",
    operation: "latestRecord",
    path: ID,
    query: &[],
    body: None,
    media: CREDENTIAL,
    schema: None,
    by_viewer: true,
    others: &[304, 401, 404, 410],
};

/// `/records/{id}/bundle`
pub(super) const BUNDLE: Endpoint = Endpoint {
    route: Route::public("/records/{id}/bundle"),
    run: bundle,
    about: "The record with everything that an offline check needs",
    operation: "recordBundle",
    path: ID,
    query: &[],
    body: None,
    media: JSON,
    schema: None,
    by_viewer: true,
    others: &[304, 401, 404, 410],
};

/// The record of the call, with what else is needed to go on from it.
struct Found {
    conn: PooledConn,
    viewer: Viewer,
    served: i64,
    row: Body,
}

fn find(app: &App, call: &Call) -> Result<Found, Failure> {
    let viewer = call.viewer(app)?;
    let id = identifier(call.part("id")).ok_or(Failure::NotFound)?;
    let mut conn = app.registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    let row = body::by_record_id(&mut conn, id.as_bytes(), served)?;
    let Some(row) = row else {
        return Err(missing(&mut conn, &viewer, id)?);
    };
    if !viewer.may_see(&row) {
        return Err(Failure::NotFound);
    }
    Ok(Found {
        conn,
        viewer,
        served,
        row,
    })
}

/// Why there is no body for an id.
fn missing(conn: &mut Conn, viewer: &Viewer, id: Uuid) -> Result<Failure, Failure> {
    let erased = erasure::by_record_id(conn, id.as_bytes())?;
    let could_see = erased.is_some_and(|row| viewer.may_see_of(&row.audience, row.employer_id));
    Ok(if could_see {
        Failure::Gone
    } else {
        Failure::NotFound
    })
}

/// A UUID in its one spelling.
fn identifier(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text)
        .ok()
        .filter(|id| id.hyphenated().to_string() == text)
}

fn credential(row: Body) -> Answer {
    Answer::new(CREDENTIAL, row.bytes).tagged().by_viewer()
}

fn record(app: &App, call: &Call) -> Result<Answer, Failure> {
    find(app, call).map(|found| credential(found.row))
}

fn latest(app: &App, call: &Call) -> Result<Answer, Failure> {
    let Found {
        mut conn,
        viewer,
        served,
        row,
    } = find(app, call)?;
    let newest = newest(app, &mut conn, &viewer, &row, served)?.unwrap_or(row);
    let place = link(&newest).unwrap_or_default();
    Ok(credential(newest).header(header::CONTENT_LOCATION, place))
}

/// The newest record of the same employer, type and year that this reader may see and that was not
/// withdrawn. Where there is none the reader learns no more than the record's own status says.
fn newest(
    app: &App,
    conn: &mut PooledConn,
    viewer: &Viewer,
    row: &Body,
    served: i64,
) -> Result<Option<Body>, Failure> {
    let Some(employer) = row.employer_id else {
        return Ok(None);
    };
    let mut lists = Lists::new(served, app.registry.clock.now());
    for other in body::of_employer(conn, employer, served)? {
        if !viewer.may_see(&other) || other.record_type != row.record_type || other.year != row.year {
            continue;
        }
        let record = credentials::read(&other.bytes)
            .map_err(|error| StoreError::corrupt(format!("body {}", other.log_index), error))?;
        if lists.standing(conn, &record)? != Standing::Withdrawn {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

fn bundle(app: &App, call: &Call) -> Result<Answer, Failure> {
    let Found { mut conn, row, .. } = find(app, call)?;
    let bytes = export::bundle(&mut conn, &row).map_err(|error| Failure::Internal(error.to_string()))?;
    let employer = row
        .employer_id
        .map(|id| employer::find(&mut conn, id))
        .transpose()?
        .flatten();
    let whom = employer.and_then(|employer| employer.code.or(employer.registration));
    let name = match (whom, row.year) {
        (Some(whom), Some(year)) => format!("{whom}-{year}"),
        (Some(whom), None) => format!("{whom}-listing"),
        (None, _) => call.part("id").to_owned(),
    };
    let disposition = format!("attachment; filename=\"{name}.bundle.json\"");
    Ok(Answer::new(JSON, bytes)
        .tagged()
        .by_viewer()
        .header(header::CONTENT_DISPOSITION, disposition))
}

/// Where a record is served.
pub(super) fn link(row: &Body) -> Option<String> {
    let id = Uuid::from_slice(row.record_id.as_deref()?).ok()?;
    Some(format!("/records/{id}"))
}

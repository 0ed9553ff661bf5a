//! What the registry holds on an employer, “nothing” included, as a file that verifies offline.
//!
//! Partners are answered from their own tree. Everybody else, an employer's own people too, from the
//! public's: a proof shows neighbours, and a partner-only neighbour must not be seen.

use actix_web::http::header;

use crate::domain::registration::EmployerKey;
use crate::record::credential::Audience;
use crate::registry::export::ExportError;
use crate::registry::snapshot::statement;
use crate::store::Conn;
use crate::web::problem::{Failure, Invalid, Reason};
use crate::web::route::Route;
use crate::web::state::App;
use crate::web::viewer::Viewer;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::employer::by_code;
use super::endpoint::{Endpoint, Parameter};

/// `/api/v1/employers/{code}/statement`
pub(super) const STATEMENT: Endpoint = Endpoint {
    route: Route::public("/api/v1/employers/{code}/statement"),
    run: make,
    about: "What the registry holds on an employer as of its newest snapshot, “nothing” included, for an offline check",
    operation: "employerStatement",
    path: &[Parameter::text(
        "code",
        "unified social credit code, or reg:DIVISION:NUMBER where there is none; it need not be registered",
    )
    .required()],
    query: &[Parameter::text(
        "records",
        "`true` adds the records themselves and their status lists",
    )],
    body: None,
    media: JSON,
    schema: None,
    by_viewer: true,
    others: &[304, 400, 401, 404],
};

fn make(app: &App, call: &Call) -> Result<Answer, Failure> {
    let audience = match call.viewer(app)? {
        Viewer::Partner { .. } => Audience::Partners,
        Viewer::Public | Viewer::Person(_) => Audience::Public,
    };
    let with_records = match call.parameter("records") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Failure::Parameters(vec![Invalid::query("records", Reason::Form)])),
    };
    let mut conn = app.registry.store.conn()?;
    let name = name(&mut conn, call.part("code"))?;
    let bytes = statement::make(&mut conn, audience, &name, with_records).map_err(|error| match error {
        ExportError::NotFound(_) => Failure::NotFound,
        other => Failure::Internal(other.to_string()),
    })?;
    let file = name.replace(':', "-");
    Ok(Answer::new(JSON, bytes).tagged().by_viewer().header(
        header::CONTENT_DISPOSITION,
        format!("attachment; filename=\"{file}.statement.json\""),
    ))
}

/// The name in the tree of what the path says, whether or not anybody bears it. A code that was mistyped
/// would truthfully be answered by “nothing”, so its check character must fit.
fn name(conn: &mut Conn, text: &str) -> Result<String, Failure> {
    if text.starts_with("reg:") {
        let key: EmployerKey = text
            .parse()
            .map_err(|_| Invalid::path("code", Reason::RegistrationKey))?;
        return Ok(key.to_string());
    }
    by_code(conn, text)?.map_err(|error| Invalid::path("code", Reason::Code(error)))?;
    Ok(format!("uscc:{text}"))
}

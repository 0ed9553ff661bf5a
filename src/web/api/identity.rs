//! Who the registry is: DID document, JSON-LD context, and a copy of the trust folder.
//!
//! None of it is what a verifier trusts: keys count through key documents in the log, the trust folder
//! comes out of band.

use actix_web::http::header::HeaderName;

use crate::log::note::Note;
use crate::record::context;
use crate::registry::trust::TrustFiles;
use crate::web::problem::Failure;
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::{Answer, JSON, Keep};
use super::call::Call;
use super::endpoint::Endpoint;
use super::log::newest_keys;

const DID: &str = "application/did+json";
const CONTEXT: &str = "application/ld+json";
const POLICY: &str = "text/plain; charset=utf-8";
const SECONDS: u32 = 300;
const NOTICE: &str = "a convenience copy; obtain the trust folder out of band from the authority, never from this server alone";

/// `/.well-known/did.json`
pub(super) const DOCUMENT: Endpoint = Endpoint {
    route: Route::public("/.well-known/did.json"),
    run: did_document,
    about: "The DID document of the newest key document (did:web); the signed note is /log/keys",
    operation: "didDocument",
    path: &[],
    query: &[],
    body: None,
    media: DID,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

/// `/ns/labour-credit/v1`
pub(super) const NAMESPACE: Endpoint = Endpoint {
    route: Route::public("/ns/labour-credit/v1"),
    run: namespace,
    about: "The JSON-LD context of every record; it never changes",
    operation: "context",
    path: &[],
    query: &[],
    body: None,
    media: CONTEXT,
    schema: None,
    by_viewer: false,
    others: &[304],
};

/// `/trust/policy.txt`
pub(super) const TRUST_POLICY: Endpoint = Endpoint {
    route: Route::public("/trust/policy.txt"),
    run: trust_policy,
    about: "A convenience copy of the trust folder's policy (C2SP tlog-policy); trust must come out of band",
    operation: "trustPolicy",
    path: &[],
    query: &[],
    body: None,
    media: POLICY,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

/// `/trust/issuer.json`
pub(super) const TRUST_ISSUER: Endpoint = Endpoint {
    route: Route::public("/trust/issuer.json"),
    run: trust_issuer,
    about: "A convenience copy of the trust folder's issuer file; trust must come out of band",
    operation: "trustIssuer",
    path: &[],
    query: &[],
    body: None,
    media: JSON,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

fn did_document(app: &App, _: &Call) -> Result<Answer, Failure> {
    let body = newest_keys(&mut *app.registry.store.conn()?)?;
    let note =
        Note::parse(&body.bytes).map_err(|error| Failure::Internal(format!("key document: {error}")))?;
    Ok(Answer::new(DID, note.text().trim_end_matches('\n'))
        .keep(Keep::Seconds(SECONDS))
        .tagged())
}

fn namespace(app: &App, _: &Call) -> Result<Answer, Failure> {
    Ok(Answer::new(CONTEXT, context::text(&app.registry.host))
        .keep(Keep::ForEver)
        .tagged())
}

fn trust_policy(app: &App, _: &Call) -> Result<Answer, Failure> {
    Ok(convenience(Answer::new(POLICY, trust(app)?.policy)))
}

fn trust_issuer(app: &App, _: &Call) -> Result<Answer, Failure> {
    Ok(convenience(Answer::new(JSON, trust(app)?.issuer)))
}

/// The files stay byte for byte what was handed out, so the notice stands beside them.
fn convenience(answer: Answer) -> Answer {
    answer
        .keep(Keep::Seconds(SECONDS))
        .tagged()
        .header(HeaderName::from_static("chengxin-notice"), NOTICE)
}

/// The trust folder, where this machine has one.
fn trust(app: &App) -> Result<TrustFiles, Failure> {
    let data = app.registry.data.as_ref().ok_or(Failure::NotFound)?;
    if !data.trust().exists() {
        return Err(Failure::NotFound);
    }
    TrustFiles::read(&data.trust()).map_err(|error| Failure::Internal(error.to_string()))
}

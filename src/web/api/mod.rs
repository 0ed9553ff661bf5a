//! The JSON API, the records, the log's files: one file per resource.
//!
//! A resource is an `Endpoint`: its row of the route table, its documentation, and
//! a function from a `Call` to an `Answer` that runs where blocking is
//! allowed. Everything here reads; nothing here decides.

mod answer;
mod call;
mod changes;
mod dumps;
mod employer;
mod employers;
mod endpoint;
mod health;
mod identity;
mod log;
mod lookup;
mod openapi;
mod records;
mod statement;
mod status;
mod view;

#[cfg(test)]
mod tests;

use actix_web::web::ServiceConfig;

use self::endpoint::{Endpoint, attach};
use super::route::Route;

/// Every resource, in the order in which paths are tried.
static ENDPOINTS: [Endpoint; 22] = [
    log::CHECKPOINT,
    log::KEYS,
    log::ENTRIES,
    log::TILE,
    records::RECORD,
    records::LATEST,
    records::BUNDLE,
    identity::DOCUMENT,
    identity::NAMESPACE,
    identity::TRUST_POLICY,
    identity::TRUST_ISSUER,
    status::LIST,
    employers::SEARCH,
    lookup::LOOKUP,
    employer::EMPLOYER,
    statement::STATEMENT,
    changes::CHANGES,
    dumps::LATEST,
    dumps::FILE,
    openapi::DOCUMENT,
    health::LIVE,
    health::READY,
];

/// The rows of these resources in the route table.
pub const ROUTES: &[Route] = &[
    log::CHECKPOINT.route,
    log::KEYS.route,
    log::ENTRIES.route,
    log::TILE.route,
    records::RECORD.route,
    records::LATEST.route,
    records::BUNDLE.route,
    identity::DOCUMENT.route,
    identity::NAMESPACE.route,
    identity::TRUST_POLICY.route,
    identity::TRUST_ISSUER.route,
    status::LIST.route,
    employers::SEARCH.route,
    lookup::LOOKUP.route,
    employer::EMPLOYER.route,
    statement::STATEMENT.route,
    changes::CHANGES.route,
    dumps::LATEST.route,
    dumps::FILE.route,
    openapi::DOCUMENT.route,
    health::LIVE.route,
    health::READY.route,
];

/// Makes every resource reachable, by `GET` and `HEAD`, or by `POST` where it takes a question. Needs `Data<App>` in the application.
pub fn configure(cfg: &mut ServiceConfig) {
    for endpoint in &ENDPOINTS {
        attach(cfg, endpoint);
    }
}

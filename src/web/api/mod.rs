//! The JSON API, the records, the log's files: one file per resource.

use actix_web::web;

/// Registers the API.
pub fn configure(_: &mut web::ServiceConfig) {}

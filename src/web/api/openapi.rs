//! The OpenAPI 3.1 document, made from the same table that makes the resources reachable.

use serde_json::{Map, Value, json};

use crate::web::problem::{Failure, MEDIA};
use crate::web::route::Route;
use crate::web::state::App;

use super::ENDPOINTS;
use super::answer::{Answer, JSON, Keep};
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};

/// Shapes of our own JSON; a test holds the answers against their member names.
const SCHEMAS: &str = include_str!("schemas.json");
const SECONDS: u32 = 300;

/// `/api/v1/openapi.json`
pub(super) const DOCUMENT: Endpoint = Endpoint {
    route: Route::public("/api/v1/openapi.json"),
    run: document,
    about: "This document",
    operation: "openapi",
    path: &[],
    query: &[],
    body: None,
    media: JSON,
    schema: None,
    by_viewer: false,
    others: &[304],
};

fn document(_: &App, _: &Call) -> Result<Answer, Failure> {
    let schemas: Value =
        serde_json::from_str(SCHEMAS).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(Answer::json(&whole(&schemas))?
        .keep(Keep::Seconds(SECONDS))
        .tagged())
}

fn whole(schemas: &Value) -> Value {
    let paths: Map<String, Value> = ENDPOINTS
        .iter()
        .map(|endpoint| {
            let method = endpoint.route.method.to_ascii_lowercase();
            (
                template(endpoint.route.path),
                json!({method: operation(endpoint)}),
            )
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "诚信 Chengxin",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Records and bundles verify offline; trust comes out of band, never from this server. \
                What is for partners needs an API key; without one it does not exist. Every GET answers HEAD; \
                unknown query parameters are refused. Idempotency-Key belongs to requests that create; none here does. \
                RateLimit-Policy and RateLimit say how much may still be asked; 429 comes with Retry-After.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "partnerKey": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": crate::web::viewer::SESSION_COOKIE},
            },
        },
    })
}

/// A pattern of actix as OpenAPI writes it.
fn template(pattern: &str) -> String {
    pattern.replace(":.*}", "}")
}

fn operation(endpoint: &Endpoint) -> Value {
    let parts = endpoint.path.iter().map(|known| parameter(known, "path"));
    let query = endpoint.query.iter().map(|known| parameter(known, "query"));
    let mut responses = Map::new();
    responses.insert("200".to_owned(), success(endpoint));
    for status in endpoint.others.iter().chain(&[400, 405, 429, 500]) {
        responses.insert(status.to_string(), other(endpoint, *status));
    }
    let mut operation = json!({
        "operationId": endpoint.operation,
        "summary": endpoint.about,
        "parameters": parts.chain(query).collect::<Vec<_>>(),
        "responses": responses,
    });
    if let (Some(name), Some(members)) = (endpoint.body, operation.as_object_mut()) {
        members.insert(
            "requestBody".to_owned(),
            json!({"required": true, "content": {JSON: {"schema": {"$ref": format!("#/components/schemas/{name}")}}}}),
        );
    }
    if endpoint.by_viewer
        && let Some(members) = operation.as_object_mut()
    {
        members.insert(
            "security".to_owned(),
            json!([{}, {"partnerKey": []}, {"session": []}]),
        );
    }
    operation
}

fn parameter(known: &Parameter, place: &str) -> Value {
    json!({
        "name": known.name,
        "in": place,
        "required": known.required,
        "description": known.about,
        "schema": {"type": known.kind},
    })
}

fn success(endpoint: &Endpoint) -> Value {
    let schema = match endpoint.schema {
        Some(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        None if endpoint.media.contains("json") || endpoint.media == super::records::CREDENTIAL => {
            json!({"type": "object"})
        }
        None => json!({"type": "string"}),
    };
    json!({"description": "OK", "content": {endpoint.media: {"schema": schema}}})
}

fn other(endpoint: &Endpoint, status: u16) -> Value {
    match status {
        304 => json!({"description": "The client's copy is the newest"}),
        206 => json!({"description": "The part asked for", "content": success(endpoint).get("content")}),
        503 if endpoint.schema.is_some() => {
            json!({"description": "Not ready", "content": success(endpoint).get("content")})
        }
        _ => json!({
            "description": "Problem",
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }),
    }
}

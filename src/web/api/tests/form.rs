//! What all resources have in common: errors, methods, the table, its documentation.

use std::collections::BTreeSet;

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App as Server, test};
use serde_json::Value;

use super::super::{ENDPOINTS, ROUTES};
use super::fixture::{A, code, world};
use super::{ask, get};
use crate::web::observe::observe;
use crate::web::route::Rate;

/// A path of each pattern that leads to a handler.
fn example(pattern: &str) -> String {
    pattern
        .replace("{path:.*}", "x")
        .replace("{id}", "x")
        .replace("{code}", &code(A))
        .replace("{purpose}", "revocation")
        .replace("{n}", "1")
}

#[actix_web::test]
async fn every_row_is_reachable_and_refuses_what_it_does_not_know() {
    assert_eq!(
        ENDPOINTS
            .iter()
            .map(|endpoint| endpoint.route)
            .collect::<Vec<_>>(),
        ROUTES
    );
    for route in ROUTES {
        let path = example(route.path);
        let unknown = get(&format!("{path}?x=1")).await;
        assert_eq!(unknown.status, 400, "{path}");
        assert_eq!(unknown.json()["errors"][0]["pointer"], "/query/x", "{path}");
        let post = ask(Method::POST, &path, &[]).await;
        assert_eq!(
            (post.status.as_u16(), post.header("allow")),
            (405, "GET, HEAD"),
            "{path}"
        );
        let (read, head) = (get(&path).await, ask(Method::HEAD, &path, &[]).await);
        assert_eq!(read.status, head.status, "{path}");
        assert_eq!(read.header("content-type"), head.header("content-type"), "{path}");
    }
}

#[actix_web::test]
async fn problems_speak_the_readers_language_and_quote_their_number() {
    let chinese = get("/records/x").await;
    assert_eq!(chinese.header("content-type"), "application/problem+json");
    assert_eq!(chinese.header("content-language"), "zh-Hans");
    let (chinese, english) = (
        chinese.json(),
        ask(Method::GET, "/records/x", &[("accept-language", "en")])
            .await
            .json(),
    );
    assert_eq!(chinese["type"], "https://registry.example/problems/not-found");
    assert_eq!(
        (chinese["title"].as_str(), english["title"].as_str()),
        (Some("没有找到"), Some("Not found"))
    );
    let number = chinese["instance"]
        .as_str()
        .unwrap()
        .strip_prefix("urn:uuid:")
        .unwrap();
    assert_eq!(uuid::Uuid::parse_str(number).unwrap().get_version_num(), 4);
    assert_ne!(chinese["instance"], english["instance"]);
}

#[actix_web::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let app = world().app.clone();
    let now = app.registry.clock.now();
    while app.limiter.count("192.0.2.1", Rate::Read, now).is_ok() {}
    let server = test::init_service(
        Server::new()
            .app_data(Data::from(app))
            .configure(super::super::configure),
    )
    .await;
    let from = |address: &str| {
        test::TestRequest::get()
            .uri("/healthz")
            .peer_addr(address.parse().unwrap())
    };
    let refused = test::call_service(&server, from("192.0.2.1:9").to_request()).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(
        refused.headers().get("content-type").unwrap(),
        "application/problem+json"
    );
    assert!(refused.headers().contains_key("retry-after"));
    let other = test::call_service(&server, from("192.0.2.2:9").to_request()).await;
    assert_eq!(other.status(), 200);
}

#[actix_web::test]
async fn an_errors_instance_is_the_number_in_the_header_and_the_log() {
    let app = Data::from(world().app.clone());
    let server = Server::new()
        .app_data(app)
        .wrap(from_fn(observe))
        .configure(super::super::configure);
    let server = test::init_service(server).await;
    let response = test::call_service(&server, test::TestRequest::get().uri("/records/x").to_request()).await;
    let number = response
        .headers()
        .get("x-request-id")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let body: Value = test::read_body_json(response).await;
    assert_eq!(body["instance"], format!("urn:uuid:{number}"));
}

#[actix_web::test]
async fn health_and_readiness() {
    assert_eq!(get("/healthz").await.json(), serde_json::json!({"status": "ok"}));
    let ready = get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    let body = ready.json();
    for check in ["status", "database", "head", "keys"] {
        assert_eq!(body[check], "ok", "{check}");
    }
    assert_eq!(body["witnesses"], "not-required");
    for nothing in ["noQuorumSeconds", "awaitingWitnesses"] {
        assert_eq!(body[nothing], Value::Null, "{nothing}");
    }
    assert!(body["checkpointAgeSeconds"].is_i64());
}

#[actix_web::test]
async fn the_documentation_has_every_resource_and_member() {
    let document = get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["paths"].as_object().unwrap().len(), ROUTES.len());
    let operations: BTreeSet<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.operation).collect();
    assert_eq!(operations.len(), ENDPOINTS.len());
    let schemas = &document["components"]["schemas"];
    for endpoint in &ENDPOINTS {
        assert!(
            endpoint.schema.is_none_or(|name| schemas.get(name).is_some()),
            "{}",
            endpoint.operation
        );
        let named: BTreeSet<&str> = endpoint.path.iter().map(|part| part.name).collect();
        for name in &named {
            assert!(endpoint.route.path.contains(&format!("{{{name}")), "{name}");
        }
        assert_eq!(
            named.len(),
            endpoint.route.path.matches('{').count(),
            "{}",
            endpoint.operation
        );
    }
    let one = get(&format!("/api/v1/employers/{}", code(A))).await.json();
    assert_eq!(members(&one), required(&schemas["EmployerAnswer"]));
    assert_eq!(members(&one["employer"]), required(&schemas["Identity"]));
    let mut grade = required(&schemas["Decision"]);
    grade.extend(required(&schemas["Grade"]["allOf"][1]));
    assert_eq!(members(&one["grade"]), grade);
    let page = get(&format!("/api/v1/employers?query={}", code(A))).await.json();
    assert_eq!(members(&page), required(&schemas["EmployerPage"]));
    let hit = &schemas["EmployerPage"]["properties"]["employers"]["items"];
    assert_eq!(members(&page["employers"][0]), required(hit));
}

fn members(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

fn required(schema: &Value) -> BTreeSet<String> {
    schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

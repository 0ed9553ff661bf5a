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
        .replace("{dump}", "x")
        .replace("{file}", "x")
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
    for endpoint in &ENDPOINTS {
        let path = example(endpoint.route.path);
        let (own, other, allowed) = match endpoint.body {
            None => (Method::GET, Method::POST, "GET, HEAD"),
            Some(_) => (Method::POST, Method::GET, "POST"),
        };
        assert_eq!(own.as_str(), endpoint.route.method);
        let unknown = ask(own, &format!("{path}?x=1"), &[]).await;
        assert_eq!(unknown.status, 400, "{path}");
        assert_eq!(unknown.json()["errors"][0]["pointer"], "/query/x", "{path}");
        let refused = ask(other, &path, &[]).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header("allow")),
            (405, allowed),
            "{path}"
        );
        if endpoint.body.is_some() {
            continue;
        }
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
    let page = get("/api/v1/changes?since=0&limit=1").await.json();
    assert_eq!(members(&page), required(&schemas["ChangePage"]));
    let change = &schemas["ChangePage"]["properties"]["changes"]["items"];
    assert_eq!(members(&page["changes"][0]), required(change));
    let page = super::lookup::look(&[&code(A), "x"]).await.json();
    assert_eq!(members(&page), required(&schemas["LookupAnswer"]));
    let one = &schemas["LookupAnswer"]["properties"]["answers"]["items"];
    for answer in page["answers"].as_array().unwrap() {
        assert_eq!(members(answer), required(one));
    }
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

/// The document as it was checked in: what partners build against changes only on purpose.
#[actix_web::test]
async fn the_documentation_is_the_one_that_was_checked_in() {
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let document = get("/api/v1/openapi.json").await.json();
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    if std::env::var("CHENGXIN_REGENERATE").is_ok_and(|value| value == "1") {
        std::fs::write(&path, text).unwrap();
        panic!("regenerated docs/openapi.json; unset CHENGXIN_REGENERATE and look at the difference");
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == text,
        "docs/openapi.json is not what the server says: run this test with CHENGXIN_REGENERATE=1"
    );
}

#[actix_web::test]
async fn every_answer_says_how_much_may_still_be_asked() {
    for (path, status) in [("/healthz", 200), ("/records/x", 404), ("/healthz?x=1", 400)] {
        let reply = get(path).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("ratelimit-policy"), "\"default\";q=6000;w=60");
        let left = reply.header("ratelimit");
        let left = left
            .strip_prefix("\"default\";r=")
            .unwrap()
            .split_once(";t=")
            .unwrap();
        assert!(left.0.parse::<u32>().unwrap() < 6000 && left.1.parse::<u32>().unwrap() <= 60);
    }
}

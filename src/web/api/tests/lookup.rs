//! A thousand codes in one question.

use std::time::{Duration, Instant};

use actix_web::http::Method;
use serde_json::{Value, json};

use super::audience::shape;
use super::fixture::{A, B, C, NONE, ODD, OLD, code, name, world};
use super::{Reply, get_as, send};

const PATH: &str = "/api/v1/employers/lookup";
const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

pub(super) async fn look(codes: &[&str]) -> Reply {
    let body = serde_json::to_vec(&json!({"codes": codes})).unwrap();
    send(Method::POST, PATH, &[JSON], body).await
}

#[actix_web::test]
async fn one_answer_each_in_the_order_asked() {
    let (a, odd, mistyped) = (code(A), code(ODD), format!("{}0", &code(A)[..17]));
    let asked = [
        "reg:500105:500105000000017",
        a.as_str(),
        "9150",
        "91500105MA99999X0A",
        odd.as_str(),
        "reg:5001:1",
        a.as_str(),
    ];
    let reply = look(&asked).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let answered = reply.json();
    let answers = answered["answers"].as_array().unwrap();
    let codes: Vec<&str> = answers.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, asked);
    let status: Vec<&str> = answers
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(status[..3], ["found", "found", "invalid"]);
    assert_eq!(status[4..], ["found", "invalid", "found"]);
    assert_eq!(answers[0]["employer"]["name"], name(OLD));
    assert_eq!(answers[1]["grade"]["grade"], "A");
    assert_eq!(answers[1], answers[6]);
    assert_eq!(answers[2]["error"]["code"], "length");
    assert_eq!(answers[5]["error"]["code"], "registration");
    assert_eq!(answers[4]["employer"]["name"], name(ODD));
    if mistyped != a {
        let wrong = look(&[&mistyped]).await.json()["answers"][0].clone();
        assert_eq!(wrong["error"]["position"], 18);
    }
    // The same as one by one.
    let one = super::get(&format!("/api/v1/employers/{a}")).await.json();
    assert_eq!(
        (&one["grade"], &one["listings"]),
        (&answers[1]["grade"], &answers[1]["listings"])
    );
    assert_eq!(
        (&one["asOf"], &one["logSize"]),
        (&answered["asOf"], &answered["logSize"])
    );
}

#[actix_web::test]
async fn partners_are_told_more_and_the_public_cannot_tell() {
    for hidden in [B, C] {
        let (here, nothing) = (look(&[&code(hidden)]).await, look(&[&code(NONE)]).await);
        assert_eq!(shape(&here, hidden), shape(&nothing, NONE));
    }
    let key = format!("Bearer {}", world().key);
    let body = serde_json::to_vec(&json!({"codes": [code(B), code(C)]})).unwrap();
    let known = send(Method::POST, PATH, &[JSON, ("authorization", &key)], body)
        .await
        .json();
    assert_eq!(known["answers"][0]["grade"]["grade"], "B");
    assert_eq!(known["answers"][1]["grade"]["grade"], "C");
    let refused = send(
        Method::POST,
        PATH,
        &[JSON, ("authorization", "Bearer cx_0")],
        b"{}".to_vec(),
    )
    .await;
    assert_eq!(refused.status, 401);
    assert_eq!(get_as(super::As::Partner, PATH).await.status, 405);
}

/// Alternating questions: reading what is hidden would take far longer than reading nothing.
#[actix_web::test]
async fn the_time_taken_tells_nothing() {
    let (hidden, nothing) = (vec![code(B); 100], vec![code(NONE); 100]);
    let timed = async |codes: &[String]| {
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let begun = Instant::now();
        assert_eq!(look(&codes).await.status, 200);
        begun.elapsed()
    };
    let (mut one, mut other): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for _ in 0..15 {
        one.push(timed(&hidden).await);
        other.push(timed(&nothing).await);
    }
    // The shortest of each: a busy machine only ever adds.
    let shortest = |all: &[Duration]| all.iter().min().unwrap().as_secs_f64();
    let ratio = shortest(&one) / shortest(&other);
    assert!(
        (0.6..1.7).contains(&ratio),
        "hidden takes {ratio} times as long as nothing"
    );
}

#[actix_web::test]
async fn what_is_no_question_is_refused() {
    let many: Vec<&str> = vec!["x"; 1001];
    let of = async |body: Value| send(Method::POST, PATH, &[JSON], body.to_string().into_bytes()).await;
    for (body, pointer) in [
        (json!({"codes": many}), "/body/codes"),
        (json!({"codes": []}), "/body/codes"),
        (json!({"codes": [1]}), "/body/"),
        (json!({"codes": ["x"], "more": 1}), "/body/"),
        (json!([]), "/body/"),
    ] {
        let reply = of(body).await;
        assert_eq!(reply.status, 400);
        let error = reply.json()["errors"][0].clone();
        assert_eq!(
            (error["pointer"].as_str(), error["code"].as_str()),
            (Some(pointer), Some("codes"))
        );
    }
    assert_eq!(of(json!({"codes": vec!["x"; 1000]})).await.status, 200);
    let form = send(
        Method::POST,
        PATH,
        &[("content-type", "text/plain")],
        b"{}".to_vec(),
    )
    .await;
    assert_eq!(
        (form.status.as_u16(), &form.json()["type"]),
        (415, &json!("https://registry.example/problems/not-json"))
    );
    let long = send(Method::POST, PATH, &[JSON], vec![b' '; 64 * 1024 + 1]).await;
    assert_eq!(long.status, 413);
}

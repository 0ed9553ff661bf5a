//! Employers and search.

use super::audience::shape;
use super::fixture::B;
use super::fixture::{A, NONE, ODD, OLD, code, name, record};
use super::{As, get, get_as, world};

#[actix_web::test]
async fn an_employer_with_a_public_grade() {
    let reply = get(&format!("/api/v1/employers/{}", code(A))).await;
    assert_eq!(reply.header("content-type"), "application/json");
    let body = reply.json();
    assert_eq!(body["employer"]["name"], name(A));
    assert_eq!(body["employer"]["division"]["name"], "重庆市江北区");
    assert_eq!(body["grade"]["state"], "valid");
    assert_eq!(body["grade"]["audience"], "public");
    assert_eq!(
        body["grade"]["links"]["bundle"],
        format!("/records/{}/bundle", record(A))
    );
    assert_eq!(body["history"].as_array().unwrap().len(), 1);
    assert_eq!(body["asOf"], "2026-10-09T01:00:00Z");
    assert!(body["employer"].get("headcount").is_none());
}

#[actix_web::test]
async fn a_wrong_code_is_refused_with_what_is_wrong() {
    let good = code(A);
    let last = good.chars().last().unwrap();
    let other = if last == '0' { '1' } else { '0' };
    let swapped = format!("{}{other}", &good[..17]);
    for (text, kind) in [
        (swapped.as_str(), "check-digit"),
        ("915001", "length"),
        ("91500105MA00001I0I", "character"),
    ] {
        let reply = get(&format!("/api/v1/employers/{text}")).await;
        assert_eq!(reply.status, 400, "{text}");
        let error = reply.json()["errors"][0].clone();
        assert_eq!(
            (error["pointer"].as_str(), error["code"].as_str()),
            (Some("/path/code"), Some(kind))
        );
    }
    let reply = get(&format!("/api/v1/employers?query={swapped}")).await;
    let error = reply.json()["errors"][0].clone();
    assert_eq!(error["expected"], last.to_string());
    assert_eq!(error["found"], other.to_string());
    assert_eq!(error["position"], 18);
    let unknown = crate::domain::code::UnifiedCode::from_parts("91", "500105", "MA99999X").unwrap();
    assert_eq!(get(&format!("/api/v1/employers/{unknown}")).await.status, 404);
}

#[actix_web::test]
async fn codes_under_an_override_and_old_numbers_are_found() {
    let odd = get(&format!("/api/v1/employers/{}", code(ODD))).await;
    assert_eq!(odd.json()["employer"]["name"], name(ODD));
    let found = get("/api/v1/employers?query=500105000000017").await.json();
    assert_eq!(found["total"], 1);
    let this = found["employers"][0]["links"]["self"].as_str().unwrap();
    assert_eq!(this, "/api/v1/employers/reg:500105:500105000000017");
    assert_eq!(get(this).await.json()["employer"]["name"], name(OLD));
    assert_eq!(
        get("/api/v1/employers/reg:500106:500105000000017").await.status,
        404
    );
    assert_eq!(get("/api/v1/employers/reg:5001:1").await.status, 400);
}

#[actix_web::test]
async fn pages_follow_the_cursor() {
    let mut path = "/api/v1/employers?query=%E7%A4%BA%E4%BE%8B&division=500000&limit=4".to_owned();
    let mut names = Vec::new();
    loop {
        let reply = get(&path).await;
        let body = reply.json();
        assert_eq!(body["total"], 6);
        for hit in body["employers"].as_array().unwrap() {
            names.push(hit["employer"]["name"].as_str().unwrap().to_owned());
        }
        let link = reply.header("link");
        let Some(next) = body["next"].as_str() else {
            assert_eq!(link, "");
            break;
        };
        assert!(link.contains(next) && link.ends_with("rel=\"next\""), "{link}");
        path = link.trim_start_matches('<').split_once('>').unwrap().0.to_owned();
    }
    assert_eq!(names, (1..=6).map(name).collect::<Vec<_>>());
    let elsewhere = get("/api/v1/employers?query=%E7%A4%BA%E4%BE%8B&division=500106")
        .await
        .json();
    assert_eq!(elsewhere["total"], 0);
    let outside = get(&format!("/api/v1/employers?query={}&division=110000", code(NONE)))
        .await
        .json();
    assert_eq!(outside["total"], 0);
}

#[actix_web::test]
async fn parameters_are_checked_one_by_one() {
    let reply = get("/api/v1/employers?query=%E9%87%8D&limit=0&division=5&after=!").await;
    assert_eq!(reply.status, 400);
    let body = reply.json();
    let pointers: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].clone())
        .collect();
    assert_eq!(
        pointers,
        ["/query/query", "/query/limit", "/query/division", "/query/after"]
    );
    assert_eq!(
        get("/api/v1/employers").await.json()["errors"][0]["code"],
        "missing"
    );
    let repeated = get("/api/v1/employers?query=aa&query=bb").await.json();
    assert_eq!(repeated["errors"][0]["code"], "repeated");
    assert!(world().folder.exists());
}

#[actix_web::test]
async fn a_day_is_answered_as_it_was() {
    let of = async |who, id, day: &str| {
        let path = format!("/api/v1/employers/{}?as_of={day}", code(id));
        get_as(who, &path).await
    };
    let now = get(&format!("/api/v1/employers/{}", code(A))).await.json();
    let today = of(As::Public, A, "2026-10-09").await.json();
    assert_eq!((&today["grade"], &today["asOf"]), (&now["grade"], &now["asOf"]));
    // Published on the 28th at 15:00 in Chongqing, in force from the 9th on.
    let before = of(As::Public, A, "2026-09-27").await.json();
    assert_eq!(before["history"], serde_json::json!([]));
    assert!(before["logSize"].as_i64() < now["logSize"].as_i64() && before["logSize"].as_i64() > Some(0));
    let after = of(As::Public, A, "2026-09-28").await.json();
    assert_eq!(after["history"][0]["grade"], "A");
    assert!(after["logSize"].as_i64() < now["logSize"].as_i64());
    assert_eq!(of(As::Public, A, "1999-12-31").await.json()["logSize"], 0);

    let (hidden, nothing) = (
        of(As::Public, B, "2026-09-28").await,
        of(As::Public, NONE, "2026-09-28").await,
    );
    assert_eq!(shape(&hidden, B), shape(&nothing, NONE));
    assert_eq!(
        of(As::Partner, B, "2026-09-28").await.json()["history"][0]["grade"],
        "B"
    );

    for bad in ["2026-10-10", "2026-9-1", "2026-02-30", "20260901", ""] {
        let refused = of(As::Public, A, bad).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert_eq!(refused.json()["errors"][0]["code"], "day");
    }
}

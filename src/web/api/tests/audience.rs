//! What is for partners does not exist for the public, by any resource (records.md §6).

use actix_web::http::Method;

use super::fixture::{A, B, C, NONE, code, name, record, world};
use super::{As, Reply, ask, get, get_as};

/// A reply with the employer's own words taken out, the request's number too.
pub(super) fn shape(reply: &Reply, id: i64) -> String {
    let mut text = reply.text().replace(&code(id), "CODE").replace(&name(id), "NAME");
    if let Some(from) = text.find("urn:uuid:") {
        text.replace_range(from + 9..from + 45, "REQUEST");
    }
    let mut headers: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| *name != "etag" && *name != "ratelimit")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    format!("{} {} {text}", reply.status, headers.join("\n"))
}

#[actix_web::test]
async fn the_public_cannot_tell_b_and_c_from_not_assessed() {
    for hidden in [B, C] {
        for path in [
            "/api/v1/employers/CODE",
            "/api/v1/employers?query=CODE",
            "/api/v1/employers?query=NAME",
        ] {
            let of = |id: i64| {
                path.replace("CODE", &code(id))
                    .replace("NAME", &encode(&name(id)))
            };
            let (here, nothing) = (get(&of(hidden)).await, get(&of(NONE)).await);
            assert_eq!(here.status, 200, "{path}");
            assert_eq!(shape(&here, hidden), shape(&nothing, NONE), "{path}");
        }
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[actix_web::test]
async fn a_partners_record_answers_the_public_like_an_unknown_one() {
    let unknown = "0f0e0d0c-0b0a-4908-8706-050403020100";
    for hidden in [B, C] {
        for path in ["/records/ID", "/records/ID/latest", "/records/ID/bundle"] {
            let (here, nothing) = (
                get(&path.replace("ID", &record(hidden))).await,
                get(&path.replace("ID", unknown)).await,
            );
            assert_eq!(here.status, 404);
            assert_eq!(shape(&here, hidden), shape(&nothing, NONE), "{path}");
            let known = get_as(As::Partner, &path.replace("ID", &record(hidden))).await;
            let tag = known.header("etag").to_owned();
            for condition in [tag.as_str(), "*"] {
                let again = ask(
                    Method::GET,
                    &path.replace("ID", &record(hidden)),
                    &[("if-none-match", condition)],
                )
                .await;
                assert_eq!(again.status, 404, "a tag must not confirm a hidden record");
            }
        }
    }
}

#[actix_web::test]
async fn partners_see_all_and_an_account_its_own() {
    for (id, who, seen) in [
        (A, As::Public, true),
        (B, As::Public, false),
        (A, As::Partner, true),
        (B, As::Partner, true),
        (C, As::Partner, true),
        (A, As::OwnB, true),
        (B, As::OwnB, true),
        (C, As::OwnB, false),
    ] {
        for path in ["/records/ID", "/records/ID/latest", "/records/ID/bundle"] {
            let reply = get_as(who, &path.replace("ID", &record(id))).await;
            assert_eq!(reply.status, if seen { 200 } else { 404 }, "{id} {who:?} {path}");
            assert!(reply.header("vary").contains("Authorization, Cookie"));
            assert_eq!(reply.header("cache-control"), "no-store");
        }
        let one = get_as(who, &format!("/api/v1/employers/{}", code(id)))
            .await
            .json();
        let found = get_as(who, &format!("/api/v1/employers?query={}", code(id)))
            .await
            .json();
        let letter = ["", "A", "B", "C"][usize::try_from(id).unwrap()];
        let expected = if seen {
            serde_json::json!(letter)
        } else {
            serde_json::Value::Null
        };
        assert_eq!(one["grade"]["grade"], expected, "{id} {who:?}");
        assert_eq!(found["employers"][0]["grade"]["grade"], expected, "{id} {who:?}");
        assert_eq!(one["history"].as_array().unwrap().len(), usize::from(seen));
        assert_eq!(one["withheld"].is_null(), seen);
    }
}

#[actix_web::test]
async fn a_key_that_is_given_must_be_good() {
    let good = format!("bearer  {}", world().key);
    let path = format!("/records/{}", record(B));
    let with = async |value: &str| ask(Method::GET, &path, &[("authorization", value)]).await;
    assert_eq!(with(&good).await.status, 200);
    for bad in ["Bearer cx_0000", "Bearer", "Bearer ", "Basic YTpi", "cx_0000"] {
        let reply = with(bad).await;
        assert_eq!(reply.status, 401, "{bad}");
        assert!(
            reply
                .header("www-authenticate")
                .starts_with("Bearer realm=\"registry.example\"")
        );
        assert_eq!(
            reply.json()["type"],
            "https://registry.example/problems/invalid-key"
        );
    }
    let cookie = format!("chengxin_session={}", world().session);
    let both = ask(
        Method::GET,
        &path,
        &[("authorization", "Bearer cx_0"), ("cookie", &cookie)],
    )
    .await;
    assert_eq!(both.status, 401, "a session does not mend a bad key");
    let stale = ask(Method::GET, &path, &[("cookie", "chengxin_session=00")]).await;
    assert_eq!(stale.status, 404, "an ended session is the public");
}

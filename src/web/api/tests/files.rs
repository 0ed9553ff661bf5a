//! Records, bundles, the log's files, keys, lists.

use actix_web::http::Method;

use super::fixture::{A, B, code, record, world};
use super::{As, ask, get, get_as};
use crate::log::checkpoint::Checkpoint;
use crate::log::note::Note;
use crate::log::tile::{BundleId, TileId, width_at};
use crate::record::status::{StatusPurpose, read_list};
use crate::registry::trust::TrustFiles;
use crate::verify::{Options, Outcome, Trust, check_bundle};

#[actix_web::test]
async fn a_record_is_its_exact_bytes() {
    let path = format!("/records/{}", record(A));
    let reply = get(&path).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("content-type")),
        (200, "application/vc")
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    let credential = crate::record::credential::read(&reply.body).unwrap();
    assert_eq!(credential.id, format!("urn:uuid:{}", record(A)));
    let again = ask(Method::GET, &path, &[("if-none-match", reply.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    let head = ask(Method::HEAD, &path, &[]).await;
    assert_eq!(
        (head.status, head.header("etag")),
        (reply.status, reply.header("etag"))
    );
    let latest = get(&format!("{path}/latest")).await;
    assert_eq!(
        (latest.header("content-location"), &latest.body),
        (path.as_str(), &reply.body)
    );
    for other in [path.to_uppercase(), path.replace('-', ""), "/records/x".into()] {
        assert_eq!(
            get(&other.replace("/RECORDS/", "/records/")).await.status,
            404,
            "{other}"
        );
    }
}

#[actix_web::test]
async fn a_bundle_verifies_with_the_trust_folder() {
    for (id, who) in [(A, As::Public), (B, As::Partner)] {
        let reply = get_as(who, &format!("/records/{}/bundle", record(id))).await;
        let name = format!("attachment; filename=\"{}-2025.bundle.json\"", code(id));
        assert_eq!(reply.header("content-disposition"), name);
        let files = TrustFiles::read(&world().folder.join("trust")).unwrap();
        let trust = Trust::parse(files.policy.as_bytes(), files.issuer.as_bytes()).unwrap();
        let mut options = Options::at(world().app.registry.clock.now());
        options.max_age = chrono::TimeDelta::days(60);
        let verdict = check_bundle(&reply.body, &trust, &options).unwrap();
        assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
    }
}

#[actix_web::test]
async fn the_log_ends_at_the_served_checkpoint() {
    let reply = get("/log/checkpoint").await;
    assert_eq!(reply.header("cache-control"), "public, max-age=5");
    let head = Checkpoint::of(&Note::parse(&reply.body).unwrap()).unwrap();
    let width = width_at(0, 0, head.size);
    assert!(width < 256);
    let tile = get(&format!(
        "/log/{}",
        TileId {
            level: 0,
            index: 0,
            width
        }
    ))
    .await;
    assert_eq!(
        (tile.status.as_u16(), tile.body.len()),
        (200, usize::from(width) * 32)
    );
    assert_eq!(tile.header("content-type"), "application/octet-stream");
    let narrow = get("/log/tile/0/000.p/1").await;
    assert_eq!(narrow.body, tile.body[..32]);
    let entries = get(&format!("/log/{}", BundleId { index: 0, width })).await;
    assert_eq!(
        crate::log::entries::decode(&entries.body).unwrap().len(),
        usize::from(width)
    );
    let beyond = TileId {
        level: 0,
        index: 0,
        width: width + 1,
    };
    let nowhere = [
        beyond.to_string(),
        "tile/0/000".into(),
        "tile/0/001.p/1".into(),
        "tile/63/000".into(),
    ];
    let misspelt = [
        "tile/0/0",
        "tile/entries/000",
        "tile/00/000.p/1",
        "tile/x",
        "tile/0/%30%30%30.p/1",
    ];
    for path in nowhere.iter().map(String::as_str).chain(misspelt) {
        let reply = get(&format!("/log/{path}")).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("content-type"), "application/problem+json", "{path}");
    }
}

#[actix_web::test]
async fn keys_context_and_trust() {
    let note = get("/log/keys").await;
    let did = get("/.well-known/did.json").await;
    assert_eq!(did.header("content-type"), "application/did+json");
    assert_eq!(
        Note::parse(&note.body).unwrap().text(),
        format!("{}\n", did.text())
    );
    assert_eq!(did.json()["id"], "did:web:registry.example");
    let context = get("/ns/labour-credit/v1").await;
    assert_eq!(
        context.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        context.text(),
        crate::record::context::text(&world().app.registry.host)
    );
    let files = TrustFiles::read(&world().folder.join("trust")).unwrap();
    let (policy, issuer) = (get("/trust/policy.txt").await, get("/trust/issuer.json").await);
    assert_eq!((policy.text(), issuer.text()), (files.policy, files.issuer));
    assert!(issuer.header("chengxin-notice").contains("out of band"));
}

#[actix_web::test]
async fn lists_of_now_and_of_then() {
    let newest = get("/status/revocation/1").await;
    assert_eq!(newest.header("content-type"), "application/vc");
    let list = read_list(&newest.body).unwrap();
    assert_eq!((list.purpose, list.list), (StatusPurpose::Revocation, 1));
    let then = get("/status/revocation/1?timestamp=2026-10-01T08:00:00%2B08:00").await;
    let older = read_list(&then.body).unwrap();
    assert!(older.credential.valid_from < list.credential.valid_from);
    let before = get("/status/revocation/1?timestamp=2020-01-01T00:00:00Z").await;
    assert_eq!(before.status, 404);
    let kind = before.json()["type"].as_str().unwrap().to_owned();
    assert!(kind.ends_with("#STATUS_RETRIEVAL_ERROR"), "{kind}");
    for path in [
        "/status/revocation/2",
        "/status/revocation/01",
        "/status/message/1",
        "/status/revocation/0",
    ] {
        assert_eq!(get(path).await.status, 404, "{path}");
    }
    assert_eq!(get("/status/revocation/1?timestamp=yesterday").await.status, 400);
}

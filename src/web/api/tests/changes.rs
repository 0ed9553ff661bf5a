//! The log told in order, for both audiences.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fixture::{B, C, name, world};
use super::{As, Reply, ask, get, get_as};
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::registry::snapshot::history::{History, StoredHistory};
use crate::store::log::checkpoint;
use actix_web::http::Method;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Page {
    changes: Vec<Change>,
    next: u64,
    log_size: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    log_index: u64,
    kind: String,
    audience: String,
    digest: String,
    erased: bool,
    credential: Option<Box<RawValue>>,
    text: Option<String>,
}

fn page(reply: &Reply) -> Page {
    assert_eq!(reply.status, 200, "{}", reply.text());
    serde_json::from_slice(&reply.body).unwrap()
}

/// Everything, a few entries at a time.
async fn all(who: As, limit: u64) -> Vec<Change> {
    let (mut found, mut since) = (Vec::new(), 0);
    loop {
        let page = page(&get_as(who, &format!("/api/v1/changes?since={since}&limit={limit}")).await);
        found.extend(page.changes);
        if page.next == page.log_size {
            return found;
        }
        assert_eq!(page.next, since + limit);
        since = page.next;
    }
}

fn logged() -> Vec<Entry> {
    let mut conn = world().app.registry.store.conn().unwrap();
    let size = u64::try_from(checkpoint::served_size(&mut conn).unwrap()).unwrap();
    let logged = StoredHistory::new(&mut conn).entries(0, size).unwrap();
    logged
        .iter()
        .map(|one| Entry::decode(&one.entry).unwrap())
        .collect()
}

#[actix_web::test]
async fn each_reader_is_told_each_of_its_entries_once_with_its_exact_body() {
    let logged = logged();
    for (who, partners) in [(As::Public, false), (As::OwnB, false), (As::Partner, true)] {
        let expected: Vec<(u64, &Entry)> = (0..)
            .zip(&logged)
            .filter(|(_, entry)| partners || entry.audience == Audience::Public)
            .collect();
        for limit in [1, 3, 1000] {
            let told = all(who, limit).await;
            let places: Vec<u64> = told.iter().map(|one| one.log_index).collect();
            let wanted: Vec<u64> = expected.iter().map(|(at, _)| *at).collect();
            assert_eq!(places, wanted, "{who:?} {limit}");
            for (one, (_, entry)) in told.iter().zip(&expected) {
                assert_eq!(one.kind, entry.kind.as_str());
                assert_eq!(one.audience, entry.audience.as_str());
                assert_eq!(one.digest, entry.digest.hex());
                assert!(!one.erased);
                let body = one
                    .credential
                    .as_ref()
                    .map(|raw| raw.get())
                    .or(one.text.as_deref());
                assert_eq!(Digest::of(body.unwrap().as_bytes()), entry.digest, "{one:?}");
                let is_text = matches!(entry.kind, EntryKind::Keys | EntryKind::Audit);
                assert_eq!(one.text.is_some(), is_text);
            }
        }
    }
}

/// The public's bytes are made of the log itself and of public bodies; nothing else could show in them.
#[actix_web::test]
async fn nothing_of_a_partners_record_shows() {
    let public = get("/api/v1/changes?since=0&limit=1000").await.text();
    for hidden in [B, C] {
        assert!(!public.contains(&name(hidden)) && !public.contains(&super::fixture::record(hidden)));
    }
    for entry in logged()
        .iter()
        .filter(|entry| entry.audience == Audience::Partners)
    {
        assert!(!public.contains(&entry.digest.hex()));
    }
    let partner = get_as(As::Partner, "/api/v1/changes?since=0&limit=1000")
        .await
        .text();
    assert!(partner.contains(&name(B)) && partner.contains(&name(C)));
    let own = get_as(As::OwnB, "/api/v1/changes?since=0&limit=1000")
        .await
        .text();
    assert_eq!(own, public, "an account's own records are not in the feed");
}

#[actix_web::test]
async fn cursors_tags_and_errors() {
    let size = logged().len();
    let first = get("/api/v1/changes?since=0&limit=2").await;
    assert_eq!(
        first.header("link"),
        "</api/v1/changes?since=2&limit=2>; rel=\"next\""
    );
    assert_eq!(first.header("cache-control"), "no-store");
    let known = [("if-none-match", first.header("etag"))];
    assert_eq!(
        ask(Method::GET, "/api/v1/changes?since=0&limit=2", &known)
            .await
            .status,
        304
    );
    let end = page(&get(&format!("/api/v1/changes?since={size}")).await);
    assert!(end.changes.is_empty() && end.next == end.log_size);
    for (query, pointer, code) in [
        ("", "/query/since", "missing"),
        ("since=-1", "/query/since", "range"),
        ("since=0&limit=0", "/query/limit", "range"),
        ("since=0&limit=1001", "/query/limit", "range"),
        ("since=0&wait=21", "/query/wait", "range"),
        ("since=0&until=1", "/query/until", "unknown"),
        (&format!("since={}", size + 1), "/query/since", "cursor"),
    ] {
        let refused = get(&format!("/api/v1/changes?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        let error = refused.json()["errors"][0].clone();
        assert_eq!(
            (error["pointer"].as_str(), error["code"].as_str()),
            (Some(pointer), Some(code))
        );
    }
}

/// Who waits gets an answer when its time is up, and its seat is free again.
#[actix_web::test]
async fn a_wait_ends() {
    let size = logged().len();
    let waited = page(&get(&format!("/api/v1/changes?since={size}&wait=1")).await);
    assert!(waited.changes.is_empty());
    assert_eq!(world().app.growth.waiting(), 0);
}

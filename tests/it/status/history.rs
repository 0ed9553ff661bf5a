//! Lists past one, and lists as they were: `GET /status/{purpose}/{n}?timestamp=…`.

use std::sync::Arc;

use chengxin::record::status::{Change, StatusPurpose, read_list};
use chengxin::registry::clock::StoryClock;
use chengxin::registry::publish::NoStops;
use chengxin::registry::{Registry, freshness};
use chengxin::store::log::body;
use chrono::{DateTime, TimeDelta, Utc};

use crate::support::http::Visitor;
use crate::support::registry::Fixture;
use crate::support::server::Server;

use super::sequencer::request;

crate::on_both_databases!(lists_as_they_were);

fn lists_as_they_were(database: Option<&str>) {
    let fixture = Fixture::new("history", database);
    let start: DateTime<Utc> = "2026-03-02T01:00:00Z".parse().unwrap();
    let clock = Arc::new(StoryClock::starting(start));
    let registry: Registry = fixture.registry.clone().with_clock(clock.clone());
    let record = {
        let conn = &mut *registry.store.conn().unwrap();
        body::all_of_kind(conn, "rule-set").unwrap()[0].log_index
    };
    let at = |hours: i64| start + TimeDelta::hours(hours);
    let mut act = |hours: i64, to: Change| {
        clock.advance(at(hours));
        request(&registry, record, to);
        freshness::sequence(&registry, &NoStops).unwrap();
    };
    act(10, Change::Suspend);
    act(20, Change::Restore);
    act(30, Change::Revoke);
    let server = Server::start(&fixture.dir.join("registry"), database);
    let get = |path: &str| Visitor::new().get(&format!("{}{path}", server.address()));
    let set = |purpose: &str, moment: DateTime<Utc>| {
        let stamp = moment.format("%Y-%m-%dT%H:%M:%SZ");
        let answer = get(&format!("/status/{purpose}/1?timestamp={stamp}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let list = read_list(&answer.body).unwrap();
        assert_eq!(list.purpose, StatusPurpose::parse(purpose).unwrap());
        assert!(list.credential.valid_from <= moment);
        list.bits.count()
    };
    let second = TimeDelta::seconds(1);
    let suspended: Vec<u32> = [at(10) - second, at(10), at(20) - second, at(20), at(40)]
        .map(|moment| set("suspension", moment))
        .to_vec();
    assert_eq!(suspended, [0, 1, 1, 0, 0]);
    assert_eq!([at(29), at(30)].map(|moment| set("revocation", moment)), [0, 1]);

    // Problem documents with the specification's types, and none of them an answer to another question.
    let retrieval = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR";
    for (path, status) in [
        ("/status/revocation/1?timestamp=yesterday", 400),
        ("/status/revocation/2", 404),
        ("/status/other/1", 404),
        ("/status/revocation/1?timestamp=2020-01-01T00:00:00Z", 404),
    ] {
        let answer = get(path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"] == retrieval, status == 404, "{path}: {problem}");
    }
}

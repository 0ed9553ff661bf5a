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

use super::sequencer::{bit, request};

crate::on_both_databases!(lists_as_they_were);
#[cfg(feature = "failpoints")]
crate::on_both_databases!(lists_past_one);

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
    let act = |hours: i64, to: Change| {
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

/// The first list is full in the middle of a batch. That a list has 131,072 indices is not changed; the
/// registry only hands out fewer of the first one's, which no reader can tell from a list in use.
#[cfg(feature = "failpoints")]
fn lists_past_one(database: Option<&str>) {
    use chengxin::record::credential;
    use chengxin::registry::data_dir::DataDir;
    use chengxin::store::log::status;
    use diesel::{RunQueryDsl, sql_query};

    use crate::support::city::City;
    use crate::support::stopped::Stopped;

    let city = City::new("full", database, 60);
    Stopped::at(&mut city.demo_command(), "records-signed", 1).kill();
    let last = 10;
    let part = if database.is_some() {
        "substring(free_order from 1 for CAST(4 * (used + MORE) AS INTEGER))"
    } else {
        "substr(free_order, 1, 4 * (used + MORE))"
    };
    let fewer = format!("UPDATE status_list SET free_order = {part}, size = used + MORE")
        .replace("MORE", &last.to_string());
    assert_eq!(sql_query(fewer).execute(&mut city.database()).unwrap(), 1);
    city.check(&city.demo());

    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    let conn = &mut *registry.store.conn().unwrap();
    let used: Vec<i64> = status::all(conn)
        .unwrap()
        .iter()
        .map(|(_, _, used)| *used)
        .collect();
    assert_eq!(used.len(), 2, "a second list");
    let records = body::between(conn, 0, i64::MAX).unwrap();
    let list = |row: &&body::Body| {
        credential::read(&row.bytes).is_ok_and(|record| record.status.is_some_and(|at| at.list == 2))
    };
    let in_second: Vec<_> = records
        .iter()
        .filter(|row| row.record_type.is_some())
        .filter(list)
        .collect();
    assert_eq!(i64::try_from(in_second.len()).unwrap(), used[1]);
    let record = in_second
        .iter()
        .find(|row| row.outcome.as_deref() == Some("A"))
        .unwrap();
    request(&registry, record.log_index, Change::Revoke);
    city.run(&["publish"]).ok();
    assert!(bit(&registry, record.log_index, StatusPurpose::Revocation));

    let server = Server::start(&city.data(), database);
    let get = |path: &str| Visitor::new().get(&format!("{}{path}", server.address()));
    let count = |path: &str| read_list(&get(path).body).unwrap().bits.count();
    assert_eq!(
        (count("/status/revocation/1"), count("/status/revocation/2")),
        (0, 1)
    );
    let id = uuid::Uuid::from_slice(record.record_id.as_deref().unwrap()).unwrap();
    let file = city.path("second.json");
    std::fs::write(&file, get(&format!("/records/{id}/bundle")).body).unwrap();
    let trust = city.data().join("trust");
    let ran = crate::support::command::verify([file.as_str(), "--trust", trust.to_str().unwrap(), "--json"]);
    assert!(ran.code(1).stdout.contains("\"revoked\""));
    assert_eq!(
        freshness::refresh(&registry, &NoStops).unwrap().lists,
        6,
        "three purposes of two lists"
    );
    city.run(&["log", "fsck"]).ok();
}

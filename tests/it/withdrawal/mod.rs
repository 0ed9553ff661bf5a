//! The end of display: a withdrawn record is gone from every surface, logged as erased, and kept sealed.

mod canary;
#[cfg(feature = "failpoints")]
mod killed;
mod officers;
mod outage;
mod story;
mod terms;
mod watched;

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};

use chengxin::domain::withdrawal::Cause;
use chengxin::record::credential::{self, Subject};
use chengxin::record::digest::Digest;
use chengxin::registry::Registry;
use chengxin::registry::batch::{self, BatchError};
use chengxin::registry::publish::NoStops;
use chengxin::registry::release as releases;
use chengxin::registry::withdrawal::{self, Wanted};
use chengxin::store::account::{self, AccountRow};
use chengxin::store::batch as batches;
use chengxin::store::employer::{self, EmployerRow};
use chengxin::store::log::body::{self, Body};
use chengxin::store::log::erasure::{self, ErasureRow};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};
use serde_json::Value;

use crate::status::told::{Office, id};
use crate::witness::until;

/// Proposes as whoever proposed the record.
fn propose(office: &Office, record: &Body, cause: Cause) -> Result<String, BatchError> {
    // A number names one decision.
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let wanted = Wanted {
        record: id(record),
        cause,
        reason: "经复核应当停止公布",
        document_number: &format!("渝人社撤〔2026〕{number}号"),
        ended_on: None,
    };
    let [proposer, _] = accounts(office, record);
    let actor = batch::actor(&mut office.registry.store.conn().unwrap(), &proposer).unwrap();
    withdrawal::propose(&office.registry, &actor, wanted)
}

/// The records of listings, oldest first, each with its employer.
fn listings(registry: &Registry) -> Vec<(EmployerRow, Body)> {
    let conn = &mut *registry.store.conn().unwrap();
    let all = body::between(conn, 0, i64::MAX).unwrap();
    let found: Vec<_> = all
        .into_iter()
        .filter(|row| row.outcome.as_deref() == Some("listed"))
        .map(|row| {
            let whom = employer::find(conn, row.employer_id.unwrap()).unwrap().unwrap();
            (whom, row)
        })
        .collect();
    assert!(found.len() >= 4, "the demonstration has four listings");
    found
}

/// The account that proposed the batch of a record, and the one that approved it.
fn accounts(office: &Office, record: &Body) -> [AccountRow; 2] {
    let conn = &mut *office.registry.store.conn().unwrap();
    let id = record.batch_id.as_deref().unwrap();
    let row = batches::find(conn, id).unwrap().unwrap();
    [Some(row.proposed_by), row.decided_by].map(|id| account::find(conn, &id.unwrap()).unwrap().unwrap())
}

/// Approves and releases as whoever approved the record.
fn release(office: &Office, record: &Body, id: &str) {
    let [_, approver] = accounts(office, record);
    let conn = &mut *office.registry.store.conn().unwrap();
    let actor = batch::actor(conn, &approver).unwrap();
    let digest = batches::find(conn, id).unwrap().unwrap().digest;
    batch::approve(&office.registry, &actor, id, &digest, "同意").unwrap();
    releases::publish(&office.registry, &actor, id, &NoStops, &|_, _| ()).unwrap();
    assert_eq!(batches::find(conn, id).unwrap().unwrap().state, "published");
}

/// A command that publishes, repeated while the server itself is at it.
fn done(office: &Office, words: &[&str]) {
    until("the command is done", || {
        let ran = office.city.run(words);
        let busy = ["is publishing with these keys", "dump: No such file"]
            .iter()
            .any(|why| ran.stderr.contains(why));
        assert!(busy || ran.code == Some(0), "{}", ran.stderr);
        !busy
    });
}

/// The register has another name from now on: the old one stands in the record alone.
fn rename(office: &Office, whom: &EmployerRow) {
    let conn = &mut *office.registry.store.conn().unwrap();
    let renamed = format!(
        "UPDATE employer SET name = '改名后有限公司', grams = '改名 名后 后有 有限 限公 公司' WHERE id = {}",
        whom.id
    );
    sql_query(renamed).execute(conn).unwrap();
}

fn erased(registry: &Registry, record: &Body) -> Option<ErasureRow> {
    erasure::of_record(&mut registry.store.conn().unwrap(), record.log_index).unwrap()
}

fn stored(registry: &Registry, index: i64) -> Option<Body> {
    body::at(&mut registry.store.conn().unwrap(), index).unwrap()
}

/// The withdrawals in the log that name a record.
fn withdrawals_of(registry: &Registry, record: &Body) -> usize {
    let wanted = Digest::of(&record.bytes);
    let conn = &mut *registry.store.conn().unwrap();
    let all = body::between(conn, 0, i64::MAX).unwrap();
    let names = |row: &Body| {
        row.record_type.as_deref() == Some("RecordWithdrawal")
            && matches!(
                credential::read(&row.bytes).unwrap().facts().unwrap(),
                Subject::Withdrawal(facts) if facts.withdraws == wanted
            )
    };
    all.iter().filter(|row| names(row)).count()
}

#[derive(QueryableByName)]
struct CaseBody {
    #[diesel(sql_type = sql_types::Text)]
    id: String,
    #[diesel(sql_type = sql_types::Text)]
    body: String,
}

/// When a record ends by itself.
fn term(record: &Body) -> DateTime<Utc> {
    credential::read(&record.bytes).unwrap().valid_until.unwrap()
}

/// Changes the stored case behind a listing, as if its dates lay elsewhere.
fn edit_case(registry: &Registry, whom: &EmployerRow, edit: impl FnOnce(&mut Value)) -> String {
    let conn = &mut *registry.store.conn().unwrap();
    let rows: Vec<CaseBody> = sql_query(format!(
        "SELECT id, body FROM blacklist_case WHERE employer_id = {} AND state = 'published'",
        whom.id
    ))
    .load(conn)
    .unwrap();
    let [row] = &rows[..] else { panic!("one case") };
    let mut case: Value = serde_json::from_str(&row.body).unwrap();
    edit(&mut case);
    let state = case["state"].as_str().unwrap().to_owned();
    let body = case.to_string().replace('\'', "''");
    sql_query(format!(
        "UPDATE blacklist_case SET body = '{body}', state = '{state}' WHERE id = '{}'",
        row.id
    ))
    .execute(conn)
    .unwrap();
    row.id.clone()
}

fn case_state(registry: &Registry, id: &str) -> String {
    let conn = &mut *registry.store.conn().unwrap();
    chengxin::store::blacklist::find(conn, id).unwrap().unwrap().state
}

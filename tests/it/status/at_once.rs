//! Two officers at the same instant: of one record, one of them begins; and one number names one decision.

use std::sync::Barrier;
use std::thread;

use chengxin::domain::change::ChangeKind;
use chengxin::domain::withdrawal::Cause;
use chengxin::registry::batch::BatchError;
use chengxin::registry::change;
use chengxin::registry::withdrawal;
use chengxin::store::log::body::Body;
use chengxin::store::{self, Conn, StoreError, audit};
use diesel::RunQueryDsl as _;

use super::told::{Office, id};

crate::on_both_databases!(one_of_two_begins);

/// Two proposals that both run until they would be written down, where the database lets two run at once.
fn at_once<A: Send, B: Send>(
    office: &Office,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    let start = &Barrier::new(3);
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            start.wait();
            one()
        });
        let second = scope.spawn(move || {
            start.wait();
            other()
        });
        let conn = &mut office.city.database();
        if conn.is_postgres() {
            let held: Result<(), StoreError> = store::write(conn, |conn| {
                // The last thing that a proposal does is to tell the trail.
                audit::hold(conn)?;
                start.wait();
                both_wait(conn);
                Ok(())
            });
            held.unwrap();
        } else {
            start.wait();
        }
        (first.join().unwrap(), second.join().unwrap())
    })
}

/// Returns once two others wait for a lock in this database.
fn both_wait(conn: &mut Conn) {
    let waiting = "SELECT COUNT(*) AS value FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock'";
    while crate::faults::number(conn, waiting) < 2 {
        // Statistics are read once a transaction.
        diesel::sql_query("SELECT pg_stat_clear_snapshot()")
            .execute(conn)
            .unwrap();
        thread::yield_now();
    }
}

fn one_of_two_begins(database: Option<&str>) {
    let office = Office::new("at-once", database);
    let actor = office.actor("li.shencha");
    let suspend = |record: &Body, number: &str| {
        let wanted = change::Wanted {
            record: id(record),
            kind: ChangeKind::Suspension,
            reason: "复核未结",
            document_number: number,
        };
        change::propose(&office.registry, &actor, wanted)
    };
    let withdraw = |record: &Body, number: &str| {
        let wanted = withdrawal::Wanted {
            record: id(record),
            cause: Cause::Court,
            reason: "判决撤销",
            document_number: number,
            ended_on: None,
        };
        withdrawal::propose(&office.registry, &actor, wanted)
    };

    let (_, record) = office.graded("A", 0);
    let (one, other) = at_once(
        &office,
        || suspend(&record, "渝人社中〔2026〕1号"),
        || withdraw(&record, "渝人社撤〔2026〕1号"),
    );
    let refused = |error: &Result<String, BatchError>| matches!(error, Err(BatchError::Already(_)));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert!(refused(&one) || refused(&other), "{one:?} {other:?}");

    // One number, though it is typed with other spaces.
    let ((_, first), (_, second)) = (office.graded("A", 1), office.graded("A", 2));
    let (one, other) = at_once(
        &office,
        || suspend(&first, "渝人社 〔2026〕 2号"),
        || withdraw(&second, " 渝人社  〔2026〕\u{3000}2号"),
    );
    let refused = |error: &Result<String, BatchError>| matches!(error, Err(BatchError::NumberTaken(_)));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert!(refused(&one) || refused(&other), "{one:?} {other:?}");
}

//! What waits for the day's end is proved again before it is signed: a row that nobody decided is left with
//! an alarm, and what two persons decided goes out all the same.

use std::sync::Arc;

use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::EvidenceKind;
use chengxin::domain::withdrawal::Cause;
use chengxin::record::credential;
use chengxin::registry::clock::StoryClock;
use chengxin::registry::fsck::{self, Damage};
use chengxin::registry::publish::NoStops;
use chengxin::registry::withdrawal::{self, Wanted};
use chengxin::registry::{self, change};
use chengxin::store::audit;
use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};

use super::story::{PENALTY, new_evidence};
use super::told::{Office, id};
use crate::faults::{drop_triggers, drop_triggers_of, number};

crate::on_both_databases!(
    what_nobody_decided_does_not_go_out,
    what_was_withdrawn_does_not_go_out_again
);

fn day_ends(office: &Office) -> usize {
    let then = office.registry.clock.now() + TimeDelta::days(2);
    change::publish_due(&office.registry, &NoStops, then.naive_utc()).unwrap()
}

/// As somebody with the database does.
fn wait(office: &Office, batch: &str, position: i64) {
    let sql = format!(
        "INSERT INTO waiting_item (batch_id, position, due_at) VALUES ('{batch}', {position}, '2026-01-01 00:00:00')"
    );
    let conn = &mut *office.registry.store.conn().unwrap();
    assert_eq!(sql_query(sql).execute(conn).unwrap(), 1);
}

fn what_nobody_decided_does_not_go_out(database: Option<&str>) {
    let office = Office::new("undecided-waiting", database);
    let registry = &office.registry;
    let downgrade = |nth: usize| {
        let (whom, old) = office.graded("B", nth);
        new_evidence(registry, &whom, EvidenceKind::Obstruction);
        (whom.id, office.propose(&old, ChangeKind::Downgrade).unwrap())
    };
    let count = |employer: i64| office.records(employer).len();

    // Only proposed; approved and not released; released, but not by the audit trail.
    let (unapproved, batch) = downgrade(0);
    wait(&office, &batch, 0);
    let (unreleased, batch) = downgrade(1);
    office.approve(&batch);
    wait(&office, &batch, 0);
    let (unaudited, batch) = downgrade(2);
    office.approve(&batch);
    let conn = &mut *registry.store.conn().unwrap();
    let released = format!("UPDATE batch SET state = 'published' WHERE id = '{batch}'");
    sql_query(released).execute(conn).unwrap();
    wait(&office, &batch, 0);
    // An item that is not there, and one that is public and out.
    let (lost, old) = office.graded("A", 0);
    let suspended = office.propose(&old, ChangeKind::Suspension).unwrap();
    office.release(&suspended);
    wait(&office, &suspended, 0);
    wait(&office, &suspended, 7);
    // What two persons decided.
    let (lawful, batch) = downgrade(3);
    office.release(&batch);

    assert_eq!(day_ends(&office), 1);
    assert_eq!(count(lawful), 2, "it goes out");
    for employer in [unapproved, unreleased, unaudited, lost.id] {
        assert_eq!(count(employer), 1, "{employer}");
    }
    assert_eq!(day_ends(&office), 0);
    let left = "SELECT COUNT(*) AS value FROM waiting_item WHERE log_index IS NULL";
    assert_eq!(number(conn, left), 5, "they are not forgotten");
}

/// What is out is not signed again for a row that says it is not; and of two rows about one record the
/// second is left.
#[test]
fn what_is_out_does_not_go_out_again() {
    let office = Office::new("out-again", None);
    let conn = &mut office.city.database();
    drop_triggers(conn);
    let (worse, old) = office.graded("B", 0);
    new_evidence(&office.registry, &worse, EvidenceKind::Obstruction);
    office.release(&office.propose(&old, ChangeKind::Downgrade).unwrap());
    let (lost, old) = office.graded("A", 0);
    new_evidence(&office.registry, &lost, PENALTY);
    office.release(&office.propose(&old, ChangeKind::Downgrade).unwrap());
    assert_eq!(day_ends(&office), 2);
    let again = "UPDATE waiting_item SET log_index = NULL";
    assert_eq!(sql_query(again).execute(conn).unwrap(), 2);
    assert_eq!(day_ends(&office), 0);
    for employer in [worse.id, lost.id] {
        assert_eq!(office.records(employer).len(), 2, "{employer}");
    }
}

/// A record whose period ended before the day did cannot be signed: it is left, and fails nothing else.
#[test]
fn what_ended_meanwhile_is_left() {
    let office = Office::new("ended-waiting", None);
    let (whom, old) = office.graded("B", 0);
    new_evidence(&office.registry, &whom, EvidenceKind::Obstruction);
    office.release(&office.propose(&old, ChangeKind::Downgrade).unwrap());
    let until = credential::read(&old.bytes).unwrap().valid_until.unwrap();
    let clock = Arc::new(StoryClock::starting(until + TimeDelta::seconds(1)));
    let later = office.registry.clone().with_clock(clock);
    let due = change::publish_due(&later, &NoStops, until.naive_utc()).unwrap();
    assert_eq!(due, 0);
    assert_eq!(office.records(whom.id).len(), 1);
}

/// Nor what came out and was withdrawn: its body is gone, and the archive has it.
fn what_was_withdrawn_does_not_go_out_again(database: Option<&str>) {
    let office = Office::new("withdrawn-again", database);
    let registry = &office.registry;
    let (whom, old) = office.graded("B", 0);
    new_evidence(registry, &whom, EvidenceKind::Obstruction);
    office.release(&office.propose(&old, ChangeKind::Downgrade).unwrap());
    assert_eq!(day_ends(&office), 1);
    let out = office.records(whom.id).remove(1);
    let wanted = Wanted {
        record: id(&out),
        cause: Cause::Court,
        reason: "判决撤销",
        document_number: "渝人社撤〔2026〕901号",
        ended_on: None,
    };
    office.release(&withdrawal::propose(registry, &office.actor("li.shencha"), wanted).unwrap());
    assert_eq!(office.records(whom.id).len(), 1);
    assert_eq!(
        fsck::run(registry, &|_, _| ()).unwrap().findings,
        [],
        "lawfully gone"
    );
    let conn = &mut office.city.database();
    drop_triggers_of(conn, "waiting_item");
    let again = "UPDATE waiting_item SET log_index = NULL";
    assert_eq!(sql_query(again).execute(conn).unwrap(), 1);
    assert_eq!(day_ends(&office), 0);
    assert_eq!(office.records(whom.id).len(), 1);
}

/// The trail says of which decisions a batch was released to wait. Whoever rewrites its newest row, digest
/// included, leaves a batch that contradicts it.
#[test]
fn the_trail_says_what_was_released_to_wait() {
    let office = Office::new("wait-digest", None);
    let (whom, old) = office.graded("B", 0);
    new_evidence(&office.registry, &whom, EvidenceKind::Obstruction);
    let batch = office.propose(&old, ChangeKind::Downgrade).unwrap();
    office.release(&batch);
    office.city.run(&["log", "fsck"]).ok();
    let conn = &mut office.city.database();
    drop_triggers(conn);
    let mut row = audit::about(conn, "batch.wait", &batch).unwrap().remove(0);
    assert_eq!(row.after_digest, Some(office.batch(&batch).digest));
    assert_eq!(audit::newest(conn).unwrap().unwrap().0, row.seq);
    row.after_digest = Some(vec![7; 32]);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let other = format!(
        "UPDATE audit SET after_digest = X'{}', digest = X'{}' WHERE seq = {}",
        hex(&[7; 32]),
        hex(&registry::audit::digest(&row)),
        row.seq
    );
    assert_eq!(sql_query(other).execute(conn).unwrap(), 1);
    let found = fsck::run(&office.registry, &|_, _| ()).unwrap().findings;
    let rows: Vec<_> = found.iter().map(|one| (one.damage, one.row.clone())).collect();
    assert_eq!(rows, [(Damage::Index, format!("batch {batch}"))]);
}

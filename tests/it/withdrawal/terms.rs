//! Listings that end: by their term, by early removal, with their order; the take-down clock; and what a
//! full check says of erasures that somebody tampered with.

use std::sync::Arc;

use chengxin::domain::withdrawal::Cause;
use chengxin::record::credential;
use chengxin::registry::batch::{self, BatchError};
use chengxin::registry::clock::StoryClock;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::{NoStops, PublishError, Publisher, Withdrawn};
use chengxin::registry::withdrawal::{self, Stage};
use chengxin::registry::{Registry, fsck, snapshot};
use chengxin::store::Conn;
use chengxin::store::employer::EmployerRow;
use chengxin::store::log::body::Body;
use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};

use crate::status::told::Office;
use crate::support::city::City;

use super::{
    accounts, case_state, edit_case, erased, listings, propose, release, stored, term, withdrawals_of,
};
use crate::faults::drop_triggers_of;

crate::on_both_databases!(by_its_term, whatever_the_case_says, terms_and_removals, tampered);

fn office(label: &str, database: Option<&str>) -> Office {
    let city = City::new(label, database, 60);
    city.demo();
    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    Office { city, registry }
}

/// The day after its last day, and not before; whatever a row of the database says.
fn by_its_term(database: Option<&str>) {
    let office = office("by-term", database);
    let registry = &office.registry;
    let (whom, record) = listings(registry).remove(0);
    assert_eq!(
        withdrawal::expire(registry, &NoStops).unwrap(),
        0,
        "no term has run"
    );
    let mut last_day = None;
    let case = edit_case(registry, &whom, |case| {
        last_day = Some(std::mem::replace(
            &mut case["listing"]["last_day"],
            "2026-10-09".into(),
        ));
    });
    assert_eq!(
        withdrawal::expire(registry, &NoStops).unwrap(),
        0,
        "the signed record says that it runs"
    );
    assert_eq!(case_state(registry, &case), "published");
    assert!(stored(registry, record.log_index).is_some());
    edit_case(registry, &whom, |case| {
        case["listing"]["last_day"] = last_day.unwrap();
    });

    let mut publisher = Publisher::open(registry, &NoStops).unwrap();
    let rogue = Withdrawn {
        status: credential::read(&record.bytes).unwrap().status.unwrap(),
        revoked: false,
        case: Some(case.clone()),
        cause: Cause::Expiry,
        ended_on: "2026-10-09".parse().unwrap(),
        due_on: "2026-10-22".parse().unwrap(),
        body: record.clone(),
    };
    let refused = publisher.publish_withdrawals(None, std::slice::from_ref(&rogue));
    assert!(matches!(refused, Err(PublishError::TermRuns(index)) if index == record.log_index));
    // Bytes that say that it is over, or name the bits of another record, are not what was logged.
    let says = String::from_utf8(record.bytes.clone()).unwrap();
    let (before, after) = says.split_once("\"validUntil\":\"").unwrap();
    let over = format!("{before}\"validUntil\":\"2026-11-24T15:59:59Z{}", &after[20..]);
    let (_, other) = office.graded("A", 0);
    let others = credential::read(&other.bytes).unwrap().status.unwrap();
    for (bytes, status) in [(over.into_bytes(), rogue.status), (record.bytes.clone(), others)] {
        assert!(credential::read(&bytes).is_ok());
        let mut forged = rogue.clone();
        (forged.body.bytes, forged.status) = (bytes, status);
        let refused = publisher.publish_withdrawals(None, &[forged]);
        assert!(matches!(refused, Err(PublishError::NotLogged { index, .. }) if index == record.log_index));
    }
    drop(publisher);

    let clock = Arc::new(StoryClock::starting(term(&record)));
    let later = Registry {
        clock: clock.clone(),
        ..Registry::open(Some(&DataDir::new(&office.city.data())), database).unwrap()
    };
    assert_eq!(
        withdrawal::expire(&later, &NoStops).unwrap(),
        0,
        "its last second"
    );
    clock.advance(term(&record) + TimeDelta::seconds(1));
    assert!(!snapshot::counts_withdrawn(&later).unwrap());
    assert_eq!(withdrawal::expire(&later, &NoStops).unwrap(), 1);
    assert_eq!(withdrawal::expire(&later, &NoStops).unwrap(), 0, "once");
    assert_eq!(case_state(registry, &case), "withdrawn");
    // Ten working days from its last day, a Sunday; holidays of a year that is not announced are provisional.
    let gone = erased(registry, &record).unwrap();
    assert_eq!(
        (gone.ended_on.to_string(), gone.due_on.to_string()),
        ("2029-02-11".into(), "2029-02-23".into())
    );
    assert!(
        snapshot::counts_withdrawn(&later).unwrap(),
        "the next must not wait"
    );
    snapshot::take(&later, &NoStops).unwrap();
    assert!(!snapshot::counts_withdrawn(&later).unwrap());
    assert_eq!(findings(&later), Vec::<String>::new());
    taken_down_too_early(&office, &later, record.log_index);
}

/// What nobody decided is held against the record's own end, under the issuer's signature: here the archive
/// has another record in its place.
fn taken_down_too_early(office: &Office, later: &Registry, index: i64) {
    let conn = &mut office.city.database();
    let drop = |table: &str, trigger: &str| match office.city.database() {
        Conn::Sqlite(_) => format!("DROP TRIGGER {trigger}"),
        Conn::Postgres(_) => format!("DROP TRIGGER {trigger} ON {table}"),
    };
    for sql in [
        drop("erasure", "erasure_no_update"),
        format!("UPDATE erasure SET cause = 'court' WHERE record_index = {index}"),
    ] {
        sql_query(sql).execute(conn).unwrap();
    }
    let found = findings(later);
    assert!(
        found.contains(&format!(
            "erasure {index}: \"court\" names no batch that decided it"
        )),
        "{found:?}"
    );
}

/// A term ends though an officer's decision stands in its way, though nobody knows the case, and though one
/// case or record cannot be read: the others go all the same.
fn whatever_the_case_says(database: Option<&str>) {
    let office = office("whatever", database);
    let registry = &office.registry;
    let all = listings(registry);
    let [(turned, first), (stuck, second), (_, third), (broken, fourth)] = &all[..4] else {
        unreachable!()
    };
    // Early removal, approved; then turned down, and never released.
    let removal = |whom: &EmployerRow, record: &Body| {
        edit_case(registry, whom, |case| {
            case["state"] = "removal_applied".into();
            case["applied_on"] = "2026-11-20".into();
            case["corrected_on"] = "2025-03-03".into();
            case["promise"] = true.into();
            case["listing"]["listed_on"] = "2024-03-01".into();
        });
        let id = propose(&office, record, Cause::EarlyRemoval).unwrap();
        let [_, approver] = accounts(&office, record);
        let conn = &mut *registry.store.conn().unwrap();
        let approver = batch::actor(conn, &approver).unwrap();
        let digest = office.batch(&id).digest;
        batch::approve(registry, &approver, &id, &digest, "同意").unwrap();
        (id, approver, digest)
    };
    let (id, approver, digest) = removal(turned, first);
    batch::reject(registry, &approver, &id, &digest, "材料有误").unwrap();
    removal(stuck, second);
    // As if replayed from a mirror; a case that is no case.
    let conn = &mut office.city.database();
    drop_triggers_of(conn, "body");
    for sql in [
        format!(
            "UPDATE body SET batch_id = NULL WHERE log_index = {}",
            third.log_index
        ),
        format!(
            "UPDATE blacklist_case SET body = '{{' WHERE employer_id = {}",
            broken.id
        ),
    ] {
        assert_eq!(sql_query(sql).execute(conn).unwrap(), 1);
    }

    let end = all.iter().map(|(_, record)| term(record)).max().unwrap();
    let clock = Arc::new(StoryClock::starting(end + TimeDelta::seconds(1)));
    let later = Registry {
        clock,
        ..Registry::open(Some(&DataDir::new(&office.city.data())), database).unwrap()
    };
    // Bytes that are not those that were logged stay, and keep nothing else back.
    let says = |until: &str| {
        let index = fourth.log_index;
        let text = String::from_utf8(fourth.bytes.clone()).unwrap();
        let (before, after) = text.split_once("\"validUntil\":\"").unwrap();
        let bytes = format!("{before}\"validUntil\":\"{until}{}", &after[20..]);
        let hex: String = bytes.bytes().map(|byte| format!("{byte:02x}")).collect();
        match database {
            None => format!("UPDATE body SET bytes = X'{hex}' WHERE log_index = {index}"),
            Some(_) => format!("UPDATE body SET bytes = '\\x{hex}' WHERE log_index = {index}"),
        }
    };
    sql_query(says("2026-11-24T15:59:59Z")).execute(conn).unwrap();
    assert_eq!(withdrawal::expire(&later, &NoStops).unwrap(), all.len() - 1);
    for (_, record) in &all {
        let there = stored(registry, record.log_index).is_some();
        assert_eq!(there, record == fourth, "{}", record.log_index);
    }
    assert_eq!(withdrawal::expire(&later, &NoStops).unwrap(), 0, "and not again");
    let until = term(fourth).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    sql_query(says(&until)).execute(conn).unwrap();
    assert_eq!(withdrawal::expire(&later, &NoStops).unwrap(), 1);
    for (_, record) in &all {
        assert_eq!(erased(registry, record).unwrap().cause, "expiry");
        assert_eq!(withdrawals_of(registry, record), 1);
    }
    let case = erased(registry, first).unwrap().case_id.unwrap();
    assert_eq!(case_state(registry, &case), "withdrawn");
    assert!(erased(registry, third).unwrap().case_id.is_some());
}

fn terms_and_removals(database: Option<&str>) {
    let office = office("terms", database);
    let registry = &office.registry;
    let mut all = listings(registry).into_iter();

    // By early removal: the case's own law is asked, and both decisions are taken by the same two persons.
    let (whom, record) = all.next().unwrap();
    assert!(
        matches!(
            propose(&office, &record, Cause::EarlyRemoval),
            Err(BatchError::Case(_))
        ),
        "nobody applied for it"
    );
    let case = edit_case(registry, &whom, |case| {
        case["state"] = "removal_applied".into();
        case["applied_on"] = "2026-11-20".into();
        case["corrected_on"] = "2025-03-03".into();
        case["promise"] = true.into();
        case["listing"]["listed_on"] = "2024-03-01".into();
    });
    let batch = propose(&office, &record, Cause::EarlyRemoval).unwrap();
    assert_eq!(case_state(registry, &case), "removal_applied");
    assert!(stored(registry, record.log_index).is_some());
    release(&office, &record, &batch);
    assert_eq!(case_state(registry, &case), "withdrawn");
    assert_eq!(erased(registry, &record).unwrap().cause, "early_removal");

    // With its order; and the clock is told while it waits.
    let (whom, record) = all.next().unwrap();
    let case = edit_case(registry, &whom, |case| {
        case["order_revoked_on"] = "2026-11-02".into()
    });
    let [proposer, _] = accounts(&office, &record);
    let proposer = batch::actor(&mut registry.store.conn().unwrap(), &proposer).unwrap();
    let wanted = withdrawal::Wanted {
        record: crate::status::told::id(&record),
        cause: Cause::OrderRevoked,
        reason: "责令支付决定已撤销",
        document_number: "渝人社撤销〔2026〕9号",
        ended_on: Some("2026-11-02".parse().unwrap()),
    };
    let batch = withdrawal::propose(registry, &proposer, wanted).unwrap();
    let conn = &mut *registry.store.conn().unwrap();
    let due = |conn: &mut _, today: &str| withdrawal::open(conn, today.parse().unwrap()).unwrap().remove(0);
    let open = due(conn, "2026-11-16");
    assert_eq!(
        (open.stage, open.due.date.to_string(), open.overdue),
        (Stage::Proposed, "2026-11-16".into(), false)
    );
    assert!(due(conn, "2026-11-17").overdue);
    release(&office, &record, &batch);
    assert_eq!(case_state(registry, &case), "withdrawn");
    assert!(
        withdrawal::open(conn, "2026-11-17".parse().unwrap())
            .unwrap()
            .is_empty()
    );
    office.city.run(&["log", "fsck"]).ok();
}

fn findings(registry: &Registry) -> Vec<String> {
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    report
        .findings
        .into_iter()
        .map(|one| format!("{}: {}", one.row, one.why))
        .collect()
}

/// The database refuses; somebody with the power to drop its triggers is found out.
fn tampered(database: Option<&str>) {
    let office = office("tampered", database);
    let registry = &office.registry;
    let (_, record) = office.graded("A", 0);
    let (_, kept) = office.graded("A", 1);
    office.release(&propose(&office, &record, Cause::Court).unwrap());
    assert_eq!(findings(registry), Vec::<String>::new());
    let conn = &mut office.city.database();
    let (index, other) = (record.log_index, kept.log_index);
    let is_sqlite = database.is_none();
    for sql in [
        format!("DELETE FROM body WHERE log_index = {other}"),
        format!("DELETE FROM archive WHERE record_index = {index}"),
        format!("UPDATE archive SET nonce = nonce WHERE record_index = {index}"),
        format!("DELETE FROM erasure WHERE record_index = {index}"),
        format!("UPDATE erasure SET cause = 'expiry' WHERE record_index = {index}"),
    ] {
        let refused = sql_query(&sql).execute(conn).unwrap_err().to_string();
        assert!(
            refused.contains("never") || refused.contains("without an erasure"),
            "{sql}: {refused}"
        );
    }
    let drop = |table: &str, trigger: &str| {
        if is_sqlite {
            format!("DROP TRIGGER {trigger}")
        } else {
            format!("DROP TRIGGER {trigger} ON {table}")
        }
    };
    let mut run = |sql: String| {
        sql_query(&sql)
            .execute(conn)
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    // What two persons decided, called an end by time: its own end is years away.
    run(drop("erasure", "erasure_no_update"));
    run(format!(
        "UPDATE erasure SET cause = 'expiry', batch_id = NULL WHERE record_index = {index}"
    ));
    let found = findings(registry);
    let early = format!("erasure {index}: it was taken down before its term had run, and nobody decided it");
    assert!(found.contains(&early), "{found:?}");
    run(format!(
        "UPDATE erasure SET cause = 'court', batch_id = '{}' WHERE record_index = {index}",
        kept.batch_id.as_deref().unwrap()
    ));
    let found = findings(registry);
    assert!(
        found.len() == 1 && found[0].ends_with("does not decide it"),
        "another batch: {found:?}"
    );
    run(drop("archive", "archive_no_update"));
    let flipped = if is_sqlite { "x'00'" } else { "'\\x00'" };
    run(format!(
        "UPDATE archive SET sealed = sealed || {flipped} WHERE record_index = {index}"
    ));
    let found = findings(registry);
    assert!(
        found
            .iter()
            .any(|one| one.contains(&format!("archive {index}: the archived copy"))),
        "{found:?}"
    );
    run(drop("archive", "archive_no_delete"));
    run(format!("DELETE FROM archive WHERE record_index = {index}"));
    let found = findings(registry);
    assert!(
        found.iter().any(|one| one.contains("has no copy in the archive")),
        "{found:?}"
    );
    run(drop("erasure", "erasure_no_delete"));
    run(format!("DELETE FROM erasure WHERE record_index = {index}"));
    let found = findings(registry);
    let gone = format!("body {index}: it is gone, and no erasure says so");
    assert!(found.contains(&gone), "{found:?}");
    assert!(
        found.iter().any(|one| one.contains("no row says what it erased")),
        "{found:?}"
    );
}

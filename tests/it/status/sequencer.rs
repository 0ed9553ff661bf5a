//! The sequencer: every change once, from the newest logged version on, and never from one that somebody
//! changed.

use std::sync::Arc;

use chengxin::record::credential;
use chengxin::record::status::{BitChange, Bitstring, Change, StatusPurpose, read_list};
use chengxin::registry::clock::StoryClock;
use chengxin::registry::publish::{NoStops, PublishError, Publisher, Sequenced};
use chengxin::registry::{Registry, freshness, fsck};
use chengxin::store::log::change::{self, Requested};
use chengxin::store::log::{body, checkpoint, status};
use chengxin::store::{self, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::{RunQueryDsl, sql_query};

use crate::support::registry::Fixture;

crate::on_both_databases!(
    changes_are_carried_once,
    bits_survive_refreshing,
    a_decision_is_carried_once
);

/// Log indices of the records that a new registry has: its rule sets.
fn records(registry: &Registry) -> Vec<i64> {
    let conn = &mut *registry.store.conn().unwrap();
    let rows = body::all_of_kind(conn, "rule-set").unwrap();
    assert!(rows.len() >= 2);
    rows.iter().map(|row| row.log_index).collect()
}

/// Journals a change of the record at `index`, as a decision does.
pub fn request(registry: &Registry, index: i64, to: Change) {
    let batch = super::decided::decided(registry, index, to);
    journal(registry, index, to, format!("batch {batch}"));
}

fn journal(registry: &Registry, index: i64, to: Change, cause: String) {
    let conn = &mut *registry.store.conn().unwrap();
    let row = body::at(conn, index).unwrap().unwrap();
    let at = credential::read(&row.bytes).unwrap().status.unwrap();
    let wanted = Requested {
        change: BitChange { at, to },
        record_index: index,
        cause,
        requested_at: registry.clock.now().naive_utc(),
    };
    store::write(conn, |conn| change::request(conn, &wanted)).unwrap();
}

/// Whether the newest served list of a purpose has the bit of the record at `index`.
pub fn bit(registry: &Registry, index: i64, purpose: StatusPurpose) -> bool {
    let conn = &mut *registry.store.conn().unwrap();
    let row = body::at(conn, index).unwrap().unwrap();
    let at = credential::read(&row.bytes).unwrap().status.unwrap();
    newest(registry, purpose, at.list).get(at.index).unwrap()
}

fn newest(registry: &Registry, purpose: StatusPurpose, list: u32) -> Bitstring {
    let conn = &mut *registry.store.conn().unwrap();
    let served = checkpoint::served_size(conn).unwrap();
    let version = status::newest_version(conn, purpose.as_str(), i64::from(list), served);
    let row = body::at(conn, version.unwrap().unwrap().log_index);
    read_list(&row.unwrap().unwrap().bytes).unwrap().bits
}

fn sequence(registry: &Registry) -> Sequenced {
    freshness::sequence(registry, &NoStops).unwrap()
}

fn versions(registry: &Registry) -> usize {
    let conn = &mut *registry.store.conn().unwrap();
    status::all_versions(conn).unwrap().len()
}

fn sound(registry: &Registry) {
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    assert_eq!(report.findings, []);
}

fn changes_are_carried_once(database: Option<&str>) {
    let fixture = Fixture::new("sequencer", database);
    let registry = &fixture.registry;
    let (one, two) = (records(registry)[0], records(registry)[1]);
    let before = versions(registry);
    assert_eq!(sequence(registry), Sequenced::default(), "nothing waits");
    assert_eq!(
        versions(registry),
        before,
        "nothing is signed where nothing changes"
    );

    request(registry, one, Change::Revoke);
    request(registry, one, Change::Suspend);
    assert!(
        !bit(registry, one, StatusPurpose::Revocation),
        "decided, not shown"
    );
    let both = Sequenced {
        versions: 2,
        changes: 2,
    };
    assert_eq!(sequence(registry), both);
    assert!(bit(registry, one, StatusPurpose::Revocation));
    assert!(bit(registry, one, StatusPurpose::Suspension));
    assert!(!bit(registry, one, StatusPurpose::Refresh));
    assert!(!bit(registry, two, StatusPurpose::Revocation));
    assert_eq!(sequence(registry), Sequenced::default(), "carried is carried");

    // From the newest version on: what was set stays, only what is asked for changes.
    request(registry, one, Change::Restore);
    request(registry, two, Change::Revoke);
    assert_eq!(sequence(registry), both);
    assert!(bit(registry, one, StatusPurpose::Revocation));
    assert!(bit(registry, two, StatusPurpose::Revocation));
    assert!(!bit(registry, one, StatusPurpose::Suspension));

    let conn = &mut *registry.store.conn().unwrap();
    let rows = change::of_record(conn, one).unwrap();
    let carried: Vec<_> = rows.iter().map(|row| row.version_index).collect();
    assert!(
        carried.iter().all(Option::is_some) && carried[1] < carried[2],
        "{rows:?}"
    );
    assert!(matches!(
        change::carry(conn, rows[0].id, 0),
        Err(StoreError::Moved(_))
    ));
    for sql in [
        "UPDATE status_change SET version_index = NULL",
        "UPDATE status_change SET cause = 'another'",
        "DELETE FROM status_change",
    ] {
        assert!(sql_query(sql).execute(conn).is_err(), "{sql}");
    }
    let cleared = "INSERT INTO status_change (id, purpose, number, bit, value, record_index, cause, requested_at) \
                   VALUES (99, 'revocation', 1, 0, FALSE, 1, 'x', '2026-03-02 00:00:00')";
    assert!(
        sql_query(cleared).execute(conn).is_err(),
        "a revocation cannot be cleared"
    );
    sound(registry);
}

fn bits_survive_refreshing(database: Option<&str>) {
    let fixture = Fixture::new("refreshing", database);
    let registry = &fixture.registry;
    let (one, two) = (records(registry)[0], records(registry)[1]);
    request(registry, one, Change::Replace);
    sequence(registry);
    request(registry, two, Change::Replace);
    let before = versions(registry);
    assert_eq!(freshness::refresh(registry, &NoStops).unwrap().lists, 3);
    assert_eq!(versions(registry), before + 3, "every list, one version each");
    assert!(
        bit(registry, one, StatusPurpose::Refresh),
        "the newest version, not zeros"
    );
    assert!(bit(registry, two, StatusPurpose::Refresh), "and what waits");
    assert_eq!(sequence(registry), Sequenced::default());
    sound(registry);
}

/// Who can write into the database asks again for what two persons once decided, and for what they approved and
/// did not release.
fn a_decision_is_carried_once(database: Option<&str>) {
    let fixture = Fixture::new("again", database);
    let registry = &fixture.registry;
    let (one, two) = (records(registry)[0], records(registry)[1]);
    let carried = |changes: usize| Sequenced {
        versions: changes,
        changes,
    };
    let suspended = |index: i64| bit(registry, index, StatusPurpose::Suspension);
    let cause = |index: i64, to: Change| format!("batch {}", super::decided::decided(registry, index, to));

    let suspension = cause(one, Change::Suspend);
    journal(registry, one, Change::Suspend, suspension.clone());
    assert_eq!(sequence(registry), carried(1));
    request(registry, one, Change::Restore);
    assert_eq!(sequence(registry), carried(1));
    assert!(!suspended(one));
    journal(registry, one, Change::Suspend, suspension);
    assert_eq!(sequence(registry), carried(0));
    assert!(!suspended(one), "it was lifted, and nobody suspended it again");

    // Twice at once: once.
    let suspension = cause(two, Change::Suspend);
    for _ in 0..2 {
        journal(registry, two, Change::Suspend, suspension.clone());
    }
    assert_eq!(sequence(registry), carried(1));
    assert!(suspended(two));

    let conn = &mut *registry.store.conn().unwrap();
    for state in ["approved", "publishing"] {
        let revocation = cause(two, Change::Revoke);
        let id = revocation.strip_prefix("batch ").unwrap();
        let sql = format!("UPDATE batch SET state = '{state}' WHERE id = '{id}'");
        assert_eq!(sql_query(sql).execute(conn).unwrap(), 1);
        journal(registry, two, Change::Revoke, revocation);
        assert_eq!(sequence(registry), carried(0), "{state}");
    }
    assert!(!bit(registry, two, StatusPurpose::Revocation));
    let findings = fsck::run(registry, &|_, _| ()).unwrap().findings;
    let told: Vec<_> = (1..=7)
        .filter(|id| {
            findings
                .iter()
                .any(|one| one.row == format!("status_change {id}"))
        })
        .collect();
    assert_eq!(told, [3, 5, 6, 7]);
}

/// Signing one list often does not let the others grow old.
#[test]
fn every_list_stays_young() {
    let fixture = Fixture::new("young", None);
    let start: DateTime<Utc> = "2026-03-02T01:00:00Z".parse().unwrap();
    let clock = Arc::new(StoryClock::starting(start));
    let registry = fixture.registry.clone().with_clock(clock.clone());
    let one = records(&registry)[0];
    assert!(!freshness::is_due(&registry).unwrap());
    freshness::refresh(&registry, &NoStops).unwrap();
    for hours in [2, 4] {
        clock.advance(start + TimeDelta::hours(hours));
        request(&registry, one, Change::Revoke);
        assert_eq!(sequence(&registry).versions, 1);
        assert!(!freshness::is_due(&registry).unwrap(), "after {hours} hours");
    }
    clock.advance(start + freshness::EVERY);
    assert!(freshness::is_due(&registry).unwrap());
    freshness::refresh(&registry, &NoStops).unwrap();
    assert!(!freshness::is_due(&registry).unwrap());
}

/// Somebody with the database puts the list back to what it was. It is not signed again.
#[test]
fn a_changed_list_is_not_continued() {
    for (what, damage) in [
        (
            "the newest version is hidden",
            "DELETE FROM status_list_version WHERE purpose = 'revocation' AND log_index = {newest}",
        ),
        (
            "its bytes are older ones",
            "UPDATE body SET bytes = (SELECT bytes FROM body WHERE log_index = {oldest}) WHERE log_index = {newest}",
        ),
        (
            "the journal forgets a change",
            "DELETE FROM status_change WHERE id = 1",
        ),
    ] {
        let fixture = Fixture::new("changed", None);
        let registry = &fixture.registry;
        let all = records(registry);
        request(registry, all[0], Change::Revoke);
        sequence(registry);
        let conn = &mut *registry.store.conn().unwrap();
        let of = |row: &status::StatusListVersion| row.purpose == "revocation";
        let rows = status::all_versions(conn).unwrap();
        let (oldest, newest) = (rows.iter().find(|row| of(row)), rows.iter().rfind(|row| of(row)));
        crate::faults::drop_triggers(conn);
        let sql = damage
            .replace("{oldest}", &oldest.unwrap().log_index.to_string())
            .replace("{newest}", &newest.unwrap().log_index.to_string());
        assert_eq!(sql_query(sql).execute(conn).unwrap(), 1, "{what}");
        request(registry, all[1], Change::Revoke);
        let mut publisher = Publisher::open(registry, &NoStops).unwrap();
        for refused in [publisher.sequence(), publisher.refresh_lists()] {
            assert!(
                matches!(refused, Err(PublishError::List { .. })),
                "{what}: {refused:?}"
            );
        }
    }
}

/// Who can write into the database asks for bits that nobody decided. They are not signed, and what was
/// decided goes on.
#[test]
fn what_nobody_decided_is_not_carried() {
    let fixture = Fixture::new("undecided", None);
    let registry = &fixture.registry;
    let (one, two) = (records(registry)[0], records(registry)[1]);
    let decided = super::decided::decided(registry, two, Change::Suspend);
    let unaudited = super::decided::decided(registry, one, Change::Revoke);
    let conn = &mut *registry.store.conn().unwrap();
    let sql = format!("UPDATE batch SET decided_at = '2026-03-01 00:00:00' WHERE id = '{unaudited}'");
    assert_eq!(sql_query(sql).execute(conn).unwrap(), 1);
    for cause in [
        "test",
        "batch none",
        &format!("batch {decided}"),
        &format!("batch {unaudited}"),
    ] {
        journal(registry, one, Change::Revoke, cause.to_owned());
    }
    journal(registry, two, Change::Revoke, format!("batch {decided}"));
    request(registry, two, Change::Suspend);
    let carried = Sequenced {
        versions: 1,
        changes: 1,
    };
    assert_eq!(sequence(registry), carried);
    assert!(bit(registry, two, StatusPurpose::Suspension));
    for index in [one, two] {
        assert!(!bit(registry, index, StatusPurpose::Revocation));
    }
    let found: Vec<_> = fsck::run(registry, &|_, _| ()).unwrap().findings;
    let told = |id: i64| {
        found
            .iter()
            .any(|found| found.row == format!("status_change {id}"))
    };
    assert_eq!(
        (1..=6).map(told).collect::<Vec<_>>(),
        [true, true, true, true, true, false]
    );
}

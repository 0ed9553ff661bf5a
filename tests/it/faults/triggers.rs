//! The databases themselves refuse to change or delete what was published.

use chengxin::store::Conn;
use chengxin::store::log::{cosigned, snapshot};
use chrono::NaiveDate;
use diesel::{RunQueryDsl, sql_query};

use crate::support::registry::Fixture;

use super::number;

crate::on_both_databases!(
    published_rows_refuse_update_and_delete,
    a_cosigned_note_gives_way_to_a_later_one,
    a_monitors_note_gives_way_to_a_later_one
);

/// Tables whose rows are facts, and a column of each.
const TABLES: [(&str, &str); 8] = [
    ("body", "bytes"),
    ("tile", "hashes"),
    ("entry_bundle", "entries"),
    ("checkpoint", "note"),
    ("served_checkpoint", "served_at"),
    ("status_list_version", "valid_from"),
    ("audit", "subject"),
    ("log_head", "origin"),
];

fn published_rows_refuse_update_and_delete(database: Option<&str>) {
    let fixture = Fixture::new("triggers", database);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    for (table, column) in TABLES {
        let rows = number(conn, &format!("SELECT COUNT(*) AS value FROM {table}"));
        assert!(rows > 0, "{table} is empty: the test would prove nothing");
        let other = match (table, column) {
            ("log_head", _) => "'another'".to_owned(),
            _ => column.to_owned(),
        };
        for sql in [
            format!("UPDATE {table} SET {column} = {other}"),
            format!("DELETE FROM {table}"),
        ] {
            let refused = sql_query(&sql).execute(conn).unwrap_err().to_string();
            assert!(
                ["never", "nothing published", "only moves forward"]
                    .iter()
                    .any(|word| refused.contains(word)),
                "{sql}: {refused}"
            );
        }
        assert_eq!(
            number(conn, &format!("SELECT COUNT(*) AS value FROM {table}")),
            rows
        );
    }
    for sql in [
        "UPDATE log_head SET stored_size = stored_size - 1",
        "UPDATE log_head SET head_size = 0",
        "UPDATE log_head SET head_size = stored_size + 1",
    ] {
        assert!(sql_query(sql).execute(conn).is_err(), "{sql}");
    }
}

fn a_cosigned_note_gives_way_to_a_later_one(database: Option<&str>) {
    let fixture = Fixture::new("cosigned-forward", database);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    let at = |second: u32| day().and_hms_opt(9, 0, second).unwrap();
    let last = |conn: &mut Conn| cosigned::at_size(conn, 0).unwrap().unwrap().last_note;
    cosigned::keep(conn, 0, "first", at(1)).unwrap();
    cosigned::keep(conn, 0, "another of the same moment", at(1)).unwrap();
    cosigned::keep(conn, 0, "an earlier one", at(0)).unwrap();
    assert_eq!(last(conn), "first");
    for sql in [
        "UPDATE cosigned_checkpoint SET last_note = 'other'",
        "UPDATE cosigned_checkpoint SET last_note = 'other', last_at = '2026-03-01 09:00:00'",
        "UPDATE cosigned_checkpoint SET first_note = 'other', last_at = '2026-03-03 09:00:00'",
    ] {
        assert!(sql_query(sql).execute(conn).is_err(), "{sql}");
    }
    cosigned::keep(conn, 0, "later", at(2)).unwrap();
    assert_eq!(last(conn), "later");
}

fn a_monitors_note_gives_way_to_a_later_one(database: Option<&str>) {
    let fixture = Fixture::new("monitor-note", database);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    let at = |second: u32| day().and_hms_opt(9, 0, second).unwrap();
    let digest = [7; 32];
    let mut keep = |note: &str, second: u32| {
        assert!(snapshot::keep_note(conn, &digest, ("bank", note), at(second), 4).unwrap());
        snapshot::notes(conn, &digest, 4).unwrap()
    };
    assert_eq!(keep("one", 1), ["one"]);
    assert_eq!(keep("two", 2), ["two"]);
    assert_eq!(keep("late", 1), ["two"]);
    for sql in [
        "UPDATE monitor_note SET key_name = 'another'",
        "UPDATE monitor_note SET received_at = '2026-03-01 09:00:00'",
        "DELETE FROM monitor_note",
    ] {
        assert!(sql_query(sql).execute(conn).is_err(), "{sql}");
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

/// One statement empties a table in PostgreSQL, past any trigger on rows.
#[test]
fn postgres_refuses_truncate() {
    use crate::support::{database::Database, skip};
    let url = match Database::Postgres.url() {
        Ok(url) => url,
        Err(why) => return skip("postgres_refuses_truncate", &why),
    };
    let fixture = Fixture::new("truncate", url.as_deref());
    let conn = &mut *fixture.registry.store.conn().unwrap();
    let others = [
        "snapshot",
        "snapshot_leaves",
        "snapshot_tile",
        "monitor_note",
        "cosigned_checkpoint",
    ];
    for table in TABLES.map(|(table, _)| table).into_iter().chain(others) {
        let refused = sql_query(format!("TRUNCATE {table} CASCADE")).execute(conn);
        assert!(refused.is_err(), "{table} was emptied");
    }
}

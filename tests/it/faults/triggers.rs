//! The databases themselves refuse to change or delete what was published.

use diesel::{RunQueryDsl, sql_query};

use crate::support::registry::Fixture;

use super::number;

crate::on_both_databases!(published_rows_refuse_update_and_delete);

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
    for (table, _) in TABLES {
        let refused = sql_query(format!("TRUNCATE {table} CASCADE")).execute(conn);
        assert!(refused.is_err(), "{table} was emptied");
    }
}

//! What goes wrong: a publisher killed at each step, two publishers, a database older than its signer,
//! rows changed by somebody with full access. Nothing published is lost, doubled or signed twice.

#[cfg(feature = "failpoints")]
mod approved;
#[cfg(feature = "failpoints")]
mod init;
#[cfg(feature = "failpoints")]
mod kill;
#[cfg(feature = "failpoints")]
mod rival;
#[cfg(feature = "failpoints")]
mod start;
mod triggers;

use chengxin::store::Conn;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};

/// Runs a statement as a person with full access to the database; how many rows it changed.
pub(crate) fn change(conn: &mut Conn, sql: &str) -> usize {
    sql_query(sql)
        .execute(conn)
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// Takes the SQLite database's own refusals away.
pub(crate) fn drop_triggers(conn: &mut Conn) {
    let triggers: Vec<Name> = sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'employer_search%'",
    )
    .load(conn)
    .unwrap();
    assert!(triggers.len() > 10);
    for trigger in triggers {
        change(conn, &format!("DROP TRIGGER {}", trigger.name));
    }
    change(conn, "PRAGMA foreign_keys = OFF");
}

/// Takes one table's refusals away, in either database.
pub(crate) fn drop_triggers_of(conn: &mut Conn, table: &str) {
    let of_table = match conn {
        Conn::Sqlite(_) => {
            format!("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'")
        }
        Conn::Postgres(_) => format!(
            "SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = '{table}'::regclass"
        ),
    };
    let triggers: Vec<Name> = sql_query(of_table).load(conn).unwrap();
    for trigger in triggers {
        let on = if conn.is_postgres() {
            format!(" ON {table}")
        } else {
            String::new()
        };
        change(conn, &format!("DROP TRIGGER {}{on}", trigger.name));
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = sql_types::BigInt)]
    value: i64,
}

/// The number that a query gives as `value`.
pub(crate) fn number(conn: &mut Conn, sql: &str) -> i64 {
    let found: Number = sql_query(sql)
        .get_result(conn)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found.value
}

/// The texts that a query gives as `name`.
pub(crate) fn texts(conn: &mut Conn, sql: &str) -> Vec<String> {
    let found: Vec<Name> = sql_query(sql)
        .load(conn)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found.into_iter().map(|one| one.name).collect()
}

/// The text that a query gives as `name`.
pub(crate) fn text(conn: &mut Conn, sql: &str) -> String {
    let found: Name = sql_query(sql)
        .get_result(conn)
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found.name
}

/// Changes one byte in the middle of a value in an SQLite database.
fn flip(conn: &mut Conn, table: &str, column: &str, row: &str) {
    let found: Name = sql_query(format!("SELECT hex({column}) AS name FROM {table} WHERE {row}"))
        .get_result(conn)
        .unwrap_or_else(|error| panic!("{table} where {row}: {error}"));
    let mut digits = found.name.into_bytes();
    // The low digit of a byte: text stays text.
    let at = (digits.len() / 2) | 1;
    digits[at] = if digits[at] == b'1' { b'2' } else { b'1' };
    let digits = String::from_utf8(digits).unwrap();
    let value = match column {
        "note" => format!("CAST(X'{digits}' AS TEXT)"),
        _ => format!("X'{digits}'"),
    };
    let changed = change(
        conn,
        &format!("UPDATE {table} SET {column} = {value} WHERE {row}"),
    );
    assert_eq!(changed, 1, "{table} where {row}");
}

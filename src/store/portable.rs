//! Rows of any table as lines of JSON, the same from either database: what a backup holds.
//!
//! The tables and columns are those of `schema.rs`, read from its own text: a new table is in the next backup
//! by itself. A row is an array in the order of the columns; blobs are hexadecimal, booleans 0 or 1, dates and
//! times as both databases write them (UTC, whole seconds). It refuses to judge what the rows say.

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};
use serde_json::Value;

use super::{Conn, StoreError, StoreResult};

const SCHEMA: &str = include_str!("schema.rs");

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Binary,
    BigInt,
    Bool,
    Date,
    Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Column {
    name: &'static str,
    kind: Kind,
}

/// A table, or some of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    key: &'static str,
    columns: Vec<Column>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = sql_types::Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = sql_types::BigInt)]
    value: i64,
}

/// Every table, each behind those that it refers to.
///
/// # Errors
/// [`StoreError::Corrupt`] for a column of a type that no rule here covers.
pub fn tables() -> StoreResult<Vec<Table>> {
    let mut found: Vec<Table> = Vec::new();
    for line in SCHEMA.lines().map(str::trim) {
        if let Some((name, of)) = line.split_once(" -> ") {
            let of = of.trim_end_matches(',');
            let bare = of.strip_prefix("Nullable<").and_then(|of| of.strip_suffix('>'));
            let kind = match bare.unwrap_or(of) {
                "Text" => Kind::Text,
                "Binary" => Kind::Binary,
                "BigInt" => Kind::BigInt,
                "Bool" => Kind::Bool,
                "Date" => Kind::Date,
                "Timestamp" => Kind::Timestamp,
                other => return Err(StoreError::corrupt(name, format!("no backup of a {other}"))),
            };
            if let Some(table) = found.last_mut() {
                table.columns.push(Column { name, kind });
            }
        } else if let Some((name, rest)) = line.split_once(" (")
            && let Some(key) = rest.strip_suffix(") {")
        {
            found.push(Table {
                name,
                key,
                columns: Vec::new(),
            });
        }
    }
    Ok(found)
}

impl Table {
    /// The names of its columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|column| column.name)
    }

    /// The same table with these columns in this order; none when it has no such columns.
    #[must_use]
    pub fn with(&self, names: &[String]) -> Option<Self> {
        let column = |name: &String| self.columns.iter().find(|column| column.name == name).cloned();
        let columns: Vec<Column> = names.iter().map(column).collect::<Option<_>>()?;
        let twice = (1..columns.len()).any(|n| columns.iter().take(n).any(|one| Some(one) == columns.get(n)));
        (!columns.is_empty() && !twice).then(|| Self {
            columns,
            ..self.clone()
        })
    }

    /// Whether a line is a row of these columns, by their number and their types.
    #[must_use]
    pub fn fits(&self, line: &str) -> bool {
        let Ok(Value::Array(values)) = serde_json::from_str(line) else {
            return false;
        };
        let fit = |(column, value): (&Column, &Value)| match (column.kind, value) {
            (_, Value::Null) => true,
            (Kind::BigInt, Value::Number(number)) => number.is_i64(),
            (Kind::Bool, Value::Number(number)) => number.as_i64().is_some_and(|bit| (0..=1).contains(&bit)),
            (Kind::Binary, Value::String(text)) => {
                text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            (Kind::Text | Kind::Date | Kind::Timestamp, Value::String(_)) => true,
            _ => false,
        };
        values.len() == self.columns.len() && self.columns.iter().zip(&values).all(fit)
    }

    /// Its key for ORDER BY: texts byte by byte in either database.
    fn order(&self, postgres: bool) -> String {
        let is_text = |name: &str| {
            self.columns
                .iter()
                .any(|column| column.name == name && column.kind == Kind::Text)
        };
        let by = |name: &str| match postgres && is_text(name) {
            true => format!("\"{name}\" COLLATE \"C\""),
            false => format!("\"{name}\""),
        };
        let names: Vec<String> = self.key.split(", ").map(by).collect();
        names.join(", ")
    }

    fn quoted(&self) -> String {
        let names: Vec<String> = self.columns().map(|name| format!("\"{name}\"")).collect();
        names.join(", ")
    }
}

/// Gives every row to `take`, in the order of the table's key. Memory holds a row.
///
/// # Errors
/// [`StoreError::Database`], and whatever `take` returns.
pub fn rows<E: From<StoreError>>(
    conn: &mut Conn,
    table: &Table,
    mut take: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let postgres = conn.is_postgres();
    let values: Vec<String> = table
        .columns
        .iter()
        .map(|column| written(column, postgres))
        .collect();
    let (array, values) = match postgres {
        true => ("json_build_array", values.join(", ")),
        false => ("json_array", values.join(", ")),
    };
    let text = if postgres { "::text" } else { "" };
    let (name, key) = (table.name, table.order(postgres));
    let sql = format!("SELECT {array}({values}){text} AS line FROM \"{name}\" ORDER BY {key}");
    let mut give = |row: Line| take(&spelled(name, &row.line)?);
    let database = |error: diesel::result::Error| E::from(StoreError::from(error));
    match conn {
        Conn::Sqlite(inner) => {
            let all = sql_query(sql).load_iter::<Line, DefaultLoadingMode>(inner);
            for row in all.map_err(database)? {
                give(row.map_err(database)?)?;
            }
        }
        Conn::Postgres(inner) => {
            let all = sql_query(sql).load_iter::<Line, PgRowByRowLoadingMode>(inner);
            for row in all.map_err(database)? {
                give(row.map_err(database)?)?;
            }
        }
    }
    Ok(())
}

/// A row spelled in one way, whichever database wrote it.
fn spelled(table: &str, line: &str) -> StoreResult<String> {
    let corrupt = |error: serde_json::Error| StoreError::corrupt(table, error);
    let values: Vec<Value> = serde_json::from_str(line).map_err(corrupt)?;
    serde_json::to_string(&values).map_err(corrupt)
}

/// A column as it stands in a row's array.
fn written(column: &Column, postgres: bool) -> String {
    let name = column.name;
    match (column.kind, postgres) {
        (Kind::Binary, true) => format!("encode(\"{name}\", 'hex')"),
        // hex(NULL) is the empty text.
        (Kind::Binary, false) => format!("CASE WHEN \"{name}\" IS NOT NULL THEN lower(hex(\"{name}\")) END"),
        (Kind::Bool, true) => format!("\"{name}\"::int"),
        (Kind::Date | Kind::Timestamp, true) => format!("\"{name}\"::text"),
        _ => format!("\"{name}\""),
    }
}

/// Adds rows that [`rows`] gave, from either database.
///
/// # Errors
/// [`StoreError::Database`], also for values that a column does not take.
pub fn insert(conn: &mut Conn, table: &Table, lines: &[String]) -> StoreResult<()> {
    let postgres = conn.is_postgres();
    let values: Vec<String> = (0_usize..)
        .zip(&table.columns)
        .map(|(place, column)| read(column.kind, place, postgres))
        .collect();
    let (name, columns, values) = (table.name, table.quoted(), values.join(", "));
    let from = match postgres {
        true => "json_array_elements($1::json) AS rows(value)",
        false => "json_each(?)",
    };
    let sql = format!("INSERT INTO \"{name}\" ({columns}) SELECT {values} FROM {from}");
    let rows = format!("[{}]", lines.join(","));
    let query = sql_query(sql).bind::<sql_types::Text, _>(rows);
    match conn {
        Conn::Sqlite(inner) => query.execute(inner)?,
        Conn::Postgres(inner) => query.execute(inner)?,
    };
    Ok(())
}

/// The value at a place of a row's array, as the column takes it.
fn read(kind: Kind, place: usize, postgres: bool) -> String {
    if postgres {
        let text = format!("value->>{place}");
        return match kind {
            Kind::Text => text,
            Kind::Binary => format!("decode({text}, 'hex')"),
            Kind::BigInt => format!("({text})::bigint"),
            Kind::Bool => format!("({text})::int::boolean"),
            Kind::Date => format!("({text})::date"),
            Kind::Timestamp => format!("({text})::timestamp"),
        };
    }
    let value = format!("json_extract(value, '$[{place}]')");
    match kind {
        Kind::Binary => format!("unhex({value})"),
        _ => value,
    }
}

/// The first table that has a row, if any has.
///
/// # Errors
/// [`StoreError::Database`].
pub fn first_filled(conn: &mut Conn) -> StoreResult<Option<&'static str>> {
    for table in tables()? {
        let name = table.name;
        let query = sql_query(format!(
            "SELECT COUNT(*) AS value FROM (SELECT 1 FROM \"{name}\" LIMIT 1) AS found"
        ));
        let found: Number = match conn {
            Conn::Sqlite(inner) => query.get_result(inner)?,
            Conn::Postgres(inner) => query.get_result(inner)?,
        };
        if found.value > 0 {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Table {
        tables()
            .unwrap()
            .into_iter()
            .find(|table| table.name == name)
            .unwrap()
    }

    #[test]
    fn the_schema_is_read_whole() {
        let tables = tables().unwrap();
        assert_eq!(tables.len(), SCHEMA.matches("diesel::table!").count());
        let columns: usize = tables.iter().map(|table| table.columns.len()).sum();
        assert_eq!(columns, SCHEMA.matches(" -> ").count());
        assert_eq!(table("tile").key, "level, tile_index, width");
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let tile = table("tile");
        assert!(tile.fits(r#"[0,1,2,"00ff"]"#));
        for bad in [
            "",
            "[]",
            "{}",
            "[0,1,2]",
            r#"[0,1,2,"00ff",3]"#,
            r#"[0,1,2,"0"]"#,
            r#"[0,1,2,"zz"]"#,
            r#"["0",1,2,"00"]"#,
            r#"[0.5,1,2,"00"]"#,
            r#"[9223372036854775808,1,2,"00"]"#,
            r#"[[],1,2,"00"]"#,
            r#"[true,1,2,"00"]"#,
        ] {
            assert!(!tile.fits(bad), "{bad}");
        }
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(
            tile.with(&names(&["level", "hashes"]))
                .unwrap()
                .fits(r#"[0,"00"]"#)
        );
        for bad in [&["level", "other"][..], &["level", "level"], &[]] {
            assert_eq!(tile.with(&names(bad)), None, "{bad:?}");
        }
        assert!(table("scope_item").fits(r#"["a",1,1,"b"]"#));
        assert!(!table("scope_item").fits(r#"["a",1,2,"b"]"#));
    }
}

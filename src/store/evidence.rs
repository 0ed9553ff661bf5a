//! Evidence about employers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::evidence;
use super::{Conn, StoreError, StoreResult};
use crate::domain::evidence::Evidence;

#[derive(Queryable, Insertable)]
#[diesel(table_name = evidence, treat_none_as_default_value = false)]
struct Row {
    id: String,
    employer_id: i64,
    occurred_on: NaiveDate,
    document_number: Option<String>,
    body: String,
}

/// PostgreSQL allows 65,535 bound values in a statement; a row has five.
const ROWS_PER_STATEMENT: usize = 65_535 / 5;

/// Adds evidence about employers.
///
/// # Errors
/// [`StoreError::Database`], also for a document number that is there already.
pub fn insert(conn: &mut Conn, items: &[(i64, Evidence)]) -> StoreResult<()> {
    let rows: Vec<Row> = items
        .iter()
        .map(|(employer, item)| to_row(*employer, item))
        .collect::<StoreResult<_>>()?;
    match conn {
        Conn::Sqlite(inner) => {
            for row in &rows {
                diesel::insert_into(evidence::table).values(row).execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            for part in rows.chunks(ROWS_PER_STATEMENT) {
                diesel::insert_into(evidence::table).values(part).execute(inner)?;
            }
        }
    }
    Ok(())
}

/// All evidence about one employer, by date and id.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub fn of_employer(conn: &mut Conn, employer: i64) -> StoreResult<Vec<Evidence>> {
    let rows: Vec<Row> = evidence::table
        .filter(evidence::employer_id.eq(employer))
        .order((evidence::occurred_on, evidence::id))
        .load(conn)?;
    rows.iter().map(from_row).collect()
}

/// All evidence about employers `from..=to`, by employer.
///
/// # Errors
/// [`StoreError::Database`], [`StoreError::Corrupt`].
pub fn of_employers(conn: &mut Conn, from: i64, to: i64) -> StoreResult<BTreeMap<i64, Vec<Evidence>>> {
    let rows: Vec<Row> = evidence::table
        .filter(evidence::employer_id.between(from, to))
        .order((evidence::employer_id, evidence::occurred_on, evidence::id))
        .load(conn)?;
    let mut found: BTreeMap<i64, Vec<Evidence>> = BTreeMap::new();
    for row in &rows {
        found.entry(row.employer_id).or_default().push(from_row(row)?);
    }
    Ok(found)
}

/// Values in one `IN (…)`: SQLite binds at most 32,766.
const VALUES_PER_QUERY: usize = 1000;

/// Which of these ids are taken.
///
/// # Errors
/// [`StoreError::Database`].
pub fn ids_among(conn: &mut Conn, ids: &[String]) -> StoreResult<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for part in ids.chunks(VALUES_PER_QUERY) {
        let taken: Vec<String> = evidence::table
            .filter(evidence::id.eq_any(part))
            .select(evidence::id)
            .load(conn)?;
        found.extend(taken);
    }
    Ok(found)
}

/// Which of these document numbers are taken.
///
/// # Errors
/// [`StoreError::Database`].
pub fn document_numbers_among(conn: &mut Conn, numbers: &[String]) -> StoreResult<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for part in numbers.chunks(VALUES_PER_QUERY) {
        let taken: Vec<Option<String>> = evidence::table
            .filter(evidence::document_number.eq_any(part))
            .select(evidence::document_number)
            .load(conn)?;
        found.extend(taken.into_iter().flatten());
    }
    Ok(found)
}

fn to_row(employer: i64, item: &Evidence) -> StoreResult<Row> {
    let body = serde_json::to_string(item).map_err(|error| StoreError::corrupt("evidence", error))?;
    Ok(Row {
        id: item.id.to_string(),
        employer_id: employer,
        occurred_on: item.occurred_on,
        document_number: item.document_number.clone(),
        body,
    })
}

fn from_row(row: &Row) -> StoreResult<Evidence> {
    serde_json::from_str(&row.body)
        .map_err(|error| StoreError::corrupt(format!("evidence {}", row.id), error))
}

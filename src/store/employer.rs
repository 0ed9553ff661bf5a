//! The register of employers.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::employer;
use super::{Conn, StoreResult, search};

/// An employer as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = employer)]
pub struct EmployerRow {
    /// Our own number; never shown.
    pub id: i64,
    /// Unified code.
    pub code: Option<String>,
    /// Registration number, for old records without a code.
    pub registration: Option<String>,
    /// Division code of the place of labour use.
    pub division: String,
    /// Name in NFC.
    pub name: String,
    /// `enterprise`, `branch`, `individual_business`.
    pub kind: String,
    /// GB/T 4754 section letter.
    pub industry: String,
    /// Workers.
    pub headcount: i64,
    /// When registered.
    pub registered_on: NaiveDate,
    /// The recorded override for a code whose check digit fails, JSON.
    pub code_override: Option<String>,
}

impl EmployerRow {
    /// Whether name and code can be a natural person's: an individual business (个体工商户), by its kind or by
    /// a unified code that begins with 92 (GB 32100, registration type).
    #[must_use]
    pub fn may_be_personal(&self) -> bool {
        self.kind == "individual_business" || self.code.as_deref().is_some_and(|code| code.starts_with("92"))
    }
}

/// Makes others who hold this employer wait until the transaction ends, so that two acts about one of its records
/// are decided on one after the other. On SQLite a write transaction has the database to itself already.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn hold(conn: &mut Conn, id: i64) -> StoreResult<()> {
    if let Conn::Postgres(inner) = conn {
        // Rows that refer to it are still added meanwhile.
        let row = employer::table.find(id).select(employer::id);
        row.for_no_key_update().first::<i64>(inner).optional()?;
    }
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = employer, treat_none_as_default_value = false)]
struct NewEmployer<'a> {
    id: i64,
    code: Option<&'a str>,
    registration: Option<&'a str>,
    division: &'a str,
    name: &'a str,
    grams: String,
    kind: &'a str,
    industry: &'a str,
    headcount: i64,
    registered_on: NaiveDate,
    code_override: Option<&'a str>,
}

impl<'a> From<&'a EmployerRow> for NewEmployer<'a> {
    fn from(row: &'a EmployerRow) -> Self {
        Self {
            id: row.id,
            code: row.code.as_deref(),
            registration: row.registration.as_deref(),
            division: &row.division,
            name: &row.name,
            grams: search::grams(&row.name),
            kind: &row.kind,
            industry: &row.industry,
            headcount: row.headcount,
            registered_on: row.registered_on,
            code_override: row.code_override.as_deref(),
        }
    }
}

/// PostgreSQL allows 65,535 bound values in a statement; a row has eleven.
const ROWS_PER_STATEMENT: usize = 65_535 / 11;

/// The number for the next employer.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn next_id(conn: &mut Conn) -> StoreResult<i64> {
    let last: Option<i64> = employer::table
        .select(diesel::dsl::max(employer::id))
        .first(conn)?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// Adds employers.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database), also for a code that is there already.
pub fn insert(conn: &mut Conn, rows: &[EmployerRow]) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => {
            for row in rows {
                diesel::insert_into(employer::table)
                    .values(NewEmployer::from(row))
                    .execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            for part in rows.chunks(ROWS_PER_STATEMENT) {
                let part: Vec<NewEmployer<'_>> = part.iter().map(NewEmployer::from).collect();
                diesel::insert_into(employer::table).values(part).execute(inner)?;
            }
        }
    }
    Ok(())
}

/// The employer of a unified code.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_code(conn: &mut Conn, code: &str) -> StoreResult<Option<EmployerRow>> {
    Ok(employer::table
        .filter(employer::code.eq(code))
        .select(EmployerRow::as_select())
        .first(conn)
        .optional()?)
}

/// The employers of a registration number; numbers repeat between divisions.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_registration(conn: &mut Conn, number: &str) -> StoreResult<Vec<EmployerRow>> {
    Ok(employer::table
        .filter(employer::registration.eq(number))
        .order(employer::id)
        .select(EmployerRow::as_select())
        .load(conn)?)
}

/// The employer of our own number.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn find(conn: &mut Conn, id: i64) -> StoreResult<Option<EmployerRow>> {
    Ok(employer::table
        .find(id)
        .select(EmployerRow::as_select())
        .first(conn)
        .optional()?)
}

/// The employers of these numbers, in no order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn find_many(conn: &mut Conn, ids: &[i64]) -> StoreResult<Vec<EmployerRow>> {
    Ok(employer::table
        .filter(employer::id.eq_any(ids.to_vec()))
        .select(EmployerRow::as_select())
        .load(conn)?)
}

/// Employers after `id`, in order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn after(conn: &mut Conn, id: i64, limit: i64) -> StoreResult<Vec<EmployerRow>> {
    Ok(employer::table
        .filter(employer::id.gt(id))
        .order(employer::id)
        .limit(limit)
        .select(EmployerRow::as_select())
        .load(conn)?)
}

/// How many there are.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn count(conn: &mut Conn) -> StoreResult<i64> {
    Ok(employer::table.count().get_result(conn)?)
}

/// Values in one `IN (…)`: SQLite binds at most 32,766.
const VALUES_PER_QUERY: usize = 1000;

/// The employers of these unified codes, in no order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_codes(conn: &mut Conn, codes: &[String]) -> StoreResult<Vec<EmployerRow>> {
    let mut found = Vec::new();
    for part in codes.chunks(VALUES_PER_QUERY) {
        let rows: Vec<EmployerRow> = employer::table
            .filter(employer::code.eq_any(part))
            .select(EmployerRow::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The employers of these registration numbers, in no order; numbers repeat between divisions.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_registrations(conn: &mut Conn, numbers: &[String]) -> StoreResult<Vec<EmployerRow>> {
    let mut found = Vec::new();
    for part in numbers.chunks(VALUES_PER_QUERY) {
        let rows: Vec<EmployerRow> = employer::table
            .filter(employer::registration.eq_any(part))
            .select(EmployerRow::as_select())
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

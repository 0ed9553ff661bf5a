//! Bodies: the exact bytes behind each entry's digest, and the columns by which they are found.

use diesel::prelude::*;

use crate::store::schema::body;
use crate::store::{Conn, StoreResult};

/// A body as stored. Everything but `bytes` is derived from them and only helps to find them.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = body, treat_none_as_default_value = false)]
pub struct Body {
    /// Where its entry stands in the log.
    pub log_index: i64,
    /// The entry's kind: `record`, `status-list`, `keys`, `rule-set` …
    pub kind: String,
    /// `public` or `partners`.
    pub audience: String,
    /// The 16 bytes of the record's UUID, for records.
    pub record_id: Option<Vec<u8>>,
    /// The credential's own type, for records.
    pub record_type: Option<String>,
    /// Whom it is about.
    pub employer_id: Option<i64>,
    /// The year graded or reviewed.
    pub year: Option<i64>,
    /// The grade, or `listed`.
    pub outcome: Option<String>,
    /// The batch that it came with.
    pub batch_id: Option<String>,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
}

impl Body {
    /// The body of an entry, of which nothing is said yet but what the entry says: about nobody, of no batch.
    #[must_use]
    pub fn bare(log_index: i64, kind: &str, audience: &str, bytes: Vec<u8>) -> Self {
        Self {
            log_index,
            kind: kind.to_owned(),
            audience: audience.to_owned(),
            record_id: None,
            record_type: None,
            employer_id: None,
            year: None,
            outcome: None,
            batch_id: None,
            bytes,
        }
    }
}

/// Adds bodies in log order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn insert(conn: &mut Conn, rows: &[Body]) -> StoreResult<()> {
    match conn {
        // A cached statement a row beats one long statement: SQLite compiles statements, and has no round trips.
        Conn::Sqlite(inner) => {
            for row in rows {
                diesel::insert_into(body::table).values(row).execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            diesel::copy_from(body::table)
                .from_insertable(rows)
                .execute(inner)?;
        }
    }
    Ok(())
}

/// What was stored for an entry, as far as the entry itself speaks of it, behind its log index.
pub type Spoken = (i64, String, String, Vec<u8>);

/// Log index, kind, audience and bytes of the bodies of entries `from..to`, in log order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn spoken_between(conn: &mut Conn, from: i64, to: i64) -> StoreResult<Vec<Spoken>> {
    let mut found: Vec<Spoken> = body::table
        .filter(body::log_index.ge(from))
        .filter(body::log_index.lt(to))
        .select((body::log_index, body::kind, body::audience, body::bytes))
        .load(conn)?;
    // Ordered here: while a batch grows, PostgreSQL has no statistics yet, reads by bitmap and would sort
    // whole bodies, a third of what reading back costs it.
    found.sort_unstable_by_key(|(at, ..)| *at);
    Ok(found)
}

/// Whole rows of entries `from..to`, in log order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn between(conn: &mut Conn, from: i64, to: i64) -> StoreResult<Vec<Body>> {
    Ok(body::table
        .filter(body::log_index.ge(from))
        .filter(body::log_index.lt(to))
        .order(body::log_index)
        .load(conn)?)
}

/// A body's bytes and where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Held {
    /// Where its entry stands in the log.
    pub log_index: i64,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
}

/// The bodies of entries `from..to` in log order: all of them for partners, else what is public alone.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn held_between(conn: &mut Conn, from: i64, to: i64, partners: bool) -> StoreResult<Vec<Held>> {
    let least = if partners { "partners" } else { "public" };
    Ok(body::table
        .filter(body::log_index.ge(from))
        .filter(body::log_index.lt(to))
        .filter(body::audience.eq("public").or(body::audience.eq(least)))
        .order(body::log_index)
        .select((body::log_index, body::bytes))
        .load(conn)?)
}

/// Where bodies stand among the entries `from..to`, in log order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn places_between(conn: &mut Conn, from: i64, to: i64) -> StoreResult<Vec<i64>> {
    Ok(body::table
        .filter(body::log_index.ge(from))
        .filter(body::log_index.lt(to))
        .order(body::log_index)
        .select(body::log_index)
        .load(conn)?)
}

/// The body at `index`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn at(conn: &mut Conn, index: i64) -> StoreResult<Option<Body>> {
    Ok(body::table.find(index).first(conn).optional()?)
}

/// The record of a UUID, if readers can see it: its index is below `served_size`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn by_record_id(conn: &mut Conn, id: &[u8], served_size: i64) -> StoreResult<Option<Body>> {
    Ok(body::table
        .filter(body::record_id.eq(id))
        .filter(body::log_index.lt(served_size))
        .first(conn)
        .optional()?)
}

/// The same, of what is public alone: of another record nothing is read, so that none takes longer to be
/// refused than one that does not exist.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn public_by_record_id(conn: &mut Conn, id: &[u8], served_size: i64) -> StoreResult<Option<Body>> {
    Ok(body::table
        .filter(body::record_id.eq(id))
        .filter(body::log_index.lt(served_size))
        .filter(body::audience.eq("public"))
        .first(conn)
        .optional()?)
}

/// The records about an employer that readers can see, newest first.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn of_employer(conn: &mut Conn, employer: i64, served_size: i64) -> StoreResult<Vec<Body>> {
    Ok(body::table
        .filter(body::employer_id.eq(employer))
        .filter(body::log_index.lt(served_size))
        .order(body::log_index.desc())
        .load(conn)?)
}

/// The same, of what is public alone: nothing of another record's bytes is read.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn public_of_employer(conn: &mut Conn, employer: i64, served_size: i64) -> StoreResult<Vec<Body>> {
    Ok(body::table
        .filter(body::employer_id.eq(employer))
        .filter(body::log_index.lt(served_size))
        .filter(body::audience.eq("public"))
        .order(body::log_index.desc())
        .load(conn)?)
}

/// The listings, in log order, as far as they are not withdrawn.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn listings(conn: &mut Conn) -> StoreResult<Vec<Body>> {
    // A bound value would not let the partial index be used.
    let listed = diesel::dsl::sql::<diesel::sql_types::Bool>("record_type = 'WageBlacklistEntry'");
    Ok(body::table.filter(listed).order(body::log_index).load(conn)?)
}

/// The newest public outcome (grade) of each of these employers that readers can see:
/// `(employer, year, outcome)`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn public_outcomes(
    conn: &mut Conn,
    employers: &[i64],
    record_type: &str,
    served_size: i64,
) -> StoreResult<Vec<(i64, i64, String)>> {
    let rows: Vec<(Option<i64>, Option<i64>, Option<String>)> = body::table
        .filter(body::employer_id.eq_any(employers.to_vec()))
        .filter(body::record_type.eq(record_type))
        .filter(body::audience.eq("public"))
        .filter(body::log_index.lt(served_size))
        .order(body::log_index)
        .select((body::employer_id, body::year, body::outcome))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(employer, year, outcome)| Some((employer?, year?, outcome?)))
        .collect())
}

/// The employers of the first `limit` records of a type and outcome that readers can see, in order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn first_with_outcome(
    conn: &mut Conn,
    record_type: &str,
    outcome: &str,
    served_size: i64,
    limit: i64,
) -> StoreResult<Vec<i64>> {
    let found: Vec<Option<i64>> = body::table
        .filter(body::record_type.eq(record_type))
        .filter(body::outcome.eq(outcome))
        .filter(body::log_index.lt(served_size))
        .order(body::log_index)
        .limit(limit)
        .select(body::employer_id)
        .load(conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// The newest visible body of a kind other than `record`, at or before `served_size`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn newest_of_kind(conn: &mut Conn, kind: &str, served_size: i64) -> StoreResult<Option<Body>> {
    Ok(body::table
        .filter(body::kind.eq(kind))
        .filter(body::kind.ne("record"))
        .filter(body::log_index.lt(served_size))
        .order(body::log_index.desc())
        .first(conn)
        .optional()?)
}

/// Every body of a kind other than `record`, in log order.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn all_of_kind(conn: &mut Conn, kind: &str) -> StoreResult<Vec<Body>> {
    Ok(body::table
        .filter(body::kind.eq(kind))
        .filter(body::kind.ne("record"))
        .order(body::log_index)
        .load(conn)?)
}

/// How many entries of each kind stand below `size`, by kind.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn count_by_kind(conn: &mut Conn, size: i64) -> StoreResult<Vec<(String, i64)>> {
    Ok(body::table
        .filter(body::log_index.lt(size))
        .group_by(body::kind)
        .select((body::kind, diesel::dsl::count_star()))
        .order(body::kind)
        .load(conn)?)
}

/// A record's type, its outcome, and how many there are.
pub type OutcomeCount = (Option<String>, Option<String>, i64);

/// How many records of each type and outcome stand below `size`.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn count_outcomes(conn: &mut Conn, size: i64) -> StoreResult<Vec<OutcomeCount>> {
    Ok(body::table
        .filter(body::log_index.lt(size))
        .filter(body::kind.eq("record"))
        .group_by((body::record_type, body::outcome))
        .select((body::record_type, body::outcome, diesel::dsl::count_star()))
        .load(conn)?)
}

/// How many records of a type and outcome, of one year where it is given, stand below `size` for the
/// public. Records for partners are not counted: a figure must not tell of one.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn count_public(
    conn: &mut Conn,
    size: i64,
    record_type: &str,
    outcome: &str,
    year: Option<i64>,
) -> StoreResult<i64> {
    let of_any_year = body::table
        .filter(body::log_index.lt(size))
        .filter(body::kind.eq("record"))
        .filter(body::audience.eq("public"))
        .filter(body::record_type.eq(record_type))
        .filter(body::outcome.eq(outcome));
    Ok(match year {
        Some(year) => of_any_year.filter(body::year.eq(year)).count().get_result(conn)?,
        None => of_any_year.count().get_result(conn)?,
    })
}

/// The indices of bodies outside `0..size`, at most `limit`, for a full check.
///
/// # Errors
/// [`StoreError::Database`](crate::store::StoreError::Database).
pub fn outside(conn: &mut Conn, size: i64, limit: i64) -> StoreResult<Vec<i64>> {
    Ok(body::table
        .filter(body::log_index.ge(size).or(body::log_index.lt(0)))
        .order(body::log_index)
        .limit(limit)
        .select(body::log_index)
        .load(conn)?)
}

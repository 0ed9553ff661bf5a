//! Batches of decisions: proposed by one person, approved by another, then published whole.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::{batch, batch_item, employer};
use super::{Conn, StoreError, StoreResult};

/// A batch as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = batch, treat_none_as_default_value = false)]
pub struct BatchRow {
    /// UUID.
    pub id: String,
    /// `integrity-grade` or `wage-blacklist`.
    pub kind: String,
    /// For people.
    pub title: String,
    /// Whose decision.
    pub authority_id: String,
    /// `proposed`, `approved`, `rejected`, `publishing`, `published`.
    pub state: String,
    /// Items.
    pub size: i64,
    /// SHA-256 over the items' decisions, in order: what the approver approves.
    pub digest: Vec<u8>,
    /// The rule set of its decisions: id, version and digest, JSON.
    pub rule_set: String,
    /// Account id.
    pub proposed_by: String,
    /// UTC.
    pub proposed_at: NaiveDateTime,
    /// Account id of the approver, or of who rejected.
    pub decided_by: Option<String>,
    /// UTC.
    pub decided_at: Option<NaiveDateTime>,
    /// The words that came with the decision.
    pub decision_reason: Option<String>,
    /// Account id.
    pub published_by: Option<String>,
    /// UTC.
    pub published_at: Option<NaiveDateTime>,
}

/// One decision of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = batch_item)]
pub struct ItemRow {
    /// The batch.
    pub batch_id: String,
    /// Its place, chosen at random when the batch was proposed.
    pub position: i64,
    /// Whom it is about.
    pub employer_id: i64,
    /// The grade, or `listed`.
    pub outcome: String,
    /// The decision, canonical JSON: what will be signed.
    pub decision: String,
    /// The rule-by-rule trace, JSON.
    pub trace: String,
}

/// PostgreSQL allows 65,535 bound values in a statement; a row has six.
const ROWS_PER_STATEMENT: usize = 65_535 / 6;

/// Adds a batch with its items.
///
/// # Errors
/// [`StoreError::Database`].
pub fn insert(conn: &mut Conn, row: &BatchRow, items: &[ItemRow]) -> StoreResult<()> {
    diesel::insert_into(batch::table).values(row).execute(conn)?;
    match conn {
        Conn::Sqlite(inner) => {
            for item in items {
                diesel::insert_into(batch_item::table)
                    .values(item)
                    .execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            for part in items.chunks(ROWS_PER_STATEMENT) {
                diesel::insert_into(batch_item::table)
                    .values(part)
                    .execute(inner)?;
            }
        }
    }
    Ok(())
}

/// One batch.
///
/// # Errors
/// [`StoreError::Database`].
pub fn find(conn: &mut Conn, id: &str) -> StoreResult<Option<BatchRow>> {
    Ok(batch::table.find(id).first(conn).optional()?)
}

/// All batches, newest first.
///
/// # Errors
/// [`StoreError::Database`].
pub fn all(conn: &mut Conn) -> StoreResult<Vec<BatchRow>> {
    Ok(batch::table
        .order((batch::proposed_at.desc(), batch::id))
        .load(conn)?)
}

/// Items `from..to` by position.
///
/// # Errors
/// [`StoreError::Database`].
pub fn items(conn: &mut Conn, id: &str, from: i64, to: i64) -> StoreResult<Vec<ItemRow>> {
    Ok(batch_item::table
        .filter(batch_item::batch_id.eq(id))
        .filter(batch_item::position.ge(from))
        .filter(batch_item::position.lt(to))
        .order(batch_item::position)
        .load(conn)?)
}

/// How many items a batch has, at whatever places, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn count_items(conn: &mut Conn, id: &str) -> StoreResult<i64> {
    Ok(batch_item::table
        .filter(batch_item::batch_id.eq(id))
        .count()
        .get_result(conn)?)
}

/// The batches that items name and that are not there, for a full check.
///
/// # Errors
/// [`StoreError::Database`].
pub fn missing(conn: &mut Conn) -> StoreResult<Vec<String>> {
    Ok(batch_item::table
        .left_join(batch::table.on(batch::id.eq(batch_item::batch_id)))
        .filter(batch::id.nullable().is_null())
        .select(batch_item::batch_id)
        .distinct()
        .order(batch_item::batch_id)
        .load(conn)?)
}

/// How many items of each outcome.
///
/// # Errors
/// [`StoreError::Database`].
pub fn outcomes(conn: &mut Conn, id: &str) -> StoreResult<Vec<(String, i64)>> {
    Ok(batch_item::table
        .filter(batch_item::batch_id.eq(id))
        .group_by(batch_item::outcome)
        .select((batch_item::outcome, diesel::dsl::count_star()))
        .order(batch_item::outcome)
        .load(conn)?)
}

/// A line of the review page.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ReviewLine {
    /// The item's place.
    pub position: i64,
    /// The employer's number.
    pub employer_id: i64,
    /// Name.
    pub name: String,
    /// Unified code.
    pub code: Option<String>,
    /// Division code.
    pub division: String,
    /// The grade, or `listed`.
    pub outcome: String,
    /// The decision, canonical JSON.
    pub decision: String,
}

/// Which items a review shows; empty texts take all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReviewFilter<'f> {
    /// The outcome.
    pub outcome: &'f str,
    /// A part of the name, or of the code.
    pub query: &'f str,
    /// Digits that the division begins with.
    pub division: &'f str,
}

/// Items that a filter takes, by the employer's number, `limit` after skipping `offset`; and how many
/// there are in all.
///
/// # Errors
/// [`StoreError::Database`].
pub fn review(
    conn: &mut Conn,
    id: &str,
    filter: ReviewFilter<'_>,
    offset: i64,
    limit: i64,
) -> StoreResult<(Vec<ReviewLine>, i64)> {
    let name = format!("%{}%", super::search::escape_like(filter.query));
    let below = format!("{}%", super::search::escape_like(filter.division));
    // A missing code is NULL, and no match.
    let joined = || {
        batch_item::table
            .inner_join(employer::table.on(employer::id.eq(batch_item::employer_id)))
            .filter(batch_item::batch_id.eq(id))
            .filter(employer::division.like(below.clone()).escape('\\'))
            .filter(
                employer::name
                    .like(name.clone())
                    .escape('\\')
                    .or(employer::code.assume_not_null().like(name.clone()).escape('\\')),
            )
    };
    let columns = (
        batch_item::position,
        batch_item::employer_id,
        employer::name,
        employer::code,
        employer::division,
        batch_item::outcome,
        batch_item::decision,
    );
    let mut page = joined()
        .select(columns)
        .order(employer::id)
        .offset(offset)
        .limit(limit)
        .into_boxed();
    let mut all = joined().count().into_boxed();
    if !filter.outcome.is_empty() {
        page = page.filter(batch_item::outcome.eq(filter.outcome));
        all = all.filter(batch_item::outcome.eq(filter.outcome));
    }
    Ok((page.load(conn)?, all.get_result(conn)?))
}

/// The item about an employer in a batch.
///
/// # Errors
/// [`StoreError::Database`].
pub fn item_of(conn: &mut Conn, id: &str, employer: i64) -> StoreResult<Option<ItemRow>> {
    Ok(batch_item::table
        .filter(batch_item::employer_id.eq(employer))
        .filter(batch_item::batch_id.eq(id))
        .first(conn)
        .optional()?)
}

/// The newest items about an employer of a kind of batch, by when proposed.
///
/// # Errors
/// [`StoreError::Database`].
pub fn items_about(conn: &mut Conn, employer: i64, kind: &str) -> StoreResult<Vec<(BatchRow, ItemRow)>> {
    Ok(batch_item::table
        .inner_join(batch::table.on(batch::id.eq(batch_item::batch_id)))
        .filter(batch_item::employer_id.eq(employer))
        .filter(batch::kind.eq(kind))
        .order(batch::proposed_at.desc())
        .select((batch::all_columns, batch_item::all_columns))
        .load(conn)?)
}

/// What changes with a batch's state.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsChangeset)]
#[diesel(table_name = batch)]
pub struct BatchChange {
    /// The new state.
    pub state: Option<String>,
    /// Who approved or rejected.
    pub decided_by: Option<String>,
    /// When, UTC.
    pub decided_at: Option<NaiveDateTime>,
    /// The words.
    pub decision_reason: Option<String>,
    /// Who published.
    pub published_by: Option<String>,
    /// When, UTC.
    pub published_at: Option<NaiveDateTime>,
}

/// Moves a batch on, if it still is in state `from`.
///
/// # Errors
/// [`StoreError::Moved`] when it is not.
pub fn advance(conn: &mut Conn, id: &str, from: &str, change: &BatchChange) -> StoreResult<()> {
    let rows = diesel::update(batch::table.find(id).filter(batch::state.eq(from)))
        .set(change)
        .execute(conn)?;
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Moved("the batch"))
    }
}

/// The ids of batches in a state.
///
/// # Errors
/// [`StoreError::Database`].
pub fn in_state(conn: &mut Conn, state: &str) -> StoreResult<Vec<String>> {
    Ok(batch::table
        .filter(batch::state.eq(state))
        .order(batch::id)
        .select(batch::id)
        .load(conn)?)
}

//! Review campaigns, who is in scope, and filings.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{campaign, filing, scope_item};
use super::{Conn, StoreResult};

/// A campaign as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = campaign)]
pub struct CampaignRow {
    /// Its id.
    pub id: String,
    /// Whose.
    pub authority_id: String,
    /// The year reviewed.
    pub review_year: i64,
    /// First day of filing.
    pub opens_on: NaiveDate,
    /// Last day of filing.
    pub closes_on: NaiveDate,
    /// The population rule, JSON.
    pub population: String,
    /// Which form.
    pub form_version: String,
    /// Employers in scope.
    pub denominator: i64,
    /// Its state.
    pub state: String,
}

/// One employer's place in or out of scope, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = scope_item)]
pub struct ScopeRow {
    /// The campaign.
    pub campaign_id: String,
    /// The employer.
    pub employer_id: i64,
    /// Whether it has to file.
    pub in_scope: bool,
    /// Why, or why not.
    pub reason: String,
}

/// One employer's filing.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = filing, treat_none_as_default_value = false)]
pub struct FilingRow {
    /// The campaign.
    pub campaign_id: String,
    /// The employer.
    pub employer_id: i64,
    /// Its state.
    pub state: String,
    /// `online`, `on_site` or `papers`.
    pub channel: Option<String>,
    /// When submitted.
    pub submitted_on: Option<NaiveDate>,
    /// When it came to a result.
    pub closed_on: Option<NaiveDate>,
}

/// Adds a campaign.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert(conn: &mut Conn, row: &CampaignRow) -> StoreResult<()> {
    diesel::insert_into(campaign::table).values(row).execute(conn)?;
    Ok(())
}

/// All campaigns, newest year first.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn all(conn: &mut Conn) -> StoreResult<Vec<CampaignRow>> {
    Ok(campaign::table
        .order((campaign::review_year.desc(), campaign::id))
        .load(conn)?)
}

/// Adds scope decisions.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert_scope(conn: &mut Conn, rows: &[ScopeRow]) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => {
            for row in rows {
                diesel::insert_into(scope_item::table)
                    .values(row)
                    .execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            for part in rows.chunks(10_000) {
                diesel::insert_into(scope_item::table)
                    .values(part)
                    .execute(inner)?;
            }
        }
    }
    Ok(())
}

/// Adds filings.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn insert_filings(conn: &mut Conn, rows: &[FilingRow]) -> StoreResult<()> {
    match conn {
        Conn::Sqlite(inner) => {
            for row in rows {
                diesel::insert_into(filing::table).values(row).execute(inner)?;
            }
        }
        Conn::Postgres(inner) => {
            for part in rows.chunks(10_000) {
                diesel::insert_into(filing::table).values(part).execute(inner)?;
            }
        }
    }
    Ok(())
}

/// Why an employer is in or out of a campaign's scope.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn scope_of(conn: &mut Conn, campaign: &str, employer: i64) -> StoreResult<Option<ScopeRow>> {
    Ok(scope_item::table
        .find((campaign, employer))
        .first(conn)
        .optional()?)
}

/// An employer's filing in a campaign.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn filing_of(conn: &mut Conn, campaign: &str, employer: i64) -> StoreResult<Option<FilingRow>> {
    Ok(filing::table.find((campaign, employer)).first(conn).optional()?)
}

/// How many filings of a campaign are in each state.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn filing_states(conn: &mut Conn, campaign: &str) -> StoreResult<Vec<(String, i64)>> {
    Ok(filing::table
        .filter(filing::campaign_id.eq(campaign))
        .group_by(filing::state)
        .select((filing::state, diesel::dsl::count_star()))
        .order(filing::state)
        .load(conn)?)
}

/// How many employers are in scope and how many are not.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn scope_counts(conn: &mut Conn, campaign: &str) -> StoreResult<(i64, i64)> {
    let rows: Vec<(bool, i64)> = scope_item::table
        .filter(scope_item::campaign_id.eq(campaign))
        .group_by(scope_item::in_scope)
        .select((scope_item::in_scope, diesel::dsl::count_star()))
        .load(conn)?;
    let of = |wanted: bool| {
        rows.iter()
            .find(|(inside, _)| *inside == wanted)
            .map_or(0, |(_, count)| *count)
    };
    Ok((of(true), of(false)))
}

/// In-scope employers' numbers, in order.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn in_scope(conn: &mut Conn, campaign: &str) -> StoreResult<Vec<i64>> {
    Ok(scope_item::table
        .filter(scope_item::campaign_id.eq(campaign))
        .filter(scope_item::in_scope.eq(true))
        .order(scope_item::employer_id)
        .select(scope_item::employer_id)
        .load(conn)?)
}

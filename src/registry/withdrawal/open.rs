//! Withdrawals that are not out yet, each with its last day.

use chrono::NaiveDate;

use crate::domain::blacklist::Removal;
use crate::domain::calendar::{Calendar, DueDate};
use crate::domain::withdrawal::{Cause, due};
use crate::store::log::erasure;
use crate::store::{Conn, batch, blacklist as cases};

use super::release::{rule_set, shown};
use super::{KIND, is_open, stored};
use crate::registry::batch::{self as batches, BatchError};
use crate::registry::blacklist;
use crate::registry::decision::Decision;

/// How far a withdrawal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits for a second person.
    Proposed,
    /// Approved; waits for release.
    Approved,
    /// Its release was begun.
    Publishing,
    /// The listing has ended, and nobody has proposed or released its withdrawal.
    Ended,
}

/// A withdrawal that is not out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The batch, or the listing procedure that ended.
    pub subject: String,
    /// For people.
    pub title: String,
    /// Why display ends.
    pub cause: Cause,
    /// How far it has come.
    pub stage: Stage,
    /// The last day for taking it down everywhere.
    pub due: DueDate,
    /// Whether that day is over.
    pub overdue: bool,
}

/// Every withdrawal that is not out, the most urgent first.
///
/// # Errors
/// [`BatchError`].
pub fn open(conn: &mut Conn, today: NaiveDate) -> Result<Vec<Open>, BatchError> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for row in batch::all(conn)? {
        if row.kind != KIND || !is_open(&row) {
            continue;
        }
        let rules = batches::rule_set(&row)?;
        let stage = match row.state.as_str() {
            "proposed" => Stage::Proposed,
            "publishing" => Stage::Publishing,
            _ => Stage::Approved,
        };
        for item in batch::items(conn, &row.id, 0, row.size)? {
            let Decision::Withdrawal(decided) = stored(&item.decision)? else {
                continue;
            };
            known.extend(decided.case);
            // Its term ran out meanwhile: nothing is left to take down.
            if erasure::of_record(conn, decided.record.log_index)?.is_some() {
                continue;
            }
            let due = due(rules, Calendar::standard(), decided.ended_on);
            found.push(Open {
                subject: row.id.clone(),
                title: row.title.clone(),
                cause: decided.cause,
                stage,
                due,
                overdue: due.date < today,
            });
        }
    }
    for row in cases::in_state(conn, "removed")? {
        let case = blacklist::read(conn, &row.id)?;
        let Some((why, ended_on)) = case.removal() else {
            continue;
        };
        if known.contains(&row.id) || shown(conn, row.employer_id, &row.id)?.is_empty() {
            continue;
        }
        let (cause, from) = match why {
            Removal::Early => (Cause::EarlyRemoval, ended_on),
            Removal::Revoked => (Cause::OrderRevoked, ended_on),
            Removal::Expired => {
                let last_day = case.listing().map(|listing| listing.last_day);
                (Cause::Expiry, last_day.unwrap_or(ended_on))
            }
        };
        let due = due(rule_set(&case)?, Calendar::standard(), from);
        found.push(Open {
            subject: row.id.clone(),
            title: cause.zh().to_owned(),
            cause,
            stage: Stage::Ended,
            due,
            overdue: due.date < today,
        });
    }
    found.sort_by_key(|one| one.due.date);
    Ok(found)
}

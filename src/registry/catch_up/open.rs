//! What stands open in a database that was brought up to date: the mirror does not say which batch a record
//! came from, so nothing that may be out already is published again by itself.

use std::collections::BTreeSet;

use crate::store::batch::{self, BatchChange};
use crate::store::log::body::Body;
use crate::store::log::chunk;
use crate::store::{Conn, StoreResult};

use super::CatchUpError;

/// A batch that stands open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// How many of its decisions are about employers of whom a record of this outcome was replayed.
    pub out: u64,
    /// How many it has.
    pub of: u64,
}

/// Fails where a batch is in the log in part: the rest of it cannot be told from others' records.
pub(super) fn none_in_part(conn: &mut Conn) -> Result<(), CatchUpError> {
    for id in batch::in_state(conn, "publishing")? {
        if !chunk::of_batch(conn, &id)?.is_empty() {
            return Err(CatchUpError::Unfinished(format!("batch {id} is in it in part")));
        }
    }
    Ok(())
}

/// Finds the batches that stand open, and puts back to `approved` those that were being published: an officer
/// looks first.
pub(super) fn settle(conn: &mut Conn, replayed: &[Body]) -> StoreResult<Vec<Open>> {
    let out: BTreeSet<(i64, &str)> = replayed
        .iter()
        .filter_map(|row| Some((row.employer_id?, row.outcome.as_deref()?)))
        .collect();
    let mut open = Vec::new();
    for state in ["publishing", "approved"] {
        for id in batch::in_state(conn, state)? {
            let Some(row) = batch::find(conn, &id)? else {
                continue;
            };
            if state == "publishing" {
                let change = BatchChange {
                    state: Some("approved".to_owned()),
                    ..BatchChange::default()
                };
                batch::advance(conn, &id, state, &change)?;
            } else if open.iter().any(|known: &Open| known.id == id) {
                continue;
            }
            let items = batch::items(conn, &id, 0, row.size)?;
            let seen = items
                .iter()
                .filter(|item| out.contains(&(item.employer_id, &*item.outcome)))
                .count();
            open.push(Open {
                id,
                title: row.title,
                out: u64::try_from(seen).unwrap_or(u64::MAX),
                of: u64::try_from(items.len()).unwrap_or(u64::MAX),
            });
        }
    }
    Ok(open)
}

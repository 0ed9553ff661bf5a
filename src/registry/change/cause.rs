//! What a journalled change rests on. Columns are not believed alone: who can write into the database
//! could otherwise ask for any bit, and the sequencer would sign it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::batch::{self as rules, BatchState};
use crate::domain::change::ChangeKind;
use crate::record::status::Change;
use crate::registry::batch::{self as batches, BatchError};
use crate::registry::decision::RecordRef;
use crate::registry::release::{audited, differs};
use crate::store::batch;
use crate::store::log::change::{self, ChangeRow};
use crate::store::log::chunk;
use crate::store::{Conn, StoreResult, waiting};

/// What a decision says of a published record. A withdrawal names no kind of change.
#[derive(Deserialize)]
struct Said {
    record: Option<RecordRef>,
    change: Option<ChangeKind>,
}

impl Said {
    fn withdraws(&self, record_index: i64) -> bool {
        self.change.is_none() && self.record.as_ref().map(|record| record.log_index) == Some(record_index)
    }

    fn allows(&self, row: &ChangeRow, to: Change) -> bool {
        let named = self.record.as_ref().map(|record| record.log_index);
        let kind = match self.change {
            Some(ChangeKind::Suspension) => to == Change::Suspend,
            Some(ChangeKind::Restoration) => to == Change::Restore,
            Some(ChangeKind::Correction | ChangeKind::Downgrade) => {
                matches!(to, Change::Replace | Change::Revoke)
            }
            None => to == Change::Revoke,
        };
        named == Some(row.record_index) && kind
    }
}

/// Decisions behind changes, each batch read and proved once.
#[derive(Default)]
pub(in crate::registry) struct Causes(BTreeMap<String, Result<Vec<Said>, String>>);

impl Causes {
    /// Why a change is not what two persons decided; none when it is: its cause is a released batch that another
    /// person approved, by columns and by the audit trail, that decides this of this record, and whose decision
    /// was not carried before.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub(in crate::registry) fn refuse(
        &mut self,
        conn: &mut Conn,
        row: &ChangeRow,
    ) -> StoreResult<Option<String>> {
        let Some(id) = row.cause.strip_prefix("batch ") else {
            return Ok(Some(format!("{:?} names no batch that decided it", row.cause)));
        };
        let to = match row.change() {
            Ok(change) => change.to,
            Err(error) => return Ok(Some(error.to_string())),
        };
        if let Some(why) = self.decide(conn, id, |one| one.allows(row, to))? {
            return Ok(Some(why));
        }
        again(conn, id, row)
    }

    /// Why an erasure is not what two persons decided: as [`Self::refuse`], of a batch that withdraws the
    /// record.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub(in crate::registry) fn refuse_erasure(
        &mut self,
        conn: &mut Conn,
        batch: &str,
        record_index: i64,
    ) -> StoreResult<Option<String>> {
        self.decide(conn, batch, |one| one.withdraws(record_index))
    }

    fn decide(
        &mut self,
        conn: &mut Conn,
        id: &str,
        wanted: impl Fn(&Said) -> bool,
    ) -> StoreResult<Option<String>> {
        if !self.0.contains_key(id) {
            let said = match decided(conn, id) {
                Ok(said) => Ok(said),
                Err(BatchError::Store(error)) => return Err(error),
                Err(error) => Err(error.to_string()),
            };
            self.0.insert(id.to_owned(), said);
        }
        Ok(match self.0.get(id) {
            Some(Ok(said)) if said.iter().any(wanted) => None,
            Some(Err(why)) => Some(why.clone()),
            _ => Some(format!("batch {id} does not decide it")),
        })
    }
}

/// Why a decided change would be carried a second time: a decision acts once, when it is released. Whoever writes
/// into the journal could otherwise suspend a record again by a suspension that was lifted since.
fn again(conn: &mut Conn, id: &str, row: &ChangeRow) -> StoreResult<Option<String>> {
    let others = change::of_record(conn, row.record_index)?;
    // Of two that wait the older one is meant.
    let same = |other: &&ChangeRow| {
        other.id != row.id
            && (&other.cause, &other.purpose) == (&row.cause, &row.purpose)
            && (other.version_index.is_some() || other.id < row.id)
    };
    if let Some(other) = others.iter().find(same) {
        let why = format!(
            "status_change {} is the same change of the same decision",
            other.id
        );
        return Ok(Some(why));
    }
    if row.version_index.is_some() {
        return Ok(None);
    }
    // Bits go out with their batch's own entries, or with what of it waits for the day's end.
    let released = batch::find(conn, id)?.is_some_and(|row| row.state == "published");
    Ok(if !released {
        Some(format!("batch {id} is not published"))
    } else if !chunk::of_batch(conn, id)?.is_empty() {
        Some(format!(
            "batch {id} is in the log, and with it every bit that it changes"
        ))
    } else if waiting::any_of(conn, id)? {
        Some(format!("what batch {id} changes waits for the day's end"))
    } else {
        None
    })
}

/// What a released batch says of published records.
fn decided(conn: &mut Conn, id: &str) -> Result<Vec<Said>, BatchError> {
    let row = batch::find(conn, id)?.ok_or_else(|| BatchError::Unknown(id.to_owned()))?;
    let meta = batches::meta(conn, &row)?;
    rules::two_persons(&meta)?;
    if !matches!(meta.state, BatchState::Publishing | BatchState::Published) {
        return Err(differs(&row, "it is not released").into());
    }
    audited(conn, &row)?;
    let items = batch::items(conn, id, 0, row.size)?;
    if batches::digest(items.iter()).as_slice() != row.digest {
        return Err(differs(&row, "its decisions give another digest").into());
    }
    let read = |text: &str| serde_json::from_str(text).map_err(|error| BatchError::Stored(error.to_string()));
    items.iter().map(|item| read(&item.decision)).collect()
}

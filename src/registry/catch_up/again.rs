//! Batches that a backup has as not released yet, and that were released before the database was lost: what a
//! catching up replayed says which. None of them is signed a second time.
//!
//! It refuses to guess: where a replayed record has no body here, any batch of that time may have brought it
//! about. Such a batch is turned down, and what is still wanted is proposed anew.

use std::collections::BTreeSet;

use crate::log::entries;
use crate::record::credential::{self, Subject};
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::Change;
use crate::registry::decision::Decision;
use crate::registry::publish::PublishError;
use crate::registry::release::{differs, parse};
use crate::store::batch::{BatchRow, ItemRow};
use crate::store::log::{body, bundle, change};
use crate::store::{Conn, StoreError, StoreResult, audit};

use super::{CATCH_UP, CAUSE};
use crate::domain::change::ChangeKind;

/// Entries in a full bundle.
const WIDTH: i64 = 256;

/// What was replayed since a batch was proposed.
pub(in crate::registry) struct Replayed {
    from: i64,
    /// Numbers of the decisions behind the records.
    numbers: BTreeSet<String>,
    /// Records without a body.
    lost: usize,
}

impl Replayed {
    /// Reads what was replayed since `row` was proposed; none where nothing was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(in crate::registry) fn since(conn: &mut Conn, row: &BatchRow) -> StoreResult<Option<Self>> {
        let mut found: Option<Self> = None;
        for act in audit::of_action(conn, CATCH_UP)? {
            if act.at < row.proposed_at {
                continue;
            }
            let odd = || StoreError::corrupt(format!("audit {}", act.seq), "it names no entries");
            let (from, to) = act.subject.split_once('-').ok_or_else(odd)?;
            let (from, to) = (
                from.parse::<i64>().map_err(|_| odd())?,
                to.parse::<i64>().map_err(|_| odd())?,
            );
            let all = found.get_or_insert_with(|| Self {
                from,
                numbers: BTreeSet::new(),
                lost: 0,
            });
            all.from = all.from.min(from);
            all.read(conn, from, to)?;
        }
        Ok(found)
    }

    fn read(&mut self, conn: &mut Conn, from: i64, to: i64) -> StoreResult<()> {
        let mut first = from.max(0);
        while first < to {
            let end = to.min((first / WIDTH).saturating_add(1).saturating_mul(WIDTH));
            let mut records = records(conn, first, end)?;
            for row in body::between(conn, first, end)? {
                if !records.remove(&row.log_index) {
                    continue;
                }
                let odd =
                    |why: &dyn std::fmt::Display| StoreError::corrupt(format!("body {}", row.log_index), why);
                let record = credential::read(&row.bytes).map_err(|error| odd(&error))?;
                match record.facts().map_err(|error| odd(&error))? {
                    Subject::Grade(facts) => self.numbers.insert(facts.document_number.into_owned()),
                    Subject::Blacklist(facts) => self.numbers.insert(facts.document_number.into_owned()),
                    Subject::RuleSet(_) | Subject::Withdrawal(_) => false,
                };
            }
            self.lost = self.lost.saturating_add(records.len());
            first = end;
        }
        Ok(())
    }

    /// Refuses a batch that is out already, or may be.
    ///
    /// # Errors
    /// [`PublishError::NotApproved`] with what an officer can do; [`PublishError::Store`].
    pub(in crate::registry) fn refuse(
        &self,
        conn: &mut Conn,
        row: &BatchRow,
        items: &[ItemRow],
    ) -> Result<(), PublishError> {
        for item in items {
            let decision = parse(row, item)?;
            let number = match &decision {
                Decision::Grade(grade) => Some(&grade.document_number),
                Decision::Listing(listing) => Some(&listing.document_number),
                Decision::Change(change) => match change.change {
                    ChangeKind::Suspension => {
                        self.not_shown(conn, row, change.record.log_index, Change::Suspend)?;
                        None
                    }
                    ChangeKind::Restoration => {
                        self.not_shown(conn, row, change.record.log_index, Change::Restore)?;
                        None
                    }
                    ChangeKind::Correction | ChangeKind::Downgrade => Some(&change.document_number),
                },
                // A catching up does not go over withdrawals.
                Decision::Withdrawal(_) => None,
            };
            match number {
                Some(number) if self.numbers.contains(number) => {
                    let why = format!(
                        "decision {number} is in the log already, replayed from a mirror: turn the batch down"
                    );
                    return Err(differs(row, &why));
                }
                Some(_) if self.lost > 0 => {
                    let why = format!(
                        "the bodies of {} records that were logged after it was proposed are lost, and it may have brought them \
                         about: catch up from a mirror that has them, or turn the batch down and propose anew",
                        self.lost
                    );
                    return Err(differs(row, &why));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Fails where a replayed list showed this of the record: by which decision, nobody knows.
    fn not_shown(
        &self,
        conn: &mut Conn,
        row: &BatchRow,
        record: i64,
        to: Change,
    ) -> Result<(), PublishError> {
        let shown = change::of_record(conn, record)?.into_iter().any(|change| {
            change.cause == CAUSE
                && change.version_index >= Some(self.from)
                && change.change().is_ok_and(|shown| shown.to == to)
        });
        match shown {
            true => Err(differs(
                row,
                "a list that was replayed from a mirror shows it already: turn the batch down",
            )),
            false => Ok(()),
        }
    }
}

/// Where records stand at `first..end`, which lie in one bundle.
fn records(conn: &mut Conn, first: i64, end: i64) -> StoreResult<BTreeSet<i64>> {
    let number = first / WIDTH;
    let start = number.saturating_mul(WIDTH);
    let odd = |why: &dyn std::fmt::Display| StoreError::corrupt(format!("entry_bundle {number}"), why);
    let stored = bundle::read(conn, number, end.saturating_sub(start))?.ok_or_else(|| odd(&"it is gone"))?;
    let decoded = entries::decode(&stored.entries).map_err(|error| odd(&error))?;
    let mut found = BTreeSet::new();
    for (index, entry) in (start..end).zip(decoded) {
        let entry = Entry::decode(entry).map_err(|error| odd(&error))?;
        if index >= first && entry.kind == EntryKind::Record {
            found.insert(index);
        }
    }
    Ok(found)
}

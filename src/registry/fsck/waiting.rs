//! What waits for the day's end, a record or the bit of one: each row is an item of a published batch of
//! changes, due at an end of a day, and once it is out the log has it where the row says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use crate::record::credential::Audience;
use crate::record::entry::EntryKind;
use crate::record::status::Change;
use crate::registry::catch_up::CAUSE;
use crate::registry::change::{KIND, SETTLE, days_end, is_record_of};
use crate::registry::decision::{ChangeDecision, Decision};
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::log::{body, change, erasure, head};
use crate::store::waiting::{self, WaitingRow};
use crate::store::{Conn, StoreResult, audit};

use super::erasures::logged_at;
use super::{Damage, Report};

/// A release takes a while: it may begin before an end of a day and be published after it.
const RELEASE: TimeDelta = TimeDelta::minutes(10);

/// Checks what waits against batches of changes, and the other way round.
pub(super) fn check(conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
    let mut rows: BTreeMap<(String, i64), WaitingRow> = waiting::all(conn)?
        .into_iter()
        .map(|row| ((row.batch_id.clone(), row.position), row))
        .collect();
    let claimed: BTreeSet<i64> = rows.values().filter_map(|row| row.log_index).collect();
    for batch in batch::all(conn)? {
        if batch.kind != KIND || batch.state != "published" {
            continue;
        }
        for item in batch::items(conn, &batch.id, 0, batch.size)? {
            let key = (batch.id.clone(), item.position);
            match rows.remove(&key) {
                Some(row) => {
                    if let Some((damage, why)) = wrong(conn, (&batch, &item), &row, &claimed)? {
                        report.find(damage, name(&row), why);
                    }
                }
                None if is_owed(conn, &batch, &item)? => {
                    let name = format!("waiting_item {} {}", batch.id, item.position);
                    report.find(Damage::Index, name, "it is gone, and its record is nowhere");
                }
                None => {}
            }
        }
    }
    for row in rows.values() {
        report.find(
            Damage::Index,
            name(row),
            "no published change lets a record wait there",
        );
    }
    Ok(())
}

fn name(row: &WaitingRow) -> String {
    format!("waiting_item {} {}", row.batch_id, row.position)
}

/// Whether an item brings a record or a bit about that did not come with its batch.
fn is_owed(conn: &mut Conn, batch: &BatchRow, item: &ItemRow) -> StoreResult<bool> {
    let Ok(Decision::Change(decided)) = serde_json::from_str(&item.decision) else {
        return Ok(false);
    };
    if is_bit(&decided) {
        return Ok(shown_by(conn, batch, &decided)?.is_none());
    }
    Ok(decided.replacement.is_some()
        && !body::of_employer(conn, item.employer_id, i64::MAX)?
            .iter()
            .any(|record| record.batch_id.as_deref() == Some(&batch.id)))
}

/// Whether only the old record's bit waits: partners alone knew that record, and everybody sees the new one.
fn is_bit(decided: &ChangeDecision) -> bool {
    let new = decided.replacement.as_ref();
    decided.record.audience == Audience::Partners.as_str()
        && new.is_some_and(|new| new.audience == Audience::Public.as_str())
}

/// The list version that first shows the bit of the old record.
fn shown_by(conn: &mut Conn, batch: &BatchRow, decided: &ChangeDecision) -> StoreResult<Option<i64>> {
    let cause = format!("batch {}", batch.id);
    let rows = change::of_record(conn, decided.record.log_index)?;
    // A replayed list does not say which decision it rests on.
    let is_own = |row: &change::ChangeRow| {
        row.cause == cause
            || (row.cause == CAUSE && row.change().is_ok_and(|shown| shown.to == Change::Revoke))
    };
    let own = rows.into_iter().find(is_own);
    Ok(own.and_then(|row| row.version_index))
}

fn wrong(
    conn: &mut Conn,
    (batch, item): (&BatchRow, &ItemRow),
    row: &WaitingRow,
    claimed: &BTreeSet<i64>,
) -> StoreResult<Option<(Damage, String)>> {
    let published = batch.published_at.unwrap_or_default();
    let ends = |at: NaiveDateTime| days_end(at.and_utc()).naive_utc();
    if row.due_at != ends(published) && row.due_at != ends(published - RELEASE) {
        let why = "it is not due at the end of the day on which its batch was published";
        return Ok(Some((Damage::Time, why.to_owned())));
    }
    if let Ok(Decision::Change(decided)) = serde_json::from_str(&item.decision)
        && is_bit(&decided)
    {
        let shown = shown_by(conn, batch, &decided)?;
        let why = "it is not where the list version stands that first shows its bit";
        return Ok((row.log_index != shown).then(|| (Damage::Index, why.to_owned())));
    }
    let Some(index) = row.log_index else {
        let out = body::of_employer(conn, item.employer_id, i64::MAX)?
            .into_iter()
            .find(|record| {
                record.batch_id.is_none()
                    && !claimed.contains(&record.log_index)
                    && is_record_of(item, record)
            });
        return Ok(out.map(|record| {
            let why = format!("it waits, though its record is out: entry {}", record.log_index);
            (Damage::Index, why)
        }));
    };
    let record = match body::at(conn, index)? {
        Some(record) => Some(record),
        // Told of as a body that is gone, or lawfully so.
        None if is_gone(conn, index, item)? => return Ok(None),
        None => None,
    };
    Ok((!record.is_some_and(|record| is_record_of(item, &record)))
        .then(|| (Damage::Index, format!("entry {index} is not its record"))))
}

/// Whether the record at an index was withdrawn and was about the item's employer, or is lost and was for
/// partners: what it said, somebody found out elsewhere.
fn is_gone(conn: &mut Conn, index: i64, item: &ItemRow) -> StoreResult<bool> {
    if let Some(row) = erasure::of_record(conn, index)? {
        return Ok(row.employer_id == Some(item.employer_id) && row.audience == Audience::Partners.as_str());
    }
    let size = head::read(conn)?.stored_size;
    let entry = logged_at(conn, index, size)?;
    let subject = format!("{} {} {index}", item.batch_id, item.position);
    let told = audit::about(conn, SETTLE, &subject)?;
    Ok(!told.is_empty()
        && entry.is_some_and(|entry| entry.kind == EntryKind::Record && entry.audience == Audience::Partners))
}

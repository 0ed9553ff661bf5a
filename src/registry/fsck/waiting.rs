//! Records that wait for the day's end: each is an item of a published batch of changes, due at an end of a
//! day, and once it is out the log has it where the row says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, TimeDelta};

use crate::record::entry::EntryKind;
use crate::registry::change::{KIND, days_end, is_record_of};
use crate::registry::decision::Decision;
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::log::body::{self, Body};
use crate::store::waiting::{self, WaitingRow};
use crate::store::{Conn, StoreResult};

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

/// Whether an item brings a record about and none came with its batch.
fn is_owed(conn: &mut Conn, batch: &BatchRow, item: &ItemRow) -> StoreResult<bool> {
    let Ok(Decision::Change(decided)) = serde_json::from_str(&item.decision) else {
        return Ok(false);
    };
    Ok(decided.replacement.is_some()
        && !body::of_employer(conn, item.employer_id, i64::MAX)?
            .iter()
            .any(|record| record.batch_id.as_deref() == Some(&batch.id)))
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
    let out = body::at(conn, index)?;
    // Where only a bit waited, the list that first shows it.
    let fits = |out: &Body| match brings_a_record(item) {
        true => is_record_of(item, out),
        false => out.kind == EntryKind::StatusList.as_str(),
    };
    Ok((!out.as_ref().is_some_and(fits))
        .then(|| (Damage::Index, format!("entry {index} is not what waited"))))
}

fn brings_a_record(item: &ItemRow) -> bool {
    matches!(
        serde_json::from_str(&item.decision),
        Ok(Decision::Change(decided)) if decided.replacement.is_some()
    )
}

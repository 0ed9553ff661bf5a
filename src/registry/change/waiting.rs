//! The day's end: records that partners alone may see, brought about by changes during the day, enter the
//! log together and in a random order (records.md §3: “a single partner-only record waits for the daily
//! batch”). A record that stood beside the public withdrawal that it follows from would tell about whom it
//! is.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::release::plan;
use crate::record::credential::Audience;
use crate::registry::Registry;
use crate::registry::batch::{self as batches, BatchError};
use crate::registry::clock::date_in_shanghai;
use crate::registry::decision::Decision;
use crate::registry::publish::{CHUNK, Due, PublishError, Publisher, Stops, shuffle};
use crate::registry::release::{audited, differs, parse};
use crate::registry::witness;
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::log::body::Body;
use crate::store::waiting;
use crate::store::{Conn, StoreError};

/// The day ends at two in the morning in Asia/Shanghai (UTC+8): 18:00 UTC of the day before.
const ENDS: TimeDelta = TimeDelta::hours(18);

/// The first end of a day after a moment.
pub(in crate::registry) fn days_end(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc() + ENDS;
    if today > now {
        today
    } else {
        today + TimeDelta::days(1)
    }
}

/// Publishes every record that waits and is due at `moment` (UTC); how many.
///
/// # Errors
/// [`BatchError`]; what was not published waits on.
pub fn publish_due(
    registry: &Registry,
    stops: &dyn Stops,
    moment: NaiveDateTime,
) -> Result<usize, BatchError> {
    let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
    if waiting::due(&mut *registry.store.conn()?, moment, 1)?.is_empty() {
        return Ok(0);
    }
    let mut publisher = Publisher::open(registry, stops)?;
    let mut conn = registry.store.conn()?;
    // Read only now: opening finished what another run had stored.
    let mut due = Vec::new();
    for row in waiting::due(&mut conn, moment, limit)? {
        let batch = batch::find(&mut conn, &row.batch_id)?
            .ok_or_else(|| BatchError::Unknown(row.batch_id.clone()))?;
        let item = approved_item(&mut conn, &batch, row.position)?;
        due.push(record(registry, &mut conn, &batch, &item)?);
    }
    if due.is_empty() {
        return Ok(0);
    }
    shuffle(&mut due, registry.random.as_ref())?;
    let count = due.len();
    publisher.publish_waiting(due)?;
    drop(publisher);
    witness::after_publishing(registry)?;
    Ok(count)
}

/// An item of a batch whose approval stands in the audit trail and covers it still.
fn approved_item(conn: &mut Conn, row: &BatchRow, position: i64) -> Result<ItemRow, BatchError> {
    audited(conn, row)?;
    let items = batch::items(conn, &row.id, 0, row.size)?;
    if batches::digest(items.iter()).as_slice() != row.digest {
        return Err(differs(row, "its decisions give another digest").into());
    }
    items
        .into_iter()
        .find(|item| item.position == position)
        .ok_or_else(|| differs(row, "items are missing").into())
}

fn record(registry: &Registry, conn: &mut Conn, row: &BatchRow, item: &ItemRow) -> Result<Due, BatchError> {
    let Decision::Change(decided) = parse(row, item)? else {
        return Err(differs(row, "it holds something else than changes of records").into());
    };
    let decided_at = row.decided_at.ok_or_else(|| differs(row, "nobody approved it"))?;
    let decided_on = date_in_shanghai(decided_at.and_utc());
    let now = registry.clock.now();
    let planned = plan(conn, row, item.employer_id, *decided, decided_on, now)?;
    let missing = || -> PublishError {
        StoreError::corrupt(
            format!("waiting item {} of {}", item.position, row.id),
            "it is no record",
        )
        .into()
    };
    Ok(Due {
        batch: row.id.clone(),
        position: item.position,
        item: planned.item.ok_or_else(missing)?,
        change: (!planned.apart).then_some(planned.change),
    })
}

/// Whether a record is the one that an item brought about when it had waited, by everything that the log has
/// of it.
pub(in crate::registry) fn is_record_of(item: &ItemRow, record: &Body) -> bool {
    let Ok(Decision::Change(decided)) = serde_json::from_str(&item.decision) else {
        return false;
    };
    decided.replacement.is_some_and(|new| {
        record.employer_id == Some(item.employer_id)
            && record.audience == Audience::Partners.as_str()
            && record.outcome.as_deref() == Some(&new.grade)
            && record.year == Some(i64::from(new.year))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_two_in_the_morning() {
        let end = |now: &str| days_end(now.parse().unwrap()).to_rfc3339();
        assert_eq!(end("2026-10-09T17:59:59Z"), "2026-10-09T18:00:00+00:00");
        assert_eq!(end("2026-10-09T18:00:00Z"), "2026-10-10T18:00:00+00:00");
    }
}

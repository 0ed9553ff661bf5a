//! The day's end: what changes during the day left waiting, for it would tell the public of records that
//! partners alone may see, enters the log together and in a random order (records.md §3: “a single
//! partner-only record waits for the daily batch”). A record that stood beside the public withdrawal that it
//! follows from would tell about whom it is; so would the bit of a partner-only record beside the public
//! record that comes in its place.
//!
//! Rows that wait are not believed: who can write into the database could otherwise have anything signed.
//! An item that cannot be read or proved is left where it is, with an alarm, and keeps nobody else back. So is
//! one that may be out already ([`held`](super::held)).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::held::Held;
use super::logged::Logged;
use super::release::{Planned, Waits, plan};
use super::{KIND, status, status_but};
use crate::domain::batch::{self as rules, BatchState};
use crate::domain::change::{ChangeKind, ChangeRefusal};
use crate::record::credential::Audience;
use crate::registry::Registry;
use crate::registry::audit as trail;
use crate::registry::batch::{self as batches, BatchError};
use crate::registry::clock::date_in_shanghai;
use crate::registry::decision::Decision;
use crate::registry::publish::{CHUNK, Due, Item, PublishError, Publisher, Stops, shuffle};
use crate::registry::release::{audited, differs, parse};
use crate::registry::witness;
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::log::body::Body;
use crate::store::{Conn, StoreError, audit, waiting};

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

/// Publishes what waits and is due at `moment` (UTC); of how many items.
///
/// # Errors
/// [`BatchError`] when the database or the publisher fails; what was not published waits on.
pub fn publish_due(
    registry: &Registry,
    stops: &dyn Stops,
    moment: NaiveDateTime,
) -> Result<usize, BatchError> {
    let found = Found::gather(registry, moment)?;
    if found.due.is_empty() {
        found.alarm();
        return Ok(0);
    }
    let mut publisher = Publisher::open(registry, stops)?;
    // Again: opening finished what another run had stored.
    let found = Found::gather(registry, moment)?;
    found.alarm();
    let mut due = found.due;
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

/// What is due and proved, at most a chunk of it, and what cannot be.
#[derive(Default)]
pub(super) struct Found {
    due: Vec<Due>,
    /// Item and reason.
    refused: Vec<(String, String)>,
    /// What may be out already.
    pub(super) held: Vec<Held>,
    /// Records whose bit changes with what is due: no second change of one goes with it.
    changed: BTreeSet<i64>,
}

/// A released item that waits.
pub(super) struct Wait {
    pub(super) batch: BatchRow,
    pub(super) position: i64,
    kind: ChangeKind,
    pub(super) planned: Planned,
}

impl Found {
    pub(super) fn gather(registry: &Registry, moment: NaiveDateTime) -> Result<Self, BatchError> {
        let mut conn = registry.store.conn()?;
        let mut found = Self::default();
        let mut waits = Vec::new();
        for (batch, position) in waiting::due(&mut conn, moment)? {
            match Wait::read(registry, &mut conn, &batch, position) {
                Ok(one) => waits.push(one),
                Err(error) => found.refuse(&batch, position, error)?,
            }
        }
        let logged = look(registry, &mut conn, &waits)?;
        for (place, one) in waits.into_iter().enumerate() {
            if found.due.len() == CHUNK {
                break;
            }
            let (batch, position) = (one.batch.id.clone(), one.position);
            match found.judge(
                (&mut conn, registry.clock.now()),
                one,
                logged.out.get(&place).copied(),
                &logged.lost,
            ) {
                Ok(due) => found.due.extend(due),
                Err(error) => found.refuse(&batch, position, error)?,
            }
        }
        Ok(found)
    }

    /// Notes what cannot go out; fails where it is the database that failed.
    fn refuse(&mut self, batch: &str, position: i64, error: BatchError) -> Result<(), BatchError> {
        if is_outage(&error) {
            return Err(error);
        }
        let item = format!("item {position} of batch {batch}");
        self.refused.push((item, error.to_string()));
        Ok(())
    }

    fn alarm(&self) {
        for (item, why) in &self.refused {
            tracing::error!(%item, %why, "ALARM: what waits for the day's end is not what two persons decided, and is not published");
        }
        for held in &self.held {
            tracing::error!(
                batch = %held.batch,
                position = held.position,
                lost = held.lost.len(),
                "ALARM: what waits for the day's end may be out already, as a record whose body is lost, and is held: chengxin log held"
            );
        }
    }

    /// What goes out of an item; nothing where it may be out already.
    fn judge(
        &mut self,
        (conn, now): (&mut Conn, DateTime<Utc>),
        one: Wait,
        out: Option<i64>,
        lost: &[i64],
    ) -> Result<Option<Due>, BatchError> {
        let Wait { batch, planned, .. } = one;
        if planned.waits != Waits::Bit {
            if let Some(index) = out {
                let why = format!("its record is published already: entry {index}");
                return Err(differs(&batch, &why).into());
            }
            // Its record would stand after the old one.
            let lost: Vec<i64> = lost
                .iter()
                .copied()
                .filter(|index| *index > planned.change.record_index)
                .collect();
            if !lost.is_empty() {
                self.held.push(Held {
                    batch: batch.id,
                    title: batch.title,
                    position: one.position,
                    lost,
                });
                return Ok(None);
            }
        }
        may(conn, &batch, one.kind, &planned)?;
        // One that cannot be signed, for its period ended before the day did, say, must not keep others back.
        if let Some(item) = planned.item.as_ref().filter(|_| planned.waits != Waits::Bit) {
            item.check(now)
                .map_err(|error| differs(&batch, &error.to_string()))?;
        }
        let changes = planned.waits != Waits::Record;
        if changes && !self.changed.insert(planned.change.record_index) {
            return Err(differs(&batch, "another change of its record is due").into());
        }
        Ok(Some(Due {
            batch: batch.id,
            position: one.position,
            item: planned.item.filter(|_| planned.waits != Waits::Bit),
            change: changes.then_some(planned.change),
        }))
    }
}

/// What the log has of the records that wait.
pub(super) fn look(registry: &Registry, conn: &mut Conn, waits: &[Wait]) -> Result<Logged, BatchError> {
    // All of them, so that places agree; the bit alone waits of some, and their records are public.
    let wanted: Vec<&Item> = waits.iter().filter_map(|one| one.planned.item.as_ref()).collect();
    let from = waits.iter().map(|one| one.planned.change.record_index).min();
    Logged::look(registry, conn, &wanted, from.unwrap_or(0))
}

/// Whether the database failed, rather than one row.
fn is_outage(error: &BatchError) -> bool {
    match error {
        BatchError::Store(error) | BatchError::Publish(PublishError::Store(error)) => {
            !matches!(error, StoreError::Corrupt { .. })
        }
        _ => false,
    }
}

/// An item of a batch that two persons decided and a third act released, by columns and by the audit trail,
/// and whose decisions are still those.
fn released_item(conn: &mut Conn, row: &BatchRow, position: i64) -> Result<ItemRow, BatchError> {
    if row.kind != KIND {
        return Err(differs(row, "it changes no published record").into());
    }
    let meta = batches::meta(conn, row)?;
    rules::two_persons(&meta)?;
    if meta.state != BatchState::Published {
        return Err(differs(row, "it is not released").into());
    }
    audited(conn, row)?;
    let released = audit::about(conn, "batch.publish", &row.id)?.iter().any(|act| {
        act.digest == trail::digest(act) && act.after_digest.as_deref() == Some(row.digest.as_slice())
    });
    if !released {
        return Err(differs(row, "the audit trail holds no release of it").into());
    }
    let items = batch::items(conn, &row.id, 0, row.size)?;
    if batches::digest(items.iter()).as_slice() != row.digest {
        return Err(differs(row, "its decisions give another digest").into());
    }
    items
        .into_iter()
        .find(|item| item.position == position)
        .ok_or_else(|| differs(row, "items are missing").into())
}

impl Wait {
    pub(super) fn read(
        registry: &Registry,
        conn: &mut Conn,
        id: &str,
        position: i64,
    ) -> Result<Self, BatchError> {
        let batch = batch::find(conn, id)?.ok_or_else(|| BatchError::Unknown(id.to_owned()))?;
        let item = released_item(conn, &batch, position)?;
        let Decision::Change(decided) = parse(&batch, &item)? else {
            return Err(differs(&batch, "it holds something else than changes of records").into());
        };
        let kind = decided.change;
        let decided_at = batch
            .decided_at
            .ok_or_else(|| differs(&batch, "nobody approved it"))?;
        let decided_on = date_in_shanghai(decided_at.and_utc());
        let now = registry.clock.now();
        let planned = plan(conn, &batch, item.employer_id, *decided, decided_on, now)?;
        if planned.waits == Waits::Nothing || planned.item.is_none() {
            return Err(differs(&batch, "nothing of it waits for the day's end").into());
        }
        Ok(Self {
            batch,
            position,
            kind,
            planned,
        })
    }
}

/// Whether the record still stands so that this may be done.
fn may(conn: &mut Conn, row: &BatchRow, kind: ChangeKind, planned: &Planned) -> Result<(), BatchError> {
    let (index, own) = (planned.change.record_index, &planned.change.cause);
    let standing = match planned.waits {
        // Its bit was set when it was released.
        Waits::Record => status_but(conn, index, own)?,
        _ => status(conn, index)?,
    };
    let refused = |error: ChangeRefusal| differs(row, &error.to_string());
    Ok(kind.may(standing).map_err(refused)?)
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

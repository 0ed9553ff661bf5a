//! The release of changes: checked again as everything that is signed, then the new records and the bits
//! of the old ones in one chunk.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::change::{Fate, fate};
use crate::domain::grade::{self, Grade};
use crate::domain::ruleset::Audience as Readers;
use crate::record::credential::{self, Audience, Supersedes};
use crate::record::digest::Digest;
use crate::record::status::{BitChange, Change};
use crate::store::batch::{BatchRow, ItemRow};
use crate::store::log::change::Requested;
use crate::store::waiting::WaitingRow;
use crate::store::{Conn, evidence};

use super::{KIND, none_under_way, status, waiting};
use crate::domain::change::ChangeKind;
use crate::registry::Registry;
use crate::registry::batch as batches;
use crate::registry::decision::{ChangeDecision, Decision};
use crate::registry::publish::{CHUNK, Item, PublishError, Publisher, Released};
use crate::registry::release::{Approved, differs, named_record, parse};

/// A change may be published only while its record stands as decided and the evidence still gives the
/// grade that was approved.
pub(in crate::registry) fn check(
    conn: &mut Conn,
    row: &BatchRow,
    items: &[ItemRow],
) -> Result<(), PublishError> {
    if row.kind != KIND {
        return Ok(());
    }
    let rule_set = batches::rule_set(row).map_err(|error| differs(row, &error.to_string()))?;
    for item in items {
        let Decision::Change(decided) = parse(row, item)? else {
            return Err(differs(row, "it holds something else than changes of records"));
        };
        let old = named_record(conn, row, &decided.record)?;
        none_under_way(conn, item.employer_id, &old, Some(&row.id))
            .map_err(|error| differs(row, &error.to_string()))?;
        decided
            .change
            .may(status(conn, old.log_index)?)
            .map_err(|error| differs(row, &error.to_string()))?;
        let Some(new) = &decided.replacement else { continue };
        let file = evidence::of_employer(conn, item.employer_id)?;
        let computed = grade::assess(rule_set, i32::from(new.year), &file)
            .map_err(|error| differs(row, &error.to_string()))?;
        if computed.grade.as_str() != new.grade || computed.basis != new.basis {
            let why = format!(
                "{} was proposed as {} and is {} on the evidence of today",
                new.employer.name, new.grade, computed.grade
            );
            return Err(differs(row, &why));
        }
        if let Some(Ok(published)) = old.outcome.as_deref().map(str::parse::<Grade>) {
            decided
                .change
                .regrade(published, computed.grade)
                .map_err(|error| differs(row, &error.to_string()))?;
        }
    }
    Ok(())
}

/// What of a change waits for the day's end, by who reads the old record and who the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// Nothing: whoever sees one of the two sees the other.
    Nothing,
    /// The new record, for partners alone: the old one's withdrawal, which everybody sees, must not stand
    /// beside it.
    Record,
    /// The old one's bit, for partners alone knew that record: everybody sees the bit, and whoever found it
    /// beside the new public record would learn that another one had been there.
    Bit,
    /// Record and bit, both of what partners alone see.
    Both,
}

/// What one decided change comes to.
pub(super) struct Planned {
    /// The new record.
    pub(super) item: Option<Item>,
    /// The old record's bit.
    pub(super) change: Requested,
    /// What of it waits.
    pub(super) waits: Waits,
}

/// Plans a change that was decided on a day.
pub(super) fn plan(
    conn: &mut Conn,
    row: &BatchRow,
    employer_id: i64,
    decided: ChangeDecision,
    decided_on: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Planned, PublishError> {
    let wrong = |why: &dyn ToString| differs(row, &why.to_string());
    let old = named_record(conn, row, &decided.record)?;
    let at = credential::read(&old.bytes)
        .map_err(|error| wrong(&error))?
        .status
        .ok_or_else(|| wrong(&"the record has no status"))?;
    let requested = |to| Requested {
        change: BitChange { at, to },
        record_index: old.log_index,
        cause: format!("batch {}", row.id),
        requested_at: now.naive_utc(),
    };
    let bit_alone = match decided.change {
        ChangeKind::Suspension => Some(Change::Suspend),
        ChangeKind::Restoration => Some(Change::Restore),
        ChangeKind::Correction | ChangeKind::Downgrade => None,
    };
    if let Some(to) = bit_alone {
        return Ok(Planned {
            item: None,
            change: requested(to),
            waits: Waits::Nothing,
        });
    }
    let reason = decided.reason.clone();
    let rule_set = batches::rule_set(row).map_err(|error| wrong(&error))?;
    let readers = |audience: &str| match Audience::parse(audience) {
        Some(Audience::Public) => Readers::Public,
        // Who cannot be told is shown to fewer.
        Some(Audience::Partners) | None => Readers::Partners,
    };
    let mut item = Decision::Change(Box::new(decided))
        .into_item(employer_id, decided_on, rule_set)
        .map_err(|error| wrong(&error))?;
    let (before, after) = (readers(&old.audience), readers(item.audience.as_str()));
    let to = match fate(before, after) {
        Fate::Replaced => {
            item.supersedes = Some(Supersedes {
                digest: Digest::of(&old.bytes),
                reason: reason.into(),
            });
            Change::Replace
        }
        Fate::Withdrawn => Change::Revoke,
    };
    Ok(Planned {
        item: Some(item),
        change: requested(to),
        waits: match (before, after) {
            (Readers::Public, Readers::Public) => Waits::Nothing,
            (Readers::Public, Readers::Partners) => Waits::Record,
            (Readers::Partners, Readers::Public) => Waits::Bit,
            (Readers::Partners, Readers::Partners) => Waits::Both,
        },
    })
}

/// Publishes an approved batch of changes. What would tell the public of a record that partners alone may
/// see waits for the day's end.
pub(in crate::registry) fn publish(
    registry: &Registry,
    publisher: &mut Publisher<'_>,
    approved: &mut Approved,
) -> Result<(), PublishError> {
    let size = approved.row().size;
    if usize::try_from(size).map_or(true, |size| size > CHUNK) {
        return Err(PublishError::TooLarge);
    }
    // A writer that died after storing it left the rest to `Publisher::open`, which finished it.
    if publisher.has_begun(&approved.row().id)? {
        return Ok(());
    }
    let now = registry.clock.now();
    let mut released = Released::default();
    for (item, decision) in approved.decisions(0, size)? {
        let (conn, row, decided_on) = approved.parts();
        let Decision::Change(decided) = decision else {
            return Err(differs(row, "it holds something else than changes of records"));
        };
        let planned = plan(conn, row, item.employer_id, *decided, decided_on, now)?;
        if planned.waits != Waits::Nothing {
            released.waiting.push(WaitingRow {
                batch_id: row.id.clone(),
                position: item.position,
                due_at: waiting::days_end(now).naive_utc(),
                log_index: None,
            });
        }
        if matches!(planned.waits, Waits::Nothing | Waits::Bit) {
            released.items.extend(planned.item);
        }
        if matches!(planned.waits, Waits::Nothing | Waits::Record) {
            released.changes.push(planned.change);
        }
    }
    let digest = crate::registry::publish::Source::digest(approved);
    let id = approved.row().id.clone();
    publisher.publish_changes(&id, u64::try_from(size).unwrap_or(0), digest, released)
}

//! What waited when a database was restored and caught up from a mirror: settled where the log says that it
//! came out meanwhile, and held where nobody knows, for a body is lost. What may be out is never signed again.
//!
//! What is held ends in one of two ways: the lost bodies come back with another mirror, and each says what it
//! is; or an officer says which of the lost records it is.

use chrono::TimeDelta;

use super::release::Waits;
use super::waiting::{Found, Wait, look};
use crate::registry::Registry;
use crate::registry::audit::{self, Act};
use crate::registry::batch::BatchError;
use crate::store::log::change;
use crate::store::{self, Conn, StoreError, waiting};

/// The act in the audit trail: its subject is `BATCH POSITION INDEX`.
pub const SETTLE: &str = "waiting.settle";

/// An item that may be out already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The batch.
    pub batch: String,
    /// For people.
    pub title: String,
    /// The item's place in it.
    pub position: i64,
    /// Log indices of the lost records that it may be.
    pub lost: Vec<i64>,
}

/// Why an item is not settled.
#[derive(Debug, thiserror::Error)]
pub enum HeldError {
    /// The database, or what is stored.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Not held.
    #[error("item {1} of batch {0} is not held: see `chengxin log held`")]
    NotHeld(String, i64),
    /// Another entry.
    #[error("entry {0} is no lost record that it may be: see `chengxin log held`")]
    NotLost(i64),
    /// No reason given.
    #[error("say how it is known: --reason")]
    NoReason,
}

impl From<StoreError> for HeldError {
    fn from(error: StoreError) -> Self {
        Self::Batch(error.into())
    }
}

/// Everything that is held, whenever it is due.
///
/// # Errors
/// [`BatchError`].
pub fn held(registry: &Registry) -> Result<Vec<Held>, BatchError> {
    let day = registry.clock.now() + TimeDelta::days(2);
    Ok(Found::gather(registry, day.naive_utc())?.held)
}

/// Notes that a held item's record is the lost one at `index`, as somebody found out elsewhere.
///
/// # Errors
/// [`HeldError`].
pub fn settle(
    registry: &Registry,
    batch: &str,
    position: i64,
    index: i64,
    reason: &str,
) -> Result<(), HeldError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(HeldError::NoReason);
    }
    let all = held(registry)?;
    let one = all
        .iter()
        .find(|one| one.batch == batch && one.position == position);
    let one = one.ok_or_else(|| HeldError::NotHeld(batch.to_owned(), position))?;
    if !one.lost.contains(&index) {
        return Err(HeldError::NotLost(index));
    }
    let act = Act {
        request: reason.chars().take(200).collect(),
        ..Act::system(SETTLE, format!("{batch} {position} {index}"))
    };
    store::write(&mut *registry.store.conn()?, |conn| {
        waiting::settle(conn, batch, position, index)?;
        Ok(audit::record(conn, &act, registry.clock.now())?)
    })
}

/// Settles what waits and came out with the replayed entries from `from` on; how many are held.
///
/// # Errors
/// [`BatchError`].
pub(in crate::registry) fn settle_replayed(
    registry: &Registry,
    conn: &mut Conn,
    from: i64,
) -> Result<u64, BatchError> {
    let mut waits = Vec::new();
    for row in waiting::all(conn)?.iter().filter(|row| row.log_index.is_none()) {
        // What nobody decided is left where it is, and told of when it is due.
        match Wait::read(registry, conn, &row.batch_id, row.position) {
            Ok(one) => waits.push(one),
            Err(error @ BatchError::Store(_)) => return Err(error),
            Err(_) => {}
        }
    }
    let logged = look(registry, conn, &waits)?;
    let mut held = 0_u64;
    for (place, one) in waits.iter().enumerate() {
        let wanted = &one.planned.change;
        let index = match one.planned.waits {
            Waits::Bit => change::of_record(conn, wanted.record_index)?
                .into_iter()
                .filter(|row| row.version_index.is_some_and(|version| version >= from))
                .find(|row| row.change().is_ok_and(|shown| shown == wanted.change))
                .and_then(|row| row.version_index),
            _ => logged.out.get(&place).copied(),
        };
        match index {
            Some(index) => waiting::settle(conn, &one.batch.id, one.position, index)?,
            None if one.planned.waits != Waits::Bit && !logged.lost.is_empty() => {
                held = held.saturating_add(1);
            }
            None => {}
        }
    }
    Ok(held)
}

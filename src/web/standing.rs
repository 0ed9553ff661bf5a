//! Whether a record still counts: its period, and its bits in the newest served status lists.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::record::credential::{Credential, StatusPointer};
use crate::record::status::{Bitstring, StatusPurpose, read_list};
use crate::store::log::{body, status};
use crate::store::{Conn, StoreError};

/// How a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// In force.
    Valid,
    /// In force; an objection or a review is pending.
    Suspended,
    /// Replaced by a newer record.
    Superseded,
    /// Its period has ended.
    Expired,
    /// Its period has not begun.
    NotYetValid,
    /// Withdrawn: no longer displayed.
    Withdrawn,
}

impl Standing {
    /// Current = not revoked, refreshed or expired; suspended ones count (records.md §6).
    pub const fn is_current(self) -> bool {
        matches!(self, Self::Valid | Self::Suspended)
    }
}

/// The newest served lists, each read once.
pub struct Lists {
    served: i64,
    now: DateTime<Utc>,
    known: BTreeMap<(u32, StatusPurpose), Bitstring>,
}

impl Lists {
    /// The lists below `served`, for standings at `now`.
    pub fn new(served: i64, now: DateTime<Utc>) -> Self {
        Self {
            served,
            now,
            known: BTreeMap::new(),
        }
    }

    /// How a record stands.
    ///
    /// # Errors
    /// [`StoreError`] for a list that is not stored or cannot be read.
    pub fn standing(&mut self, conn: &mut Conn, record: &Credential<'_>) -> Result<Standing, StoreError> {
        let pointer = record
            .status
            .ok_or_else(|| StoreError::corrupt(record.id, "it has no status"))?;
        if self.bit(conn, pointer, StatusPurpose::Revocation)? {
            return Ok(Standing::Withdrawn);
        }
        if record.valid_until.is_some_and(|until| until < self.now) {
            return Ok(Standing::Expired);
        }
        if self.bit(conn, pointer, StatusPurpose::Refresh)? {
            return Ok(Standing::Superseded);
        }
        if record.valid_from > self.now {
            return Ok(Standing::NotYetValid);
        }
        let suspended = self.bit(conn, pointer, StatusPurpose::Suspension)?;
        Ok(if suspended {
            Standing::Suspended
        } else {
            Standing::Valid
        })
    }

    fn bit(
        &mut self,
        conn: &mut Conn,
        pointer: StatusPointer,
        purpose: StatusPurpose,
    ) -> Result<bool, StoreError> {
        let key = (pointer.list, purpose);
        if !self.known.contains_key(&key) {
            let bits = read(conn, pointer.list, purpose, self.served)?;
            self.known.insert(key, bits);
        }
        let bits = self
            .known
            .get(&key)
            .ok_or_else(|| missing(pointer.list, purpose))?;
        bits.get(pointer.index)
            .map_err(|error| StoreError::corrupt("status list", error))
    }
}

fn read(conn: &mut Conn, list: u32, purpose: StatusPurpose, served: i64) -> Result<Bitstring, StoreError> {
    let version = status::newest_version(conn, purpose.as_str(), i64::from(list), served)?;
    let version = version.ok_or_else(|| missing(list, purpose))?;
    let stored = body::at(conn, version.log_index)?.ok_or_else(|| missing(list, purpose))?;
    let list = read_list(&stored.bytes).map_err(|error| StoreError::corrupt("status list", error))?;
    Ok(list.bits)
}

fn missing(list: u32, purpose: StatusPurpose) -> StoreError {
    StoreError::corrupt(
        format!("status list {} {list}", purpose.as_str()),
        "it is not there",
    )
}

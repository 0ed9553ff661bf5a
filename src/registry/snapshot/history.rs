//! The log's entries with their bodies, in order, from the registry's database.

use crate::log::entries;
use crate::log::tile::BundleId;
use crate::registry::static_log::stored_bundle;
use crate::store::log::{body, status};
use crate::store::{Conn, StoreError};

pub use crate::rebuild::history::{History, HistoryError, Logged};

impl From<StoreError> for HistoryError {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// The registry's own database.
pub struct StoredHistory<'c> {
    conn: &'c mut Conn,
}

impl<'c> StoredHistory<'c> {
    /// Reads over `conn`.
    pub fn new(conn: &'c mut Conn) -> Self {
        Self { conn }
    }
}

impl History for StoredHistory<'_> {
    fn lists(&mut self, size: u64) -> Result<Vec<Vec<u8>>, HistoryError> {
        let size = signed(size)?;
        let mut found = Vec::new();
        for (number, _, _) in status::all(self.conn)? {
            for purpose in crate::record::status::StatusPurpose::ALL {
                // A list that began after the snapshot's head has no version below it.
                let Some(version) = status::newest_version(self.conn, purpose.as_str(), number, size)? else {
                    continue;
                };
                let row = body::at(self.conn, version.log_index)?;
                let row = row.ok_or_else(|| HistoryError(format!("body {} is gone", version.log_index)))?;
                found.push(row.bytes);
            }
        }
        Ok(found)
    }

    fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Logged>, HistoryError> {
        let mut bodies = body::between(self.conn, signed(from)?, signed(to)?)?
            .into_iter()
            .peekable();
        let mut found = Vec::with_capacity(usize::try_from(to.saturating_sub(from)).unwrap_or(0));
        let mut place = from;
        while place < to {
            let index = place / 256;
            let width = u16::try_from(to.saturating_sub(place).min(256)).unwrap_or(256);
            let bytes = stored_bundle(self.conn, BundleId { index, width })?;
            let decoded = entries::decode(&bytes).map_err(|error| HistoryError(error.to_string()))?;
            for (at, entry) in (place..to).zip(decoded) {
                let at = signed(at)?;
                found.push(Logged {
                    entry: entry.to_vec(),
                    body: bodies.next_if(|row| row.log_index == at).map(|row| row.bytes),
                });
            }
            place = place.saturating_add(256);
        }
        Ok(found)
    }
}

fn signed(value: u64) -> Result<i64, HistoryError> {
    i64::try_from(value).map_err(|_| HistoryError("more entries than the log can hold".into()))
}

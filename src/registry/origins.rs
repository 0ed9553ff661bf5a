//! Which log a head is of, by the succession documents in the log itself (records.md §7): `HOST/log`, and from
//! the frozen head on the one that followed it. The tree is one; only the name under its heads changes.
//!
//! A head that the old key signed past the frozen one, before anybody knew of the theft, stays in the
//! database; no reader was ever served it, and none will be.

use crate::record::credential::Host;
use crate::record::entry::EntryKind;
use crate::store::log::body;
use crate::store::{Conn, StoreError, StoreResult};
use crate::verify::Succession;
use crate::verify::succession;

use crate::log::note::Note;

/// The logs of a host, in their order.
#[derive(Debug, Clone)]
pub struct Origins {
    host: Host,
    /// Succession documents, with their log indices.
    rows: Vec<(i64, Succession)>,
}

impl Origins {
    /// Reads them from the log.
    ///
    /// # Errors
    /// [`StoreError`], also when a document cannot be read: it was logged, so it must be readable.
    pub fn load(conn: &mut Conn, host: &Host) -> StoreResult<Self> {
        let mut rows = Vec::new();
        for row in body::all_of_kind(conn, EntryKind::Keys.as_str())? {
            let Ok(note) = Note::parse(&row.bytes) else {
                continue;
            };
            if Succession::is_text(note.text()) {
                let document = Succession::parse(note.text()).map_err(|error| {
                    StoreError::corrupt(format!("succession document {}", row.log_index), error)
                })?;
                rows.push((row.log_index, document));
            }
        }
        let host = host.clone();
        Ok(Self { host, rows })
    }

    /// The logs of a host by documents that were read and checked already.
    pub(super) fn of(host: &Host, rows: Vec<(i64, Succession)>) -> Self {
        let host = host.clone();
        Self { host, rows }
    }

    /// The document with which the log that goes on began; none for `HOST/log`.
    #[must_use]
    pub fn newest_document(&self) -> Option<&Succession> {
        self.rows.last().map(|(_, document)| document)
    }

    /// Origin of the log that goes on.
    #[must_use]
    pub fn newest(&self) -> String {
        let last = self
            .rows
            .last()
            .map(|(_, document)| document.new_origin().to_owned());
        last.unwrap_or_else(|| succession::origin(&self.host, 1))
    }

    /// Origin of a head of `size` that readers are served.
    #[must_use]
    pub fn at(&self, size: i64) -> String {
        let begun = self
            .rows
            .iter()
            .rev()
            .find(|(_, document)| size > frozen(document));
        let begun = begun.map(|(_, document)| document.new_origin().to_owned());
        begun.unwrap_or_else(|| succession::origin(&self.host, 1))
    }

    /// Whether a head of `size` may name this origin: the one that readers are served, or, unserved, the one
    /// before it up to where its end is logged.
    #[must_use]
    pub fn may(&self, size: i64, origin: &str) -> bool {
        let unserved = |(index, document): &(i64, Succession)| {
            document.old_origin() == origin && size > frozen(document) && size <= *index
        };
        self.at(size) == origin || self.rows.iter().any(unserved)
    }

    /// Whether an origin is, or was, that of this log.
    #[must_use]
    pub fn knows(&self, origin: &str) -> bool {
        succession::generation(&self.host, origin).is_some_and(|number| {
            succession::generation(&self.host, &self.newest()).is_some_and(|newest| number <= newest)
        })
    }

    /// The documents, with their log indices, the oldest first.
    pub fn documents(&self) -> impl Iterator<Item = (i64, &Succession)> {
        self.rows.iter().map(|(index, document)| (*index, document))
    }
}

/// The size of the frozen head, as the database has it.
pub(super) fn frozen(document: &Succession) -> i64 {
    as_stored(document.size)
}

/// A size as the database has it; one that it cannot have is larger than all of them.
pub(super) fn as_stored(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

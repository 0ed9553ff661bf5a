//! The key documents that a bundle, bulk file or statement carries: of each signing key the first document that lists
//! it, which shows that it was authorised before it signed, and the newest, which says what became of it.

use crate::record::entry::EntryKind;
use crate::registry::key_document;
use crate::store::Conn;
use crate::store::log::body::{self, Body};
use crate::verify::Succession;

use super::ExportError;

/// The documents of a log, as far as verifiers need them.
pub(in crate::registry) struct KeyDocuments {
    first: Vec<(String, Body)>,
    pub(in crate::registry) newest: Body,
}

impl KeyDocuments {
    /// Reads them from the entries below `served`.
    pub(in crate::registry) fn read(conn: &mut Conn, served: i64) -> Result<Self, ExportError> {
        let mut first: Vec<(String, Body)> = Vec::new();
        let mut newest = None;
        for row in body::all_of_kind(conn, EntryKind::Keys.as_str())? {
            if row.log_index >= served {
                break;
            }
            if Succession::is_note(&row.bytes) {
                continue;
            }
            let document = key_document::read(&row.bytes)
                .map_err(|error| ExportError::Body(row.log_index, error.to_string()))?;
            for method in document.methods {
                if first.iter().all(|(known, _)| *known != method.id) {
                    first.push((method.id, row.clone()));
                }
            }
            newest = Some(row);
        }
        let newest = newest.ok_or_else(|| ExportError::NotFound("the log holds no key document".into()))?;
        Ok(Self { first, newest })
    }

    /// The first document that lists a method.
    pub(in crate::registry) fn of(&self, method: &str) -> Result<&Body, ExportError> {
        let found = self.first.iter().find(|(known, _)| known == method);
        found
            .map(|(_, row)| row)
            .ok_or_else(|| ExportError::NotFound(format!("no key document lists {method}")))
    }

    /// The first document of every method, by method.
    pub(super) fn firsts(&self) -> impl Iterator<Item = (&str, &Body)> {
        self.first.iter().map(|(method, row)| (method.as_str(), row))
    }
}

//! What the log itself says of a stored record, before anything is signed on the strength of it.
//!
//! It refuses to believe a row: bytes that somebody changed in the database name another record's bits, or say
//! that a term is over.

use crate::log::hash::leaf_hash;
use crate::log::proof::verify_inclusion;
use crate::log::prover::inclusion_proof;
use crate::record::credential::{self, Audience, StatusPointer};
use crate::record::digest::Digest;
use crate::record::entry::Entry;
use crate::store::log::body::{self, Body};

use super::{PublishError, Publisher, unsigned};
use crate::registry::tiles::StoredTiles;

impl Publisher<'_> {
    /// That a body's bytes are the record that the log holds at its index, and where its status bits are.
    ///
    /// # Errors
    /// [`PublishError::NotLogged`] where they are not; [`PublishError::Store`].
    pub(super) fn logged(&mut self, body: &Body) -> Result<StatusPointer, PublishError> {
        let wrong = |why: &dyn std::fmt::Display| PublishError::NotLogged {
            index: body.log_index,
            why: why.to_string(),
        };
        let record = credential::read(&body.bytes).map_err(|error| wrong(&error))?;
        let entry = Entry {
            audience: Audience::parse(&body.audience).ok_or_else(|| wrong(&"its audience"))?,
            digest: Digest::of(&body.bytes),
            kind: record.record_type.entry_kind(),
        };
        let (place, size) = (unsigned(body.log_index)?, self.edge.size());
        let path =
            inclusion_proof(&StoredTiles::new(&mut self.conn), place, size).map_err(|error| wrong(&error))?;
        verify_inclusion(&leaf_hash(&entry.encode()), place, size, &path, &self.edge.root())
            .map_err(|_| wrong(&"its bytes are not those that were logged"))?;
        record.status.ok_or_else(|| wrong(&"it has no status"))
    }

    /// That the record at a log index has its bits where a change of it sets one.
    ///
    /// # Errors
    /// As [`logged`](Self::logged).
    pub(super) fn has_bits_at(&mut self, index: i64, at: StatusPointer) -> Result<(), PublishError> {
        let wrong = |why: &str| PublishError::NotLogged {
            index,
            why: why.to_owned(),
        };
        let body = body::at(&mut self.conn, index)?.ok_or_else(|| wrong("it is not there"))?;
        match self.logged(&body)? == at {
            true => Ok(()),
            false => Err(wrong("the bits to be changed are not its own")),
        }
    }
}

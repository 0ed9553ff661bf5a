//! Which log followed which: documents that enough roots have signed, one after the other, each ending the
//! log that the one before began; and no head that readers were served past the one at which its log was frozen.

use crate::log::checkpoint::Checkpoint;
use crate::log::note::Note;
use crate::record::entry::EntryKind;
use crate::registry::Registry;
use crate::registry::origins::{Origins, frozen};
use crate::store::Conn;
use crate::store::log::{body, checkpoint};
use crate::verify::Succession;
use crate::verify::succession::origin;

use super::{Damage, FsckError, Report};

/// Checks them, and gives the logs of the host; those before the first that cannot be read, where one cannot.
pub(super) fn check(conn: &mut Conn, registry: &Registry, report: &mut Report) -> Result<Origins, FsckError> {
    let roots = registry.data.as_ref().map(|_| registry.trust()).transpose()?;
    let mut rows: Vec<(i64, Succession)> = Vec::new();
    for row in body::all_of_kind(conn, EntryKind::Keys.as_str())? {
        if !Succession::is_note(&row.bytes) {
            continue;
        }
        let name = format!("body {}", row.log_index);
        let opened = match &roots {
            Some(trust) => Succession::open(&row.bytes, &trust.issuer),
            None => Note::parse(&row.bytes)
                .map_err(Into::into)
                .and_then(|note| Succession::parse(note.text())),
        };
        let document = match opened {
            Ok(document) => document,
            Err(why) => {
                report.find(Damage::Signature, name, why);
                break;
            }
        };
        let before = rows.last().map_or_else(
            || origin(&registry.host, 1),
            |(_, before)| before.new_origin().to_owned(),
        );
        if document.old_origin() != before || frozen(&document) > row.log_index {
            report.find(
                Damage::Log,
                &*name,
                "it does not end the log that it was logged in",
            );
        }
        rows.push((row.log_index, document));
    }
    let origins = Origins::of(&registry.host, rows);
    served(conn, &origins, report)?;
    Ok(origins)
}

/// Readers are served no head under the name of a log that ended before it.
fn served(conn: &mut Conn, origins: &Origins, report: &mut Report) -> Result<(), FsckError> {
    if origins.documents().next().is_none() {
        return Ok(());
    }
    for size in checkpoint::served_sizes(conn)? {
        // One that is gone, or cannot be read, is found with the tree.
        let said = checkpoint::at_size(conn, size)?
            .and_then(|row| Note::parse(row.note.as_bytes()).ok())
            .and_then(|note| Checkpoint::of(&note).ok());
        if said.is_some_and(|said| said.origin != origins.at(size)) {
            let why = "readers were served it under the name of a log that was frozen before it";
            report.find(Damage::Log, format!("served_checkpoint {size}"), why);
        }
    }
    Ok(())
}

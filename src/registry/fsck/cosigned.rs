//! Cosigned notes: of heads that the log signed and readers were served, and cosigned by a quorum where the
//! policy is at hand.

use crate::log::note::Note;
use crate::registry::Registry;
use crate::store::log::{checkpoint, cosigned};
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

pub(super) fn check(conn: &mut Conn, registry: &Registry, report: &mut Report) -> StoreResult<()> {
    let rows = cosigned::all(conn)?;
    let newest = rows.last().map(|row| row.size);
    if registry.witnesses.is_some() {
        for size in cosigned::awaited_sizes(conn)? {
            if cosigned::is_served(conn, size)? && !rows.iter().any(|row| row.size == size) {
                let name = format!("cosigned_checkpoint {size}");
                report.find(
                    Damage::Log,
                    name,
                    "it is gone: readers were served this head, which awaited witnesses",
                );
            }
        }
    }
    for row in rows {
        let name = format!("cosigned_checkpoint {}", row.size);
        if !cosigned::is_served(conn, row.size)? {
            report.find(
                Damage::Log,
                &*name,
                "it was served, and its served_checkpoint is gone",
            );
        }
        let Some(head) = checkpoint::at_size(conn, row.size)? else {
            report.find(Damage::Log, name, "the log signed no such head");
            continue;
        };
        if row.last_at < row.first_at || row.first_at < head.signed_at {
            report.find(
                Damage::Time,
                &*name,
                "it was cosigned before it was signed, or last before it was first",
            );
        }
        for (which, note) in [("first", &row.first_note), ("last", &row.last_note)] {
            match wrong(registry, (&head.note, note), newest == Some(row.size)) {
                Some(why) => report.find(Damage::Log, &*name, format!("its {which} note: {why}")),
                None => report.signatures = report.signatures.saturating_add(1),
            }
        }
    }
    Ok(())
}

/// What is wrong with a cosigned note of a head. Of the newest a quorum is demanded; an older one may have
/// been cosigned under an earlier policy.
fn wrong(registry: &Registry, (head, note): (&str, &str), newest: bool) -> Option<String> {
    let head = match Note::parse(head.as_bytes()) {
        Ok(head) => head,
        Err(error) => return Some(error.to_string()),
    };
    let note = match Note::parse(note.as_bytes()) {
        Ok(note) => note,
        Err(error) => return Some(error.to_string()),
    };
    if note.text() != head.text() {
        return Some("it says another origin, size or root than the head".to_owned());
    }
    registry.witnesses.as_ref()?.wrong(&note, newest)
}

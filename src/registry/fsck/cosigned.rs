//! Cosigned notes: every one of a head that the log signed and readers were served, each known signature
//! verified, and cosigned by a quorum where the policy is at hand.

use crate::log::note::Note;
use crate::registry::Registry;
use crate::store::log::checkpoint;
use crate::store::log::cosigned::{self, Cosigned};
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

/// Rows read at a time: two notes of a few hundred bytes each.
const PART: i64 = 1024;

pub(super) fn check(conn: &mut Conn, registry: &Registry, report: &mut Report) -> StoreResult<()> {
    let newest = cosigned::newest(conn)?.map(|row| row.size);
    let mut awaited = match registry.witnesses {
        Some(_) => cosigned::awaited_sizes(conn)?,
        None => Vec::new(),
    };
    let mut done = -1;
    loop {
        let rows = cosigned::after(conn, done, PART)?;
        let Some(last) = rows.last() else { break };
        done = last.size;
        awaited.retain(|size| !rows.iter().any(|row| row.size == *size));
        for row in &rows {
            check_row(conn, registry, row, newest == Some(row.size), report)?;
        }
    }
    for size in awaited {
        if cosigned::is_served(conn, size)? {
            let name = format!("cosigned_checkpoint {size}");
            report.find(
                Damage::Log,
                name,
                "it is gone: readers were served this head, which awaited witnesses",
            );
        }
    }
    Ok(())
}

fn check_row(
    conn: &mut Conn,
    registry: &Registry,
    row: &Cosigned,
    newest: bool,
    report: &mut Report,
) -> StoreResult<()> {
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
        return Ok(());
    };
    if row.last_at < row.first_at || row.first_at < head.signed_at {
        report.find(
            Damage::Time,
            &*name,
            "it was cosigned before it was signed, or last before it was first",
        );
    }
    for (which, note) in [("first", &row.first_note), ("last", &row.last_note)] {
        match wrong(registry, (&head.note, note), newest) {
            Some(why) => report.find(Damage::Log, &*name, format!("its {which} note: {why}")),
            None => report.signatures = report.signatures.saturating_add(1),
        }
    }
    Ok(())
}

/// What is wrong with a cosigned note of a head. A quorum is demanded of each; only an older one may instead
/// carry lines of witnesses that an earlier policy named.
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
    let witnesses = registry.witnesses.as_ref()?;
    witnesses.wrong(&note, newest || !witnesses.has_strangers(&note))
}

//! The journal of chunks: without gaps from the first entry to the last stored one, a signed head at
//! the end of each, and served to readers exactly where something is complete: a half batch is not.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use crate::store::batch;
use crate::store::log::chunk::{self, Chunk};
use crate::store::log::{checkpoint, cosigned, head};
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

/// Checks the journal and gives it.
pub(super) fn check(conn: &mut Conn, report: &mut Report) -> StoreResult<Vec<Chunk>> {
    let found = head::read(conn)?;
    let chunks = chunk::all(conn)?;
    let heads: BTreeSet<i64> = checkpoint::all(conn)?.into_iter().map(|row| row.size).collect();
    let mut served: BTreeSet<i64> = checkpoint::served_sizes(conn)?.into_iter().collect();
    // A head that awaited witnesses need not have been served: a later one may have been cosigned first.
    let awaited: BTreeSet<i64> = cosigned::awaited_sizes(conn)?.into_iter().collect();
    expect(0, true, &heads, &mut served, report);
    let mut end = 0_i64;
    let mut missing: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &chunks {
        if row.first_index != end || row.count < 1 {
            let name = format!("chunk {}", end.min(row.first_index));
            report.find(
                Damage::Log,
                name,
                format!("the journal does not go on at entry {end}"),
            );
        }
        end = row.first_index.saturating_add(row.count);
        if let Some(id) = row.batch_id.as_deref() {
            let missing = match missing.entry(id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    new.insert(batch::find(conn, id)?.map_or(row.settles(), |batch| batch.size))
                }
            };
            *missing = missing.saturating_sub(row.settles());
        }
        // Readers were served nothing while any batch was there in part.
        missing.retain(|_, missing| *missing != 0);
        if end <= found.head_size {
            let complete = missing.is_empty() && (!awaited.contains(&end) || served.contains(&end));
            expect(end, complete, &heads, &mut served, report);
        }
    }
    if end != found.stored_size {
        let why = format!(
            "the journal ends at entry {end}, {} are stored",
            found.stored_size
        );
        report.find(Damage::Log, format!("chunk {}", end.min(found.stored_size)), why);
    }
    for size in served {
        report.find(
            Damage::Log,
            format!("served_checkpoint {size}"),
            "readers were shown a head that completes nothing",
        );
    }
    Ok(chunks)
}

/// A head of this size was signed, and served where it completes something.
fn expect(size: i64, complete: bool, heads: &BTreeSet<i64>, served: &mut BTreeSet<i64>, report: &mut Report) {
    if !heads.contains(&size) {
        report.find(Damage::Log, format!("checkpoint {size}"), "it is gone");
    }
    if complete && !served.remove(&size) {
        report.find(
            Damage::Log,
            format!("served_checkpoint {size}"),
            "it is gone: readers no longer see what it completed",
        );
    }
}

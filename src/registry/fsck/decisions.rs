//! Batches against their own decisions: the digest that was approved over the items, what the columns by
//! which people find them say, and how much of each batch is in the log.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::registry::decision::Decision;
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::log::chunk::Chunk;
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

/// Items read at a time.
const PART: i64 = 4096;

/// Checks every batch, in every state.
pub(super) fn check(conn: &mut Conn, chunks: &[Chunk], report: &mut Report) -> StoreResult<()> {
    let stored = stored(chunks, report);
    for row in batch::all(conn)? {
        items(conn, &row, report)?;
        let settled = stored.get(row.id.as_str()).copied().unwrap_or(0);
        if let Some(why) = misplaced(&row, settled) {
            report.find(Damage::Index, format!("batch {}", row.id), why);
        }
    }
    for id in batch::missing(conn)? {
        report.find(
            Damage::Audit,
            format!("batch {id}"),
            "it is gone, its items are there",
        );
    }
    Ok(())
}

/// How many items of each batch are settled by what is stored, and whether its chunks are numbered on.
fn stored<'c>(chunks: &'c [Chunk], report: &mut Report) -> BTreeMap<&'c str, i64> {
    let mut all: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in chunks {
        let name = format!("chunk {}", row.first_index);
        let Some(id) = row.batch_id.as_deref() else {
            if row.ordinal.is_some() || row.items.is_some() {
                report.find(
                    Damage::Log,
                    name,
                    "it is of no batch, and numbered as one of a batch",
                );
            }
            continue;
        };
        let (count, settled) = all.entry(id).or_default();
        if row.ordinal != Some(*count) {
            let why = format!("it is chunk {count} of batch {id} and not numbered so");
            report.find(Damage::Log, name, why);
        }
        *count = count.saturating_add(1);
        *settled = settled.saturating_add(row.settles());
    }
    all.into_iter().map(|(id, (_, settled))| (id, settled)).collect()
}

/// What is wrong with where a batch stands, given how many of its items are settled in the log.
fn misplaced(row: &BatchRow, settled: i64) -> Option<String> {
    let whole = settled == row.size;
    let fits = match row.state.as_str() {
        "published" => whole || (settled == 0 && row.kind == crate::registry::change::KIND),
        // A writer stops between storing the last chunk and moving the head.
        "publishing" => settled <= row.size,
        _ => settled == 0,
    };
    let why = || {
        format!(
            "it is {}, and {settled} of its {} items are in the log",
            row.state, row.size
        )
    };
    (!fits).then(why)
}

/// The items give the digest that was approved, and each says of itself what it decides.
fn items(conn: &mut Conn, row: &BatchRow, report: &mut Report) -> StoreResult<()> {
    let mut hasher = Sha256::new();
    let mut from = 0;
    loop {
        let part = batch::items(conn, &row.id, from, from.saturating_add(PART))?;
        for item in &part {
            hasher.update(item.employer_id.to_be_bytes());
            hasher.update(
                u64::try_from(item.decision.len())
                    .unwrap_or(u64::MAX)
                    .to_be_bytes(),
            );
            hasher.update(&item.decision);
            if let Some(why) = misread(row, item) {
                let name = format!("batch_item {} {}", row.id, item.position);
                report.find(Damage::Index, name, why);
            }
        }
        from = from.saturating_add(PART);
        if from >= row.size {
            break;
        }
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let count = batch::count_items(conn, &row.id)?;
    let name = || format!("batch_item {}", row.id);
    if digest.as_slice() != row.digest {
        report.find(
            Damage::Audit,
            name(),
            "these are not the decisions that were proposed and approved",
        );
    } else if count != row.size {
        let why = format!("there are {count} items, {} were proposed", row.size);
        report.find(Damage::Audit, name(), why);
    }
    Ok(())
}

/// What a column says that the decision does not.
fn misread(row: &BatchRow, item: &ItemRow) -> Option<String> {
    let decision: Decision = match serde_json::from_str(&item.decision) {
        Ok(decision) => decision,
        Err(error) => return Some(format!("its decision cannot be read: {error}")),
    };
    if decision.batch_kind() != row.kind {
        Some("its decision is of another kind than its batch".to_owned())
    } else if decision.outcome() != item.outcome {
        Some("its outcome is not what it decides".to_owned())
    } else {
        let reference = serde_json::to_string(decision.rule_set()).ok();
        (reference.as_deref() != Some(row.rule_set.as_str()))
            .then(|| "it was decided under another rule set than its batch names".to_owned())
    }
}

//! The journal of intents against what came of them: before anything is signed, the whole of it is written
//! down by its digest, so each batch and each chunk of the registry's own entries has an intent that says
//! what it is. An intent beyond the end of the log came to nothing, which a stopped writer may leave behind.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::registry::{assessment, blacklist};
use crate::store::batch;
use crate::store::log::chunk::{self, Chunk, Intent};
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

/// A chunk of the registry's own entries, as far as the log was read.
struct Own {
    end: i64,
    digest: Sha256,
}

/// What the journal should say of what is stored.
pub(super) struct Intents {
    rows: BTreeMap<i64, Intent>,
    own: BTreeMap<i64, Own>,
    /// The first entry of each batch.
    batches: Vec<(i64, String)>,
    end: i64,
}

impl Intents {
    /// Reads the journal.
    pub(super) fn load(conn: &mut Conn, chunks: &[Chunk]) -> StoreResult<Self> {
        let rows = chunk::all_intents(conn)?;
        let mut known = BTreeSet::new();
        let mut found = Self {
            rows: rows.into_iter().map(|row| (row.first_index, row)).collect(),
            own: BTreeMap::new(),
            batches: Vec::new(),
            end: 0,
        };
        for chunk in chunks {
            let end = chunk.first_index.saturating_add(chunk.count);
            found.end = end;
            match &chunk.batch_id {
                Some(id) if known.insert(id.clone()) => found.batches.push((chunk.first_index, id.clone())),
                Some(_) => {}
                None => {
                    let digest = Sha256::new();
                    found.own.insert(chunk.first_index, Own { end, digest });
                }
            }
        }
        Ok(found)
    }

    /// Notes an entry; they come in log order.
    pub(super) fn saw(&mut self, index: i64, entry: &[u8]) {
        if let Some((_, own)) = self.own.range_mut(..=index).next_back()
            && index < own.end
        {
            own.digest.update(entry);
        }
    }

    /// Compares the journal with what was seen.
    pub(super) fn check(mut self, conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
        for (first, own) in std::mem::take(&mut self.own) {
            let wanted = Wanted {
                count: Some(own.end.saturating_sub(first)),
                batch: None,
                digest: own.digest.finalize().to_vec(),
            };
            self.compare(first, &wanted, report);
        }
        for (first, id) in std::mem::take(&mut self.batches) {
            // One that is gone is found with the batches.
            if let Some(row) = batch::find(conn, &id)? {
                let wanted = Wanted {
                    // What changes come to is not known before they are planned.
                    count: (row.kind == assessment::KIND || row.kind == blacklist::KIND).then_some(row.size),
                    batch: Some(id),
                    digest: row.digest,
                };
                self.compare(first, &wanted, report);
            } else {
                self.rows.remove(&first);
            }
        }
        for first in self.rows.range(..self.end).map(|(first, _)| first) {
            report.find(Damage::Log, name(*first), "nothing that is stored begins there");
        }
        Ok(())
    }

    fn compare(&mut self, first: i64, wanted: &Wanted, report: &mut Report) {
        let Some(row) = self.rows.remove(&first) else {
            report.find(Damage::Log, name(first), "it is gone");
            return;
        };
        let same = row.batch_id == wanted.batch
            && row.digest == wanted.digest
            && wanted.count.is_none_or(|count| row.count == count);
        if !same {
            report.find(Damage::Log, name(first), "it is not what was stored");
        }
    }
}

struct Wanted {
    count: Option<i64>,
    batch: Option<String>,
    digest: Vec<u8>,
}

fn name(first: i64) -> String {
    format!("intent {first}")
}

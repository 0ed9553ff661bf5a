//! What status lists said over time against the journal of changes: each version must show exactly the
//! changes that the journal says it carries, and no version may go back in time or clear a revocation or
//! refresh bit (records.md §2).

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::record::credential;
use crate::record::status::{Bitstring, Change};
use crate::store::log::body;
use crate::store::log::change::{self, ChangeRow};
use crate::store::log::status::StatusListVersion;
use crate::store::{Conn, StoreResult};

use super::lists::name;
use super::{Damage, Report};

/// One list, as far as the log was read.
#[derive(Default)]
struct List {
    /// Changes that are still to be seen, the next one last.
    coming: Vec<ChangeRow>,
    /// The bits by the journal.
    journalled: Bitstring,
    /// The newest version that was read.
    newest: Option<(NaiveDateTime, Bitstring)>,
}

/// Every list by purpose and number.
pub(super) struct History(BTreeMap<(String, i64), List>);

fn row_name(row: &ChangeRow) -> String {
    format!("status_change {}", row.id)
}

impl History {
    /// Reads the journal.
    pub(super) fn load(conn: &mut Conn) -> StoreResult<Self> {
        let mut rows = change::all(conn)?;
        rows.retain(|row| row.version_index.is_some());
        rows.sort_by_key(|row| std::cmp::Reverse((row.version_index, row.id)));
        let mut lists: BTreeMap<(String, i64), List> = BTreeMap::new();
        for row in rows {
            let list = lists.entry((row.purpose.clone(), row.number)).or_default();
            list.coming.push(row);
        }
        Ok(Self(lists))
    }

    /// Notes a version; they come in log order.
    pub(super) fn saw(&mut self, row: &StatusListVersion, bits: &Bitstring, report: &mut Report) {
        let name = name(&row.purpose, row.number, row.log_index);
        let list = self.0.entry((row.purpose.clone(), row.number)).or_default();
        let mut find = |why: String| report.find(Damage::Status, &*name, why);
        if let Some((valid_from, older)) = &list.newest {
            if row.valid_from < *valid_from {
                find(format!("it goes back in time, behind {valid_from} UTC"));
            }
            let lifted = Change::Restore.purpose().as_str();
            if row.purpose != lifted
                && let Some(index) = older.first_cleared(bits)
            {
                find(format!("it clears bit {index}, which is never cleared"));
            }
        }
        while let Some(next) = list
            .coming
            .pop_if(|next| next.version_index <= Some(row.log_index))
        {
            let carried = next.version_index == Some(row.log_index);
            let applied = next
                .change()
                .ok()
                .and_then(|next| list.journalled.apply(next).ok());
            if !carried || applied.is_none() {
                let why = "no version of its list carries it";
                report.find(Damage::Index, row_name(&next), why);
            }
        }
        if list.journalled != *bits {
            let why = "its bits are not those of the journal of changes";
            report.find(Damage::Status, name, why);
            // Told once, not again for every later version.
            list.journalled = bits.clone();
        }
        list.newest = Some((row.valid_from, bits.clone()));
    }

    /// What the journal says and no version showed, and changes that are not about the record they name.
    pub(super) fn check(&mut self, conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
        for list in self.0.values_mut() {
            for row in list.coming.drain(..) {
                report.find(Damage::Index, row_name(&row), "no version of its list carries it");
            }
        }
        for row in change::all(conn)? {
            // The body may have been withdrawn since, by an erasure.
            let Some(body) = body::at(conn, row.record_index)? else {
                continue;
            };
            let pointer = credential::read(&body.bytes)
                .ok()
                .and_then(|record| record.status);
            let same = row.change().ok().map(|wanted| wanted.at) == pointer;
            if !same || pointer.is_none() {
                report.find(
                    Damage::Index,
                    row_name(&row),
                    "its bit is not that of the record it names",
                );
            }
        }
        Ok(())
    }
}

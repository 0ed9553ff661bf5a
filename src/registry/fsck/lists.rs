//! Status lists: the rows by which versions are found against the logged lists, and the indices handed
//! out against those that records carry. Remembers each index, four bytes a record: the only part of the
//! check that grows with the log.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::credential::StatusPointer;
use crate::record::status::{Bitstring, LENGTH};
use crate::store::log::status::{self, StatusListVersion};
use crate::store::{Conn, StoreResult};

use super::history::History;
use super::{Damage, Report};

/// What a body turned out to be.
pub(super) enum Seen {
    /// A key document.
    Keys,
    /// An erasure.
    Erasure,
    /// A registry snapshot.
    Snapshot,
    /// A day's statement of the audit trail: no signature of its own.
    Audit,
    /// A version of a status list, as its row must describe it, and its bits.
    List(StatusListVersion, Bitstring),
    /// A record, where it stands, and the index that it carries.
    Record(i64, Option<StatusPointer>),
}

/// What the log says about status lists.
pub(super) struct Lists {
    history: History,
    versions: BTreeMap<(String, i64, i64), StatusListVersion>,
    used: BTreeMap<i64, BTreeSet<u32>>,
}

pub(super) fn name(purpose: &str, number: i64, index: i64) -> String {
    format!("status_list_version {purpose} {number} at {index}")
}

impl Lists {
    /// Begins with the journal of changes.
    pub(super) fn load(conn: &mut Conn) -> StoreResult<Self> {
        Ok(Self {
            history: History::load(conn)?,
            versions: BTreeMap::new(),
            used: BTreeMap::new(),
        })
    }

    /// Notes what a body is. Two records with one index would be revoked together.
    pub(super) fn saw(&mut self, seen: Seen, report: &mut Report) {
        match seen {
            Seen::Keys | Seen::Audit | Seen::Snapshot | Seen::Erasure | Seen::Record(_, None) => {}
            Seen::List(row, bits) => {
                self.history.saw(&row, &bits, report);
                self.versions
                    .insert((row.purpose.clone(), row.number, row.log_index), row);
            }
            Seen::Record(index, Some(pointer)) => {
                let fresh = self
                    .used
                    .entry(i64::from(pointer.list))
                    .or_default()
                    .insert(pointer.index);
                if !fresh {
                    let why = format!(
                        "its status index {} of list {} was given before",
                        pointer.index, pointer.list
                    );
                    report.find(Damage::Body, format!("body {index}"), why);
                }
            }
        }
    }

    /// Compares what was seen with the rows.
    pub(super) fn check(mut self, conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
        self.history.check(conn, report)?;
        for row in status::all_versions(conn)? {
            let name = name(&row.purpose, row.number, row.log_index);
            match self
                .versions
                .remove(&(row.purpose.clone(), row.number, row.log_index))
            {
                Some(logged) if logged == row => {}
                Some(_) => report.find(Damage::Index, name, "its time is not what the logged list says"),
                None => report.find(Damage::Index, name, "no such list stands there in the log"),
            }
        }
        for (purpose, number, index) in self.versions.keys() {
            report.find(Damage::Index, name(purpose, *number, *index), "it is gone");
        }
        for (number, _, _) in status::all(conn)? {
            let used = self.used.remove(&number).unwrap_or_default();
            if let Some(list) = status::read(conn, number)?
                && handed_out(&list) != Some(used)
            {
                report.find(
                    Damage::Index,
                    format!("status_list {number}"),
                    "the indices that it handed out are not those that records carry",
                );
            }
        }
        for number in self.used.keys() {
            report.find(Damage::Index, format!("status_list {number}"), "it is gone");
        }
        Ok(())
    }
}

/// The indices that the row says were handed out; `None` where the row contradicts itself: its order must
/// name every index once.
fn handed_out(list: &status::StatusList) -> Option<BTreeSet<u32>> {
    let (order, rest) = list.free_order.as_chunks::<4>();
    let (used, size) = (usize::try_from(list.used).ok()?, usize::try_from(list.size).ok()?);
    if order.len() != size || !rest.is_empty() {
        return None;
    }
    let mut named = vec![false; usize::try_from(LENGTH).ok()?];
    for index in order {
        let index = usize::try_from(u32::from_be_bytes(*index)).ok()?;
        if std::mem::replace(named.get_mut(index)?, true) {
            return None;
        }
    }
    let handed_out = order.get(..used)?.iter();
    Some(handed_out.map(|index| u32::from_be_bytes(*index)).collect())
}

//! What status lists said over time against the journal of changes: each version must show exactly the
//! changes that the journal says it carries, and no version may go back in time or clear a revocation or
//! refresh bit (records.md §2).

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::domain::withdrawal::Cause;
use crate::record::credential;
use crate::record::status::{Bitstring, Change};
use crate::registry::change::Causes;
use crate::store::batch;
use crate::store::log::body;
use crate::store::log::change::{self, ChangeRow};
use crate::store::log::erasure;
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
            } else if next.requested_at > row.valid_from {
                let why = "it was decided after the version that carries it was signed";
                report.find(Damage::Time, row_name(&next), why);
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
        let mut causes = Causes::default();
        for row in change::all(conn)? {
            // What time alone brings about names no batch, and its erasure is held against the record's own
            // end (`erasures`); the sequencer carries no such row that waits.
            let by_time = row.version_index.is_some()
                && row.cause == Cause::Expiry.as_str()
                && erasure::of_record(conn, row.record_index)?
                    .is_some_and(|erased| erased.cause == row.cause);
            if row.change().is_ok()
                && !by_time
                && let Some(why) = causes.refuse(conn, &row)?
            {
                report.find(Damage::Status, row_name(&row), why);
            }
            if let Some(id) = row.cause.strip_prefix("batch ")
                && let Some(decided) = batch::find(conn, id)?
                && decided.decided_at > Some(row.requested_at)
            {
                report.find(
                    Damage::Time,
                    row_name(&row),
                    "it is older than the decision behind it",
                );
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn version(purpose: &str, log_index: i64, hour: u32) -> StatusListVersion {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 10, 9).unwrap();
        StatusListVersion {
            purpose: purpose.to_owned(),
            number: 1,
            log_index,
            valid_from: day.and_hms_opt(hour, 0, 0).unwrap(),
        }
    }

    fn change(purpose: &str, value: bool, version_index: i64) -> ChangeRow {
        ChangeRow {
            id: version_index,
            purpose: purpose.to_owned(),
            number: 1,
            bit: 7,
            value,
            record_index: 1,
            cause: String::new(),
            requested_at: NaiveDateTime::default(),
            version_index: Some(version_index),
        }
    }

    /// What is said of versions, each with bit 7 set or not, under a journal.
    fn said(purpose: &str, journal: Vec<ChangeRow>, versions: &[(i64, u32, bool)]) -> Vec<(Damage, String)> {
        let list = List {
            coming: journal.into_iter().rev().collect(),
            ..List::default()
        };
        let mut history = History(BTreeMap::from([((purpose.to_owned(), 1), list)]));
        let mut report = Report::default();
        for (index, hour, set) in versions {
            let mut bits = Bitstring::default();
            bits.set(7, *set).unwrap();
            history.saw(&version(purpose, *index, *hour), &bits, &mut report);
        }
        let findings = report.findings.into_iter();
        findings.map(|found| (found.damage, found.row)).collect()
    }

    fn at(purpose: &str, index: i64) -> (Damage, String) {
        (Damage::Status, name(purpose, 1, index))
    }

    #[test]
    fn a_lawful_history_is_sound() {
        let journal = vec![change("suspension", true, 11), change("suspension", false, 12)];
        let versions = [(10, 1, false), (11, 2, true), (12, 3, false), (13, 3, false)];
        assert_eq!(said("suspension", journal, &versions), []);
        let journal = vec![change("revocation", true, 11)];
        assert_eq!(said("revocation", journal, &versions[..2]), []);
    }

    #[test]
    fn a_version_that_goes_back_in_time_is_told() {
        let versions = [(10, 2, false), (11, 1, false)];
        assert_eq!(said("refresh", vec![], &versions), [at("refresh", 11)]);
    }

    #[test]
    fn a_bit_that_is_never_cleared_is_told() {
        for purpose in ["revocation", "refresh"] {
            let versions = [(10, 1, false), (11, 2, true), (12, 3, false), (13, 4, false)];
            let found = said(purpose, vec![change(purpose, true, 11)], &versions);
            // Cleared, and not what the journal says; told once.
            assert_eq!(found, [at(purpose, 12), at(purpose, 12)]);
        }
    }

    #[test]
    fn what_nobody_decided_and_what_no_version_carries_are_told() {
        let undecided = said("revocation", vec![], &[(10, 1, false), (11, 2, true)]);
        assert_eq!(undecided, [at("revocation", 11)]);
        let nowhere = said(
            "revocation",
            vec![change("revocation", true, 5)],
            &[(10, 1, true)],
        );
        assert_eq!(nowhere, [(Damage::Index, "status_change 5".to_owned())]);
    }
}

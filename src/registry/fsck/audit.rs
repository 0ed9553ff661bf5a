//! The audit chain: numbers without gaps, each row's digest, each row's link to the one before, and what
//! the log says the chain came to on its days.

use std::collections::BTreeMap;

use crate::record::entry::EntryKind;
use crate::registry::audit::{self, Statement};
use crate::store::audit::{AuditRow, after};
use crate::store::log::body;
use crate::store::{Conn, StoreResult};

use super::times::Trail;
use super::{Damage, Report};

const PART: i64 = 1024;

/// Checks the chain, and gives what others are held against: its sound rows.
pub(super) fn check(conn: &mut Conn, report: &mut Report) -> StoreResult<Trail> {
    let mut said = Statements::read(conn)?;
    let mut trail = Trail::default();
    let (mut seq, mut previous) = (0, vec![0; 32]);
    loop {
        let rows = after(conn, seq, PART)?;
        if rows.is_empty() {
            said.cut(seq, report);
            return Ok(trail);
        }
        for row in rows {
            let name = format!("audit {}", row.seq);
            if row.seq != seq.saturating_add(1) {
                report.find(
                    Damage::Audit,
                    &*name,
                    format!(
                        "rows {} to {} are gone",
                        seq.saturating_add(1),
                        row.seq.saturating_sub(1)
                    ),
                );
            }
            if row.previous != previous {
                report.find(Damage::Audit, &*name, "it does not follow the row before it");
            }
            if row.digest != audit::digest(&row) || spelled_otherwise(&row) {
                report.find(Damage::Audit, &*name, "it was changed");
            } else {
                trail.saw(&row);
            }
            said.compare(&row, report);
            seq = row.seq;
            previous = row.digest;
            report.audit_rows = report.audit_rows.saturating_add(1);
        }
    }
}

/// A value that is empty where the registry writes none: the digest does not tell the two apart.
fn spelled_otherwise(row: &AuditRow) -> bool {
    row.authority_id.as_deref() == Some("")
        || row.before_digest.as_deref() == Some(&[])
        || row.after_digest.as_deref() == Some(&[])
}

/// What the log says the chain came to, by the number of rows.
struct Statements {
    open: BTreeMap<i64, Vec<(i64, Statement)>>,
    /// The last row that a statement confirmed.
    confirmed: i64,
}

impl Statements {
    /// Reads the bodies whose digests were logged; one that is unreadable is found with the bodies.
    fn read(conn: &mut Conn) -> StoreResult<Self> {
        let mut open: BTreeMap<i64, Vec<(i64, Statement)>> = BTreeMap::new();
        for row in body::all_of_kind(conn, EntryKind::Audit.as_str())? {
            if let Some(said) = Statement::parse(&row.bytes) {
                open.entry(said.count).or_default().push((row.log_index, said));
            }
        }
        open.remove(&0);
        Ok(Self { open, confirmed: 0 })
    }

    fn compare(&mut self, row: &AuditRow, report: &mut Report) {
        let digest: String = row.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        for (index, said) in self.open.remove(&row.seq).unwrap_or_default() {
            if said.head == digest {
                self.confirmed = row.seq;
                continue;
            }
            let why = format!(
                "rows {} to {} are not those of {}: entry {index} of the log commits to others",
                self.confirmed.saturating_add(1),
                row.seq,
                said.day
            );
            report.find(Damage::Audit, format!("audit {}", row.seq), why);
        }
    }

    /// Whatever was said of more rows than there are: the tail was cut, or rows in between are gone.
    fn cut(self, last: i64, report: &mut Report) {
        for (count, all) in self.open {
            let name = match count > last {
                true => format!("audit {}", last.saturating_add(1)),
                false => format!("audit {count}"),
            };
            for (index, said) in all {
                let why = format!(
                    "it is gone: entry {index} of the log says that on {} there were {count} rows",
                    said.day
                );
                report.find(Damage::Audit, &*name, why);
            }
        }
    }
}

//! The audit chain: numbers without gaps, each row's digest, each row's link to the one before.

use crate::registry::audit;
use crate::store::audit::after;
use crate::store::{Conn, StoreResult};

use super::{Damage, Report};

const PART: i64 = 1024;

pub(super) fn check(conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
    let (mut seq, mut previous) = (0, vec![0; 32]);
    loop {
        let rows = after(conn, seq, PART)?;
        if rows.is_empty() {
            return Ok(());
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
            if row.digest != audit::digest(&row) {
                report.find(Damage::Audit, &*name, "it was changed");
            }
            seq = row.seq;
            previous = row.digest;
            report.audit_rows = report.audit_rows.saturating_add(1);
        }
    }
}

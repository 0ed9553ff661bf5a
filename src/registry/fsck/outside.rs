//! Rows that no entry of the log accounts for: bodies, bundles and tiles beyond its end.

use crate::store::log::{body, bundle, head, tile};
use crate::store::{Conn, StoreResult};

use super::{Damage, MOST, Report};

pub(super) fn check(conn: &mut Conn, report: &mut Report) -> StoreResult<()> {
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
    let size = head::read(conn)?.stored_size;
    for index in body::outside(conn, size, limit)? {
        report.find(Damage::Body, format!("body {index}"), "no entry covers it");
    }
    for (index, width) in bundle::outside(conn, size, limit)? {
        let name = format!("entry_bundle {index}.p/{width}");
        report.find(Damage::Log, name, "it reaches beyond the log");
    }
    for level in tile::levels(conn)? {
        let hashes = u32::try_from(level)
            .ok()
            .and_then(|level| size.checked_shr(level.checked_mul(8)?))
            .unwrap_or(0);
        for (level, index, width) in tile::outside(conn, level, hashes, limit)? {
            let name = format!("tile {level}/{index} width {width}");
            report.find(Damage::Log, name, "it reaches beyond the log");
        }
    }
    Ok(())
}

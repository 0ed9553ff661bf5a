//! Numbers of decisions that replayed records bear: the counters go on behind them, so that none is given twice.

use std::collections::BTreeMap;

use crate::registry::numbers;
use crate::store::authority::{self, AuthorityRow};
use crate::store::{Conn, StoreResult, counter};

/// The highest number of each authority, kind and year.
pub(super) struct Numbers {
    authorities: Vec<AuthorityRow>,
    highest: BTreeMap<(String, &'static str, i64), i64>,
}

impl Numbers {
    pub(super) fn begin(conn: &mut Conn) -> StoreResult<Self> {
        Ok(Self {
            authorities: authority::all(conn)?,
            highest: BTreeMap::new(),
        })
    }

    /// Notes the number of a replayed record.
    pub(super) fn saw(&mut self, number: &str) {
        for authority in &self.authorities {
            if let Some((kind, year, count)) = numbers::counted(authority, number) {
                let key = (authority.id.clone(), kind, year);
                let highest = self.highest.entry(key).or_default();
                *highest = (*highest).max(count);
            }
        }
    }

    /// Lets the counters go on behind what was seen.
    pub(super) fn finish(self, conn: &mut Conn) -> StoreResult<()> {
        for ((authority, kind, year), highest) in self.highest {
            let next = counter::advance(conn, &authority, kind, year, 0)?;
            let taken = highest.saturating_add(1).saturating_sub(next).max(0);
            counter::advance(conn, &authority, kind, year, taken)?;
        }
        Ok(())
    }
}

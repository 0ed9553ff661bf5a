//! Numbers of decisions (文号): `渝江北人社诚信〔2026〕00001号`, from a counter for each authority, kind and year.
//!
//! They are taken inside the transaction that stores the decisions: two officers who propose at once get
//! different numbers, and a proposal that fails leaves no gap. A rejected batch keeps its numbers: what
//! was proposed under them stays on file.

use chrono::{Datelike as _, NaiveDate};

use crate::store::authority::AuthorityRow;
use crate::store::{Conn, StoreResult, counter};

use super::{assessment, blacklist};

/// An authority's decisions of a kind in a year.
#[derive(Debug, Clone, Copy)]
pub struct Series<'s> {
    authority: &'s AuthorityRow,
    kind: &'static str,
    year: i32,
}

impl<'s> Series<'s> {
    /// The series of decisions proposed on `day` (Asia/Shanghai).
    #[must_use]
    pub fn of(authority: &'s AuthorityRow, kind: &'static str, day: NaiveDate) -> Self {
        Self {
            authority,
            kind,
            year: day.year(),
        }
    }

    /// Makes others who want numbers of this series wait until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub fn hold(&self, conn: &mut Conn) -> StoreResult<()> {
        self.take(conn, 0).map(drop)
    }

    /// Takes the next `count` numbers: the first of them.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub fn take(&self, conn: &mut Conn, count: i64) -> StoreResult<i64> {
        counter::advance(conn, &self.authority.id, self.kind, i64::from(self.year), count)
    }

    /// A number as documents show it.
    #[must_use]
    pub fn text(&self, number: i64) -> String {
        let (prefix, year) = (&self.authority.document_prefix, self.year);
        match self.kind {
            assessment::KIND => format!("{prefix}诚信〔{year}〕{number:05}号"),
            blacklist::KIND => format!("{prefix}列决〔{year}〕{number:04}号"),
            other => format!("{prefix}{other}〔{year}〕{number}号"),
        }
    }
}

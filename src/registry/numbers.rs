//! Numbers of decisions (文号): `渝江北人社诚信〔2026〕00001号`, from a counter for each authority, kind and year.
//!
//! They are taken inside the transaction that stores the decisions: two officers who propose at once get
//! different numbers, and a proposal that fails leaves no gap. A rejected batch keeps its numbers: what
//! was proposed under them stays on file.
//!
//! A change of a published record carries the number of a document of its own, which an officer types: one that
//! no other decision of the authority has, and none of the series above, which would come to be given twice.

use chrono::{Datelike as _, NaiveDate};

use crate::store::authority::{self, AuthorityRow};
use crate::store::{Conn, StoreResult, counter, document_number};

use super::batch::{BatchError, Proposed};
use super::{assessment, blacklist};

/// The word for grades in their numbers, and for listings.
const GRADES: &str = "诚信";
const LISTINGS: &str = "列决";

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
            assessment::KIND => format!("{prefix}{GRADES}〔{year}〕{number:05}号"),
            blacklist::KIND => format!("{prefix}{LISTINGS}〔{year}〕{number:04}号"),
            other => format!("{prefix}{other}〔{year}〕{number}号"),
        }
    }
}

/// The numbers that decisions bring along. From here to the transaction's end nobody else can bring one along for
/// this authority, with whatever kind of decision.
///
/// # Errors
/// [`BatchError::NumberTaken`] for one that another decision of the authority has or could get;
/// [`BatchError::Store`].
pub(super) fn typed(
    conn: &mut Conn,
    authority: &AuthorityRow,
    decisions: &[Proposed],
) -> Result<Vec<String>, BatchError> {
    let mut typed: Vec<String> = Vec::new();
    let own: Vec<&str> = decisions
        .iter()
        .filter_map(|one| one.decision.own_number())
        .collect();
    if !own.is_empty() {
        authority::hold(conn, &authority.id)?;
    }
    for number in own {
        let known = typed.iter().any(|other| other == number);
        if known || is_given(authority, number) || document_number::is_taken(conn, &authority.id, number)? {
            return Err(BatchError::NumberTaken(number.to_owned()));
        }
        typed.push(number.to_owned());
    }
    Ok(typed)
}

/// Whether a number reads like one of the series that are counted here.
fn is_given(authority: &AuthorityRow, number: &str) -> bool {
    parts(authority, number).is_some()
}

/// Kind, year and count of a number of one of an authority's series.
pub(super) fn counted(authority: &AuthorityRow, number: &str) -> Option<(&'static str, i64, i64)> {
    let (kind, year, count) = parts(authority, number)?;
    Some((kind, year.parse().ok()?, count.parse().ok()?))
}

fn parts<'n>(authority: &AuthorityRow, number: &'n str) -> Option<(&'static str, &'n str, &'n str)> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let of = |word: &str| {
        let rest = number.strip_prefix(&*authority.document_prefix)?;
        let (year, rest) = rest.strip_prefix(word)?.strip_prefix('〔')?.split_once('〕')?;
        let count = rest.strip_suffix('号')?;
        (digits(year) && digits(count)).then_some((year, count))
    };
    let series = [(GRADES, assessment::KIND), (LISTINGS, blacklist::KIND)];
    series
        .into_iter()
        .find_map(|(word, kind)| of(word).map(|(year, count)| (kind, year, count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_number_is_none_of_the_series() {
        let authority = AuthorityRow {
            id: "500105".into(),
            name: "江北区人力资源和社会保障局".into(),
            division: "500105".into(),
            document_prefix: "渝江北人社".into(),
        };
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for kind in [assessment::KIND, blacklist::KIND] {
            let series = Series::of(&authority, kind, day);
            for number in [1, 77, 123_456] {
                assert!(is_given(&authority, &series.text(number)), "{number} of {kind}");
                let text = series.text(number);
                assert_eq!(counted(&authority, &text), Some((kind, 2026, number)));
            }
        }
        for own in [
            "渝江北人社更〔2026〕1号",
            "渝人社诚信〔2026〕00001号",
            "渝江北人社诚信〔2026〕甲号",
            "",
        ] {
            assert!(!is_given(&authority, own), "{own}");
        }
    }
}

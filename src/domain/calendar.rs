//! Statutory working days (行政处罚法 Art 85; 全国年节及纪念日放假办法), from the State Council's yearly
//! notices of 2016 to 2026.
//!
//! A day in a year without a published notice is never computed silently: every answer that had to
//! look at one is marked provisional and follows the plain week until the notice comes.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The exceptions to the plain week: `date,kind,occasion`, kind `off` or `work`.
const EXCEPTIONS: &str = include_str!("data/working-day-exceptions.csv");

static STANDARD: LazyLock<Calendar> = LazyLock::new(|| {
    // A test parses the embedded table; were it ever broken, every date would come out provisional.
    Calendar::parse(EXCEPTIONS).unwrap_or(Calendar {
        exceptions: BTreeMap::new(),
        years: RangeInclusive::new(1, 0),
    })
});

/// Working days and days off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    exceptions: BTreeMap<NaiveDate, bool>,
    years: RangeInclusive<i32>,
}

/// A deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueDate {
    /// The last day of the period, a day in Asia/Shanghai.
    pub date: NaiveDate,
    /// Whether the count passed through a year whose holidays are not published: the date may move.
    pub provisional: bool,
}

/// What is wrong with a table of exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} of the working-day table: {problem}")]
pub struct CalendarError {
    /// Counted from 1, the heading included.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl Calendar {
    /// The embedded calendar.
    #[must_use]
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// Reads `date,kind,occasion` lines under a heading; dates ascend. Every year from the first to
    /// the last counts as published, so no year between may lack its lines.
    ///
    /// # Errors
    /// [`CalendarError`] with the line.
    pub fn parse(csv: &str) -> Result<Self, CalendarError> {
        let mut exceptions = BTreeMap::new();
        for (index, line) in csv.lines().enumerate().skip(1) {
            let fail = |problem: String| CalendarError {
                line: index + 1,
                problem,
            };
            let mut fields = line.split(',');
            let date = fields.next().unwrap_or_default();
            let date: NaiveDate = date
                .parse()
                .map_err(|_| fail(format!("{date:?} is not a date")))?;
            let works = match fields.next() {
                Some("work") => true,
                Some("off") => false,
                other => return Err(fail(format!("{other:?} is neither work nor off"))),
            };
            if let Some((last, _)) = exceptions.last_key_value()
                && date <= *last
            {
                return Err(fail(format!("{date} does not follow {last}")));
            }
            if let Some((last, _)) = exceptions.last_key_value()
                && date.year() > last.year() + 1
            {
                return Err(fail(format!("the year {} is missing", last.year() + 1)));
            }
            exceptions.insert(date, works);
        }
        let ends = exceptions.first_key_value().zip(exceptions.last_key_value());
        let years = ends.map_or(RangeInclusive::new(1, 0), |((first, _), (last, _))| {
            first.year()..=last.year()
        });
        Ok(Self { exceptions, years })
    }

    /// The years whose notices are known.
    #[must_use]
    pub fn published_years(&self) -> RangeInclusive<i32> {
        self.years.clone()
    }

    /// Whether people work on `date`; `None` where the year's notice is not known.
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> Option<bool> {
        self.years.contains(&date.year()).then(|| self.presumed(date))
    }

    /// The `n`-th working day after `event`; the day of the event is not counted (民事诉讼法 Art 85).
    /// With `n` = 0 the event's own day.
    #[must_use]
    pub fn add_working_days(&self, event: NaiveDate, n: u32) -> DueDate {
        let mut due = DueDate {
            date: event,
            provisional: false,
        };
        let mut left = n;
        while left > 0 {
            let Some(next) = due.date.succ_opt() else {
                due.provisional = true;
                break;
            };
            due.date = next;
            due.provisional |= !self.years.contains(&next.year());
            if self.presumed(next) {
                left -= 1;
            }
        }
        due
    }

    /// A period of natural days or months that ends on `date` runs on to the next working day when it
    /// ends on a day off (民事诉讼法 Art 85).
    #[must_use]
    pub fn roll_forward(&self, date: NaiveDate) -> DueDate {
        let mut due = DueDate {
            date,
            provisional: !self.years.contains(&date.year()),
        };
        while !self.presumed(due.date) {
            let Some(next) = due.date.succ_opt() else { break };
            due = DueDate {
                date: next,
                provisional: due.provisional || !self.years.contains(&next.year()),
            };
        }
        due
    }

    /// The number of working days of a year, or `None` where its notice is not known.
    #[must_use]
    pub fn working_days_in(&self, year: i32) -> Option<usize> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        self.years.contains(&year).then(|| {
            first
                .iter_days()
                .take_while(|d| d.year() == year)
                .filter(|d| self.presumed(*d))
                .count()
        })
    }

    fn presumed(&self, date: NaiveDate) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        self.exceptions.get(&date).copied().unwrap_or(!weekend)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn vectors_of_the_design() {
        for (event, n, due) in [
            ("2026-09-18", 5, "2026-09-24"),
            ("2026-09-18", 20, "2026-10-22"),
            ("2026-02-13", 5, "2026-02-27"),
            ("2026-02-13", 10, "2026-03-05"),
            ("2026-02-14", 1, "2026-02-24"),
            ("2026-02-28", 1, "2026-03-02"),
            ("2026-01-05", 60, "2026-04-03"),
            ("2026-01-05", 90, "2026-05-20"),
            ("2025-12-31", 5, "2026-01-08"),
            ("2026-04-30", 15, "2026-05-25"),
            ("2025-01-24", 5, "2025-02-07"),
            ("2025-09-26", 20, "2025-10-30"),
        ] {
            let expected = DueDate {
                date: date(due),
                provisional: false,
            };
            assert_eq!(
                Calendar::standard().add_working_days(date(event), n),
                expected,
                "{event} + {n}"
            );
        }
    }

    #[test]
    fn working_days_of_whole_years() {
        let calendar = Calendar::standard();
        assert_eq!(calendar.published_years(), 2016..=2026);
        assert_eq!(calendar.working_days_in(2024), Some(251));
        assert_eq!(calendar.working_days_in(2025), Some(248));
        assert_eq!(calendar.working_days_in(2026), Some(248));
        assert_eq!(calendar.working_days_in(2027), None);
        assert_eq!(calendar.is_working_day(date("2026-02-14")), Some(true));
        assert_eq!(calendar.is_working_day(date("2026-02-16")), Some(false));
    }

    #[test]
    fn an_unpublished_year_is_provisional() {
        let calendar = Calendar::standard();
        assert_eq!(calendar.is_working_day(date("2027-02-08")), None);
        let inside = calendar.add_working_days(date("2026-12-24"), 5);
        assert_eq!(
            inside,
            DueDate {
                date: date("2026-12-31"),
                provisional: false
            }
        );
        let over = calendar.add_working_days(date("2026-12-31"), 1);
        assert_eq!(
            over,
            DueDate {
                date: date("2027-01-01"),
                provisional: true
            }
        );
        assert!(calendar.add_working_days(date("2015-12-01"), 1).provisional);
        assert!(calendar.roll_forward(date("2027-01-02")).provisional);
        assert!(!calendar.add_working_days(date("2027-05-01"), 0).provisional);
    }

    #[test]
    fn a_period_that_ends_on_a_day_off_runs_on() {
        let calendar = Calendar::standard();
        assert_eq!(calendar.roll_forward(date("2026-10-03")).date, date("2026-10-08"));
        assert_eq!(calendar.roll_forward(date("2026-10-10")).date, date("2026-10-10"));
    }

    #[test]
    fn a_broken_table_is_refused() {
        assert_eq!(
            Calendar::parse("h\n2026-01-01,off,x\n2026-01-01,off,x\n")
                .unwrap_err()
                .line,
            3
        );
        assert!(Calendar::parse("h\n2026-13-01,off,x\n").is_err());
        assert!(Calendar::parse("h\n2026-01-01,maybe,x\n").is_err());
        assert!(Calendar::parse("h\n2024-01-01,off,x\n2026-01-01,off,x\n").is_err());
        assert!(Calendar::parse(EXCEPTIONS).is_ok());
    }

    proptest! {
        #[test]
        fn counting_is_additive_and_ends_on_a_working_day(offset in 0u32..3600, a in 1u32..40, b in 1u32..40) {
            let calendar = Calendar::standard();
            let event = crate::domain::dates::add_days(date("2016-01-01"), offset);
            let first = calendar.add_working_days(event, a);
            let second = calendar.add_working_days(first.date, b);
            let once = calendar.add_working_days(event, a + b);
            prop_assert_eq!(once.date, second.date);
            prop_assert_eq!(once.provisional, first.provisional || second.provisional);
            prop_assert_ne!(calendar.is_working_day(once.date), Some(false));
        }
    }
}

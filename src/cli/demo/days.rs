//! Working days to put documents on.

use chrono::{Datelike as _, NaiveDate};

use super::dice::Dice;
use crate::domain::calendar::Calendar;

/// The working days of a run of years, in order.
pub(super) struct WorkingDays(Vec<NaiveDate>);

impl WorkingDays {
    /// From `first` to `last`, both included.
    pub(super) fn of_years(first: i32, last: i32) -> Self {
        let mut days = Vec::new();
        let mut day = date(first - 1, 12, 31);
        loop {
            day = Calendar::standard().add_working_days(day, 1).date;
            if day.year() > last {
                return Self(days);
            }
            days.push(day);
        }
    }

    /// One of the working days from `from` to `to`; `from` where there is none.
    pub(super) fn within(&self, dice: &mut Dice, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let low = self.0.partition_point(|day| *day < from);
        let high = self.0.partition_point(|day| *day <= to);
        let place = low + dice.below(high.saturating_sub(low));
        self.0.get(place).copied().unwrap_or(from)
    }

    /// The `n`-th working day before `day`; the first known one where there are not so many.
    pub(super) fn before(&self, day: NaiveDate, n: u32) -> NaiveDate {
        let here = self.0.partition_point(|known| *known < day);
        let place = here.saturating_sub(n as usize);
        self.0.get(place).copied().unwrap_or(day)
    }
}

/// The `n`-th working day after `day`.
pub(super) fn after(day: NaiveDate, n: u32) -> NaiveDate {
    Calendar::standard().add_working_days(day, n).date
}

/// `day`, or the next working day where `day` is none.
pub(super) fn or_next(day: NaiveDate) -> NaiveDate {
    Calendar::standard().roll_forward(day).date
}

/// A date of the calendar; the first of all days should it not exist.
pub(super) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::dice::Stream;

    #[test]
    fn only_working_days_come_out() {
        let days = WorkingDays::of_years(2024, 2026);
        assert_eq!(days.0.len(), 251 + 248 + 248);
        let mut dice = Dice::new(1, Stream::Evidence);
        for _ in 0..500 {
            let day = days.within(&mut dice, date(2025, 1, 1), date(2025, 12, 31));
            assert_eq!(Calendar::standard().is_working_day(day), Some(true));
            assert_eq!(after(days.before(day, 9), 9), day);
        }
    }
}

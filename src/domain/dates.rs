//! Calendar arithmetic of the law: periods of months and years, and the day in China.
//!
//! Months and years run by calendar date; where the day does not exist the last day of the month
//! stands in (31 August and six months is 28 or 29 February). Days are days in Asia/Shanghai, a fixed
//! +08:00; instants are UTC, whole seconds. No clock is read here.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Shanghai is eight hours ahead of UTC all year (no summer time since 1991).
const SHANGHAI: TimeDelta = TimeDelta::hours(8);

/// The same day of the month `months` later, or that month's last day. Saturates at the end of time.
#[must_use]
pub fn add_months(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months))
        .unwrap_or(NaiveDate::MAX)
}

/// The same date `years` later; 29 February becomes 28 February in a common year.
#[must_use]
pub fn add_years(date: NaiveDate, years: u32) -> NaiveDate {
    add_months(date, years.saturating_mul(12))
}

/// `days` natural days later.
#[must_use]
pub fn add_days(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

/// A day as people write it: 2026-03-02, 2026/3/2, 2026.3.2, 20260302 or 2026年3月2日. `None` for any other
/// text and for a day that does not exist.
#[must_use]
pub fn parse(text: &str) -> Option<NaiveDate> {
    let plain = text.replace(['年', '月', '/', '.'], "-").replace('日', "");
    let parts: Vec<&str> = plain.split('-').collect();
    let number = |part: &str| part.trim().parse::<u32>().ok();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.trim().len() == 4 => (number(year)?, number(month)?, number(day)?),
        [all] if all.len() == 8 && all.bytes().all(|b| b.is_ascii_digit()) => {
            let all = number(all)?;
            (all / 10_000, all / 100 % 100, all % 100)
        }
        _ => return None,
    };
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// The date in China at an instant.
#[must_use]
pub fn in_china(at: DateTime<Utc>) -> NaiveDate {
    at.checked_add_signed(SHANGHAI).unwrap_or(at).date_naive()
}

/// The first second of a day in China.
#[must_use]
pub fn day_start(date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN).and_utc();
    midnight.checked_sub_signed(SHANGHAI).unwrap_or(midnight)
}

/// The last second of a day in China: `15:59:59Z`.
#[must_use]
pub fn day_end(date: NaiveDate) -> DateTime<Utc> {
    let start = day_start(date);
    start
        .checked_add_signed(TimeDelta::seconds(24 * 3600 - 1))
        .unwrap_or(start)
}

/// The instant without its fraction of a second.
#[must_use]
pub fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_end_where_the_month_ends() {
        for (from, months, to) in [
            ("2025-08-31", 6, "2026-02-28"),
            ("2023-08-31", 6, "2024-02-29"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2026-03-15", 6, "2026-09-15"),
            ("2026-10-31", 4, "2027-02-28"),
        ] {
            assert_eq!(
                add_months(date(from), months),
                date(to),
                "{from} + {months} months"
            );
        }
        assert_eq!(add_years(date("2024-02-29"), 3), date("2027-02-28"));
        assert_eq!(add_years(date("2024-02-29"), 4), date("2028-02-29"));
        assert_eq!(add_years(NaiveDate::MAX, u32::MAX), NaiveDate::MAX);
    }

    #[test]
    fn days_are_days_in_china() {
        assert_eq!(
            day_end(date("2027-10-31")).to_rfc3339(),
            "2027-10-31T15:59:59+00:00"
        );
        assert_eq!(in_china(day_end(date("2027-10-31"))), date("2027-10-31"));
        assert_eq!(
            in_china("2026-01-01T15:59:59Z".parse().unwrap()),
            date("2026-01-01")
        );
        assert_eq!(
            in_china("2026-01-01T16:00:00Z".parse().unwrap()),
            date("2026-01-02")
        );
        assert_eq!(in_china(day_start(date("2026-05-01"))), date("2026-05-01"));
        assert_eq!(
            whole_seconds("2026-01-01T00:00:00.9Z".parse().unwrap()),
            "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap()
        );
    }
}

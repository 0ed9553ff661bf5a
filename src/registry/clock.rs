//! Where time comes from: passed in, never read in passing.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

/// A source of time in UTC, whole seconds.
pub trait Clock: Send + Sync {
    /// Now, UTC, whole seconds.
    fn now(&self) -> DateTime<Utc>;

    /// Today in Asia/Shanghai, the day on which every statutory clock runs.
    fn today(&self) -> NaiveDate {
        date_in_shanghai(self.now())
    }
}

/// The date in Asia/Shanghai (UTC+8 without summer time since 1991) at a moment.
#[must_use]
pub fn date_in_shanghai(at: DateTime<Utc>) -> NaiveDate {
    const EIGHT_HOURS: i32 = 8 * 3600;
    FixedOffset::east_opt(EIGHT_HOURS)
        .map_or_else(|| at.date_naive(), |zone| at.with_timezone(&zone).date_naive())
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
        DateTime::from_timestamp(i64::try_from(seconds).unwrap_or(i64::MAX), 0)
            .unwrap_or(DateTime::UNIX_EPOCH)
    }
}

/// A clock that the demonstration moves through a year; it goes forward only.
#[derive(Debug)]
pub struct StoryClock(Mutex<DateTime<Utc>>);

impl StoryClock {
    /// A clock standing at `start`.
    #[must_use]
    pub fn starting(start: DateTime<Utc>) -> Self {
        Self(Mutex::new(start))
    }

    /// Moves to `to`, or stays where it is if it is past that already.
    pub fn advance(&self, to: DateTime<Utc>) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = (*now).max(to);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_sixteen_hours_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(
            date_in_shanghai(at("2026-11-22T15:59:59Z")).to_string(),
            "2026-11-22"
        );
        assert_eq!(
            date_in_shanghai(at("2026-11-22T16:00:00Z")).to_string(),
            "2026-11-23"
        );
    }

    #[test]
    fn a_story_never_goes_back() {
        let clock = StoryClock::starting("2026-03-01T00:00:00Z".parse().unwrap());
        clock.advance("2026-04-01T00:00:00Z".parse().unwrap());
        clock.advance("2026-03-15T00:00:00Z".parse().unwrap());
        assert_eq!(
            clock.now(),
            "2026-04-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap()
        );
    }
}

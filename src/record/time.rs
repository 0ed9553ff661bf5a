//! Times as records spell them: `xsd:dateTimeStamp` in UTC with `Z` and whole seconds
//! (`2026-10-09T00:00:00Z`), and `xsd:date` (`2026-09-28`, a calendar date without a zone).
//!
//! Refuses offsets, fractions, leap seconds and years outside 0000–9999: one instant has one text.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Why a text or an instant is not such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not `YYYY-MM-DDTHH:MM:SSZ`.
    #[error("a time must be written YYYY-MM-DDTHH:MM:SSZ, in UTC and whole seconds")]
    Timestamp,
    /// Not `YYYY-MM-DD`.
    #[error("a date must be written YYYY-MM-DD")]
    Date,
    /// A year that four digits cannot hold.
    #[error("the year must lie between 0000 and 9999")]
    Year,
    /// An instant between two seconds.
    #[error("times are whole seconds")]
    Fraction,
}

/// `YYYY-MM-DDTHH:MM:SSZ`, 20 ASCII characters.
///
/// # Errors
/// [`TimeError::Year`] outside 0000–9999, [`TimeError::Fraction`] for anything but whole seconds.
pub fn timestamp(at: DateTime<Utc>) -> Result<[u8; 20], TimeError> {
    if at.nanosecond() != 0 {
        return Err(TimeError::Fraction);
    }
    let mut out = *b"0000-00-00T00:00:00Z";
    let [
        y1,
        y2,
        y3,
        y4,
        _,
        m1,
        m2,
        _,
        d1,
        d2,
        _,
        h1,
        h2,
        _,
        n1,
        n2,
        _,
        s1,
        s2,
        _,
    ] = &mut out;
    put_date(at.date_naive(), [y1, y2, y3, y4, m1, m2, d1, d2])?;
    [*h1, *h2] = two(at.hour());
    [*n1, *n2] = two(at.minute());
    [*s1, *s2] = two(at.second());
    Ok(out)
}

/// `YYYY-MM-DD`, 10 ASCII characters.
///
/// # Errors
/// [`TimeError::Year`] outside 0000–9999.
pub fn date(day: NaiveDate) -> Result<[u8; 10], TimeError> {
    let mut out = *b"0000-00-00";
    let [y1, y2, y3, y4, _, m1, m2, _, d1, d2] = &mut out;
    put_date(day, [y1, y2, y3, y4, m1, m2, d1, d2])?;
    Ok(out)
}

/// [`timestamp`] as a `String`.
///
/// # Errors
/// Those of [`timestamp`].
pub fn timestamp_string(at: DateTime<Utc>) -> Result<String, TimeError> {
    Ok(timestamp(at)?.iter().map(|byte| char::from(*byte)).collect())
}

/// Parses [`timestamp`], nothing else.
///
/// # Errors
/// [`TimeError::Timestamp`].
pub fn parse_timestamp(text: &str) -> Result<DateTime<Utc>, TimeError> {
    let (day, clock) = text.split_once('T').ok_or(TimeError::Timestamp)?;
    let day = parse_date(day).map_err(|_| TimeError::Timestamp)?;
    let &[h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = clock.as_bytes() else {
        return Err(TimeError::Timestamp);
    };
    let part = |digits: &[u8]| number(digits).ok_or(TimeError::Timestamp);
    let clock = NaiveTime::from_hms_opt(part(&[h1, h2])?, part(&[n1, n2])?, part(&[s1, s2])?);
    Ok(NaiveDateTime::new(day, clock.ok_or(TimeError::Timestamp)?).and_utc())
}

/// Parses [`date()`], nothing else.
///
/// # Errors
/// [`TimeError::Date`], also for a day that the calendar does not have.
pub fn parse_date(text: &str) -> Result<NaiveDate, TimeError> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return Err(TimeError::Date);
    };
    let part = |digits: &[u8]| number(digits).ok_or(TimeError::Date);
    let year = i32::try_from(part(&[y1, y2, y3, y4])?).map_err(|_| TimeError::Date)?;
    NaiveDate::from_ymd_opt(year, part(&[m1, m2])?, part(&[d1, d2])?).ok_or(TimeError::Date)
}

fn put_date(day: NaiveDate, [y1, y2, y3, y4, m1, m2, d1, d2]: [&mut u8; 8]) -> Result<(), TimeError> {
    let year = u32::try_from(day.year())
        .ok()
        .filter(|year| *year <= 9999)
        .ok_or(TimeError::Year)?;
    [*y1, *y2] = two(year / 100);
    [*y3, *y4] = two(year % 100);
    [*m1, *m2] = two(day.month());
    [*d1, *d2] = two(day.day());
    Ok(())
}

/// Two decimal digits of a number below 100.
fn two(value: u32) -> [u8; 2] {
    let digit = |value: u32| b'0' + u8::try_from(value % 10).unwrap_or(0);
    [digit(value / 10), digit(value)]
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn one_instant_has_one_text() {
        let at = Utc.with_ymd_and_hms(2026, 10, 9, 1, 2, 3).unwrap();
        assert_eq!(timestamp(at).unwrap(), *b"2026-10-09T01:02:03Z");
        assert_eq!(parse_timestamp("2026-10-09T01:02:03Z"), Ok(at));
        assert_eq!(date(at.date_naive()).unwrap(), *b"2026-10-09");
        assert_eq!(parse_date("2026-10-09"), Ok(at.date_naive()));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "2026-10-09T01:02:03+00:00",
            "2026-10-09T01:02:03.0Z",
            "2026-10-09t01:02:03Z",
            "2026-10-09T01:02:03z",
            "2026-10-09T24:00:00Z",
            "2026-06-30T23:59:60Z",
            "2026-02-29T00:00:00Z",
            "+026-10-09T01:02:03Z",
            "2026-10-09",
            "",
        ] {
            assert_eq!(parse_timestamp(text), Err(TimeError::Timestamp), "{text}");
        }
        assert_eq!(parse_date("2026-1-09"), Err(TimeError::Date));
        assert_eq!(parse_date("2026-13-09"), Err(TimeError::Date));
    }

    #[test]
    fn what_the_text_cannot_say_is_refused() {
        let at = Utc.timestamp_opt(0, 5).unwrap();
        assert_eq!(timestamp(at), Err(TimeError::Fraction));
        assert_eq!(
            date(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap()),
            Err(TimeError::Year)
        );
        assert_eq!(
            date(NaiveDate::from_ymd_opt(-1, 1, 1).unwrap()),
            Err(TimeError::Year)
        );
    }
}

//! Citizen identity numbers (公民身份号码): 17 digits and a check character, GB 11643-1999.
//!
//! A number is personal data: it never prints itself, neither for people nor for programmers; what may be
//! shown is [`IdNumber::masked`]. Nothing here says whether a number was ever given out.

use std::fmt;

use chrono::NaiveDate;

/// Weights of the first 17 digits (ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character by the weighted sum's remainder.
const CHECKS: [u8; 11] = *b"10X98765432";
/// First two digits: the provinces, then residence permits of Hong Kong, Macao and Taiwan residents (81, 82,
/// 83), and 9 for foreigners' permanent residence cards.
const PLACES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
];

/// A well-formed number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdNumber([u8; 18]);

/// Sex as the number and the roster tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 女.
    Female,
    /// 男.
    Male,
}

impl Sex {
    /// For Chinese readers.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Female => "女",
            Self::Male => "男",
        }
    }
}

/// What is wrong with a number. Never holds the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdNumberError {
    /// A spreadsheet kept it as a number, so everything past the fifteenth digit is lost.
    #[error("a spreadsheet kept the number as a figure and lost its last digits")]
    LostDigits,
    /// A number of the first generation; none is valid since 2013-01-01.
    #[error("the number has 15 digits; such numbers have not been valid since 1 January 2013")]
    FirstGeneration,
    /// Another length than 18.
    #[error("the number has {0} characters, not 18")]
    Length(usize),
    /// Something else than 17 digits and a digit or X.
    #[error("the number is not 17 digits and a digit or X")]
    Character,
    /// The first two digits are no place.
    #[error("the first two digits name no province")]
    Place,
    /// Digits 7 to 14 are no day.
    #[error("digits 7 to 14 are no date of birth")]
    BirthDate,
    /// The last character does not fit the others.
    #[error("the last character does not fit the other seventeen: a digit is mistyped")]
    Check,
}

impl IdNumber {
    /// Reads a number; spaces are dropped, x is X.
    ///
    /// # Errors
    /// [`IdNumberError`]; that a spreadsheet lost digits is said before anything that follows from it.
    pub fn parse(text: &str) -> Result<Self, IdNumberError> {
        let plain: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .map(|byte| byte.to_ascii_uppercase())
            .collect();
        if looks_like_a_figure(&plain) {
            return Err(IdNumberError::LostDigits);
        }
        if plain.len() == 15 && plain.iter().all(u8::is_ascii_digit) {
            return Err(IdNumberError::FirstGeneration);
        }
        let bytes: [u8; 18] = plain
            .as_slice()
            .try_into()
            .map_err(|_| IdNumberError::Length(text.trim().chars().count()))?;
        let number = Self(bytes);
        let (check, digits) = number.split();
        if !digits.iter().all(u8::is_ascii_digit) || !(check.is_ascii_digit() || check == b'X') {
            return Err(IdNumberError::Character);
        }
        let fits = expected_check(digits) == Some(check);
        // Excel keeps fifteen digits and writes zeros for the rest.
        if !fits && bytes.ends_with(b"000") {
            return Err(IdNumberError::LostDigits);
        }
        if !is_place(&bytes) {
            return Err(IdNumberError::Place);
        }
        if number.birth_date_or_none().is_none() {
            return Err(IdNumberError::BirthDate);
        }
        if fits {
            Ok(number)
        } else {
            Err(IdNumberError::Check)
        }
    }

    /// The date of birth that it holds.
    #[must_use]
    pub fn born_on(&self) -> NaiveDate {
        self.birth_date_or_none().unwrap_or(NaiveDate::MIN)
    }

    /// The sex that it holds: the seventeenth digit is odd for men.
    #[must_use]
    pub fn sex(&self) -> Sex {
        let (_, digits) = self.split();
        match digits.last() {
            Some(digit) if digit % 2 == 1 => Sex::Male,
            _ => Sex::Female,
        }
    }

    /// What a screen may show: the first six and the last two characters, `500105**********15`.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = |place: usize| !(6..16).contains(&place);
        let masked = |(place, byte): (usize, &u8)| if shown(place) { char::from(*byte) } else { '*' };
        self.0.iter().enumerate().map(masked).collect()
    }

    /// The eighteen characters, for encryption and for a keyed index. Never for a page, a log line or an error.
    #[must_use]
    pub const fn secret(&self) -> &[u8; 18] {
        &self.0
    }

    fn split(&self) -> (u8, &[u8]) {
        self.0
            .split_last()
            .map_or((0, [].as_slice()), |(check, digits)| (*check, digits))
    }

    fn birth_date_or_none(&self) -> Option<NaiveDate> {
        let digits = self.0.get(6..14)?;
        let number = digits.iter().try_fold(0_u32, |sum, byte| {
            Some(sum * 10 + char::from(*byte).to_digit(10)?)
        })?;
        let year = i32::try_from(number / 10_000).ok().filter(|year| *year >= 1880)?;
        NaiveDate::from_ymd_opt(year, number / 100 % 100, number % 100)
    }
}

/// `4.20101E+17` and `420101199001010000.0`: what a figure looks like once a program wrote it as text.
fn looks_like_a_figure(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().any(|byte| matches!(byte, b'.' | b'E'))
        && text
            .iter()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'E' | b'+'))
}

fn is_place(bytes: &[u8; 18]) -> bool {
    let place = bytes.get(..2).and_then(|two| std::str::from_utf8(two).ok());
    place.is_some_and(|place| PLACES.contains(&place) || place.starts_with('9'))
}

/// The check character of seventeen digits; `None` where one is no digit.
fn expected_check(digits: &[u8]) -> Option<u8> {
    let sum = digits
        .iter()
        .zip(WEIGHTS)
        .try_fold(0_u32, |sum, (digit, weight)| {
            Some(sum + char::from(*digit).to_digit(10)? * weight)
        })?;
    CHECKS.get(usize::try_from(sum % 11).ok()?).copied()
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdNumber(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number made for tests: no such order code was checked against anybody.
    fn number(first: &str) -> String {
        let check = expected_check(first.as_bytes()).unwrap();
        format!("{first}{}", char::from(check))
    }

    #[test]
    fn the_standards_own_example() {
        // GB 11643-1999, the worked example of its check character.
        let id = IdNumber::parse("11010519491231002X").unwrap();
        assert_eq!(id.born_on().to_string(), "1949-12-31");
        assert_eq!(id.sex(), Sex::Female);
        assert_eq!(id.masked(), "110105**********2X");
        assert_eq!(IdNumber::parse(" 110105 19491231 002x").unwrap(), id);
    }

    #[test]
    fn nothing_prints_it() {
        let id = IdNumber::parse("11010519491231002X").unwrap();
        assert_eq!(format!("{id:?}"), "IdNumber(…)");
        assert!(!id.masked().contains("19491231"));
    }

    #[test]
    fn what_a_spreadsheet_lost_is_called_that() {
        for text in [
            "4.20101E+17",
            "5.00105199001011E17",
            "500105199001011000",
            "500105199001011000.0",
        ] {
            assert_eq!(IdNumber::parse(text), Err(IdNumberError::LostDigits), "{text}");
        }
        // Three zeros at the end and a check character that fits: nothing was lost.
        let mut kept = 0;
        for order in 0..1000 {
            let whole = number(&format!("50010519900101{order:03}"));
            kept += usize::from(whole.ends_with("000"));
            assert!(IdNumber::parse(&whole).is_ok(), "{order}");
        }
        assert!(kept > 0);
    }

    #[test]
    fn each_fault_has_its_own_name() {
        for (text, error) in [
            ("110105491231002", IdNumberError::FirstGeneration),
            ("1101051949123100", IdNumberError::Length(16)),
            ("", IdNumberError::Length(0)),
            ("1101051949123O002X", IdNumberError::Character),
            ("990105194912310021", IdNumberError::Check),
            ("000105194912310021", IdNumberError::Place),
            ("110105194913310021", IdNumberError::BirthDate),
            ("110105194912310021", IdNumberError::Check),
            ("X10105194912310021", IdNumberError::Character),
        ] {
            assert_eq!(IdNumber::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn one_mistyped_digit_is_always_found() {
        let right = number("50010519900307721");
        for place in 0..17 {
            for digit in b'0'..=b'9' {
                let mut wrong = right.clone().into_bytes();
                if wrong[place] == digit {
                    continue;
                }
                wrong[place] = digit;
                assert!(
                    IdNumber::parse(std::str::from_utf8(&wrong).unwrap()).is_err(),
                    "{place}"
                );
            }
        }
    }
}

//! Money in fen (分, a hundredth of a yuan). No floating point anywhere.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An amount in fen. Written in records and rule sets as yuan with two decimals: `"42293.00"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fen(i64);

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not digits with at most two decimals.
    #[error("{0:?} is not an amount in yuan such as 12, 12.3 or 12.34")]
    Form(String),
    /// More than the type can hold.
    #[error("{0} yuan is too large an amount")]
    TooLarge(String),
}

impl Fen {
    /// Nothing owed.
    pub const ZERO: Self = Self(0);

    /// An amount given in fen.
    #[must_use]
    pub const fn new(fen: i64) -> Self {
        Self(fen)
    }

    /// An amount given in whole yuan, or `None` where it does not fit.
    #[must_use]
    pub fn from_yuan(yuan: i64) -> Option<Self> {
        yuan.checked_mul(100).map(Self)
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Reads yuan: an optional minus, digits, and at most two decimals. No signs of currency, no
    /// thousands separators, no 万: those are the importer's to resolve, with the row shown.
    ///
    /// # Errors
    /// [`MoneyError::Form`] or [`MoneyError::TooLarge`].
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let form = || MoneyError::Form(text.to_owned());
        let large = || MoneyError::TooLarge(text.to_owned());
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (yuan, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let only_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !only_digits(yuan) || !only_digits(decimals) || decimals.len() > 2 {
            return Err(form());
        }
        let yuan: i64 = yuan.parse().map_err(|_| large())?;
        let cents: i64 = format!("{decimals:0<2}").parse().map_err(|_| form())?;
        let fen = yuan
            .checked_mul(100)
            .and_then(|fen| fen.checked_add(cents))
            .ok_or_else(large)?;
        Ok(Self(if negative { -fen } else { fen }))
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl FromStr for Fen {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Fen {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Self, MoneyError> {
        Self::parse(&text)
    }
}

impl From<Fen> for String {
    fn from(amount: Fen) -> Self {
        amount.to_string()
    }
}

impl Sum for Fen {
    /// Saturates rather than wrapping; no real sum comes near 92 × 10^15 yuan.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn yuan_in_and_out() {
        for (text, fen) in [
            ("0", 0),
            ("12", 1200),
            ("12.3", 1230),
            ("12.34", 1234),
            ("-0.05", -5),
        ] {
            assert_eq!(Fen::parse(text).unwrap().fen(), fen, "{text}");
        }
        assert_eq!(Fen::new(-5).to_string(), "-0.05");
        assert_eq!(Fen::from_yuan(42_293).unwrap().to_string(), "42293.00");
        assert_eq!(serde_json::to_string(&Fen::new(1234)).unwrap(), r#""12.34""#);
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in [
            "", "-", ".5", "5.", "1.234", "1,000", "1 000", "+1", "1e3", "12万", "１２", "--1",
        ] {
            assert!(matches!(Fen::parse(text), Err(MoneyError::Form(_))), "{text}");
        }
        assert!(matches!(
            Fen::parse("99999999999999999999"),
            Err(MoneyError::TooLarge(_))
        ));
        assert!(matches!(
            Fen::parse("92233720368547758.08"),
            Err(MoneyError::TooLarge(_))
        ));
    }

    proptest! {
        #[test]
        fn display_parses_back(fen in (i64::MIN + 1)..i64::MAX) {
            prop_assert_eq!(Fen::parse(&Fen::new(fen).to_string()), Ok(Fen::new(fen)));
        }
    }
}

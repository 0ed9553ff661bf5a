//! Registration numbers of the time before unified codes, and the key that identifies an employer.
//!
//! MOHRSS Order 29 still allows a record to name an employer by its registration number alone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::code::{CodeError, UnifiedCode};
use super::division::{DivisionCode, DivisionError};

/// A business registration number of the old style: 15 digits, or 13 and 14 in older papers. Its own
/// check digit is not examined: many old numbers have none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistrationNumber(String);

/// The text is not a registration number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a registration number of 13 to 15 digits")]
pub struct RegistrationError(pub String);

impl RegistrationNumber {
    /// Reads 13 to 15 digits.
    ///
    /// # Errors
    /// [`RegistrationError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, RegistrationError> {
        if (13..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RegistrationError(text.to_owned()))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegistrationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RegistrationNumber {
    type Err = RegistrationError;
    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for RegistrationNumber {
    type Error = RegistrationError;
    fn try_from(text: String) -> Result<Self, RegistrationError> {
        Self::parse(&text)
    }
}

impl From<RegistrationNumber> for String {
    fn from(number: RegistrationNumber) -> Self {
        number.0
    }
}

/// What identifies an employer: its unified code, or, where it has none, its registration number
/// together with the division that registered it.
///
/// As text `uscc:CODE` or `reg:DIVISION:NUMBER`; a snapshot's tree hashes exactly this text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EmployerKey {
    /// By unified code.
    Code(UnifiedCode),
    /// By old registration number.
    Registration {
        /// The registering division.
        division: DivisionCode,
        /// The number.
        number: RegistrationNumber,
    },
}

/// Why a text is not an employer's key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Neither `uscc:` nor `reg:`.
    #[error("{0:?} is not an employer key: uscc:CODE or reg:DIVISION:NUMBER")]
    Form(String),
    /// The unified code is wrong.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The division is wrong.
    #[error(transparent)]
    Division(#[from] DivisionError),
    /// The registration number is wrong.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
}

impl EmployerKey {
    /// The unified code, where there is one.
    #[must_use]
    pub const fn code(&self) -> Option<UnifiedCode> {
        match self {
            Self::Code(code) => Some(*code),
            Self::Registration { .. } => None,
        }
    }
}

impl From<UnifiedCode> for EmployerKey {
    fn from(code: UnifiedCode) -> Self {
        Self::Code(code)
    }
}

impl fmt::Display for EmployerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "uscc:{code}"),
            Self::Registration { division, number } => write!(f, "reg:{division}:{number}"),
        }
    }
}

impl FromStr for EmployerKey {
    type Err = KeyError;

    /// Reads the stored form; a unified code is not checked again (it may be held under an override).
    fn from_str(text: &str) -> Result<Self, KeyError> {
        if let Some(code) = text.strip_prefix("uscc:") {
            return Ok(Self::Code(UnifiedCode::from_stored(code)?));
        }
        let (division, number) = text
            .strip_prefix("reg:")
            .and_then(|rest| rest.split_once(':'))
            .ok_or_else(|| KeyError::Form(text.to_owned()))?;
        Ok(Self::Registration {
            division: DivisionCode::parse(division)?,
            number: RegistrationNumber::parse(number)?,
        })
    }
}

impl TryFrom<String> for EmployerKey {
    type Error = KeyError;
    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<EmployerKey> for String {
    fn from(key: EmployerKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_thirteen_to_fifteen_digits() {
        assert!(RegistrationNumber::parse("420100000012345").is_ok());
        assert!(RegistrationNumber::parse("4201000000123").is_ok());
        for text in [
            "",
            "420100000012",
            "4201000000123456",
            "42010000001234X",
            "４２０１００００００１２３",
        ] {
            assert_eq!(
                RegistrationNumber::parse(text),
                Err(RegistrationError(text.to_owned()))
            );
        }
    }

    #[test]
    fn keys_round_trip() {
        for text in ["uscc:91110000600037341L", "reg:420100:420100000012345"] {
            let key: EmployerKey = text.parse().unwrap();
            assert_eq!(key.to_string(), text);
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<EmployerKey>(&json).unwrap(), key);
        }
        for text in [
            "91110000600037341L",
            "reg:420100",
            "reg:000000:420100000012345",
            "uscc:9",
        ] {
            assert!(text.parse::<EmployerKey>().is_err(), "{text}");
        }
    }
}

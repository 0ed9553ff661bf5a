//! The nine-character organisation code (组织机构代码, GB 11714): eight characters and a check.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CodeError;

/// The number of characters of an organisation code without its hyphen.
const LENGTH: usize = 9;

/// Weights of GB 11714 for the eight body characters.
const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// An organisation code; printed without its hyphen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationCode([u8; LENGTH]);

impl OrganisationCode {
    /// Reads `011217651` or `01121765-1`.
    ///
    /// # Errors
    /// [`CodeError::Length`], [`CodeError::Character`] or [`CodeError::OrganisationCheckDigit`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = Self::shape(text)?;
        code.check()?;
        Ok(code)
    }

    /// Computes the check character for eight body characters (`0-9A-Z`) and appends it.
    ///
    /// # Errors
    /// [`CodeError::Length`] or [`CodeError::Character`].
    pub fn from_body(body: &str) -> Result<Self, CodeError> {
        let unchecked = Self::shape(&format!("{body}0"))?;
        let check = unchecked.expected();
        Self::shape(&format!("{body}{check}"))
    }

    /// The nine characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn shape(text: &str) -> Result<Self, CodeError> {
        let bare = match text.split_once('-') {
            Some((body, check)) if body.chars().count() == 8 => format!("{body}{check}"),
            _ => text.to_owned(),
        };
        let found = bare.chars().count();
        if let Some((place, bad)) = bare
            .chars()
            .enumerate()
            .find(|(_, c)| !(c.is_ascii_digit() || c.is_ascii_uppercase()))
        {
            return Err(CodeError::Character {
                position: place + 1,
                found: bad,
            });
        }
        let bytes = bare.as_bytes().try_into().map_err(|_| CodeError::Length {
            expected: LENGTH,
            found,
        })?;
        Ok(Self(bytes))
    }

    fn expected(&self) -> char {
        let sum: u32 = self
            .0
            .iter()
            .zip(WEIGHTS)
            .map(|(byte, weight)| char::from(*byte).to_digit(36).unwrap_or_default() * weight)
            .sum();
        match 11 - sum % 11 {
            10 => 'X',
            11 => '0',
            digit => char::from_digit(digit, 10).unwrap_or('0'),
        }
    }

    pub(super) fn check(&self) -> Result<(), CodeError> {
        let [.., last] = self.0;
        let (expected, found) = (self.expected(), char::from(last));
        if expected == found {
            Ok(())
        } else {
            Err(CodeError::OrganisationCheckDigit { expected, found })
        }
    }

    pub(super) const fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrganisationCode({self})")
    }
}

impl FromStr for OrganisationCode {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for OrganisationCode {
    type Error = CodeError;
    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}

impl From<OrganisationCode> for String {
    fn from(code: OrganisationCode) -> Self {
        code.as_str().to_owned()
    }
}

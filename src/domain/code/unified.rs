//! The eighteen-character unified social credit code, GB 32100-2015.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{CheckDigitOverride, CodeError, OrganisationCode};

/// The number of characters of a unified code.
const LENGTH: usize = 18;

/// The 31 symbols of GB 32100 in value order: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A unified social credit code.
///
/// Text from outside goes through [`parse`](Self::parse), which checks both check characters. The
/// serde form is the *stored* form and checks only length and characters, because a code accepted
/// under an override must be readable again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnifiedCode([u8; LENGTH]);

impl UnifiedCode {
    /// Reads a code exactly as printed: 18 upper-case characters, no spaces.
    ///
    /// # Errors
    /// A [`CodeError`]; the inner organisation code is checked before the outer check character.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = Self::from_stored(text)?;
        code.check()?;
        Ok(code)
    }

    /// Takes a code whose check character fails, because a second person confirmed it as issued.
    /// The caller keeps the override beside the employer.
    ///
    /// # Errors
    /// [`CodeError::Length`] and [`CodeError::Character`] cannot be overridden.
    pub fn accept_with_override(text: &str, _confirmed: &CheckDigitOverride) -> Result<Self, CodeError> {
        Self::from_stored(text)
    }

    /// Reads back a code that was accepted before: length and characters only.
    ///
    /// # Errors
    /// [`CodeError::Length`] or [`CodeError::Character`].
    pub fn from_stored(text: &str) -> Result<Self, CodeError> {
        for (place, found) in text.chars().enumerate() {
            let fits = match place {
                2..=7 => found.is_ascii_digit(),
                _ => value(found).is_some(),
            };
            if !fits {
                return Err(CodeError::Character {
                    position: place + 1,
                    found,
                });
            }
        }
        let bytes = text.as_bytes().try_into().map_err(|_| CodeError::Length {
            expected: LENGTH,
            found: text.chars().count(),
        })?;
        Ok(Self(bytes))
    }

    /// Builds a code from its parts and computes both check characters: `kind` is the registering
    /// authority and the type (two characters, `91` for an enterprise), `division` six digits, `body`
    /// the eight characters of the organisation code before its check.
    ///
    /// # Errors
    /// [`CodeError::Length`] or [`CodeError::Character`].
    pub fn from_parts(kind: &str, division: &str, body: &str) -> Result<Self, CodeError> {
        let organisation = OrganisationCode::from_body(body)?;
        let unchecked = Self::from_stored(&format!("{kind}{division}{organisation}0"))?;
        let check = unchecked.expected();
        Self::from_stored(&format!("{kind}{division}{organisation}{check}"))
    }

    /// Tidies what a person typed: trims, folds full-width characters, raises to upper case. The
    /// result still has to be parsed.
    #[must_use]
    pub fn tidy(text: &str) -> String {
        text.chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| crate::domain::employer::fold_full_width(c).to_ascii_uppercase())
            .collect()
    }

    /// Verifies both check characters again; fails for a code held under an override.
    ///
    /// # Errors
    /// [`CodeError::OrganisationCheckDigit`] or [`CodeError::CheckDigit`].
    pub fn check(&self) -> Result<(), CodeError> {
        self.organisation().check()?;
        let [.., last] = self.0;
        let (expected, found) = (self.expected(), char::from(last));
        if expected == found {
            Ok(())
        } else {
            Err(CodeError::CheckDigit { expected, found })
        }
    }

    /// The eighteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The division of the **registering** authority, six digits, perhaps long retired.
    #[must_use]
    pub fn division_str(&self) -> &str {
        self.as_str().get(2..8).unwrap_or_default()
    }

    /// Registering authority and type: `91` enterprise, `92` individual business, …
    #[must_use]
    pub fn kind_str(&self) -> &str {
        self.as_str().get(0..2).unwrap_or_default()
    }

    /// Whether the code is an individual business's (92): it can carry a person's identity and is then
    /// personal data.
    #[must_use]
    pub fn may_identify_a_person(&self) -> bool {
        self.kind_str() == "92"
    }

    /// The organisation code inside.
    #[must_use]
    pub const fn organisation(&self) -> OrganisationCode {
        let [_, _, _, _, _, _, _, _, a, b, c, d, e, f, g, h, check, _] = self.0;
        OrganisationCode::from_bytes([a, b, c, d, e, f, g, h, check])
    }

    /// Weights are 3^(i-1) mod 31; the check value is 31 minus the weighted sum, mod 31.
    fn expected(&self) -> char {
        let mut weight = 1;
        let mut sum = 0;
        for byte in self.0.iter().take(LENGTH - 1) {
            sum += value(char::from(*byte)).unwrap_or_default() * weight;
            weight = weight * 3 % ALPHABET.len();
        }
        let symbol = (ALPHABET.len() - sum % ALPHABET.len()) % ALPHABET.len();
        ALPHABET.get(symbol).map_or('0', |byte| char::from(*byte))
    }
}

fn value(symbol: char) -> Option<usize> {
    ALPHABET.iter().position(|byte| char::from(*byte) == symbol)
}

impl fmt::Display for UnifiedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for UnifiedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnifiedCode({self})")
    }
}

impl FromStr for UnifiedCode {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for UnifiedCode {
    type Error = CodeError;
    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::from_stored(&text)
    }
}

impl From<UnifiedCode> for String {
    fn from(code: UnifiedCode) -> Self {
        code.as_str().to_owned()
    }
}

//! The unified social credit code (统一社会信用代码, GB 32100-2015) and the organisation code inside it
//! (GB 11714).
//!
//! Eighteen characters: registering authority, type, six digits of the registering authority's
//! division, the nine-character organisation code, a check character. Real registers hold a few issued
//! codes whose check character is wrong, so such a code can be taken in, but only with an override
//! that a second person approved. Historic division codes are never “corrected”.

mod organisation;
mod unified;

pub use organisation::OrganisationCode;
pub use unified::UnifiedCode;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::authority::PersonId;

/// Why a text is not a unified code or an organisation code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodeError {
    /// The number of characters is wrong.
    #[error("the code has {found} characters, not {expected}")]
    Length {
        /// 18 for a unified code, 9 for an organisation code.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A character that may not stand there.
    #[error("character {position} of the code is {found:?}, which cannot stand there")]
    Character {
        /// Counted from 1.
        position: usize,
        /// The character.
        found: char,
    },
    /// The check character of the organisation code (position 17 of a unified code) is wrong.
    #[error("the organisation code's check character should be {expected}, but is {found}")]
    OrganisationCheckDigit {
        /// Computed.
        expected: char,
        /// Given.
        found: char,
    },
    /// The check character of the unified code (position 18) is wrong.
    #[error("the unified code's check character should be {expected}, but is {found}")]
    CheckDigit {
        /// Computed.
        expected: char,
        /// Given.
        found: char,
    },
}

impl CodeError {
    /// Whether a recorded override may set this error aside: only a check character's.
    #[must_use]
    pub const fn can_be_overridden(&self) -> bool {
        matches!(
            self,
            Self::OrganisationCheckDigit { .. } | Self::CheckDigit { .. }
        )
    }
}

/// Why an override was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OverrideError {
    /// The one who entered the code cannot approve it.
    #[error("{0} entered the code and cannot also approve it; a second person must")]
    SamePerson(PersonId),
    /// A reason is needed.
    #[error("an override needs a reason")]
    NoReason,
}

/// The recorded acceptance of an issued code whose check character fails: why, by whom, approved by
/// which second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawOverride")]
pub struct CheckDigitOverride {
    reason: String,
    entered_by: PersonId,
    approved_by: PersonId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOverride {
    reason: String,
    entered_by: PersonId,
    approved_by: PersonId,
}

impl TryFrom<RawOverride> for CheckDigitOverride {
    type Error = OverrideError;
    fn try_from(raw: RawOverride) -> Result<Self, OverrideError> {
        Self::new(raw.reason, raw.entered_by, raw.approved_by)
    }
}

impl CheckDigitOverride {
    /// Records an override.
    ///
    /// # Errors
    /// [`OverrideError::NoReason`] for a blank reason, [`OverrideError::SamePerson`] when one person
    /// stands on both sides.
    pub fn new(
        reason: impl Into<String>,
        entered_by: PersonId,
        approved_by: PersonId,
    ) -> Result<Self, OverrideError> {
        let reason = reason.into();
        if reason.trim().is_empty() {
            return Err(OverrideError::NoReason);
        }
        if entered_by == approved_by {
            return Err(OverrideError::SamePerson(entered_by));
        }
        Ok(Self {
            reason,
            entered_by,
            approved_by,
        })
    }

    /// Why the code is taken as issued.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who typed the code.
    #[must_use]
    pub const fn entered_by(&self) -> &PersonId {
        &self.entered_by
    }

    /// Who confirmed it.
    #[must_use]
    pub const fn approved_by(&self) -> &PersonId {
        &self.approved_by
    }
}

#[cfg(test)]
mod tests;

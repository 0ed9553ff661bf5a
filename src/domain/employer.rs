//! Employers (用人单位): name, kind, place, industry, size.
//!
//! Only facts about the legal entity. Rosters and natural persons never come near this type.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::division::DivisionCode;
pub use super::industry::{Industry, UnknownIndustry};
pub use super::registration::EmployerKey;

/// The longest name, in characters. Registered names stay far below.
const LONGEST_NAME: usize = 200;

/// A registered name in one spelling: Unicode NFC, full-width ASCII folded to half width (brackets
/// included), trimmed, inner spaces single, no control, invisible or direction-changing character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmployerName(String);

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing is left after trimming.
    #[error("the name is empty")]
    Empty,
    /// Longer than 200 characters.
    #[error("the name has {0} characters, more than {LONGEST_NAME}")]
    TooLong(usize),
    /// A control, invisible or direction-changing character, which could make one name look like another.
    #[error("the name holds the character U+{:04X}, which cannot stand in a name", u32::from(*.0))]
    Character(char),
}

impl EmployerName {
    /// Brings a name into its one spelling.
    ///
    /// # Errors
    /// A [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if let Some(bad) = text.trim().chars().find(|c| is_forbidden(*c)) {
            return Err(NameError::Character(bad));
        }
        let folded: String = text.chars().map(fold_full_width).nfc().collect();
        let name = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        match name.chars().count() {
            0 => Err(NameError::Empty),
            long if long > LONGEST_NAME => Err(NameError::TooLong(long)),
            _ => Ok(Self(name)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A full-width ASCII character (U+FF01 to U+FF5E) or the ideographic space as its half-width twin;
/// every other character unchanged.
#[must_use]
pub fn fold_full_width(c: char) -> char {
    match u32::from(c) {
        0x3000 => ' ',
        // The full-width block repeats ASCII 0x21–0x7E at a distance of 0xFEE0.
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Control characters, zero-width and direction marks, line separators, private use, tags.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xE000..=0xF8FF
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFF | 0xE0000..=0xE007F | 0xF0000..=0x0010_FFFF)
}

impl fmt::Display for EmployerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EmployerName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EmployerName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(&text)
    }
}

impl From<EmployerName> for String {
    fn from(name: EmployerName) -> Self {
        name.0
    }
}

/// What kind of employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmployerKind {
    /// 企业.
    Enterprise,
    /// 分支机构: has its own licence, files and is listed apart from its parent.
    Branch,
    /// 个体工商户.
    IndividualBusiness,
}

impl EmployerKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Enterprise, Self::Branch, Self::IndividualBusiness];

    /// The name used in storage and interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Branch => "branch",
            Self::IndividualBusiness => "individual_business",
        }
    }

    /// The name shown to Chinese readers.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Enterprise => "企业",
            Self::Branch => "分支机构",
            Self::IndividualBusiness => "个体工商户",
        }
    }
}

impl fmt::Display for EmployerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is the name of no kind of employer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a kind of employer: enterprise, branch or individual_business")]
pub struct UnknownKind(pub String);

impl FromStr for EmployerKind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// An employer as the registry knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Employer {
    /// Its identity.
    pub key: EmployerKey,
    /// Its registered name.
    pub name: EmployerName,
    /// Its kind.
    pub kind: EmployerKind,
    /// Where it uses labour: decides who has jurisdiction (监察条例 Art 13).
    pub division: DivisionCode,
    /// Its section of GB/T 4754.
    pub industry: Industry,
    /// Staff at 31 December of the review year, where known.
    pub headcount: Option<u32>,
    /// The day of its registration, where known.
    pub registered_on: Option<NaiveDate>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_spelling_for_one_name() {
        for (given, kept) in [
            ("　诚信（重庆）有限公司 ", "诚信(重庆)有限公司"),
            ("ＡＢＣ  商贸", "ABC 商贸"),
            ("Cafe\u{301}", "Café"),
        ] {
            assert_eq!(EmployerName::parse(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn deceptive_names_are_refused() {
        for bad in [
            '\u{202E}',
            '\u{200B}',
            '\u{0007}',
            '\u{FEFF}',
            '\u{2066}',
            '\u{E0041}',
            '\u{E000}',
        ] {
            assert_eq!(
                EmployerName::parse(&format!("诚信{bad}公司")),
                Err(NameError::Character(bad))
            );
        }
        assert_eq!(EmployerName::parse(" 　"), Err(NameError::Empty));
        assert_eq!(
            EmployerName::parse(&"长".repeat(201)),
            Err(NameError::TooLong(201))
        );
    }

    proptest! {
        #[test]
        fn the_kept_spelling_is_stable(text in "\\PC{1,40}") {
            if let Ok(name) = EmployerName::parse(&text) {
                prop_assert_eq!(EmployerName::parse(name.as_str()), Ok(name));
            }
        }
    }
}

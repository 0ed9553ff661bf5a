//! What a reader typed into the search box: tidied, and told apart into name, code or number.

use crate::domain::code::{CodeError, UnifiedCode};
use crate::domain::employer::fold_full_width;
use crate::domain::registration::RegistrationNumber;
use crate::web::pages::home::Refused;

/// Longest query taken; longer ones are cut.
const MOST: usize = 100;

/// A query, told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing was typed.
    Nothing,
    /// A whole unified code, whatever its check characters say: one accepted by override is found too.
    Code(String, Option<Refused>),
    /// An old registration number.
    Number(String),
    /// Part of a name.
    Name,
    /// Nothing to look for, and why.
    Refused(Refused),
}

/// Spaces out, full-width forms to half-width.
#[must_use]
pub fn tidied(typed: &str) -> String {
    typed
        .chars()
        .map(fold_full_width)
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take(MOST)
        .collect()
}

/// Tells a tidied query apart.
#[must_use]
pub fn wanted(query: &str) -> Wanted {
    let length = query.chars().count();
    let alphanumeric = query.chars().all(|c| c.is_ascii_alphanumeric());
    let digits = query.chars().filter(char::is_ascii_digit).count();
    if length == 0 {
        Wanted::Nothing
    } else if alphanumeric && length == 18 && digits >= 8 {
        let code = query.to_ascii_uppercase();
        let refused = UnifiedCode::parse(&code).err().and_then(refused);
        Wanted::Code(code, refused)
    } else if digits == length && RegistrationNumber::parse(query).is_ok() {
        Wanted::Number(query.to_owned())
    } else if length < 2 {
        Wanted::Refused(Refused::TooShort)
    } else {
        Wanted::Name
    }
}

fn refused(error: CodeError) -> Option<Refused> {
    match error {
        CodeError::Length { .. } => None,
        CodeError::Character { found, .. } => Some(Refused::Character(found)),
        CodeError::OrganisationCheckDigit { expected, found } => {
            Some(Refused::OrganisationCheckDigit { expected, found })
        }
        CodeError::CheckDigit { expected, found } => Some(Refused::CheckDigit { expected, found }),
    }
}

/// A place in a list of hits, as the address carries it: opaque to readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Our own number of the last hit shown.
    pub after: i64,
    /// How many hits were shown before.
    pub shown: u64,
}

impl Cursor {
    /// The start, and for anything that is no cursor of ours.
    pub const START: Self = Self { after: 0, shown: 0 };

    /// Reads a cursor.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let parts = text.split_once('.').and_then(|(after, shown)| {
            let after = i64::from_str_radix(after, 36).ok()?;
            let shown = u64::from_str_radix(shown, 36).ok()?;
            Some(Self { after: after ^ MASK, shown }).filter(|cursor| cursor.after >= 0)
        });
        parts.unwrap_or(Self::START)
    }

    /// Writes it.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}.{}", base36(self.after ^ MASK), base36(i64::try_from(self.shown).unwrap_or(0)))
    }
}

/// Keeps our own numbers from being read as positions or counts.
const MASK: i64 = 0x2d_6b53_71c9;

fn base36(number: i64) -> String {
    let mut left = u64::try_from(number).unwrap_or(0);
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(left % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        left /= 36;
        if left == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_tidied() {
        assert_eq!(tidied(" 重庆　江 湾"), "重庆江湾");
        assert_eq!(tidied("９１５００１０５ｍａ"), "91500105ma");
    }

    #[test]
    fn names_codes_and_numbers_are_told_apart() {
        assert_eq!(wanted(""), Wanted::Nothing);
        assert_eq!(wanted("江"), Wanted::Refused(Refused::TooShort));
        assert_eq!(wanted("江湾"), Wanted::Name);
        assert_eq!(wanted("500105000012345"), Wanted::Number("500105000012345".into()));
        let good = "91350100M000100Y43";
        assert_eq!(wanted(&good.to_lowercase()), Wanted::Code(good.into(), None));
        let Wanted::Code(_, Some(Refused::CheckDigit { expected, found })) = wanted("91350100M000100Y44") else {
            panic!("a wrong check digit must be said");
        };
        assert_eq!((expected, found), ('3', '4'));
        assert!(matches!(wanted("91350100O000100Y43"), Wanted::Code(_, Some(Refused::Character('O')))));
    }

    #[test]
    fn a_cursor_goes_and_comes() {
        let cursor = Cursor { after: 12_345, shown: 40 };
        assert_eq!(Cursor::parse(&cursor.text()), cursor);
        for text in ["", "x", "-1.0", "zz.", "…"] {
            assert_eq!(Cursor::parse(text).shown, 0, "{text}");
        }
    }
}

//! Identifiers of persons, authorities and pieces of evidence: opaque text that is compared exactly.
//!
//! They refuse anything that could make two spellings of one person look like two persons (spaces,
//! control characters, non-ASCII look-alikes), because separation of duties rests on comparing them.

use thiserror::Error;

/// Why a text cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("an identifier cannot be empty")]
    Empty,
    /// Longer than [`MAX_LENGTH`] characters.
    #[error("an identifier has at most {MAX_LENGTH} characters")]
    TooLong,
    /// A character outside visible ASCII.
    #[error("an identifier is made of visible ASCII characters; {0:?} is not one")]
    Character(char),
}

/// The longest identifier: a URN of a UUID (45 characters) fits with room to spare.
pub const MAX_LENGTH: usize = 64;

pub(crate) fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if let Some(bad) = text.chars().find(|c| !c.is_ascii_graphic()) {
        return Err(IdError::Character(bad));
    }
    if text.len() > MAX_LENGTH {
        Err(IdError::TooLong)
    } else {
        Ok(())
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 64 visible ASCII characters.
            ///
            /// # Errors
            /// [`IdError`](crate::domain::id::IdError) names what is wrong with the text.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::domain::id::IdError> {
                let text = text.into();
                $crate::domain::id::check(&text)?;
                Ok(Self(text))
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::id::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::domain::id::IdError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}
pub(crate) use identifier;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_and_padding_are_refused() {
        assert_eq!(check("p-1"), Ok(()));
        assert_eq!(check(""), Err(IdError::Empty));
        assert_eq!(check("p 1"), Err(IdError::Character(' ')));
        assert_eq!(check("р1"), Err(IdError::Character('р')));
        assert_eq!(check(&"x".repeat(65)), Err(IdError::TooLong));
    }
}

//! Checkpoints (C2SP tlog-checkpoint 1.0): origin, size and root of a tree as the text of a signed note.
//!
//! Extension lines are refused: this log writes none, and no monitor could audit them.

use std::fmt;

use super::hash::Hash;
use super::note::Note;
use super::tile::decimal;

/// What a log says about itself at one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Identity of the log, a URL without scheme.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
}

/// Why a text is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not exactly three lines.
    #[error("a checkpoint has three lines: origin, size, root")]
    Lines,
    /// The origin is empty or has control characters.
    #[error("the checkpoint's origin is empty or unprintable")]
    Origin,
    /// The size is not a plain decimal.
    #[error("the checkpoint's size is not a plain decimal number")]
    Size,
    /// The root is not the base64 of 32 bytes.
    #[error("the checkpoint's root is not the base64 of 32 bytes")]
    Root,
}

impl Checkpoint {
    /// Reads a note's text.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Lines);
        };
        if origin.is_empty() || origin.chars().any(char::is_control) {
            return Err(CheckpointError::Origin);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size: decimal(size).ok_or(CheckpointError::Size)?,
            root: Hash::from_base64(root).ok_or(CheckpointError::Root)?,
        })
    }

    /// Reads the text of a note whose signatures the caller judges.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn of(note: &Note) -> Result<Self, CheckpointError> {
        Self::parse(note.text())
    }
}

/// The note's text, with its last newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root.to_base64())
    }
}

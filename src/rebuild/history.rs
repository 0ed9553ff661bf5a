//! The log's entries with their bodies, in order, from wherever they are kept: a database, or a mirror.

/// One entry and, unless it was withdrawn or is not for us, its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The exact entry bytes.
    pub entry: Vec<u8>,
    /// The body's bytes.
    pub body: Option<Vec<u8>>,
}

/// Why history cannot be read, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct HistoryError(pub String);

/// A log's past.
pub trait History {
    /// The bytes of the newest version of every status list among the first `size` entries, in any order.
    ///
    /// # Errors
    /// [`HistoryError`].
    fn lists(&mut self, size: u64) -> Result<Vec<Vec<u8>>, HistoryError>;

    /// Entries `from..to`, where `from` is a multiple of 256.
    ///
    /// # Errors
    /// [`HistoryError`].
    fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Logged>, HistoryError>;
}

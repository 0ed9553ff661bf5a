//! Tables that strangers upload, XLSX or CSV: rows of cells, in the order of the file.
//!
//! A file is hostile until it is read. [`read`] runs in a process of its own ([`worker`]) whose memory and
//! time are capped, and it counts what a file unpacks to while it unpacks: headers lie. It refuses macros,
//! document types, links to other files, a cell far off, more rows, columns or text than a table of people
//! needs; formulas are read as the value that was saved with them. [`mod@write`] makes the workbooks that go back:
//! whatever they hold is text, so no cell of theirs begins a formula. It knows no database.

mod archive;
mod refusal;
mod text;
mod wire;
mod workbook;
pub mod worker;
pub mod write;

pub use refusal::Refusal;
pub use worker::Worker;

use crate::domain::roster::Cell;

/// What a file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub upload: usize,
    /// Bytes of all parts of a workbook, unpacked.
    pub unpacked: u64,
    /// Parts of a workbook.
    pub parts: usize,
    /// Unpacked bytes for one packed byte, of any part.
    pub ratio: u64,
    /// Rows, empty ones between counted.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Bytes of one cell's text.
    pub cell: usize,
    /// Seconds of one core that the reading process may use.
    pub seconds: u64,
    /// Bytes of memory that the reading process may hold.
    pub memory: u64,
}

impl Limits {
    /// What rosters of 100,000 rows need with room to spare.
    pub const STANDARD: Self = Self {
        upload: 16 << 20,
        unpacked: 160 << 20,
        parts: 64,
        ratio: 100,
        rows: 100_100,
        columns: 64,
        cell: 4096,
        seconds: 60,
        memory: 224 << 20,
    };
}

/// A row with content.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// As a spreadsheet numbers it, from 1.
    pub number: u32,
    /// Column, from 0, and content; empty cells are left out.
    pub cells: Vec<(u32, Cell)>,
}

/// Where rows go.
///
/// # Errors
/// Ends the reading.
pub type Sink<'a> = &'a mut dyn FnMut(Row) -> Result<(), Refusal>;

/// Reads a file's rows into `sink`. What kind of file it is its content says, not its name.
///
/// # Errors
/// [`Refusal`]; rows before it may have gone to `sink`.
pub fn read(bytes: &[u8], limits: &Limits, sink: Sink<'_>) -> Result<(), Refusal> {
    if bytes.len() > limits.upload {
        return Err(Refusal::TooLarge {
            megabytes: limits.upload >> 20,
        });
    }
    match bytes {
        [] => Err(Refusal::Nothing),
        [b'P', b'K', ..] => workbook::read(bytes, limits, sink),
        // Compound files: XLS, and XLSX behind a password.
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(Refusal::OldWorkbook),
        [b'%', b'P', b'D', b'F', ..] => Err(Refusal::Unknown),
        _ => text::read(bytes, limits, sink),
    }
}

#[cfg(test)]
mod tests;

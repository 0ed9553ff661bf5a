//! What the reading process writes for its parent: one JSON text a line.

use std::io::{self, BufRead, Read as _, Write};

use serde::{Deserialize, Serialize};

use super::{Refusal, Row};
use crate::domain::roster::Cell;

/// The longest line that a parent reads: a row of 64 cells of 4 KiB, escaped.
const LONGEST: u64 = 4 << 20;

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Message {
    /// A row: its number and cells.
    #[serde(rename = "r")]
    Row(u32, Vec<(u32, Wired)>),
    /// All rows were written.
    #[serde(rename = "end")]
    End {},
    /// The file was refused.
    #[serde(rename = "no")]
    Refused(Refusal),
}

/// A cell on the wire; empty ones never are.
#[derive(Serialize, Deserialize)]
pub(super) enum Wired {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "n")]
    Number(f64),
    #[serde(rename = "d")]
    Date(chrono::NaiveDate),
    #[serde(rename = "b")]
    Broken,
}

impl Message {
    pub(super) fn of(row: Row) -> Self {
        let wired = |cell: Cell| match cell {
            Cell::Text(text) => Some(Wired::Text(text)),
            // JSON has no infinity; a spreadsheet that holds one has a broken cell.
            Cell::Number(number) if number.is_finite() => Some(Wired::Number(number)),
            Cell::Number(_) | Cell::Broken => Some(Wired::Broken),
            Cell::Date(day) => Some(Wired::Date(day)),
            Cell::Empty => None,
        };
        let cells = row.cells.into_iter();
        Self::Row(
            row.number,
            cells.filter_map(|(at, cell)| Some((at, wired(cell)?))).collect(),
        )
    }

    /// Writes the line.
    ///
    /// # Errors
    /// The pipe is closed.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Reads a line; `None` where the pipe ends.
    ///
    /// # Errors
    /// A line that is too long or no message.
    pub(super) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = Vec::new();
        from.take(LONGEST).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&line)?))
    }
}

impl From<Wired> for Cell {
    fn from(wired: Wired) -> Self {
        match wired {
            Wired::Text(text) => Self::Text(text),
            Wired::Number(number) => Self::Number(number),
            Wired::Date(day) => Self::Date(day),
            Wired::Broken => Self::Broken,
        }
    }
}

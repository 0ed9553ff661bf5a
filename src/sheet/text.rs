//! CSV: UTF-8 (with or without mark) or GB18030, separated by commas, semicolons or tabs.

use encoding_rs::{GB18030, UTF_8};

use super::workbook::place;
use super::{Limits, Refusal, Row, Sink};
use crate::domain::roster::Cell;

/// Reads a text file's rows.
///
/// # Errors
/// [`Refusal`].
pub(super) fn read(bytes: &[u8], limits: &Limits, sink: Sink<'_>) -> Result<(), Refusal> {
    if bytes.iter().take(1024).any(|byte| *byte == 0) {
        return Err(Refusal::Unknown);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let encoding = match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        Err(error) => {
            // One spoilt character in a file of UTF-8: its own line is named, not the first that the other
            // encoding cannot read.
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let is_utf8 = String::from_utf8_lossy(before).chars().any(|c| c >= '\u{800}');
            if is_utf8
                && GB18030
                    .decode_without_bom_handling_and_without_replacement(bytes)
                    .is_none()
            {
                let breaks = before.iter().filter(|byte| **byte == b'\n').count();
                return Err(Refusal::Encoding {
                    line: u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1),
                });
            }
            GB18030
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(bytes))
        .from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut lines = Lines {
        bytes,
        at: 0,
        line: 1,
    };
    while reader
        .read_byte_record(&mut record)
        .map_err(|_| Refusal::Damaged)?
    {
        let number = lines.line_of(record.position().map_or(0, csv::Position::byte));
        let mut cells = Vec::with_capacity(record.len());
        for (column, field) in (0..).zip(&record) {
            if field.len() > limits.cell {
                return Err(Refusal::Cell {
                    row: number,
                    characters: limits.cell,
                });
            }
            let text = encoding
                .decode_without_bom_handling_and_without_replacement(field)
                .ok_or(Refusal::Encoding { line: number })?;
            let content = Cell::of_text(&text);
            if content != Cell::Empty {
                place(&content, number, column, limits)?;
                cells.push((column, content));
            }
        }
        if !cells.is_empty() {
            sink(Row { number, cells })?;
        }
    }
    Ok(())
}

/// Numbers lines as a person's editor does. The reader's own count is one short behind each CR LF.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line on which the record that begins at or after `byte` begins; records come in order.
    fn line_of(&mut self, byte: u64) -> u32 {
        let blank = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.bytes.get(from..).unwrap_or_default();
        let begin = from.saturating_add(rest.iter().take_while(|byte| blank(byte)).count());
        let passed = self.bytes.get(self.at..begin).unwrap_or_default();
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.at = begin;
        self.line
    }
}

/// The separator that the first line has most of.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |mark: u8| first.iter().filter(|byte| **byte == mark).count();
    [b',', b'\t', b';']
        .into_iter()
        .rev()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(b',')
}

//! XLSX: the first visible sheet, cell by cell in the order of the file; a sheet is never held as a whole.

use std::io::Cursor;

use calamine::{
    Data, DataRef, DataType as _, Reader as _, SheetVisible, Xlsx, XlsxError, open_workbook_from_rs,
};

use super::{Limits, Refusal, Row, Sink, archive};
use crate::domain::roster::Cell;

/// Reads a workbook's rows.
///
/// # Errors
/// [`Refusal`].
pub(super) fn read(bytes: &[u8], limits: &Limits, sink: Sink<'_>) -> Result<(), Refusal> {
    archive::check(bytes, limits)?;
    let damaged = |_: XlsxError| Refusal::Damaged;
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(damaged)?;
    let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
    let name = workbook
        .sheets_metadata()
        .iter()
        .find(visible)
        .map(|sheet| sheet.name.clone())
        .ok_or(Refusal::Damaged)?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    let mut row = Row {
        number: 0,
        cells: Vec::new(),
    };
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let content = content(cell.get_value());
        if content == Cell::Empty {
            continue;
        }
        let (down, right) = cell.get_position();
        let number = down.saturating_add(1);
        place(&content, number, right, limits)?;
        if number < row.number {
            return Err(Refusal::Damaged);
        }
        if number > row.number {
            let done = std::mem::replace(
                &mut row,
                Row {
                    number,
                    cells: Vec::new(),
                },
            );
            give(done, sink)?;
        }
        row.cells.push((right, content));
    }
    give(row, sink)
}

fn give(row: Row, sink: Sink<'_>) -> Result<(), Refusal> {
    if row.cells.is_empty() { Ok(()) } else { sink(row) }
}

/// Whether a cell stands where a table of people can have one.
pub(super) fn place(content: &Cell, row: u32, column: u32, limits: &Limits) -> Result<(), Refusal> {
    if row > limits.rows {
        return Err(Refusal::Rows { rows: limits.rows });
    }
    if column >= limits.columns {
        return Err(Refusal::Columns {
            row,
            columns: limits.columns,
        });
    }
    match content {
        Cell::Text(text) if text.len() > limits.cell => Err(Refusal::Cell {
            row,
            characters: limits.cell,
        }),
        _ => Ok(()),
    }
}

/// A formula's cell holds the value that was saved with it.
fn content(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => Cell::of_text(&number.to_string()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        DataRef::Bool(yes) => Cell::of_text(if *yes { "是" } else { "否" }),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) => Data::from(value.clone())
            .as_date()
            .map_or(Cell::Broken, Cell::Date),
        DataRef::DurationIso(text) => Cell::of_text(text),
        DataRef::Error(_) => Cell::Broken,
        DataRef::Empty => Cell::Empty,
    }
}

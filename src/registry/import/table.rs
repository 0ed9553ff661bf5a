//! A file as rows with named cells. Headings may be the column's name or a Chinese synonym, in any
//! order; a heading that nobody knows is refused, because a misspelt one would lose its column silently.

use std::collections::BTreeMap;

use csv::ReaderBuilder;

use super::cell;
use super::problem::{Fault, Problem};
use super::text::decode;
use super::{Report, Source};

/// A column of an import file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in headings and messages.
    pub name: &'static str,
    /// Other headings for it.
    pub also: &'static [&'static str],
    /// Whether a file without it is refused.
    pub required: bool,
}

impl Column {
    /// A column that every file has.
    #[must_use]
    pub const fn required(name: &'static str, also: &'static [&'static str]) -> Self {
        Self {
            name,
            also,
            required: true,
        }
    }

    /// A column that a file may lack.
    #[must_use]
    pub const fn optional(name: &'static str, also: &'static [&'static str]) -> Self {
        Self {
            name,
            also,
            required: false,
        }
    }
}

/// Headings that carry nothing for us.
const IGNORED: [&str; 7] = ["", "序号", "no", "no.", "备注", "remarks", "note"];

/// A cell has at most this many characters.
const LONGEST_CELL: usize = 2000;

/// The rows of a file.
#[derive(Debug)]
pub struct Table {
    /// Rows with content, in order.
    pub rows: Vec<Row>,
}

/// One row with its problems so far.
#[derive(Debug, Default)]
pub struct Row {
    /// As a spreadsheet counts: the heading is row 1.
    pub number: usize,
    cells: BTreeMap<&'static str, String>,
    problems: Vec<Problem>,
}

impl Table {
    /// Reads a file with these columns; the report about it begins with its rows.
    ///
    /// # Errors
    /// The whole report, where its form is wrong: everything that is wrong with it.
    pub fn begin(source: &Source, columns: &'static [Column]) -> Result<(Self, Report), Report> {
        let report = source.report();
        match Self::read(source, columns) {
            Ok(table) => {
                let rows = table.rows.len();
                Ok((table, Report { rows, ..report }))
            }
            Err(problems) => Err(Report { problems, ..report }),
        }
    }

    /// Reads a file with these columns.
    ///
    /// # Errors
    /// Everything that is wrong with its form.
    pub fn read(source: &Source, columns: &'static [Column]) -> Result<Self, Vec<Problem>> {
        let text = decode(&source.bytes).map_err(|fault| vec![Problem::new(0, "", "", fault)])?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut records = reader.records().enumerate().map(|(at, record)| (at + 1, record));
        let headings = match records.next() {
            Some((_, Ok(record))) => headings(&record, columns)?,
            _ => return Err(vec![Problem::new(0, "", "", empty())]),
        };
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        for (number, record) in records {
            match record {
                Ok(record) if record.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(record) => match Row::new(number, &record, &headings) {
                    Ok(row) => rows.push(row),
                    Err(problem) => problems.push(*problem),
                },
                Err(error) => problems.push(Problem::new(number, "", "", unreadable(&error))),
            }
        }
        if rows.is_empty() && problems.is_empty() {
            problems.push(Problem::new(0, "", "", empty()));
        }
        if problems.is_empty() {
            Ok(Self { rows })
        } else {
            Err(problems)
        }
    }
}

impl Row {
    fn new(
        number: usize,
        record: &csv::StringRecord,
        headings: &[Option<&'static str>],
    ) -> Result<Self, Box<Problem>> {
        if record.len() > headings.len()
            && record
                .iter()
                .skip(headings.len())
                .any(|cell| !cell.trim().is_empty())
        {
            let fault = too_many(record.len(), headings.len());
            return Err(Box::new(Problem::new(number, "", "", fault)));
        }
        let mut cells = BTreeMap::new();
        for (heading, cell) in headings.iter().zip(record) {
            let Some(name) = *heading else { continue };
            if cell.chars().count() > LONGEST_CELL {
                return Err(Box::new(Problem::new(number, name, cell, too_long())));
            }
            let cell = cell::tidy(cell);
            if !cell.is_empty() {
                cells.insert(name, cell);
            }
        }
        Ok(Self {
            number,
            cells,
            problems: Vec::new(),
        })
    }

    /// The cell of a column with full-width characters folded; empty where there is nothing.
    pub fn text(&self, column: &'static str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// Whether a column is filled.
    pub fn has(&self, column: &'static str) -> bool {
        self.cells.contains_key(column)
    }

    /// All filled cells, by column.
    pub fn cells(&self) -> &BTreeMap<&'static str, String> {
        &self.cells
    }

    /// The value of a column that must be filled; a problem is noted and `None` returned otherwise.
    pub fn required<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        if !self.has(column) {
            self.problem(column, missing());
            return None;
        }
        self.read(column, read)
    }

    /// The value of a column that may be empty: `Some(None)` when it is, `None` after a problem.
    #[allow(clippy::option_option, reason = "empty and refused are two things")]
    pub fn optional<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        if self.has(column) {
            self.read(column, read).map(Some)
        } else {
            Some(None)
        }
    }

    fn read<T>(&mut self, column: &'static str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        match read(self.text(column)) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.problem(column, fault);
                None
            }
        }
    }

    /// Notes what is wrong with a cell.
    pub fn problem(&mut self, column: &'static str, fault: Fault) {
        let problem = Problem::new(self.number, column, self.text(column), fault);
        self.problems.push(problem);
    }

    /// What was noted, leaving nothing.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }
}

/// Which column each heading names; `None` for one that carries nothing.
fn headings(
    record: &csv::StringRecord,
    columns: &'static [Column],
) -> Result<Vec<Option<&'static str>>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut found: Vec<Option<&'static str>> = Vec::new();
    for heading in record {
        let key = cell::tidy(heading).to_lowercase();
        let column = columns
            .iter()
            .find(|column| column.name == key || column.also.contains(&key.as_str()));
        match column {
            Some(column) if found.contains(&Some(column.name)) => {
                problems.push(Problem::new(1, column.name, heading, twice()));
            }
            None if !IGNORED.contains(&key.as_str()) => {
                problems.push(Problem::new(1, heading, heading, unknown(columns)));
            }
            _ => {}
        }
        found.push(column.map(|column| column.name));
    }
    for column in columns
        .iter()
        .filter(|column| column.required && !found.contains(&Some(column.name)))
    {
        problems.push(Problem::new(1, column.name, "", no_column(column)));
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

fn empty() -> Fault {
    Fault::new(
        ("文件没有数据行", "the file has no rows"),
        ("请检查是否选错文件", "check that it is the right file"),
    )
}

fn unreadable(error: &csv::Error) -> Fault {
    Fault::new(
        ("该行不是有效的 CSV", format!("the row is not CSV: {error}")),
        ("请检查引号和逗号", "look for a stray quotation mark or comma"),
    )
}

fn too_many(cells: usize, headings: usize) -> Fault {
    Fault::new(
        (
            format!("该行有 {cells} 个单元格，而标题只有 {headings} 列"),
            format!("the row has {cells} cells, the heading {headings}"),
        ),
        (
            "含逗号的内容请加引号",
            "put quotation marks around text that holds a comma",
        ),
    )
}

fn too_long() -> Fault {
    Fault::new(
        (
            format!("内容超过 {LONGEST_CELL} 个字符"),
            format!("the cell has more than {LONGEST_CELL} characters"),
        ),
        ("请缩短", "shorten it"),
    )
}

fn missing() -> Fault {
    Fault::new(("必填项为空", "it may not be empty"), ("请填写", "fill it in"))
}

fn twice() -> Fault {
    Fault::new(
        ("该列出现两次", "the column appears twice"),
        ("请删除其中一列", "remove one of the two"),
    )
}

fn no_column(column: &Column) -> Fault {
    let also = column.also.join("、");
    Fault::new(
        (
            format!("缺少必需的列（也可写作：{also}）"),
            format!("the column is missing (also known as {also})"),
        ),
        ("请在标题行加上该列", "add it to the heading"),
    )
}

fn unknown(columns: &[Column]) -> Fault {
    let chinese: Vec<&str> = columns
        .iter()
        .map(|column| *column.also.first().unwrap_or(&column.name))
        .collect();
    let chinese = chinese.join("、");
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let names = names.join(", ");
    Fault::new(
        (
            format!("不认识的列；可用的列：{chinese}"),
            format!("no such column; the columns are {names}"),
        ),
        ("请改正列名或删除该列", "correct the heading or remove the column"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column::required("name", &["名称", "企业名称"]),
        Column::optional("headcount", &["人数"]),
    ];

    fn read(text: &str) -> Result<Table, Vec<Problem>> {
        Table::read(&Source::new("t.csv", text.as_bytes().to_vec()), COLUMNS)
    }

    #[test]
    fn headings_in_either_language_and_any_order() {
        for text in [
            "name,headcount\n甲,3\n",
            "人数,企业名称\n３,甲\n",
            "\u{FEFF}序号,名称 ,备注,人数\n1,甲,x,3\n",
        ] {
            let table = read(text).unwrap();
            assert_eq!(table.rows[0].text("name"), "甲", "{text}");
            assert_eq!(table.rows[0].text("headcount"), "3");
            assert_eq!(table.rows[0].number, 2);
        }
    }

    #[test]
    fn empty_rows_are_passed_over_but_counted() {
        let table = read("name,headcount\n甲,1\n , \n乙,2\n").unwrap();
        assert_eq!(
            table.rows.iter().map(|row| row.number).collect::<Vec<_>>(),
            [2, 4]
        );
    }

    #[test]
    fn wrong_headings_and_cells_are_named() {
        for (text, row, column) in [
            ("", 0, ""),
            ("name\n", 0, ""),
            ("headcount\n3\n", 1, "name"),
            ("name,名称\n甲,乙\n", 1, "name"),
            ("name,headcont\n甲,3\n", 1, "headcont"),
            ("name,headcount\n甲,3,多\n", 2, ""),
        ] {
            let problems = read(text).unwrap_err();
            assert_eq!(
                (problems[0].row, problems[0].column.as_str()),
                (row, column),
                "{text:?}"
            );
        }
        let unknown = &read("name,headcont\n甲,3\n").unwrap_err()[0].reason;
        assert!(
            unknown.zh.ends_with("名称、人数") && unknown.en.ends_with("name, headcount"),
            "{unknown:?}"
        );
    }
}

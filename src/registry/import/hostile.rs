//! Hostile files: whatever a file holds, reading it ends in rows or in problems that name their place.

use proptest::prelude::*;

use super::problem::Problem;
use super::table::Table;
use super::{Column, Source, authorities, blacklist, employers, evidence, text};

/// Cells that are nearly right.
const CELLS: &[&str] = &[
    "91500105MA5U0000XX",
    "reg-1",
    "500105",
    "江北区某某有限公司",
    "2025-13-40",
    "２０２５年２月３０日",
    "-1",
    "99999999999999999999999999",
    "1e9",
    "0.0000000000000000001",
    "handled",
    "incident",
    "serious_violation",
    "review_passed",
    "是",
    "\"",
    "\"\"\"",
    "\u{200b}",
    "\u{feff}",
    "a\"b",
    "\n",
    "\r",
    ",",
    "",
    "=cmd|'/c'!A0",
];

fn feed(bytes: Vec<u8>) {
    let _ = text::decode(&bytes);
    let source = Source::new("hostile.csv", bytes);
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
    if let Err(problems) = authorities::read(&source) {
        assert!(!problems.is_empty());
        problems.iter().for_each(whole);
    }
    let kinds: [&'static [Column]; 3] = [employers::COLUMNS, evidence::COLUMNS, blacklist::COLUMNS];
    for columns in kinds {
        match Table::read(&source, columns) {
            Ok(mut table) => {
                assert!(!table.rows.is_empty());
                for row in &mut table.rows {
                    let _ = evidence::kind::read(row, today);
                    row.take_problems().iter().for_each(whole);
                }
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                problems.iter().for_each(whole);
            }
        }
    }
}

fn whole(problem: &Problem) {
    let said = serde_json::to_string(problem).unwrap();
    assert!(
        said.len() < 100_000,
        "a problem repeats too much: {} bytes",
        said.len()
    );
}

/// A table with these columns' own headings and hostile cells.
fn table(columns: &[Column], cells: &[usize]) -> String {
    let mut out = columns
        .iter()
        .map(|column| column.name)
        .collect::<Vec<_>>()
        .join(",");
    for row in cells.chunks(columns.len()) {
        out.push('\n');
        let cells: Vec<&str> = row.iter().map(|cell| CELLS[cell % CELLS.len()]).collect();
        out += &cells.join(",");
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        feed(bytes);
    }

    #[test]
    fn random_text(text in "[,;\"\n\r\t 0-9a-z名称代码一二三]{0,200}") {
        feed(text.into_bytes());
    }

    #[test]
    fn hostile_cells(cells in prop::collection::vec(0usize..100, 0..80), gb in any::<bool>()) {
        for columns in [employers::COLUMNS, evidence::COLUMNS, blacklist::COLUMNS] {
            let text = table(columns, &cells);
            let bytes = if gb { encoding_rs::GB18030.encode(&text).0.into_owned() } else { text.into_bytes() };
            feed(bytes);
        }
    }

    /// One byte changed, or the file cut, so that a character or a quotation stays open.
    #[test]
    fn mutants(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = table(evidence::COLUMNS, &[0, 1, 2, 3, 4, 10, 15, 16, 20, 21, 22, 23]).into_bytes();
        let place = at.index(bytes.len());
        if cut { bytes.truncate(place) } else { bytes[place] = byte }
        feed(bytes);
    }
}

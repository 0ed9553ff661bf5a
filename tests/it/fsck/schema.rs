//! The tables and columns of `src/store/schema.rs`, as they stand in its text.

const SCHEMA: &str = include_str!("../../../src/store/schema.rs");

/// Every table with its columns.
pub fn tables() -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in SCHEMA.lines() {
        let line = line.trim();
        if let Some((column, _)) = line.split_once(" -> ") {
            found.last_mut().unwrap().1.push(column.to_owned());
        } else if let Some((table, _)) = line.split_once(" (")
            && line.ends_with('{')
        {
            found.push((table.to_owned(), Vec::new()));
        }
    }
    found
}

#[test]
fn the_schema_is_read_whole() {
    let tables = tables();
    assert_eq!(tables.len(), SCHEMA.matches("diesel::table!").count());
    assert_eq!(
        tables.iter().map(|(_, columns)| columns.len()).sum::<usize>(),
        SCHEMA.matches(" -> ").count()
    );
}

/// The columns whose type holds this word, as `(table, column)`.
pub fn typed(word: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut table = String::new();
    for line in SCHEMA.lines().map(str::trim) {
        if let Some((column, of)) = line.split_once(" -> ") {
            if of.contains(word) {
                found.push((table.clone(), column.to_owned()));
            }
        } else if let Some((name, _)) = line.split_once(" (")
            && line.ends_with('{')
        {
            table = name.to_owned();
        }
    }
    found
}

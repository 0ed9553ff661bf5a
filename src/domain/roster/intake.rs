//! A table becomes a roster: finds the headings, then checks what stands below them.

use std::collections::BTreeMap;

use super::cell::Cell;
use super::check::{Checker, Person, Summary};
use super::column::Column;
use super::finding::Finding;

/// Rows with content above the headings: a title, a date, a note.
const ABOVE: u32 = 20;
/// So many known headings make a row the row of headings.
const ENOUGH: usize = 3;

/// Why a table is no roster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRoster {
    /// No row of headings near the top.
    #[error("no row of headings was found in the first {ABOVE} rows")]
    NoHeadings,
    /// Statutory columns are missing.
    #[error("the roster has no column for {}", names(.0, Column::en))]
    Missing(Vec<Column>),
    /// Two headings mean one column.
    #[error("two columns are headed {}", .0.en())]
    Twice(Column),
}

fn names(columns: &[Column], name: fn(Column) -> &'static str) -> String {
    columns
        .iter()
        .map(|column| name(*column))
        .collect::<Vec<_>>()
        .join(", ")
}

impl NoRoster {
    /// What it is and what to do, for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::NoHeadings => format!("前{ABOVE}行中没有找到表头；请使用模板，或者把表头放在最上面"),
            Self::Missing(columns) => {
                let list: Vec<&str> = columns.iter().map(|column| column.zh()).collect();
                format!(
                    "缺少“{}”列；职工名册应当包括这些内容，请补充后再上传",
                    list.join("”、“")
                )
            }
            Self::Twice(column) => format!("有两列的表头都是“{}”，请删除或改名其中一列", column.zh()),
        }
    }

    /// What it is and what to do, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::NoHeadings => format!("{self}: use the template, or put the headings first"),
            Self::Missing(_) => format!("{self}: a roster has to hold it, add it and upload again"),
            Self::Twice(_) => format!("{self}: delete or rename one of them"),
        }
    }
}

/// Reads a table's rows as a roster.
pub struct Intake {
    checker: Checker,
    headings: Option<BTreeMap<Column, u32>>,
    above: u32,
}

impl Intake {
    /// Begins a roster that `checker` checks.
    #[must_use]
    pub const fn new(checker: Checker) -> Self {
        Self {
            checker,
            headings: None,
            above: 0,
        }
    }

    /// Takes the next row with content. `None` for a row of headings or above it.
    ///
    /// # Errors
    /// [`NoRoster`].
    pub fn row(
        &mut self,
        number: u32,
        cells: &[(u32, Cell)],
        found: &mut Vec<Finding>,
    ) -> Result<Option<Person>, NoRoster> {
        let Some(headings) = &self.headings else {
            self.headings = headings(cells)?;
            self.above += 1;
            return if self.headings.is_none() && self.above >= ABOVE {
                Err(NoRoster::NoHeadings)
            } else {
                Ok(None)
            };
        };
        let cell = |column: Column| {
            let at = headings.get(&column)?;
            cells
                .iter()
                .find(|(place, _)| place == at)
                .map(|(_, cell)| cell.clone())
        };
        // A note below the table, in no column of it, is nobody.
        if !headings.keys().any(|column| cell(*column).is_some()) {
            return Ok(None);
        }
        let cell = |column| cell(column).unwrap_or(Cell::Empty);
        Ok(Some(self.checker.row(number, cell, found)))
    }

    /// What concerns the roster as a whole, once every row was taken.
    ///
    /// # Errors
    /// [`NoRoster::NoHeadings`] for a table that ended before any.
    pub fn end(&self, form: Option<u32>) -> Result<Vec<Finding>, NoRoster> {
        match self.headings {
            Some(_) => Ok(self.checker.end(form)),
            None => Err(NoRoster::NoHeadings),
        }
    }

    /// The counts so far.
    #[must_use]
    pub const fn summary(&self) -> Summary {
        self.checker.summary()
    }
}

/// The columns' places, where the row is one of headings.
fn headings(cells: &[(u32, Cell)]) -> Result<Option<BTreeMap<Column, u32>>, NoRoster> {
    let mut places = BTreeMap::new();
    for (at, cell) in cells {
        let Some(column) = cell.text().and_then(|text| Column::of_heading(&text)) else {
            continue;
        };
        if places.insert(column, *at).is_some() {
            return Err(NoRoster::Twice(column));
        }
    }
    if places.len() < ENOUGH {
        return Ok(None);
    }
    let statutory = Column::ALL.into_iter().filter(|column| column.is_statutory());
    let missing: Vec<Column> = statutory.filter(|column| !places.contains_key(column)).collect();
    if missing.is_empty() {
        Ok(Some(places))
    } else {
        Err(NoRoster::Missing(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::roster::RosterRules;

    fn intake() -> Intake {
        let rules = RosterRules {
            least_age: 16,
            adult_age: 18,
            contract_months: 1,
            open_months: 12,
        };
        Intake::new(Checker::new(
            rules,
            crate::domain::dates::parse("2025-12-31").unwrap(),
        ))
    }

    fn row(texts: &[&str]) -> Vec<(u32, Cell)> {
        (0..)
            .zip(texts)
            .map(|(at, text)| (at, Cell::of_text(text)))
            .filter(|(_, cell)| *cell != Cell::Empty)
            .collect()
    }

    const HEADINGS: [&str; 10] = [
        "序号",
        "姓名",
        "性别",
        "身份证号",
        "户籍地",
        "现住址",
        "电话",
        "用工形式",
        "入职日期",
        "合同期限",
    ];

    #[test]
    fn a_title_and_a_note_are_nobody() {
        let (mut intake, mut found) = (intake(), Vec::new());
        let mut take =
            |number, texts: &[&str]| intake.row(number, &row(texts), &mut found).unwrap().is_some();
        assert!(!take(1, &["某公司职工名册"]));
        assert!(!take(2, &["填表日期", "2026-01-05"]));
        assert!(!take(3, &HEADINGS));
        assert!(take(
            4,
            &[
                "1",
                "王小明",
                "女",
                "11010519491231002X",
                "甲",
                "乙",
                "1",
                "全日制",
                "2024-03-01",
                "无固定期限"
            ]
        ));
        assert!(!take(
            6,
            &["", "", "", "", "", "", "", "", "", "", "", "填表人：张某"]
        ));
        assert_eq!(intake.summary().rows, 1);
        assert_eq!(intake.end(Some(1)).unwrap(), []);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn what_is_no_roster_says_why() {
        let mut found = Vec::new();
        let short = row(&["姓名", "性别", "身份证号"]);
        assert!(matches!(
            intake().row(1, &short, &mut found),
            Err(NoRoster::Missing(columns)) if columns.len() == 6 && columns[0] == Column::Household
        ));
        let mut twice = HEADINGS.to_vec();
        twice[0] = "联系电话";
        assert_eq!(
            intake().row(1, &row(&twice), &mut found).unwrap_err(),
            NoRoster::Twice(Column::Contact)
        );
        let mut without = intake();
        for number in 1..ABOVE {
            assert!(
                without
                    .row(number, &row(&["你好"]), &mut found)
                    .unwrap()
                    .is_none()
            );
        }
        assert_eq!(without.end(None).unwrap_err(), NoRoster::NoHeadings);
        assert_eq!(
            without.row(ABOVE, &row(&["你好"]), &mut found).unwrap_err(),
            NoRoster::NoHeadings
        );
    }
}

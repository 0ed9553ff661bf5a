//! What is wrong with a row, in words for the person who has to mend the file.

use std::fmt;

use serde::{Serialize, Serializer};

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// A sentence in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// Why a value is refused and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub reason: Words,
    /// What to do.
    pub action: Words,
}

impl Fault {
    /// A reason and a remedy, each in Chinese and English.
    pub fn new(reason: (impl Into<String>, impl Into<String>), action: (&str, &str)) -> Self {
        Self {
            reason: Words::new(reason.0, reason.1),
            action: Words::new(action.0, action.1),
        }
    }
}

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The row as a spreadsheet counts: the heading is row 1. Zero for the file as a whole.
    pub row: usize,
    /// The column's name, empty for the row as a whole.
    pub column: String,
    /// What stands there.
    #[serde(serialize_with = "shown")]
    pub value: String,
    /// Why it is refused.
    pub reason: Words,
    /// What to do.
    pub action: Words,
}

impl Problem {
    /// A problem with a value.
    pub fn new(row: usize, column: impl Into<String>, value: impl Into<String>, fault: Fault) -> Self {
        Self {
            row,
            column: column.into(),
            value: value.into(),
            reason: fault.reason,
            action: fault.action,
        }
    }
}

/// Longer values are cut when shown.
const SHOWN: usize = 60;

/// A value as it may be shown: short, and without characters that could drive a terminal.
fn tame(value: &str) -> String {
    let mut text: String = value
        .chars()
        .take(SHOWN)
        .flat_map(|c| {
            if c.is_control() || is_invisible(c) {
                c.escape_unicode().collect()
            } else {
                vec![c]
            }
        })
        .collect();
    if value.chars().count() > SHOWN {
        text.push('…');
    }
    text
}

fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
}

fn shown<S: Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&tame(value))
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            column,
            value,
            reason,
            action,
        } = self;
        let value = tame(value);
        match (*row, column.is_empty()) {
            (0, _) => writeln!(out, "文件：{}。{}。", reason.zh, action.zh)?,
            (_, true) => writeln!(out, "第 {row} 行：{}。{}。", reason.zh, action.zh)?,
            (_, false) => writeln!(
                out,
                "第 {row} 行，列 {column}，“{value}”：{}。{}。",
                reason.zh, action.zh
            )?,
        }
        match (*row, column.is_empty()) {
            (0, _) => write!(out, "  file: {}; {}", reason.en, action.en),
            (_, true) => write!(out, "  row {row}: {}; {}", reason.en, action.en),
            (_, false) => write!(
                out,
                "  row {row}, column {column}, {value:?}: {}; {}",
                reason.en, action.en
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_row_column_value_reason_and_remedy_in_both_languages() {
        let fault = Fault::new(
            ("不是日期", "this is no date"),
            ("写成 2026-03-02", "write 2026-03-02"),
        );
        let text = Problem::new(7, "registered_on", "三月", fault).to_string();
        assert_eq!(
            text,
            "第 7 行，列 registered_on，“三月”：不是日期。写成 2026-03-02。\n  \
             row 7, column registered_on, \"三月\": this is no date; write 2026-03-02"
        );
    }

    #[test]
    fn a_value_cannot_drive_the_terminal() {
        assert_eq!(tame("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
        assert_eq!(tame(&"长".repeat(61)).chars().count(), 61);
    }
}

//! What a cell of a roster can hold, as a spreadsheet or a text file gives it, and how it is read.

use chrono::{Days, NaiveDate};

use super::id_number::{IdNumber, IdNumberError, Sex};
use crate::domain::dates;
use crate::domain::employer::fold_full_width;

/// The longest text of a cell, in characters.
pub const LONGEST: usize = 200;

/// A cell. Personal data: never printed.
#[derive(Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or blanks.
    Empty,
    /// Text.
    Text(String),
    /// A figure: a count, a serial day, or an identity number that lost its last digits.
    Number(f64),
    /// A day that the spreadsheet kept as one.
    Date(NaiveDate),
    /// `#N/A` and the like: the formula behind it failed.
    Broken,
}

/// How somebody is employed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Employment {
    /// 全日制.
    FullTime,
    /// 非全日制: an oral contract is lawful (劳动合同法 Art 69).
    PartTime,
    /// 劳务派遣: the contract is with the dispatching unit (劳动合同法 Art 58).
    Dispatched,
    /// 实习、见习: a student, no labour contract.
    Student,
    /// 退休返聘: draws a pension, no labour contract (实施条例 Art 21).
    Retired,
}

impl Employment {
    /// Every form, in the template's order.
    pub const ALL: [Self; 5] = [
        Self::FullTime,
        Self::PartTime,
        Self::Dispatched,
        Self::Student,
        Self::Retired,
    ];

    /// For Chinese readers, and the template's drop-down.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::FullTime => "全日制",
            Self::PartTime => "非全日制",
            Self::Dispatched => "劳务派遣",
            Self::Student => "实习",
            Self::Retired => "退休返聘",
        }
    }

    /// Whether the employer owes a written labour contract.
    #[must_use]
    pub const fn needs_contract(self) -> bool {
        matches!(self, Self::FullTime)
    }

    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "全日制" | "全日制用工" | "合同工" | "正式工" | "固定工" | "劳动合同制" => {
                Self::FullTime
            }
            "非全日制" | "非全日制用工" | "小时工" | "钟点工" | "兼职" => Self::PartTime,
            "劳务派遣" | "派遣" | "派遣工" | "劳务派遣工" | "被派遣劳动者" => {
                Self::Dispatched
            }
            "实习" | "实习生" | "见习" | "学生" | "在校生" | "实习见习" => Self::Student,
            "退休返聘" | "返聘" | "退休" | "退休人员" => Self::Retired,
            _ => return None,
        })
    }
}

/// The term of a labour contract (劳动合同法 Art 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contract {
    /// 固定期限: the last day.
    Fixed {
        /// The first day, where it is given.
        from: Option<NaiveDate>,
        /// The last day.
        until: NaiveDate,
    },
    /// 无固定期限.
    Open,
    /// 以完成一定工作任务为期限.
    Task,
    /// 未签订: none was signed.
    None,
}

impl Cell {
    /// Text of a file without types.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let tidy = tidy(text);
        if tidy.is_empty() {
            Self::Empty
        } else {
            Self::Text(tidy)
        }
    }

    /// The cell as text, one spelling for one content; `None` where it is empty or broken.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(tidy(text)).filter(|text| !text.is_empty()),
            Self::Number(number) => Some(plain(*number)),
            Self::Date(day) => Some(day.to_string()),
            Self::Empty | Self::Broken => None,
        }
    }

    /// The cell as an identity number. A figure has lost its last digits for certain: a double holds
    /// fifteen.
    pub(super) fn id_number(&self) -> Option<Result<IdNumber, IdNumberError>> {
        match self {
            Self::Number(number) if *number >= 1e15 => Some(Err(IdNumberError::LostDigits)),
            _ => self.text().map(|text| IdNumber::parse(&text)),
        }
    }

    /// The cell as a day.
    pub(super) fn day(&self) -> Option<Option<NaiveDate>> {
        match self {
            Self::Date(day) => Some(Some(*day)),
            Self::Number(number) => Some(serial_day(*number).or_else(|| dates::parse(&plain(*number)))),
            _ => self.text().map(|text| dates::parse(&text)),
        }
    }

    pub(super) fn sex(&self) -> Option<Option<Sex>> {
        self.text().map(|text| match text.as_str() {
            "男" | "男性" | "M" | "m" | "male" | "1" => Some(Sex::Male),
            "女" | "女性" | "F" | "f" | "female" | "2" => Some(Sex::Female),
            _ => None,
        })
    }

    pub(super) fn employment(&self) -> Option<Option<Employment>> {
        self.text().map(|text| Employment::read(&text))
    }

    /// `None` for an empty cell, `Some(None)` for one that says nothing we can read.
    pub(super) fn contract(&self) -> Option<Option<Contract>> {
        match self {
            Self::Date(until) => Some(Some(Contract::Fixed {
                from: None,
                until: *until,
            })),
            _ => self.text().map(|text| contract(&text)),
        }
    }
}

fn contract(text: &str) -> Option<Contract> {
    if text.starts_with("无固定") || text == "长期" {
        return Some(Contract::Open);
    }
    if text.contains("任务") {
        return Some(Contract::Task);
    }
    if matches!(
        text,
        "未签" | "未签订" | "无" | "没有" | "未签合同" | "未签订劳动合同"
    ) {
        return Some(Contract::None);
    }
    if let Some(until) = dates::parse(text) {
        return Some(Contract::Fixed { from: None, until });
    }
    ["至", "到", "~", "—", "–", " - ", " "]
        .into_iter()
        .filter_map(|mark| text.split_once(mark))
        .chain(halves(text))
        .find_map(|(from, until)| {
            let until = until.trim_start_matches(['—', '-', '–', '~']);
            let (from, until) = (dates::parse(from)?, dates::parse(until)?);
            Some(Contract::Fixed {
                from: Some(from),
                until,
            })
        })
}

/// `2025.01.01-2027.12.31`, `2025-01-01-2027-12-31`: cut at the hyphen in the middle.
fn halves(text: &str) -> Option<(&str, &str)> {
    let hyphens: Vec<usize> = text.match_indices('-').map(|(at, _)| at).collect();
    let middle = *hyphens.get(hyphens.len() / 2)?;
    Some((text.get(..middle)?, text.get(middle + 1..)?))
}

/// A day of a spreadsheet that counts days from 1899-12-30, between 1930 and 2100. Eight digits such as
/// 20250102 are no count of days.
fn serial_day(number: f64) -> Option<NaiveDate> {
    let whole = plain(number.trunc()).parse::<u64>().ok()?;
    let begin = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    (10_959..73_051)
        .contains(&whole)
        .then(|| begin.checked_add_days(Days::new(whole)))?
}

/// A figure without `.0` and without an exponent.
fn plain(number: f64) -> String {
    format!("{number}")
}

/// Trimmed, full-width characters folded.
fn tidy(text: &str) -> String {
    text.chars()
        .map(fold_full_width)
        .collect::<String>()
        .trim()
        .to_owned()
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "Cell(empty)",
            Self::Broken => "Cell(broken)",
            _ => "Cell(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        dates::parse(text).unwrap()
    }

    #[test]
    fn days_as_text_as_days_and_as_counts() {
        let second = Some(Some(day("2025-01-02")));
        for cell in [
            Cell::of_text("2025-01-02"),
            Cell::of_text("２０２５年１月２日"),
            Cell::Number(45_659.0),
            Cell::Number(20_250_102.0),
            Cell::Date(day("2025-01-02")),
        ] {
            assert_eq!(cell.day(), second);
        }
        assert_eq!(Cell::of_text(" \u{3000}").day(), None);
        assert_eq!(Cell::of_text("去年").day(), Some(None));
        assert_eq!(Cell::Number(5.0).day(), Some(None));
    }

    #[test]
    fn terms_of_contract_as_employers_write_them() {
        let fixed = Contract::Fixed {
            from: Some(day("2025-01-01")),
            until: day("2027-12-31"),
        };
        for text in [
            "2025-01-01至2027-12-31",
            "2025年1月1日到2027年12月31日",
            "2025/1/1 - 2027/12/31",
            "2025.1.1-2027.12.31",
            "2025-01-01-2027-12-31",
            "2025.01.01——2027.12.31",
            "20250101~20271231",
            "20250101-20271231",
        ] {
            assert_eq!(Cell::of_text(text).contract(), Some(Some(fixed)), "{text}");
        }
        for (text, term) in [
            ("无固定期限", Some(Contract::Open)),
            ("以完成一定工作任务为期限", Some(Contract::Task)),
            ("未签订", Some(Contract::None)),
            ("三年", None),
        ] {
            assert_eq!(Cell::of_text(text).contract(), Some(term), "{text}");
        }
        assert_eq!(Cell::Empty.contract(), None);
    }

    #[test]
    fn a_figure_is_no_identity_number() {
        let lost = Some(Err(IdNumberError::LostDigits));
        assert_eq!(Cell::Number(110_105_194_912_310_020.0).id_number(), lost);
        assert_eq!(Cell::of_text("1.10105E+17").id_number(), lost);
        assert_eq!(Cell::Empty.id_number(), None);
    }

    #[test]
    fn nothing_prints_a_cell() {
        assert_eq!(format!("{:?}", Cell::of_text("张三")), "Cell(…)");
    }
}

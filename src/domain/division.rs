//! Administrative divisions (GB/T 2260): provinces, prefectures and counties, and what lies below what.
//!
//! The embedded table is the present one. Codes retire, so a code that is not in the table is still a
//! code: it is kept as it is, and jurisdiction follows its digits.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `code,level,name,parent` under a heading, provinces first.
const TABLE: &str = include_str!("data/divisions.csv");

static DIVISIONS: LazyLock<Table> = LazyLock::new(|| Table::parse(TABLE));

/// Six digits of GB/T 2260: two for the province, two for the prefecture, two for the county.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode([u8; 6]);

/// Why a text is not a division code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DivisionError {
    /// Not six digits, or the first two name no province.
    #[error("{0:?} is not a division code of six digits")]
    Form(String),
}

/// The three levels of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 省, 自治区, 直辖市.
    Province,
    /// 地级市 and its like, the nameless ones under a municipality (市辖区) included.
    Prefecture,
    /// 县, 区, 县级市.
    County,
}

/// One division of the embedded table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Its code.
    pub code: DivisionCode,
    /// Its level.
    pub level: Level,
    /// Its Chinese name.
    pub name: &'static str,
    /// The division above; none for a province.
    pub parent: Option<DivisionCode>,
}

impl DivisionCode {
    /// Reads six digits that open with a province's two.
    ///
    /// # Errors
    /// [`DivisionError::Form`].
    pub fn parse(text: &str) -> Result<Self, DivisionError> {
        let form = || DivisionError::Form(text.to_owned());
        let bytes: [u8; 6] = text.as_bytes().try_into().map_err(|_| form())?;
        // "00" would lie above every province and so give jurisdiction over the whole country.
        if bytes.iter().all(u8::is_ascii_digit) && !bytes.starts_with(b"0") {
            Ok(Self(bytes))
        } else {
            Err(form())
        }
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The level that the digits tell: `500000` province, `500100` prefecture, `500105` county.
    #[must_use]
    pub const fn level(self) -> Level {
        match self.0 {
            [_, _, b'0', b'0', b'0', b'0'] => Level::Province,
            [_, _, _, _, b'0', b'0'] => Level::Prefecture,
            _ => Level::County,
        }
    }

    /// Whether `other` is this division or lies below it.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        let significant = match self.level() {
            Level::Province => 2,
            Level::Prefecture => 4,
            Level::County => 6,
        };
        self.0
            .iter()
            .take(significant)
            .eq(other.0.iter().take(significant))
    }

    /// Whether the code begins with a rule set's prefix (none, two, four or six digits).
    #[must_use]
    pub fn has_prefix(self, prefix: &str) -> bool {
        self.as_str().starts_with(prefix)
    }

    /// The province's code.
    #[must_use]
    pub const fn province(self) -> Self {
        let [a, b, ..] = self.0;
        Self([a, b, b'0', b'0', b'0', b'0'])
    }
}

/// The division of the present table, or `None` for a retired or invented code. A prefecture without
/// counties (441900, 442000, 460400) stands in the table twice; the prefecture is meant.
#[must_use]
pub fn find(code: DivisionCode) -> Option<&'static Division> {
    DIVISIONS
        .by_code
        .get(&code)
        .and_then(|place| DIVISIONS.rows.get(*place))
}

/// Every division of the present table: provinces, then prefectures, then counties.
#[must_use]
pub fn all() -> &'static [Division] {
    &DIVISIONS.rows
}

/// The divisions directly below, in code order.
#[must_use]
pub fn children_of(code: DivisionCode) -> Vec<&'static Division> {
    DIVISIONS
        .rows
        .iter()
        .filter(|row| row.parent == Some(code) && row.code != code)
        .collect()
}

/// The name with the names above it, 市辖区 and its like left out: `重庆市江北区`. Digits for a code that
/// the table does not know.
#[must_use]
pub fn full_name(code: DivisionCode) -> String {
    let mut names = Vec::new();
    let mut next = find(code);
    while let Some(division) = next {
        if !(division.level == Level::Prefecture && is_nameless(division.name)) {
            names.push(division.name);
        }
        next = division.parent.and_then(find);
    }
    if names.is_empty() {
        code.to_string()
    } else {
        names.into_iter().rev().collect()
    }
}

/// Statistical groupings that no address shows.
fn is_nameless(name: &str) -> bool {
    matches!(
        name,
        "市辖区" | "县" | "省直辖县级行政区划" | "自治区直辖县级行政区划"
    )
}

struct Table {
    rows: Vec<Division>,
    by_code: HashMap<DivisionCode, usize>,
}

impl Table {
    /// The embedded text is proven whole by a test, so a row that cannot be read is left out here.
    fn parse(csv: &'static str) -> Self {
        let rows: Vec<Division> = csv.lines().skip(1).filter_map(row).collect();
        let mut by_code = HashMap::with_capacity(rows.len());
        for (place, division) in rows.iter().enumerate() {
            by_code.entry(division.code).or_insert(place);
        }
        Self { rows, by_code }
    }
}

fn row(line: &'static str) -> Option<Division> {
    let mut fields = line.split(',');
    let code = DivisionCode::parse(fields.next()?).ok()?;
    let level = match fields.next()? {
        "province" => Level::Province,
        "prefecture" => Level::Prefecture,
        "county" => Level::County,
        _ => return None,
    };
    let name = fields.next()?;
    let parent = match fields.next()? {
        "" => None,
        parent => Some(DivisionCode::parse(parent).ok()?),
    };
    Some(Division {
        code,
        level,
        name,
        parent,
    })
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DivisionCode({self})")
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionError;
    fn from_str(text: &str) -> Result<Self, DivisionError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = DivisionError;
    fn try_from(text: String) -> Result<Self, DivisionError> {
        Self::parse(&text)
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!(all().len(), TABLE.lines().count() - 1);
        assert_eq!(all().len(), 3351);
        for division in all() {
            let Some(parent) = division.parent else {
                assert_eq!(division.level, Level::Province);
                continue;
            };
            assert!(find(parent).is_some(), "{division:?}");
            assert!(parent.covers(division.code), "{division:?}");
        }
    }

    #[test]
    fn jurisdiction_runs_downwards_only() {
        for (above, below) in [
            ("500000", "500105"),
            ("500000", "500238"),
            ("500100", "500105"),
            ("420000", "429004"),
        ] {
            assert!(code(above).covers(code(below)), "{above} {below}");
            assert!(!code(below).covers(code(above)), "{below} {above}");
        }
        assert!(code("500105").covers(code("500105")));
        assert!(!code("500105").covers(code("500106")));
        assert!(!code("500100").covers(code("500238")));
        assert!(!code("500000").covers(code("510000")));
    }

    #[test]
    fn names_and_children() {
        assert_eq!(find(code("500105")).unwrap().name, "江北区");
        assert_eq!(full_name(code("500105")), "重庆市江北区");
        assert_eq!(full_name(code("430200")), "湖南省株洲市");
        assert_eq!(full_name(code("429004")), "湖北省仙桃市");
        assert_eq!(full_name(code("442000")), "广东省中山市");
        assert_eq!(full_name(code("110103")), "110103", "Chongwen retired in 2010");
        assert_eq!(children_of(code("500000")).len(), 2);
        assert!(
            children_of(code("500100"))
                .iter()
                .any(|d| d.code == code("500105"))
        );
        assert!(children_of(code("442000")).is_empty());
        assert_eq!(find(code("442000")).unwrap().level, Level::Prefecture);
    }

    #[test]
    fn what_is_not_a_code_is_refused() {
        for text in ["", "50000", "5000000", "50000a", "000000", "０５０００", "090000"] {
            assert!(DivisionCode::parse(text).is_err(), "{text}");
        }
    }
}

//! The columns of a roster: those that 劳动合同法实施条例 Art 8 asks for, and two that help to check them.

use serde::{Deserialize, Serialize};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// 姓名.
    Name,
    /// 性别.
    Sex,
    /// 公民身份号码.
    IdNumber,
    /// 户籍地址.
    Household,
    /// 现住址.
    Address,
    /// 联系方式.
    Contact,
    /// 用工形式.
    Employment,
    /// 用工起始时间.
    StartedOn,
    /// 劳动合同期限.
    Contract,
    /// 出生日期; not asked for, compared with the identity number where it is given.
    BornOn,
    /// 离职日期; a person who left has no contract to miss.
    LeftOn,
}

impl Column {
    /// Every column, in the template's order.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Sex,
        Self::IdNumber,
        Self::Household,
        Self::Address,
        Self::Contact,
        Self::Employment,
        Self::StartedOn,
        Self::Contract,
        Self::BornOn,
        Self::LeftOn,
    ];

    /// Whether a roster without this heading is refused.
    #[must_use]
    pub const fn is_statutory(self) -> bool {
        !matches!(self, Self::BornOn | Self::LeftOn)
    }

    /// Whether its cells are personal data that a screen masks.
    #[must_use]
    pub const fn is_masked(self) -> bool {
        matches!(
            self,
            Self::IdNumber | Self::Household | Self::Address | Self::Contact | Self::BornOn
        )
    }

    /// The heading of the template.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::Sex => "性别",
            Self::IdNumber => "公民身份号码",
            Self::Household => "户籍地址",
            Self::Address => "现住址",
            Self::Contact => "联系方式",
            Self::Employment => "用工形式",
            Self::StartedOn => "用工起始时间",
            Self::Contract => "劳动合同期限",
            Self::BornOn => "出生日期",
            Self::LeftOn => "离职日期",
        }
    }

    /// The heading in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sex => "sex",
            Self::IdNumber => "citizen identity number",
            Self::Household => "household address",
            Self::Address => "present address",
            Self::Contact => "contact",
            Self::Employment => "form of employment",
            Self::StartedOn => "employed since",
            Self::Contract => "term of contract",
            Self::BornOn => "date of birth",
            Self::LeftOn => "left on",
        }
    }

    /// Other headings that employers use for it.
    const fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["职工姓名", "员工姓名", "劳动者姓名", "工人姓名"],
            Self::Sex => &["男女"],
            Self::IdNumber => &[
                "身份证号",
                "身份证号码",
                "居民身份证号码",
                "身份证",
                "证件号码",
                "证件号",
                "公民身份证号码",
            ],
            Self::Household => &[
                "户籍地",
                "户口所在地",
                "户籍所在地",
                "户口地址",
                "身份证地址",
                "家庭住址",
            ],
            Self::Address => &["现居住地", "现居住地址", "居住地址", "住址", "现地址", "联系地址"],
            Self::Contact => &["联系电话", "电话", "手机", "手机号", "手机号码", "电话号码"],
            Self::Employment => &["用工类型", "用工方式", "用工性质", "就业形式"],
            Self::StartedOn => &[
                "入职日期",
                "入职时间",
                "用工起始日期",
                "用工日期",
                "用工时间",
                "开始用工日期",
                "参加工作时间",
            ],
            Self::Contract => &[
                "合同期限",
                "合同起止日期",
                "合同起止时间",
                "劳动合同起止日期",
                "劳动合同起止时间",
            ],
            Self::BornOn => &["出生年月日", "生日", "出生年月"],
            Self::LeftOn => &["离职时间", "解除终止日期", "解除(终止)日期", "离岗日期"],
        }
    }

    /// The column of a heading as employers write it: full-width forms, spaces, a leading asterisk, and
    /// whatever stands in brackets behind it do not matter. `None` for a heading that says something else.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        let plain: String = heading
            .chars()
            .map(crate::domain::employer::fold_full_width)
            .filter(|c| !c.is_whitespace() && *c != '*')
            .collect();
        let before = plain.split('(').next().unwrap_or_default();
        let means = |column: &Self, text: &str| {
            column.zh() == text
                || column.synonyms().contains(&text)
                || column.en().replace(' ', "") == text.to_lowercase()
        };
        let find = |text: &str| Self::ALL.into_iter().find(|column| means(column, text));
        find(&plain).or_else(|| find(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_as_employers_write_them() {
        for (heading, column) in [
            ("姓名", Column::Name),
            (" 姓 名 ", Column::Name),
            ("*身份证号码", Column::IdNumber),
            ("身份证号（文本格式）", Column::IdNumber),
            ("入职日期(年-月-日)", Column::StartedOn),
            ("解除（终止）日期", Column::LeftOn),
            ("Citizen identity number", Column::IdNumber),
            ("劳动合同起止日期", Column::Contract),
        ] {
            assert_eq!(Column::of_heading(heading), Some(column), "{heading}");
        }
        for heading in ["", "序号", "备注", "姓", "部门"] {
            assert_eq!(Column::of_heading(heading), None, "{heading}");
        }
    }

    #[test]
    fn no_heading_means_two_columns() {
        let mut seen = std::collections::BTreeSet::new();
        for column in Column::ALL {
            for text in column.synonyms().iter().chain([&column.zh(), &column.en()]) {
                assert!(seen.insert(*text), "{text}");
                assert_eq!(Column::of_heading(text), Some(column), "{text}");
            }
        }
    }
}

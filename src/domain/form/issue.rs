//! What stands in the way of handing a form in, and how far each topic is.

use super::definition::Severity;
use crate::domain::ruleset::Text;

/// Why one answer cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Nothing was typed.
    Missing,
    /// No number of people.
    NoCount,
    /// More people than there can be.
    TooMany,
    /// No amount of yuan.
    NoMoney,
    /// No number of hours.
    NoHours,
    /// None of the answers that are offered.
    NoChoice,
    /// No telephone number.
    NoPhone,
    /// A character that cannot stand in a text.
    Character,
    /// Too long.
    TooLong {
        /// The longest, in characters.
        longest: usize,
    },
}

/// One thing to mend or to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The topic on whose page it is mended.
    pub topic: String,
    /// The field at which it is shown.
    pub field: String,
    /// The check behind it; none where the answer itself cannot be taken.
    pub check: Option<String>,
    /// What becomes of it.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub text: Text,
}

/// How far a topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TopicState {
    /// 未开始: nothing was typed.
    NotStarted,
    /// 进行中: something is missing.
    InProgress,
    /// 有错误: something cannot be taken or does not add up.
    HasErrors,
    /// 已完成.
    Done,
}

impl TopicState {
    /// For Chinese readers.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::NotStarted => "未开始",
            Self::InProgress => "进行中",
            Self::HasErrors => "有错误",
            Self::Done => "已完成",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::NotStarted => "not started",
            Self::InProgress => "in progress",
            Self::HasErrors => "has errors",
            Self::Done => "done",
        }
    }
}

impl Problem {
    /// What is wrong and what to do.
    #[must_use]
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::Missing => ("请填写".to_owned(), "fill this in".to_owned()),
            Self::NoCount => (
                "请填写整数人数，如 156；没有则填 0".into(),
                "write a whole number such as 156; 0 for none".into(),
            ),
            Self::TooMany => (
                "人数过多，请核对".into(),
                "that many people cannot be: check it".into(),
            ),
            Self::NoMoney => (
                "请填写以元为单位的金额，最多两位小数，如 761000.50".into(),
                "write an amount in yuan with at most two decimals, such as 761000.50".into(),
            ),
            Self::NoHours => (
                "请填写小时数，最多一位小数，如 36 或 36.5".into(),
                "write hours with at most one decimal, such as 36.5".into(),
            ),
            Self::NoChoice => ("请选择其中一项".into(), "choose one of the answers".into()),
            Self::NoPhone => (
                "请填写电话号码，如 023-12345678".into(),
                "write a telephone number such as 023-12345678".into(),
            ),
            Self::Character => (
                "含有不能使用的字符，请重新填写".into(),
                "holds a character that cannot stand here: type it again".into(),
            ),
            Self::TooLong { longest } => (
                format!("最多{longest}个字符，请缩短"),
                format!("at most {longest} characters: shorten it"),
            ),
        };
        Text { zh, en }
    }
}

//! Why a parameter cannot be used: which one, a code for machines, words in both languages, and what was found.

use serde::Serialize;

use crate::domain::code::CodeError;
use crate::web::i18n::Lang;

/// A parameter that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub(super) place: &'static str,
    pub(super) name: String,
    pub(super) reason: Reason,
}

/// Why a parameter cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The resource has no such parameter.
    Unknown,
    /// Given more than once.
    Repeated,
    /// Needed and not given.
    Missing,
    /// A whole number outside its bounds, or none at all.
    Range(u32, u32),
    /// Fewer or more characters than allowed.
    Characters(usize, usize),
    /// Not six digits of a division code.
    Division,
    /// Not a cursor that this resource gave.
    Cursor,
    /// Not a day, or one that is not over yet or before any record.
    Day,
    /// Not the body that a look-up takes.
    Codes,
    /// Not an xsd:dateTimeStamp.
    Timestamp,
    /// Not `reg:DIVISION:NUMBER`.
    RegistrationKey,
    /// Not a query string.
    Form,
    /// Not a unified code.
    Code(CodeError),
}

impl Invalid {
    /// A parameter of the query.
    #[must_use]
    pub fn query(name: impl Into<String>, reason: Reason) -> Self {
        Self {
            place: "query",
            name: name.into(),
            reason,
        }
    }

    /// A member of the request's body.
    #[must_use]
    pub fn body(name: impl Into<String>, reason: Reason) -> Self {
        Self {
            place: "body",
            name: name.into(),
            reason,
        }
    }

    /// A part of the path.
    #[must_use]
    pub fn path(name: impl Into<String>, reason: Reason) -> Self {
        Self {
            place: "path",
            name: name.into(),
            reason,
        }
    }
}

/// A reason in words, and what was found where that helps.
#[derive(Serialize)]
pub struct Described<'a> {
    code: &'static str,
    detail: String,
    #[serde(flatten)]
    found: Option<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<&'a usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    found: String,
}

impl Reason {
    /// The reason in words.
    #[must_use]
    pub fn described(&self, lang: Lang) -> Described<'_> {
        Described {
            code: self.code(),
            detail: self.detail(lang),
            found: self.found(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Repeated => "repeated",
            Self::Missing => "missing",
            Self::Range(..) => "range",
            Self::Characters(..) | Self::Code(CodeError::Length { .. }) => "length",
            Self::Division => "division",
            Self::Cursor => "cursor",
            Self::Day => "day",
            Self::Codes => "codes",
            Self::Timestamp => "timestamp",
            Self::RegistrationKey => "registration",
            Self::Form => "form",
            Self::Code(CodeError::Character { .. }) => "character",
            Self::Code(CodeError::OrganisationCheckDigit { .. }) => "organisation-check-digit",
            Self::Code(CodeError::CheckDigit { .. }) => "check-digit",
        }
    }

    fn found(&self) -> Option<Found<'_>> {
        let Self::Code(error) = self else { return None };
        let (position, expected, found) = match error {
            CodeError::Length { expected, found } => (None, Some(expected.to_string()), found.to_string()),
            CodeError::Character { position, found } => (Some(position), None, found.to_string()),
            CodeError::OrganisationCheckDigit { expected, found } => {
                (Some(&17), Some(expected.to_string()), found.to_string())
            }
            CodeError::CheckDigit { expected, found } => {
                (Some(&18), Some(expected.to_string()), found.to_string())
            }
        };
        Some(Found {
            position,
            expected,
            found,
        })
    }

    fn detail(&self, lang: Lang) -> String {
        if lang == Lang::English {
            self.english()
        } else {
            self.chinese()
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Unknown => "there is no such parameter here".into(),
            Self::Repeated => "given more than once".into(),
            Self::Missing => "is needed".into(),
            Self::Range(low, high) => format!("must be a whole number from {low} to {high}"),
            Self::Characters(low, high) => format!("must have {low} to {high} characters"),
            Self::Division => "must be a division code of six digits".into(),
            Self::Cursor => "is no cursor of this resource: follow `next`".into(),
            Self::Day => "must be a day, YYYY-MM-DD, not after today".into(),
            Self::Codes => "must be {\"codes\": […]} with 1 to 1,000 codes as texts".into(),
            Self::Timestamp => "must be a time with its zone, such as 2026-10-09T00:00:00Z".into(),
            Self::RegistrationKey => "must be reg:DIVISION:NUMBER, of six and of 13 to 15 digits".into(),
            Self::Form => "cannot be read".into(),
            Self::Code(error) => error.to_string(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Unknown => "没有这个参数".into(),
            Self::Repeated => "重复给出".into(),
            Self::Missing => "必须给出".into(),
            Self::Range(low, high) => format!("应为 {low} 至 {high} 的整数"),
            Self::Characters(low, high) => format!("应为 {low} 至 {high} 个字符"),
            Self::Division => "应为六位行政区划代码".into(),
            Self::Cursor => "不是本接口给出的游标，请使用 next".into(),
            Self::Day => "应为日期 YYYY-MM-DD，不晚于今天".into(),
            Self::Codes => "应为 {\"codes\": […]}，含 1 至 1000 个代码".into(),
            Self::Timestamp => "应为带时区的时间，例如 2026-10-09T00:00:00Z".into(),
            Self::RegistrationKey => "应为 reg:行政区划:注册号,即六位和 13 至 15 位数字".into(),
            Self::Form => "无法读取".into(),
            Self::Code(error) => chinese_code(error),
        }
    }
}

fn chinese_code(error: &CodeError) -> String {
    match error {
        CodeError::Length { expected, found } => format!("代码应为 {expected} 位，给出了 {found} 位"),
        CodeError::Character { position, found } => format!("代码第 {position} 位不能是“{found}”"),
        CodeError::OrganisationCheckDigit { expected, found } => {
            format!("代码第 17 位（组织机构代码校验码）应为 {expected}，给出的是 {found}")
        }
        CodeError::CheckDigit { expected, found } => {
            format!("代码第 18 位（校验码）应为 {expected}，给出的是 {found}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_in_both_languages() {
        let error = CodeError::CheckDigit {
            expected: 'X',
            found: '1',
        };
        let reason = Reason::Code(error);
        assert!(reason.chinese().contains("应为 X"));
        assert!(reason.english().contains("should be X"));
        assert_eq!(reason.code(), "check-digit");
    }
}

//! Errors in Chinese, for readers of Chinese: what the errors say of themselves in English, in the same terms.
//!
//! What a reader may meet is here. What only a broken program would write stays in English, for those who
//! mend it; a Chinese sentence then goes without it rather than changes its language halfway.

use std::fmt::Display;

use super::bundle::FileError;
use super::intake::FormError;
use crate::log::checkpoint::CheckpointError;
use crate::log::note::{MAX_NOTE, MAX_SIGNATURES, NoteError};
use crate::log::policy::AssessError;
use crate::log::proof::ProofError;
use crate::record::credential::ReadError;
use crate::record::json::{JsonError, MAX_VALUES};

/// An error that can say itself in Chinese.
pub(super) trait Chinese: Display {
    /// The sentence, or none.
    fn zh(&self) -> Option<String>;
}

impl Chinese for JsonError {
    fn zh(&self) -> Option<String> {
        Some(match self {
            JsonError::TooLong { length, limit } => format!("文本长 {length} 字节，至多 {limit} 字节"),
            JsonError::TooMany => format!("值多于 {MAX_VALUES} 个"),
            JsonError::NotUtf8(at) => format!("第 {at} 字节起不是 UTF-8"),
            JsonError::TooDeep(limit) => format!("嵌套超过 {limit} 层"),
            JsonError::DuplicateKey(key) => format!("同一对象中“{key}”出现两次"),
            JsonError::LoneSurrogate { line, column } => {
                format!("第 {line} 行第 {column} 列的字符串含半个代理对")
            }
            JsonError::Float => "数只能是普通整数".to_owned(),
            JsonError::IntegerRange => "整数超出 ±2^53".to_owned(),
            JsonError::Trailing { line, column } => {
                format!("值之后第 {line} 行第 {column} 列还有内容")
            }
            JsonError::Syntax(said) => place(said).map_or_else(
                || "不符合 JSON 语法".to_owned(),
                |(line, column)| format!("第 {line} 行第 {column} 列不符合 JSON 语法，文件可能不完整"),
            ),
        })
    }
}

/// The place that serde_json names at the end of what it says.
fn place(said: &str) -> Option<(&str, &str)> {
    let (line, column) = said.rsplit_once(" at line ")?.1.split_once(" column ")?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(line) && is_number(column)).then_some((line, column))
}

impl Chinese for FormError {
    fn zh(&self) -> Option<String> {
        Some(match self {
            FormError::NotObject(name) => format!("“{name}”不是对象"),
            FormError::Missing(name) => format!("缺少“{name}”"),
            FormError::Kind(name, _) => format!("“{name}”的类型或长度不符"),
            FormError::Unknown(name, of) => format!("“{of}”不应有“{name}”"),
        })
    }
}

impl Chinese for FileError {
    fn zh(&self) -> Option<String> {
        match self {
            FileError::Json(error) => error.zh(),
            FileError::Form(error) => error.zh(),
            FileError::Canonical(_) => None,
            FileError::Surrounded => Some("JSON 对象前后还有其他内容".to_owned()),
            FileError::Type(_) => Some("文件的类型或版本不是本程序所知的".to_owned()),
        }
    }
}

impl Chinese for ProofError {
    fn zh(&self) -> Option<String> {
        Some(match self {
            ProofError::Index { index, size } => format!("位置 {index} 不在 {size} 条的日志中"),
            ProofError::Shrunk { old, new } => format!("后来的日志只有 {new} 条，少于先前的 {old} 条"),
            ProofError::EmptyTree => "空的日志无从证明".to_owned(),
            ProofError::Length => "路径长度不符".to_owned(),
            ProofError::Root => "路径得出的根不符".to_owned(),
            ProofError::OldRoot => "路径得出的先前的根不符".to_owned(),
        })
    }
}

impl Chinese for NoteError {
    fn zh(&self) -> Option<String> {
        Some(match self {
            NoteError::TooLong => format!("签署文本超过 {MAX_NOTE} 字节"),
            NoteError::Characters => "签署文本含控制字符或不是 UTF-8".to_owned(),
            NoteError::Form => "签署文本的正文与签名之间没有空行".to_owned(),
            NoteError::SignatureLine(line) => format!("第 {line} 个签名行格式不符"),
            NoteError::SignatureCount => format!("签名应为 1 至 {MAX_SIGNATURES} 个"),
            NoteError::BadSignature(name) => format!("{name} 的签名不成立"),
            NoteError::NoKnownSignature => "没有已知密钥的签名".to_owned(),
        })
    }
}

impl Chinese for CheckpointError {
    fn zh(&self) -> Option<String> {
        Some(
            match self {
                CheckpointError::Lines => "检查点应为三行：日志名、条数、根",
                CheckpointError::Origin => "检查点的日志名不可用",
                CheckpointError::Size => "检查点的条数不是十进制数",
                CheckpointError::Root => "检查点的根不是 32 字节的 base64",
            }
            .to_owned(),
        )
    }
}

impl Chinese for AssessError {
    fn zh(&self) -> Option<String> {
        match self {
            AssessError::Checkpoint(error) => error.zh(),
            AssessError::Note(error) => error.zh(),
            AssessError::UnknownLog(origin) => {
                Some(format!("信任文件夹所列的日志没有签署 {origin} 的检查点"))
            }
        }
    }
}

impl Chinese for ReadError {
    fn zh(&self) -> Option<String> {
        match self {
            ReadError::Missing(name) => Some(format!("缺少“{name}”或其类型不符")),
            ReadError::Unknown(name) => Some(format!("不应有“{name}”")),
            ReadError::Value(name) => Some(format!("“{name}”的内容不是本登记机构的写法")),
            ReadError::Type => Some("记录类型不是本程序所知的".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json::{Limits, parse};

    #[test]
    fn the_place_of_a_syntax_error_is_kept() {
        let limits = Limits { bytes: 100, depth: 4 };
        let error = parse(b"{\"a\":", limits).unwrap_err();
        assert_eq!(
            error.zh().unwrap(),
            "第 1 行第 5 列不符合 JSON 语法，文件可能不完整"
        );
        let other = JsonError::Syntax("something else".into());
        assert_eq!(other.zh().unwrap(), "不符合 JSON 语法");
    }
}

//! Why there is no verdict at all: an input or a trust folder that cannot be used (exit code 2), each with a
//! reason code. What was read is repeated in the detail, but not at any length.

use std::io::ErrorKind;

use super::bundle::FileError;
use super::check::Unusable;
use super::reason::Reason;
use super::stream::StreamError;
use super::trust::TrustError;
use super::verdict::{Detail, Finding, Lang, State};
use crate::record::json::JsonError;

/// Most characters that a message repeats of what was read.
const LONGEST: usize = 300;

/// A reason without a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What fills the reason's text.
    pub detail: Detail,
}

impl Refusal {
    /// A reason that says everything.
    #[must_use]
    pub const fn new(reason: Reason) -> Self {
        Self {
            reason,
            detail: Detail::None,
        }
    }

    /// A reason and what was found, in no language.
    #[must_use]
    pub fn with(reason: Reason, found: &dyn std::fmt::Display) -> Self {
        let detail = Detail::Text(shortened(&found.to_string()));
        Self { reason, detail }
    }

    /// A file that cannot be read.
    #[must_use]
    pub fn unreadable(reason: Reason, path: &std::path::Path, error: &std::io::Error) -> Self {
        let zh = match error.kind() {
            ErrorKind::NotFound => "不存在",
            ErrorKind::PermissionDenied => "没有读取权限",
            ErrorKind::IsADirectory => "是一个文件夹",
            _ => "系统没有读出",
        };
        let path = path.display();
        let detail = Detail::Error {
            en: shortened(&format!("{path}: {error}")),
            zh: Some(shortened(&format!("{path}，{zh}"))),
        };
        Self { reason, detail }
    }

    /// In words.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        Finding::with(State::Undecided, self.reason, self.detail.clone()).text(lang)
    }
}

/// A message cut to a length that a person may read.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl From<Unusable> for Refusal {
    fn from(error: Unusable) -> Self {
        match error {
            Unusable::File(error) => error.into(),
            Unusable::Unknown => Self::new(Reason::InputUnknown),
        }
    }
}

/// As a bulk file's header; a bundle whose form is wrong has a verdict.
impl From<FileError> for Refusal {
    fn from(error: FileError) -> Self {
        let reason = match &error {
            FileError::Json(JsonError::TooLong { .. } | JsonError::TooMany) => Reason::InputTooLong,
            FileError::Json(_) | FileError::Canonical(_) | FileError::Surrounded => Reason::InputNotJson,
            FileError::Form(_) | FileError::Type(_) => Reason::HeaderMalformed,
        };
        let detail = Detail::error(&error);
        Self { reason, detail }
    }
}

impl From<StreamError> for Refusal {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Header(error) => error.into(),
            StreamError::Read(error) => Self {
                reason: Reason::InputUnreadable,
                detail: Detail::english(&error),
            },
            StreamError::LineTooLong => Self {
                reason: Reason::InputTooLong,
                detail: Detail::english(&error),
            },
        }
    }
}

impl From<TrustError> for Refusal {
    fn from(error: TrustError) -> Self {
        let reason = match error {
            TrustError::Policy(_) | TrustError::NoLog => Reason::TrustPolicy,
            TrustError::ForeignLog(_) => Reason::TrustForeignLog,
            TrustError::Monitors(_) => Reason::TrustMonitors,
            TrustError::Succession(_) | TrustError::NoSuccessor(_) => Reason::TrustSuccessions,
            _ => Reason::TrustIssuer,
        };
        let detail = match &error {
            TrustError::Json(json) => Detail::error(json),
            TrustError::Form(form) => Detail::error(form),
            TrustError::ForeignLog(name) => Detail::Text(name.clone()),
            error => Detail::english(error),
        };
        Self { reason, detail }
    }
}

//! Errors as problem documents (RFC 9457): the one place where a typed error becomes what a client reads.
//!
//! Refuses to tell an unknown thing from one that is not for this reader, and to tell a client anything
//! of an internal error but the number to quote.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use serde::Serialize;

use crate::domain::code::CodeError;
use crate::record::credential::Host;
use crate::registry::random::Random;
use crate::store::StoreError;

use super::asked::RequestId;
use super::i18n::Lang;

/// Media type of a problem document.
pub const MEDIA: &str = "application/problem+json";
/// Type of a missing status list (Bitstring Status List 1.0, “Processing Errors”).
const STATUS_RETRIEVAL: &str = "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR";

/// What went wrong.
#[derive(Debug)]
pub enum Failure {
    /// Unknown, or not for this reader: the two never differ.
    NotFound,
    /// Withdrawn, and this reader could see it before.
    Gone,
    /// No such status list, or no version of it at that time.
    NoStatusList,
    /// Parameters that cannot be used, each with its reason.
    Parameters(Vec<Invalid>),
    /// An API key was given that is unknown, revoked or malformed.
    Key,
    /// The resource knows other methods: these.
    Method(&'static str),
    /// Nothing of the kind was made yet, or it is being made anew.
    NotYet,
    /// The part asked for is beyond so many bytes.
    Range(u64),
    /// The request's body is not JSON.
    NotJson,
    /// The request's body ended before its end.
    Unread,
    /// The request's body is longer than so many bytes.
    TooLong(usize),
    /// Too many requests; seconds until the next may be sent.
    TooMany(i64),
    /// Our own fault. The text goes to the log only.
    Internal(String),
}

/// A parameter that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    place: &'static str,
    name: String,
    reason: Reason,
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

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Parameters(vec![invalid])
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// The number of a request, which its error quotes: the one that an earlier layer gave, or a fresh one.
/// Never taken from the client.
#[must_use]
pub fn number(request: &HttpRequest, random: &dyn Random) -> String {
    if let Some(RequestId(known)) = request.extensions().get() {
        return known.clone();
    }
    fresh_number(random)
}

/// A UUID for a request.
#[must_use]
pub fn fresh_number(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    if let Err(error) = random.fill(&mut bytes) {
        tracing::warn!(%error, "a request has no number of its own");
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// The language that `Accept-Language` prefers; Chinese where it names neither.
#[must_use]
pub fn language(request: &HttpRequest) -> Lang {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    preferred(accepted.unwrap_or_default())
}

fn preferred(accepted: &str) -> Lang {
    let mut best = (Lang::Chinese, 0.0_f32);
    for part in accepted.split(',') {
        let mut words = part.split(';').map(str::trim);
        let tag = words.next().unwrap_or_default().to_ascii_lowercase();
        let weight = words
            .find_map(|word| word.strip_prefix("q="))
            .map_or(Ok(1.0), str::parse)
            .unwrap_or(0.0);
        let lang = match tag.split('-').next() {
            Some("zh") => Lang::Chinese,
            Some("en") => Lang::English,
            _ => continue,
        };
        if weight > best.1 {
            best = (lang, weight);
        }
    }
    best.0
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'static str,
    instance: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Error<'a>>,
}

#[derive(Serialize)]
struct Error<'a> {
    pointer: String,
    #[serde(flatten)]
    described: Described<'a>,
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

/// Name, status, title and detail of a kind of problem.
struct Kind {
    name: &'static str,
    status: StatusCode,
    zh: (&'static str, &'static str),
    en: (&'static str, &'static str),
}

impl Failure {
    fn kind(&self) -> Kind {
        let kind = |name, status, zh, en| Kind { name, status, zh, en };
        match self {
            Self::NotFound => kind(
                "not-found",
                StatusCode::NOT_FOUND,
                ("没有找到", "这里没有可以向您提供的内容。请核对地址。"),
                ("Not found", "There is nothing here for you. Check the address."),
            ),
            Self::Gone => kind(
                "withdrawn",
                StatusCode::GONE,
                (
                    "已撤回",
                    "这条记录已依法停止展示。保存过副本的,应当停止使用并删除。",
                ),
                (
                    "Withdrawn",
                    "By law this record is no longer shown. Whoever kept a copy must stop using it and delete it.",
                ),
            ),
            Self::NoStatusList => kind(
                "no-status-list",
                StatusCode::NOT_FOUND,
                (
                    "没有这个状态列表",
                    "没有这个用途和编号的状态列表，或者在该时刻还没有。",
                ),
                (
                    "No such status list",
                    "There is no status list of that purpose and number, or there was none at that time.",
                ),
            ),
            Self::Parameters(_) => kind(
                "invalid-parameter",
                StatusCode::BAD_REQUEST,
                ("参数不正确", "一个或者多个参数不能使用，逐项说明见 errors。"),
                (
                    "Invalid parameter",
                    "One or more parameters cannot be used; see errors.",
                ),
            ),
            Self::Key => kind(
                "invalid-key",
                StatusCode::UNAUTHORIZED,
                (
                    "密钥无效",
                    "Authorization 中的密钥不存在、已停用或者格式不对。不带密钥可以查询公开内容。",
                ),
                (
                    "Invalid key",
                    "The key in Authorization is unknown, revoked or malformed. Without a key you see what is public.",
                ),
            ),
            Self::Method(_) => kind(
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                ("不支持这个方法", "这里支持的方法见 Allow。"),
                (
                    "Method not allowed",
                    "Allow names the methods that are supported here.",
                ),
            ),
            Self::NotYet => kind(
                "not-yet",
                StatusCode::SERVICE_UNAVAILABLE,
                (
                    "正在生成",
                    "数据文件还没有生成，或者正在重新生成，请按 Retry-After 稍后再试。",
                ),
                (
                    "Being made",
                    "It was not made yet, or is being made anew; try again after Retry-After.",
                ),
            ),
            Self::Range(_) => kind(
                "beyond-the-end",
                StatusCode::RANGE_NOT_SATISFIABLE,
                ("超出文件末尾", "Range 指定的部分超出文件，长度见 Content-Range。"),
                (
                    "Beyond the end",
                    "Range asks for nothing that the file has; Content-Range says how long it is.",
                ),
            ),
            Self::NotJson => kind(
                "not-json",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                ("请求体类型不对", "请用 Content-Type: application/json 提交。"),
                ("Not JSON", "Send the body as Content-Type: application/json."),
            ),
            Self::Unread => kind(
                "body-cut-off",
                StatusCode::BAD_REQUEST,
                ("请求体不完整", "请求体在读完之前中断，请重新提交。"),
                (
                    "Body cut off",
                    "The body ended before it was whole; send it again.",
                ),
            ),
            Self::TooLong(_) => kind(
                "body-too-long",
                StatusCode::PAYLOAD_TOO_LARGE,
                ("请求体过长", "请求体超过上限，请分批提交。"),
                (
                    "Body too long",
                    "The body is longer than allowed; send it in parts.",
                ),
            ),
            Self::TooMany(_) => kind(
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                ("请求过多", "请求过于频繁，请按 Retry-After 稍后再试。"),
                (
                    "Too many requests",
                    "Too many requests; try again after Retry-After.",
                ),
            ),
            Self::Internal(_) => kind(
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                (
                    "系统出错",
                    "这是我们的问题。请稍后再试；联系我们时请报 instance 的编号。",
                ),
                (
                    "Internal error",
                    "The fault is ours. Try again later; quote the instance when you tell us.",
                ),
            ),
        }
    }

    /// The problem document as a response, in `lang`.
    #[must_use]
    pub fn respond(&self, lang: Lang, host: &Host, id: &str) -> HttpResponse {
        if let Self::Internal(why) = self {
            tracing::error!(request = %id, why, "request failed");
        }
        let kind = self.kind();
        let (title, detail) = if lang == Lang::English { kind.en } else { kind.zh };
        let document = Document {
            r#type: match self {
                Self::NoStatusList => STATUS_RETRIEVAL.to_owned(),
                _ => format!("https://{host}/problems/{}", kind.name),
            },
            title,
            status: kind.status.as_u16(),
            detail,
            instance: format!("urn:uuid:{id}"),
            errors: self.errors(lang),
        };
        let mut response = HttpResponse::build(kind.status);
        response
            .insert_header((header::CONTENT_TYPE, MEDIA))
            .insert_header((
                header::CONTENT_LANGUAGE,
                if lang == Lang::English { "en" } else { "zh-Hans" },
            ))
            .insert_header((header::VARY, "Accept-Language, Authorization, Cookie"))
            .insert_header((header::CACHE_CONTROL, "no-store"));
        match self {
            Self::Key => {
                let challenge = format!("Bearer realm=\"{host}\", error=\"invalid_token\"");
                response.insert_header((header::WWW_AUTHENTICATE, challenge));
            }
            Self::Method(known) => {
                response.insert_header((header::ALLOW, *known));
            }
            Self::NotYet => {
                response.insert_header((header::RETRY_AFTER, "60"));
            }
            Self::Range(size) => {
                response.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
            }
            Self::TooMany(seconds) => {
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            _ => {}
        }
        // A document of strings and numbers always has a JSON text.
        response.body(serde_json::to_vec(&document).unwrap_or_default())
    }

    fn errors(&self, lang: Lang) -> Vec<Error<'_>> {
        let Self::Parameters(all) = self else {
            return Vec::new();
        };
        all.iter()
            .map(|invalid| Error {
                pointer: format!("/{}/{}", invalid.place, escape(&invalid.name)),
                described: invalid.reason.described(lang),
            })
            .collect()
    }
}

/// A member name within a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
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
    fn the_language_is_the_preferred_one_of_two() {
        for (accepted, lang) in [
            ("", Lang::Chinese),
            ("fr, de;q=0.5", Lang::Chinese),
            ("en", Lang::English),
            ("en-GB,en;q=0.9,zh;q=0.8", Lang::English),
            ("en;q=0.3, zh-CN;q=0.9", Lang::Chinese),
            ("en;q=0", Lang::Chinese),
            ("en;q=x", Lang::Chinese),
        ] {
            assert_eq!(preferred(accepted), lang, "{accepted}");
        }
    }

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
        assert_eq!(escape("a/b~"), "a~1b~0");
    }
}

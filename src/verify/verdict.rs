//! A verdict: one finding per axis, and what the process says with its exit code.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::chinese::Chinese;
use super::reason::Reason;
use super::refusal::shortened;

/// A question that is answered separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Is it strictly a record of the registry that is trusted?
    Syntax,
    /// Does the issuer's signature fit the content?
    Signature,
    /// Was the signing key the issuer's, by two of three roots, and valid when the record was logged?
    IssuerKey,
    /// Is it in the log?
    Logged,
    /// Between which times did it enter the log?
    Time,
    /// Have enough witnesses seen the log's heads?
    Witnessed,
    /// Is it within `validFrom` and `validUntil`?
    Validity,
    /// Is it not revoked, suspended or replaced?
    Status,
    /// Is the answer about its status young enough?
    Freshness,
    /// Do the claimed times fit the proven ones?
    Backdating,
    /// Statements only: does the snapshot's tree say what the statement says?
    Answer,
    /// Statements only: has a monitor rebuilt the tree?
    Monitored,
}

/// The answer to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Yes, proven.
    Holds,
    /// No, proven or so much as proven.
    Fails,
    /// What would prove it is missing.
    Undecided,
    /// The trust folder's policy does not ask.
    NotRequired,
}

/// Language of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// What belongs into a reason's text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// A time, UTC.
    At(DateTime<Utc>),
    /// Earliest and latest, UTC.
    Between(DateTime<Utc>, DateTime<Utc>),
    /// An index in the log.
    Index(u64),
    /// A name or number, in no language.
    Text(String),
    /// What an error says: in English, and where it is known in Chinese.
    Error {
        /// English.
        en: String,
        /// Chinese.
        zh: Option<String>,
    },
    /// Another finding, from which this one follows.
    Because(Box<Finding>),
}

impl Detail {
    /// An error that is known in both languages.
    pub(super) fn error(error: &(impl Chinese + ?Sized)) -> Self {
        Self::Error {
            en: shortened(&error.to_string()),
            zh: error.zh().map(|text| shortened(&text)),
        }
    }

    /// An error that speaks English only.
    pub(super) fn english(error: &dyn fmt::Display) -> Self {
        Self::Error {
            en: shortened(&error.to_string()),
            zh: None,
        }
    }

    /// In a language; none where there is nothing to say in it.
    fn said(&self, lang: Lang) -> Option<String> {
        match (self, lang) {
            (Detail::None, _) => None,
            (Detail::Error { zh, .. }, Lang::Zh) => zh.clone(),
            (Detail::Because(finding), lang) => Some(finding.text(lang)),
            (detail, _) => Some(detail.to_string()),
        }
    }
}

/// State and reason of one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The answer.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// What fills the reason's text.
    pub detail: Detail,
}

/// What a record says, in short.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize)]
pub struct About {
    /// Type of the credential.
    #[serde(rename = "type")]
    pub record_type: &'static str,
    /// Name of the employer.
    pub name: Option<String>,
    /// Unified code or registration number of the employer; of a rule set, id and version.
    pub code: Option<String>,
    /// Year that is graded.
    pub year: Option<u16>,
    /// The grade.
    pub grade: Option<String>,
}

/// Something that the reader should know and that decides nothing.
pub type Warning = Reason;

/// How issuer signatures were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureCheck {
    /// One by one, `verify_strict`.
    Strict,
    /// Many at once by issuer key: may accept what the key's own holder malformed.
    Batch,
}

/// What a verdict amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Every required axis holds.
    Accepted,
    /// None fails, one is undecided.
    Undecided,
    /// One fails.
    Rejected,
}

/// The answer about one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// One finding for each of [`Axis::ALL`], in that order.
    findings: [Finding; Axis::ALL.len()],
    /// What else to know.
    pub warnings: Vec<Warning>,
    /// `id` of the record, where it could be read.
    pub id: Option<String>,
    /// What the record says, for people; not in verdicts on lines of a bulk file. Means nothing unless the
    /// outcome is [`Outcome::Accepted`].
    pub about: Option<About>,
    /// How the issuer's signature was checked.
    pub signature_check: SignatureCheck,
}

impl Axis {
    /// The axes of a verdict on a record, in order; a statement has two more.
    pub const ALL: [Axis; 10] = [
        Axis::Syntax,
        Axis::Signature,
        Axis::IssuerKey,
        Axis::Logged,
        Axis::Time,
        Axis::Witnessed,
        Axis::Validity,
        Axis::Status,
        Axis::Freshness,
        Axis::Backdating,
    ];

    /// Stable name for machines.
    pub const fn code(self) -> &'static str {
        self.names().0
    }

    /// Name for people.
    pub const fn name(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.names().1,
            Lang::En => self.names().2,
        }
    }

    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Axis::Syntax => ("syntax", "格式", "Syntax"),
            Axis::Signature => ("signature", "签名", "Signature"),
            Axis::IssuerKey => ("issuer-key", "签发密钥", "Issuer key"),
            Axis::Logged => ("logged", "入日志", "Logged"),
            Axis::Time => ("time", "入日志时间", "Time logged"),
            Axis::Witnessed => ("witnessed", "见证", "Witnessed"),
            Axis::Validity => ("validity", "有效期", "Validity period"),
            Axis::Status => ("status", "状态", "Status"),
            Axis::Freshness => ("freshness", "时效", "Freshness"),
            Axis::Backdating => ("backdating", "倒签", "Backdating"),
            Axis::Answer => ("answer", "查询结果", "Answer"),
            Axis::Monitored => ("monitored", "第三方重建", "Monitored"),
        }
    }
}

impl State {
    /// Stable name for machines.
    pub const fn code(self) -> &'static str {
        match self {
            State::Holds => "holds",
            State::Fails => "fails",
            State::Undecided => "undecided",
            State::NotRequired => "not-required",
        }
    }

    /// Name for people.
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (State::Holds, Lang::Zh) => "成立",
            (State::Holds, Lang::En) => "holds",
            (State::Fails, Lang::Zh) => "不成立",
            (State::Fails, Lang::En) => "fails",
            (State::Undecided, Lang::Zh) => "无法判定",
            (State::Undecided, Lang::En) => "undecided",
            (State::NotRequired, Lang::Zh) => "策略不要求",
            (State::NotRequired, Lang::En) => "not required by policy",
        }
    }
}

impl Outcome {
    /// The process's exit code: 0, 3 or 1. (2 is input that has no verdict.)
    pub const fn exit_code(self) -> u8 {
        match self {
            Outcome::Accepted => 0,
            Outcome::Rejected => 1,
            Outcome::Undecided => 3,
        }
    }

    /// Stable name for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Rejected => "rejected",
            Outcome::Undecided => "undecided",
        }
    }

    /// Name for people.
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Outcome::Accepted, Lang::Zh) => "通过：各项要求均成立",
            (Outcome::Accepted, Lang::En) => "ACCEPTED: every required check holds",
            (Outcome::Rejected, Lang::Zh) => "不通过：有检验项不成立",
            (Outcome::Rejected, Lang::En) => "REJECTED: a check fails",
            (Outcome::Undecided, Lang::Zh) => "无法判定：有检验项缺少依据",
            (Outcome::Undecided, Lang::En) => "UNDECIDED: a check lacks what would prove it",
        }
    }
}

impl SignatureCheck {
    /// Stable name for machines.
    pub const fn code(self) -> &'static str {
        match self {
            SignatureCheck::Strict => "strict",
            SignatureCheck::Batch => "batch",
        }
    }
}

impl Finding {
    /// A finding whose text needs nothing more.
    pub const fn new(state: State, reason: Reason) -> Self {
        Self {
            state,
            reason,
            detail: Detail::None,
        }
    }

    /// A finding with a detail.
    pub const fn with(state: State, reason: Reason, detail: Detail) -> Self {
        Self {
            state,
            reason,
            detail,
        }
    }

    /// The reason in words.
    pub fn text(&self, lang: Lang) -> String {
        let text = self.reason.text(lang);
        match self.detail.said(lang) {
            Some(said) if text.contains("{}") => text.replace("{}", &said),
            Some(said) if lang == Lang::Zh => format!("{text}（{said}）"),
            Some(said) => format!("{text} ({said})"),
            None => ["：{}", "（{}）", ": {}", " ({})"]
                .iter()
                .fold(text.to_owned(), |text, place| text.replace(place, "")),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: &DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        match self {
            Detail::None => Ok(()),
            Detail::At(at) => f.write_str(&time(at)),
            Detail::Between(from, until) => write!(f, "{} – {}", time(from), time(until)),
            Detail::Index(index) => write!(f, "{index}"),
            Detail::Text(text) | Detail::Error { en: text, .. } => f.write_str(text),
            Detail::Because(finding) => f.write_str(&finding.text(Lang::En)),
        }
    }
}

impl Verdict {
    /// Every axis not yet looked at.
    pub(super) fn unchecked() -> Self {
        Self {
            findings: std::array::from_fn(|_| Finding::new(State::Undecided, Reason::NotChecked)),
            warnings: Vec::new(),
            id: None,
            about: None,
            signature_check: SignatureCheck::Strict,
        }
    }

    pub(super) fn set(&mut self, axis: Axis, finding: Finding) {
        if let Some(place) = self.findings.get_mut(axis as usize) {
            *place = finding;
        }
    }

    /// The finding on one axis.
    pub fn finding(&self, axis: Axis) -> &Finding {
        // Axis::ALL has the order of the enum, and one finding each.
        self.findings.get(axis as usize).unwrap_or(&UNCHECKED)
    }

    /// All findings, in order.
    pub fn findings(&self) -> impl Iterator<Item = (Axis, &Finding)> {
        Axis::ALL.into_iter().zip(&self.findings)
    }

    /// What it amounts to.
    pub fn outcome(&self) -> Outcome {
        let any = |state| self.findings.iter().any(|finding| finding.state == state);
        match (any(State::Fails), any(State::Undecided)) {
            (true, _) => Outcome::Rejected,
            (false, true) => Outcome::Undecided,
            (false, false) => Outcome::Accepted,
        }
    }
}

static UNCHECKED: Finding = Finding::new(State::Undecided, Reason::NotChecked);

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Verdict", 8)?;
        out.serialize_field("id", &self.id)?;
        out.serialize_field("record", &self.about)?;
        out.serialize_field("outcome", self.outcome().code())?;
        out.serialize_field("headline", self.headline().code())?;
        out.serialize_field("exitCode", &self.outcome().exit_code())?;
        out.serialize_field("signatureCheck", self.signature_check.code())?;
        let axes: Vec<AxisFinding<'_>> = self.findings().map(|(axis, f)| AxisFinding(axis, f)).collect();
        out.serialize_field("axes", &axes)?;
        out.serialize_field("warnings", &self.warnings)?;
        out.end()
    }
}

pub(super) struct AxisFinding<'a>(pub(super) Axis, pub(super) &'a Finding);

impl Serialize for AxisFinding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (axis, finding) = (self.0, self.1);
        let mut out = serializer.serialize_map(None)?;
        out.serialize_entry("axis", axis.code())?;
        out.serialize_entry("state", finding.state.code())?;
        out.serialize_entry("reason", finding.reason.code())?;
        out.serialize_entry("zh", &finding.text(Lang::Zh))?;
        out.serialize_entry("en", &finding.text(Lang::En))?;
        match &finding.detail {
            Detail::None => {}
            Detail::Between(from, until) => {
                out.serialize_entry("from", &Detail::At(*from).to_string())?;
                out.serialize_entry("until", &Detail::At(*until).to_string())?;
            }
            Detail::At(at) => out.serialize_entry("at", &Detail::At(*at).to_string())?,
            Detail::Index(index) => out.serialize_entry("index", index)?,
            Detail::Text(_) | Detail::Error { .. } | Detail::Because(_) => {
                out.serialize_entry("detail", &finding.detail.to_string())?;
            }
        }
        out.end()
    }
}

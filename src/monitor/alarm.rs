//! What can be wrong with a log as seen from outside: kinds, each with its exit code, and alarms with their
//! evidence, kept as files.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::log::hash::Hash;
use crate::record::digest::Digest;
use crate::verify::Lang;

/// Longest alarm file that is read, in bytes: two notes and some words.
pub(super) const MAX_FILE: u64 = 1 << 20;

/// Kinds of alarm, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file of the mirror is not what was written: the monitor cannot stand on it.
    MirrorDamaged,
    /// Two signed heads that cannot be of one history.
    Fork,
    /// A head of an earlier size than one that was shown before.
    RolledBack,
    /// The head is not one that a log of the policy has signed.
    Head,
    /// The head lacks the cosignatures of a quorum.
    Quorum,
    /// Tiles or entries are not those of the signed head, or are withheld.
    Tree,
    /// A body's bytes are not those that were logged.
    BodyChanged,
    /// A body is given by nobody, and no erasure says so.
    BodyMissing,
    /// A body is malformed, or not signed by a key that could sign it.
    Record,
    /// A status list clears a bit that is never cleared.
    ListCleared,
    /// A status list goes back in time, or comes from the future.
    ListTime,
    /// A status list cannot be read.
    ListMalformed,
    /// A key document that the roots have not signed, or that takes something back.
    Keys,
    /// A snapshot does not say what the log's bodies and lists give.
    Snapshot,
    /// A withdrawn body is handed out.
    ErasedServed,
    /// An answer or a size beyond all bounds.
    Oversized,
    /// Nothing new for too long.
    Stale,
    /// An erasure that no withdrawal of the issuer's bears out.
    ErasedUnproved,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::MirrorDamaged,
        Self::Fork,
        Self::RolledBack,
        Self::Head,
        Self::Quorum,
        Self::Tree,
        Self::BodyChanged,
        Self::BodyMissing,
        Self::Record,
        Self::ListCleared,
        Self::ListTime,
        Self::ListMalformed,
        Self::Keys,
        Self::Snapshot,
        Self::ErasedServed,
        Self::Oversized,
        Self::Stale,
        Self::ErasedUnproved,
    ];

    /// The kind's word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MirrorDamaged => "mirror-damaged",
            Self::Fork => "fork",
            Self::RolledBack => "rolled-back",
            Self::Head => "head",
            Self::Quorum => "quorum",
            Self::Tree => "tree",
            Self::BodyChanged => "body-changed",
            Self::BodyMissing => "body-missing",
            Self::Record => "record",
            Self::ListCleared => "list-cleared",
            Self::ListTime => "list-time",
            Self::ListMalformed => "list-malformed",
            Self::Keys => "keys",
            Self::Snapshot => "snapshot",
            Self::ErasedServed => "erased-served",
            Self::Oversized => "oversized",
            Self::Stale => "stale",
            Self::ErasedUnproved => "erased-unproved",
        }
    }

    /// The command's exit code; with several alarms the smallest.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::MirrorDamaged => 1,
            Self::Fork => 10,
            Self::RolledBack => 11,
            Self::Head => 12,
            Self::Quorum => 13,
            Self::Tree => 14,
            Self::BodyChanged => 15,
            Self::BodyMissing => 16,
            Self::Record => 17,
            Self::ListCleared => 18,
            Self::ListTime => 19,
            Self::ListMalformed => 20,
            Self::Keys => 21,
            Self::Snapshot => 22,
            Self::ErasedServed => 23,
            Self::Oversized => 24,
            Self::Stale => 25,
            Self::ErasedUnproved => 26,
        }
    }

    /// Whether what was logged or signed proves it for good.
    #[must_use]
    pub const fn is_proved(self) -> bool {
        matches!(
            self,
            Self::Fork
                | Self::Record
                | Self::ListCleared
                | Self::ListTime
                | Self::ListMalformed
                | Self::Keys
                | Self::Snapshot
                | Self::ErasedServed
        )
    }

    /// What it means, for people.
    #[must_use]
    pub const fn text(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::MirrorDamaged => (
                "本镜像已损坏：请从备份恢复该文件，或另用文件夹重建镜像",
                "this mirror is damaged: put the file back from a backup, or begin again in another folder",
            ),
            Self::Fork => ("日志分叉：同一日志出现两种历史", "the log shows two histories"),
            Self::RolledBack => (
                "日志倒退：给出的日志头小于以前给出的",
                "the log is shown smaller than it was before",
            ),
            Self::Head => (
                "日志头无效：不是信任策略中的日志所签",
                "the head is not one that a log of the trust policy has signed",
            ),
            Self::Quorum => (
                "日志头的见证签名未达法定数",
                "the head lacks the cosignatures of a quorum of witnesses",
            ),
            Self::Tree => (
                "日志数据与已签名的日志头不符，或不予提供",
                "tiles or entries are not those of the signed head, or are withheld",
            ),
            Self::BodyChanged => (
                "内容与入日志时的摘要不符",
                "a body is not the one that was logged",
            ),
            Self::BodyMissing => (
                "应公开的内容缺失，且无删除条目",
                "a body is withheld, and no erasure says so",
            ),
            Self::Record => (
                "内容格式不符，或不是有权密钥所签",
                "a body is malformed, or not signed by a key that could sign it",
            ),
            Self::ListCleared => (
                "状态列表清除了不可清除的标记",
                "a status list clears a bit that is never cleared",
            ),
            Self::ListTime => (
                "状态列表的时间倒退或超前",
                "a status list goes back in time, or comes from the future",
            ),
            Self::ListMalformed => ("状态列表无法读取", "a status list cannot be read"),
            Self::Keys => (
                "密钥文件未经根密钥授权，或收回以前所列",
                "a key document is not the roots', or takes back what an earlier one said",
            ),
            Self::Snapshot => (
                "快照与日志内容不符",
                "a snapshot is not what the log's contents give",
            ),
            Self::ErasedServed => ("已撤回的内容仍在提供", "a withdrawn body is still handed out"),
            Self::Oversized => (
                "答复或所称规模超出上限",
                "an answer or a claimed size is beyond all bounds",
            ),
            Self::Stale => ("长时间没有新内容", "nothing new for too long"),
            Self::ErasedUnproved => (
                "删除条目没有发布者签名的撤回声明",
                "an erasure is borne out by no withdrawal that the issuer has signed",
            ),
        };
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// What proves an alarm to others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The signed head that was accepted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// The signed head that was shown now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// Root (base64) that the tree under the head shown has at the size held, and the path that proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_root: Option<String>,
    /// Consistency path (base64) from that root to the head shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
}

impl Evidence {
    /// Two notes.
    pub(super) fn notes(held: Option<&str>, shown: &str) -> Self {
        Self {
            held: held.map(str::to_owned),
            shown: Some(shown.to_owned()),
            ..Self::default()
        }
    }

    /// The same with the proof that the second is no continuation of the first.
    pub(super) fn with_path(self, other: &Hash, path: &[Hash]) -> Self {
        Self {
            other_root: Some(other.to_base64()),
            path: path.iter().map(Hash::to_base64).collect(),
            ..self
        }
    }
}

/// What is wrong, in words: a parser's message is in English only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Says {
    zh: Option<String>,
    en: String,
}

impl From<String> for Says {
    fn from(en: String) -> Self {
        Self { zh: None, en }
    }
}

impl<Z: Into<String>, E: Into<String>> From<(Z, E)> for Says {
    fn from((zh, en): (Z, E)) -> Self {
        Self {
            zh: Some(zh.into()),
            en: en.into(),
        }
    }
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// What kind.
    pub kind: Kind,
    /// What it is about: `entry 12`, `checkpoint 70`, a path.
    pub about: String,
    /// What is wrong, in English.
    pub says: String,
    /// The same in Chinese, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says_zh: Option<String>,
    /// When it was first seen, UTC.
    pub since: DateTime<Utc>,
    /// Whether it is reported until its file is taken away; else it is judged anew in each round.
    pub stands: bool,
    /// What proves it.
    #[serde(default)]
    pub evidence: Evidence,
}

impl Alarm {
    /// An alarm that was seen at `since`; what its kind proves stands.
    pub(super) fn new(
        kind: Kind,
        about: String,
        says: Says,
        since: DateTime<Utc>,
        evidence: Evidence,
    ) -> Self {
        Self {
            kind,
            about,
            says: says.en,
            says_zh: says.zh,
            since,
            stands: kind.is_proved(),
            evidence,
        }
    }

    /// What it means and what is wrong, for people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let kind = self.kind.text(lang);
        match (lang, &self.says_zh) {
            (Lang::Zh, Some(says)) => format!("{kind}：{says}"),
            (Lang::Zh, None) => kind.to_owned(),
            (Lang::En, _) => format!("{kind}: {}", self.says),
        }
    }

    /// A name for its files that the same finding has again.
    pub(super) fn name(&self) -> String {
        let whole = format!(
            "{}\n{}\n{}\n{:?}\n{:?}",
            self.kind.code(),
            self.about,
            self.says,
            self.evidence.held,
            self.evidence.shown
        );
        let digest = Digest::of(whole.as_bytes()).hex();
        format!("{}-{}", self.kind.code(), digest.get(..16).unwrap_or_default())
    }
}

//! What a verdict amounts to for a reader in a hurry: one of six words and a plain sentence
//! (`experience.md`, “Verify”). The axes say why; nothing is decided here that they do not say.
//!
//! “Signature invalid” is kept for what speaks against the file itself. Proofs that are only too old, or
//! missing, are “cannot be verified”: the record may be quite good, and a newer bundle will show it. So is
//! the file of another registry, or of a log that the trust folder at hand does not know: such a folder says
//! nothing about it, for or against.

use super::reason::Reason;
use super::statement::StatementVerdict;
use super::verdict::{Axis, Finding, Lang, Outcome, State, Verdict};

/// The six words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// 有效.
    Valid,
    /// 已失效.
    Lapsed,
    /// 已中止: for a time only, so not “no longer in force”.
    Suspended,
    /// 已撤销.
    Revoked,
    /// 签名无效.
    Invalid,
    /// 无法验证.
    Unverifiable,
}

macro_rules! headlines {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $word:ident $zh:literal $en:literal;)+) => {
        /// One word and one sentence for a whole verdict.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Headline {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Headline {
            /// Every headline.
            pub const ALL: &'static [Headline] = &[$(Headline::$name,)+];

            /// Stable code for machines.
            pub const fn code(self) -> &'static str {
                match self { $(Headline::$name => $code,)+ }
            }

            /// Its word.
            pub const fn word(self) -> Word {
                match self { $(Headline::$name => Word::$word,)+ }
            }

            /// Its sentence; `{}` stands for the host of the trust folder.
            pub const fn sentence(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::Zh => match self { $(Headline::$name => $zh,)+ },
                    Lang::En => match self { $(Headline::$name => $en,)+ },
                }
            }

            /// Its sentence to somebody who judges by the trust folder of `host`.
            pub fn said_of(self, host: &str, lang: Lang) -> String {
                self.sentence(lang).replace("{}", host)
            }
        }
    };
}

headlines! {
    /// Every required axis holds.
    Good "good" Valid "这份记录由登记机关签发，未被改动，目前有效。" "Issued by the authority, unchanged and in force.";
    /// Every required axis holds, of a status list.
    StatusList "status-list" Valid "这是登记机关签发的一份状态表，不是对任何单位的评价。" "A status list issued by the authority; it says nothing about any one employer.";
    /// Every required axis holds, of a withdrawal.
    Withdrawal "withdrawal" Valid "这是登记机关签发的一份撤回声明：它所指的记录已停止展示，不得再使用。" "A withdrawal issued by the authority: the record that it names is no longer shown and must not be used.";
    /// Every required axis holds, of a statement that shows records.
    Present "present" Valid "截至所示时间，登记库持有该单位的现行记录。" "The registry held current records on this employer at the time shown.";
    /// Every required axis holds, of a statement of nothing.
    Absent "absent" Valid "截至所示时间，登记库没有该单位的现行记录。" "The registry held no current record on this employer at the time shown.";
    /// Genuine, past `validUntil`.
    Expired "expired" Lapsed "这份记录是真实的，但已过有效期，不能说明现状。" "Genuine, but its validity has ended; it does not describe the present.";
    /// Genuine, with a newer record in its place.
    Replaced "replaced" Lapsed "这份记录是真实的，但已由新的记录替代。" "Genuine, but a newer record has replaced it.";
    /// Genuine, an objection or review is pending.
    Suspended "suspended" Suspended "这份记录是真实的，但异议或复查尚未办结，暂不作为依据。" "Genuine, but suspended while an objection or review is pending.";
    /// Genuine and withdrawn for good.
    Revoked "revoked" Revoked "这份记录曾由登记机关签发，现已撤销，不得再使用。" "Issued by the authority and revoked since; it must no longer be used.";
    /// Something speaks against the file itself.
    Forged "forged" Invalid "这份文件不能证明由登记机关签发：内容、签名、密钥或日志证明不成立。" "Nothing proves that the authority issued this file: its content, signature, key or log proof does not hold.";
    /// Of another registry than the trust folder at hand.
    Foreign "foreign" Unverifiable "手头的信任文件夹属于 {}，不能核验其他登记机构的文件。请改用签发机构的信任文件夹。" "This trust folder is for {}; it cannot tell about another registry's file. Use the trust folder of the one who issued it.";
    /// Of the trusted registry by its own word, signed by a log that the trust folder does not know.
    UnknownLog "unknown-log" Unverifiable "文件自称出自 {}，但签署它的日志不在手头的信任文件夹中：信任文件夹可能已经过旧或者属于另一套系统，文件也可能是伪造的。请勿使用，先经可信途径（不经登记机构的网站）向登记机构取得现行的信任文件夹。" "It claims to be of {}, but your trust folder does not know the log that signed it: the folder is old or of another set-up, or the file is forged. Do not use it; first get the registry's current trust folder by a way that does not depend on its server.";
    /// Nothing speaks against it, but its answer about status is too old.
    Stale "stale" Unverifiable "状态信息已过时，请取得新的证明包。" "The status information is out of date; get a new bundle.";
    /// Genuine, before `validFrom`.
    NotYetValid "not-yet-valid" Unverifiable "这份记录尚未生效。" "This record is not yet in force.";
    /// A bare record: what would prove it is not there.
    Unproven "unproven" Unverifiable "文件只有记录，没有证明。请下载并核验证明包。" "The file is a record without its proofs; verify a bundle instead.";
    /// What would prove a required axis is missing.
    Incomplete "incomplete" Unverifiable "现有材料不足以得出结论，请看无法判定的各项。" "What is at hand does not suffice; see the checks that are undecided.";
}

impl Word {
    /// Every word.
    pub const ALL: [Word; 6] = [
        Word::Valid,
        Word::Lapsed,
        Word::Suspended,
        Word::Revoked,
        Word::Invalid,
        Word::Unverifiable,
    ];

    /// Stable code for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Word::Valid => "valid",
            Word::Lapsed => "lapsed",
            Word::Suspended => "suspended",
            Word::Revoked => "revoked",
            Word::Invalid => "invalid",
            Word::Unverifiable => "unverifiable",
        }
    }

    /// The word for people.
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Word::Valid, Lang::Zh) => "有效",
            (Word::Valid, Lang::En) => "Valid",
            (Word::Lapsed, Lang::Zh) => "已失效",
            (Word::Lapsed, Lang::En) => "No longer in force",
            (Word::Suspended, Lang::Zh) => "已中止",
            (Word::Suspended, Lang::En) => "Suspended",
            (Word::Revoked, Lang::Zh) => "已撤销",
            (Word::Revoked, Lang::En) => "Revoked",
            (Word::Invalid, Lang::Zh) => "签名无效",
            (Word::Invalid, Lang::En) => "Signature invalid",
            (Word::Unverifiable, Lang::Zh) => "无法验证",
            (Word::Unverifiable, Lang::En) => "Cannot be verified",
        }
    }
}

/// Axes that speak of the file itself, not of what has happened since.
const PROOFS: [Axis; 7] = [
    Axis::Syntax,
    Axis::Signature,
    Axis::IssuerKey,
    Axis::Logged,
    Axis::Time,
    Axis::Witnessed,
    Axis::Backdating,
];
/// The same of a statement.
const OF_STATEMENTS: [Axis; 9] = [
    Axis::Syntax,
    Axis::Signature,
    Axis::IssuerKey,
    Axis::Logged,
    Axis::Time,
    Axis::Witnessed,
    Axis::Backdating,
    Axis::Answer,
    Axis::Monitored,
];

impl Verdict {
    /// The verdict in one word and one sentence.
    #[must_use]
    pub fn headline(&self) -> Headline {
        if self.outcome() != Outcome::Accepted {
            return wanting(&PROOFS, |axis| self.finding(axis));
        }
        if self.warnings.contains(&Reason::StatusListItself) {
            Headline::StatusList
        } else if self.warnings.contains(&Reason::WithdrawalItself) {
            Headline::Withdrawal
        } else {
            Headline::Good
        }
    }
}

impl StatementVerdict {
    /// The verdict in one word and one sentence.
    #[must_use]
    pub fn headline(&self) -> Headline {
        if self.outcome() != Outcome::Accepted {
            return wanting(&OF_STATEMENTS, |axis| self.finding(axis));
        }
        match self.answer.reason {
            Reason::RecordsPresent => Headline::Present,
            _ => Headline::Absent,
        }
    }
}

/// The headline of what is not accepted.
fn wanting<'v>(proofs: &[Axis], finding: impl Fn(Axis) -> &'v Finding) -> Headline {
    let state = |axis| finding(axis).state;
    let reason = |axis| finding(axis).reason;
    if reason(Axis::Syntax) == Reason::ForeignIssuer {
        return Headline::Foreign;
    }
    if reason(Axis::Logged) == Reason::LogUnknown && state(Axis::Syntax) != State::Fails {
        return Headline::UnknownLog;
    }
    let (status, freshness) = (reason(Axis::Status), reason(Axis::Freshness));
    // A list that is not the issuer's, or not in the log, is forged like a record.
    let told = [Reason::Revoked, Reason::Suspended, Reason::Replaced].contains(&status);
    let false_list = state(Axis::Status) == State::Fails && !told;
    let proof_fails = proofs.iter().any(|axis| state(*axis) == State::Fails);
    if proof_fails || false_list || freshness == Reason::DatedAfterCheckpoint {
        return Headline::Forged;
    }
    let missing = |axis| state(axis) == State::Undecided;
    if proofs.iter().any(|axis| missing(*axis)) {
        let bare = reason(Axis::Logged) == Reason::NotSupplied;
        return if bare {
            Headline::Unproven
        } else {
            Headline::Incomplete
        };
    }
    // What is final stays true however old the answer is; a suspension may have ended since.
    let old = [Reason::ListStale, Reason::KeyDocumentStale, Reason::SnapshotStale];
    let stale = old.contains(&freshness);
    let missing_status = missing(Axis::Status) && status != Reason::ListStale;
    match (status, reason(Axis::Validity)) {
        (Reason::Revoked, _) => Headline::Revoked,
        (Reason::Replaced, _) => Headline::Replaced,
        (_, Reason::Expired) => Headline::Expired,
        (_, Reason::NotYetValid) => Headline::NotYetValid,
        (Reason::Suspended, _) if !stale => Headline::Suspended,
        _ if missing_status || missing(Axis::Validity) => Headline::Incomplete,
        _ if stale => Headline::Stale,
        _ => Headline::Incomplete,
    }
}

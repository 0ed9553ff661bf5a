//! Reason codes: stable words for machines, and what they say to people in Chinese and English. `{}` is
//! where a finding's detail goes.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::verdict::Lang;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $zh:literal $en:literal;)+) => {
        /// Why an axis has its state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)+];

            /// Stable code for machines.
            pub const fn code(self) -> &'static str {
                match self { $(Reason::$name => $code,)+ }
            }

            /// Text for people; `{}` stands for the finding's detail.
            pub const fn text(self, lang: Lang) -> &'static str {
                match lang {
                    Lang::Zh => match self { $(Reason::$name => $zh,)+ },
                    Lang::En => match self { $(Reason::$name => $en,)+ },
                }
            }
        }
    };
}

reasons! {
    /// Any axis: an earlier check failed, so this one was not made.
    NotChecked "not-checked" "前面的检验未通过，本项未检验" "not checked, because an earlier check did not pass";
    /// Any axis: the input does not carry what would prove it, such as a bare record without bundle.
    NotSupplied "not-supplied" "所给文件不含证明本项所需的材料" "the input does not carry what would prove this";
    /// Witnessed, time, backdating: `quorum none`.
    NotRequired "not-required-by-policy" "信任策略未要求见证人" "the trust policy requires no witnesses";

    /// Syntax.
    WellFormed "well-formed" "严格符合登记机构的记录格式" "strictly a record of this registry";
    /// Syntax.
    Malformed "malformed" "格式不符：{}" "malformed: {}";
    /// Syntax: the record's issuer is not the one of the trust folder.
    ForeignIssuer "foreign-issuer" "签发者不是信任文件所列的登记机构：{}" "issued by another registry than the trusted one: {}";
    /// Syntax: the pinned context is not the one that this program knows.
    ContextUnknown "context-unknown" "信任文件所锁定的词汇表与本程序所知的不同" "the pinned context differs from the one that this program knows";

    /// Signature.
    SignatureValid "signature-valid" "签名与内容相符" "the signature fits the content";
    /// Signature.
    SignatureInvalid "signature-invalid" "签名与内容不符，内容可能被改动" "the signature does not fit the content, which may have been changed";
    /// Signature: no usable key document lists the method.
    NoTrustedKey "no-trusted-key" "没有可信的密钥可供验签" "there is no trusted key to check it with";

    /// Issuer key.
    KeyValid "key-valid" "密钥由根密钥授权，入日志时有效" "authorised by the roots and valid when logged";
    /// Issuer key: fewer than the threshold of roots have signed a key document.
    RootsTooFew "roots-too-few" "密钥文件未达到所需的根密钥签名数" "the key document lacks signatures of enough roots";
    /// Issuer key: a key document is not what it should be.
    KeyDocumentMalformed "key-document-malformed" "密钥文件格式不符：{}" "the key document is malformed: {}";
    /// Issuer key: a key document is not in the log as claimed.
    KeyDocumentNotLogged "key-document-not-logged" "密钥文件不在日志中：{}" "the key document is not in the log: {}";
    /// Issuer key: no document lists the verification method, or the newest does not.
    KeyNotListed "key-not-listed" "密钥文件未列出签名所用的密钥：{}" "the key documents do not list the signing key: {}";
    /// Issuer key.
    KeyExpired "key-expired" "入日志时密钥已过期（{}）" "the key had expired when the record was logged ({})";
    /// Issuer key.
    KeyRevoked "key-revoked" "入日志时密钥已被撤销（{}）" "the key was revoked when the record was logged ({})";
    /// Issuer key: the latest logged time is unknown.
    KeyTimeUnknown "key-time-unknown" "入日志的时间不明，无法判断密钥当时是否有效" "without a proven time it cannot be said whether the key was valid";
    /// Issuer key: the trust folder itself has ended.
    TrustExpired "trust-expired" "信任文件已过期（{}），请向登记机构索取新文件" "the trust folder has expired ({}); ask the registry for a new one";

    /// Logged.
    Included "included" "在日志中，位置 {}" "in the log, at index {}";
    /// Logged: the entry is about another body.
    EntryDigest "entry-digest" "日志条目与记录的摘要不符" "the log entry is about other bytes than this record";
    /// Logged: the entry's kind does not fit the record's type.
    EntryKind "entry-kind" "日志条目的类别与记录不符" "the log entry has another kind than this record";
    /// Logged: the entry's bytes are not an entry.
    EntryMalformed "entry-malformed" "日志条目格式不符" "the log entry is malformed";
    /// Logged: the path does not lead to the root.
    InclusionInvalid "inclusion-invalid" "日志收录证明不成立：{}" "the inclusion proof does not hold: {}";
    /// Logged: a checkpoint is malformed or not signed by a trusted log.
    CheckpointInvalid "checkpoint-invalid" "检查点无效：{}" "a checkpoint is not valid: {}";
    /// Logged: the checkpoints are not heads of one growing tree.
    CheckpointsInconsistent "checkpoints-inconsistent" "各检查点不属于同一条只增的日志：{}" "the checkpoints do not belong to one append-only log: {}";
    /// Logged: the index does not lie between the two checkpoints around it.
    CheckpointsMisplaced "checkpoints-misplaced" "前后检查点与记录位置不符" "the checkpoints before and after do not enclose the record's index";

    /// Time.
    TimeProven "time-proven" "入日志时间：{}" "entered the log between {}";
    /// Time.
    TimeUnknown "time-unknown" "缺少见证时间，无法确定入日志的时间" "without the witnesses' times it cannot be said when it was logged";
    /// Time.
    TimeTooWide "time-too-wide" "入日志的时间范围过宽：{}" "the times between which it was logged are too far apart: {}";
    /// Time: the lower bound lies above the upper one.
    TimeContradictory "time-contradictory" "见证时间互相矛盾：{}" "the witnesses' times contradict each other: {}";

    /// Witnessed.
    QuorumReached "quorum-reached" "见证人数达到策略要求" "the policy's quorum of witnesses has cosigned";
    /// Witnessed.
    QuorumMissing "quorum-missing" "见证人数未达到策略要求" "the policy's quorum of witnesses has not cosigned";

    /// Validity.
    InForce "in-force" "在有效期内：{}" "in force: {}";
    /// Validity.
    NotYetValid "not-yet-valid" "尚未生效（自 {}）" "not yet in force (from {})";
    /// Validity.
    Expired "expired" "已过有效期（至 {}）" "no longer in force (until {})";
    /// Validity, freshness: the verifier's clock stands before a proven time.
    ClockBehind "clock-behind" "核验时刻早于材料所证明的时间（{}）" "the time of verification lies before a time that the material proves ({})";

    /// Status.
    Clear "clear" "截至 {} 未撤销、未暂停、未被替代" "not revoked, suspended or replaced as of {}";
    /// Status.
    Revoked "revoked" "已撤销（截至 {}）" "revoked as of {}";
    /// Status.
    Suspended "suspended" "已暂停，异议或复核处理中（截至 {}）" "suspended, an objection or review is pending, as of {}";
    /// Status.
    Replaced "replaced" "已被新记录替代（截至 {}）" "replaced by a newer record as of {}";
    /// Status.
    ListMissing "list-missing" "缺少记录所指的状态表：{}" "a status list that the record points to is missing: {}";
    /// Status.
    ListMalformed "list-malformed" "状态表格式不符：{}" "a status list is malformed: {}";
    /// Status.
    ListNotLogged "list-not-logged" "状态表不在日志中：{}" "a status list is not in the log: {}";
    /// Status.
    ListSignature "list-signature" "状态表签名不成立：{}" "the signature of a status list does not hold: {}";

    /// Status: a type that has no status, such as a status list itself.
    NoStatus "no-status" "此类记录没有状态" "records of this type have no status";

    /// Freshness.
    Fresh "fresh" "状态表与密钥文件在时效内（最早 {}）" "status lists and key document are recent (the oldest is of {})";
    /// Freshness.
    ListStale "list-stale" "状态表过旧（{}），请取得新的证明包" "a status list is too old ({}); get a newer bundle";
    /// Freshness.
    KeyDocumentStale "key-document-stale" "密钥文件过旧（{}），请取得新的证明包" "the newest key document is too old ({}); get a newer bundle";
    /// Freshness: dated after the checkpoint that holds it was cosigned.
    DatedAfterCheckpoint "dated-after-checkpoint" "所载日期晚于收录它的检查点（{}）" "dated after the checkpoint that includes it ({})";

    /// Backdating.
    NotBackdated "not-backdated" "所称日期与入日志的时间相符" "the claimed dates fit the logged time";
    /// Backdating.
    CreatedTooEarly "created-too-early" "所称签名时间早于入日志时间过多（{}）" "the claimed signing time lies too long before the logged time ({})";
    /// Backdating.
    DecidedTooEarly "decided-too-early" "所称决定日期早于入日志时间过多（{}）" "the claimed decision date lies too long before the logged time ({})";
    /// Backdating.
    CreatedAfterLogged "created-after-logged" "所称签名时间晚于入日志时间（{}）" "the claimed signing time lies after the logged time ({})";

    /// Warning: under `quorum none` the key's validity is judged by what the record itself says.
    KeyTimeClaimed "key-time-claimed" "无见证人：密钥是否有效按记录自称的签名时间判断" "no witnesses: the key's validity is judged by the signing time that the record itself claims";
    /// Warning: the input is a status list, not a record about somebody.
    StatusListItself "status-list-itself" "这是一份状态表本身，不是对任何单位的评价" "this is a status list itself; it says nothing about any one employer";
    /// Warning: the input is a withdrawal, not a record about somebody.
    WithdrawalItself "withdrawal-itself" "这是一份撤回声明：它按摘要所指的记录不得再使用" "this is a withdrawal: the record that it names by its digest must no longer be used";
    /// Warning: batch verification.
    BatchChecked "batch-checked" "签名为成批核验：无法识别密钥持有人自己造的变形签名" "signatures were checked in batches, which can accept what the key's own holder malformed";
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Reason", 3)?;
        out.serialize_field("reason", self.code())?;
        out.serialize_field("zh", self.text(Lang::Zh))?;
        out.serialize_field("en", self.text(Lang::En))?;
        out.end()
    }
}

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
    /// Syntax: the proof names another suite than `eddsa-jcs-2022`.
    SuiteUnknown "suite-unknown" "签名算法不是本程序所知的：{}" "the signature is of an algorithm that this program does not know: {}";
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
    /// Issuer key: no document at hand listed the key before the record was logged.
    KeyListedLater "key-listed-later" "所给密钥文件入日志晚于本记录，无法证明密钥当时已获授权" "no key document at hand was logged before the record, so the key is not proved to have been authorised then";
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
    /// Logged: no log of the trust folder has signed a checkpoint; another folder may know its log.
    LogUnknown "log-unknown" "信任文件夹所列的日志没有签署检查点，其自称的日志为 {}" "no log of the trust folder has signed a checkpoint, which claims to be of {}";
    /// Logged: a head under the key of a log that ended lies past the head at which the roots froze it, or has another root there.
    LogFrozen "log-frozen" "该日志已由根密钥冻结在 {} 条，而检查点在其之后或与其不符：可能出自盗得日志密钥的人" "the roots froze this log at {} entries, and a checkpoint lies past that or contradicts it: it may be by whoever stole the log's key";
    /// Logged: without witnesses, the newest checkpoint at hand is of a log that ended and smaller than the head at which it was frozen.
    FrozenUnproved "frozen-unproved" "该日志已由根密钥冻结在 {} 条，所给检查点较小且无见证人，无法证明属于其中；请取得新的证明包" "the roots froze this log at {} entries; the checkpoint at hand is smaller, and without witnesses nothing proves it to be part of that: get a newer bundle";
    /// Logged: a checkpoint is malformed, or a known key's signature does not verify.
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
    Clear "clear" "截至 {} 未撤销、未中止、未被替代" "not revoked, suspended or replaced as of {}";
    /// Status.
    Revoked "revoked" "已撤销（截至 {}）" "revoked as of {}";
    /// Status.
    Suspended "suspended" "已中止，异议或复查尚未办结（截至 {}）" "suspended, an objection or review is pending, as of {}";
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
    /// Freshness: past the document's `nextUpdate`, or, where it has none, older than allowed.
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

    /// Logged: a snapshot's entry is for another audience than the snapshot says.
    EntryAudience "entry-audience" "日志条目的受众与快照不符" "the log entry is for another audience than the snapshot says";
    /// Logged: what a snapshot describes is no head of this log, or not one before it.
    SnapshotHead "snapshot-head" "快照所述的日志状态不是本日志在其之前的检查点" "the snapshot does not describe an earlier head of this log";
    /// Freshness of a statement.
    SnapshotFresh "snapshot-fresh" "快照与密钥文件在时效内（最早 {}）" "snapshot and key document are recent (the oldest is of {})";
    /// Freshness of a statement: the snapshot, or the head that it describes, is too old.
    SnapshotStale "snapshot-stale" "快照所述状态过旧（{}），请取得新的证明" "what the snapshot shows is too old ({}); get a newer statement";

    /// Answer.
    RecordsPresent "records-present" "截至 {} 登记库持有该单位的现行记录" "the registry held current records on this employer as of {}";
    /// Answer.
    RecordsAbsent "records-absent" "截至 {} 登记库没有该单位的现行记录" "the registry held no current record on this employer as of {}";
    /// Answer: a leaf is not in the snapshot's tree.
    AnswerPath "answer-path" "所示叶节点不在快照的树中：{}" "a leaf is not in the snapshot's tree: {}";
    /// Answer: the two leaves have others between them.
    AnswerNotAdjacent "answer-not-adjacent" "所示两叶并不相邻：{}" "the two leaves are not neighbours: {}";
    /// Answer: a leaf that should be the first or last is not, or the tree is not empty.
    AnswerNotAtEdge "answer-not-at-edge" "所示叶节点不在树的边缘，或树非空：{}" "the leaf is not at the edge of the tree, or the tree is not empty: {}";
    /// Answer: the employer's place is elsewhere.
    AnswerNotEnclosed "answer-not-enclosed" "该单位的位置不在所示叶节点之间：{}" "the employer's place is not where the leaves say: {}";
    /// Answer: the leaf is another employer's.
    AnswerOtherEmployer "answer-other-employer" "所示叶节点属于其他单位：{}" "the leaf is about another employer: {}";
    /// Answer: a leaf's bytes are no leaf.
    AnswerMalformed "answer-malformed" "叶节点格式不符：{}" "a leaf is malformed: {}";
    /// Answer, status: a record that comes along is not one of the employer's leaf.
    RecordForeign "record-foreign" "所附记录不在该单位的叶节点中" "a record that comes along is not one of the employer's leaf";
    /// Answer: a record that comes along is not signed by the issuer.
    RecordSignature "record-signature" "所附记录的签名不成立" "the signature of a record that comes along does not hold";

    /// Monitored.
    Monitored "monitored" "监测方已按日志重建该树，结果一致（{}）" "a monitor has rebuilt the tree from the log and found it equal ({})";
    /// Monitored: nobody but the registry says so.
    Asserted "asserted" "仅为登记机构自己的声明，尚无监测方重建该树" "the registry's own claim: no trusted monitor has rebuilt the tree";
    /// Monitored: a known monitor's signature does not hold.
    MonitorSignature "monitor-signature" "监测方的签名不成立" "a known monitor's signature does not hold";
    /// Monitored: a known monitor's note is about another snapshot.
    MonitorOther "monitor-other-snapshot" "监测方的签署针对其他快照" "a monitor's note is about another snapshot";
    /// Monitored: a note is none.
    MonitorMalformed "monitor-malformed" "监测方的签署格式不符：{}" "a monitor's note is malformed: {}";

    /// Warning: under `quorum none` the key's validity is judged by what the record itself says.
    KeyTimeClaimed "key-time-claimed" "无见证人：密钥是否有效按记录自称的签名时间判断" "no witnesses: the key's validity is judged by the signing time that the record itself claims";
    /// Warning: the input is a status list, not a record about somebody.
    StatusListItself "status-list-itself" "这是一份状态表本身，不是对任何单位的评价" "this is a status list itself; it says nothing about any one employer";
    /// Warning: the input is a withdrawal, not a record about somebody.
    WithdrawalItself "withdrawal-itself" "这是一份撤回声明：它按摘要所指的记录不得再使用" "this is a withdrawal: the record that it names by its digest must no longer be used";
    /// Warning: batch verification.
    BatchChecked "batch-checked" "签名为成批核验：无法识别密钥持有人自己造的变形签名" "signatures were checked in batches, which can accept what the key's own holder malformed";

    /// No verdict: a file or folder cannot be read.
    InputUnreadable "input-unreadable" "无法读取：{}" "cannot be read: {}";
    /// No verdict: the file, its first line, another line, or the number of its values is over the limit.
    InputTooLong "input-too-long" "超过允许的长度：{}" "longer than is accepted: {}";
    /// No verdict: not strict JSON of one object.
    InputNotJson "input-not-json" "不是严格的 JSON 对象：{}" "not strict JSON of one object: {}";
    /// No verdict: JSON of another kind.
    InputUnknown "input-unknown" "不是本程序所知的文件类别（证明包、批量文件、记录等）" "not a kind of file that this program knows (bundle, bulk file, record …)";
    /// No verdict: a bulk file's first line.
    HeaderMalformed "header-malformed" "批量文件的首行格式不符：{}" "the first line of the bulk file is malformed: {}";
    /// No verdict: a folder without files to verify, or a bulk file without records.
    NoRecords "no-records" "没有可核验的记录" "there is no record to verify";
    /// No verdict: `--batch` for something else than a bulk file.
    BatchNotBulk "batch-not-bulk" "--batch 只用于批量文件" "--batch is for bulk files only";
    /// No verdict: a file of the trust folder cannot be read.
    TrustUnreadable "trust-unreadable" "信任文件无法读取：{}" "a file of the trust folder cannot be read: {}";
    /// No verdict: the trust folder's policy cannot be used.
    TrustPolicy "trust-policy" "信任策略不可用：{}" "the trust folder's policy cannot be used: {}";
    /// No verdict: the trust folder's policy names a log of another host.
    TrustForeignLog "trust-foreign-log" "信任策略所列的日志不属于该登记机构：{}" "the trust folder's policy names another registry's log: {}";
    /// No verdict: the trust folder's issuer file cannot be used.
    TrustIssuer "trust-issuer" "信任文件夹中的签发机构文件不可用：{}" "the trust folder's issuer file cannot be used: {}";
    /// No verdict: the trust folder's succession documents cannot be used.
    TrustSuccessions "trust-successions" "信任文件夹中的日志接续文件不可用：{}" "the trust folder's succession documents cannot be used: {}";
    /// No verdict: the trust folder's list of monitors cannot be used.
    TrustMonitors "trust-monitors" "信任文件夹中的监测方名单不可用：{}" "the trust folder's list of monitors cannot be used: {}";
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

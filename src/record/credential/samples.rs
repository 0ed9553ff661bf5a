//! Drafts for tests: fixed ones for golden files, arbitrary ones for properties, and an independent
//! spelling of each as a `serde_json::Value`.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::record::signer::SoftwareSigner;

pub(crate) fn host() -> Host {
    Host::parse("registry.example").unwrap()
}

pub(crate) fn signer() -> SoftwareSigner {
    SoftwareSigner::generate(&mut [42; 32], "did:web:registry.example#key-1")
}

pub(crate) fn created() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 9, 8, 30, 0).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule_set(id: &'static str) -> RuleSetRef<'static> {
    RuleSetRef {
        id: id.into(),
        version: "2016.1".into(),
        digest: Digest::of(id.as_bytes()),
    }
}

fn authority() -> Authority<'static> {
    Authority {
        name: "江北区人力资源和社会保障局".into(),
        division: "500105".into(),
    }
}

fn draft(subject: Subject<'_>) -> Draft<'_> {
    Draft {
        id: Uuid::parse_str("0f0e1d2c-3b4a-4958-8677-8695a4b3c2d1").unwrap(),
        valid_from: Utc.with_ymd_and_hms(2026, 10, 9, 0, 0, 0).unwrap(),
        valid_until: Some(Utc.with_ymd_and_hms(2027, 10, 31, 15, 59, 59).unwrap()),
        subject,
        status: StatusPointer {
            list: 1,
            index: 94_567,
        },
        supersedes: None,
    }
}

pub(crate) fn grade() -> Draft<'static> {
    draft(Subject::Grade(GradeFacts {
        employer: Employer {
            name: "重庆江岸机械制造有限公司".into(),
            id: EmployerId::UnifiedCode("91500105MA5U00001X".into()),
            division: "500105".into(),
        },
        year: 2025,
        grade: "A".into(),
        basis: vec!["A".into()],
        document_number: "江北人社评〔2026〕第1号".into(),
        decided_on: day("2026-09-28"),
        decided_by: authority(),
        rule_set: rule_set("cn-national"),
    }))
}

pub(crate) fn blacklist() -> Draft<'static> {
    let mut draft = draft(Subject::Blacklist(BlacklistFacts {
        employer: Employer {
            name: "株洲\"样本\"装饰工程\\有限公司".into(),
            id: EmployerId::RegistrationNumber("430200000012345".into()),
            division: "430203".into(),
        },
        document_number: "芦淞人社列〔2022〕第3号".into(),
        decided_on: day("2022-11-30"),
        decided_by: Authority {
            name: "芦淞区人力资源和社会保障局".into(),
            division: "430203".into(),
        },
        rule_set: rule_set("cn-wage-blacklist"),
        listed_on: day("2022-11-30"),
        expires_on: day("2025-11-30"),
        earliest_removal_on: Some(day("2023-06-30")),
        workers: 3,
        amount: "42293.00".into(),
        basis: vec!["limb-1a".into()],
        pay_order: PayOrder {
            number: "芦淞人社监令〔2022〕第7号".into(),
            deadline: day("2022-10-31"),
        },
        responsible_persons: vec!["张样本".into()],
    }));
    draft.supersedes = Some(Supersedes {
        digest: Digest::of(b"older"),
        reason: "更正当事人名称".into(),
    });
    draft
}

pub(crate) fn rule_set_publication() -> Draft<'static> {
    let mut draft = draft(Subject::RuleSet(RuleSetFacts {
        id: "cn-national".into(),
        version: "2016.1".into(),
        effective_from: day("2017-01-01"),
        effective_until: None,
        content: r#"{"criteria":[{"at_least":3,"id":"C1"}],"id":"cn-national","texts":{"zh":"查处三次"},"version":"2016.1"}"#
            .into(),
    }));
    draft.valid_until = None;
    draft
}

pub(crate) fn withdrawal() -> WithdrawalDraft {
    WithdrawalDraft {
        id: Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_a4b3_ffff),
        valid_from: "2026-10-09T08:30:00Z".parse().unwrap(),
        withdraws: Digest::of(b"withdrawn"),
    }
}

/// Names with everything that escaping and NFC care about.
fn name() -> impl Strategy<Value = Cow<'static, str>> {
    let part = prop_oneof![
        "[一-龥]{1,8}",
        "[ -~]{1,8}",
        Just("\"\\".to_owned()),
        Just("é（）😂\u{a0}".to_owned()),
        "[\u{e000}-\u{e010}]{1,2}",
    ];
    prop::collection::vec(part, 1..5).prop_map(|parts| Cow::Owned(parts.concat()))
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (0u64..40_000).prop_map(|days| day("1990-01-01") + Days::new(days))
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0i64..4_000_000_000).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap())
}

fn text(pattern: &'static str) -> impl Strategy<Value = Cow<'static, str>> {
    pattern.prop_map(Cow::Owned)
}

fn any_rule_set() -> impl Strategy<Value = RuleSetRef<'static>> {
    (
        text("[a-z][a-z0-9.-]{0,20}"),
        text("[0-9]{4}\\.[0-9]"),
        any::<[u8; 32]>(),
    )
        .prop_map(|(id, version, digest)| RuleSetRef {
            id,
            version,
            digest: Digest::from_bytes(digest),
        })
}

fn any_authority() -> impl Strategy<Value = Authority<'static>> {
    (name(), text("[0-9]{6}")).prop_map(|(name, division)| Authority { name, division })
}

fn any_employer() -> impl Strategy<Value = Employer<'static>> {
    let id = prop_oneof![
        text("[0-9A-Z]{18}").prop_map(EmployerId::UnifiedCode),
        text("[0-9]{13,15}").prop_map(EmployerId::RegistrationNumber),
    ];
    (name(), id, text("[0-9]{6}")).prop_map(|(name, id, division)| Employer { name, id, division })
}

fn any_grade() -> impl Strategy<Value = Subject<'static>> {
    let basis = prop::collection::vec(text("[A-Z][0-9]?"), 1..4);
    (
        any_employer(),
        1000u16..9999,
        text("[A-Z+]{1,8}"),
        basis,
        name(),
        date(),
        any_authority(),
        any_rule_set(),
    )
        .prop_map(
            |(employer, year, grade, basis, document_number, decided_on, decided_by, rule_set)| {
                Subject::Grade(GradeFacts {
                    employer,
                    year,
                    grade,
                    basis,
                    document_number,
                    decided_on,
                    decided_by,
                    rule_set,
                })
            },
        )
}

fn any_blacklist() -> impl Strategy<Value = Subject<'static>> {
    let people = prop::collection::vec(text("[一-龥]{2,4}"), 0..3);
    let dates = (date(), date(), date(), prop::option::of(date()), date());
    (
        any_employer(),
        any_authority(),
        any_rule_set(),
        (name(), name()),
        dates,
        any::<u32>(),
        people,
        0u64..1 << 40,
    )
        .prop_map(
            |(employer, decided_by, rule_set, (document_number, number), dates, workers, people, fen)| {
                Subject::Blacklist(BlacklistFacts {
                    employer,
                    document_number,
                    decided_on: dates.0,
                    decided_by,
                    rule_set,
                    listed_on: dates.1,
                    expires_on: dates.2,
                    earliest_removal_on: dates.3,
                    workers,
                    amount: format!("{}.{:02}", fen / 100, fen % 100).into(),
                    basis: vec!["limb-1a".into(), "limb-2".into()],
                    pay_order: PayOrder {
                        number,
                        deadline: dates.4,
                    },
                    responsible_persons: people,
                })
            },
        )
}

fn any_rule_set_publication() -> impl Strategy<Value = Subject<'static>> {
    (any_rule_set(), date(), prop::option::of(date()), name()).prop_map(|(rule_set, from, until, text)| {
        let content = crate::record::canonical::to_vec(&json!({ "texts": [text, 1], "é": null })).unwrap();
        Subject::RuleSet(RuleSetFacts {
            id: rule_set.id,
            version: rule_set.version,
            effective_from: from,
            effective_until: until,
            content: String::from_utf8(content).unwrap().into(),
        })
    })
}

/// Any draft that may be issued.
pub(crate) fn any_draft() -> impl Strategy<Value = Draft<'static>> {
    let subject = prop_oneof![4 => any_grade(), 2 => any_blacklist(), 1 => any_rule_set_publication()];
    let supersedes = prop::option::of((any::<[u8; 32]>(), name())).prop_map(|older| {
        older.map(|(digest, reason)| Supersedes {
            digest: Digest::from_bytes(digest),
            reason,
        })
    });
    let validity = (instant(), prop::option::of(1i64..1_000_000_000));
    (
        any::<[u8; 16]>(),
        validity,
        subject,
        (1u32.., 0..crate::record::status::LENGTH),
        supersedes,
    )
        .prop_map(
            |(random, (valid_from, seconds), subject, (list, index), supersedes)| Draft {
                id: uuid::Builder::from_random_bytes(random).into_uuid(),
                valid_from,
                valid_until: seconds.map(|seconds| valid_from + chrono::TimeDelta::seconds(seconds)),
                subject,
                status: StatusPointer { list, index },
                supersedes,
            },
        )
}

/// The document without its proof, written independently of the fast writer.
pub(crate) fn value(draft: &Draft<'_>) -> Value {
    let base = "https://registry.example";
    let id = draft.id.to_string();
    let status: Vec<Value> = ["revocation", "suspension", "refresh"]
        .iter()
        .map(|purpose| {
            json!({
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": draft.status.index.to_string(),
                "statusListCredential": format!("{base}/status/{purpose}/{}", draft.status.list),
            })
        })
        .collect();
    let (kind, subject) = match &draft.subject {
        Subject::Grade(facts) => ("IntegrityGrade", grade_value(base, facts)),
        Subject::Blacklist(facts) => ("WageBlacklistEntry", blacklist_value(base, facts)),
        Subject::RuleSet(facts) => ("RuleSetPublication", rule_set_value(base, facts)),
        Subject::Withdrawal(_) => panic!("a withdrawal is no draft of this kind"),
    };
    let mut document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", format!("{base}/ns/labour-credit/v1")],
        "id": format!("urn:uuid:{id}"),
        "type": ["VerifiableCredential", kind],
        "issuer": "did:web:registry.example",
        "validFrom": draft.valid_from.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "credentialSubject": subject,
        "credentialStatus": status,
        "refreshService": { "type": "LabourCreditRefresh", "id": format!("{base}/records/{id}/latest") },
    });
    if let Some(until) = draft.valid_until {
        document["validUntil"] = until.format("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    }
    if let Some(older) = &draft.supersedes {
        document["supersedes"] =
            json!({ "digestMultibase": older.digest.multibase(), "reason": older.reason });
    }
    document
}

fn add_employer(subject: &mut Value, base: &str, employer: &Employer<'_>) {
    subject["type"] = "Employer".into();
    subject["name"] = employer.name.as_ref().into();
    subject["division"] = employer.division.as_ref().into();
    match &employer.id {
        EmployerId::UnifiedCode(code) => {
            subject["unifiedCode"] = code.as_ref().into();
            subject["id"] = format!("{base}/employers/{code}").into();
        }
        EmployerId::RegistrationNumber(number) => {
            subject["registrationNumber"] = number.as_ref().into();
            subject["id"] = format!("{base}/employers/{}-{number}", employer.division).into();
        }
    }
}

fn rule_set_ref(facts: &RuleSetRef<'_>) -> Value {
    json!({ "id": facts.id, "version": facts.version, "digestMultibase": facts.digest.multibase() })
}

fn grade_value(base: &str, facts: &GradeFacts<'_>) -> Value {
    let mut subject = json!({
        "gradeYear": facts.year,
        "grade": facts.grade,
        "basis": facts.basis,
        "documentNumber": facts.document_number,
        "decidedOn": facts.decided_on.to_string(),
        "decidedBy": { "name": facts.decided_by.name, "division": facts.decided_by.division },
        "ruleSet": rule_set_ref(&facts.rule_set),
    });
    add_employer(&mut subject, base, &facts.employer);
    subject
}

fn blacklist_value(base: &str, facts: &BlacklistFacts<'_>) -> Value {
    let mut subject = json!({
        "documentNumber": facts.document_number,
        "decidedOn": facts.decided_on.to_string(),
        "decidedBy": { "name": facts.decided_by.name, "division": facts.decided_by.division },
        "ruleSet": rule_set_ref(&facts.rule_set),
        "listedOn": facts.listed_on.to_string(),
        "expiresOn": facts.expires_on.to_string(),
        "workers": facts.workers,
        "amount": facts.amount,
        "basis": facts.basis,
        "payOrder": { "number": facts.pay_order.number, "deadline": facts.pay_order.deadline.to_string() },
        "responsiblePersons": facts.responsible_persons,
    });
    if let Some(date) = facts.earliest_removal_on {
        subject["earliestRemovalOn"] = date.to_string().into();
    }
    add_employer(&mut subject, base, &facts.employer);
    subject
}

fn rule_set_value(base: &str, facts: &RuleSetFacts<'_>) -> Value {
    let mut subject = json!({
        "id": format!("{base}/rules/{}/{}", facts.id, facts.version),
        "type": "RuleSet",
        "effectiveFrom": facts.effective_from.to_string(),
        "content": serde_json::from_str::<Value>(&facts.content).unwrap(),
        "ruleSet": {
            "id": facts.id,
            "version": facts.version,
            "digestMultibase": Digest::of(facts.content.as_bytes()).multibase(),
        },
    });
    if let Some(until) = facts.effective_until {
        subject["effectiveUntil"] = until.to_string().into();
    }
    subject
}

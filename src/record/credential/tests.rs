use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{
    any_draft, blacklist, created, grade, host, rule_set_publication, signer, value, withdrawal,
};
use super::*;
use crate::record::canonical::{self, NotCanonical};
use crate::record::proof::{ProofError, secure_document};
use crate::record::signer::Signer;
use crate::record::{golden, multikey};

fn issued(draft: &Draft<'_>) -> Vec<u8> {
    issue(&host(), draft, created(), &signer()).unwrap()
}

/// The sample grade with one change, signed anew by the generic path: only the shape is wrong.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = value(&grade());
    change(&mut document);
    canonical::to_vec(&secure_document(&document, "2026-10-09T08:30:00Z", &signer()).unwrap()).unwrap()
}

/// The sample's secured document with one change that breaks its signature.
fn forged(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&issued(&grade())).unwrap();
    change(&mut document);
    canonical::to_vec(&document).unwrap()
}

proptest! {
    /// The fast writer's bytes are those of the generic path over the same document.
    #[test]
    fn fast_bytes_equal_the_crates(draft in any_draft()) {
        let slow = secure_document(&value(&draft), "2026-10-09T08:30:00Z", &signer()).unwrap();
        let fast = issued(&draft);
        prop_assert_eq!(
            String::from_utf8(fast).unwrap(),
            String::from_utf8(canonical::to_vec(&slow).unwrap()).unwrap()
        );
    }

    #[test]
    fn what_is_issued_is_read_and_verifies(draft in any_draft()) {
        let bytes = issued(&draft);
        let credential = read(&bytes).unwrap();
        prop_assert_eq!(credential.record_type, draft.subject.record_type());
        prop_assert_eq!(credential.uuid(), Some(draft.id));
        prop_assert_eq!(credential.host, "registry.example");
        prop_assert_eq!(credential.valid_from, draft.valid_from);
        prop_assert_eq!(credential.valid_until, draft.valid_until);
        prop_assert_eq!(credential.status, Some(draft.status));
        prop_assert_eq!(&credential.supersedes, &draft.supersedes);
        prop_assert_eq!(credential.facts().unwrap(), draft.subject);
        prop_assert_eq!(credential.proof.created(), created());
        let key = multikey::usable(&signer().public_key()).unwrap();
        prop_assert_eq!(credential.proof.verify(&key), Ok(()));
    }

    /// Whatever one byte becomes, reading or verification fails.
    #[test]
    fn no_changed_byte_survives(draft in any_draft(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let good = issued(&draft);
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let key = multikey::usable(&signer().public_key()).unwrap();
        let accepted = read(&bytes).is_ok_and(|credential| credential.proof.verify(&key).is_ok());
        prop_assert_eq!(accepted, bytes == good);
    }
}

#[test]
fn every_byte_of_one_record_matters() {
    let good = issued(&blacklist());
    let key = multikey::usable(&signer().public_key()).unwrap();
    for at in 0..good.len() {
        for flip in [1u8, 0x20, 0x80] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            let accepted = read(&bytes).is_ok_and(|credential| credential.proof.verify(&key).is_ok());
            assert!(!accepted, "byte {at} ^ {flip:#x}");
        }
    }
}

#[test]
fn golden_grade() {
    golden::check("grade.json", &issued(&grade()));
}

#[test]
fn golden_listing() {
    golden::check("blacklist.json", &issued(&blacklist()));
}

#[test]
fn golden_rule_set() {
    golden::check("rule-set.json", &issued(&rule_set_publication()));
}

fn withdrawn() -> Vec<u8> {
    let template = Template::new(&host(), signer().verification_method(), created()).unwrap();
    template.issue_withdrawal(&withdrawal(), &signer()).unwrap()
}

#[test]
fn golden_withdrawal() {
    golden::check("withdrawal.json", &withdrawn());
}

/// It names the record by its digest and says nothing else.
#[test]
fn a_withdrawal_names_a_digest_alone() {
    let bytes = withdrawn();
    let record = read(&bytes).unwrap();
    let key = multikey::usable(&signer().public_key()).unwrap();
    record.proof.verify(&key).unwrap();
    assert_eq!(record.record_type, RecordType::RecordWithdrawal);
    assert_eq!(record.record_type.entry_kind(), EntryKind::Record);
    assert_eq!((record.status, record.valid_until), (None, None));
    assert_eq!(record.uuid(), Some(withdrawal().id));
    let withdraws = withdrawal().withdraws;
    let facts = Subject::Withdrawal(WithdrawalFacts { withdraws });
    assert_eq!(record.facts().unwrap(), facts);
    let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let subject = serde_json::json!({ "withdraws": { "digestMultibase": withdraws.multibase() } });
    assert_eq!(document["credentialSubject"], subject);
    assert_eq!(canonical::to_vec(&document).unwrap(), bytes);
}

#[test]
fn a_withdrawal_with_more_is_refused() {
    let text = String::from_utf8(withdrawn()).unwrap();
    for (from, to) in [
        ("{\"withdraws\":", "{\"name\":\"x\",\"withdraws\":"),
        ("{\"digestMultibase\":", "{\"a\":1,\"digestMultibase\":"),
        (",\"type\":[", ",\"supersedes\":{},\"type\":["),
        ("urn:uuid:0", "urn:uuid:G"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let refused = read(changed.as_bytes()).and_then(|record| record.facts().map(|_| ()));
        assert!(refused.is_err(), "{to}");
    }
    let withdraws = withdrawal().withdraws;
    let mut draft = grade();
    draft.subject = Subject::Withdrawal(WithdrawalFacts { withdraws });
    let refused = issue(&host(), &draft, created(), &signer());
    assert_eq!(refused, Err(IssueError::Status), "a withdrawal has no status");
    let not_random = WithdrawalDraft {
        id: uuid::Uuid::nil(),
        ..withdrawal()
    };
    let template = Template::new(&host(), signer().verification_method(), created()).unwrap();
    assert_eq!(
        template.issue_withdrawal(&not_random, &signer()),
        Err(IssueError::Id)
    );
}

#[test]
fn parts_can_be_made_apart() {
    let (draft, signer) = (grade(), signer());
    let template = Template::new(&host(), signer.verification_method(), created()).unwrap();
    let prepared = template.prepare(&draft).unwrap();
    let unsigned = prepared.unsigned().concat();
    assert_eq!(unsigned, canonical::to_vec(&value(&draft)).unwrap());
    let signature = signer.sign(prepared.message()).unwrap();
    assert_eq!(template.secure(prepared, &signature), issued(&draft));
    assert_eq!(template.host(), &host());
}

#[test]
fn drafts_that_must_not_be_signed() {
    fn refusal(change: impl FnOnce(&mut Draft<'static>)) -> IssueError {
        let mut draft = grade();
        change(&mut draft);
        issue(&host(), &draft, created(), &signer()).unwrap_err()
    }
    fn facts(change: impl FnOnce(&mut GradeFacts<'static>)) -> IssueError {
        refusal(|draft| {
            if let Subject::Grade(facts) = &mut draft.subject {
                change(facts)
            }
        })
    }
    assert_eq!(refusal(|d| d.id = uuid::Uuid::nil()), IssueError::Id);
    assert_eq!(
        refusal(|d| d.valid_until = Some(d.valid_from)),
        IssueError::Validity
    );
    assert_eq!(refusal(|d| d.status.list = 0), IssueError::Status);
    assert_eq!(refusal(|d| d.status.index = 131_072), IssueError::Status);
    let half = chrono::TimeDelta::milliseconds(500);
    assert!(matches!(refusal(|d| d.valid_from += half), IssueError::Time(_)));
    let fact = |name| IssueError::Fact(FactError::Text(name));
    // e + combining acute is not NFC.
    for name in ["", "e\u{301}", "公司\n", "公司\u{202e}", &"长".repeat(201)] {
        assert_eq!(
            facts(|f| f.employer.name = name.to_owned().into()),
            fact("name"),
            "{name:?}"
        );
    }
    let shape = |name| IssueError::Fact(FactError::Shape(name));
    assert_eq!(facts(|f| f.employer.division = "5001".into()), shape("division"));
    assert_eq!(
        facts(|f| f.employer.id = EmployerId::UnifiedCode("../x".into())),
        shape("unifiedCode")
    );
    let number = EmployerId::RegistrationNumber("1".into());
    assert_eq!(facts(|f| f.employer.id = number), shape("registrationNumber"));
    assert_eq!(facts(|f| f.grade = "a".into()), shape("grade"));
    assert_eq!(facts(|f| f.year = 25), shape("gradeYear"));
    assert_eq!(facts(|f| f.basis.clear()), IssueError::Fact(FactError::NoBasis));
    assert_eq!(facts(|f| f.rule_set.id = "a/b".into()), shape("ruleSet"));
}

#[test]
fn listings_never_hold_numbers_of_persons_or_odd_money() {
    fn refusal(change: impl FnOnce(&mut BlacklistFacts<'static>)) -> FactError {
        let mut draft = blacklist();
        if let Subject::Blacklist(facts) = &mut draft.subject {
            change(facts);
        }
        draft.subject.check().unwrap_err()
    }
    for person in ["张三 110101199003070000", "张三１"] {
        assert_eq!(
            refusal(|f| f.responsible_persons.push(person.into())),
            FactError::PersonalNumber
        );
    }
    for amount in ["1", "1.0", "1.000", "-1.00", "01.00", "1,000.00", ".50", "1.5e"] {
        assert_eq!(
            refusal(|f| f.amount = amount.into()),
            FactError::Amount,
            "{amount}"
        );
    }
}

#[test]
fn rule_sets_are_published_in_canonical_form_only() {
    let mut draft = rule_set_publication();
    for content in [
        "",
        "[]",
        "{ }",
        "{\"b\":1,\"a\":1}",
        "{\"x\":0.5}",
        "{},\"grade\":{}",
    ] {
        if let Subject::RuleSet(facts) = &mut draft.subject {
            facts.content = content.into();
        }
        assert_eq!(draft.subject.check(), Err(FactError::Content), "{content}");
    }
}

#[test]
fn keys_of_other_registries_make_no_template() {
    for method in [
        "did:web:other.example#key-1",
        "did:web:registry.example",
        "did:web:registry.example#",
        "did:web:registry.example#\"",
        "did:web:registry.example.cn#k",
    ] {
        assert_eq!(
            Template::new(&host(), method, created()).err(),
            Some(IssueError::Method),
            "{method}"
        );
    }
}

#[test]
fn shapes_that_this_registry_does_not_write_are_refused() {
    let refusal = |bytes: &[u8]| read(bytes).map(|_| ()).unwrap_err();
    assert!(read(&changed(|_| ())).is_ok());
    assert_eq!(
        refusal(&changed(|d| d["name"] = "x".into())),
        ReadError::Unknown("name".into())
    );
    assert_eq!(
        refusal(&changed(|d| d["type"][1] = "Unknown".into())),
        ReadError::Type
    );
    assert_eq!(
        refusal(&changed(|d| d["type"] = "IntegrityGrade".into())),
        ReadError::Type
    );
    let cases: [(&str, &str, Value); 14] = [
        (
            "@context",
            "@context",
            json!(["https://www.w3.org/ns/credentials/v2"]),
        ),
        (
            "@context",
            "@context",
            json!(["https://www.w3.org/ns/credentials/v2", {}]),
        ),
        (
            "@context",
            "@context",
            json!([
                "https://www.w3.org/ns/credentials/v2",
                "https://other.example/ns/labour-credit/v1"
            ]),
        ),
        ("issuer", "issuer", json!("did:web:x")),
        ("issuer", "issuer", json!("did:key:z6Mk")),
        ("id", "id", json!("urn:uuid:00000000-0000-0000-0000-000000000000")),
        ("id", "id", json!("urn:uuid:0F0E1D2C-3B4A-4958-8677-8695A4B3C2D1")),
        ("id", "id", json!("https://registry.example/records/1")),
        (
            "refreshService",
            "refreshService",
            json!({"id": "https://registry.example/", "type": "LabourCreditRefresh"}),
        ),
        ("credentialStatus", "credentialStatus", json!([])),
        ("validUntil", "validUntil", json!("2026-10-09T00:00:00Z")),
        (
            "credentialStatus",
            "credentialStatus",
            value(&grade())["credentialStatus"][0].clone(),
        ),
        ("refreshService", "refreshService", json!([])),
        (
            "refreshService",
            "refreshService",
            json!({"id": "https://registry.example/records/0f0e1d2c-3b4a-4958-8677-8695a4b3c2d1/latest", "type": "LabourCreditRefresh", "x": 1}),
        ),
    ];
    for (member, reason, wrong) in cases {
        assert_eq!(
            refusal(&changed(|d| d[member] = wrong.clone())),
            ReadError::Value(reason),
            "{wrong}"
        );
    }
    for member in [
        "credentialStatus",
        "refreshService",
        "validFrom",
        "credentialSubject",
        "id",
        "issuer",
    ] {
        let bytes = changed(|d| drop(d.as_object_mut().unwrap().remove(member)));
        assert_eq!(refusal(&bytes), ReadError::Missing(member));
    }
    let issuer = changed(|d| d["issuer"] = json!({"id": "did:web:registry.example"}));
    assert_eq!(refusal(&issuer), ReadError::Missing("issuer"));
    for time in ["2026-10-09T00:00:00.5Z", "2026-10-09T08:00:00+08:00"] {
        assert!(matches!(
            refusal(&changed(|d| d["validFrom"] = time.into())),
            ReadError::Time(_)
        ));
    }
}

#[test]
fn status_entries_must_agree_with_each_other() {
    for (at, member, wrong) in [
        (0, "statusListIndex", json!("094567")),
        (1, "statusListIndex", json!("94568")),
        (
            2,
            "statusListCredential",
            json!("https://registry.example/status/refresh/2"),
        ),
        (
            0,
            "statusListCredential",
            json!("https://other.example/status/revocation/1"),
        ),
        (1, "statusPurpose", json!("revocation")),
        (2, "statusSize", json!(1)),
        (0, "statusListIndex", json!(94_567)),
    ] {
        let bytes = changed(|d| d["credentialStatus"][at][member] = wrong.clone());
        assert_eq!(
            read(&bytes).map(|_| ()),
            Err(ReadError::Value("credentialStatus")),
            "{wrong}"
        );
    }
    let past = changed(|d| {
        for at in 0..3 {
            d["credentialStatus"][at]["statusListIndex"] = "131072".into();
        }
    });
    assert_eq!(read(&past).map(|_| ()), Err(ReadError::Value("credentialStatus")));
}

#[test]
fn facts_have_exactly_their_members() {
    let refusal = |bytes: &[u8]| read(bytes).unwrap().facts().map(|_| ()).unwrap_err();
    let subject = |change: &dyn Fn(&mut Value)| changed(|d| change(&mut d["credentialSubject"]));
    assert!(matches!(
        refusal(&subject(&|s| s["score"] = 1.into())),
        ReadError::Unknown(_)
    ));
    assert!(matches!(
        refusal(&subject(&|s| s["decidedBy"]["phone"] = "1".into())),
        ReadError::Unknown(_)
    ));
    for member in [
        "grade",
        "gradeYear",
        "name",
        "basis",
        "unifiedCode",
        "ruleSet",
        "decidedBy",
        "type",
    ] {
        let bytes = subject(&|s| drop(s.as_object_mut().unwrap().remove(member)));
        assert_eq!(refusal(&bytes), ReadError::Missing(member));
    }
    assert_eq!(
        refusal(&subject(&|s| s["gradeYear"] = "2025".into())),
        ReadError::Missing("gradeYear")
    );
    assert_eq!(
        refusal(&subject(&|s| s["gradeYear"] = (-1).into())),
        ReadError::Missing("gradeYear")
    );
    assert_eq!(
        refusal(&subject(&|s| s["type"] = "Person".into())),
        ReadError::Value("type")
    );
    let other = "https://registry.example/employers/91500105MA5U00002X";
    assert_eq!(
        refusal(&subject(&|s| s["id"] = other.into())),
        ReadError::Value("id")
    );
    let both = subject(&|s| s["registrationNumber"] = "430200000012345".into());
    assert_eq!(refusal(&both), ReadError::Missing("unifiedCode"));
    assert!(matches!(
        refusal(&subject(&|s| s["name"] = "e\u{301}".into())),
        ReadError::Fact(_)
    ));
    assert!(matches!(
        refusal(&subject(&|s| s["decidedOn"] = "2026-9-28".into())),
        ReadError::Time(_)
    ));
    let digest = subject(&|s| s["ruleSet"]["digestMultibase"] = "zabc".into());
    assert!(matches!(refusal(&digest), ReadError::Digest(_)));
}

#[test]
fn a_rule_set_must_have_its_own_digest() {
    let mut document = value(&rule_set_publication());
    document["credentialSubject"]["content"]["criteria"] = json!([]);
    let secured = secure_document(&document, "2026-10-09T08:30:00Z", &signer()).unwrap();
    let bytes = canonical::to_vec(&secured).unwrap();
    assert_eq!(
        read(&bytes).unwrap().facts().map(|_| ()),
        Err(ReadError::Value("ruleSet"))
    );
}

#[test]
fn proofs_have_exactly_seven_members() {
    let refusal = |change: &dyn Fn(&mut Value)| match read(&forged(|d| change(&mut d["proof"]))) {
        Err(ReadError::Proof(error)) => error,
        other => panic!("{other:?}"),
    };
    let removed = |name: &'static str| refusal(&|p| drop(p.as_object_mut().unwrap().remove(name)));
    for name in [
        "@context",
        "type",
        "cryptosuite",
        "created",
        "verificationMethod",
        "proofPurpose",
        "proofValue",
    ] {
        assert_eq!(removed(name), ProofError::Missing(name));
    }
    assert_eq!(
        refusal(&|p| p["expires"] = "2030-01-01T00:00:00Z".into()),
        ProofError::Members
    );
    assert_eq!(
        refusal(&|p| p["type"] = "Ed25519Signature2020".into()),
        ProofError::Value("type")
    );
    assert_eq!(
        refusal(&|p| p["cryptosuite"] = "eddsa-rdfc-2022".into()),
        ProofError::Value("cryptosuite")
    );
    assert_eq!(
        refusal(&|p| p["proofPurpose"] = "authentication".into()),
        ProofError::Value("proofPurpose")
    );
    assert_eq!(
        refusal(&|p| p["created"] = "2026-10-09T08:30:00.0Z".into()),
        ProofError::Value("created")
    );
    assert_eq!(
        refusal(&|p| p["@context"] = "https://www.w3.org/ns/credentials/v2".into()),
        ProofError::Context
    );
    for value in ["u3q2-7w", "f00", "z", "z1111", ""] {
        assert_eq!(
            refusal(&|p| p["proofValue"] = value.into()),
            ProofError::Encoding,
            "{value}"
        );
    }
    let none = forged(|d| drop(d.as_object_mut().unwrap().remove("proof")));
    assert_eq!(
        read(&none).map(|_| ()),
        Err(ReadError::Proof(ProofError::NoProof))
    );
    let set = forged(|d| d["proof"] = json!([d["proof"]]));
    assert_eq!(read(&set).map(|_| ()), Err(ReadError::Proof(ProofError::NoProof)));
    let foreign = forged(|d| d["proof"]["verificationMethod"] = "did:web:other.example#key-1".into());
    assert_eq!(
        read(&foreign).map(|_| ()),
        Err(ReadError::Value("verificationMethod"))
    );
}

#[test]
fn only_canonical_bytes_are_records() {
    let good = issued(&grade());
    let pretty = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&good).unwrap()).unwrap();
    assert!(matches!(
        read(&pretty),
        Err(ReadError::NotCanonical(NotCanonical::Unexpected(1)))
    ));
    let text = String::from_utf8(good).unwrap();
    let twice = text.replacen("\"grade\":\"A\",", "\"grade\":\"C\",\"grade\":\"A\",", 1);
    assert!(matches!(
        read(twice.as_bytes()),
        Err(ReadError::NotCanonical(NotCanonical::Duplicate(_)))
    ));
    let float = text.replacen("2025", "2025.0", 1);
    assert!(matches!(
        read(float.as_bytes()),
        Err(ReadError::NotCanonical(NotCanonical::Number(_)))
    ));
}

#[test]
fn every_rule_set_of_the_domain_can_be_published() {
    for rules in crate::domain::ruleset::builtin::all() {
        let mut draft = rule_set_publication();
        draft.subject = Subject::RuleSet(RuleSetFacts {
            id: rules.id().into(),
            version: rules.version().into(),
            effective_from: rules.effective().from,
            effective_until: None,
            content: String::from_utf8(rules.canonical().to_vec()).unwrap().into(),
        });
        let bytes = issued(&draft);
        let credential = read(&bytes).unwrap();
        let Subject::RuleSet(facts) = credential.facts().unwrap() else {
            panic!()
        };
        assert_eq!(*facts.digest().as_bytes(), rules.digest());
    }
}

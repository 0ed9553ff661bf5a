use serde_json::{Value, json};

use super::*;
use crate::record::canonical::to_vec;
use crate::record::credential::samples::{created, host, signer};
use crate::record::proof::secure_document;
use crate::record::{golden, multikey};

pub(crate) fn sample() -> SnapshotDraft {
    let list = |list, purpose| ListVersion {
        list,
        purpose,
        digest: Digest::of(&[list as u8, purpose as u8]),
    };
    SnapshotDraft {
        id: Uuid::parse_str("1f0e1d2c-3b4a-4958-8677-8695a4b3c2d1").unwrap(),
        valid_from: created(),
        state: State {
            audience: Audience::Public,
            log_size: 11_510,
            log_root: [1; 32],
            counts: vec![
                (RecordType::IntegrityGrade, 4467),
                (RecordType::RuleSetPublication, 3),
                (RecordType::WageBlacklistEntry, 4),
            ],
            lists: [1, 2]
                .into_iter()
                .flat_map(|number| StatusPurpose::ALL.map(|purpose| list(number, purpose)))
                .collect(),
            current: Digest::of(b"lines"),
            tree_size: 4470,
            tree_root: [2; 32],
        },
    }
}

fn issued(draft: &SnapshotDraft) -> Vec<u8> {
    let template = Template::new(&host(), signer().verification_method(), created()).unwrap();
    template.issue_snapshot(draft, &signer()).unwrap()
}

/// The sample written by hand, with one change, signed by the generic path.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&issued(&sample())).unwrap();
    document.as_object_mut().unwrap().remove("proof");
    change(&mut document);
    to_vec(&secure_document(&document, "2026-10-09T08:30:00Z", &signer()).unwrap()).unwrap()
}

#[test]
fn golden_snapshot() {
    golden::check("snapshot.json", &issued(&sample()));
}

#[test]
fn what_is_issued_is_read_verifies_and_is_canonical() {
    let bytes = issued(&sample());
    assert_eq!(bytes, changed(|_| ()), "the generic path writes the same");
    let snapshot = read_snapshot(&bytes).unwrap();
    assert_eq!(snapshot.state, sample().state);
    assert_eq!(snapshot.credential.valid_from, created());
    assert_eq!(snapshot.credential.uuid(), Some(sample().id));
    assert_eq!(snapshot.credential.status, None);
    let key = multikey::usable(&signer().public_key()).unwrap();
    assert_eq!(snapshot.credential.proof.verify(&key), Ok(()));
}

#[test]
fn other_shapes_are_refused() {
    type Change = fn(&mut Value);
    let changes: [Change; 14] = [
        |document| document["credentialSubject"]["audience"] = json!("everybody"),
        |document| document["credentialSubject"]["id"] = json!("https://other.example/log"),
        |document| document["credentialSubject"]["logSize"] = json!(-1),
        |document| document["credentialSubject"]["logRoot"] = json!("AQ=="),
        |document| document["credentialSubject"]["treeRoot"] = json!(5),
        |document| document["credentialSubject"]["type"] = json!("Employer"),
        |document| document["credentialSubject"]["more"] = json!(1),
        |document| document["credentialSubject"]["recordCounts"][0]["count"] = json!(0),
        |document| document["credentialSubject"]["recordCounts"][0]["recordType"] = json!("RegistrySnapshot"),
        |document| {
            document["credentialSubject"]["recordCounts"]
                .as_array_mut()
                .unwrap()
                .reverse()
        },
        |document| {
            document["credentialSubject"]["statusLists"]
                .as_array_mut()
                .unwrap()
                .swap(0, 1)
        },
        |document| {
            document["credentialSubject"]["statusLists"][0]["id"] =
                json!("https://x.example/status/revocation/1")
        },
        |document| document["validUntil"] = json!("2027-10-09T08:30:00Z"),
        |document| document["credentialStatus"] = json!([]),
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let bytes = changed(change);
        assert!(read_snapshot(&bytes).is_err(), "change {n}");
    }
    let grade = crate::record::credential::samples::grade();
    let grade = crate::record::credential::issue(&host(), &grade, created(), &signer()).unwrap();
    assert_eq!(read_snapshot(&grade).unwrap_err(), ReadError::Type);
}

#[test]
fn drafts_that_must_not_be_signed() {
    let template = Template::new(&host(), signer().verification_method(), created()).unwrap();
    let refused = |change: fn(&mut SnapshotDraft)| {
        let mut draft = sample();
        change(&mut draft);
        template.issue_snapshot(&draft, &signer()).unwrap_err()
    };
    assert_eq!(refused(|draft| draft.id = Uuid::nil()), IssueError::Id);
    assert_eq!(
        refused(|draft| draft.state.counts.reverse()),
        IssueError::Snapshot
    );
    assert_eq!(
        refused(|draft| draft.state.lists.swap(0, 1)),
        IssueError::Snapshot
    );
    assert_eq!(refused(|draft| draft.state.counts[0].1 = 0), IssueError::Snapshot);
    assert_eq!(
        refused(|draft| draft.state.log_size = 1 << 53),
        IssueError::Snapshot
    );
}

#[test]
fn no_byte_can_be_changed() {
    let good = issued(&sample());
    let key = multikey::usable(&signer().public_key()).unwrap();
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let accepted = read_snapshot(&bytes).is_ok_and(|found| found.credential.proof.verify(&key).is_ok());
        assert!(!accepted, "byte {at}");
    }
}

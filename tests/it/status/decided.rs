//! A decision about a record's status as two persons make it, without the pages: for tests of what follows.

use chengxin::domain::change::ChangeKind;
use chengxin::domain::ruleset::builtin;
use chengxin::record::digest::Digest;
use chengxin::record::status::Change;
use chengxin::registry::Registry;
use chengxin::registry::account::person_digest;
use chengxin::registry::audit::{self, Act};
use chengxin::registry::decision::{ChangeDecision, DecidedBy, Decision, Named, RecordRef};
use chengxin::store::account::{self, AccountRow};
use chengxin::store::batch::{self, BatchRow, ItemRow};
use chengxin::store::employer::{self, EmployerRow};
use chengxin::store::log::body::{self, Body};
use chengxin::store::{Conn, authority};
use sha2::{Digest as _, Sha256};

/// An account and its audit row, once.
fn account(registry: &Registry, conn: &mut Conn, id: &str) {
    if account::find(conn, id).unwrap().is_some() {
        return;
    }
    let now = registry.clock.now();
    let row = AccountRow {
        id: id.into(),
        login: id.into(),
        name: id.into(),
        password_hash: "none".into(),
        kind: "officer".into(),
        authority_id: Some(authority::all(conn).unwrap()[0].id.clone()),
        employer_id: None,
        roles: "approver".into(),
        created_at: now.naive_utc(),
        suspended_at: None,
        person_id: id.into(),
    };
    account::insert(conn, &row).unwrap();
    let act = Act {
        after: Some(person_digest(id)),
        ..Act::system("account.create", id)
    };
    audit::record(conn, &act, now).unwrap();
}

/// Whom a record is about, or somebody where it is about nobody.
fn whom(conn: &mut Conn, record: &Body) -> EmployerRow {
    let id = record.employer_id.unwrap_or(1);
    if let Some(row) = employer::find(conn, id).unwrap() {
        return row;
    }
    let row = EmployerRow {
        id,
        code: Some("91500105MA5U000015".into()),
        registration: None,
        division: "500105".into(),
        name: "甲有限公司".into(),
        kind: "enterprise".into(),
        industry: "C".into(),
        headcount: 10,
        registered_on: "2015-01-01".parse().unwrap(),
        code_override: None,
    };
    employer::insert(conn, std::slice::from_ref(&row)).unwrap();
    row
}

/// A released batch that decides `to` of the record at `index` and has no entries of its own; its id.
pub fn decided(registry: &Registry, index: i64, to: Change) -> String {
    let conn = &mut *registry.store.conn().unwrap();
    account(registry, conn, "decided-one");
    account(registry, conn, "decided-two");
    let record = body::at(conn, index).unwrap().unwrap();
    let employer = whom(conn, &record);
    let rules = builtin::all()[0].reference();
    let authority = authority::all(conn).unwrap()[0].clone();
    let decision = Decision::Change(Box::new(ChangeDecision {
        employer: Named::from(&employer),
        change: match to {
            Change::Revoke => ChangeKind::Downgrade,
            Change::Replace => ChangeKind::Correction,
            Change::Suspend => ChangeKind::Suspension,
            Change::Restore => ChangeKind::Restoration,
        },
        record: RecordRef {
            id: String::new(),
            digest: Digest::of(&record.bytes).hex(),
            log_index: index,
            kind: String::new(),
            outcome: String::new(),
            year: record.year,
            audience: record.audience,
        },
        reason: "test".into(),
        document_number: "1".into(),
        decided_by: DecidedBy {
            name: authority.name,
            division: authority.division,
        },
        rule_set: rules.clone(),
        replacement: None,
    }));
    let outcome = decision.outcome().to_owned();
    let decision = serde_json::to_string(&decision).unwrap();
    let digest: [u8; 32] = Sha256::new()
        .chain_update(employer.id.to_be_bytes())
        .chain_update(u64::try_from(decision.len()).unwrap().to_be_bytes())
        .chain_update(&decision)
        .finalize()
        .into();
    let now = registry.clock.now();
    let id = format!("decided-{}", batch::all(conn).unwrap().len());
    let row = BatchRow {
        id: id.clone(),
        kind: "record-change".into(),
        title: "test".into(),
        authority_id: authority.id,
        state: "published".into(),
        size: 1,
        digest: digest.to_vec(),
        rule_set: serde_json::to_string(&rules).unwrap(),
        proposed_by: "decided-one".into(),
        proposed_at: now.naive_utc(),
        decided_by: Some("decided-two".into()),
        decided_at: Some(now.naive_utc()),
        decision_reason: None,
        published_by: Some("decided-two".into()),
        published_at: Some(now.naive_utc()),
    };
    let item = ItemRow {
        batch_id: id.clone(),
        position: 0,
        employer_id: employer.id,
        outcome,
        decision,
        trace: "null".into(),
    };
    batch::insert(conn, &row, &[item]).unwrap();
    for (actor, action) in [
        ("decided-one", "batch.propose"),
        ("decided-two", "batch.approve"),
        ("decided-two", "batch.publish"),
        ("system", "batch.wait"),
    ] {
        let act = Act {
            actor: actor.into(),
            after: Some(digest),
            ..Act::system(action, &*id)
        };
        audit::record(conn, &act, now).unwrap();
    }
    id
}

//! An approved change that can no longer go out is turned down by a second person and proposed again.

use chengxin::domain::batch::BatchRefusal;
use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::EvidenceKind;
use chengxin::registry::batch::{self, BatchError};
use chengxin::registry::publish::{NoStops, PublishError};
use chengxin::registry::release;
use diesel::{RunQueryDsl, sql_query};

use super::story::{PENALTY, csrf, new_evidence, signed_in, sound};
use super::told::{Office, Town};
use crate::faults::number;

crate::on_both_databases!(approved_and_returned, what_cannot_be_signed_comes_back);

/// A record whose period ended before its release, or that has an unfit text: it is not begun, and where it was
/// begun it comes back to where it can be turned down; else it would stand in the way of every head for ever.
fn what_cannot_be_signed_comes_back(database: Option<&str>) {
    let office = Office::new("unfit", database);
    let (registry, head) = (&office.registry, office.actor("wang.hezhun"));
    let over = office.grade_again(|grade| grade.valid_until = registry.clock.today().pred_opt().unwrap());
    let unfit = office.grade_again(|grade| grade.employer.name = "甲".repeat(201));
    let size = || {
        let conn = &mut *registry.store.conn().unwrap();
        number(conn, "SELECT stored_size AS value FROM log_head")
    };
    let before = size();
    for id in [over, unfit] {
        let not_approved =
            |error: &BatchError| matches!(error, BatchError::Publish(PublishError::NotApproved { .. }));
        let refused = release::publish(registry, &head, &id, &NoStops, &|_, _| ());
        assert!(refused.as_ref().is_err_and(not_approved), "{refused:?}");
        assert_eq!(office.batch(&id).state, "approved");
        // Released by a program that did not ask first.
        batch::begin_publishing(registry, &head, &id).unwrap();
        let refused = release::finish_interrupted(registry, &NoStops, &|_, _| ());
        assert!(refused.as_ref().is_err_and(not_approved), "{refused:?}");
        assert_eq!(office.batch(&id).state, "approved");
        let digest = office.batch(&id).digest;
        batch::reject(registry, &head, &id, &digest, "不能签发").unwrap();
    }
    assert_eq!(size(), before);
    let good = office.grade_again(|_| ());
    release::publish(registry, &head, &good, &NoStops, &|_, _| ()).unwrap();
}

fn approved_and_returned(database: Option<&str>) {
    let office = Office::new("returned", database);
    let (registry, head) = (&office.registry, office.actor("wang.hezhun"));
    let (whom, old) = office.graded("A", 0);
    new_evidence(registry, &whom, PENALTY);
    let id = office.propose(&old, ChangeKind::Downgrade).unwrap();
    office.approve(&id);
    // It was a B; what came to light since makes it a C.
    sql_query(format!("DELETE FROM evidence WHERE id = 'late-{}'", whom.id))
        .execute(&mut *registry.store.conn().unwrap())
        .unwrap();
    new_evidence(registry, &whom, EvidenceKind::Obstruction);
    let refused = release::publish(registry, &head, &id, &NoStops, &|_, _| ());
    let not_approved =
        |error: &BatchError| matches!(error, BatchError::Publish(PublishError::NotApproved { .. }));
    assert!(refused.as_ref().is_err_and(not_approved), "{refused:?}");
    let again = office.propose(&old, ChangeKind::Downgrade);
    assert!(matches!(again, Err(BatchError::Already(_))));

    // Begun and stopped before anything was stored, it comes back to where it can be turned down.
    batch::begin_publishing(registry, &head, &id).unwrap();
    assert_eq!(office.batch(&id).state, "publishing");
    let refused = release::finish_interrupted(registry, &NoStops, &|_, _| ());
    assert!(refused.as_ref().is_err_and(not_approved), "{refused:?}");
    assert_eq!(office.batch(&id).state, "approved");

    let town = Town::serving(office, database);
    let registry = &town.registry;
    let url = town.url(&format!("/officer/batches/{id}"));
    let reject = format!("/officer/batches/{id}/reject");
    let mut proposer = signed_in(&town, "li.shencha");
    assert!(
        !proposer.get(&url).text().contains(&reject),
        "not by its proposer"
    );
    let digest = town.batch(&id).digest;
    let own = batch::reject(registry, &town.actor("li.shencha"), &id, &digest, "证据有变");
    assert!(matches!(
        own,
        Err(BatchError::Refused(
            BatchRefusal::Actor(_) | BatchRefusal::SamePerson(_)
        ))
    ));
    let mut approver = signed_in(&town, "wang.hezhun");
    let page = approver.get(&url);
    assert!(page.text().contains(&reject) && page.text().contains("尚未公布的批次仍可退回"));
    assert!(!page.text().contains(&format!("/officer/batches/{id}/approve")));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut post = |reason: &str| {
        let fields = [
            ("csrf", csrf(page.text())),
            ("digest", hex.clone()),
            ("reason", reason.to_owned()),
        ];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        approver.post_form(&town.url(&reject), &fields)
    };
    let blank = post(" ");
    assert_eq!(blank.status, 422);
    assert!(blank.text().contains("请写明退回理由"));
    assert_eq!(post("证据有变，重新核定").status, 303);
    let row = town.batch(&id);
    assert_eq!(
        (row.state.as_str(), row.decision_reason.as_deref()),
        ("rejected", Some("证据有变，重新核定"))
    );
    let conn = &mut *registry.store.conn().unwrap();
    let acts =
        format!("SELECT COUNT(*) AS value FROM audit WHERE action = 'batch.reject' AND subject = '{id}'");
    assert_eq!(number(conn, &acts), 1);
    assert_eq!(post("又一次").status, 409);

    let new = town.propose(&old, ChangeKind::Downgrade).unwrap();
    town.release(&new);
    assert_eq!(town.batch(&new).state, "published");
    let late = batch::reject(registry, &head, &new, &town.batch(&new).digest, "太迟");
    assert!(
        matches!(late, Err(BatchError::Refused(BatchRefusal::State { .. }))),
        "{late:?}"
    );
    sound(&town);

    // Whoever can write into the database cannot bring it back: the trail says that it was turned down.
    let back = format!(
        "UPDATE batch SET state = 'approved', decided_at = (SELECT at FROM audit WHERE action = 'batch.approve' AND subject = '{id}') WHERE id = '{id}'"
    );
    sql_query(back).execute(conn).unwrap();
    town.city.run(&["log", "fsck"]).code(7);
    batch::begin_publishing(registry, &head, &id).unwrap();
    let refused = release::finish_interrupted(registry, &NoStops, &|_, _| ());
    assert!(refused.as_ref().is_err_and(not_approved), "{refused:?}");
    assert_eq!(town.batch(&id).state, "publishing");
}

//! A release of changes, killed at each step of the publication story and finished by `chengxin publish`:
//! one new record, one bit, and both or neither for readers.

use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::EvidenceKind;
use chengxin::record::status::StatusPurpose;
use chengxin::registry::batch;
use chengxin::store::log::change;
use chengxin::store::{batch as batches, employer};
use diesel::{RunQueryDsl, sql_query};

use crate::support::command::run;
use crate::support::stopped::Stopped;

use super::sequencer::bit;
use super::story::new_evidence;
use super::told::Office;

crate::on_both_databases!(a_correction, a_waiting_record);

/// All of them on SQLite, those that leave the most behind on PostgreSQL.
fn steps(database: Option<&str>) -> Vec<String> {
    let all = run(["publish", "--steps"]).ok();
    let wanted = ["storing", "stored", "mark-raised", "moving-head"];
    all.lines()
        .filter(|step| database.is_none() || wanted.contains(step))
        .map(str::to_owned)
        .collect()
}

fn a_correction(database: Option<&str>) {
    let office = Office::new("killed-correction", database);
    let (registry, city) = (&office.registry, &office.city);
    for (nth, step) in steps(database).iter().enumerate() {
        let (whom, old) = office.graded("A", 2 * nth);
        let conn = &mut *registry.store.conn().unwrap();
        let rename = format!(
            "UPDATE employer SET name = '更名{nth}有限公司' WHERE id = {}",
            whom.id
        );
        sql_query(rename).execute(conn).unwrap();
        let id = office.propose(&old, ChangeKind::Correction).unwrap();
        let head = office.actor("wang.hezhun");
        let digest = batches::find(conn, &id).unwrap().unwrap().digest;
        batch::approve(registry, &head, &id, &digest, "同意").unwrap();
        batch::begin_publishing(registry, &head, &id).unwrap();
        Stopped::at(&mut city.command(&["publish"]), step, 1).kill();
        let shown = bit(registry, old.log_index, StatusPurpose::Refresh);
        assert_eq!(
            office.served(whom.id).len(),
            if shown { 2 } else { 1 },
            "both or neither at {step}"
        );
        city.run(&["publish"]).ok();
        assert!(bit(registry, old.log_index, StatusPurpose::Refresh), "{step}");
        assert_eq!(office.served(whom.id).len(), 2, "{step}");
        assert_eq!(change::of_record(conn, old.log_index).unwrap().len(), 1, "{step}");
        assert_eq!(batches::find(conn, &id).unwrap().unwrap().state, "published");
        assert!(employer::find(conn, whom.id).unwrap().is_some());
    }
    city.run(&["log", "fsck"]).ok();
}

fn a_waiting_record(database: Option<&str>) {
    let office = Office::new("killed-waiting", database);
    let (registry, city) = (&office.registry, &office.city);
    for (nth, step) in steps(database).iter().enumerate() {
        let (whom, old) = office.graded("B", nth);
        new_evidence(registry, &whom, EvidenceKind::Obstruction);
        office.release(&office.propose(&old, ChangeKind::Downgrade).unwrap());
        Stopped::at(&mut city.command(&["publish", "--waiting"]), step, 1).kill();
        let shown = bit(registry, old.log_index, StatusPurpose::Refresh);
        assert_eq!(
            office.served(whom.id).len(),
            if shown { 2 } else { 1 },
            "both or neither at {step}"
        );
        city.run(&["publish", "--waiting"]).ok();
        assert!(bit(registry, old.log_index, StatusPurpose::Refresh), "{step}");
        assert_eq!(office.served(whom.id).len(), 2, "{step}");
    }
    city.run(&["log", "fsck"]).ok();
}

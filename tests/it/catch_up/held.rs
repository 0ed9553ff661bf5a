//! What waited for a day's end when the backup was made, and came out before it was lost: it is not signed a
//! second time, it blocks nothing for ever, and where its body is lost an officer sees it and settles it.

use std::fs;
use std::path::Path;

use chengxin::domain::change::{ChangeKind, ChangeRefusal};
use chengxin::domain::evidence::EvidenceKind;
use chengxin::registry::batch::{self, BatchError};
use chengxin::registry::catch_up::CatchUpError;
use chengxin::registry::change::{self, Held, HeldError};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::{NoStops, PublishError};
use chengxin::registry::{Registry, backup, release};
use chengxin::store::log::body::Body;
use chrono::TimeDelta;

use super::{Lost, from, told_of, without, write_mirror};
use crate::faults::number;
use crate::status::audiences::wrongly_graded;
use crate::status::story::{PENALTY, new_evidence};
use crate::status::told::Office;
use crate::support::city::City;
use crate::support::command;
use crate::support::database::Database;

crate::on_both_databases!(what_waited_and_came_out);

/// A registry of which three changes wait when it is backed up: the new record of one, the bit of another, both
/// of a third. They come out, and all is lost.
struct Night {
    lost: Lost,
    /// The old record of which only the bit waits.
    bit: Body,
    /// Batch and place in the log of the two records.
    records: [(String, i64); 2],
    /// Approved at the time of the backup, released before all was lost: a suspension that was lifted since, and
    /// a grade.
    approved: [String; 2],
    /// The number of a decision that was proposed and released after the backup.
    number: String,
}

/// The number of the one decision of a batch.
fn number_of(office: &Office, batch: &str) -> String {
    let conn = &mut *office.registry.store.conn().unwrap();
    let item = chengxin::store::batch::items(conn, batch, 0, 1)
        .unwrap()
        .remove(0);
    let decision: serde_json::Value = serde_json::from_str(&item.decision).unwrap();
    decision["document_number"].as_str().unwrap().to_owned()
}

impl Night {
    fn new(label: &str, database: Option<&str>) -> Self {
        let office = Office::new(label, database);
        let registry = &office.registry;
        let (_, bit) = wrongly_graded(&office);
        office.release(&office.propose(&bit, ChangeKind::Correction).unwrap());
        let (whom, old) = office.graded("A", 0);
        new_evidence(registry, &whom, PENALTY);
        let hidden = office.propose(&old, ChangeKind::Downgrade).unwrap();
        office.release(&hidden);
        let others = (0..).map(|nth| office.graded("B", nth));
        let (worse, old) = others
            .into_iter()
            .find(|(_, record)| record.employer_id != bit.employer_id)
            .unwrap();
        new_evidence(registry, &worse, EvidenceKind::Obstruction);
        let both = office.propose(&old, ChangeKind::Downgrade).unwrap();
        office.release(&both);

        let (_, disputed) = office.graded("A", 5);
        let suspension = office.propose(&disputed, ChangeKind::Suspension).unwrap();
        office.approve(&suspension);
        let approved = [suspension, office.grade_again(|_| ())];

        let yesterday = office.city.dir.join("yesterday.backup");
        backup::write(registry, &yesterday, false).unwrap();
        for batch in &approved {
            publish(&office, batch).unwrap();
        }
        office.release(&office.propose(&disputed, ChangeKind::Restoration).unwrap());
        let since = office.grade_again(|_| ());
        publish(&office, &since).unwrap();
        let number = number_of(&office, &since);
        office.city.run(&["publish", "--waiting"]).ok();
        let place = |employer: i64| office.records(employer).last().unwrap().log_index;
        let records = [(hidden, place(whom.id)), (both, place(worse.id))];
        let [mirror, old_mirror] = ["mirror", "public"].map(|name| office.city.dir.join(name));
        write_mirror(registry, &mirror);
        write_mirror(registry, &old_mirror);
        without(&old_mirror, &["\"grade\":\"B\"", "\"grade\":\"C\""]);
        let lost = Lost {
            suspended: old,
            office,
            yesterday,
            mirror,
            old_mirror,
        };
        Self {
            lost,
            bit,
            records,
            approved,
            number,
        }
    }
}

/// Releases what is approved.
fn publish(office: &Office, batch: &str) -> Result<(), BatchError> {
    let head = office.actor("wang.hezhun");
    release::publish(&office.registry, &head, batch, &NoStops, &|_, _| ()).map(drop)
}

/// What was released in the lost days is not released again; it can be turned down.
#[track_caller]
fn not_again(office: &Office, approved: &[String]) {
    for id in approved {
        let before = size(&office.registry);
        let refused = publish(office, id);
        assert!(
            matches!(
                refused,
                Err(BatchError::Publish(PublishError::NotApproved { .. }))
            ),
            "{refused:?}"
        );
        assert_eq!(size(&office.registry), before);
        let (head, row) = (office.actor("wang.hezhun"), office.batch(id));
        assert_eq!(row.state, "approved");
        batch::reject(&office.registry, &head, id, &row.digest, "已在灾前公布").unwrap();
    }
}

fn size(registry: &Registry) -> i64 {
    let conn = &mut *registry.store.conn().unwrap();
    number(conn, "SELECT stored_size AS value FROM log_head")
}

fn waiting(registry: &Registry) -> i64 {
    let conn = &mut *registry.store.conn().unwrap();
    number(
        conn,
        "SELECT COUNT(*) AS value FROM waiting_item WHERE log_index IS NULL",
    )
}

/// A day's end at which nothing goes out.
#[track_caller]
fn nothing_goes_out(registry: &Registry) {
    let before = size(registry);
    let then = registry.clock.now() + TimeDelta::days(2);
    assert_eq!(
        change::publish_due(registry, &NoStops, then.naive_utc()).unwrap(),
        0
    );
    assert_eq!(size(registry), before);
}

fn what_waited_and_came_out(database: Option<&str>) {
    let night = Night::new("held", database);
    let lost = &night.lost;
    let fresh = || database.and_then(|_| Database::Postgres.url().unwrap());

    let registry = lost.restored("whole", fresh());
    let done = from(&registry, &lost.mirror, false).unwrap();
    assert_eq!((done.held, waiting(&registry)), (0, 0));
    assert_eq!(change::held(&registry).unwrap(), []);
    nothing_goes_out(&registry);
    assert!(!told_of(&registry).contains("waiting_item"));
    let whole = office(&lost.office.city.dir.join("whole"));
    not_again(&whole, &night.approved);
    let fresh_number = number_of(&whole, &whole.grade_again(|_| ()));
    assert_ne!(fresh_number, night.number, "a number is given once");
    let refused = whole.propose(&night.bit, ChangeKind::Suspension);
    assert!(
        matches!(refused, Err(BatchError::Change(ChangeRefusal::Revoked))),
        "it is not under way: {refused:?}"
    );

    // Without the bodies nobody knows: it is held, not signed.
    let registry = lost.restored("held", fresh());
    let done = from(&registry, &lost.old_mirror, true).unwrap();
    assert_eq!((done.held, done.missing, waiting(&registry)), (2, (0, 2), 2));
    nothing_goes_out(&registry);
    let [(hidden, at), (both, other)] = &night.records;
    let mut expected = [hidden, both].map(|batch| (batch.clone(), vec![*at, *other]));
    for (_, lost) in &mut expected {
        lost.sort_unstable();
    }
    expected.sort();
    let said = |held: Vec<Held>| {
        held.into_iter()
            .map(|one| (one.batch, one.lost))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(change::held(&registry).unwrap()), expected);

    not_again(&office(&lost.office.city.dir.join("held")), &night.approved);

    // An officer says which it is, and may not say what cannot be.
    let settle = |index: i64, why: &str| change::settle(&registry, hidden, 0, index, why);
    assert!(matches!(settle(*at, " "), Err(HeldError::NoReason)));
    assert!(matches!(
        settle(night.bit.log_index, "银行来函"),
        Err(HeldError::NotLost(_))
    ));
    assert!(matches!(
        change::settle(&registry, hidden, 7, *at, "银行来函"),
        Err(HeldError::NotHeld(_, 7))
    ));
    let data = lost.office.city.dir.join("held").display().to_string();
    let run = |words: &[&str]| command::run([words, &["--data", &data]].concat());
    assert!(run(&["log", "held"]).ok().contains(&at.to_string()));
    let index = at.to_string();
    run(&["log", "settle", hidden, "0", &index, "--reason", "银行来函"]).ok();
    assert!(matches!(settle(*at, "再次"), Err(HeldError::NotHeld(..))));
    assert!(!told_of(&registry).contains("waiting_item"));
    nothing_goes_out(&registry);
    assert_eq!(
        said(change::held(&registry).unwrap()),
        [(both.clone(), vec![*other])]
    );

    // The bodies come back, and each says what it is.
    let done = from(&registry, &lost.mirror, false).unwrap();
    assert_eq!((done.filled, done.held, waiting(&registry)), (2, 0, 0));
    nothing_goes_out(&registry);
    let told = told_of(&registry);
    assert!(
        !told.contains("waiting_item") && !told.contains("body"),
        "{told:?}"
    );
}

/// The restored registry, with people.
fn office(data: &Path) -> Office {
    Office {
        city: City::new("unused", None, 60),
        registry: Registry::open(Some(&DataDir::new(data)), None).unwrap(),
    }
}

/// Without the newest lists a revocation would be taken back, and without the newest key document a key that
/// was revoked would sign.
#[test]
fn what_nothing_goes_on_without() {
    let night = Night::new("essential", None);
    let lost = &night.lost;
    without(&lost.mirror, &["StatusList"]);
    let registry = lost.restored("there", None);
    let before = size(&registry);
    let refused = from(&registry, &lost.mirror, true);
    assert!(
        matches!(refused, Err(CatchUpError::Essential(1..))),
        "{refused:?}"
    );
    assert_eq!(size(&registry), before);
    assert!(fs::exists(lost.mirror.join("checkpoint")).unwrap());
}

//! One grade and one listing, withdrawn by two persons: page, API, bundle and verdict tell the same before,
//! during and after.

use std::fs;

use chengxin::domain::withdrawal::{Cause, WithdrawalRefusal};
use chengxin::registry::archive::{self, ArchiveError};
use chengxin::registry::batch::{self, BatchError};
use chengxin::store::log::archive as sealed;
use chengxin::store::{audit, batch as batches};
use serde_json::Value;

use crate::status::told::{Told, Town, id};
use crate::support::command::verify;

use super::{erased, listings, propose, release, stored, withdrawals_of};

crate::on_both_databases!(a_grade_by_judgment, partners_alone, a_wrong_listing);

fn valid() -> Told {
    Told {
        api: Some("valid".into()),
        verdict: "clear".into(),
        exit: 0,
    }
}

/// Verifies a file with the town's trust: headline and exit code.
fn judged(town: &Town, bytes: &[u8]) -> (String, i32) {
    let file = town.city.path("held.json");
    fs::write(&file, bytes).unwrap();
    let trust = town.city.data().join("trust");
    let ran = verify([file.as_str(), "--trust", trust.to_str().unwrap(), "--json"]);
    let verdict: Value = serde_json::from_str(&ran.stdout).unwrap();
    (
        verdict["headline"].as_str().unwrap_or_default().to_owned(),
        ran.code.unwrap(),
    )
}

fn a_grade_by_judgment(database: Option<&str>) {
    let town = Town::new("judgment", database);
    let (whom, record) = town.graded("A", 0);
    let here = format!("/records/{}", id(&record));
    assert_eq!(town.told(&whom, &record), valid());
    let before = town.page(&whom);
    assert!(before.contains(&here));
    assert!(matches!(
        propose(&town, &record, Cause::Expiry),
        Err(BatchError::Withdrawal(WithdrawalRefusal::ByTime))
    ));
    assert!(matches!(
        propose(&town, &record, Cause::EarlyRemoval),
        Err(BatchError::Withdrawal(WithdrawalRefusal::NotAListing))
    ));

    let proposed = propose(&town, &record, Cause::Court).unwrap();
    assert!(matches!(
        propose(&town, &record, Cause::Court),
        Err(BatchError::Already(_))
    ));
    let row = batches::find(&mut town.registry.store.conn().unwrap(), &proposed);
    let digest = row.unwrap().unwrap().digest;
    let alone = batch::approve(&town.registry, &town.actor("li.shencha"), &proposed, &digest, "");
    assert!(matches!(alone, Err(BatchError::Refused(_))));
    assert_eq!(town.told(&whom, &record), valid(), "proposed, not decided");
    let open = town.city.run(&["withdraw", "list", "--json"]).ok();
    let open: Value = serde_json::from_str(open.trim()).unwrap();
    assert_eq!(
        (open["stage"].as_str(), open["cause"].as_str()),
        (Some("proposed"), Some("court"))
    );
    assert_eq!(open["overdue"], false);
    town.release(&proposed);

    for path in [here.clone(), format!("{here}/latest"), format!("{here}/bundle")] {
        for answer in [town.public(&path), town.partner(&path)] {
            assert_eq!(answer.status, 410, "{path}");
            assert!(!answer.text().contains(&whom.name), "{path}");
        }
    }
    let page = town.page(&whom);
    assert!(!page.contains(&here) && page.contains(&whom.name));
    let code = whom.code.as_deref().unwrap();
    let answer = town.public(&format!("/api/v1/employers/{code}"));
    assert_eq!(answer.json()["history"].as_array().unwrap().len(), 0);
    assert_eq!(town.city.run(&["withdraw", "list", "--json"]).ok(), "");

    // What the log says of it, and what its own bundle is worth.
    let gone = erased(&town.registry, &record).unwrap();
    assert_eq!(withdrawals_of(&town.registry, &record), 1);
    assert!(stored(&town.registry, record.log_index).is_none());
    assert!(
        stored(&town.registry, gone.erasure_index).is_none(),
        "an erasure has no body"
    );
    let withdrawal = stored(&town.registry, gone.withdrawal_index).unwrap();
    let place = format!("/records/{}", id(&withdrawal));
    assert_eq!(town.public(&place).body, withdrawal.bytes);
    let bundle = town.public(&format!("{place}/bundle"));
    assert_eq!(judged(&town, &bundle.body), ("withdrawal".to_owned(), 0));
    for other in [town.graded("A", 0), town.graded("B", 0)] {
        assert_eq!(town.told(&other.0, &other.1), valid());
    }
    let again = propose(&town, &record, Cause::Court);
    assert!(matches!(
        again,
        Err(BatchError::Withdrawal(WithdrawalRefusal::Gone))
    ));
    let bulk = town.city.path("all.ndjson");
    town.city.run(&["export", "bulk", "-o", &bulk]).ok();
    let trust = town.city.data().join("trust");
    verify([bulk.as_str(), "--trust", trust.to_str().unwrap()]).ok();
    town.city.run(&["log", "fsck"]).ok();
    in_the_archive(&town, &record);
}

/// The archive's copy: sealed, and opened only with a reason that is written down first.
fn in_the_archive(town: &Town, record: &chengxin::store::log::body::Body) {
    let conn = &mut *town.registry.store.conn().unwrap();
    let copy = sealed::find(conn, record.log_index).unwrap().unwrap();
    let clear = |part: &[u8]| copy.sealed.windows(part.len()).any(|window| window == part);
    assert!(!clear(&record.bytes[..32]) && !clear(id(record).to_string().as_bytes()));
    let named = id(record).to_string();
    let rows = |conn: &mut _| audit::about(conn, "archive.show", &named).unwrap();
    let none = archive::show(&town.registry, id(record), "  ");
    assert!(matches!(none, Err(ArchiveError::NoReason)));
    assert_eq!(rows(conn).len(), 0);
    let shown = town
        .city
        .run(&["archive", "show", &named, "--reason", "行政复议调卷"])
        .ok();
    assert_eq!(shown.trim_end().as_bytes(), record.bytes);
    let read = rows(conn);
    assert_eq!((read.len(), read[0].request_id.as_str()), (1, "行政复议调卷"));
    // Without the row there is no answer.
    let stop = match town.city.database() {
        chengxin::store::Conn::Sqlite(_) => {
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE (ABORT, 'full'); END"
        }
        chengxin::store::Conn::Postgres(_) => {
            "CREATE TRIGGER full_trail BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse('full')"
        }
    };
    diesel::RunQueryDsl::execute(diesel::sql_query(stop), conn).unwrap();
    let refused = archive::show(&town.registry, id(record), "行政复议调卷");
    assert!(matches!(refused, Err(ArchiveError::Store(_))));
}

/// To the public it never was; partners are told.
fn partners_alone(database: Option<&str>) {
    let town = Town::new("partners", database);
    let (whom, record) = town.graded("C", 0);
    let here = format!("/records/{}", id(&record));
    let never = format!("/records/{}", uuid::Uuid::from_u128(0x4000_8000_0000_0000_0000));
    let page = town.page(&whom);
    town.release(&propose(&town, &record, Cause::Correction).unwrap());
    let without_number = |answer: &crate::support::http::Answer| {
        let mut json = answer.json();
        json.as_object_mut().unwrap().remove("instance");
        (answer.status, json)
    };
    assert_eq!(
        without_number(&town.public(&here)),
        without_number(&town.public(&never))
    );
    assert_eq!(town.public(&here).status, 404);
    assert_eq!(town.partner(&here).status, 410);
    let gone = erased(&town.registry, &record).unwrap();
    let withdrawal = stored(&town.registry, gone.withdrawal_index).unwrap();
    assert_eq!(withdrawal.audience, "partners");
    let place = format!("/records/{}", id(&withdrawal));
    assert_eq!(
        (town.public(&place).status, town.partner(&place).status),
        (404, 200)
    );
    let without_time = |page: &str| page.split("asof").next().unwrap().to_owned();
    assert_eq!(without_time(&town.page(&whom)), without_time(&page));
    town.city.run(&["log", "fsck"]).ok();
}

fn a_wrong_listing(database: Option<&str>) {
    let town = Town::new("wrong-listing", database);
    let (whom, record) = listings(&town.registry).remove(0);
    let code = whom.code.as_deref().unwrap();
    let listed = |town: &Town| {
        let answer = town.public(&format!("/api/v1/employers/{code}"));
        answer.json()["listings"].as_array().unwrap().len()
    };
    assert_eq!(listed(&town), 1);
    let page = town.page(&whom);
    release(
        &town,
        &record,
        &propose(&town, &record, Cause::Correction).unwrap(),
    );
    assert_eq!(listed(&town), 0);
    assert!(page.contains("/records/") && page != town.page(&whom));
    assert_eq!(town.public(&format!("/records/{}", id(&record))).status, 410);
    town.city.run(&["log", "fsck"]).ok();
}

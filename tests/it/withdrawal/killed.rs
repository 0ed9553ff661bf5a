//! A withdrawal, killed at each step of the publication story and finished by the same command: the body is
//! there or the log says that it is gone, never neither, and the log says it once.

use chrono::{DateTime, TimeDelta, Utc};

use chengxin::domain::withdrawal::Cause;
use chengxin::registry::Registry;
use chengxin::registry::batch;
use chengxin::registry::data_dir::DataDir;
use chengxin::store::batch as batches;
use chengxin::store::log::change;

use crate::status::told::Office;
use crate::support::city::City;
use crate::support::command::{Ran, collect, run};
use crate::support::stopped::Stopped;

use super::{case_state, edit_case, erased, listings, propose, stored, term, withdrawals_of};

crate::on_both_databases!(decided, by_time);

/// All of them on SQLite, those that leave the most behind on PostgreSQL.
fn steps(database: Option<&str>) -> Vec<String> {
    let all = run(["publish", "--steps"]).ok();
    let wanted = ["storing", "stored", "read-back", "moving-head"];
    all.lines()
        .filter(|step| database.is_none() || wanted.contains(step))
        .map(str::to_owned)
        .collect()
}

fn office(label: &str, database: Option<&str>) -> Office {
    let city = City::new(label, database, 60);
    city.demo();
    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    Office { city, registry }
}

fn decided(database: Option<&str>) {
    let office = office("killed-withdrawal", database);
    let (registry, city) = (&office.registry, &office.city);
    for step in steps(database) {
        let (_, record) = office.graded("A", 0);
        let id = propose(&office, &record, Cause::Court).unwrap();
        let head = office.actor("wang.hezhun");
        let conn = &mut *registry.store.conn().unwrap();
        let digest = batches::find(conn, &id).unwrap().unwrap().digest;
        batch::approve(registry, &head, &id, &digest, "同意").unwrap();
        batch::begin_publishing(registry, &head, &id).unwrap();
        Stopped::at(&mut city.command(&["publish"]), &step, 1).kill();
        let there = stored(registry, record.log_index).is_some();
        assert_eq!(there, step != "head-moved", "it goes with the head: {step}");
        city.run(&["publish"]).ok();
        assert!(stored(registry, record.log_index).is_none(), "{step}");
        assert!(erased(registry, &record).is_some(), "{step}");
        assert_eq!(withdrawals_of(registry, &record), 1, "{step}");
        assert_eq!(
            change::of_record(conn, record.log_index).unwrap().len(),
            1,
            "{step}"
        );
        assert_eq!(batches::find(conn, &id).unwrap().unwrap().state, "published");
    }
    city.run(&["log", "fsck"]).ok();
}

/// The job of terms that have run; a listing for every step, the last ones twice over.
fn by_time(database: Option<&str>) {
    let office = office("killed-term", database);
    let (registry, city) = (&office.registry, &office.city);
    let mut now = chrono::DateTime::UNIX_EPOCH;
    let some = ["records-signed", "stored", "moving-head", "head-moved"];
    for (step, (whom, record)) in some.iter().zip(listings(registry)) {
        let case = edit_case(registry, &whom, |_| ());
        now = term(&record) + TimeDelta::hours(1);
        let mut expire = city.command(&["withdraw", "expire"]);
        expire.env("CHENGXIN_NOW", now.to_rfc3339());
        Stopped::at(&mut expire, step, 1).kill();
        later(city, &["withdraw", "expire"], now).ok();
        assert!(stored(registry, record.log_index).is_none(), "{step}");
        assert_eq!(withdrawals_of(registry, &record), 1, "{step}");
        assert_eq!(case_state(registry, &case), "withdrawn", "{step}");
        let gone = erased(registry, &record).unwrap();
        assert_eq!((gone.cause.as_str(), gone.batch_id), ("expiry", None));
    }
    later(city, &["log", "fsck"], now).ok();
}

/// Runs the program by another clock than the machine's.
fn later(city: &City, words: &[&str], now: DateTime<Utc>) -> Ran {
    let mut command = city.command(words);
    collect(command.env("CHENGXIN_NOW", now.to_rfc3339()))
}

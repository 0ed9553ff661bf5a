//! The failure matrix of publication: the process is killed at each named step of a chunk of each
//! kind, and the same command, run again, finishes the year as if nothing had happened.

use chengxin::record::status::{Change, StatusPurpose};
use chengxin::registry::Registry;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::freshness;
use chengxin::registry::publish::NoStops;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};

use crate::status::sequencer;
use crate::support::city::{City, Summary};
use crate::support::command::run;
use crate::support::database::Database;
use crate::support::skip;
use crate::support::stopped::Stopped;

/// Few, so that a run is short; every chunk holds one batch.
const EMPLOYERS: usize = 60;

/// The kinds of chunks that a demonstration stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    FirstListing,
    Grades,
    FirstOwn,
    LastOwn,
}

#[test]
fn killed_in_the_first_listing() {
    every_step(Which::FirstListing);
}

#[test]
fn killed_in_the_grades() {
    every_step(Which::Grades);
}

#[test]
fn killed_in_the_first_own_entries() {
    every_step(Which::FirstOwn);
}

#[test]
fn killed_in_the_last_own_entries() {
    every_step(Which::LastOwn);
}

/// A batch of which only the signature was missing is finished as soon as a publisher opens the log: the command
/// says which batch, and how many records, and not that there was none.
#[test]
fn publish_says_what_it_finished() {
    let city = City::new("told", None, EMPLOYERS);
    let grades = Plan::of(None).nth(Which::Grades);
    Stopped::at(&mut city.demo_command(), "stored", grades).kill();
    let said = city.run(&["publish"]).ok();
    assert!(
        said.contains("已完成中断的批次")
            && said.contains("finished the interrupted batch")
            && said.contains(&format!(": {EMPLOYERS} records")),
        "{said}"
    );
    assert!(!said.contains("没有中断的批次"), "{said}");
    assert!(
        said.contains("were stored and not yet signed; they are now"),
        "{said}"
    );
    let again = city.run(&["publish"]).ok();
    assert!(
        again.contains("没有中断的批次") && !again.contains("finished"),
        "{again}"
    );
}

/// Entries that readers see last are there after the kill as well: the steps that leave the most
/// behind, on the other database.
#[test]
fn killed_on_postgres() {
    let plan = Plan::of(None);
    for step in ["stored", "mark-raised", "moving-head"] {
        match Database::Postgres.url() {
            Ok(url) => plan.kill_and_finish(url.as_deref(), step, Which::Grades),
            Err(why) => return skip("killed_on_postgres", &why),
        }
    }
}

/// A batch of two chunks, killed between them and within the second. Readers see none of it before
/// all of it, though the registry signs its lists again meanwhile.
#[test]
fn killed_in_the_middle_of_a_large_batch() {
    let city = City::new("large", None, 9000);
    let first_chunk = Plan::of(None).nth(Which::Grades);
    Stopped::at(&mut city.demo_command(), "stored", first_chunk).kill();
    {
        let registry = Registry::open(Some(&DataDir::new(&city.data())), None).unwrap();
        freshness::refresh(&registry, &NoStops).unwrap();
    }
    nothing_shown(&city);
    for step in ["storing", "head-signed"] {
        Stopped::at(&mut city.demo_command(), step, 1).kill();
        nothing_shown(&city);
    }
    city.check(&city.demo());
}

/// On PostgreSQL a chunk is stored while the one before it is read back: both are there without a head after
/// the kill, and each gets its own; the first one's alone shows nothing.
#[test]
fn killed_with_two_chunks_unsigned() {
    let url = match Database::Postgres.url() {
        Ok(url) => url,
        Err(why) => return skip("killed_with_two_chunks_unsigned", &why),
    };
    let city = City::new("unsigned", url.as_deref(), 9000);
    let first_chunk = Plan::of(None).nth(Which::Grades);
    Stopped::at(&mut city.demo_command(), "stored", first_chunk + 1).kill();
    let unsigned = |city: &City| {
        let between = "first_index >= (SELECT head_size FROM log_head)";
        super::number(
            &mut city.database(),
            &format!("SELECT COUNT(*) AS value FROM chunk WHERE {between}"),
        )
    };
    assert_eq!(unsigned(&city), 2);
    nothing_shown(&city);
    Stopped::at(&mut city.demo_command(), "head-moved", 1).kill();
    assert_eq!(unsigned(&city), 1);
    nothing_shown(&city);
    city.check(&city.demo());
}

/// A change of status is shown by one version and no second one, wherever the sequencer dies.
#[test]
fn killed_in_a_status_change() {
    let steps = run(["publish", "--steps"]).ok();
    status_changes(None, steps.lines());
}

#[test]
fn killed_in_a_status_change_on_postgres() {
    match Database::Postgres.url() {
        Ok(url) => status_changes(url.as_deref(), ["storing", "stored", "moving-head"].into_iter()),
        Err(why) => skip("killed_in_a_status_change_on_postgres", &why),
    }
}

fn status_changes<'s>(database: Option<&str>, steps: impl Iterator<Item = &'s str>) {
    let city = City::new("status", database, EMPLOYERS);
    let summary = city.demo();
    let a = "SELECT log_index AS value FROM body WHERE outcome = 'A' ORDER BY log_index";
    let conn = &mut city.database();
    for (place, step) in steps.enumerate() {
        println!("killed at {step}");
        let index = super::number(conn, &format!("{a} LIMIT 1 OFFSET {place}"));
        let registry = || Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
        sequencer::request(&registry(), index, Change::Revoke);
        Stopped::at(&mut city.command(&["publish"]), step, 1).kill();
        city.run(&["publish"]).ok();
        assert!(
            sequencer::bit(&registry(), index, StatusPurpose::Revocation),
            "{step}"
        );
        let count = |what: &str| format!("SELECT COUNT(*) AS value FROM {what}");
        let of = "status_list_version WHERE purpose = 'revocation' AND log_index >";
        let since =
            format!("{of} (SELECT MAX(version_index) FROM status_change WHERE record_index <> {index})");
        if place > 0 {
            assert_eq!(super::number(conn, &count(&since)), 1, "one version after {step}");
        }
        let waiting = count("status_change WHERE version_index IS NULL");
        assert_eq!(super::number(conn, &waiting), 0, "{step}");
    }
    city.run(&["log", "fsck"]).ok();
    let now = super::number(conn, "SELECT stored_size AS value FROM log_head");
    assert!(usize::try_from(now).unwrap() > summary.size);
}

#[track_caller]
fn nothing_shown(city: &City) {
    assert!(
        super::number(
            &mut city.database(),
            "SELECT COUNT(*) AS value FROM body WHERE outcome = 'A'"
        ) > 0
    );
    assert!(
        !city.records().contains("IntegrityGrade"),
        "half a batch is shown"
    );
}

fn every_step(which: Which) {
    let plan = Plan::of(None);
    let steps = run(["publish", "--steps"]).ok();
    assert!(steps.lines().count() >= 9, "{steps}");
    for step in steps.lines() {
        println!("killed at {step} of {which:?}");
        plan.kill_and_finish(None, step, which);
    }
}

#[derive(QueryableByName)]
struct Chunk {
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    kind: Option<String>,
}

/// A year that nobody stopped: what it came to, and in which order it stored its chunks.
struct Plan {
    whole: Summary,
    /// The kind of batch of each chunk, `None` for the registry's own entries, after the ones made
    /// with the registry.
    chunks: Vec<Option<String>>,
}

impl Plan {
    fn of(database: Option<&str>) -> Self {
        let city = City::new("whole", database, EMPLOYERS);
        let whole = city.demo();
        city.check(&whole);
        let rows: Vec<Chunk> = sql_query(
            "SELECT batch.kind AS kind FROM chunk LEFT JOIN batch ON batch.id = chunk.batch_id ORDER BY first_index",
        )
        .load(&mut city.database())
        .unwrap();
        let chunks = rows
            .into_iter()
            .map(|row| row.kind)
            .skip_while(Option::is_none)
            .collect();
        Self { whole, chunks }
    }

    /// The how many-th chunk it is, from 1.
    fn nth(&self, which: Which) -> usize {
        let is = |wanted: Option<&'static str>| move |kind: &Option<String>| kind.as_deref() == wanted;
        let place = match which {
            Which::FirstListing => self.chunks.iter().position(is(Some("wage-blacklist"))),
            Which::Grades => self.chunks.iter().position(is(Some("integrity-grade"))),
            Which::FirstOwn => self.chunks.iter().position(is(None)),
            Which::LastOwn => self.chunks.iter().rposition(is(None)),
        };
        place.unwrap_or_else(|| panic!("no {which:?} in {:?}", self.chunks)) + 1
    }

    fn kill_and_finish(&self, database: Option<&str>, step: &str, which: Which) {
        let city = City::new("kill", database, EMPLOYERS);
        Stopped::at(&mut city.demo_command(), step, self.nth(which)).kill();
        let seen = Heads::of(&city);
        let summary = city.demo();
        // Own entries may be signed once more: they are versions, and the newest counts.
        for (kind, count) in &self.whole.kinds {
            let now = summary.kinds[kind];
            match kind.as_str() {
                "record" | "rule-set" => assert_eq!(now, *count, "{kind} after {step}"),
                _ => assert!(now >= *count, "{kind} after {step}"),
            }
        }
        city.check(&summary);
        Heads::of(&city).follow(&seen);
        no_gaps(&city);
    }
}

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Head {
    #[diesel(sql_type = sql_types::BigInt)]
    size: i64,
    #[diesel(sql_type = sql_types::Text)]
    note: String,
}

/// Every signed head in the database.
struct Heads(Vec<Head>);

impl Heads {
    fn of(city: &City) -> Self {
        let rows = sql_query("SELECT size, note FROM checkpoint ORDER BY size").load(&mut city.database());
        Self(rows.unwrap())
    }

    /// What was signed before stands unchanged; `log fsck` recomputed the root of each from the
    /// entries, so each is consistent with the last.
    fn follow(&self, before: &Self) {
        assert!(!before.0.is_empty());
        for head in &before.0 {
            assert!(
                self.0.contains(head),
                "{head:?} is not a head of the finished log"
            );
        }
        let (last, newest) = (before.0.last().unwrap(), self.0.last().unwrap());
        assert!(newest.size >= last.size);
    }
}

/// Indices without a gap, in the log and in its journal, and no status index given twice.
fn no_gaps(city: &City) {
    let conn = &mut city.database();
    let mut number = |sql: &str| super::number(conn, sql);
    let size = number("SELECT stored_size AS value FROM log_head");
    assert_eq!(number("SELECT head_size AS value FROM log_head"), size);
    assert_eq!(number("SELECT COUNT(*) AS value FROM body"), size);
    assert_eq!(number("SELECT MAX(log_index) AS value FROM body"), size - 1);
    assert_eq!(
        number("SELECT CAST(SUM(count) AS BIGINT) AS value FROM chunk"),
        size
    );
    let records = number("SELECT COUNT(*) AS value FROM body WHERE kind IN ('record', 'rule-set')");
    assert_eq!(
        number("SELECT CAST(SUM(used) AS BIGINT) AS value FROM status_list"),
        records
    );
    let mut pointers = std::collections::BTreeSet::new();
    for line in city.records().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let status = &record["credentialStatus"][0];
        let place = (
            status["statusListCredential"].to_string(),
            status["statusListIndex"].to_string(),
        );
        assert_ne!(place.1, "null", "{record}");
        assert!(pointers.insert(place.clone()), "{place:?} was given twice");
    }
}

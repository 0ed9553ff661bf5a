//! A backup of yesterday beside today's signer is brought up to date from a mirror of the log and publishes
//! on; a mirror that is too old, another's, changed or without bodies changes nothing.

mod held;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::EvidenceKind;
use chengxin::record::status::StatusPurpose;
use chengxin::registry::backup::{self, Target};
use chengxin::registry::catch_up::{CatchUpError, CaughtUp, Mirror, catch_up};
use chengxin::registry::check::{self, CheckError};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::{NoStops, publish_audit};
use chengxin::registry::{Registry, freshness, fsck, partner, snapshot, static_log};
use chengxin::store::log::body::Body;

use crate::faults::number;
use crate::status::sequencer::bit;
use crate::status::story::new_evidence;
use crate::status::told::Office;
use crate::support::city::City;
use crate::support::command;
use crate::support::database::Database;
use crate::support::server::Server;
use crate::support::skip;

crate::on_both_databases!(a_backup_of_yesterday_catches_up);

/// A city, its backup of yesterday, and its log of today in a mirror.
struct Lost {
    office: Office,
    suspended: Body,
    yesterday: PathBuf,
    mirror: PathBuf,
    old_mirror: PathBuf,
}

impl Lost {
    fn new(label: &str, database: Option<&str>) -> Self {
        let city = City::new(label, database, 60);
        city.demo();
        let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
        let office = Office { city, registry };
        let (whom, worse) = office.graded("B", 0);
        // It waits yesterday, and is out today.
        new_evidence(&office.registry, &whom, EvidenceKind::Obstruction);
        office.release(&office.propose(&worse, ChangeKind::Downgrade).unwrap());
        let yesterday = office.city.dir.join("yesterday.backup");
        backup::write(&office.registry, &yesterday, false).unwrap();
        let old_mirror = office.city.dir.join("old-mirror");
        write_mirror(&office.registry, &old_mirror);

        office.city.run(&["publish", "--waiting"]).ok();
        let (_, suspended) = office.graded("A", 0);
        office.release(&office.propose(&suspended, ChangeKind::Suspension).unwrap());
        let (whom, lost) = office.graded("A", 1);
        new_evidence(&office.registry, &whom, EvidenceKind::Obstruction);
        office.release(&office.propose(&lost, ChangeKind::Downgrade).unwrap());
        office.city.run(&["publish", "--waiting"]).ok();
        snapshot::take(&office.registry, &NoStops).unwrap();
        publish_audit(&office.registry, &NoStops).unwrap();
        let mirror = office.city.dir.join("mirror");
        write_mirror(&office.registry, &mirror);
        Self {
            office,
            suspended,
            yesterday,
            mirror,
            old_mirror,
        }
    }

    /// Yesterday's database beside today's keys.
    fn restored(&self, name: &str, database: Option<String>) -> Registry {
        let (here, there) = (self.office.city.data(), self.office.city.dir.join(name));
        fs::create_dir_all(there.join("keys")).unwrap();
        for entry in fs::read_dir(here.join("keys")).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), there.join("keys").join(entry.file_name())).unwrap();
            }
        }
        let target = Target {
            data: DataDir::new(&there),
            database,
            with_keys: false,
        };
        let restored = backup::restore(&self.yesterday, &target, &|_, _| ()).unwrap();
        assert!(restored.newer.is_some());
        Registry::open(Some(&DataDir::new(&there)), None).unwrap()
    }
}

fn write_mirror(registry: &Registry, folder: &Path) {
    static_log::write(&mut registry.store.conn().unwrap(), folder, true).unwrap();
}

/// Takes the bodies that say one of these out of a mirror of one file.
fn without(mirror: &Path, words: &[&str]) {
    let path = mirror.join("private/bodies/000");
    let (whole, mut kept) = (fs::read(&path).unwrap(), Vec::new());
    let mut rest = whole.as_slice();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (body, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        let text = String::from_utf8_lossy(body);
        match words.iter().any(|word| text.contains(word)) {
            true => kept.extend([0; 4]),
            false => kept.extend([&length[..], body].concat()),
        }
        rest = after;
    }
    fs::write(&path, kept).unwrap();
}

fn from(registry: &Registry, mirror: &Path, allow_missing: bool) -> Result<CaughtUp, CatchUpError> {
    catch_up(registry, &Mirror::in_folder(mirror), allow_missing, &|_, _| ())
}

/// The tables of which the check still tells.
fn told_of(registry: &Registry) -> BTreeSet<String> {
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    let table = |row: &str| row.split(' ').next().unwrap().to_owned();
    report.findings.iter().map(|found| table(&found.row)).collect()
}

fn a_backup_of_yesterday_catches_up(database: Option<&str>) {
    let lost = Lost::new("catch-up", database);
    let today = fsck::run(&lost.office.registry, &|_, _| ()).unwrap();
    assert_eq!(today.findings, []);
    let url = match database.map(|_| Database::Postgres.url()) {
        None => None,
        Some(Ok(url)) => url,
        Some(Err(why)) => return skip("catching up on PostgreSQL", &why),
    };
    let registry = lost.restored("there", url);
    assert!(matches!(
        check::at_start(&registry),
        Err(CheckError::Older { .. })
    ));
    let done = from(&registry, &lost.mirror, false).unwrap();
    assert_eq!(
        (done.to, done.missing, done.strangers),
        (today.entries, (0, 0), 0)
    );
    assert!(done.from < done.to && done.open.is_empty(), "{done:?}");
    assert_eq!(check::at_start(&registry).unwrap().head_size, today.entries);
    let again = from(&registry, &lost.mirror, false).unwrap();
    assert_eq!((again.from, again.to), (today.entries, today.entries));

    // The log is whole; what is told is what a mirror does not have.
    let report = fsck::run(&registry, &|_, _| ()).unwrap();
    assert_eq!(report.root, today.root);
    let lost_for_good = BTreeSet::from([
        "audit".to_owned(),
        "status_change".to_owned(),
        "snapshot".to_owned(),
    ]);
    assert!(
        told_of(&registry).is_subset(&lost_for_good),
        "{:?}",
        report.findings
    );
    assert!(bit(
        &registry,
        lost.suspended.log_index,
        StatusPurpose::Suspension
    ));
    let conn = &mut *registry.store.conn().unwrap();
    assert_eq!(
        number(
            conn,
            "SELECT COUNT(*) AS value FROM waiting_item WHERE log_index IS NULL"
        ),
        0
    );

    // It publishes on, and gives no index twice.
    freshness::refresh(&registry, &NoStops).unwrap();
    snapshot::take(&registry, &NoStops).unwrap();
    let there = lost.office.city.dir.join("there");
    let office = Office {
        city: City::new("unused", None, 60),
        registry: Registry::open(Some(&DataDir::new(&there)), None).unwrap(),
    };
    office.release(&office.propose(&lost.suspended, ChangeKind::Restoration).unwrap());
    assert!(!bit(
        &registry,
        lost.suspended.log_index,
        StatusPurpose::Suspension
    ));
    let (whom, a) = office.graded("A", 3);
    new_evidence(&registry, &whom, EvidenceKind::Obstruction);
    office.release(&office.propose(&a, ChangeKind::Downgrade).unwrap());
    command::run(["publish", "--waiting", "--data", there.to_str().unwrap()]).ok();
    let left = BTreeSet::from(["audit".to_owned(), "status_change".to_owned()]);
    assert_eq!(told_of(&registry), left, "nothing new is wrong");
    assert!(check::at_start(&registry).unwrap().head_size > today.entries);
}

/// From the server that the restored machine is to replace: with a partner's key everything, without one the
/// public bodies alone.
#[test]
fn from_a_server() {
    let lost = Lost::new("from-server", None);
    let key = partner::add(&lost.office.registry, "备用机").unwrap();
    freshness::refresh(&lost.office.registry, &NoStops).unwrap();
    let server = Server::start(&lost.office.city.data(), None);
    let registry = lost.restored("there", None);
    let from = format!("{}/log", server.address());
    let there = lost.office.city.dir.join("there").display().to_string();
    let run = |more: &[&str]| {
        command::run([&["log", "catch-up", "--data", &there, "--from", &from], more].concat())
    };
    let told = run(&[]).code(1).stderr;
    let had = number(
        &mut registry.store.conn().unwrap(),
        "SELECT stored_size AS value FROM log_head",
    );
    let hidden = number(
        &mut lost.office.registry.store.conn().unwrap(),
        &format!("SELECT COUNT(*) AS value FROM body WHERE audience = 'partners' AND log_index >= {had}"),
    );
    assert!(hidden >= 2, "{hidden}");
    let lacks = format!("of 0 public entries and of {hidden} that partners");
    assert!(told.contains(&lacks), "{told}");
    let file = lost.office.city.dir.write("key", format!("{key}\n"));
    run(&["--partner-key", file.to_str().unwrap()]).ok();
    let today = fsck::run(&lost.office.registry, &|_, _| ()).unwrap();
    assert_eq!(check::at_start(&registry).unwrap().head_size, today.entries);
    let refused = command::run([
        "log",
        "catch-up",
        "--data",
        &there,
        "--from",
        "https://x.example/log",
    ]);
    assert!(refused.code(2).stderr.contains("http:// alone"));
    drop(server);
    run(&[]).code(1);
}

/// Each leaves the database and the mark as they were.
#[test]
fn mirrors_that_change_nothing() {
    let lost = Lost::new("mirrors", None);
    let registry = lost.restored("there", None);
    let there = lost.office.city.dir.join("there");
    let mark = fs::read(there.join("keys/high-water")).unwrap();
    let size = |registry: &Registry| {
        number(
            &mut registry.store.conn().unwrap(),
            "SELECT stored_size AS value FROM log_head",
        )
    };
    let before = size(&registry);
    let refused = |mirror: &Path| {
        let error = from(&registry, mirror, false).unwrap_err();
        assert_eq!(size(&registry), before);
        assert_eq!(fs::read(there.join("keys/high-water")).unwrap(), mark);
        error
    };
    let copy = |name: &str| {
        let to = lost.office.city.dir.join(name);
        write_mirror(&lost.office.registry, &to);
        to
    };
    assert!(matches!(refused(&lost.old_mirror), CatchUpError::Behind { .. }));
    assert!(matches!(
        refused(&lost.office.city.dir.join("nothing")),
        CatchUpError::Mirror(_)
    ));
    let other = crate::support::registry::Fixture::new("other", None);
    let of_other = lost.office.city.dir.join("of-other");
    write_mirror(&other.registry, &of_other);
    assert!(matches!(refused(&of_other), CatchUpError::Head(_)));

    // An entry, a body, the head: one byte each.
    let changed = copy("changed");
    let bundle = fs::read_dir(changed.join("tile/entries/000.p"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let flip = |path: &Path, place: &dyn Fn(usize) -> usize| {
        let mut bytes = fs::read(path).unwrap();
        let place = place(bytes.len());
        bytes[place] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    flip(&bundle, &|length| length - 30);
    assert!(matches!(
        refused(&changed),
        CatchUpError::OtherHistory(_) | CatchUpError::Mirror(_) | CatchUpError::Missing { .. }
    ));
    let changed = copy("changed-body");
    flip(&changed.join("private/bodies/000"), &|length| length - 5);
    assert!(matches!(
        refused(&changed),
        CatchUpError::Missing {
            public: 1,
            partners: 0
        }
    ));
    let changed = copy("changed-head");
    flip(&changed.join("checkpoint"), &|length| length - 20);
    assert!(matches!(refused(&changed), CatchUpError::Head(_)));

    // Without what partners alone may see, as a monitor without a key has it.
    let public = copy("public");
    without(&public, &["\"grade\":\"B\"", "\"grade\":\"C\""]);
    assert!(matches!(
        refused(&public),
        CatchUpError::Missing {
            public: 0,
            partners: 2
        }
    ));

    // On the command line: told what to do, then done.
    let data = there.display().to_string();
    let run = |mirror: &Path, more: &[&str]| {
        let words = [
            "log",
            "catch-up",
            "--data",
            &data,
            "--from",
            mirror.to_str().unwrap(),
        ];
        command::run([&words, more].concat())
    };
    let told = run(&public, &[]).code(1).stderr;
    assert!(
        told.contains("2 that partners alone may see") && told.contains("--allow-missing"),
        "{told}"
    );
    let told = run(&public, &["--allow-missing"]).ok();
    assert!(
        told.contains("2 for partners alone") && told.contains("are lost"),
        "{told}"
    );
    let registry = Registry::open(Some(&DataDir::new(&there)), None).unwrap();
    check::at_start(&registry).unwrap();
    assert!(
        told_of(&registry).contains("body"),
        "the check names what is missing"
    );
    // It publishes on, from lists of their own.
    freshness::refresh(&registry, &NoStops).unwrap();
    run(&lost.mirror, &[]).code(1);
}

//! A withdrawal while its witnesses are away: the record is down at once, and what cannot be made without a served
//! head that says so waits, and says that it waits.

use std::fs;

use chengxin::domain::withdrawal::Cause;
use chengxin::registry::Registry;
use chengxin::registry::backup::{self, Target};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::dump;
use chengxin::registry::publish::NoStops;
use chengxin::registry::snapshot::{self, SnapshotError};
use chengxin::store::log::checkpoint;

use super::canary::{Places, dump_files, paths};
use super::{done, erased, listings, propose, release, stored};
use crate::status::told::{Office, Town, id};
use crate::support::city::City;
use crate::support::command::{collect, run};
use crate::witness::story::Process;
use crate::witness::until;

crate::on_both_databases!(nobody_cosigns, without_the_archives_key);

fn nobody_cosigns(database: Option<&str>) {
    let city = City::new("outage", database, 60);
    let said = collect(city.demo_command().args(["--witnesses", "3"])).ok();
    let settings = city.data().join("chengxin.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let times = "\n[witnessing]\ntimeout_ms = 60000\nextra_wait_ms = 30000\nretry_ms = 50\n";
    fs::write(&settings, text + times).unwrap();
    let mut witnesses: Vec<Process> = said
        .lines()
        .filter(|line| line.trim_start().starts_with("chengxin witness serve "))
        .map(Process::new)
        .collect();
    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    let town = Town::serving(Office { city, registry }, database);
    let (whom, record) = listings(&town.registry).remove(0);
    town.city.run(&["dump"]).ok();
    let files = dump_files(&town);
    let batch = propose(&town, &record, Cause::Correction).unwrap();
    for one in &mut witnesses {
        one.stop();
    }
    release(&town, &record, &batch);
    let served = |town: &Town| checkpoint::served_size(&mut town.registry.store.conn().unwrap()).unwrap();
    let gone = erased(&town.registry, &record).unwrap();
    assert!(served(&town) <= gone.erasure_index, "no quorum, no served head");
    assert_eq!(stored(&town.registry, record.log_index), None);

    // No snapshot of what readers see can be made; a state of its own, and no damage.
    let waits = snapshot::take(&town.registry, &NoStops);
    assert!(matches!(waits, Err(SnapshotError::Awaiting(_))), "{waits:?}");
    let waits = dump::build(&town.registry, true, &NoStops).unwrap_err();
    assert!(waits.awaits_witnesses(), "{waits}");
    for command in [&["snapshot", "take"][..], &["dump"]] {
        let ran = town.city.run(command);
        let told = ran.code(1).stderr;
        assert!(
            told.contains("awaits its witnesses") && told.contains("尚待见证人"),
            "{told}"
        );
    }
    let told = town.city.run(&["publish"]).ok();
    assert!(told.contains("awaiting witnesses"), "{told}");
    // Nothing that holds the body is given, and nothing fails.
    let latest = [
        town.public("/api/v1/dumps/latest"),
        town.partner("/api/v1/dumps/latest"),
    ];
    assert_eq!(latest.map(|answer| answer.status), [503, 503]);
    let code = whom.code.clone().unwrap();
    let places = Places {
        code: &code,
        record: &id(&record).to_string(),
        batch: record.batch_id.as_deref().unwrap(),
        files,
    };
    for path in paths(&town, &places, &[]) {
        for answer in [town.public(&path), town.partner(&path)] {
            let fits = answer.status < 500 || answer.status == 503;
            assert!(fits, "{path}: {} {}", answer.status, answer.text());
        }
    }
    let here = format!("/records/{}", id(&record));
    assert_eq!(town.public(&here).status, 410);

    for one in &mut witnesses {
        one.start();
    }
    until("the head has its quorum", || served(&town) > gone.erasure_index);
    done(&town, &["publish"]);
    done(&town, &["dump"]);
    assert_eq!(town.public("/api/v1/dumps/latest").status, 200);
    town.city.run(&["log", "fsck"]).ok();
}

/// Restored without it, the archive is closed, and `restore` says so.
fn without_the_archives_key(database: Option<&str>) {
    let office = Office::new("unlocked", database);
    let (_, record) = listings(&office.registry).remove(0);
    let batch = propose(&office, &record, Cause::Correction).unwrap();
    release(&office, &record, &batch);
    let file = office.city.path("it.backup");
    office.city.run(&["backup", "-o", &file]).ok();
    let there = office.city.path("there");
    let told = run(["restore", &file, "--data", &there]).ok();
    assert!(
        told.contains("缺少 keys/archive.key") && told.contains("keys/archive.key is missing"),
        "{told}"
    );
    let shown = run([
        "archive",
        "show",
        &id(&record).to_string(),
        "--reason",
        "复核",
        "--data",
        &there,
    ]);
    assert!(shown.code(1).stderr.contains("archive.key is missing"));
    // With it in its place nothing is said.
    let again = office.city.dir.join("again");
    fs::create_dir_all(again.join("keys")).unwrap();
    fs::copy(
        office.city.data().join("keys/archive.key"),
        again.join("keys/archive.key"),
    )
    .unwrap();
    let target = Target {
        data: DataDir::new(&again),
        database: None,
        with_keys: false,
    };
    let restored = backup::restore(file.as_ref(), &target, &|_, _| ()).unwrap();
    assert!(!restored.archive_locked);
}

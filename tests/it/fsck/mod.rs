//! `log fsck` against somebody with full access to the database, on both databases: each kind of change of
//! each table is reported with its row, and everything that is not has a reason (`cases`).

mod cases;
mod schema;
pub mod victim;

use std::collections::BTreeSet;
use std::fs;

use chengxin::registry::Registry;
use chengxin::registry::audit::digest;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::fsck::{self, Damage};
use chengxin::registry::publish::NoStops;
use chengxin::registry::{freshness, high_water};
use chengxin::store::audit;
use serde_json::Value;

use crate::faults::change;
use crate::witness::Witnessed;

use cases::{CASES, Case, DELETE, INSERT, UNPROTECTED, WITNESSED};
use victim::Victim;

crate::on_both_databases!(
    damage_to_decisions,
    damage_to_the_log,
    damage_beside_witnesses,
    a_trail_written_again,
    an_older_copy,
);

/// A table or column of the schema without a case, or a reason why nothing protects it, fails here.
#[test]
fn every_column_has_a_case_or_a_reason() {
    let cases: BTreeSet<(&str, &str)> = CASES
        .iter()
        .chain(WITNESSED)
        .map(|case| (case.table, case.column))
        .collect();
    let borne: BTreeSet<(&str, &str)> = UNPROTECTED
        .iter()
        .map(|(table, column, why)| {
            assert!(!why.is_empty());
            (*table, *column)
        })
        .collect();
    let (mut open, mut known) = (Vec::new(), BTreeSet::new());
    for (table, columns) in &schema::tables() {
        for column in columns.iter().map(String::as_str).chain([DELETE, INSERT]) {
            let place = (table.as_str(), column);
            known.insert((table.clone(), column.to_owned()));
            let whole = borne.contains(&(table, "*"));
            match (cases.contains(&place), whole || borne.contains(&place)) {
                (true, true) => panic!("{place:?} has a case and is said to be unprotected"),
                (false, false) => open.push(format!("{table}.{column}")),
                _ => {}
            }
        }
    }
    assert!(open.is_empty(), "no case and no reason: {}", open.join(", "));
    for (table, column) in cases.iter().chain(&borne) {
        let place = ((*table).to_owned(), (*column).to_owned());
        assert!(
            *column == "*" || known.contains(&place),
            "the schema has no {place:?}"
        );
    }
}

#[track_caller]
fn suffers(victim: &mut Victim, cases: &[Case]) {
    assert_eq!(
        victim.report().findings,
        [],
        "it is sound before anything is done to it"
    );
    let missed: Vec<String> = cases.iter().filter_map(|case| victim.misses(case)).collect();
    assert!(
        missed.is_empty(),
        "{} of {} missed:\n{}",
        missed.len(),
        cases.len(),
        missed.join("\n")
    );
    assert_eq!(victim.report().findings, [], "everything was taken back");
}

/// The table that parts the cases in two, so that they run side by side.
const FIRST_OF_THE_LOG: &str = "body";

fn halves() -> (&'static [Case], &'static [Case]) {
    let first = CASES.iter().position(|case| case.table == FIRST_OF_THE_LOG);
    CASES.split_at(first.unwrap())
}

fn damage_to_decisions(database: Option<&str>) {
    let office = victim::city("decisions", database);
    suffers(&mut Victim::of_city(&office), halves().0);
}

fn damage_to_the_log(database: Option<&str>) {
    let office = victim::city("log", database);
    suffers(&mut Victim::of_city(&office), halves().1);
}

fn damage_beside_witnesses(database: Option<&str>) {
    let world = Witnessed::new("damage-witnessed", database);
    world.publish();
    suffers(&mut Victim::of_witnessed(&world), WITNESSED);
}

/// Another actor in row 5, or the row gone and those behind it moved up, and every digest from there on
/// made to fit: only the log can tell.
fn a_trail_written_again(database: Option<&str>) {
    let office = victim::city("trail", database);
    let mut victim = Victim::of_city(&office);
    let covered = victim.fill("audit {covered}");
    let registry = office.registry.clone();
    let conn = &mut *registry.store.conn().unwrap();
    let whole = audit::after(conn, 0, 1_000_000).unwrap();
    for gone in [false, true] {
        let mut rows = whole.clone();
        match gone {
            true => drop(rows.remove(4)),
            false => rows[4].actor = "nobody".to_owned(),
        }
        let mut previous = vec![0; 32];
        for (seq, row) in (1..).zip(&mut rows) {
            row.seq = seq;
            row.previous = previous;
            row.digest = digest(row).to_vec();
            previous = row.digest.clone();
        }
        change(conn, "DELETE FROM audit");
        for row in &rows {
            audit::insert(conn, row).unwrap();
        }
        let report = victim.report();
        assert_eq!(report.exit_code(), Damage::Audit.exit_code(), "{report:?}");
        assert!(
            report.findings.iter().any(|found| found.row == covered),
            "{report:?}"
        );
    }
}

/// Yesterday's database beside today's keys, and today's mark lost or of another history.
fn an_older_copy(database: Option<&str>) {
    let office = victim::city("older", database);
    let registry = &office.registry;
    let copy = match database {
        None => {
            chengxin::store::log::wal::copy_back(&mut registry.store.conn().unwrap()).unwrap();
            let copy = office.city.dir.join("yesterday.db");
            fs::copy(office.city.data().join("chengxin.db"), &copy).unwrap();
            format!("sqlite:{}", copy.display())
        }
        Some(url) => crate::support::postgres::copy_of(url),
    };
    freshness::refresh(registry, &NoStops).unwrap();
    let older = Registry::open(Some(&DataDir::new(&office.city.data())), Some(&copy)).unwrap();
    let told = |registry: &Registry| -> Vec<(Damage, String)> {
        let report = fsck::run(registry, &|_, _| ()).unwrap();
        report
            .findings
            .into_iter()
            .map(|found| (found.damage, found.row))
            .collect()
    };
    assert_eq!(told(registry), []);
    assert_eq!(told(&older), [(Damage::Log, "log_head 1".to_owned())]);
    let mark = office.city.data().join("keys/high-water");
    let high_water = registry.keys().unwrap().high_water().unwrap();
    let today = high_water.read().unwrap().unwrap();
    let other = high_water::Mark {
        root: chengxin::log::hash::Hash([7; 32]),
        ..today
    };
    fs::write(&mark, format!("{} {}\n", other.size, other.root.to_base64())).unwrap();
    assert_eq!(told(registry), [(Damage::Log, "log_head 1".to_owned())]);
    fs::write(&mark, "9").unwrap();
    assert_eq!(told(registry), [(Damage::Log, "high-water".to_owned())]);
    fs::remove_file(&mark).unwrap();
    assert_eq!(told(registry), [(Damage::Log, "high-water".to_owned())]);
}

/// The command: one JSON object, faults as a list, an exit code for each kind, all of them in its help.
#[test]
fn on_the_command_line() {
    let office = victim::city("fsck-command", None);
    let mut victim = Victim::of_city(&office);
    let city = &office.city;
    let sound: Value = serde_json::from_str(&city.run(&["log", "fsck", "--json"]).ok()).unwrap();
    assert_eq!(sound["faults"], Value::Array(Vec::new()));
    assert_eq!(
        sound["entries"].as_i64(),
        Some(victim::size(&mut city.database()))
    );
    let help = city.run(&["log", "fsck", "--help"]).ok();
    let kinds = [
        Damage::Log,
        Damage::Body,
        Damage::Signature,
        Damage::Index,
        Damage::Audit,
        Damage::Time,
        Damage::Status,
    ];
    for (code, kind) in (4..).zip(kinds) {
        assert_eq!(kind.exit_code(), code);
        assert!(help.contains(&format!(" {code} ")), "{help}");
    }
    let conn = &mut city.database();
    change(conn, "PRAGMA foreign_keys = OFF");
    change(
        conn,
        &victim.fill("UPDATE body SET year = 2024 WHERE log_index = {a}"),
    );
    change(conn, "DELETE FROM audit WHERE seq = 3");
    let ran = city.run(&["log", "fsck", "--json"]).code(7);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let faults = report["faults"].as_array().unwrap();
    let has = |kind: &str, table: &str, row: &str| {
        faults.iter().any(|fault| {
            fault["kind"] == kind
                && fault["table"] == table
                && fault["row"] == row
                && fault["says"].is_string()
        })
    };
    assert!(has("index", "body", &victim.fill("{a}")), "{report}");
    assert!(has("audit", "audit", "4"), "{report}");
    assert!(victim.report().exit_code() == 7);
    let said = city.run(&["log", "fsck"]).code(7).stdout;
    assert!(said.contains(&victim.fill("✘ body {a}: its year")), "{said}");
    // Without the row that says how far the log has come.
    change(conn, "DELETE FROM log_head");
    city.run(&["log", "fsck"]).code(4);
}

//! Snapshots and statements of a city, on both databases: what the registry holds on everybody, “nothing”
//! included, checked by a program that shares nothing with the server; and an owner of the database who
//! would like to deny somebody's record.

use std::fs;

use chengxin::log::sorted::Answer;
use chengxin::record::credential::Audience;
use chengxin::record::signer::SoftwareSigner;
use chengxin::registry::Registry;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::freshness;
use chengxin::registry::keys::NoteSigner;
use chengxin::registry::publish::NoStops;
use chengxin::registry::snapshot::{self, AUDIENCES, rebuild, statement};
use chengxin::registry::trust::TrustFiles;
use chengxin::verify::{Options, Outcome, Reason, Statement, Trust, check_statement};
use diesel::{RunQueryDsl, sql_query};
use serde_json::Value;

use crate::faults::{change, number};
use crate::support::city::City;
use crate::support::command::verify;

crate::on_both_databases!(
    a_citys_statements,
    an_owner_of_the_database,
    published_trees_refuse_changes
);

const EMPLOYERS: usize = 300;

struct Open {
    city: City,
    registry: Registry,
    trust: Trust,
    /// Codes of everybody, and whether the public and partners see a record.
    codes: Vec<(String, bool, bool)>,
}

fn open(label: &str, database: Option<&str>) -> Open {
    let city = City::new(label, database, EMPLOYERS);
    city.demo();
    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    let files = TrustFiles::read(&city.data().join("trust")).unwrap();
    let trust = Trust::parse(files.policy.as_bytes(), files.issuer.as_bytes()).unwrap();
    let mut codes: std::collections::BTreeMap<String, (bool, bool)> = std::collections::BTreeMap::new();
    for line in city.records().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let subject = &record["credentialSubject"];
        let code = subject["unifiedCode"].as_str().unwrap_or_default().to_owned();
        let public = subject["grade"] == "A" || record["type"][1] == "WageBlacklistEntry";
        let seen = codes.entry(code).or_default();
        *seen = (seen.0 || public, true);
    }
    let codes = codes
        .into_iter()
        .map(|(code, (public, partners))| (code, public, partners));
    Open {
        codes: codes.collect(),
        city,
        registry,
        trust,
    }
}

impl Open {
    fn make(&self, audience: Audience, code: &str) -> Vec<u8> {
        let mut conn = self.registry.store.conn().unwrap();
        statement::make(&mut conn, audience, &format!("uscc:{code}"), false).unwrap()
    }

    fn options(&self) -> Options {
        Options::at(self.registry.clock.now())
    }

    /// Whether a statement says that records are held; it must be accepted.
    #[track_caller]
    fn held(&self, bytes: &[u8]) -> bool {
        let verdict = check_statement(bytes, &self.trust, &self.options()).unwrap();
        assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
        !verdict.says.unwrap().digests.is_empty()
    }
}

fn a_citys_statements(database: Option<&str>) {
    let open = open("statements", database);
    assert!(open.codes.len() >= EMPLOYERS);
    for (code, public, partners) in &open.codes {
        assert_eq!(open.held(&open.make(Audience::Public, code)), *public, "{code}");
        assert_eq!(
            open.held(&open.make(Audience::Partners, code)),
            *partners,
            "{code}"
        );
    }
    // Codes that nobody bears, all over the tree.
    let mut forms = [false; 3];
    for n in 0..500 {
        let bytes = open.make(Audience::Public, &format!("91500105ZZ{n:07}0"));
        assert!(!open.held(&bytes));
        match Statement::parse(&bytes).unwrap().answer {
            Answer::Between { .. } => forms[0] = true,
            Answer::BeforeFirst(_) => forms[1] = true,
            Answer::AfterLast(_) => forms[2] = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(forms[0] && (forms[1] || forms[2]), "{forms:?}");
    for audience in AUDIENCES {
        assert_eq!(
            rebuild::check_newest(&open.registry, audience).unwrap(),
            Vec::<&str>::new()
        );
    }
    on_the_command_line(&open);
    stable_and_monitored(&open);
}

/// The commands, and a stranger with a file and a trust folder.
fn on_the_command_line(open: &Open) {
    let city = &open.city;
    let (nobody, file) = ("91500105MA5U00002H", city.path("statement.json"));
    let Some((hidden, _, _)) = open.codes.iter().find(|(_, public, _)| !public) else {
        panic!("nobody is graded B")
    };
    let trust = city.data().join("trust").display().to_string();
    let stranger = |more: &[&str]| verify([&[&file, "--trust", &trust, "--json"], more].concat());
    let export = |words: &[&str]| {
        city.run(&[&["export", "statement", "-o", &file], words].concat())
            .ok();
    };
    let said = |text: &str| serde_json::from_str::<Value>(text).unwrap()["statement"].clone();
    export(&["--code", hidden]);
    assert_eq!(said(&stranger(&[]).ok())["nothing"], true);
    export(&["--code", hidden, "--audience", "partners"]);
    let partners = said(&stranger(&[]).ok());
    assert_eq!(
        (&partners["nothing"], &partners["audience"]),
        (&false.into(), &"partners".into())
    );
    stranger(&["--require-monitored"]).code(3);
    stranger(&["--at", "2036-01-01T00:00:00Z"]).code(3);
    let text = fs::read_to_string(&file).unwrap().replace("uscc:", "uscc:x");
    fs::write(&file, text).unwrap();
    stranger(&[]).code(1);
    city.run(&["export", "statement", "--code", nobody]).code(1);
    assert!(city.run(&["snapshot", "check"]).ok().matches("equal").count() == 2);
    city.run(&["log", "fsck"]).ok();
}

/// More entries change nothing in a statement; a monitor's note does, and only the newest snapshots' trees
/// are kept.
fn stable_and_monitored(open: &Open) {
    let code = &open.codes[0].0;
    let before = open.make(Audience::Public, code);
    freshness::refresh(&open.registry, &NoStops).unwrap();
    assert_eq!(open.make(Audience::Public, code), before);

    let snapshot = Statement::parse(&before).unwrap().snapshot.credential;
    let key = SoftwareSigner::generate(&mut [9; 32], "monitor.example/1");
    let monitor = NoteSigner::new(key).unwrap();
    let origin = format!("{}/log", open.registry.host);
    let note = rebuild::vouch(&snapshot, &origin, open.registry.clock.now(), &monitor).unwrap();
    let file = open.city.dir.write("note.txt", note.as_bytes());
    open.city
        .run(&["snapshot", "note", &file.display().to_string()])
        .code(1);
    let listed = format!("{}\n", monitor.verifier());
    fs::write(open.city.data().join("trust/monitors.txt"), listed).unwrap();
    open.city
        .run(&["snapshot", "note", &file.display().to_string()])
        .ok();
    let trust = open.trust.clone();
    let trust = trust
        .with_monitors(monitor.verifier().to_string().as_bytes())
        .unwrap();
    let strict = Options {
        require_monitored: true,
        ..open.options()
    };
    let verdict = check_statement(&open.make(Audience::Public, code), &trust, &strict).unwrap();
    assert_eq!(
        (verdict.outcome(), verdict.monitored.reason),
        (Outcome::Accepted, Reason::Monitored)
    );

    for _ in 0..3 {
        assert_eq!(snapshot::take(&open.registry, &NoStops).unwrap().len(), 2);
    }
    let conn = &mut open.city.database();
    assert_eq!(number(conn, "SELECT COUNT(*) AS value FROM snapshot"), 6);
    assert_eq!(
        number(conn, "SELECT COUNT(*) AS value FROM body WHERE kind = 'snapshot'"),
        8
    );
    open.city
        .run(&["snapshot", "note", &file.display().to_string()])
        .code(1);
    assert!(!snapshot::is_due(&open.registry).unwrap());
    open.city.run(&["log", "fsck"]).ok();
}

/// The database itself refuses to change a tree whose snapshot is out, or to lose the newest one.
fn published_trees_refuse_changes(database: Option<&str>) {
    let open = open("trees", database);
    let conn = &mut open.city.database();
    for table in ["snapshot", "snapshot_leaves", "snapshot_tile"] {
        let count = format!("SELECT COUNT(*) AS value FROM {table}");
        let rows = number(conn, &count);
        assert!(rows > 0, "{table} is empty");
        let column = if table == "snapshot" {
            "tree_size"
        } else {
            "snapshot_id"
        };
        for sql in [
            format!("UPDATE {table} SET {column} = {column}"),
            format!("DELETE FROM {table}"),
        ] {
            let refused = sql_query(&sql).execute(conn).unwrap_err().to_string();
            assert!(refused.contains("never"), "{sql}: {refused}");
        }
        assert_eq!(number(conn, &count), rows);
    }
    // What the registry itself does goes on: newer trees come, old ones go.
    for _ in 0..4 {
        snapshot::take(&open.registry, &NoStops).unwrap();
    }
    assert_eq!(number(conn, "SELECT COUNT(*) AS value FROM snapshot"), 6);
}

/// Somebody with full access to the database, but not to the signer, takes a leaf away: no statement that
/// would not verify is handed out, and what was signed is not believed by whoever rebuilds it.
fn an_owner_of_the_database(database: Option<&str>) {
    let open = open("owner", database);
    let (code, ..) = open.codes.iter().find(|(_, public, _)| *public).unwrap().clone();
    let good = open.make(Audience::Public, &code);
    let conn = &mut open.city.database();
    let id = number(
        conn,
        "SELECT MAX(id) AS value FROM snapshot WHERE audience = 'public'",
    );
    let hide = match database {
        None => {
            "UPDATE snapshot_leaves SET leaves = substr(leaves, 69) WHERE snapshot_id = {id} AND bundle_index = 0"
        }
        Some(_) => {
            "UPDATE snapshot_leaves SET leaves = substring(leaves from 69) WHERE snapshot_id = {id} AND bundle_index = 0"
        }
    };
    change(
        conn,
        match database {
            None => "DROP TRIGGER snapshot_leaves_no_update",
            Some(_) => "ALTER TABLE snapshot_leaves DISABLE TRIGGER USER",
        },
    );
    assert_eq!(change(conn, &hide.replace("{id}", &id.to_string())), 1);
    let refused = open.codes.iter().any(|(code, ..)| {
        let mut conn = open.registry.store.conn().unwrap();
        statement::make(&mut conn, Audience::Public, &format!("uscc:{code}"), false).is_err()
    });
    assert!(refused, "a statement that does not verify was handed out");
    assert!(open.held(&good), "what was handed out before stays good");
    // The next snapshot is built from the log again, not from yesterday's tree.
    snapshot::take(&open.registry, &NoStops).unwrap();
    assert!(open.held(&open.make(Audience::Public, &code)));

    // Lists rolled back to yesterday's would bring back what was revoked since.
    if database.is_none() {
        crate::faults::drop_triggers(conn);
        let newest = "DELETE FROM status_list_version WHERE log_index = (SELECT MAX(log_index) FROM status_list_version)";
        assert_eq!(change(conn, newest), 1);
        let error = snapshot::take(&open.registry, &NoStops).unwrap_err();
        assert!(error.to_string().contains("newest"), "{error}");
    }
}

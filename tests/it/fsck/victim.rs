//! A registry that is damaged again and again, each time in a transaction that is taken back.

use std::collections::BTreeMap;
use std::fs;

use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::EvidenceKind;
use chengxin::domain::withdrawal::Cause;
use chengxin::record::signer::SoftwareSigner;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::fsck::{self, Remembered, Report};
use chengxin::registry::keys::NoteSigner;
use chengxin::registry::publish::{NoStops, publish_audit};
use chengxin::registry::snapshot::{self, rebuild, statement};
use chengxin::registry::withdrawal::{self, Wanted};
use chengxin::registry::{Registry, partner};
use chengxin::store::Conn;
use chengxin::store::log::body;
use diesel::{RunQueryDsl, sql_query};

use crate::faults::{change, number, text};
use crate::status::story::new_evidence;
use crate::status::told::{Office, id};
use crate::support::city::City;
use crate::witness::Witnessed;

use super::cases::{Case, How};
use super::schema;

/// A registry whose database refuses nothing any more.
pub struct Victim {
    pub registry: Registry,
    conn: Conn,
    mark: Option<Remembered>,
    names: BTreeMap<&'static str, String>,
    /// Tables and their columns' types are the schema's; which columns hold text.
    texts: Vec<(String, String)>,
}

/// A city of sixty with every kind of row: changes of records, one that waits, one that waited, a partner
/// and one who lost its key, snapshots, a monitor's note, the audit trail in the log.
pub fn city(label: &str, database: Option<&str>) -> Office {
    let city = City::new(label, database, 60);
    city.demo();
    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    let office = Office { city, registry };
    let registry = &office.registry;
    let (_, suspended) = office.graded("A", 0);
    office.release(&office.propose(&suspended, ChangeKind::Suspension).unwrap());
    let (whom, worse) = office.graded("B", 0);
    new_evidence(registry, &whom, EvidenceKind::Obstruction);
    office.release(&office.propose(&worse, ChangeKind::Downgrade).unwrap());
    office.city.run(&["publish", "--waiting"]).ok();
    let (whom, lost) = office.graded("A", 1);
    new_evidence(registry, &whom, EvidenceKind::Obstruction);
    office.release(&office.propose(&lost, ChangeKind::Downgrade).unwrap());
    withdrawn(&office);
    partner::add(registry, "江北银行").unwrap();
    partner::add(registry, "渝中银行").unwrap();
    partner::revoke(registry, "渝中银行").unwrap();
    let taken = snapshot::take(registry, &NoStops).unwrap();
    monitored(registry, i64::try_from(taken[0].log_index).unwrap());
    publish_audit(registry, &NoStops).unwrap();
    office
}

/// A grade that a court took back.
fn withdrawn(office: &Office) {
    let (_, record) = office.graded("A", 2);
    let wanted = Wanted {
        record: id(&record),
        cause: Cause::Court,
        reason: "行政判决撤销",
        document_number: "（2026）渝行终1号",
        ended_on: None,
    };
    let proposed = withdrawal::propose(&office.registry, &office.actor("li.shencha"), wanted).unwrap();
    office.release(&proposed);
}

fn monitored(registry: &Registry, index: i64) {
    let key = SoftwareSigner::generate(&mut [9; 32], "monitor.example/1");
    let monitor = NoteSigner::new(key).unwrap();
    let trust = registry.data.as_ref().unwrap().trust();
    fs::write(trust.join("monitors.txt"), format!("{}\n", monitor.verifier())).unwrap();
    let signed = body::at(&mut registry.store.conn().unwrap(), index);
    let origin = format!("{}/log", registry.host);
    let bytes = signed.unwrap().unwrap().bytes;
    let note = rebuild::vouch(&bytes, &origin, registry.clock.now(), &monitor).unwrap();
    statement::keep_note(registry, &note).unwrap();
}

impl Victim {
    /// A copy of a city's registry, to be damaged.
    pub fn of_city(office: &Office) -> Self {
        let mut victim = Self::new(office.registry.clone());
        victim.find(CITY);
        let newest = |purpose: &str, id: &str| {
            format!(
                "SELECT 'status_list_version {purpose} ' || number || ' at ' || version_index AS name FROM status_change WHERE id = {id}"
            )
        };
        let (revokes, suspends) = (victim.names["revokes"].clone(), victim.names["suspends"].clone());
        for (name, sql) in [
            ("revoked_at", newest("revocation", &revokes)),
            ("suspended_at", newest("suspension", &suspends)),
        ] {
            let found = text(&mut victim.conn, &sql);
            victim.names.insert(name, found);
        }
        let statement = victim.names["statement"].parse().unwrap();
        let said = body::at(&mut victim.conn, statement).unwrap().unwrap();
        let said: serde_json::Value = serde_json::from_slice(&said.bytes).unwrap();
        victim.names.insert("covered", said["count"].to_string());
        victim
    }

    /// A registry with witnesses.
    pub fn of_witnessed(world: &Witnessed) -> Self {
        let mut victim = Self::new(world.registry.clone());
        victim.find(&[(
            "size",
            "SELECT CAST(MAX(size) AS TEXT) AS name FROM cosigned_checkpoint",
        )]);
        let size: i64 = victim.names["size"].parse().unwrap();
        victim.names.insert("next", (size + 1).to_string());
        victim
    }

    fn new(registry: Registry) -> Self {
        let mut conn = Conn::open(registry.store.url()).unwrap();
        disarm(&mut conn);
        let texts = schema::typed("Text");
        let mark = fsck::mark(&registry).unwrap();
        let names = BTreeMap::from([
            ("later", "'2036-01-01 00:00:00'".to_owned()),
            ("earlier", "'2020-01-01 00:00:00'".to_owned()),
            ("monitor", "monitor.example/1".to_owned()),
            ("partner", "江北银行".to_owned()),
            ("revoked", "渝中银行".to_owned()),
        ]);
        Self {
            registry,
            conn,
            mark,
            names,
            texts,
        }
    }

    fn find(&mut self, queries: &[(&'static str, &str)]) {
        for (name, sql) in queries {
            let sql = self.fill(sql);
            let found = text(&mut self.conn, &sql);
            self.names.insert(name, found);
        }
    }

    /// Text with the names of rows, and blobs, filled in.
    pub fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.names {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        while let Some((before, rest)) = text.split_once("{x:") {
            let (digits, after) = rest.split_once('}').unwrap();
            text = match &self.conn {
                Conn::Sqlite(_) => format!("{before}X'{digits}'{after}"),
                Conn::Postgres(_) => format!("{before}'\\x{digits}'::bytea{after}"),
            };
        }
        text
    }

    /// The check's report over the database as it is.
    pub fn report(&mut self) -> Report {
        fsck::check(&mut self.conn, &self.registry, self.mark.as_ref(), &|_, _| ()).unwrap()
    }

    /// Runs statements, checks, and takes everything back.
    pub fn damaged(&mut self, statements: &[String]) -> Report {
        change(&mut self.conn, "BEGIN");
        for statement in statements {
            let changed = change(&mut self.conn, statement);
            assert!(changed > 0, "nothing changed: {statement}");
        }
        let report = self.report();
        sql_query("ROLLBACK").execute(&mut self.conn).unwrap();
        report
    }

    /// What the check misses of a damage; none when it says so: this kind, and a finding that names this row.
    pub fn misses(&mut self, case: &Case) -> Option<String> {
        let statements: Vec<String> = match case.how {
            How::Sql(text) => text.split(';').map(|one| self.fill(one)).collect(),
            How::Flip(condition) => vec![self.flip(case, condition)],
        };
        let report = self.damaged(&statements);
        let row = self.fill(case.row);
        let named = report.findings.iter().any(|found| match row.strip_suffix('*') {
            Some(start) => found.row.starts_with(start),
            None => found.row == row,
        });
        let told = named && report.exit_code() == case.kind.exit_code();
        let rows: Vec<_> = report
            .findings
            .iter()
            .take(8)
            .map(|found| (found.damage, &found.row))
            .collect();
        let statement = statements[0].chars().take(160).collect::<String>();
        (!told).then(|| format!("{statement}: wanted {:?} {row:?}, got {rows:?}", case.kind))
    }

    /// The statement that makes one byte in the middle of a value another.
    fn flip(&mut self, case: &Case, condition: &str) -> String {
        let (table, column) = (case.table, case.column);
        let condition = self.fill(condition);
        let is_text = self.texts.contains(&(table.to_owned(), column.to_owned()));
        let as_hex = match (&self.conn, is_text) {
            (Conn::Sqlite(_), _) => format!("lower(hex({column}))"),
            (Conn::Postgres(_), true) => format!("encode(convert_to({column}, 'UTF8'), 'hex')"),
            (Conn::Postgres(_), false) => format!("encode({column}, 'hex')"),
        };
        let found = text(
            &mut self.conn,
            &format!("SELECT {as_hex} AS name FROM {table} WHERE {condition}"),
        );
        let mut digits = found.into_bytes();
        // The low digit of a byte: text stays text.
        let at = (digits.len() / 2) | 1;
        digits[at] = if digits[at] == b'1' { b'2' } else { b'1' };
        let blob = self.fill(&format!("{{x:{}}}", String::from_utf8(digits).unwrap()));
        let value = match (&self.conn, is_text) {
            (_, false) => blob,
            (Conn::Sqlite(_), true) => format!("CAST({blob} AS TEXT)"),
            (Conn::Postgres(_), true) => format!("convert_from({blob}, 'UTF8')"),
        };
        format!("UPDATE {table} SET {column} = {value} WHERE {condition}")
    }
}

/// Takes away everything by which the database itself refuses: triggers, foreign keys, other checks.
fn disarm(conn: &mut Conn) {
    match conn {
        Conn::Sqlite(_) => {
            crate::faults::drop_triggers(conn);
            change(conn, "PRAGMA ignore_check_constraints = ON");
        }
        Conn::Postgres(_) => {
            for (what, list) in [
                (
                    "TRIGGER",
                    "SELECT quote_ident(tgname) || ' ON ' || tgrelid::regclass::text AS name FROM pg_trigger WHERE NOT tgisinternal",
                ),
                (
                    "CONSTRAINT",
                    "SELECT conrelid::regclass::text || ' DROP CONSTRAINT ' || quote_ident(conname) AS name FROM pg_constraint \
                     WHERE contype IN ('c', 'f') AND conrelid <> 0",
                ),
            ] {
                for name in crate::faults::texts(conn, list) {
                    let statement = match what {
                        "TRIGGER" => format!("DROP TRIGGER {name}"),
                        _ => format!("ALTER TABLE {name}"),
                    };
                    change(conn, &statement);
                }
            }
        }
    }
}

/// How many entries are under the head.
pub fn size(conn: &mut Conn) -> i64 {
    number(conn, "SELECT head_size AS value FROM log_head")
}

/// The rows of a city, by the names that the cases give them.
#[rustfmt::skip] // a table is read in rows
const CITY: &[(&str, &str)] = &[
    ("a", "SELECT CAST(MIN(log_index) AS TEXT) AS name FROM body WHERE outcome = 'A'"),
    ("b", "SELECT CAST(MAX(log_index) AS TEXT) AS name FROM body WHERE outcome = 'A'"),
    ("beside", "SELECT CAST(MIN(log_index) + 1 AS TEXT) AS name FROM body WHERE outcome = 'A'"),
    ("employer", "SELECT CAST(employer_id AS TEXT) AS name FROM body WHERE log_index = {a}"),
    ("list", "SELECT CAST(MIN(log_index) AS TEXT) AS name FROM status_list_version WHERE purpose = 'revocation'"),
    ("size", "SELECT CAST(head_size AS TEXT) AS name FROM log_head"),
    ("last", "SELECT CAST(head_size - 1 AS TEXT) AS name FROM log_head"),
    ("next", "SELECT CAST(head_size + 1 AS TEXT) AS name FROM log_head"),
    ("middle", "SELECT CAST(MAX(size) AS TEXT) AS name FROM checkpoint WHERE size < 12"),
    ("account", "SELECT id AS name FROM account WHERE login = 'li.shencha'"),
    ("other", "SELECT id AS name FROM account WHERE login = 'wang.hezhun'"),
    ("batch", "SELECT id AS name FROM batch WHERE kind = 'integrity-grade'"),
    ("graded", "SELECT CAST(MIN(position) AS TEXT) AS name FROM batch_item WHERE batch_id = '{batch}' AND outcome = 'A'"),
    ("begins", "SELECT CAST(MIN(first_index) AS TEXT) AS name FROM chunk WHERE batch_id = '{batch}'"),
    ("inside", "SELECT CAST(MIN(first_index) + 1 AS TEXT) AS name FROM chunk WHERE batch_id = '{batch}'"),
    ("waits", "SELECT batch_id AS name FROM waiting_item WHERE log_index IS NULL"),
    ("settled", "SELECT batch_id AS name FROM waiting_item WHERE log_index IS NOT NULL"),
    ("partners_only", "SELECT CAST(MIN(log_index) AS TEXT) AS name FROM body WHERE audience = 'partners' AND kind = 'record'"),
    ("statement", "SELECT CAST(MAX(log_index) AS TEXT) AS name FROM body WHERE kind = 'audit'"),
    ("revokes", "SELECT CAST(MIN(id) AS TEXT) AS name FROM status_change WHERE purpose = 'revocation'"),
    ("suspends", "SELECT CAST(MIN(id) AS TEXT) AS name FROM status_change WHERE purpose = 'suspension'"),
    ("gone", "SELECT CAST(record_index AS TEXT) AS name FROM erasure"),
    ("erased", "SELECT CAST(erasure_index AS TEXT) AS name FROM erasure"),
    ("public", "SELECT CAST(MAX(id) AS TEXT) AS name FROM snapshot WHERE audience = 'public'"),
    ("shot", "SELECT CAST(log_index AS TEXT) AS name FROM snapshot WHERE id = {public}"),
];

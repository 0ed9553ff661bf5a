//! `log fsck` against somebody with full access to the database: each kind of change of each published
//! table is reported with its row, by an exit code that says what is damaged.

use chengxin::record::status::Change;
use chengxin::registry::Registry;
use chengxin::registry::data_dir::DataDir;
use serde_json::Value;

use crate::status::sequencer::request;
use crate::support::city::City;

use super::{change, drop_triggers, flip, number};

/// What the damage is to, as the command's exit code says.
const LOG: i32 = 4;
const BODY: i32 = 5;
const COLUMN: i32 = 7;
const AUDIT: i32 = 8;
const TIME: i32 = 9;
const STATUS: i32 = 10;

/// A finished city that is damaged again and again.
struct Victim {
    city: City,
    /// Log indices of two records of grade A.
    a: i64,
    b: i64,
    /// Log index of a status list.
    list: i64,
    /// Entries in the log, the whole of it under one head; fewer than a tile holds.
    size: i64,
    /// A signed head in the middle.
    middle: i64,
}

impl Victim {
    fn new() -> Self {
        let city = City::new("fsck", None, 60);
        city.check(&city.demo());
        let conn = &mut city.database();
        let mut find = |sql: &str| number(conn, sql);
        let (a, b) = (
            find("SELECT MIN(log_index) AS value FROM body WHERE outcome = 'A'"),
            find("SELECT MAX(log_index) AS value FROM body WHERE outcome = 'A'"),
        );
        let list = find("SELECT MIN(log_index) AS value FROM status_list_version");
        let size = find("SELECT head_size AS value FROM log_head");
        let middle = find("SELECT MAX(size) AS value FROM checkpoint WHERE size < 12");
        assert!(size < 256 && a < b && middle > 0);
        let mut conn = city.database();
        drop_triggers(&mut conn);
        drop(conn);
        city.save("whole");
        Self {
            city,
            a,
            b,
            list,
            size,
            middle,
        }
    }

    /// Runs statements with `{a}`, `{b}`, … filled in.
    fn sql(&self, statements: &str) {
        let conn = &mut self.city.database();
        change(conn, "PRAGMA foreign_keys = OFF");
        for statement in statements.split(';') {
            assert!(
                change(conn, &self.fill(statement)) > 0,
                "nothing changed: {statement}"
            );
        }
    }

    fn fill(&self, text: &str) -> String {
        [
            ("{a}", self.a),
            ("{b}", self.b),
            ("{list}", self.list),
            ("{size}", self.size),
            ("{middle}", self.middle),
            ("{beside}", self.a + 1),
            ("{last}", self.size - 1),
            ("{next}", self.size + 1),
        ]
        .iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, &value.to_string())
        })
    }

    /// The check says so: this exit code, and one of its findings names this row.
    fn reported(&self, what: &str, code: i32, row: &str) -> Result<(), String> {
        let ran = self.city.run(&["log", "fsck", "--json"]);
        let row = self.fill(row);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let rows: Vec<&str> = report["findings"]
            .as_array()
            .map(|all| all.iter().filter_map(|finding| finding["row"].as_str()).collect())
            .unwrap_or_default();
        self.city.restore("whole");
        if ran.code == Some(code) && rows.contains(&row.as_str()) {
            Ok(())
        } else {
            Err(format!(
                "{what}: exit {:?} (wanted {code}), no {row:?} in {rows:?} {}",
                ran.code, ran.stderr
            ))
        }
    }

    /// Each change alone; all that were missed are told together.
    fn suffers(&self, changes: &[(&str, i32, &str)]) {
        let missed: Vec<String> = changes
            .iter()
            .filter_map(|(statements, code, row)| {
                self.sql(statements);
                self.reported(statements, *code, row).err()
            })
            .collect();
        assert!(
            missed.is_empty(),
            "{} of {} missed:\n{}",
            missed.len(),
            changes.len(),
            missed.join("\n")
        );
    }

    /// One byte of a value is another.
    fn flips(&self, table: &str, column: &str, row: &str, code: i32, name: &str) {
        flip(&mut self.city.database(), table, column, &self.fill(row));
        let told = self.reported(&format!("{table}.{column} where {row}"), code, name);
        assert_eq!(told, Ok(()));
    }
}

#[test]
fn bodies() {
    let victim = Victim::new();
    victim.flips("body", "bytes", "log_index = {a}", BODY, "body {a}");
    victim.flips("body", "bytes", "log_index = {list}", BODY, "body {list}");
    victim.flips("body", "bytes", "log_index = 0", BODY, "body 0");
    victim.suffers(&[
        ("DELETE FROM body WHERE log_index = {a}", BODY, "body {a}"),
        ("DELETE FROM body WHERE log_index = {last}", BODY, "body {last}"),
        (
            "INSERT INTO body (log_index, kind, audience, bytes) SELECT {size}, kind, audience, bytes FROM body WHERE log_index = {list}",
            BODY,
            "body {size}",
        ),
        (
            "UPDATE body SET record_id = NULL WHERE log_index IN ({a}, {b}); UPDATE body SET log_index = -1 WHERE log_index = {a}; \
             UPDATE body SET log_index = {a} WHERE log_index = {b}; UPDATE body SET log_index = {b} WHERE log_index = -1",
            BODY,
            "body {b}",
        ),
        ("UPDATE body SET bytes = (SELECT bytes FROM body WHERE log_index = {b}) WHERE log_index = {a}", BODY, "body {a}"),
    ]);
}

#[test]
fn columns_of_bodies() {
    let victim = Victim::new();
    let (a, list) = ("body {a}", "body {list}");
    victim.suffers(&[
        ("UPDATE body SET kind = 'rule-set' WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET audience = 'partners' WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET record_id = NULL WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET record_id = X'00112233445566778899AABBCCDDEEFF' WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET record_type = 'WageBlacklistEntry' WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET employer_id = (SELECT employer_id FROM body WHERE log_index = {b}) WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET employer_id = NULL WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET employer_id = 999999 WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET year = 2024 WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET outcome = 'C' WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET batch_id = NULL WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET batch_id = 'another' WHERE log_index = {a}", COLUMN, a),
        ("UPDATE body SET employer_id = 1 WHERE log_index = {list}", COLUMN, list),
        ("UPDATE body SET outcome = 'A', record_type = 'IntegrityGrade', year = 2025 WHERE log_index = {list}", COLUMN, list),
        ("UPDATE body SET employer_id = 1 WHERE log_index = 0", COLUMN, "body 0"),
        ("UPDATE employer SET code = '91350200776049653A' WHERE id = (SELECT employer_id FROM body WHERE log_index = {a})", COLUMN, a),
    ]);
}

#[test]
fn entries_and_tiles() {
    let victim = Victim::new();
    let widest = "width = {size}";
    victim.flips("entry_bundle", "entries", widest, LOG, "entry_bundle 0");
    victim.flips(
        "entry_bundle",
        "entries",
        "width = {middle}",
        LOG,
        "entry_bundle 0.p/{middle}",
    );
    victim.flips("tile", "hashes", widest, LOG, "tile 0/0 width {size}");
    victim.flips(
        "tile",
        "hashes",
        "width = {middle}",
        LOG,
        "tile 0/0 width {middle}",
    );
    victim.suffers(&[
        ("DELETE FROM entry_bundle WHERE width = {size}", LOG, "entry_bundle 0"),
        ("INSERT INTO entry_bundle SELECT 1, width, entries FROM entry_bundle WHERE width = {size}", LOG, "entry_bundle 1.p/{size}"),
        ("INSERT INTO entry_bundle SELECT 0, {next}, entries || entries FROM entry_bundle WHERE width = {size}", LOG, "entry_bundle 0.p/{next}"),
        (
            "UPDATE entry_bundle SET width = -1 WHERE width = {size}; UPDATE entry_bundle SET width = {size} WHERE width = {middle}; \
             UPDATE entry_bundle SET width = {middle} WHERE width = -1",
            LOG,
            "entry_bundle 0",
        ),
        ("DELETE FROM tile WHERE width = {size}", LOG, "tile/0/000.p/{size}"),
        ("INSERT INTO tile SELECT 0, 1, width, hashes FROM tile WHERE width = {size}", LOG, "tile 0/1 width {size}"),
        ("INSERT INTO tile SELECT 1, 0, width, hashes FROM tile WHERE width = {size}", LOG, "tile 1/0 width {size}"),
        ("INSERT INTO tile SELECT 9, 0, width, hashes FROM tile WHERE width = {size}", LOG, "tile 9/0 width {size}"),
        (
            "UPDATE tile SET width = -1 WHERE width = {size}; UPDATE tile SET width = {size} WHERE width = {middle}; \
             UPDATE tile SET width = {middle} WHERE width = -1",
            LOG,
            "tile 0/0 width {size}",
        ),
    ]);
}

#[test]
fn trees_of_snapshots() {
    let victim = Victim::new();
    let (public, partners) = ("snapshot 1", "snapshot 2");
    victim.flips("snapshot_leaves", "leaves", "snapshot_id = 1", COLUMN, public);
    victim.flips("snapshot_tile", "hashes", "snapshot_id = 2", COLUMN, partners);
    victim.suffers(&[
        (
            "UPDATE snapshot SET audience = 'partners' WHERE id = 1",
            COLUMN,
            public,
        ),
        (
            "UPDATE snapshot SET log_size = log_size - 1 WHERE id = 1",
            COLUMN,
            public,
        ),
        (
            "UPDATE snapshot SET tree_size = tree_size + 1 WHERE id = 1",
            COLUMN,
            public,
        ),
        (
            "UPDATE snapshot SET taken_at = '2036-01-01 00:00:00' WHERE id = 1",
            COLUMN,
            public,
        ),
        ("UPDATE snapshot SET log_index = {a} WHERE id = 1", COLUMN, public),
        (
            "UPDATE snapshot_leaves SET first_key = zeroblob(32) WHERE snapshot_id = 1",
            COLUMN,
            public,
        ),
        (
            "UPDATE snapshot_leaves SET leaves = substr(leaves, 69) WHERE snapshot_id = 2",
            COLUMN,
            partners,
        ),
        (
            "DELETE FROM snapshot_leaves WHERE snapshot_id = 2",
            COLUMN,
            partners,
        ),
        ("DELETE FROM snapshot_tile WHERE snapshot_id = 1", COLUMN, public),
    ]);
}

#[test]
fn heads() {
    let victim = Victim::new();
    let (head, middle) = ("checkpoint {size}", "checkpoint {middle}");
    victim.flips("checkpoint", "root", "size = {middle}", LOG, middle);
    victim.flips("checkpoint", "note", "size = {middle}", LOG, middle);
    victim.flips("checkpoint", "note", "size = {size}", LOG, head);
    victim.suffers(&[
        ("DELETE FROM checkpoint WHERE size = {size}", LOG, head),
        ("DELETE FROM checkpoint WHERE size = {middle}", LOG, middle),
        ("DELETE FROM checkpoint WHERE size = 0", LOG, "checkpoint 0"),
        (
            "INSERT INTO checkpoint SELECT {beside}, root, note, signed_at FROM checkpoint WHERE size = {middle}",
            LOG,
            "checkpoint {beside}",
        ),
        ("INSERT INTO checkpoint SELECT {next}, root, note, signed_at FROM checkpoint WHERE size = {size}", LOG, "checkpoint {next}"),
        (
            "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = {size}) WHERE size = {middle}",
            LOG,
            middle,
        ),
        ("DELETE FROM served_checkpoint WHERE size = {middle}", LOG, "served_checkpoint {middle}"),
        ("DELETE FROM served_checkpoint WHERE size = {size}", LOG, "served_checkpoint {size}"),
        (
            "INSERT INTO served_checkpoint SELECT {next}, served_at FROM served_checkpoint WHERE size = {size}",
            LOG,
            "served_checkpoint {next}",
        ),
        ("UPDATE log_head SET stored_size = {middle}, head_size = {middle}", LOG, "log_head 1"),
        ("UPDATE log_head SET head_size = {middle}", LOG, "log_head 1"),
        ("UPDATE log_head SET origin = 'another/log'", LOG, head),
        ("DELETE FROM chunk WHERE first_index = {middle}", LOG, "chunk {middle}"),
    ]);
}

#[test]
fn status_lists() {
    let victim = Victim::new();
    let row = "status_list_version revocation 1 at {list}";
    let of = "WHERE purpose = 'revocation' AND log_index = {list}";
    let changes = [
        (
            format!("UPDATE status_list_version SET valid_from = '2030-01-01 00:00:00' {of}"),
            row,
        ),
        (
            format!("UPDATE status_list_version SET number = 2 {of}"),
            "status_list_version revocation 2 at {list}",
        ),
        (
            format!("UPDATE status_list_version SET purpose = 'other' {of}"),
            "status_list_version other 1 at {list}",
        ),
        (
            format!("UPDATE status_list_version SET log_index = {{a}} {of}"),
            "status_list_version revocation 1 at {a}",
        ),
        (
            format!("UPDATE status_list_version SET log_index = log_index + 1 {of}"),
            row,
        ),
        (format!("DELETE FROM status_list_version {of}"), row),
        (
            format!(
                "INSERT INTO status_list_version SELECT purpose, number, {{b}}, valid_from FROM status_list_version {of}"
            ),
            "status_list_version revocation 1 at {b}",
        ),
        (
            "UPDATE status_list SET used = used - 1".to_owned(),
            "status_list 1",
        ),
        (
            "UPDATE status_list SET used = used + 1".to_owned(),
            "status_list 1",
        ),
        ("DELETE FROM status_list".to_owned(), "status_list 1"),
    ];
    let changes: Vec<_> = changes
        .iter()
        .map(|(sql, row)| (sql.as_str(), COLUMN, *row))
        .collect();
    victim.suffers(&changes);
}

/// What was decided about a record's status, against what the signed lists show.
#[test]
fn status_changes() {
    let victim = Victim::new();
    let registry = Registry::open(Some(&DataDir::new(&victim.city.data())), None).unwrap();
    request(&registry, victim.a, Change::Revoke);
    request(&registry, victim.b, Change::Suspend);
    drop(registry);
    victim.city.run(&["publish"]).ok();
    victim.city.run(&["log", "fsck"]).ok();
    // Saved anew, without what SQLite left beside the older copy.
    std::fs::remove_dir_all(victim.city.dir.join("whole")).unwrap();
    victim.city.save("whole");
    let of = |purpose: &str| {
        let sql =
            format!("SELECT MAX(log_index) AS value FROM status_list_version WHERE purpose = '{purpose}'");
        let index = number(&mut victim.city.database(), &sql);
        format!("status_list_version {purpose} 1 at {index}")
    };
    let (revoked, suspended) = (of("revocation"), of("suspension"));
    let (revoked, suspended) = (revoked.as_str(), suspended.as_str());
    victim.suffers(&[
        ("DELETE FROM status_change WHERE id = 1", STATUS, revoked),
        ("DELETE FROM status_change WHERE id = 2", STATUS, suspended),
        ("UPDATE status_change SET version_index = NULL WHERE id = 1", STATUS, revoked),
        ("UPDATE status_change SET value = FALSE WHERE id = 2", STATUS, suspended),
        ("UPDATE status_change SET bit = (bit + 1) % 131072 WHERE id = 1", COLUMN, revoked),
        ("UPDATE status_change SET record_index = {b} WHERE id = 1", COLUMN, "status_change 1"),
        ("UPDATE status_change SET version_index = {list} WHERE id = 1", STATUS, "status_list_version revocation 1 at {list}"),
        ("UPDATE status_change SET version_index = version_index + 1 WHERE id = 1", COLUMN, "status_change 1"),
        (
            "INSERT INTO status_change SELECT 3, purpose, number, (bit + 1) % 131072, value, record_index, cause, requested_at, version_index \
             FROM status_change WHERE id = 1",
            COLUMN,
            revoked,
        ),
    ]);
}

#[test]
fn audit_rows() {
    let victim = Victim::new();
    victim.flips("audit", "digest", "seq = 3", AUDIT, "audit 3");
    victim.flips("audit", "previous", "seq = 3", AUDIT, "audit 3");
    let third = "audit 3";
    victim.suffers(&[
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET role = 'auditor' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET authority_id = '500000x' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET action = 'nothing' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET subject = 'another' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET request_id = 'another' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET before_digest = X'01' WHERE seq = 3", AUDIT, third),
        ("UPDATE audit SET after_digest = X'01' WHERE seq = 3", AUDIT, third),
        ("DELETE FROM audit WHERE seq = 3", AUDIT, "audit 4"),
        ("DELETE FROM audit WHERE seq = 1", AUDIT, "audit 2"),
        (
            "UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = -1",
            AUDIT,
            third,
        ),
        (
            "INSERT INTO audit SELECT 100000, at, actor, role, authority_id, action, subject, request_id, before_digest, after_digest,              previous, digest FROM audit WHERE seq = 3",
            AUDIT,
            "audit 100000",
        ),
    ]);
}

/// Times that nothing signed carries, and for whom accounts were made.
#[test]
fn times() {
    let victim = Victim::new();
    let (account, batch) = {
        let conn = &mut victim.city.database();
        (
            super::text(conn, "SELECT id AS name FROM account WHERE login = 'li.shencha'"),
            super::text(
                conn,
                "SELECT id AS name FROM batch WHERE kind = 'integrity-grade'",
            ),
        )
    };
    let (of_account, of_batch) = (format!("account {account}"), format!("batch {batch}"));
    let (of_account, of_batch) = (of_account.as_str(), of_batch.as_str());
    let later = "'2026-11-01 00:00:00'";
    let changes = [
        (
            format!("UPDATE checkpoint SET signed_at = {later} WHERE size = {{middle}}"),
            TIME,
            "checkpoint {middle}",
        ),
        (
            format!("UPDATE checkpoint SET signed_at = {later} WHERE size = 0"),
            TIME,
            "checkpoint 0",
        ),
        (
            format!("UPDATE served_checkpoint SET served_at = {later} WHERE size = {{middle}}"),
            TIME,
            "served_checkpoint {middle}",
        ),
        (
            format!("UPDATE batch SET proposed_at = {later} WHERE id = '{batch}'"),
            TIME,
            of_batch,
        ),
        (
            format!("UPDATE batch SET decided_at = {later} WHERE id = '{batch}'"),
            TIME,
            of_batch,
        ),
        (
            format!("UPDATE batch SET decided_at = NULL WHERE id = '{batch}'"),
            TIME,
            of_batch,
        ),
        (
            format!("UPDATE batch SET published_at = {later} WHERE id = '{batch}'"),
            TIME,
            of_batch,
        ),
        (
            format!("UPDATE batch SET decided_by = '{account}' WHERE id = '{batch}'"),
            COLUMN,
            of_batch,
        ),
        (
            format!("UPDATE account SET created_at = {later} WHERE id = '{account}'"),
            TIME,
            of_account,
        ),
        (
            format!("UPDATE account SET person_id = 'person:wang.hezhun' WHERE id = '{account}'"),
            COLUMN,
            of_account,
        ),
    ];
    let changes: Vec<_> = changes
        .iter()
        .map(|(sql, code, row)| (sql.as_str(), *code, *row))
        .collect();
    victim.suffers(&changes);
}

/// The tail of the chain is gone, or the whole of it from a row on was written again with digests that
/// fit: only the log can tell.
#[test]
fn a_trail_cut_or_written_again() {
    let victim = Victim::new();
    let covered = {
        let conn = &mut victim.city.database();
        let text = super::text(
            conn,
            "SELECT CAST(bytes AS TEXT) AS name FROM body WHERE kind = 'audit'",
        );
        let said: Value = serde_json::from_str(&text).unwrap();
        said["count"].as_i64().unwrap()
    };
    assert!(covered > 10);
    for (from, row) in [(covered, covered), (covered - 3, covered - 3), (1, 1)] {
        victim.sql(&format!("DELETE FROM audit WHERE seq >= {from}"));
        let told = victim.reported(&format!("cut from {from}"), AUDIT, &format!("audit {row}"));
        assert_eq!(told, Ok(()));
    }
    // Another actor in row 5, and every digest from there on made to fit.
    rewrite(&victim, |row| row.actor = "nobody".to_owned(), 5);
    let told = victim.reported("written again", AUDIT, &format!("audit {covered}"));
    assert_eq!(told, Ok(()));
    // Row 5 is gone, and the rows behind it moved up.
    victim.sql("DELETE FROM audit WHERE seq = 5; UPDATE audit SET seq = -seq WHERE seq > 5; UPDATE audit SET seq = -seq - 1 WHERE seq < 0");
    rewrite(&victim, |_| (), 5);
    let told = victim.reported("renumbered", AUDIT, &format!("audit {covered}"));
    assert_eq!(told, Ok(()));
    // The day's statement itself.
    victim.flips("body", "bytes", "kind = 'audit'", BODY, &audit_body(&victim));
}

fn audit_body(victim: &Victim) -> String {
    let conn = &mut victim.city.database();
    format!(
        "body {}",
        number(conn, "SELECT log_index AS value FROM body WHERE kind = 'audit'")
    )
}

/// Writes the chain again from a row on, as somebody who knows how would.
fn rewrite(victim: &Victim, change_it: impl Fn(&mut chengxin::store::audit::AuditRow), from: i64) {
    use chengxin::registry::audit::digest;
    use chengxin::store::audit;
    let conn = &mut victim.city.database();
    let mut previous = audit::after(conn, from - 2, 1).unwrap().remove(0).digest;
    let rows = audit::after(conn, from - 1, 1_000_000).unwrap();
    change(conn, &format!("DELETE FROM audit WHERE seq >= {from}"));
    for mut row in rows {
        if row.seq == from {
            change_it(&mut row);
        }
        row.previous = previous;
        row.digest = digest(&row).to_vec();
        previous = row.digest.clone();
        audit::insert(conn, &row).unwrap();
    }
}

//! A record that partners alone see gives way to a public one: what anybody can see, head by head, never
//! shows the new record and the old one's end side by side.

use std::collections::BTreeMap;

use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::EvidenceKind;
use chengxin::domain::grade::{self, Grade};
use chengxin::domain::ruleset::builtin;
use chengxin::log::entries;
use chengxin::record::entry::Entry;
use chengxin::record::status::{StatusPurpose, read_list};
use chengxin::registry::batch::BatchError;
use chengxin::registry::publish::{self, NoStops};
use chengxin::registry::{freshness, snapshot};
use chengxin::store::employer::EmployerRow;
use chengxin::store::evidence;
use chengxin::store::log::body::Body;
use diesel::{RunQueryDsl, sql_query};

use super::story::{sound, told};
use super::told::{Office, Town};

crate::on_both_databases!(a_b_becomes_an_a);

/// What anybody sees under the newest head.
struct Seen {
    /// Kind and audience of each entry.
    entries: Vec<(&'static str, &'static str)>,
    /// Bits that are set, by purpose.
    bits: BTreeMap<&'static str, u32>,
}

impl Seen {
    fn of(town: &Town) -> Self {
        let checkpoint = town.public("/log/checkpoint");
        let size: usize = checkpoint.text().lines().nth(1).unwrap().parse().unwrap();
        assert!(size < 256, "one bundle");
        let bundle = town.public(&format!("/log/tile/entries/000.p/{size}"));
        let entries: Vec<_> = entries::decode(&bundle.body)
            .unwrap()
            .into_iter()
            .map(|entry| {
                let entry = Entry::decode(entry).unwrap();
                (entry.kind.as_str(), entry.audience.as_str())
            })
            .collect();
        assert_eq!(entries.len(), size);
        let set = |purpose: StatusPurpose| {
            let list = town.public(&format!("/status/{}/1", purpose.as_str()));
            read_list(&list.body).unwrap().bits.count()
        };
        let bits = StatusPurpose::ALL.map(|purpose| (purpose.as_str(), set(purpose)));
        Self {
            entries,
            bits: bits.into(),
        }
    }

    /// The entries beyond those of an earlier head.
    fn beyond(&self, before: &Self) -> &[(&'static str, &'static str)] {
        assert_eq!(self.entries[..before.entries.len()], before.entries);
        &self.entries[before.entries.len()..]
    }
}

/// The first B that would be an A but for a penalty; the penalty is taken back.
pub fn wrongly_graded(office: &Office) -> (EmployerRow, Body) {
    let conn = &mut *office.registry.store.conn().unwrap();
    let rules = builtin::find("cn-500000", "2020.2").unwrap();
    for nth in 0.. {
        let (whom, record) = office.graded("B", nth);
        let mut left = evidence::of_employer(conn, whom.id).unwrap();
        left.retain(|one| !matches!(one.kind, EvidenceKind::Handled { .. }));
        if grade::assess(rules, 2025, &left).unwrap().grade != Grade::A {
            continue;
        }
        let gone = format!("DELETE FROM evidence WHERE employer_id = {}", whom.id);
        sql_query(gone).execute(conn).unwrap();
        let left: Vec<_> = left.into_iter().map(|one| (whom.id, one)).collect();
        evidence::insert(conn, &left).unwrap();
        return (whom, record);
    }
    unreachable!("graded panics first")
}

fn a_b_becomes_an_a(database: Option<&str>) {
    let office = Office::new("better", database);
    // Nothing of its own falls due while the server runs.
    let registry = &office.registry;
    freshness::refresh(registry, &NoStops).unwrap();
    snapshot::take(registry, &NoStops).unwrap();
    publish::publish_audit(registry, &NoStops).unwrap();
    let (whom, old) = wrongly_graded(&office);
    let town = Town::serving(office, database);
    let start = Seen::of(&town);

    town.release(&town.propose(&old, ChangeKind::Correction).unwrap());
    let released = Seen::of(&town);
    assert_eq!(
        released.beyond(&start),
        [("record", "public")],
        "a new public record, and nothing else in its head"
    );
    assert_eq!(released.bits, start.bits);
    let records = town.records(whom.id);
    let [_, new] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(
        (new.audience.as_str(), new.outcome.as_deref()),
        ("public", Some("A"))
    );
    assert!(!String::from_utf8_lossy(&new.bytes).contains("supersedes"));
    let valid = told(Some("valid"), "clear", 0);
    assert_eq!(town.told(&whom, new), valid);
    assert_eq!(town.told(&whom, &old), valid, "until the day's end");
    let code = whom.code.as_deref().unwrap();
    let public = town.public(&format!("/api/v1/employers/{code}")).json();
    assert_eq!(public["history"].as_array().unwrap().len(), 1, "{public}");
    let again = town.propose(&old, ChangeKind::Suspension);
    assert!(matches!(again, Err(BatchError::Already(_))), "{again:?}");
    town.city.run(&["publish"]).ok();
    assert_eq!(
        Seen::of(&town).entries,
        released.entries,
        "it is not the day's end"
    );

    town.city.run(&["publish", "--waiting"]).ok();
    let ended = Seen::of(&town);
    assert_eq!(
        ended.beyond(&released),
        [("status-list", "public")],
        "one bit, and no record in its head"
    );
    let mut bits = start.bits.clone();
    *bits.get_mut("revocation").unwrap() += 1;
    assert_eq!(ended.bits, bits);
    assert_eq!(town.told(&whom, &old), told(None, "revoked", 1));
    assert_eq!(town.told(&whom, new), valid);
    assert_eq!(
        town.public(&format!("/api/v1/employers/{code}")).json()["history"],
        public["history"]
    );
    town.city.run(&["publish", "--waiting"]).ok();
    assert_eq!(Seen::of(&town).entries, ended.entries, "once");
    sound(&town);
}

//! A registry under a policy of two of three witnesses: outages, forks, a rolled-back database, a record
//! that claims to be a year old, and the whole story with real processes.

mod backdated;
mod fork;
mod outage;
mod rolled_back;
mod stolen;
pub mod story;
mod strangers;
mod stripped;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use chengxin::record::credential::Host;
use chengxin::registry::clock::{Clock, StoryClock};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::init::{self, Plan};
use chengxin::registry::keys::KeyFolder;
use chengxin::registry::publish::NoStops;
use chengxin::registry::random::SystemRandom;
use chengxin::registry::{Registry, freshness};
use chengxin::store::DatabaseUrl;
use chengxin::store::authority::AuthorityRow;
use chengxin::store::log::checkpoint::{self, Checkpoint};
use chengxin::store::log::{body, cosigned};

use crate::support::temp::TempDir;
use crate::support::witnesses::Trio;

/// A registry and its witnesses, all on one clock.
pub struct Witnessed {
    pub registry: Registry,
    trio: Trio,
    clock: Arc<StoryClock>,
    dir: TempDir,
}

impl Witnessed {
    pub fn new(label: &str, database: Option<&str>) -> Self {
        let dir = TempDir::new(label);
        let clock = Arc::new(StoryClock::starting("2026-03-02T01:00:00Z".parse().unwrap()));
        let host = Host::parse("credit.example").unwrap();
        let data = DataDir::new(&dir.join("registry"));
        // As a bureau does: the keys first, so that witnesses can be told the log's.
        let keys = KeyFolder::new(&data.keys(), &host);
        keys.generate(&SystemRandom::new().unwrap()).unwrap();
        let log = keys.log().unwrap().verifier().clone();
        let trio = Trio::start(dir.join("witnesses"), log, clock.clone());
        let plan = Plan {
            data,
            host,
            database: database.map(str::to_owned),
            authorities: vec![AuthorityRow {
                id: "500000".into(),
                name: "重庆市人力资源和社会保障局".into(),
                division: "500000".into(),
                document_prefix: "渝人社".into(),
            }],
            witnesses: Some(trio.plan()),
        };
        let registry = init::create(&plan, clock.clone()).unwrap_or_else(|error| panic!("{error}"));
        Self {
            registry,
            trio,
            clock,
            dir,
        }
    }

    /// Signs lists and key document again: a publication as good as any.
    pub fn publish(&self) {
        freshness::refresh(&self.registry, &NoStops).unwrap();
    }

    /// Opens the registry again, as a server that is started anew does.
    fn reopen(&mut self) {
        let data = self.data();
        let database = self.registry.store.url().clone();
        let opened = match &database {
            DatabaseUrl::Sqlite(_) => Registry::open(Some(&data), None),
            DatabaseUrl::Postgres(url) => Registry::open(Some(&data), Some(url)),
        };
        self.registry = opened.unwrap().with_clock(self.clock.clone());
    }

    fn served(&self) -> Checkpoint {
        let mut conn = self.registry.store.conn().unwrap();
        checkpoint::newest_served(&mut conn).unwrap().unwrap()
    }

    fn pass(&self, time: TimeDelta) {
        self.clock.advance(self.clock.now() + time);
    }

    fn data(&self) -> DataDir {
        DataDir::new(&self.dir.join("registry"))
    }
}

/// Cosignatures in a note: its lines but the log's.
fn cosignatures(note: &str) -> usize {
    note.lines().filter(|line| line.starts_with('—')).count() - 1
}

/// Waits until something is so; a minute is long enough for a machine under load.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(
            Instant::now() < deadline,
            "in a minute it did not happen that {what}"
        );
        // Paced, because a server lets nobody ask without end.
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

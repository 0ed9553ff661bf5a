//! An empty registry made by the same code as `chengxin init`.

use std::sync::Arc;

use chengxin::record::credential::Host;
use chengxin::registry::Registry;
use chengxin::registry::clock::{Clock, StoryClock};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::init::{self, Plan};
use chengxin::store::authority::AuthorityRow;

use super::temp::TempDir;

/// A registry of Chongqing and of one of its districts, at 2026-03-02 09:00 in Chongqing.
pub struct Fixture {
    /// The registry.
    pub registry: Registry,
    /// Its folder.
    pub dir: TempDir,
}

impl Fixture {
    /// Makes it, in `database` or in an SQLite file in its folder.
    pub fn new(label: &str, database: Option<&str>) -> Self {
        let dir = TempDir::new(label);
        let clock: Arc<dyn Clock> = Arc::new(StoryClock::starting("2026-03-02T01:00:00Z".parse().unwrap()));
        let authority = |id: &str, name: &str| AuthorityRow {
            id: id.into(),
            name: name.into(),
            division: id.into(),
            document_prefix: "渝人社".into(),
        };
        let plan = Plan {
            data: DataDir::new(&dir.join("registry")),
            host: Host::parse("credit.example").unwrap(),
            database: database.map(str::to_owned),
            authorities: vec![
                authority("500000", "重庆市人力资源和社会保障局"),
                authority("500105", "重庆市江北区人力资源和社会保障局"),
            ],
            witnesses: None,
        };
        let registry = init::create(&plan, clock).unwrap_or_else(|error| panic!("no registry: {error}"));
        Self { registry, dir }
    }

    /// `--data DIR`, as arguments.
    pub fn data(&self) -> [String; 2] {
        ["--data".into(), self.dir.join("registry").display().to_string()]
    }
}

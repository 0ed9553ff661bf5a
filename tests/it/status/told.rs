//! One registry under change, and how it is told of on each of its surfaces.

use std::fs;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

use chengxin::domain::authority::Actor;
use chengxin::domain::change::ChangeKind;
use chengxin::domain::grade;
use chengxin::domain::ruleset::builtin;
use chengxin::registry::batch::{self, BatchError, Heading, Proposed};
use chengxin::registry::change::{self, Wanted};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::decision::{DecidedBy, Decision, GradeDecision, Named};
use chengxin::registry::publish::NoStops;
use chengxin::registry::{Registry, assessment, partner, release};
use chengxin::store::batch::{self as batches, BatchRow};
use chengxin::store::employer::{self, EmployerRow};
use chengxin::store::log::body::{self, Body};
use chengxin::store::log::checkpoint;
use chengxin::store::{account, authority, evidence};
use serde_json::Value;
use uuid::Uuid;

use crate::support::city::City;
use crate::support::command::verify;
use crate::support::http::{Answer, Visitor};
use crate::support::server::Server;

/// A demonstration city and its officers.
pub struct Office {
    pub city: City,
    pub registry: Registry,
}

/// The same, served.
pub struct Town {
    pub office: Office,
    server: Server,
    key: String,
}

impl Deref for Town {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.office
    }
}

/// How a record is told of.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    /// `state` of the API's history; none where the record is not in it.
    pub api: Option<String>,
    /// Reason of the verdict's status axis over a fresh bundle.
    pub verdict: String,
    /// Exit code of the verifier.
    pub exit: i32,
}

impl Office {
    /// A city after its demonstration year.
    pub fn new(label: &str, database: Option<&str>) -> Self {
        let city = City::new(label, database, 60);
        city.demo();
        let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
        Self { city, registry }
    }

    pub fn actor(&self, login: &str) -> Actor {
        let conn = &mut self.registry.store.conn().unwrap();
        let row = account::by_login(conn, login).unwrap().unwrap();
        batch::actor(conn, &row).unwrap()
    }

    /// The `nth` employer of a grade, and its record.
    pub fn graded(&self, grade: &str, nth: usize) -> (EmployerRow, Body) {
        let conn = &mut self.registry.store.conn().unwrap();
        let all = body::between(conn, 0, i64::MAX).unwrap();
        let mut rows = all
            .into_iter()
            .filter(|row| row.outcome.as_deref() == Some(grade));
        let row = rows.nth(nth).unwrap();
        let whom = employer::find(conn, row.employer_id.unwrap()).unwrap().unwrap();
        (whom, row)
    }

    /// Every record about an employer, oldest first.
    pub fn records(&self, employer: i64) -> Vec<Body> {
        let conn = &mut self.registry.store.conn().unwrap();
        let mut rows = body::of_employer(conn, employer, i64::MAX).unwrap();
        rows.reverse();
        rows
    }

    /// Proposes as the city's reviewer, under the next number.
    pub fn propose(&self, record: &Body, kind: ChangeKind) -> Result<String, BatchError> {
        static LAST: AtomicU32 = AtomicU32::new(100);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        self.propose_under(record, kind, &format!("渝人社更〔2026〕{number}号"))
    }

    /// The same, under a number.
    pub fn propose_under(&self, record: &Body, kind: ChangeKind, number: &str) -> Result<String, BatchError> {
        let wanted = Wanted {
            record: id(record),
            kind,
            reason: "复核发现\r\n有误",
            document_number: number,
        };
        change::propose(&self.registry, &self.actor("li.shencha"), wanted)
    }

    /// One grade more of the last year, proposed and approved as `edit` makes it: as an assessment would.
    pub fn grade_again(&self, edit: impl FnOnce(&mut GradeDecision)) -> String {
        let (whom, _) = self.graded("A", 6);
        let conn = &mut *self.registry.store.conn().unwrap();
        let rules = builtin::find("cn-500000", "2020.2").unwrap();
        let integrity = rules.integrity().unwrap();
        let file = evidence::of_employer(conn, whom.id).unwrap();
        let computed = grade::assess(rules, 2025, &file).unwrap();
        let actor = self.actor("li.shencha");
        let city = authority::find(conn, actor.authority.as_str()).unwrap().unwrap();
        let mut decision = GradeDecision {
            employer: Named::from(&whom),
            year: 2025,
            grade: computed.grade.as_str().to_owned(),
            basis: computed.basis.clone(),
            document_number: String::new(),
            decided_by: DecidedBy {
                name: city.name,
                division: city.division,
            },
            rule_set: computed.rule_set.clone(),
            valid_until: integrity.valid_until(2025, self.registry.clock.today()),
            audience: integrity.audience(computed.grade).as_str().to_owned(),
        };
        edit(&mut decision);
        let heading = Heading {
            kind: assessment::KIND,
            title: "补评".to_owned(),
        };
        let proposed = Proposed {
            employer_id: whom.id,
            decision: Decision::Grade(decision),
            trace: "null".to_owned(),
        };
        let batch = batch::propose(&self.registry, &actor, &heading, rules, |_| Ok(vec![proposed]));
        let batch = batch.unwrap();
        self.approve(&batch);
        batch
    }

    /// A batch as it stands.
    pub fn batch(&self, id: &str) -> BatchRow {
        let row = batches::find(&mut self.registry.store.conn().unwrap(), id).unwrap();
        row.unwrap()
    }

    /// Approves as the city's head.
    pub fn approve(&self, batch: &str) {
        let digest = self.batch(batch).digest;
        let head = self.actor("wang.hezhun");
        batch::approve(&self.registry, &head, batch, &digest, "同意").unwrap();
    }

    /// Approves and releases as the city's head.
    pub fn release(&self, batch: &str) {
        self.approve(batch);
        let head = self.actor("wang.hezhun");
        release::publish(&self.registry, &head, batch, &NoStops, &|_, _| ()).unwrap();
        assert_eq!(self.batch(batch).state, "published");
    }

    /// The records about an employer that readers see.
    pub fn served(&self, employer: i64) -> Vec<Body> {
        let conn = &mut self.registry.store.conn().unwrap();
        let served = checkpoint::served_size(conn).unwrap();
        body::of_employer(conn, employer, served).unwrap()
    }
}

impl Town {
    pub fn new(label: &str, database: Option<&str>) -> Self {
        Self::serving(Office::new(label, database), database)
    }

    pub fn serving(office: Office, database: Option<&str>) -> Self {
        let server = Server::start(&office.city.data(), database);
        let key = partner::add(&office.registry, "江北银行").unwrap();
        Self { office, server, key }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.address())
    }

    /// What anybody gets.
    pub fn public(&self, path: &str) -> Answer {
        Visitor::new().get(&self.url(path))
    }

    /// What a partner gets.
    pub fn partner(&self, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        Visitor::new()
            .with_header("authorization", &bearer)
            .get(&self.url(path))
    }

    /// How a record is told of to a partner, who sees all of them.
    #[track_caller]
    pub fn told(&self, whom: &EmployerRow, record: &Body) -> Told {
        let code = whom.code.as_deref().unwrap();
        let answer = self.partner(&format!("/api/v1/employers/{code}"));
        assert_eq!(answer.status, 200);
        let history = answer.json()["history"].as_array().unwrap().clone();
        let here = format!("/records/{}", id(record));
        let entry = history.iter().find(|entry| entry["links"]["record"] == *here);
        let bundle = self.partner(&format!("{here}/bundle"));
        assert_eq!(bundle.status, 200);
        let file = self.city.path("bundle.json");
        fs::write(&file, &bundle.body).unwrap();
        let trust = self.city.data().join("trust");
        let ran = verify([file.as_str(), "--trust", trust.to_str().unwrap(), "--json"]);
        let verdict: Value = serde_json::from_str(&ran.stdout).unwrap();
        let axes = verdict["axes"].as_array().unwrap();
        let status = axes.iter().find(|axis| axis["axis"] == "status").unwrap();
        Told {
            api: entry.map(|entry| entry["state"].as_str().unwrap().to_owned()),
            verdict: status["reason"].as_str().unwrap().to_owned(),
            exit: ran.code.unwrap(),
        }
    }

    /// The employer's page.
    pub fn page(&self, whom: &EmployerRow) -> String {
        let answer = self.public(&format!("/employers/{}", whom.code.as_deref().unwrap()));
        assert_eq!(answer.status, 200);
        answer.text().to_owned()
    }
}

/// A record's UUID.
pub fn id(record: &Body) -> Uuid {
    Uuid::from_slice(record.record_id.as_deref().unwrap()).unwrap()
}

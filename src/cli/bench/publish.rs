//! `bench publish`: a batch of synthetic grades through the real publication story.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use super::ceiling::Ceiling;
use super::measure::{signatures_per_second, start};
use super::{Measured, PublishArgs};
use crate::cli::terminal::bar;
use crate::domain::code::UnifiedCode;
use crate::domain::ruleset::builtin;
use crate::record::credential::{
    Audience, Authority, Employer, EmployerId, GradeFacts, Host, RuleSetRef, Subject,
};
use crate::record::digest::Digest;
use crate::registry::Registry;
use crate::registry::clock::{Clock as _, SystemClock};
use crate::registry::data_dir::DataDir;
use crate::registry::init::{self, Plan};
use crate::registry::publish::{Item, NoStops, PublishError, Publisher, Source};
use crate::store::authority::AuthorityRow;
use crate::store::batch::{self, BatchRow};
use crate::store::log::bare::Rows;

/// Records published before the measurement into PostgreSQL, for rows to copy and to warm it up.
const WARM_UP: u64 = 4096;

/// Runs it.
pub(super) fn run(args: &PublishArgs) -> Result<Measured, Box<dyn Error>> {
    let scratch = Scratch::make(args.scratch.as_deref())?;
    let registry = registry(&scratch.0, args.database_url.clone())?;
    signatures_per_second(); // warms caches and clock frequency
    if registry.store.url().is_postgres() {
        return against_ceiling(&registry, args.count);
    }
    let before = signatures_per_second();
    let started = start();
    publish(&registry, args.count)?;
    let measured = started.stop("publish", "pure signing on all cores", args.count);
    Ok(measured.against(before, signatures_per_second()))
}

/// Publishes into PostgreSQL, against its own ceiling.
fn against_ceiling(registry: &Registry, count: u64) -> Result<Measured, Box<dyn Error>> {
    publish_batch(registry, WARM_UP_BATCH, WARM_UP)?;
    let rows = Rows::of_bodies(&mut *registry.store.conn()?)?;
    let before = Ceiling::measure(&registry.store, &rows)?;
    let started = start();
    publish(registry, count)?;
    let measured = started.stop("publish", "pure signing and bare COPY on all cores", count);
    let after = Ceiling::measure(&registry.store, &rows)?;
    let signing = f64::midpoint(before.signed, after.signed);
    Ok(Measured {
        signing_ratio: Some(measured.rate_per_second / signing),
        ..measured.against(before.per_second(), after.per_second())
    })
}

/// A folder that goes away with its value.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    /// Makes it under `parent`, or where the system keeps temporary files.
    pub(super) fn make(parent: Option<&Path>) -> std::io::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let folder = parent.join(format!("chengxin-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the scratch folder stays");
        }
    }
}

/// An empty registry.
pub(super) fn registry(folder: &Path, database: Option<String>) -> Result<Registry, Box<dyn Error>> {
    let authority = AuthorityRow {
        id: "500000".into(),
        name: "重庆市人力资源和社会保障局".into(),
        division: "500000".into(),
        document_prefix: "渝人社".into(),
    };
    let plan = Plan {
        data: DataDir::new(folder),
        host: Host::parse("registry.example")?,
        database,
        authorities: vec![authority],
        witnesses: None,
    };
    Ok(init::create(&plan, Arc::new(SystemClock))?)
}

const BATCH: &str = "00000000-0000-4000-8000-000000000000";
const WARM_UP_BATCH: &str = "00000000-0000-4000-8000-000000000001";

/// Publishes a batch of `count` grades.
pub(super) fn publish(registry: &Registry, count: u64) -> Result<(), Box<dyn Error>> {
    publish_batch(registry, BATCH, count)
}

fn publish_batch(registry: &Registry, id: &str, count: u64) -> Result<(), Box<dyn Error>> {
    let mut source = Synthetic::new(count)?;
    let now = registry.clock.now().naive_utc();
    let row = BatchRow {
        id: id.into(),
        kind: "bench".into(),
        title: "bench".into(),
        authority_id: "500000".into(),
        state: "publishing".into(),
        size: i64::try_from(count)?,
        digest: source.digest().to_vec(),
        rule_set: "{}".into(),
        proposed_by: "bench".into(),
        proposed_at: now,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        published_by: None,
        published_at: None,
    };
    batch::insert(&mut *registry.store.conn()?, &row, &[])?;
    let bar = bar(count, "publish");
    Publisher::open(registry, &NoStops)?.publish(id, &mut source, &|done, _| bar.set_position(done))?;
    bar.finish_and_clear();
    Ok(())
}

/// Grades of employers made on the fly, so that memory says nothing about the source.
struct Synthetic {
    count: u64,
    digest: Digest,
    decided_on: NaiveDate,
}

impl Synthetic {
    fn new(count: u64) -> Result<Self, Box<dyn Error>> {
        let rules = builtin::find("cn-500000", "2020.3").ok_or("no such rule set")?;
        let decided_on = NaiveDate::from_ymd_opt(2026, 9, 28).ok_or("no such date")?;
        Ok(Self {
            count,
            digest: Digest::from_bytes(rules.digest()),
            decided_on,
        })
    }

    fn item(&self, place: u64) -> Result<Item, PublishError> {
        let internal = |error: &dyn ToString| PublishError::Internal(error.to_string());
        let code = UnifiedCode::from_parts("91", "500105", &format!("MA{place:06}"))
            .map_err(|error| internal(&error))?;
        let grade = if place.is_multiple_of(3) { "A" } else { "B" };
        Ok(Item {
            employer_id: i64::try_from(place)
                .map_err(|_| PublishError::TooLarge)?
                .saturating_add(1),
            audience: if grade == "A" {
                Audience::Public
            } else {
                Audience::Partners
            },
            year: Some(2025),
            outcome: grade.to_owned(),
            valid_until: Some((SystemClock.now()) + TimeDelta::days(365)),
            subject: Subject::Grade(GradeFacts {
                employer: Employer {
                    name: format!("重庆嘉陵江畔第{place}建筑装饰工程有限公司").into(),
                    id: EmployerId::UnifiedCode(code.as_str().to_owned().into()),
                    division: "500105".into(),
                },
                year: 2025,
                grade: grade.into(),
                basis: vec![grade.into()],
                document_number: format!("渝人社诚信〔2026〕{place:07}号").into(),
                decided_on: self.decided_on,
                decided_by: Authority {
                    name: "重庆市人力资源和社会保障局".into(),
                    division: "500000".into(),
                },
                rule_set: RuleSetRef {
                    id: "cn-500000".into(),
                    version: "2020.3".into(),
                    digest: self.digest,
                },
            }),
            supersedes: None,
        })
    }
}

impl Source for Synthetic {
    fn len(&self) -> u64 {
        self.count
    }

    fn digest(&self) -> [u8; 32] {
        *self.digest.as_bytes()
    }

    fn items(&mut self, from: u64, to: u64) -> Result<Vec<Item>, PublishError> {
        (from..to).map(|place| self.item(place)).collect()
    }
}

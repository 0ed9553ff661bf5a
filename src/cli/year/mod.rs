//! `chengxin demo`: a city goes through a year, told by the same use cases that a bureau's officers call.
//!
//! The story moves one clock forward, phase by phase; each finished phase is noted in the database, so
//! that a run that was stopped goes on where it was. It never overwrites a registry.

mod listings;
mod phase;
mod register;
mod story;
mod summary;
mod witnesses;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;

use super::demo::{City, generate};
use super::publish::stops;
use super::terminal::{Outcome, say, warn};
use crate::config::Site;
use crate::record::credential::Host;
use crate::registry::Registry;
use crate::registry::clock::{Clock, StoryClock, SystemClock};
use crate::registry::data_dir::DataDir;
use crate::registry::init::{self, Extras, Plan};
use crate::registry::keys::Unlock;
use crate::store::authority::AuthorityRow;
use crate::store::setting;

use phase::Phase;
use witnesses::Stage;

/// The year that is reviewed.
const REVIEW_YEAR: u16 = 2025;
/// The demonstration's name for its identifiers; reserved for examples (RFC 2606).
const HOST: &str = "registry.example";

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Folder to make the registry in; an existing demonstration continues, nothing is overwritten
    #[arg(long, value_name = "DIR", default_value = "./chengxin-data")]
    data: PathBuf,
    /// PostgreSQL database instead of an SQLite file: postgres://…
    #[arg(long, value_name = "URL", value_parser = super::open::database_url)]
    database_url: Option<String>,
    /// Employers under review
    #[arg(long, default_value_t = 11_497, value_parser = at_least_one)]
    employers: usize,
    /// Seed of the city; the same seed makes the same city
    #[arg(long, default_value_t = 2025)]
    seed: u64,
    /// Witnesses that must cosign, more than half of them; they run in this process, on loopback
    #[arg(long, default_value_t = 0, value_name = "N")]
    witnesses: usize,
    /// Stop after the year instead of serving it
    #[arg(long)]
    no_serve: bool,
    /// Address to serve on
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = super::open::listen)]
    listen: String,
}

/// Why a demonstration cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    #[error(
        "本机时钟是 {0}，早于演示年度的结束：请校准时钟 / the clock of this machine is before the end of the demonstration's year: set it"
    )]
    Clock(DateTime<Utc>),
    #[error(
        "{0} 中的登记库不是演示库，未作任何改动 / {0} holds a registry that is no demonstration; nothing was changed"
    )]
    NotADemo(PathBuf),
    #[error("演示数据 / demonstration data: {0}")]
    Data(String),
}

/// A demonstration under way.
struct Demo {
    registry: Registry,
    clock: Arc<StoryClock>,
    city: City,
}

/// Runs the command.
pub(super) fn run(args: &DemoArgs) -> Outcome {
    let real = SystemClock.now();
    let begin = story::moment(2026, 1, 5, 9);
    if real < story::moment(2026, 10, 10, 0) {
        return Err(DemoError::Clock(real).into());
    }
    let data = DataDir::new(&args.data);
    let clock = Arc::new(StoryClock::starting(begin));
    let (registry, stage) = match data.is_registry() {
        true => open(&data, args, clock.clone())?,
        false => make(&data, args, clock.clone())?,
    };
    let Some(seed) = setting::get(&mut *registry.store.conn()?, "demo.seed")? else {
        return Err(DemoError::NotADemo(args.data.clone()).into());
    };
    let count = setting::get(&mut *registry.store.conn()?, "demo.employers")?
        .ok_or_else(|| DemoError::Data("the setting demo.employers is gone".into()))?;
    say_what_is_ignored(args, &seed, &count);
    if args.witnesses != stage.as_ref().map_or(0, Stage::size) {
        warn(format_args!(
            "{} 中演示库的见证人数沿用原值 / the demonstration there keeps its number of witnesses; choose another --data for {}",
            args.data.display(),
            args.witnesses
        ));
    }
    let at = phase::read(&registry)?;
    if at == Phase::Done {
        say(format_args!(
            "{} 中已有完成的演示库，直接使用 / a finished demonstration is there already",
            args.data.display()
        ));
    } else {
        let city = generate(parse(&seed)?, parse(&count)?, i32::from(REVIEW_YEAR))?;
        let demo = Demo {
            registry: registry.clone(),
            clock: clock.clone(),
            city,
        };
        story::tell(&demo, at, real, stops().as_ref())?;
    }
    clock.advance(real);
    if let Some(stage) = &stage {
        stage.leave_the_story();
    }
    summary::print(&registry, &data, args)?;
    if let Some(stage) = &stage {
        stage.print(&data);
    }
    if args.no_serve {
        return Ok(0);
    }
    warn(format_args!(
        "正在 http://{} 提供服务，按 Ctrl-C 停止 / serving, Ctrl-C stops",
        args.listen
    ));
    super::serve::serve(registry.with_clock(Arc::new(SystemClock)), &args.listen)
}

/// Says which options an existing demonstration does not take over.
fn say_what_is_ignored(args: &DemoArgs, seed: &str, count: &str) {
    if args.seed.to_string() != seed || args.employers.to_string() != count {
        warn(format_args!(
            "{} 中已有演示库(--employers {count} --seed {seed}),沿用它 / the demonstration there has these options and keeps them; choose another --data for others",
            args.data.display()
        ));
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("至少 1 家单位 / at least one employer".into()),
        Ok(count) => Ok(count),
        Err(_) => Err("不是整数 / not a whole number".into()),
    }
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, DemoError> {
    text.parse()
        .map_err(|_| DemoError::Data(format!("unreadable setting {text:?}")))
}

/// A registry, and its witnesses if it has any.
type Made = Result<(Registry, Option<Stage>), Box<dyn std::error::Error>>;

/// Opens a demonstration that is there.
fn open(data: &DataDir, args: &DemoArgs, clock: Arc<StoryClock>) -> Made {
    let registry = Registry::open(Some(data), args.database_url.as_deref())?.with_clock(clock.clone());
    match Stage::open(data, &registry, clock)? {
        Some(stage) => Ok((stage.reached(data, registry)?, Some(stage))),
        None => Ok((registry, None)),
    }
}

/// Makes the registry by the code of `chengxin init`.
fn make(data: &DataDir, args: &DemoArgs, clock: Arc<StoryClock>) -> Made {
    let authorities = super::demo::authorities()
        .into_iter()
        .map(|authority| AuthorityRow {
            id: authority.id.as_str().to_owned(),
            division: authority.division.as_str().to_owned(),
            document_prefix: document_prefix(&authority.name, authority.division.as_str()),
            name: authority.name,
        })
        .collect();
    let host = Host::parse(HOST)?;
    let stage = match args.witnesses {
        0 => None,
        count => Some(Stage::make(data, &host, count, clock.clone())?),
    };
    let plan = Plan {
        data: data.clone(),
        host,
        database: args.database_url.clone(),
        authorities,
        witnesses: stage.as_ref().map(Stage::plan),
    };
    let stops = stops();
    let settings = [
        ("demo.seed", args.seed.to_string()),
        ("demo.employers", args.employers.to_string()),
    ];
    let unlock = Unlock::default();
    let extras = Extras {
        settings: &settings,
        site: site(),
        administrator: None,
        stops: stops.as_ref(),
        unlock: &unlock,
    };
    let registry = init::create_with(&plan, clock, extras)?.0;
    if stage.is_some() {
        Stage::remark(data)?;
    }
    Ok((registry, stage))
}

/// The foot of the demonstration's pages, which says what it is.
fn site() -> Site {
    Site {
        sponsor: "重庆市人力资源和社会保障局（演示，虚构）".to_owned(),
        filing_number: "演示系统，未备案".to_owned(),
        telephone: "12333（演示）".to_owned(),
        address: "重庆市（演示，虚构）".to_owned(),
    }
}

/// How an authority numbers its documents: 渝 or 湘, the county's short name, 人社.
fn document_prefix(name: &str, division: &str) -> String {
    let province = if division.starts_with("50") { "渝" } else { "湘" };
    let place = name.split("人力资源").next().unwrap_or_default();
    let short = place
        .trim_start_matches("重庆市")
        .trim_end_matches(['区', '县', '市']);
    format!("{province}{short}人社")
}

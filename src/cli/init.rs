//! `chengxin init`, `migrate`: making a registry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::open::Where;
use super::passphrase::Sealing;
use super::terminal::{Outcome, Usage, say, warn};
use crate::config::{Site, WitnessAddress, Witnessing};
use crate::record::credential::Host;
use crate::registry::Registry;
use crate::registry::clock::SystemClock;
use crate::registry::import::{Source, authorities};
use crate::registry::init::{self, Extras, Plan, WitnessPlan};
use crate::registry::keys::KeysError;
use crate::store::authority::AuthorityRow;
use crate::store::{Conn, DatabaseUrl, migrate as migrations, search};

const INIT_EXAMPLES: &str = "Examples:
  chengxin init --data DIR --host registry.example --authority authorities.csv --admin 张三

With witnesses (docs/witness.md), who must know the log's key before it begins:
  chengxin keys generate DIR/keys --host registry.example      prints the log's key, for the witnesses
  chengxin init --data DIR --host registry.example --authority authorities.csv --admin 张三 \\
    --witness 'bank.example/witness+…' http://10.0.0.5:8090 --witness … --witness … --quorum 2";

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub(super) struct InitArgs {
    #[command(flatten)]
    registry: Where,
    /// DNS name of the registry's identifiers, for ever; not the address it listens on
    #[arg(long, value_name = "HOST")]
    host: Host,
    /// CSV file of authorities with the columns division,name,document_prefix (区划代码,名称,文号前缀); the first row runs the registry
    #[arg(long, value_name = "FILE")]
    authority: PathBuf,
    /// Name of the first administrator
    #[arg(long, value_name = "NAME", value_parser = admin)]
    admin: String,
    /// A witness that is running and knows the log key: its verifier key and its address; several may be given
    #[arg(long, num_args = 2, value_names = ["VKEY", "URL"])]
    witness: Vec<String>,
    /// How many of the witnesses must cosign before readers see anything; more than half unless given
    #[arg(long, value_name = "K", requires = "witness")]
    quorum: Option<usize>,
    #[command(flatten)]
    sealing: Sealing,
}

/// Arguments of `migrate`.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    registry: Where,
}

/// Makes an empty registry.
pub(super) fn run(args: &InitArgs) -> Outcome {
    let plan = Plan {
        data: args.registry.folder(),
        host: args.host.clone(),
        database: args.registry.database_url.clone(),
        authorities: authorities(&args.authority)?,
        witnesses: witnesses(args),
    };
    let stops = super::publish::stops();
    let unlock = args.sealing.unlock(&args.registry.passphrase)?;
    let extras = Extras {
        settings: &[],
        site: Site::default(),
        administrator: Some(&args.admin),
        stops: stops.as_ref(),
        unlock: &unlock,
    };
    let (registry, admin) = init::create_with(&plan, Arc::new(SystemClock), extras)?;
    let admin = admin.ok_or("no administrator was made")?;
    say(format_args!(
        "已建立 {}（{}）/ made the registry {}",
        registry.name, registry.host, registry.host
    ));
    say(format_args!("数据目录 / data     {}", plan.data.path().display()));
    say(match plan.witnesses {
        Some(_) => format!(
            "信任目录 / trust    {}（交给核验方 / for verifiers）",
            plan.data.trust().display()
        ),
        None => format!(
            "信任目录 / trust    {}（不可交给核验方：见下 / not for verifiers yet: see below）",
            plan.data.trust().display()
        ),
    });
    say(format_args!(
        "管理员 / admin      {} {} 口令 / password {}（只显示这一次 / shown once）",
        admin.name, admin.login, admin.password
    ));
    say(format_args!(
        "网站页脚 / site     {}（填写 [site]：主办单位、备案号、电话、地址 / fill in [site]）",
        plan.data.settings().display()
    ));
    not_for_production(&registry, plan.witnesses.is_some())?;
    say("根密钥 root-1…3 请移到离线介质 / move the root keys off this machine: keys/README.md");
    say(format_args!(
        "启动 / next: chengxin serve --data {}",
        plan.data.path().display()
    ));
    Ok(0)
}

/// A name that people can read.
fn admin(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fine = !name.is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
    match fine {
        true => Ok(name.to_owned()),
        false => Err(
            "请填写管理员姓名（1 至 64 个字符）/ give the administrator's name, 1 to 64 characters".into(),
        ),
    }
}

/// Says what this registry lacks before others may rely on it, and what to do.
fn not_for_production(registry: &Registry, witnessed: bool) -> Result<(), KeysError> {
    if !witnessed {
        say(
            "! 无见证人：trust/policy.txt 写明 quorum none，任何人都无法发现日志被改写，不得用于正式核验。请以 --witness VKEY URL（可重复）\
             与 --quorum K 另建登记系统：docs/witness.md\n  \
             no witnesses: trust/policy.txt says `quorum none`, so nobody would notice a rewritten log. Not for production: make the \
             registry anew with --witness VKEY URL (several) and --quorum K: docs/witness.md",
        );
    }
    let plain = registry.keys()?.unencrypted()?;
    if !plain.is_empty() {
        say(format_args!(
            "! {0} 个私钥未加密，拿到磁盘者即可签名。请逐个执行 chengxin keys passphrase FILE，或另建时加 --encrypt\n  \
             {0} private keys are not encrypted: whoever has the disk can sign. Run chengxin keys passphrase FILE on each, or make the \
             registry with --encrypt",
            plain.len()
        ));
    }
    Ok(())
}

fn witnesses(args: &InitArgs) -> Option<WitnessPlan> {
    let addresses: Vec<WitnessAddress> = args
        .witness
        .as_chunks::<2>()
        .0
        .iter()
        .map(|[key, url]| WitnessAddress {
            key: key.clone(),
            url: url.clone(),
        })
        .collect();
    (!addresses.is_empty()).then(|| WitnessPlan {
        quorum: args.quorum.unwrap_or(addresses.len() / 2 + 1),
        addresses,
        times: Witnessing::default(),
    })
}

/// The file's rows; everything that is wrong with it, row by row, is wrong usage.
fn authorities(path: &Path) -> Result<Vec<AuthorityRow>, Box<dyn std::error::Error>> {
    let source = Source::read(path)?;
    authorities::read(&source).map_err(|problems| {
        problems.iter().for_each(warn);
        let (file, count) = (path.display(), problems.len());
        let word = if count == 1 { "problem" } else { "problems" };
        let refused = format!(
            "{file}：{count} 处问题，未建立登记系统。请改正后重试。/ {file}: {count} {word}, no registry was made. \
             Mend the file and try again."
        );
        Usage(refused).into()
    })
}

/// Brings the tables to this version.
pub(super) fn migrate(args: &MigrateArgs) -> Outcome {
    let url = match &args.registry.database_url {
        Some(url) => DatabaseUrl::parse(url)?,
        None => args.registry.folder().read()?.1,
    };
    let mut conn = Conn::open(&url)?;
    let done = migrations::run(&mut conn)?;
    let indexed = search::reindex(&mut conn)?;
    match done.as_slice() {
        [] => say("数据库已是最新 / the database is up to date"),
        names => names
            .iter()
            .for_each(|name| say(format_args!("已执行 / ran {name}"))),
    }
    if indexed > 0 {
        say(format_args!(
            "已重建 {indexed} 家单位的检索词 / made the search words of {indexed} employers anew"
        ));
    }
    Ok(0)
}

//! `chengxin log …`: the check of everything, catching up from a mirror, watching from outside.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::monitor::{self, MonitorArgs};
use super::open::Where;
use super::terminal::{Outcome, Usage, bar, say};
use crate::registry::catch_up::{self, CaughtUp, Mirror};
use crate::registry::change::{self, Held};
use crate::registry::fsck::{self, Report};

const FSCK_EXITS: &str = "Exit codes (the smallest kind that was found):
  0 clean
  4 log: entries, tiles, heads, the journal, the signer's high-water mark
  5 body: a record's bytes are not those that were logged, or are gone
  6 signature: of a record, list, key document or monitor's note
  7 index: a column by which something is found does not say what is signed or was decided
  8 audit: the trail is broken or cut, or silent about what was done
  9 time: a time is not what the trail or something signed says
  10 status: a list shows what nobody decided, goes back in time, or clears what is never cleared
  1 the database cannot be read
With --json: one object; its `faults` are a list of {kind, table, row, says}.";

const CATCH_UP_LOSES: &str = "What a mirror does not have stays lost, and `chengxin log fsck` goes on naming it: decisions, evidence, \
accounts, partners' keys and audit rows since the backup. A batch that stands open is listed and not published again by itself.";

/// What to do about the log.
#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
    /// Re-verify everything from storage: entries, tiles, bodies, signatures, heads, decisions, audit chain,
    /// times. It reads as of one moment: the registry may go on publishing
    #[command(after_help = FSCK_EXITS)]
    Fsck {
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Bring a restored database that is older than its signer up to date from a mirror of the log
    #[command(after_help = CATCH_UP_LOSES)]
    CatchUp {
        #[command(flatten)]
        registry: Where,
        /// The mirror: a folder that `chengxin export log DIR --bodies` wrote, or a monitor's --mirror; or http://…,
        /// such a folder on a file server or the /log of a registry's server
        #[arg(long, value_name = "DIR|URL")]
        from: String,
        /// A file with a partner's API key, for a registry's server: bodies that partners alone may see
        #[arg(long, value_name = "FILE")]
        partner_key: Option<PathBuf>,
        /// Go on though the mirror lacks bodies: statements and lists then lack them
        #[arg(long)]
        allow_missing: bool,
    },
    /// List what waits for a day's end and is held since a catching up: it may be out already, as a record whose
    /// body is lost. Catch up again from a mirror that has the bodies, or settle it
    Held {
        #[command(flatten)]
        registry: Where,
    },
    /// Say which of the lost records a held item is: it is never published again
    Settle {
        #[command(flatten)]
        registry: Where,
        /// The batch
        batch: String,
        /// The item's place in it
        position: i64,
        /// Where its record stands in the log
        index: i64,
        /// How that is known; it is kept in the audit trail
        #[arg(long)]
        reason: String,
    },
    /// Watch a registry from outside, over HTTP: mirror its log and say what may not be. Needs no registry
    #[command(after_help = monitor::HELP)]
    Monitor(Box<MonitorArgs>),
}

/// Runs the command.
pub(super) fn run(command: &LogCommand) -> Outcome {
    match command {
        LogCommand::Fsck { registry, json } => {
            let registry = registry.open()?;
            let bar = bar(0, "核查 / checking");
            let report = fsck::run(&registry, &|done, total| {
                bar.set_length(total);
                bar.set_position(done);
            })?;
            bar.finish_and_clear();
            if *json {
                say(serde_json::to_string(&report)?)
            } else {
                tell(&report)
            }
            Ok(report.exit_code())
        }
        LogCommand::CatchUp {
            registry,
            from,
            partner_key,
            allow_missing,
        } => {
            let mirror = mirror(from, partner_key.as_deref())?;
            let registry = registry.open()?;
            let bar = bar(0, "补回 / catching up");
            let done = catch_up::catch_up(&registry, &mirror, *allow_missing, &|done, total| {
                bar.set_length(total);
                bar.set_position(done);
            })?;
            bar.finish_and_clear();
            tell_caught_up(&done);
            Ok(0)
        }
        LogCommand::Held { registry } => {
            tell_held(&change::held(&registry.open()?)?);
            Ok(0)
        }
        LogCommand::Settle {
            registry,
            batch,
            position,
            index,
            reason,
        } => {
            change::settle(&registry.open()?, batch, *position, *index, reason)?;
            say(format_args!("✔ 已结 / settled: {batch} {position} → {index}"));
            Ok(0)
        }
        LogCommand::Monitor(args) => monitor::run(args),
    }
}

/// Where the mirror is. Only plain HTTP: nothing that comes is believed, and a key goes to one's own machines.
fn mirror(from: &str, partner_key: Option<&Path>) -> Result<Mirror, Usage> {
    if from.starts_with("https://") {
        return Err(Usage(
            "镜像地址仅支持 http://;请经本机隧道访问 / a mirror is reached by http:// alone: use a tunnel, or copy its folder".into(),
        ));
    }
    if !from.starts_with("http://") {
        return Ok(Mirror::in_folder(Path::new(from)));
    }
    let key = partner_key
        .map(|path| fs::read_to_string(path).map_err(|error| Usage(format!("{}: {error}", path.display()))))
        .transpose()?;
    Ok(Mirror::at(from, key.map(|key| key.trim().to_owned())))
}

fn tell_held(all: &[Held]) {
    if all.is_empty() {
        return say("没有暂缓公布的记录 / nothing is held");
    }
    for held in all {
        let lost: Vec<String> = held.lost.iter().take(20).map(i64::to_string).collect();
        say(format_args!(
            "! {} {} {}：或为下列 {} 条正文已失的记录之一 / may be one of {} lost records: {}{}",
            held.batch,
            held.position,
            held.title,
            held.lost.len(),
            held.lost.len(),
            lost.join(" "),
            if held.lost.len() > lost.len() { " …" } else { "" }
        ));
    }
}

fn tell_caught_up(done: &CaughtUp) {
    if done.filled > 0 {
        say(format_args!(
            "✔ 已补回 {0} 条缺失的正文 / {0} lost bodies are back",
            done.filled
        ));
    }
    if done.held > 0 {
        say(format_args!(
            "! {0} 项等待日终的变更或已公布，暂缓：chengxin log held / {0} changes that wait for a day's end may be out already and are held: chengxin log held",
            done.held
        ));
    }
    if done.from == done.to {
        say(format_args!("✔ 已是最新 / up to date: {} 条 / entries", done.to));
        return;
    }
    say(format_args!(
        "✔ 已从 {} 条补至 {} 条，可继续发布 / caught up from {} entries to {}; publication can go on",
        done.from, done.to, done.from, done.to
    ));
    let (public, partners) = done.missing;
    if public.saturating_add(partners) > 0 {
        say(format_args!(
            "! 缺少正文：公开 {public}，仅合作方 {partners}；现有状态列表不再发放序号 / bodies missing: {public} public, {partners} for partners alone; the lists give out no more indices"
        ));
    }
    if done.strangers > 0 {
        say(format_args!(
            "! {} 条记录所涉单位不在登记库中 / {} records are about employers that the register does not have: import them again",
            done.strangers, done.strangers
        ));
    }
    for open in &done.open {
        say(format_args!(
            "! 批次未结 / batch {} ({}) stands open; {} 项中 {} 项或已公布 / {} of its {} decisions may be out already: compare before it is published",
            open.id, open.title, open.of, open.out, open.out, open.of
        ));
    }
    say(
        "备份之后的决定、证据、账号、审计行已失,chengxin log fsck 会逐一指出 / decisions, evidence, accounts and audit rows since the backup are lost: `chengxin log fsck` names what the log tells of them",
    );
}

pub(super) fn tell(report: &Report) {
    for finding in &report.findings {
        say(format_args!("✘ {}: {}", finding.row, finding.why));
    }
    let verdict = if report.findings.is_empty() {
        "✔ 完好 / clean"
    } else {
        "✘ 有损坏 / damaged"
    };
    say(format_args!(
        "{verdict}: {} 条 / entries, {} 个签名 / signatures, {} 行审计 / audit rows, 根 / root {}",
        report.entries, report.signatures, report.audit_rows, report.root
    ));
}

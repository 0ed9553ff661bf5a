//! `chengxin withdraw {list, expire}` and `chengxin archive show`: withdrawals with their last days, terms
//! that have run, and the sealed copies of what was withdrawn. A withdrawal is proposed by an officer, on
//! the officers' pages.

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::open::Where;
use super::publish::{snapshot_withdrawals, stops, tell_standing};
use super::terminal::{Outcome, say, warn};
use crate::registry::archive;
use crate::registry::withdrawal::{self, Open, Stage};

/// What to do about withdrawals.
#[derive(Debug, Subcommand)]
pub(super) enum WithdrawCommand {
    /// Withdrawals that are not out yet, with the last day for each; exit code 1 when one is overdue
    List {
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object a withdrawal
        #[arg(long)]
        json: bool,
    },
    /// Withdraw the listings whose term has run; a server does it by itself
    Expire {
        #[command(flatten)]
        registry: Where,
    },
}

/// What to do with the archive.
#[derive(Debug, Subcommand)]
pub(super) enum ArchiveCommand {
    /// Print a withdrawn record; the reason is written into the audit trail first
    Show {
        /// The record's id, with or without urn:uuid:
        id: String,
        /// Why it is read
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        registry: Where,
    },
}

/// Runs the command.
pub(super) fn run(command: &WithdrawCommand) -> Outcome {
    match command {
        WithdrawCommand::List { registry, json } => {
            let registry = registry.open()?;
            let today = registry.clock.today();
            let open = withdrawal::open(&mut *registry.store.conn()?, today)?;
            Ok(list(&open, *json, today))
        }
        WithdrawCommand::Expire { registry } => {
            let (registry, stops) = (registry.open()?, stops());
            let count = withdrawal::expire(&registry, stops.as_ref())?;
            snapshot_withdrawals(&registry, stops.as_ref())?;
            tell_standing(&registry)?;
            say(format_args!(
                "已撤回 {count} 条期满的列入记录 / withdrew {count} listings whose term has run"
            ));
            Ok(0)
        }
    }
}

/// Runs the command.
pub(super) fn archive(command: &ArchiveCommand) -> Outcome {
    let ArchiveCommand::Show { id, reason, registry } = command;
    let id = Uuid::parse_str(id.strip_prefix("urn:uuid:").unwrap_or(id))?;
    let bytes = archive::show(&registry.open()?, id, reason)?;
    warn("已记入审计 / written into the audit trail");
    say(String::from_utf8_lossy(&bytes));
    Ok(0)
}

fn list(open: &[Open], json: bool, today: NaiveDate) -> u8 {
    for one in open {
        if json {
            say(object(one));
        } else {
            say(sentence(one));
        }
    }
    let overdue = open.iter().filter(|one| one.overdue).count();
    if !json {
        say(format_args!(
            "{today}：{count} 项待撤回，其中 {overdue} 项逾期 / {count} open, {overdue} overdue",
            count = open.len()
        ));
    }
    u8::from(overdue > 0)
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Proposed => "proposed",
        Stage::Approved => "approved",
        Stage::Publishing => "publishing",
        Stage::Ended => "ended",
    }
}

fn object(one: &Open) -> Value {
    json!({
        "subject": one.subject,
        "title": one.title,
        "cause": one.cause.as_str(),
        "stage": stage(one.stage),
        "dueOn": one.due.date,
        "provisional": one.due.provisional,
        "overdue": one.overdue,
    })
}

fn sentence(one: &Open) -> String {
    let mark = if one.overdue { "逾期 / OVERDUE " } else { "" };
    format!(
        "{mark}{} {}（{}，{}）至迟 / by {}{}",
        one.subject,
        one.title,
        one.cause.zh(),
        stage(one.stage),
        one.due.date,
        if one.due.provisional {
            "（暂定 / provisional）"
        } else {
            ""
        }
    )
}

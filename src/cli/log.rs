//! `chengxin log {fsck, monitor}`.

use clap::Subcommand;

use super::monitor::{self, MonitorArgs};
use super::open::Where;
use super::terminal::{Outcome, bar, say};
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
        LogCommand::Monitor(args) => monitor::run(args),
    }
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

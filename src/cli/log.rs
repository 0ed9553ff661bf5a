//! `chengxin log fsck`.

use clap::Subcommand;

use super::monitor::{self, MonitorArgs};
use super::open::Where;
use super::terminal::{Outcome, bar, say};
use crate::registry::fsck::{self, Report};

/// What to do about the log.
#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
    /// Watch a registry from outside, over HTTP: mirror its log and say what may not be. Needs no registry
    #[command(after_help = monitor::HELP)]
    Monitor(Box<MonitorArgs>),
    /// Re-verify everything from storage: entries, tiles, bodies, signatures, heads, audit chain, times
    #[command(
        after_help = "Exit codes: 0 clean, 4 log, 5 bodies, 6 signatures, 7 look-up columns, 8 audit chain, \
                            9 times, 10 status lists (the smallest that was found), 1 the database cannot be read."
    )]
    Fsck {
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(super) fn run(command: &LogCommand) -> Outcome {
    match command {
        LogCommand::Monitor(args) => monitor::run(args),
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
    }
}

fn tell(report: &Report) {
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

//! `chengxin import …`: CSV files into the register, all rows or none.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::open::Where;
use super::terminal::{Outcome, say, warn};
use crate::registry::import::{Report, Source, blacklist, employers, evidence};

/// What a file holds.
#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// Employers: code or registration, name, division, kind, industry, headcount, registered_on
    Employers(ImportArgs),
    /// Evidence: code or registration, type with its details (docs/import.md), days and document number
    Evidence(ImportArgs),
    /// A published list of arrears: what cannot be tied to one employer goes to `quarantine list`
    Blacklist(ImportArgs),
}

/// Which file into which registry.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// CSV with a heading row, UTF-8 or GB18030; headings in English or Chinese
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    #[command(flatten)]
    registry: Where,
    /// Print one JSON object with every problem
    #[arg(long)]
    json: bool,
}

/// Runs the command. Exit code 1 when a row is bad; nothing was imported then.
pub(super) fn run(command: &ImportCommand) -> Outcome {
    let (ImportCommand::Employers(args) | ImportCommand::Evidence(args) | ImportCommand::Blacklist(args)) =
        command;
    let source = Source::read(&args.file)?;
    let registry = args.registry.open()?;
    let report = match command {
        ImportCommand::Employers(_) => employers::import(&registry, &source)?,
        ImportCommand::Evidence(_) => evidence::import(&registry, &source)?,
        ImportCommand::Blacklist(_) => blacklist::import(&registry, &source)?,
    };
    if args.json {
        say(serde_json::to_string(&report)?);
    } else if report.is_imported() {
        say(summary(command, &report));
    } else {
        refuse(&report);
    }
    Ok(u8::from(!report.is_imported()))
}

fn summary(command: &ImportCommand, report: &Report) -> String {
    let Report {
        file,
        rows,
        added,
        quarantined,
        known,
        ..
    } = report;
    match command {
        ImportCommand::Blacklist(_) => format!(
            "{file}：{rows} 行；{quarantined} 行待工作人员处理（chengxin quarantine list），其中 {added} 行已立案；\
             {known} 行此前已导入。未评级、未签发、未公布任何一行。\n\
             {file}: {rows} rows; {quarantined} need an officer (chengxin quarantine list), for {added} of them a case was \
             opened; {known} were there already. Nothing was graded, signed or served."
        ),
        _ => format!("{file}：{rows} 行全部导入。\n{file}: all {added} rows imported."),
    }
}

fn refuse(report: &Report) {
    for problem in &report.problems {
        warn(problem);
    }
    let count = report.problems.len();
    let problems = if count == 1 { "problem" } else { "problems" };
    warn(format_args!(
        "{file}：{count} 处问题，未导入任何一行。请改正后重新导入。\n\
         {file}: {count} {problems}, nothing was imported. Mend the file and import it again.",
        file = report.file
    ));
}

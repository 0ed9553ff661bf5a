//! `chengxin roster check`: what an upload would find in a roster, before it is uploaded.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::terminal::{Outcome, Usage, say, warn};
use crate::domain::dates;
use crate::domain::roster::{Finding, RosterRules, Severity};
use crate::domain::ruleset::{RuleSet, builtin};
use crate::registry::roster::{Against, Checked, check};
use crate::sheet::{Limits, Worker, write};

/// Findings that a terminal shows.
const SHOWN: usize = 20;

/// What to do with a roster.
#[derive(Debug, Subcommand)]
pub(super) enum RosterCommand {
    /// Check a roster file (XLSX, or CSV in UTF-8 or GB18030); nothing is uploaded or kept
    #[command(
        after_help = "Example: chengxin roster check roster.xlsx --as-of 2025-12-31 --headcount 156\n\n\
                      Exit codes: 0 it can be taken, perhaps with points that an officer will look at; 1 something has to \
                      be mended first; 2 the file cannot be read or is no roster."
    )]
    Check(CheckArgs),
    /// Write the empty roster: headings, drop-downs, columns of text
    #[command(after_help = "Example: chengxin roster template -o roster.xlsx")]
    Template {
        /// Where to; nothing is overwritten
        #[arg(short, long, value_name = "FILE.xlsx")]
        output: PathBuf,
    },
}

/// Which file, held against what.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The file
    file: PathBuf,
    /// The day that the roster speaks of, usually 31 December of the year under review
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: NaiveDate,
    /// How many people the filing says there are
    #[arg(long, value_name = "N")]
    headcount: Option<u32>,
    /// Write every finding to a workbook; nothing is overwritten
    #[arg(long, value_name = "FILE.xlsx")]
    findings: Option<PathBuf>,
    /// Print one JSON object with every finding
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    dates::parse(text).ok_or_else(|| "write it as 2025-12-31".to_owned())
}

/// Runs the command.
pub(super) fn run(command: &RosterCommand) -> Outcome {
    match command {
        RosterCommand::Check(args) => run_check(args),
        RosterCommand::Template { output } => {
            write_new(output, &write::template()?)?;
            say(format_args!("{}", output.display()));
            Ok(0)
        }
    }
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Usage> {
    let fail = |error: std::io::Error| Usage(format!("{}: {error}", path.display()));
    let mut file = File::create_new(path).map_err(fail)?;
    file.write_all(bytes).map_err(fail)
}

fn run_check(args: &CheckArgs) -> Outcome {
    let bytes =
        std::fs::read(&args.file).map_err(|error| Usage(format!("{}: {error}", args.file.display())))?;
    let against = Against {
        rules: rules(args.as_of)?,
        as_of: args.as_of,
        headcount: args.headcount,
    };
    let worker = Worker {
        program: std::env::current_exe()?,
        limits: Limits::STANDARD,
    };
    match check(&worker, &bytes, &against, &mut |_| {}) {
        Ok(checked) => {
            if let Some(path) = &args.findings {
                write_new(path, &write::findings(&checked.findings)?)?;
            }
            if args.json {
                say(object(&checked));
            } else {
                tell(&args.file, &checked);
            }
            Ok(u8::from(!checked.can_be_taken()))
        }
        Err(error) => {
            if args.json {
                say(json!({ "refused": { "zh": error.zh(), "en": error.en() } }));
            } else {
                warn(format_args!("{}\n{}", error.zh(), error.en()));
            }
            Ok(2)
        }
    }
}

/// The rules in force on the roster's day.
fn rules(as_of: NaiveDate) -> Result<RosterRules, Usage> {
    builtin::all()
        .iter()
        .filter(|set| set.in_force_on(as_of))
        .find_map(RuleSet::review)
        .map(|review| review.roster)
        .ok_or_else(|| {
            Usage(format!(
                "no rule set of the annual review was in force on {as_of}"
            ))
        })
}

fn object(checked: &Checked) -> serde_json::Value {
    let findings: Vec<_> = checked
        .findings
        .iter()
        .map(|finding| {
            json!({
                "finding": finding,
                "severity": finding.found.severity(),
                "basis": finding.found.basis(),
                "zh": finding.found.zh(),
                "en": finding.found.en(),
            })
        })
        .collect();
    json!({
        "can_be_taken": checked.can_be_taken(),
        "summary": checked.summary,
        "findings": findings,
    })
}

fn tell(file: &Path, checked: &Checked) {
    let sum = checked.summary;
    let (mend, review): (Vec<&Finding>, Vec<&Finding>) = checked
        .findings
        .iter()
        .partition(|finding| finding.found.severity() == Severity::Mend);
    let (file, people) = (file.display(), sum.present);
    let (women, minors, dispatched) = (sum.women, sum.minors, sum.dispatched);
    let (rows, owed, signed) = (sum.rows, sum.owed, sum.contracts);
    say(format_args!(
        "{file}：{rows}行，在册{people}人（女职工{women}，未成年工{minors}，被派遣{dispatched}），应签书面劳动合同{owed}人，已签{signed}人\n\
         {rows} rows, {people} people present ({women} women, {minors} minors, {dispatched} dispatched), {owed} owed a written contract, {signed} have one",
    ));
    part("必须先修改 / to be mended first", &mend);
    part("由工作人员核实 / an officer will look at", &review);
    if mend.is_empty() {
        say("可以上传 / can be uploaded");
    }
}

fn part(title: &str, findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    say(format_args!("\n{title}（{}）", findings.len()));
    for finding in findings.iter().take(SHOWN) {
        let row = finding
            .row
            .map_or_else(|| "全表".to_owned(), |row| format!("第{row}行"));
        let column = finding.column.map_or("", |column| column.zh());
        let basis = finding
            .found
            .basis()
            .map_or_else(String::new, |basis| format!("（{basis}）"));
        say(format_args!("  {row} {column}：{}{basis}", finding.found.zh()));
    }
    if findings.len() > SHOWN {
        say(format_args!(
            "  ……还有{}项；用 --findings 写入工作簿 / and {} more; --findings writes all",
            findings.len() - SHOWN,
            findings.len() - SHOWN
        ));
    }
}

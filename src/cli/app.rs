//! The subcommands and how they are dispatched.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use super::errors::both;
use super::help::told;
use super::terminal::{Outcome, exit_code, warn};
use super::{
    account, backup, bench, dump, export, grade, import, init, keys, log, partner, publish, quarantine,
    roster, serve, snapshot, verify, withdraw, witness, year,
};
use crate::sheet;

/// 诚信:用人单位劳动保障信用登记 — reviews, grades and lists employers, and signs every published
/// rating so that anyone can verify it offline.
#[derive(Debug, Parser)]
#[command(name = "chengxin", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  chengxin demo                                   a city's year, then serve it on 127.0.0.1:8080
  chengxin export bundle --code CODE -o b.json    one employer's record with all its proofs
  chengxin verify b.json --trust chengxin-data/trust
  chengxin init --data DIR --host registry.example --authority authorities.csv --admin 张三

Exit codes: 0 done (for verify: every check holds), 1 failed (for verify: a check fails),
2 wrong usage (a bad value, a file or registry that is not there) or unusable input,
3 (verify) undecided. log fsck and log monitor have more; see their help.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a city of employers, run its year, and serve it
    Demo(year::DemoArgs),
    /// Make an empty registry for a real bureau
    Init(init::InitArgs),
    /// Bring the database's tables to this version
    Migrate(init::MigrateArgs),
    /// Keys, key documents and their ceremony, the trust folder
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Read CSV files into the register: all rows or none
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Imported rows that need an officer
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Serve pages, API and log
    Serve(serve::ServeArgs),
    /// Publish an approved batch, or finish an interrupted one
    Publish(publish::PublishArgs),
    /// Write bundles, records or the log to files
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Make the dumps that partners and the public fetch, now; `serve` does it daily
    Dump(dump::DumpArgs),
    /// Verify a bundle, a bulk file, a record or a folder, offline
    Verify(verify::VerifyArgs),
    /// Snapshots: what each audience can see, signed; statements are answered from them
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotCommand),
    /// Check the log, catch up from a mirror of it, or watch somebody else's
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Grades and why they are what they are
    #[command(subcommand)]
    Grade(grade::GradeCommand),
    /// Rosters, before they are uploaded
    #[command(subcommand)]
    Roster(roster::RosterCommand),
    /// Accounts
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Measure speed against its limit
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Partners and their API keys
    #[command(subcommand)]
    Partner(partner::PartnerCommand),
    /// Write all of a registry to one file, while it publishes
    Backup(backup::BackupArgs),
    /// Make a registry from a backup on a machine that has none, and check everything
    #[command(
        after_help = "Exit codes: those of `chengxin log fsck`, which runs over what was restored; 1 nothing was restored."
    )]
    Restore(backup::RestoreArgs),
    /// Records whose display ends, and by when
    #[command(subcommand)]
    Withdraw(withdraw::WithdrawCommand),
    /// Withdrawn records, kept sealed
    #[command(subcommand)]
    Archive(withdraw::ArchiveCommand),
    /// Be a witness of a registry's log, on a machine of your own
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
    /// Read a table from standard input within limits: what the program starts for an uploaded file
    #[command(name = sheet::worker::SUBCOMMAND, hide = true)]
    ReadSheet,
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let matches = told(Cli::command()).get_matches();
    let command = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.command,
        Err(error) => error.exit(),
    };
    match dispatch(command) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            warn(format_args!("错误 / error: {}", both(&error.to_string())));
            ExitCode::from(exit_code(error.as_ref()))
        }
    }
}

fn dispatch(command: Command) -> Outcome {
    match command {
        Command::Demo(args) => year::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Migrate(args) => init::migrate(&args),
        Command::Keys(command) => keys::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Quarantine(command) => quarantine::run(&command),
        Command::Publish(args) => publish::run(&args),
        Command::Export(command) => export::run(&command),
        Command::Dump(args) => dump::run(&args),
        Command::Verify(args) => {
            let mut out = BufWriter::new(io::stdout().lock());
            let code = verify::run(&args, &mut out)?;
            out.flush()?;
            Ok(code)
        }
        Command::Grade(command) => grade::run(&command),
        Command::Roster(command) => roster::run(&command),
        Command::Account(command) => account::run(&command),
        Command::Bench(command) => bench::run(&command),
        Command::Log(command) => log::run(&command),
        Command::Snapshot(command) => snapshot::run(&command),
        Command::Partner(command) => partner::run(&command),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => backup::restore(&args),
        Command::Withdraw(command) => withdraw::run(&command),
        Command::Archive(command) => withdraw::archive(&command),
        Command::Witness(command) => witness::run(&command),
        Command::ReadSheet => {
            sheet::worker::run(&sheet::Limits::STANDARD)?;
            Ok(0)
        }
    }
}

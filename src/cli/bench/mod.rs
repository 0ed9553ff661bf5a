//! `chengxin bench …`: a piece of work and its limit, measured in one run of one process.
//!
//! The machines are shared and noisy, so only the ratio of the two means anything. The limit is measured
//! before and after the work and averaged, so that a drift of the machine's speed touches both.

mod ceiling;
mod measure;
mod publish;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::terminal::{Outcome, say};

/// What to measure.
#[derive(Debug, Subcommand)]
pub(super) enum BenchCommand {
    /// Publish records: canonicalise, hash, sign, log with tiles, store, read back; against pure signing
    Publish(PublishArgs),
    /// Verify a bulk file offline; against pure signature verification
    Verify(VerifyArgs),
}

/// Arguments of `bench publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// Records
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// Empty PostgreSQL database to publish into, instead of an SQLite file in a temporary folder
    #[arg(long, value_name = "URL", value_parser = super::open::database_url)]
    database_url: Option<String>,
    /// Where the temporary folder is made
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Arguments of `bench verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// Records
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// Check signatures many at once
    #[arg(long)]
    batch: bool,
    /// Where the temporary folder is made
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    /// What was done.
    work: &'static str,
    /// Against what.
    limit: &'static str,
    /// The work's rate over the limit's.
    ratio: f64,
    /// Records.
    count: u64,
    /// Wall time of the work.
    seconds: f64,
    /// Processor time of the work, all threads.
    cpu_seconds: f64,
    /// Operations a second of the limit.
    limit_per_second: f64,
    /// Records a second of the work.
    rate_per_second: f64,
    /// The work's rate over that of pure signing, where that is not the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_ratio: Option<f64>,
    /// The largest memory of the process so far.
    peak_rss_bytes: u64,
}

/// Runs the command.
pub(super) fn run(command: &BenchCommand) -> Outcome {
    let (measured, json) = match command {
        BenchCommand::Publish(args) => (publish::run(args)?, args.json),
        BenchCommand::Verify(args) => (verify::run(args)?, args.json),
    };
    if json {
        say(serde_json::to_string(&measured)?);
    } else {
        say(format_args!(
            "{}: {} in {:.2} s ({:.0}/s), {:.2} CPU s",
            measured.work, measured.count, measured.seconds, measured.rate_per_second, measured.cpu_seconds
        ));
        say(format_args!(
            "limit, {}: {:.0}/s",
            measured.limit, measured.limit_per_second
        ));
        say(format_args!(
            "ratio {:.3}, peak memory {} MiB",
            measured.ratio,
            measured.peak_rss_bytes >> 20
        ));
        if let Some(ratio) = measured.signing_ratio {
            say(format_args!("ratio to pure signing {ratio:.3}"));
        }
    }
    Ok(0)
}

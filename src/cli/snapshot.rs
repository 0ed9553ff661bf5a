//! `chengxin snapshot {take, note}`.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;

use super::open::Where;
use super::publish::{stops, tell_standing};
use super::terminal::{Outcome, say};
use crate::registry::snapshot::{self, rebuild};

/// What to do about snapshots.
#[derive(Debug, Subcommand)]
pub(super) enum SnapshotCommand {
    /// Take a snapshot of what each audience can see now, sign and log it
    Take {
        #[command(flatten)]
        registry: Where,
    },
    /// Rebuild the newest snapshots from the log's bodies and status lists and compare
    Check {
        #[command(flatten)]
        registry: Where,
    },
    /// Hand out a monitor's signed note with every statement from the snapshot that it is about
    Note {
        /// The note
        file: PathBuf,
        #[command(flatten)]
        registry: Where,
    },
}

/// Runs the command.
pub(super) fn run(command: &SnapshotCommand) -> Outcome {
    match command {
        SnapshotCommand::Take { registry } => {
            let registry = registry.open()?;
            for taken in snapshot::take(&registry, stops().as_ref())? {
                say(format_args!(
                    "{}: 日志 / log 0..{}, {} 家单位有现行记录 / employers with current records, 位置 / at index {}",
                    taken.audience.as_str(),
                    taken.log_size,
                    taken.employers,
                    taken.log_index
                ));
            }
            tell_standing(&registry)?;
            Ok(0)
        }
        SnapshotCommand::Check { registry } => {
            let registry = registry.open()?;
            let mut code = 0;
            for audience in snapshot::AUDIENCES {
                let differing = rebuild::check_newest(&registry, audience)?;
                let word = if differing.is_empty() {
                    "✔ 一致 / equal".to_owned()
                } else {
                    code = 1;
                    format!("✘ 不一致 / differs in {}", differing.join(", "))
                };
                say(format_args!("{}: {word}", audience.as_str()));
            }
            Ok(code)
        }
        SnapshotCommand::Note { file, registry } => {
            let note = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let keys = snapshot::statement::keep_note(&registry.open()?, &note)?;
            say(format_args!("已收下 / kept: {}", keys.join(", ")));
            Ok(0)
        }
    }
}

//! `chengxin dump`: makes the dumps that partners and the public fetch, now.

use clap::Args;

use super::open::Where;
use super::publish::{stops, tell_standing};
use super::terminal::{Outcome, say};
use crate::registry::dump;

/// Arguments of `dump`.
#[derive(Debug, Args)]
pub(super) struct DumpArgs {
    #[command(flatten)]
    registry: Where,
    /// Print the manifests as JSON, one a line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &DumpArgs) -> Outcome {
    let registry = args.registry.open()?;
    for made in dump::build(&registry, true, stops().as_ref())? {
        if args.json {
            say(made.text()?.trim_end());
            continue;
        }
        say(format_args!(
            "{}: {} 条现行记录 / current records, 日志 / log 0..{}, {}",
            made.audience, made.records, made.log_size, made.id
        ));
        for file in &made.files {
            say(format_args!(
                "  {} {} bytes  sha256 {}",
                file.name, file.size, file.sha256
            ));
        }
    }
    if !args.json {
        tell_standing(&registry)?;
    }
    Ok(0)
}

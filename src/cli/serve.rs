//! `chengxin serve`.

use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, say, warn};
use crate::registry::{Registry, check};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    registry: Where,
    /// Address to listen on; port 0 takes a free one, and the address is printed
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
}

/// Runs the command.
pub(super) fn run(args: &ServeArgs) -> Outcome {
    serve(args.registry.open()?, &args.listen)
}

/// Serves a registry until it is told to stop.
pub(super) fn serve(registry: Registry, listen: &str) -> Outcome {
    let found = check::at_start(&registry)?;
    if found.unfinished > 0 {
        warn(format_args!("{} 条已存储而未签名,运行 chengxin publish / entries await a signed head", found.unfinished));
    }
    say(format_args!("(web to come) {listen}"));
    Ok(0)
}

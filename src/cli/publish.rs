//! `chengxin publish`: finishes what was interrupted. Publication itself is begun by an officer.

use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, bar, say};
use crate::registry::publish::{NoStops, Step, Stops};
use crate::registry::release;

/// Arguments of `publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    #[command(flatten)]
    registry: Where,
    /// Print the named steps of the publication story and stop
    #[arg(long)]
    steps: bool,
}

/// Where this process is to stop: nowhere, but in a test build.
pub(super) fn stops() -> Box<dyn Stops> {
    #[cfg(feature = "failpoints")]
    if let Some(stop) = crate::registry::publish::StopAt::from_environment() {
        return Box::new(stop);
    }
    Box::new(NoStops)
}

/// Runs the command.
pub(super) fn run(args: &PublishArgs) -> Outcome {
    if args.steps {
        Step::ALL.iter().for_each(|step| say(step.name()));
        return Ok(0);
    }
    let registry = args.registry.open()?;
    let bar = bar(0, "发布 / publishing");
    let finished = release::finish_interrupted(&registry, stops().as_ref(), &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    match finished.len() {
        0 => say("没有中断的批次 / no interrupted batch"),
        count => say(format_args!(
            "已完成 {count} 个中断的批次 / finished {count} interrupted batches"
        )),
    }
    Ok(0)
}

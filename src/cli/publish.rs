//! `chengxin publish`: finishes what was interrupted. Publication itself is begun by an officer.

use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, bar, say};
use crate::registry::publish::{NoStops, Step, Stops};
use crate::registry::witness::{self, Standing};
use crate::registry::{Registry, release};
use crate::store::StoreError;

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
    tell_standing(&registry)?;
    Ok(0)
}

/// Says what still awaits witnesses, and what happens next.
pub(super) fn tell_standing(registry: &Registry) -> Result<(), StoreError> {
    if let Standing::AwaitingWitnesses(size) = witness::standing(&mut *registry.store.conn()?)? {
        say(format_args!(
            "等待见证人:前 {size} 条已签名并载入日志,达到见证法定数后读者可见。chengxin serve 会自动重试;也可稍后再运行 chengxin publish / \
             awaiting witnesses: {size} entries are signed and logged, and readers see them once a quorum of witnesses has cosigned. \
             chengxin serve tries again by itself, or run chengxin publish later"
        ));
    }
    Ok(())
}

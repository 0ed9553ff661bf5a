//! `chengxin publish`: finishes what was interrupted and shows status changes that wait. Publication
//! itself is begun by an officer.

use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, bar, say};
use crate::registry::publish::{NoStops, Step, Stops};
use crate::registry::snapshot::{self, SnapshotError};
use crate::registry::witness::{self, Standing};
use crate::registry::{Registry, change, freshness, release};
use crate::store::StoreError;

/// Arguments of `publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    #[command(flatten)]
    registry: Where,
    /// Publish also the partner-only records of changes that wait for the day's end
    #[arg(long)]
    waiting: bool,
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
    // One object, so that a test's n-th step is counted over both.
    let stops = stops();
    let bar = bar(0, "发布 / publishing");
    let finished = release::finish_interrupted(&registry, stops.as_ref(), &|done, total| {
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
    let until = match args.waiting {
        // No record waits longer than a day.
        true => registry.clock.now().naive_utc() + chrono::TimeDelta::days(2),
        false => registry.clock.now().naive_utc(),
    };
    let waited = change::publish_due(&registry, stops.as_ref(), until)?;
    if waited > 0 {
        say(format_args!(
            "已发布 {waited} 条等待日终的记录 / published {waited} records that waited for the day's end"
        ));
    }
    let shown = freshness::sequence(&registry, stops.as_ref())?;
    if shown.changes > 0 {
        say(format_args!(
            "已公布 {0} 项状态变更 / published {0} changes of status",
            shown.changes
        ));
    }
    snapshot_withdrawals(&registry, stops.as_ref())?;
    tell_standing(&registry)?;
    Ok(0)
}

/// Takes a snapshot after a withdrawal: the newest must not count what is gone. A server does it by itself.
pub(super) fn snapshot_withdrawals(registry: &Registry, stops: &dyn Stops) -> Result<(), SnapshotError> {
    if !snapshot::counts_withdrawn(registry)? {
        return Ok(());
    }
    match snapshot::take(registry, stops) {
        // Said with the rest of what awaits witnesses.
        Ok(_) | Err(SnapshotError::Awaiting(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Says what still awaits witnesses, and what happens next.
pub(super) fn tell_standing(registry: &Registry) -> Result<(), StoreError> {
    if let Standing::AwaitingWitnesses(size) = witness::standing(&mut *registry.store.conn()?)? {
        say(format_args!(
            "等待见证人：前 {size} 条已签名并载入日志，达到见证法定数后读者可见。chengxin serve 会自动重试；也可稍后再运行 chengxin publish / \
             awaiting witnesses: {size} entries are signed and logged, and readers see them once a quorum of witnesses has cosigned. \
             chengxin serve tries again by itself, or run chengxin publish later"
        ));
    }
    Ok(())
}

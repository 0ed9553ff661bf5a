//! `chengxin publish`: finishes what was interrupted and shows status changes that wait. Publication
//! itself is begun by an officer.

use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, bar, say};
use crate::registry::publish::{NoStops, Step, Stops};
use crate::registry::release::{self, Finished};
use crate::registry::snapshot::{self, SnapshotError};
use crate::registry::witness::{self, Standing};
use crate::registry::{Registry, change, freshness};
use crate::store::StoreError;
use crate::store::log::checkpoint;

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
    tell_finished(&finished);
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

fn tell_finished(finished: &Finished) {
    for row in &finished.batches {
        say(format_args!(
            "已完成中断的批次 {0}：共 {1} 条记录 / finished the interrupted batch {0}: {1} records ({2})",
            row.title, row.size, row.id
        ));
    }
    if finished.signed > 0 {
        say(format_args!(
            "此前已存储而未签名的 {0} 条现已签名载入日志 / {0} entries were stored and not yet signed; they are now",
            finished.signed
        ));
    }
    if *finished == Finished::default() {
        say("没有中断的批次 / no interrupted batch");
    }
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
    let mut conn = registry.store.conn()?;
    if let Standing::AwaitingWitnesses(size) = witness::standing(&mut conn)? {
        let seen = checkpoint::served_size(&mut conn)?;
        let (have, all) = registry
            .witnesses
            .as_deref()
            .map_or((0, 0), |witnesses| witnesses.cosigned(size));
        say(format_args!(
            "! 等待见证：前 {size} 条已签名并载入日志，读者目前只见前 {seen} 条；{all} 名见证人中 {have} 名已签，未达法定数。\
             chengxin serve 会自动重试；也可稍后再运行 chengxin publish / \
             awaiting witnesses: {size} entries are signed and logged, readers see the first {seen} of them; {have} of {all} witnesses \
             have cosigned, which is no quorum. chengxin serve tries again by itself, or run chengxin publish later"
        ));
    }
    Ok(())
}

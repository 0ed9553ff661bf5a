//! `chengxin serve`.

use std::io::IsTerminal as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, say, warn};
use crate::registry::batch::BatchError;
use crate::registry::init::InitError;
use crate::registry::keys::KeysError;
use crate::registry::publish::{self, NoStops, PublishError, Sequenced};
use crate::registry::snapshot::SnapshotError;
use crate::registry::witness::{self, Keeper, Standing};
use crate::registry::{Registry, change, check, dump, freshness, release, snapshot, withdrawal};
use crate::store::batch;
use crate::web::server::{self, Options};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    registry: Where,
    /// Address to listen on; port 0 takes a free one, and the address is printed
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = super::open::listen)]
    listen: String,
    /// Believe the proxy in front about X-Forwarded-Proto and X-Forwarded-For
    #[arg(long)]
    trusted_proxy: bool,
}

/// Runs the command.
pub(super) fn run(args: &ServeArgs) -> Outcome {
    let options = Options {
        listen: args.listen.clone(),
        trusted_proxy: args.trusted_proxy,
    };
    with(args.registry.open()?, &options)
}

/// Serves a registry until it is told to stop.
pub(super) fn serve(registry: Registry, listen: &str) -> Outcome {
    let options = Options {
        listen: listen.to_owned(),
        trusted_proxy: false,
    };
    with(registry, &options)
}

fn with(registry: Registry, options: &Options) -> Outcome {
    log_to_stderr();
    open_keys(&registry)?;
    say_what_the_foot_lacks(&registry);
    let found = check::at_start(&registry)?;
    if found.unfinished > 0 {
        warn(format_args!(
            "{} 条已存储而未签名，运行 chengxin publish / entries await a signed head",
            found.unfinished
        ));
    }
    if let Standing::AwaitingWitnesses(size) = witness::at_start(&registry)? {
        warn(format_args!(
            "日志前 {size} 条等待见证人联署，读者暂见较早的日志头；将自动重试 / {size} entries await witnesses; readers see an earlier head, and it is tried again by itself"
        ));
    }
    let keeper = Keeper::start(&registry)?;
    let (stop, stopped) = channel::<()>();
    let refresher = registry.data.is_some().then(|| {
        let registry = registry.clone();
        thread::spawn(move || keep_lists_young(&registry, &stopped))
    });
    // Apart from the lists: a dump of a million records takes minutes, and a revocation must not wait for it.
    let (stop_dumps, dumps_stopped) = channel::<()>();
    let dumper = registry.data.is_some().then(|| {
        let registry = registry.clone();
        thread::spawn(move || keep_dumps_new(&registry, &dumps_stopped))
    });
    let served = server::run(registry, options, |addresses| {
        for address in addresses {
            say(format_args!("正在提供服务 / serving on http://{address}"));
        }
    });
    drop(stop);
    drop(keeper);
    drop(stop_dumps);
    if let Some(dumper) = dumper
        && dumper.join().is_err()
    {
        tracing::error!("the thread that makes dumps had died");
    }
    if let Some(refresher) = refresher
        && refresher.join().is_err()
    {
        tracing::error!("the thread that refreshes status lists had died");
    }
    served?;
    Ok(0)
}

/// Opens the keys now, while somebody may be there to type a passphrase, and says which are unprotected.
fn open_keys(registry: &Registry) -> Result<(), KeysError> {
    if registry.data.is_none() {
        return Ok(());
    }
    let keys = registry.keys()?;
    keys.log()?;
    keys.issuers()?;
    if keys.protect_archive(registry.random.as_ref())? {
        tracing::info!(
            "keys/archive.key is encrypted from now on, with the passphrase of the other keys: renew its backup"
        );
    }
    for path in keys.unencrypted()?.into_iter().chain(keys.plain_archive()?) {
        warn(format_args!(
            "私钥未加密，仅供演示 / unencrypted private key, for a demonstration only: {} (chengxin keys passphrase)",
            path.display()
        ));
    }
    Ok(())
}

/// Says which settings the foot of the pages lacks: what is not set is not shown.
fn say_what_the_foot_lacks(registry: &Registry) {
    let (Some(data), missing) = (&registry.data, registry.site.missing()) else {
        return;
    };
    if !missing.is_empty() {
        let (missing, path) = (missing.join(", "), data.settings());
        warn(format_args!(
            "网站页脚没有主办单位、备案号、电话或地址：请在 {0} 的 [site] 中填写 {missing} / the foot of the pages lacks these: set {missing} under [site] in {0}",
            path.display()
        ));
    }
}

/// Says once a day that the key document ends soon and its holders must meet.
fn remind(registry: &Registry, last: &mut Option<DateTime<Utc>>) {
    let now = registry.clock.now();
    if last.is_some_and(|last| now - last < TimeDelta::days(1)) {
        return;
    }
    match freshness::ceremony_due(registry) {
        Ok(None) => {}
        Ok(Some(end)) => {
            *last = Some(now);
            tracing::warn!(%end, "the key document ends soon and the root keys are offline: hold the ceremony of keys/README.md, or verifiers will call everything stale");
        }
        Err(error) => tracing::error!(%error, "it cannot be said when the key document ends"),
    }
}

/// How often it is looked whether a change of status waits.
const SECONDS: u64 = 5;
/// How many of those looks make a minute.
const LOOKS: u64 = 60 / SECONDS;

/// Looks every few seconds, until the sender is gone, whether a change of status waits; and every minute
/// whether a batch was left half published (nothing else is served before it is finished) and whether
/// lists, snapshots or the day's audit digest are due.
fn keep_lists_young(registry: &Registry, stopped: &Receiver<()>) {
    let mut look = 0_u64;
    let mut reminded = None;
    loop {
        if look.is_multiple_of(LOOKS) {
            remind(registry, &mut reminded);
            every_minute(registry);
        }
        match freshness::sequence(registry, &NoStops) {
            Ok(Sequenced { changes: 0, .. }) => {}
            Ok(done) => tracing::info!(
                changes = done.changes,
                versions = done.versions,
                "status lists show new changes"
            ),
            Err(error) => tracing::error!(%error, "changes of status wait on; next attempt in seconds"),
        }
        look = look.wrapping_add(1);
        if stopped.recv_timeout(Duration::from_secs(SECONDS)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn every_minute(registry: &Registry) {
    match finish_interrupted(registry) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "interrupted batches were finished"),
        Err(error) => {
            tracing::error!(%error, "an interrupted batch was not finished; next attempt in a minute");
        }
    }
    let now = registry.clock.now().naive_utc();
    match change::publish_due(registry, &NoStops, now) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "records that waited for the day's end were published"),
        Err(error) => {
            tracing::error!(%error, "records wait on for the day's end; next attempt in a minute");
        }
    }
    match withdrawal::expire(registry, &NoStops) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "listings whose term has run were withdrawn"),
        Err(error) => {
            tracing::error!(%error, "listings whose term has run are still shown; next attempt in a minute");
        }
    }
    match refresh_when_due(registry) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "status lists were signed anew"),
        Err(error) => {
            tracing::error!(%error, "status lists were not signed anew; next attempt in a minute");
        }
    }
    match snapshot_when_due(registry) {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "snapshots were taken"),
        Err(error @ SnapshotError::Awaiting(_)) => tracing::info!(%error, "the snapshot waits"),
        Err(error) => tracing::error!(%error, "no snapshot was taken; next attempt in a minute"),
    }
    match log_audit_when_due(registry) {
        Ok(None) => {}
        Ok(Some(index)) => tracing::info!(index, "the day's audit digest was logged"),
        Err(error) => {
            tracing::error!(%error, "the day's audit digest was not logged; next attempt in a minute");
        }
    }
}

/// Looks every few seconds, until the sender is gone, whether a dump is due: daily, and after a withdrawal.
fn keep_dumps_new(registry: &Registry, stopped: &Receiver<()>) {
    let watch = dump::Watch::default();
    loop {
        let made = match dump::is_due(registry, &watch) {
            Ok(true) => dump::build(registry, false, &NoStops).map(|made| made.len()),
            Ok(false) => Ok(0),
            Err(error) => Err(error),
        };
        let pause = match made {
            Ok(0) => 5,
            Ok(count) => {
                tracing::info!(count, "dumps were made");
                5
            }
            Err(error) if error.awaits_witnesses() => {
                tracing::info!(%error, "the dump waits; none is handed out meanwhile");
                30
            }
            Err(error) => {
                tracing::warn!(%error, "no dump was made; next attempt in half a minute");
                30
            }
        };
        if stopped.recv_timeout(Duration::from_secs(pause)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn finish_interrupted(registry: &Registry) -> Result<usize, BatchError> {
    let left = batch::all(&mut *registry.store.conn()?)?
        .iter()
        .any(|row| row.state == "publishing");
    if left {
        Ok(release::finish_interrupted(registry, &NoStops, &|_, _| ())?
            .batches
            .len())
    } else {
        Ok(0)
    }
}

fn refresh_when_due(registry: &Registry) -> Result<usize, InitError> {
    if freshness::is_due(registry)? {
        Ok(freshness::refresh(registry, &NoStops)?.lists)
    } else {
        Ok(0)
    }
}

fn snapshot_when_due(registry: &Registry) -> Result<usize, SnapshotError> {
    if snapshot::is_due(registry)? {
        Ok(snapshot::take(registry, &NoStops)?.len())
    } else {
        Ok(0)
    }
}

/// Once a day, UTC.
fn log_audit_when_due(registry: &Registry) -> Result<Option<u64>, PublishError> {
    if publish::audit_is_due(registry)? {
        publish::publish_audit(registry, &NoStops).map(Some)
    } else {
        Ok(None)
    }
}

/// Logs to standard error; `RUST_LOG` says what, by default warnings.
pub(super) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,chengxin=info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .finish();
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        warn("日志已由他处设定 / logging was set up already");
    }
}

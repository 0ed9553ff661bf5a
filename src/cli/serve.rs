//! `chengxin serve`.

use std::io::IsTerminal as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use clap::Args;

use super::open::Where;
use super::terminal::{Outcome, say, warn};
use crate::registry::batch::BatchError;
use crate::registry::init::InitError;
use crate::registry::publish::{self, NoStops, PublishError};
use crate::registry::snapshot::SnapshotError;
use crate::registry::{Registry, check, dump, freshness, release, snapshot};
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
    let found = check::at_start(&registry)?;
    if found.unfinished > 0 {
        warn(format_args!(
            "{} 条已存储而未签名,运行 chengxin publish / entries await a signed head",
            found.unfinished
        ));
    }
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

/// Looks every minute, until the sender is gone, whether a batch was left half published (nothing else is
/// served before it is finished), whether lists are due, and whether the day's audit digest is.
fn keep_lists_young(registry: &Registry, stopped: &Receiver<()>) {
    loop {
        match finish_interrupted(registry) {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "interrupted batches were finished"),
            Err(error) => {
                tracing::error!(%error, "an interrupted batch was not finished; next attempt in a minute")
            }
        }
        match refresh_when_due(registry) {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "status lists were signed anew"),
            Err(error) => {
                tracing::error!(%error, "status lists were not signed anew; next attempt in a minute")
            }
        }
        match log_audit_when_due(registry) {
            Ok(None) => {}
            Ok(Some(index)) => tracing::info!(index, "the day's audit digest was logged"),
            Err(error) => {
                tracing::error!(%error, "the day's audit digest was not logged; next attempt in a minute")
            }
        }
        match snapshot_when_due(registry) {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "snapshots were taken"),
            Err(error) => tracing::error!(%error, "no snapshot was taken; next attempt in a minute"),
        }
        if stopped.recv_timeout(Duration::from_secs(60)) != Err(RecvTimeoutError::Timeout) {
            return;
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
        Ok(release::finish_interrupted(registry, &NoStops, &|_, _| ())?.len())
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

/// Once a day, UTC.
fn log_audit_when_due(registry: &Registry) -> Result<Option<u64>, PublishError> {
    if publish::audit_is_due(registry)? {
        publish::publish_audit(registry, &NoStops).map(Some)
    } else {
        Ok(None)
    }
}

fn snapshot_when_due(registry: &Registry) -> Result<usize, SnapshotError> {
    if snapshot::is_due(registry)? {
        Ok(snapshot::take(registry, &NoStops)?.len())
    } else {
        Ok(0)
    }
}

/// Logs to standard error; `RUST_LOG` says what, by default warnings.
fn log_to_stderr() {
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

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
use crate::registry::publish::{self, NoStops, PublishError, Sequenced};
use crate::registry::{Registry, change, check, freshness, release, withdrawal};
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
    let served = server::run(registry, options, |addresses| {
        for address in addresses {
            say(format_args!("正在提供服务 / serving on http://{address}"));
        }
    });
    drop(stop);
    if let Some(refresher) = refresher
        && refresher.join().is_err()
    {
        tracing::error!("the thread that refreshes status lists had died");
    }
    served?;
    Ok(0)
}

/// How often it is looked whether a change of status waits.
const SECONDS: u64 = 5;
/// How many of those looks make a minute.
const LOOKS: u64 = 60 / SECONDS;

/// Looks every few seconds, until the sender is gone, whether a change of status waits; and every minute
/// whether a batch was left half published (nothing else is served before it is finished) and whether
/// lists are due, and whether the day's audit digest is.
fn keep_lists_young(registry: &Registry, stopped: &Receiver<()>) {
    let mut look = 0_u64;
    loop {
        if look.is_multiple_of(LOOKS) {
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
    match log_audit_when_due(registry) {
        Ok(None) => {}
        Ok(Some(index)) => tracing::info!(index, "the day's audit digest was logged"),
        Err(error) => {
            tracing::error!(%error, "the day's audit digest was not logged; next attempt in a minute");
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

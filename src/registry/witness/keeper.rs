//! The server's thread that deals with witnesses: catches up after an outage and has idle heads cosigned
//! again, so that bundles can prove how late something was not yet there.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::registry::Registry;
use crate::store::StoreError;
use crate::store::log::cosigned;

use super::settle::{Standing, settle, standing};

/// The thread; it ends when this is dropped.
pub struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts it for a registry whose policy demands witnesses; nothing to do for another.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(registry: &Registry) -> std::io::Result<Option<Self>> {
        if registry.witnesses.is_none() {
            return Ok(None);
        }
        let registry = registry.clone();
        let (stop, stopped) = channel();
        let thread = thread::Builder::new()
            .name("witnesses".into())
            .spawn(move || keep(&registry, &stopped))?;
        Ok(Some(Self {
            stop: Some(stop),
            thread: Some(thread),
        }))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that deals with witnesses had died");
        }
    }
}

fn keep(registry: &Registry, stopped: &Receiver<()>) {
    let Some(witnesses) = &registry.witnesses else {
        return;
    };
    loop {
        match due(registry) {
            Ok(false) => {}
            Ok(true) => {
                if let Err(error) = settle(registry) {
                    tracing::error!(%error, "ALARM: the witnesses contradict this database");
                }
            }
            Err(error) => tracing::error!(%error, "what awaits witnesses cannot be read; next attempt soon"),
        }
        if stopped.recv_timeout(witnesses.times.retry()) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Whether a head awaits witnesses, or the newest was cosigned too long ago.
fn due(registry: &Registry) -> Result<bool, StoreError> {
    let Some(witnesses) = &registry.witnesses else {
        return Ok(false);
    };
    let mut conn = registry.store.conn()?;
    if standing(&mut conn)? != Standing::Served {
        return Ok(true);
    }
    let newest = cosigned::newest(&mut conn)?;
    let now = registry.clock.now();
    Ok(newest.is_none_or(|row| now - row.last_at.and_utc() >= witnesses.times.recosign()))
}

//! A monitor of somebody else's registry (records.md §3, §6): it looks from outside, over HTTP, at everything
//! that the registry has logged, keeps a mirror of it, and says what it finds that may not be.
//!
//! | file | what |
//! |---|---|
//! | `fetch.rs` | GET with bounds on time, size and kindness |
//! | `mirror.rs`, `segment.rs` | the folder: C2SP tlog-tiles layout, bodies apart |
//! | `state.rs` | what it remembers between rounds; written last |
//! | `alarm.rs`, `report.rs` | kinds of alarm, their exit codes and evidence; what a round came to |
//! | `presence.rs`, `recheck.rs` | whether the mirror is still what was written: in every round, and whole |
//! | `round.rs` | one round, step by step |
//! | `head.rs`, `grow.rs` | the signed head, and that the tree only grows |
//! | `succession.rs` | the log that goes on after a stolen log key |
//! | `feed.rs`, `bodies.rs`, `judge.rs` | bodies of the entries: fetched, held against them, judged |
//! | `lists.rs`, `erase.rs`, `late.rs` | status lists' versions, withdrawals, what was missing before |
//! | `served.rs` | whether what the server hands out now is as new as what it logged |
//! | `snapshots.rs` | snapshots rebuilt over the mirror, and vouched for |
//!
//! It trusts a trust folder and nothing that the server says. It refuses to follow redirects, to read more
//! than a bound, to go on from a folder that another monitor uses, and to forget: an alarm that is proved
//! stands until somebody takes its file away.

mod alarm;
mod bodies;
mod erase;
mod feed;
mod fetch;
mod grow;
mod head;
mod judge;
mod late;
mod lists;
mod mirror;
mod presence;
mod recheck;
mod report;
mod round;
mod segment;
mod served;
mod snapshots;
mod state;
mod succession;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use zeroize::Zeroizing;

use crate::record::signer::Signer;
use crate::verify::Trust;

pub use alarm::{Alarm, Kind};
pub use fetch::{Address, AddressError};
pub use mirror::Mirror;
pub use report::{Rebuilt, Report};
pub use round::run;

/// What a monitor is told.
pub struct Settings<'s> {
    /// Where the registry is.
    pub address: Address,
    /// By whom it is judged.
    pub trust: &'s Trust,
    /// A partner's key: with it partners' bodies are looked at too.
    pub partner: Option<Zeroizing<String>>,
    /// Signs, under its own name, what was rebuilt.
    pub voucher: Option<&'s dyn Signer>,
    /// When the whole mirror is checked again.
    pub recheck: Recheck,
    /// How old the newest head, status lists and key document may be.
    pub max_age: TimeDelta,
    /// How long one round may take.
    pub longest: std::time::Duration,
    /// Most entries by which the log may grow from one round to the next.
    pub most: u64,
}

/// When a round checks the whole mirror again, and not only that its files are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recheck {
    /// Once a day.
    Daily,
    /// Also now, as the monitor has just started, where the mirror is not large.
    AtStart,
    /// Now.
    Always,
}

/// Most entries by which a log may grow between two rounds unless told otherwise: 64 million fill 8 GB.
pub const MOST: u64 = 1 << 26;

/// Tells the time, UTC.
pub type Now<'n> = &'n dyn Fn() -> DateTime<Utc>;

/// Why the monitor itself cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the mirror is not what was written.
    #[error("{0}: {1}; the mirror is damaged: keep its alarms, and begin again in another folder")]
    Damaged(PathBuf, String),
    /// Another monitor is at work in the folder.
    #[error("another monitor uses {0}")]
    Busy(PathBuf),
    /// The folder was begun with a partner's key, and now there is none, or the reverse.
    #[error("{0} was begun {1} a partner's key: go on so, or use another folder")]
    OtherView(PathBuf, &'static str),
    /// The trust folder's time is over.
    #[error("the trust folder has expired ({0}): ask the registry for a new one")]
    TrustExpired(DateTime<Utc>),
    /// What was rebuilt could not be signed.
    #[error("the monitor's key: {0}")]
    Key(String),
}

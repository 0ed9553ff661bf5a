//! A witness of other people's logs (C2SP tlog-witness 1.0): a bank or another authority runs it on a
//! machine of its own. It remembers one tree per log and signs, with the time, that a new one extends it.
//!
//! | file | what |
//! |---|---|
//! | `key.rs` | the key file: a name and an Ed25519 private key |
//! | `state.rs` | the newest cosigned tree of each log, durable before any answer |
//! | `server.rs` | HTTP |
//!
//! It needs no registry and knows nothing of records. It refuses to cosign what its state does not allow,
//! to run on a state that is gone, and to share a state with another process.

mod key;
mod server;
mod state;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::log::cosignature::cosign;
use crate::log::key::{KeyKind, VerifierKey};
use crate::log::witness::{AddCheckpoint, Refusal, Seen, judge};
use crate::record::signer::{SignError, Signer as _};

pub use key::{WitnessKey, WitnessKeyError};
pub use server::{Running, run, start};
pub use state::{StateError, StateFile};

/// Gives the time in POSIX seconds.
pub type Time = Box<dyn Fn() -> u64 + Send + Sync>;

/// A witness at work.
pub struct Witness {
    key: WitnessKey,
    logs: Vec<VerifierKey>,
    /// One request at a time: what was compared is what is replaced.
    state: Mutex<StateFile>,
    time: Time,
}

/// Why a request brought no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The specification says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The state could not be made durable, so nothing was signed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Why a witness cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// No log.
    #[error("a witness needs at least one log: give --log VKEY, which the log's operator hands out")]
    NoLog,
    /// A witness's key where a log's belongs.
    #[error("{0} is not a log's key: it is of signature type 4, a log's is of type 1")]
    NotALog(String),
}

impl Witness {
    /// A witness of `logs`, whose key names are the logs' origins; two keys of one name are both trusted.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn new(
        key: WitnessKey,
        logs: Vec<VerifierKey>,
        state: StateFile,
        time: Time,
    ) -> Result<Self, WitnessError> {
        if logs.is_empty() {
            return Err(WitnessError::NoLog);
        }
        if let Some(other) = logs.iter().find(|log| log.kind() != KeyKind::Ed25519) {
            return Err(WitnessError::NotALog(other.to_string()));
        }
        Ok(Self {
            key,
            logs,
            state: Mutex::new(state),
            time,
        })
    }

    /// The public half of its key.
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The newest cosigned tree of each known log.
    pub fn seen(&self) -> BTreeMap<String, Seen> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let names = self.logs.iter().map(|log| log.name().to_owned());
        names
            .map(|name| {
                let seen = state.seen(&name);
                (name, seen)
            })
            .collect()
    }

    /// Answers an `add-checkpoint` body with the cosignature lines. The new tree is durable when this
    /// returns, and before anything is signed.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<String, Failure> {
        let request = AddCheckpoint::parse(body).map_err(Refusal::from)?;
        let note = &request.checkpoint;
        let origin = note.text().split('\n').next().unwrap_or_default();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let checkpoint = judge(&request, &self.logs, &state.seen(origin)).inspect_err(|refusal| {
            match refusal {
                // Signed by the log: beside what was cosigned before, it proves that the log lies.
                Refusal::OtherRoot(_) => {
                    let note = note.to_string();
                    tracing::error!(%refusal, note, "a log shows two histories: keep this line, tell its readers");
                }
                // Anybody can put a false proof beside a head that is genuine, so this accuses nobody.
                Refusal::NotGrown(_) => tracing::warn!(%refusal, "a head came with a proof that does not lead to it"),
                _ => {}
            }
        })?;
        let seen = Seen {
            size: checkpoint.size,
            root: checkpoint.root,
        };
        state.replace(&checkpoint.origin, seen)?;
        // Still under the lock: a later time is never signed for a smaller tree.
        let line = cosign(note, self.key.verifier(), (self.time)(), |message| {
            self.key.signer().sign(message)
        })?;
        Ok(format!("{line}\n"))
    }
}

#[cfg(test)]
mod tests;

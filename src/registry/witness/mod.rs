//! The registry's side of witnessing (records.md §4): heads are cosigned by a quorum of the policy's
//! witnesses before readers see them.
//!
//! | file | what |
//! |---|---|
//! | `ask.rs` | one conversation with one witness over HTTP |
//! | `round.rs` | all witnesses at once, until the quorum and a little longer |
//! | `settle.rs` | which head is asked about, and what is kept of the answer |
//! | `keeper.rs` | catching up after an outage, and cosigning idle heads again |
//!
//! The policy is the one that verifiers are handed (`trust/policy.txt`); the addresses are settings. It
//! refuses to go on from a database that a witness has seen more of, or another history of.

mod ask;
mod keeper;
mod round;
mod settle;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{Settings, WitnessAddress, Witnessing};
use crate::log::key::{KeyError, VerifierKey};
use crate::log::note::Note;
use crate::log::policy::{AssessError, Policy, PolicyError};
use crate::store::StoreError;

pub use ask::Fault;
pub use keeper::Keeper;
pub use round::{Proofs, Round};
pub use settle::{Standing, after_publishing, at_start, before_signing, first_head, settle, standing};

/// The witnesses of a registry whose policy demands some.
#[derive(Debug)]
pub struct Witnesses {
    policy: Policy,
    members: Vec<Arc<Member>>,
    /// How long, how often.
    pub(super) times: Witnessing,
    agent: ureq::Agent,
    health: Mutex<Health>,
}

/// One witness.
#[derive(Debug)]
struct Member {
    key: VerifierKey,
    /// Submission prefix without a slash at its end.
    url: String,
    /// Size of the newest tree that it has cosigned, as far as we know.
    known: Mutex<Option<u64>>,
}

/// What the last rounds came to, in this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Health {
    /// Whether a round has compared this database with a quorum's memory.
    compared: bool,
    /// Since when no quorum was reached.
    failing_since: Option<DateTime<Utc>>,
    /// When the last round ended.
    last_round: Option<DateTime<Utc>>,
}

/// Why witnesses cannot be used, or the database must not be.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The policy file is lost.
    #[error(
        "{0} is gone, and without it nobody knows whether witnesses are demanded: put it back from a verifier's copy of the trust folder"
    )]
    NoPolicy(PathBuf),
    /// The policy file.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The policy file's text.
    #[error("{path}: {source}")]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: PolicyError,
    },
    /// A witness's key in the settings.
    #[error("chengxin.toml, witness {key}: {source}")]
    Key {
        /// The key as it stands there.
        key: String,
        /// What is wrong.
        source: KeyError,
    },
    /// An address in the settings.
    #[error(
        "chengxin.toml, witness {0}: the url must be http://HOST:PORT or http://HOST/PREFIX; for a witness elsewhere use a private network or a tunnel, every answer is signed"
    )]
    Url(String),
    /// Settings and policy differ.
    #[error("chengxin.toml names the witness {0}, trust/policy.txt does not: they must agree")]
    NotInPolicy(String),
    /// A witness twice.
    #[error("chengxin.toml names the witness {0} twice")]
    Twice(String),
    /// Too few addresses.
    #[error(
        "trust/policy.txt demands a quorum that the witnesses in chengxin.toml cannot reach: add a [[witness]] with key and url for each"
    )]
    NoAddress,
    /// A head that the policy cannot assess.
    #[error("the signed head of {size} entries cannot be shown to witnesses: {why}")]
    Head {
        /// Its size.
        size: i64,
        /// Why.
        why: String,
    },
    /// A witness has seen more.
    #[error(
        "witness {witness} has cosigned {seen} entries of this log, the database has {stored}: it is an older copy. \
         Do not publish from it: restore the newest backup, or replay the log from a mirror; see keys/README.md, \
         “a restored database”. If it is the witness that is wrong, take it out of chengxin.toml"
    )]
    Ahead {
        /// Its name.
        witness: String,
        /// What it has cosigned.
        seen: u64,
        /// What the signed head covers.
        stored: u64,
    },
    /// A witness has seen other entries.
    #[error(
        "witness {witness} has cosigned another history of this log (it answered: {answer}). Stop publishing and \
         call the auditor: the database was changed, or the log key was used elsewhere; see keys/README.md"
    )]
    OtherHistory {
        /// Its name.
        witness: String,
        /// What it said.
        answer: String,
    },
    /// Not enough witnesses answered where that is required.
    #[error(
        "no quorum of the policy's witnesses has cosigned the first head: {0}. Nothing was published: repeat the command once they answer, and it goes on"
    )]
    NoQuorum(String),
}

impl Witnesses {
    /// The witnesses of a registry's settings under its trust folder's policy; `None` when that demands none.
    ///
    /// # Errors
    /// [`WitnessError`] when settings and policy do not fit.
    pub fn load(settings: &Settings, trust: &Path) -> Result<Option<Arc<Self>>, WitnessError> {
        let path = trust.join("policy.txt");
        let text = match fs::read(&path) {
            Ok(text) => text,
            // A lost file must not end what it demanded.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(WitnessError::NoPolicy(path));
            }
            Err(source) => return Err(WitnessError::Io { path, source }),
        };
        let policy = Policy::parse(&text).map_err(|source| WitnessError::Policy { path, source })?;
        Self::new(policy, &settings.witnesses, settings.witnessing)
    }

    /// The witnesses at some addresses under a policy; `None` when that demands none.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn new(
        policy: Policy,
        addresses: &[WitnessAddress],
        times: Witnessing,
    ) -> Result<Option<Arc<Self>>, WitnessError> {
        if !policy.demands_witnesses() {
            return Ok(None);
        }
        let mut members = Vec::new();
        let mut names = BTreeSet::new();
        for address in addresses {
            let member = Member::new(address)?;
            let name = member.key.name().to_owned();
            if !policy.witnesses().contains(&member.key) {
                return Err(WitnessError::NotInPolicy(name));
            }
            if !names.insert(*member.key.public_key()) {
                return Err(WitnessError::Twice(name));
            }
            members.push(Arc::new(member));
        }
        let reached = |key: &VerifierKey| members.iter().any(|member| member.key == *key);
        if !policy.quorum_of(&reached) {
            return Err(WitnessError::NoAddress);
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A witness is reached directly: the environment's proxy is for other traffic.
            .proxy(None)
            .timeout_global(Some(times.timeout()))
            .user_agent("chengxin")
            .build();
        Ok(Some(Arc::new(Self {
            policy,
            members,
            times,
            agent: config.into(),
            health: Mutex::new(Health::default()),
        })))
    }

    /// The same witnesses under another policy, of whose log nothing is known yet.
    pub(super) fn under(&self, policy: Policy) -> Self {
        let member = |member: &Arc<Member>| {
            Arc::new(Member {
                key: member.key.clone(),
                url: member.url.clone(),
                known: Mutex::new(None),
            })
        };
        Self {
            policy,
            members: self.members.iter().map(member).collect(),
            times: self.times,
            agent: self.agent.clone(),
            health: Mutex::new(Health::default()),
        }
    }

    /// Since when no quorum was reached; `None` while all is well.
    #[must_use]
    pub fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.health().failing_since
    }

    /// How many of the witnesses are known to have cosigned the tree of `size` entries, and how many there are.
    #[must_use]
    pub fn cosigned(&self, size: u64) -> (usize, usize) {
        let given = self.members.iter().filter(|member| member.known() >= Some(size));
        (given.count(), self.members.len())
    }

    /// Why a cosigned note must not be believed: a signature that does not verify, or, where it is
    /// `demanded`, no quorum.
    #[must_use]
    pub fn wrong(&self, note: &Note, demanded: bool) -> Option<String> {
        match self.policy.assess(note) {
            Ok(assessed) if assessed.quorum || !demanded => None,
            Ok(_) => Some("no quorum of the policy's witnesses has cosigned it".to_owned()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Whether a note has lines of keys that the policy does not name: of witnesses of an earlier one, perhaps.
    #[must_use]
    pub fn has_strangers(&self, note: &Note) -> bool {
        let named = || self.policy.logs().iter().chain(self.policy.witnesses());
        note.signatures()
            .iter()
            .any(|line| !named().any(|key| key.name() == line.name && key.id() == line.key_id))
    }

    fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change_health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Member {
    fn new(address: &WitnessAddress) -> Result<Self, WitnessError> {
        let key = VerifierKey::parse(&address.key).map_err(|source| WitnessError::Key {
            key: address.key.clone(),
            source,
        })?;
        let url = address.url.trim_end_matches('/');
        let parsed: Result<ureq::http::Uri, _> = url.parse();
        let plain = parsed.is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.query().is_none());
        if !plain {
            return Err(WitnessError::Url(address.url.clone()));
        }
        Ok(Self {
            key,
            url: url.to_owned(),
            known: Mutex::new(None),
        })
    }

    fn known(&self) -> Option<u64> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, size: u64) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(size);
    }
}

impl Witnessing {
    fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    fn extra_wait(&self) -> Duration {
        Duration::from_millis(self.extra_wait_ms)
    }

    fn retry(&self) -> Duration {
        Duration::from_millis(self.retry_ms)
    }

    fn recosign(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.recosign_seconds))
    }
}

/// What an assessment can say.
fn unassessable(size: i64, error: &AssessError) -> WitnessError {
    WitnessError::Head {
        size,
        why: error.to_string(),
    }
}

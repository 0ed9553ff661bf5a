//! What a monitor remembers between rounds, in one file that is replaced whole and last: whatever is written
//! before it and lost is fetched and judged again.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::MonitorError;
use super::mirror::Mirror;
use crate::record::digest::Digest;
use crate::record::entry::Audience;

const FILE: &str = "private/state.json";
/// Longest state that is read, in bytes.
const MAX: u64 = 16 << 20;
const VERSION: u32 = 1;
/// Withdrawals whose erasure is awaited: a registry logs the two side by side, some thousands at once.
const MOST_WITHDRAWALS: usize = 8192;

/// The memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    /// Whether partners' bodies are looked at.
    pub(super) partners: bool,
    /// The newest signed head that was accepted.
    pub(super) head: Option<String>,
    /// Entries whose bodies were looked at.
    pub(super) bodies: u64,
    /// Of these, for partners only and not for us.
    pub(super) hidden: u64,
    /// Withdrawn bodies.
    pub(super) erased: u64,
    /// Hex digests of bodies that erasures name and that are still to be dropped.
    pub(super) erasing: Vec<String>,
    /// Erasures that no withdrawal of the issuer's bears out so far.
    #[serde(default)]
    pub(super) unproved: Vec<Unproved>,
    /// What withdrawals name whose erasure is still to come, the newest last: audience and digest, hex.
    #[serde(default)]
    pub(super) withdrawals: VecDeque<String>,
    /// Where the newest key document stands.
    pub(super) keys: Option<u64>,
    /// Verification methods, and where the first document stands that lists each.
    pub(super) methods: BTreeMap<String, u64>,
    /// The newest version of each status list.
    pub(super) lists: Vec<KnownList>,
    /// Bodies that were missing or changed and that no erasure explains yet.
    pub(super) open: Vec<Open>,
    /// The newest snapshot of each audience.
    pub(super) snapshots: BTreeMap<String, KnownSnapshot>,
}

/// A version of a status list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KnownList {
    pub(super) purpose: String,
    pub(super) list: u32,
    pub(super) index: u64,
    pub(super) valid_from: DateTime<Utc>,
}

/// An entry whose body is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Open {
    pub(super) index: u64,
    /// Hex.
    pub(super) digest: String,
    /// Whether other bytes were given instead.
    pub(super) changed: bool,
}

/// An erasure that nothing bears out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Unproved {
    pub(super) index: u64,
    /// Hex.
    pub(super) digest: String,
    /// Whose withdrawal would bear it out: what it is logged for.
    pub(super) audience: String,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KnownSnapshot {
    pub(super) index: u64,
    /// Entries described.
    pub(super) size: u64,
    /// Whether it was rebuilt, with whatever result.
    pub(super) done: bool,
}

fn named(audience: &str, digest: &str) -> String {
    format!("{audience} {digest}")
}

impl State {
    /// Reads what the folder remembers: nothing in a new one.
    pub(super) fn load(mirror: &Mirror, partners: bool) -> Result<Self, MonitorError> {
        let Some(bytes) = mirror.get(FILE, MAX)? else {
            return match mirror.get("checkpoint", MAX)? {
                None => Ok(Self {
                    version: VERSION,
                    partners,
                    ..Self::default()
                }),
                // A monitor that forgets would accept a second history.
                Some(_) => Err(mirror.damaged(FILE, "it is gone though there is a checkpoint")),
            };
        };
        let state: Self = serde_json::from_slice(&bytes).map_err(|error| mirror.damaged(FILE, error))?;
        match state.version == VERSION {
            true => Ok(state),
            false => Err(mirror.damaged(FILE, "it is of another version of this program")),
        }
    }

    /// Notes what a sound withdrawal names. Its erasure follows it closely: of very many the oldest are forgotten.
    pub(super) fn saw_withdrawal(&mut self, digest: &Digest, audience: Audience) {
        if self.withdrawals.len() >= MOST_WITHDRAWALS {
            self.withdrawals.pop_front();
        }
        self.withdrawals
            .push_back(named(audience.as_str(), &digest.hex()));
    }

    /// Whether a withdrawal bears an erasure out; it does so once.
    pub(super) fn is_borne_out(&mut self, erasure: &Unproved) -> bool {
        let wanted = named(&erasure.audience, &erasure.digest);
        let place = self.withdrawals.iter().rposition(|name| *name == wanted);
        place.and_then(|place| self.withdrawals.remove(place)).is_some()
    }

    pub(super) fn save(&self, mirror: &Mirror) -> Result<(), MonitorError> {
        let bytes = serde_json::to_vec(self).map_err(|error| mirror.damaged(FILE, error))?;
        mirror.put(FILE, &bytes)
    }
}

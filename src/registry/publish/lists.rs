//! The sequencer: new versions of status lists, from the newest logged versions and the journal of
//! changes (records.md §2).
//!
//! It refuses to start from anything but what the signed log covers and the journal explains: a list
//! whose stored bytes, newest version or journal somebody changed is not signed again, for that would
//! make the change official. A change is carried by exactly one version: both are written in
//! transaction 1, and what a crash before it leaves behind is a change that still waits.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::log::hash::leaf_hash;
use crate::log::proof::verify_inclusion;
use crate::log::prover::inclusion_proof;
use crate::record::credential::{Audience, Template};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::{BitChange, Bitstring, ListDraft, StatusPurpose, read_list};
use crate::store::log::change::{self, Requested};
use crate::store::log::{body, status};

use super::batch::Signing;
use super::chunk::{Chunk, Prepared, index};
use super::own::own_body;
use super::{PublishError, Publisher, unsigned};
use crate::registry::audit::Act;
use crate::registry::change::Causes;
use crate::registry::tiles::StoredTiles;

/// How far this machine's clock may stand behind the newest version of a list. Within it the version's
/// own time is used again, so that no version goes back in time.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// What the sequencer did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sequenced {
    /// Versions signed and logged.
    pub versions: usize,
    /// Changes that they carry.
    pub changes: usize,
}

/// Which lists get a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those in which a bit changes.
    Touched,
    /// All of them.
    All,
}

/// A list as its newest version has it.
pub(super) struct Newest {
    pub(super) bits: Bitstring,
    pub(super) valid_from: DateTime<Utc>,
}

/// What a list becomes.
#[derive(Default)]
struct Plan {
    waiting: Vec<(i64, BitChange)>,
    own: Vec<Requested>,
}

impl Publisher<'_> {
    /// Signs and logs a new version of every list in which a change waits; nothing where none waits.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn sequence(&mut self) -> Result<Sequenced, PublishError> {
        self.sign_lists(Reach::Touched, None)
    }

    /// Signs and logs a fresh version of every list, with the changes that wait.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn refresh_lists(&mut self) -> Result<Sequenced, PublishError> {
        self.sign_lists(Reach::All, None)
    }

    /// The same, and tells the audit trail of an act in the transaction that stores them.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn refresh_lists_for(&mut self, act: Act) -> Result<Sequenced, PublishError> {
        self.sign_lists(Reach::All, Some(act))
    }

    fn sign_lists(&mut self, reach: Reach, act: Option<Act>) -> Result<Sequenced, PublishError> {
        let now = self.registry.clock.now();
        let mut chunk = Chunk {
            acts: act.into_iter().map(|act| (act, now)).collect(),
            ..Chunk::default()
        };
        self.add_versions(&mut chunk, Vec::new(), reach)?;
        let done = Sequenced {
            versions: chunk.list_versions.len(),
            changes: chunk.carried.len(),
        };
        if !chunk.entries.is_empty() {
            self.append(chunk)?;
        }
        Ok(done)
    }

    /// Adds to a chunk the versions that carry `own` changes, which are journalled with it, and every
    /// change that waits and that two persons decided. So a record and the bit that it sets on another become visible together.
    pub(super) fn add_versions(
        &mut self,
        chunk: &mut Chunk,
        own: Vec<Requested>,
        reach: Reach,
    ) -> Result<(), PublishError> {
        let mut plans: BTreeMap<(u32, StatusPurpose), Plan> = BTreeMap::new();
        if reach == Reach::All {
            for (number, _, _) in status::all(&mut self.conn)? {
                let number = u32::try_from(number).map_err(|_| PublishError::TooLarge)?;
                for purpose in StatusPurpose::ALL {
                    plans.entry((number, purpose)).or_default();
                }
            }
        }
        let mut causes = Causes::default();
        for row in change::pending(&mut self.conn)? {
            // One row that nobody decided must not keep the others back, nor ever be signed.
            if let Some(why) = causes.refuse(&mut self.conn, &row)? {
                tracing::error!(change = row.id, %why, "ALARM: a status change that nobody decided is not carried");
                continue;
            }
            let wanted = row.change()?;
            match self.has_bits_at(row.record_index, wanted.at) {
                Ok(()) => {}
                Err(error @ PublishError::NotLogged { .. }) => {
                    tracing::error!(change = row.id, %error, "ALARM: a status change is not of the record that it names");
                    continue;
                }
                Err(error) => return Err(error),
            }
            let plan = plans.entry((wanted.at.list, wanted.to.purpose())).or_default();
            plan.waiting.push((row.id, wanted));
        }
        for wanted in own {
            self.has_bits_at(wanted.record_index, wanted.change.at)?;
            let key = (wanted.change.at.list, wanted.change.to.purpose());
            plans.entry(key).or_default().own.push(wanted);
        }
        for ((number, purpose), plan) in plans {
            let Newest { mut bits, valid_from } = self.newest_list(number, purpose)?;
            let own = plan.own.iter().map(|wanted| wanted.change);
            for wanted in plan.waiting.iter().map(|(_, wanted)| *wanted).chain(own) {
                bits.apply(wanted)
                    .map_err(|error| broken(purpose, number, &error))?;
            }
            let signing = self.signing()?;
            let draft = ListDraft {
                purpose,
                list: number,
                bits,
                valid_from: not_before(valid_from, signing.now)?,
                valid_until: None,
            };
            let place = add_version(chunk, &signing, &signing.template()?, &draft)?;
            let waiting = plan.waiting.iter().map(|(id, _)| (*id, place));
            chunk.carried.extend(waiting);
            chunk
                .changes
                .extend(plan.own.into_iter().map(|wanted| (wanted, place)));
        }
        Ok(())
    }

    /// The newest logged version of a list, proved: its bytes stand in the log at their place, and its
    /// bits are what the journal says.
    pub(super) fn newest_list(
        &mut self,
        number: u32,
        purpose: StatusPurpose,
    ) -> Result<Newest, PublishError> {
        let broken = |why: &dyn std::fmt::Display| broken(purpose, number, why);
        let size = self.edge.size();
        let listed = i64::from(number);
        let version = status::newest_version(&mut self.conn, purpose.as_str(), listed, index(size)?)?
            .ok_or_else(|| broken(&"it has no version"))?;
        let row = body::at(&mut self.conn, version.log_index)?
            .ok_or_else(|| broken(&"its newest version has no bytes"))?;
        let entry = Entry {
            audience: Audience::Public,
            digest: Digest::of(&row.bytes),
            kind: EntryKind::StatusList,
        };
        let leaf = leaf_hash(&entry.encode());
        let place = unsigned(version.log_index)?;
        let path = inclusion_proof(&StoredTiles::new(&mut self.conn), place, size)
            .map_err(|error| broken(&error))?;
        verify_inclusion(&leaf, place, size, &path, &self.edge.root())
            .map_err(|_| broken(&"its newest version is not the one that was logged"))?;
        let list = read_list(&row.bytes).map_err(|error| broken(&error))?;
        if (list.purpose, list.list) != (purpose, number) {
            return Err(broken(&"its newest version is of another list"));
        }
        let mut journalled = Bitstring::default();
        for row in change::carried(&mut self.conn, purpose.as_str(), listed)? {
            journalled.apply(row.change()?).map_err(|error| broken(&error))?;
        }
        if journalled != list.bits {
            return Err(broken(&"its bits are not those of the journal of changes"));
        }
        Ok(Newest {
            valid_from: list.credential.valid_from,
            bits: list.bits,
        })
    }
}

fn broken(purpose: StatusPurpose, number: u32, why: &dyn std::fmt::Display) -> PublishError {
    PublishError::List {
        purpose: purpose.as_str(),
        number,
        why: why.to_string(),
    }
}

/// Now, or the time of the version before where the clock stands a little behind it.
fn not_before(newest: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, PublishError> {
    if newest - now > SKEW {
        return Err(PublishError::Clock { newest, now });
    }
    Ok(now.max(newest))
}

/// Signs a version of a list and puts it at the end of a chunk; its place there.
pub(super) fn add_version(
    chunk: &mut Chunk,
    signing: &Signing<'_>,
    template: &Template,
    draft: &ListDraft,
) -> Result<usize, PublishError> {
    let bytes = template.issue_list(draft, signing.issuer)?;
    let entry = Entry {
        audience: Audience::Public,
        digest: Digest::of(&bytes),
        kind: EntryKind::StatusList,
    };
    let place = chunk.entries.len();
    let body = own_body(EntryKind::StatusList, Audience::Public, bytes);
    chunk.entries.push(Prepared::new(body, &entry));
    chunk.list_versions.push((
        draft.purpose.as_str().to_owned(),
        i64::from(draft.list),
        place,
        draft.valid_from.naive_utc(),
    ));
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_version_goes_back_in_time() {
        let newest: DateTime<Utc> = "2026-10-09T08:30:00Z".parse().unwrap();
        let later = newest + TimeDelta::seconds(1);
        assert_eq!(not_before(newest, later).unwrap(), later);
        assert_eq!(not_before(newest, newest - SKEW).unwrap(), newest);
        let far = newest - SKEW - TimeDelta::seconds(1);
        assert!(matches!(not_before(newest, far), Err(PublishError::Clock { .. })));
    }
}

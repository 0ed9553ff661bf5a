//! Status lists of an input: signed by the issuer, logged, inflated once, then asked for single bits.

use chrono::{DateTime, Utc};

use super::bundle::ListItem;
use super::chain::{Bounds, Chain};
use super::keys::Ring;
use super::options::Options;
use super::path::Path;
use super::reason::Reason;
use super::trust::Trust;
use super::verdict::{Detail, Finding, State};
use crate::record::credential::StatusPointer;
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::EntryKind;
use crate::record::status::{Bitstring, StatusPurpose, read_list};

/// A status list that may be believed.
#[derive(Debug)]
pub(super) struct OpenList {
    pub(super) purpose: StatusPurpose,
    pub(super) number: u32,
    pub(super) valid_from: DateTime<Utc>,
    valid_until: Option<DateTime<Utc>>,
    bits: Bitstring,
}

impl OpenList {
    /// Opens a list.
    ///
    /// # Errors
    /// A finding for the axis `status`.
    pub(super) fn open(item: &ListItem, chain: &Chain, ring: &Ring, trust: &Trust) -> Result<Self, Finding> {
        let fails = |reason, detail| Finding::with(State::Fails, reason, detail);
        let list = read_list(&item.credential);
        let list = list.map_err(|error| fails(Reason::ListMalformed, Detail::english(&error)))?;
        let (credential, proof) = (&list.credential, &list.credential.proof);
        if credential.host != trust.issuer.host.as_str() {
            return Err(fails(
                Reason::ListMalformed,
                Detail::Text(credential.issuer.to_owned()),
            ));
        }
        let place = (
            item.place.entry.as_slice(),
            item.place.index,
            Path::alone(&item.place.inclusion),
        );
        let digest = Digest::of(&item.credential);
        chain
            .current()
            .holds(place, &digest, EntryKind::StatusList)
            .map_err(|(reason, detail)| {
                let why = Finding::with(State::Fails, reason, detail);
                fails(Reason::ListNotLogged, Detail::Because(Box::new(why)))
            })?;
        let name = |finding: Finding| Finding {
            state: finding.state,
            reason: Reason::ListSignature,
            detail: Detail::Because(Box::new(finding)),
        };
        let key = ring.find(proof.verification_method(), None).map_err(name)?;
        let valid = key.valid(chain.latest(), proof.created());
        if valid.state != State::Holds {
            return Err(name(valid));
        }
        proof
            .verify(&key.key)
            .map_err(|error| fails(Reason::ListSignature, Detail::english(&error)))?;
        Ok(Self {
            purpose: list.purpose,
            number: list.list,
            valid_from: credential.valid_from,
            valid_until: credential.valid_until,
            bits: list.bits.clone(),
        })
    }

    fn bit(&self, index: u32) -> Option<bool> {
        self.bits.get(index).ok()
    }
}

/// The three lists that a record points to, in the order of [`StatusPurpose::ALL`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Lists<'a>([&'a OpenList; 3]);

impl<'a> Lists<'a> {
    /// Picks the lists of a pointer out of what is at hand.
    ///
    /// # Errors
    /// A finding for the axis `status`: one is missing, or cannot be believed.
    pub(super) fn pick(
        pointer: StatusPointer,
        at_hand: &[&'a Result<OpenList, Finding>],
    ) -> Result<Self, Finding> {
        let mut good = Vec::with_capacity(at_hand.len());
        for list in at_hand {
            good.push(list.as_ref().map_err(Clone::clone)?);
        }
        let find = |purpose: StatusPurpose| {
            let found = good
                .iter()
                .find(|list| list.purpose == purpose && list.number == pointer.list);
            found.copied().ok_or_else(|| {
                let name = format!("{}/{}", purpose.as_str(), pointer.list);
                Finding::with(State::Undecided, Reason::ListMissing, Detail::Text(name))
            })
        };
        let [revocation, suspension, refresh] = StatusPurpose::ALL;
        Ok(Self([find(revocation)?, find(suspension)?, find(refresh)?]))
    }

    /// Date of the oldest of the three.
    pub(super) fn oldest(&self) -> DateTime<Utc> {
        let [a, b, c] = self.0.map(|list| list.valid_from);
        a.min(b).min(c)
    }

    /// The axis `status`.
    pub(super) fn status(&self, index: u32) -> Finding {
        for list in self.0 {
            let at = Detail::At(list.valid_from);
            let reason = match list.purpose {
                StatusPurpose::Revocation => Reason::Revoked,
                StatusPurpose::Suspension => Reason::Suspended,
                StatusPurpose::Refresh => Reason::Replaced,
            };
            // An index past the end is no clear bit.
            if list.bit(index).unwrap_or(true) {
                return Finding::with(State::Fails, reason, at);
            }
        }
        Finding::with(State::Holds, Reason::Clear, Detail::At(self.oldest()))
    }

    /// The axis `status` where the lists are too old: what is final stays, all else may have changed since.
    pub(super) fn aged(&self, status: Finding) -> Finding {
        match status.reason {
            Reason::Clear | Reason::Suspended => {
                Finding::with(State::Undecided, Reason::ListStale, Detail::At(self.oldest()))
            }
            _ => status,
        }
    }

    /// From when, and until when at most, each of the three speaks.
    pub(super) fn dates(&self) -> [(DateTime<Utc>, Option<DateTime<Utc>>); 3] {
        self.0.map(|list| (list.valid_from, list.valid_until))
    }
}

/// The axis `freshness`: of lists by their own dates, together with the newest key document. What is only too
/// old speaks against nothing: whether it still holds is undecided.
pub(super) fn freshness<const N: usize>(
    lists: [(DateTime<Utc>, Option<DateTime<Utc>>); N],
    keys: &KeyDocument,
    latest: Bounds,
    options: &Options,
) -> Finding {
    let updated = keys.updated;
    let dates = lists.iter().map(|(from, _)| *from);
    let newest = dates.clone().max().unwrap_or(updated).max(updated);
    let oldest = dates.min().unwrap_or(updated);
    if let Bounds::Proven(_, latest) = latest
        && newest > latest
    {
        return Finding::with(State::Fails, Reason::DatedAfterCheckpoint, Detail::At(newest));
    }
    if newest > options.now {
        return Finding::with(State::Undecided, Reason::ClockBehind, Detail::At(newest));
    }
    let ended = lists
        .iter()
        .any(|(_, until)| until.is_some_and(|until| until <= options.now));
    if ended || options.now - oldest > options.max_age {
        return Finding::with(State::Undecided, Reason::ListStale, Detail::At(oldest));
    }
    if keys.is_stale(options.now, options.max_age) {
        return Finding::with(State::Undecided, Reason::KeyDocumentStale, Detail::At(updated));
    }
    Finding::with(State::Holds, Reason::Fresh, Detail::At(oldest.min(updated)))
}

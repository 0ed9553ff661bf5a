//! Withdrawals (records.md §8): on an erasure the mirror drops the body, and a registry that still hands it out
//! under the head that says so is told of.

use std::collections::BTreeSet;

use super::alarm::{Evidence, Kind};
use super::round::{Round, Stop};
use super::segment::WIDTH;
use crate::record::digest::Digest;
use crate::record::entry::{Audience, Entry, EntryKind};

impl Round<'_> {
    /// Drops the bodies with these digests from among the first `to` entries.
    pub(super) fn erase(&mut self, erased: &[Digest], to: u64) -> Result<(), Stop> {
        if erased.is_empty() {
            return Ok(());
        }
        let mut unknown: BTreeSet<Digest> = erased.iter().copied().collect();
        let wanted = unknown.clone();
        let mut number = 0_u64;
        while number.saturating_mul(WIDTH) < to {
            let entries = self.mirror.bundle(number, self.size)?;
            let mut places = Vec::new();
            for (place, entry) in entries.iter().enumerate() {
                let Ok(entry) = Entry::decode(entry) else {
                    continue;
                };
                if entry.kind != EntryKind::Erasure && wanted.contains(&entry.digest) {
                    unknown.remove(&entry.digest);
                    places.push((place, entry));
                }
            }
            if !places.is_empty() {
                self.drop_bodies(number, &places)?;
            }
            number = number.saturating_add(1);
        }
        for digest in unknown {
            let says = "an erasure is about a body that was never logged before it";
            self.raise(
                Kind::Record,
                format!("digest {digest}"),
                says,
                Evidence::default(),
            )?;
        }
        self.state
            .open
            .retain(|open| super::bodies::digest(open).is_none_or(|digest| !wanted.contains(&digest)));
        self.state.erased = self.state.erased.saturating_add(wanted.len() as u64);
        Ok(())
    }

    fn drop_bodies(&mut self, number: u64, places: &[(usize, Entry)]) -> Result<(), Stop> {
        let mut bodies = self.mirror.segment(number)?;
        let mut dropped = false;
        for (place, entry) in places {
            let Some(body) = bodies.get_mut(*place).filter(|body| body.is_some()) else {
                continue;
            };
            (*body, dropped) = (None, true);
            let index = number.saturating_mul(WIDTH).saturating_add(*place as u64);
            if index >= self.fresh_from && (entry.audience == Audience::Public || self.state.partners) {
                let says = "it was handed out under a head that says that it is withdrawn";
                self.raise(
                    Kind::ErasedServed,
                    format!("entry {index}"),
                    says,
                    Evidence::default(),
                )?;
            }
        }
        match dropped {
            true => Ok(self.mirror.put_segment(number, &bodies)?),
            false => Ok(()),
        }
    }
}

//! Withdrawals (records.md §8): on an erasure that the issuer's own withdrawal bears out the mirror drops the body, and a registry that still hands it out
//! under the head that says so is told of.

use std::collections::BTreeSet;

use super::alarm::{Evidence, Kind};
use super::report;
use super::round::{Round, Stop};
use super::segment::WIDTH;
use super::state::Unproved;
use crate::record::digest::Digest;
use crate::record::entry::{Audience, Entry, EntryKind};

/// Erasures that are known at once, 32 MB of them; beyond that, what they explain is owed until they are reached.
const MOST_KNOWN: usize = 1 << 20;

/// Erasures that one page of entries may add before they are looked at.
const MOST_AT_ONCE: usize = 8192;

impl Round<'_> {
    /// Whether an entry that is not looked at yet says that a body was withdrawn.
    pub(super) fn is_withdrawn(&mut self, digest: &Digest) -> Result<bool, Stop> {
        if self.withdrawn.is_none() {
            self.withdrawn = Some(self.erasures_ahead()?);
        }
        let known = self.withdrawn.as_deref().unwrap_or_default();
        Ok(known.binary_search(digest).is_ok())
    }

    fn erasures_ahead(&self) -> Result<Vec<Digest>, Stop> {
        let (mut found, mut number) = (Vec::new(), self.state.bodies / WIDTH);
        while number.saturating_mul(WIDTH) < self.size && found.len() < MOST_KNOWN {
            let entries = self.mirror.bundle(number, self.size)?;
            let decoded = entries.iter().filter_map(|entry| Entry::decode(entry).ok());
            let erasures = decoded.filter(|entry| entry.kind == EntryKind::Erasure);
            found.extend(erasures.map(|entry| entry.digest));
            number = number.saturating_add(1);
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Notes an erasure. What partners alone may see, and their withdrawal, others do not have.
    pub(super) fn saw_erasure(&mut self, index: u64, entry: &Entry) -> Result<(), Stop> {
        if !self.is_ours(entry) {
            self.state.erasing.push(entry.digest.hex());
            return Ok(());
        }
        if self.state.unproved.len() >= report::MOST.saturating_add(MOST_AT_ONCE) {
            let why =
                "more erasures are borne out by nothing than are remembered: no further ones are looked at";
            return Err(Stop::Undecided(why.to_owned()));
        }
        self.state.unproved.push(Unproved {
            index,
            digest: entry.digest.hex(),
            audience: entry.audience.as_str().to_owned(),
        });
        Ok(())
    }

    /// Drops the bodies that erasures have named, where the issuer's own withdrawal bears them out: whoever holds
    /// the log's key alone must not make every mirror let go.
    pub(super) fn erase(&mut self) -> Result<(), Stop> {
        for erasure in std::mem::take(&mut self.state.unproved) {
            match self.state.is_borne_out(&erasure) {
                true => self.state.erasing.push(erasure.digest),
                false => self.state.unproved.push(erasure),
            }
        }
        let named = self.state.erasing.iter();
        let wanted: BTreeSet<Digest> = named.filter_map(|hex| Digest::parse_hex(hex).ok()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let (to, mut unknown) = (self.state.bodies, wanted.clone());
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
            let says = (
                "删除条目所指的内容从未入日志",
                "an erasure is about a body that was never logged",
            );
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
        self.state.erasing.clear();
        Ok(self.state.save(self.mirror)?)
    }

    /// An erasure that nothing bears out is an alarm until its withdrawal is shown.
    pub(super) fn report_unproved(&mut self) -> Result<(), Stop> {
        for erasure in self.state.unproved.clone() {
            let says = (
                "没有发布者签名并入日志的撤回声明指明该内容，镜像予以保留",
                "no logged withdrawal, signed by the issuer, names it: the mirror keeps what it has of it",
            );
            let about = format!("entry {}, digest {}", erasure.index, erasure.digest);
            self.raise(Kind::ErasedUnproved, about, says, Evidence::default())?;
        }
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
                let says = (
                    "日志头已表明撤回，服务器仍在提供",
                    "it was handed out under a head that says that it is withdrawn",
                );
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

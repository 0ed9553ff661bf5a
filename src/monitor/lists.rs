//! Versions of status lists against one another (records.md §2): time does not go back, and what is revoked or
//! replaced stays so. A suspension may be lifted.

use chrono::{DateTime, TimeDelta, Utc};

use super::alarm::{Evidence, Kind};
use super::bodies::Pending;
use super::round::{Round, Stop};
use super::state::KnownList;
use crate::record::status::{Bitstring, Change, StatusPurpose, read_list};

/// Most lists: a million million records.
const MOST: usize = 3 << 13;
/// How far a clock may be from ours.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(5);

/// What is wrong with a version that follows another.
pub(super) fn contradiction(
    purpose: StatusPurpose,
    (older, older_from): (&Bitstring, DateTime<Utc>),
    (newer, newer_from): (&Bitstring, DateTime<Utc>),
) -> Option<(Kind, String)> {
    if newer_from < older_from {
        return Some((
            Kind::ListTime,
            format!("it is dated {newer_from}, the version before it {older_from}"),
        ));
    }
    if purpose == Change::Restore.purpose() {
        return None;
    }
    let bit = older.first_cleared(newer)?;
    Some((
        Kind::ListCleared,
        format!("it clears bit {bit}, which the version before it had set"),
    ))
}

impl Round<'_> {
    /// Takes in the version that stands at `index`.
    pub(super) fn saw_list(
        &mut self,
        index: u64,
        (purpose, list, valid_from): (StatusPurpose, u32, DateTime<Utc>),
        pending: &Pending,
    ) -> Result<(), Stop> {
        let about = format!("entry {index}, status list {}/{list}", purpose.as_str());
        let limit = self.cosigned.unwrap_or(self.now + SKEW);
        if valid_from > limit {
            let says = format!("it is dated {valid_from}, after the head that covers it ({limit})");
            self.raise(Kind::ListTime, &*about, says, Evidence::default())?;
        }
        let is_it = |known: &&mut KnownList| known.purpose == purpose.as_str() && known.list == list;
        let place = self.state.lists.iter_mut().find(is_it).map(|known| known.clone());
        let Some(known) = place else {
            if self.state.lists.len() >= MOST {
                let says = format!("there are more than {MOST} status lists");
                return Err(self.refuse(Kind::Oversized, about, says, Evidence::default()));
            }
            self.state.lists.push(KnownList {
                purpose: purpose.as_str().to_owned(),
                list,
                index,
                valid_from,
            });
            return Ok(());
        };
        if let (Some(known_bits), Some(bits)) = (self.bits(known.index, pending)?, self.bits(index, pending)?)
        {
            let (one, other) = ((&known_bits, known.valid_from), (&bits, valid_from));
            // One that was withheld before and comes late stands before the newest one.
            let wrong = match known.index < index {
                true => contradiction(purpose, one, other),
                false => contradiction(purpose, other, one),
            };
            if let Some((kind, says)) = wrong {
                self.raise(kind, about, says, Evidence::default())?;
            }
        }
        if let Some(known) = self
            .state
            .lists
            .iter_mut()
            .find(is_it)
            .filter(|known| known.index < index)
        {
            (known.index, known.valid_from) = (index, valid_from);
        }
        Ok(())
    }

    fn bits(&self, index: u64, pending: &Pending) -> Result<Option<Bitstring>, Stop> {
        let body = match pending.get(&index) {
            Some(body) => Some(body.clone()),
            None => self.mirror.body(index)?,
        };
        Ok(body.and_then(|body| read_list(&body).ok().map(|list| list.bits)))
    }
}

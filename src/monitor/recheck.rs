//! The mirror as a whole, held against the one thing in it that somebody else has signed: the head. Its root
//! vouches for the tiles from the top down, they for the entries, and the entries for the bodies.
//!
//! It reads every file and needs no server. What a mirror may lack is what erasures name, what is not for this
//! monitor, and what the registry owes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::alarm::Kind;
use super::head::MAX_HEAD;
use super::mirror::{Mirror, Tiles, body_file};
use super::presence::{self, Damage, tiles_of};
use super::round::{Round, Stop};
use super::segment::WIDTH;
use super::{MonitorError, Recheck};
use crate::log::checkpoint::Checkpoint;
use crate::log::hash::{Hash, leaf_hash};
use crate::log::note::Note;
use crate::log::reader::HashReader as _;
use crate::log::tile::{BundleId, TILE_WIDTH, TileId, width_at};
use crate::log::tree::Frontier;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};

const FILE: &str = "private/rechecked.json";
const MAX: u64 = 4096;

/// A mirror is checked whole at least so often.
const DAILY: TimeDelta = TimeDelta::hours(24);

/// A mirror of at most so many entries is checked whole whenever a monitor starts: half a gigabyte is read in
/// about a second.
const AT_START: u64 = 1 << 18;

/// Damaged files named in one round.
const MOST: usize = 100;

/// When the mirror was last checked whole, and found sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rechecked {
    /// UTC.
    pub(super) at: DateTime<Utc>,
    /// Entries that it covered.
    pub(super) entries: u64,
}

impl Round<'_> {
    /// Whether the round may go on from what the mirror holds; if not, the damage is in the report.
    pub(super) fn stands(&mut self) -> Result<bool, MonitorError> {
        let Some(head) = self.held()? else {
            return Ok(true);
        };
        let mut found = presence::look(self.mirror, &head, self.state.bodies)?;
        let last = last(self.mirror);
        if found.is_empty() {
            found.extend(self.other_checkpoint(&head)?);
        }
        if found.is_empty() && is_due(self.settings.recheck, last, self.now, head.size) {
            found = self.whole()?;
            if found.is_empty() {
                self.note_recheck(head.size)?;
            }
        } else {
            self.report.rechecked = last;
        }
        let sound = found.is_empty();
        for damage in found.into_iter().take(MOST) {
            self.damaged(damage)?;
        }
        Ok(sound)
    }

    fn note_recheck(&mut self, entries: u64) -> Result<(), MonitorError> {
        let done = Rechecked {
            at: self.now,
            entries,
        };
        let bytes = serde_json::to_vec(&done).map_err(|error| self.mirror.damaged(FILE, error))?;
        self.mirror.put(FILE, &bytes)?;
        self.report.rechecked = Some(done);
        Ok(())
    }

    /// Takes damage into the report: an alarm that does not stand, for a file can be put back.
    pub(super) fn damaged(&mut self, damage: Damage) -> Result<(), MonitorError> {
        let Damage { file, why } = damage;
        match self.raise_for_now(Kind::MirrorDamaged, &file, why) {
            Err(Stop::Broken(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// What is served as the head is a head of the log's, at least as new as the one that was accepted.
    fn other_checkpoint(&self, held: &Checkpoint) -> Result<Option<Damage>, MonitorError> {
        let bytes = self.mirror.get("checkpoint", MAX_HEAD)?.unwrap_or_default();
        if self.state.head.as_ref().map(String::as_bytes) == Some(bytes.as_slice()) {
            return Ok(None);
        }
        let policy = &self.settings.trust.policy;
        let shown = Note::parse(&bytes)
            .ok()
            .and_then(|note| policy.assess(&note).ok());
        // A round that was stopped has replaced it and not yet remembered that it did.
        let fine = shown.is_some_and(|shown| {
            let (size, root) = (shown.checkpoint.size, shown.checkpoint.root);
            size > held.size || (size, root) == (held.size, held.root)
        });
        Ok((!fine).then(|| {
            let en = "it is not the signed head that was accepted";
            Damage::new("checkpoint", "不是所接受的已签名日志头", en)
        }))
    }

    /// Everything: tiles from the top, entries, bodies.
    fn whole(&self) -> Result<Vec<Damage>, MonitorError> {
        let mut found = tree(self.mirror, self.size)?;
        let bad: BTreeSet<String> = found.iter().map(|damage| damage.file.clone()).collect();
        let mut absent: BTreeMap<Digest, u64> = BTreeMap::new();
        let owed: BTreeSet<u64> = self.state.open.iter().map(|open| open.index).collect();
        for number in 0..self.size.div_ceil(WIDTH) {
            let width = width_at(0, number, self.size);
            if bad.contains(&BundleId { index: number, width }.to_string()) {
                continue;
            }
            let entries = self.mirror.bundle(number, self.size)?;
            let segment = match self.mirror.segment(number) {
                Ok(segment) => segment,
                Err(error) => {
                    found.push(damage_of(self.mirror, error)?);
                    continue;
                }
            };
            let first = number.saturating_mul(WIDTH);
            let mut changed = None;
            for (place, (index, entry)) in (first..).zip(&entries).enumerate() {
                let Ok(entry) = Entry::decode(entry) else { continue };
                let body = segment.get(place).and_then(Option::as_ref);
                if entry.kind == EntryKind::Erasure {
                    absent.remove(&entry.digest);
                } else if let Some(body) = body {
                    changed = changed.or((Digest::of(body) != entry.digest).then_some(index));
                } else if index < self.state.bodies && self.is_ours(&entry) && !owed.contains(&index) {
                    absent.insert(entry.digest, index);
                }
            }
            found.extend(changed.map(|index| changed_body(number, index)));
        }
        found.extend(missing(&absent));
        Ok(found)
    }
}

fn changed_body(number: u64, index: u64) -> Damage {
    let en = format!("the body of entry {index} has not the digest that was logged");
    Damage::new(
        body_file(number),
        &format!("第 {index} 条的内容与入日志的摘要不符"),
        en,
    )
}

/// One for each file that lacks bodies.
fn missing(absent: &BTreeMap<Digest, u64>) -> Vec<Damage> {
    let files: BTreeMap<u64, u64> = absent.values().map(|index| (index / WIDTH, *index)).collect();
    let lacks = |(number, index)| {
        let en = format!("the body of entry {index} is gone, and no erasure says so");
        let zh = format!("第 {index} 条的内容缺失，且无删除条目");
        Damage::new(body_file(number), &zh, en)
    };
    files.into_iter().map(lacks).collect()
}

fn last(mirror: &Mirror) -> Option<Rechecked> {
    // Unreadable, it is as if there had been none: the mirror is checked whole again.
    let bytes = mirror.get(FILE, MAX).ok()??;
    serde_json::from_slice(&bytes).ok()
}

fn is_due(asked: Recheck, last: Option<Rechecked>, now: DateTime<Utc>, size: u64) -> bool {
    let old = last.is_none_or(|last| now < last.at || now - last.at >= DAILY);
    old || asked == Recheck::Always || (asked == Recheck::AtStart && size <= AT_START)
}

/// The file and the fault in an error of the mirror's own reader.
///
/// # Errors
/// The error, where it is no damage.
pub(super) fn damage_of(mirror: &Mirror, error: MonitorError) -> Result<Damage, MonitorError> {
    match error {
        MonitorError::Damaged(path, why) => Ok(Damage::new(mirror.name_of(&path), "文件已损坏", why)),
        other => Err(other),
    }
}

/// Tiles against those above them, from the top down, and bundles against the lowest. The partial tiles of the
/// edge give the signed root, or nothing would have been looked at.
fn tree(mirror: &Mirror, size: u64) -> Result<Vec<Damage>, MonitorError> {
    let tiles = Tiles { mirror, size };
    let mut found = Vec::new();
    for level in (0..8_u8).rev() {
        let mut above = None;
        for id in tiles_of(level, size) {
            let hashes = match tiles.tile(level, id.index, id.width) {
                Ok(hashes) => hashes,
                Err(error) => {
                    found.push(damage_of(mirror, error)?);
                    continue;
                }
            };
            if id.is_full() && !is_above(&tiles, &mut above, &id, root(&hashes)) {
                let en = "its hashes are not those of the tile above it";
                found.push(Damage::new(id.to_string(), "与上层数据块不符", en));
                continue;
            }
            if level == 0 {
                found.extend(bundle(mirror, (id.index, size), &hashes)?);
            }
        }
    }
    Ok(found)
}

/// Whether a full tile's root stands where the tile above it has it.
fn is_above(tiles: &Tiles<'_>, above: &mut Option<(u64, Vec<Hash>)>, id: &TileId, root: Hash) -> bool {
    let (level, index) = (id.level.saturating_add(1), id.index / u64::from(TILE_WIDTH));
    if above.as_ref().is_none_or(|(held, _)| *held != index) {
        let width = width_at(level, index, tiles.size);
        // A tile above that cannot be read was named when its own level was looked at.
        let Ok(hashes) = tiles.tile(level, index, width) else {
            return true;
        };
        *above = Some((index, hashes));
    }
    let place = usize::try_from(id.index % u64::from(TILE_WIDTH)).unwrap_or(0);
    let held = above.as_ref().and_then(|(_, hashes)| hashes.get(place));
    held == Some(&root)
}

fn root(hashes: &[Hash]) -> Hash {
    let mut tree = Frontier::new();
    tree.extend(hashes.iter().copied());
    tree.root()
}

fn bundle(
    mirror: &Mirror,
    (index, size): (u64, u64),
    hashes: &[Hash],
) -> Result<Option<Damage>, MonitorError> {
    let entries = match mirror.bundle(index, size) {
        Ok(entries) => entries,
        Err(error) => return Ok(Some(damage_of(mirror, error)?)),
    };
    let same = entries
        .iter()
        .map(|entry| leaf_hash(entry))
        .eq(hashes.iter().copied());
    let width = width_at(0, index, size);
    Ok((!same).then(|| {
        let en = "its entries are not those of the tile";
        Damage::new(BundleId { index, width }.to_string(), "条目与数据块不符", en)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_it_is_due() {
        let at = |hour: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hour);
        let last = |hour| {
            let (at, entries) = (at(hour), 9);
            Some(Rechecked { at, entries })
        };
        for (asked, last, size, due) in [
            (Recheck::Daily, None, 9, true),
            (Recheck::Daily, last(1), 9, false),
            (Recheck::Daily, last(-4), 9, true),
            // A clock that was set back.
            (Recheck::Daily, last(30), 9, true),
            (Recheck::AtStart, last(1), AT_START, true),
            (Recheck::AtStart, last(1), AT_START + 1, false),
            (Recheck::AtStart, last(-4), AT_START + 1, true),
            (Recheck::Always, last(1), AT_START + 1, true),
        ] {
            assert_eq!(
                is_due(asked, last, at(20), size),
                due,
                "{asked:?} {last:?} {size}"
            );
        }
    }
}

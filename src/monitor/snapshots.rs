//! Snapshots rebuilt over the mirror, by the code that the registry's own check runs, and vouched for.

use super::Now;
use super::alarm::{Evidence, Kind};
use super::mirror::{Mirror, Tiles};
use super::report::Rebuilt;
use super::round::{Round, Stop};
use super::state::KnownSnapshot;
use super::{MonitorError, segment};
use crate::log::edge::Edge;
use crate::log::key::{KeyKind, VerifierKey};
use crate::rebuild::history::{History, HistoryError, Logged};
use crate::rebuild::{RebuildError, differences};
use crate::record::digest::Digest;
use crate::record::entry::{Audience, Entry, EntryKind};
use crate::record::snapshot::read_snapshot;
use crate::record::status::read_list;
use crate::verify::monitor::MonitorNote;

impl Round<'_> {
    /// Rebuilds the newest snapshot of each audience whose bodies are looked at, once.
    pub(super) fn rebuild(&mut self, now: Now<'_>) -> Result<(), Stop> {
        for audience in [Audience::Public, Audience::Partners] {
            let known = self.state.snapshots.get(audience.as_str());
            let Some(known) = known.filter(|known| !known.done).cloned() else {
                continue;
            };
            let line = self.rebuild_one(audience, &known, now)?;
            let done = line.result != "not-rebuilt";
            self.report.snapshots.push(line);
            if let Some(known) = self.state.snapshots.get_mut(audience.as_str()) {
                known.done = done;
            }
            self.state.save(self.mirror)?;
        }
        Ok(())
    }

    fn rebuild_one(
        &mut self,
        audience: Audience,
        known: &KnownSnapshot,
        now: Now<'_>,
    ) -> Result<Rebuilt, Stop> {
        let mut line = Rebuilt {
            audience: audience.as_str(),
            log_index: known.index,
            log_size: known.size,
            result: "not-rebuilt",
            note: None,
            why: None,
        };
        let Some(snapshot) = self.mirror.body(known.index)? else {
            line.why = Some("its body is missing".to_owned());
            return Ok(line);
        };
        let tiles = Tiles {
            mirror: self.mirror,
            size: self.size,
        };
        let root = Edge::load(&tiles, known.size)
            .map_err(|error| self.unread(error))?
            .root();
        let lists = read_snapshot(&snapshot).map_or(0, |snapshot| snapshot.state.lists.len());
        let mut past = Past {
            mirror: self.mirror,
            size: self.size,
            lists,
        };
        let about = format!("entry {}, snapshot of {}", known.index, audience.as_str());
        let differing = match differences(&snapshot, root, &mut past, &self.mirror.private()) {
            Ok(differing) => differing,
            Err(RebuildError::Io(error)) => return Err(self.mirror.damaged("private", error).into()),
            // Withdrawn after the head that it describes, or owed, which is an alarm of its own.
            Err(RebuildError::Gone(digest)) => {
                line.why = Some(format!(
                    "the body with the digest {digest} is not there any more: the next snapshot can be rebuilt"
                ));
                return Ok(line);
            }
            Err(error) => {
                self.raise(Kind::Snapshot, about, error, Evidence::default())?;
                line.result = "differs";
                return Ok(line);
            }
        };
        if !differing.is_empty() {
            let says = format!("it differs from what was rebuilt in {}", differing.join(", "));
            self.raise(Kind::Snapshot, about, says, Evidence::default())?;
            line.result = "differs";
            return Ok(line);
        }
        line.result = "equal";
        line.note = self.vouch(&snapshot, now)?;
        Ok(line)
    }

    /// Signs that a snapshot was rebuilt and found equal; the note's file.
    fn vouch(&self, snapshot: &[u8], now: Now<'_>) -> Result<Option<String>, Stop> {
        let Some(signer) = self.settings.voucher else {
            return Ok(None);
        };
        let failed = |why: String| Stop::Broken(MonitorError::Key(why));
        let key = VerifierKey::new(
            signer.verification_method(),
            KeyKind::Ed25519,
            &signer.public_key(),
        );
        let key = key.map_err(|error| failed(error.to_string()))?;
        let said = MonitorNote {
            origin: self.report.origin.clone(),
            snapshot: Digest::of(snapshot),
            rebuilt: now(),
        };
        let note = said.sign(&key, |message| signer.sign(message));
        let note = note.map_err(|error| failed(error.to_string()))?;
        let name = format!("notes/{}.note", said.snapshot.hex());
        self.mirror.put(&name, note.as_bytes())?;
        Ok(Some(name))
    }
}

/// The log's past as the mirror has it.
struct Past<'m> {
    mirror: &'m Mirror,
    size: u64,
    /// How many lists the snapshot says there are: the search for them ends there.
    lists: usize,
}

fn unreadable(error: MonitorError) -> HistoryError {
    HistoryError(error.to_string())
}

impl History for Past<'_> {
    fn lists(&mut self, size: u64) -> Result<Vec<Vec<u8>>, HistoryError> {
        let mut found = std::collections::BTreeMap::new();
        let mut number = size.div_ceil(segment::WIDTH);
        while let Some(last) = number.checked_sub(1).filter(|_| found.len() < self.lists) {
            number = last;
            let first = last.saturating_mul(segment::WIDTH);
            let entries = self.mirror.bundle(last, self.size).map_err(unreadable)?;
            let mut bodies = self.mirror.segment(last).map_err(unreadable)?;
            for (place, entry) in entries.iter().enumerate().rev() {
                let below = first.saturating_add(place as u64) < size;
                let is_list = Entry::decode(entry).is_ok_and(|entry| entry.kind == EntryKind::StatusList);
                let body = bodies
                    .get_mut(place)
                    .filter(|_| below && is_list)
                    .and_then(Option::take);
                let Some(body) = body else {
                    continue;
                };
                let list = read_list(&body).map_err(|error| HistoryError(error.to_string()))?;
                let key = (list.list, list.purpose);
                found.entry(key).or_insert(body);
            }
        }
        Ok(found.into_values().collect())
    }

    fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Logged>, HistoryError> {
        let mut found = Vec::new();
        let mut number = from / segment::WIDTH;
        while number.saturating_mul(segment::WIDTH) < to {
            let entries = self.mirror.bundle(number, self.size).map_err(unreadable)?;
            let mut bodies = self.mirror.segment(number).map_err(unreadable)?;
            bodies.resize(entries.len(), None);
            let first = number.saturating_mul(segment::WIDTH);
            let logged = (first..)
                .zip(entries.into_iter().zip(bodies))
                .filter(|(index, _)| *index < to);
            found.extend(logged.map(|(_, (entry, body))| Logged { entry, body }));
            number = number.saturating_add(1);
        }
        Ok(found)
    }
}

//! The bodies of all entries under the accepted head, in their order, page by page: fetched, judged, kept.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::MonitorError;
use super::alarm::{Evidence, Kind};
use super::feed::PageError;
use super::fetch::FetchError;
use super::head::MAX_HEAD;
use super::judge::{Fault, Known, Sound, judge};
use super::mirror::Tiles;
use super::report;
use super::round::{Round, Stop};
use super::segment::WIDTH;
use super::state::{KnownSnapshot, Open};
use crate::log::edge::Edge;
use crate::record::changes::Bodies;
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;
use crate::record::entry::{Audience, Entry, EntryKind};
use crate::record::snapshot::State as SnapshotState;
use crate::verify::{Lang, Succession, key_document};

/// Entries asked for at once: three segments.
const PAGE: u64 = 3 * WIDTH;

/// Bodies in a row that a server may fail over before it is taken to give none at all.
const MOST_FAILED: u64 = 16;

/// Erasures that are carried out together: each time the whole log is searched for what they name.
const MOST_ERASING: usize = 4096;

/// Bodies that are judged and not written yet, by index.
pub(super) type Pending = BTreeMap<u64, Vec<u8>>;

impl Round<'_> {
    /// The newest key document, out of the mirror.
    pub(super) fn load_keys(&mut self) -> Result<(), MonitorError> {
        let Some(index) = self.state.keys else {
            return Ok(());
        };
        let damaged = || {
            self.mirror.damaged(
                "private/bodies",
                format!("the key document {index} cannot be read"),
            )
        };
        let body = self.mirror.body(index)?.ok_or_else(damaged)?;
        let document = key_document(&body, &self.settings.trust.issuer).map_err(|_| damaged())?;
        self.keys = Some(document);
        Ok(())
    }

    /// Whether a body is for this monitor.
    pub(super) fn is_ours(&self, entry: &Entry) -> bool {
        entry.audience == Audience::Public || self.state.partners
    }

    /// Goes through all bodies up to the accepted head. What the server fails over is passed by, and owed once
    /// it has given something that comes after: one body must not hide the others.
    pub(super) fn follow_bodies(&mut self) -> Result<(), Stop> {
        let (mut step, mut failed) = (PAGE, 0_u64);
        while self.state.bodies < self.size {
            if self.state.open.len() >= report::MOST {
                let why = format!(
                    "more than {} bodies are owed: no further ones are looked at",
                    report::MOST
                );
                return Err(Stop::Undecided(why));
            }
            let from = self.state.bodies;
            let at = from.saturating_add(failed);
            if at >= self.size {
                return self.take_whole(from, self.size, Bodies::new());
            }
            let to = page_end(at, step, self.size);
            match self.page(at, to) {
                Ok(page) => {
                    self.take_whole(from, to, page)?;
                    (step, failed) = (step.saturating_mul(2).min(PAGE), 0);
                }
                Err(PageError::Fetch(error)) if is_about_a_body(&error) && to - at > 1 => {
                    step = ((to - at) / 2).max(1);
                }
                Err(PageError::Fetch(FetchError::Status(_, 500..)))
                    if failed < MOST_FAILED && self.is_well() =>
                {
                    failed = failed.saturating_add(1);
                }
                Err(PageError::Fetch(error)) => {
                    return Err(self.unfetched(&format!("entries {at} to {to}"), &error, false));
                }
                Err(PageError::Malformed(why)) => return Err(Stop::Undecided(why)),
            }
        }
        Ok(())
    }

    /// Takes a page in, or nothing of it.
    fn take_whole(&mut self, from: u64, to: u64, page: Bodies) -> Result<(), Stop> {
        let before = (self.state.clone(), self.keys.clone());
        let taken = self.take(from, to, page);
        if taken.is_err() {
            (self.state, self.keys) = before;
        }
        taken
    }

    /// Whether the server answers as such, so that its failure is about one body.
    fn is_well(&self) -> bool {
        self.server.get("/log/checkpoint", MAX_HEAD).is_ok()
    }

    /// Judges and keeps the bodies of entries `from..to`.
    fn take(&mut self, from: u64, to: u64, mut page: Bodies) -> Result<(), Stop> {
        let entries = self.mirror.entries(from, to, self.size)?;
        let logged: Vec<(u64, Option<Entry>)> = (from..)
            .zip(entries.iter().map(|entry| Entry::decode(entry).ok()))
            .collect();
        let mut pending = Pending::new();
        let is_keys =
            |(_, entry): &(u64, Option<Entry>)| entry.is_some_and(|entry| entry.kind == EntryKind::Keys);
        // Bodies between two key documents are judged by the same one, and so at the same time.
        for run in logged.split_inclusive(is_keys) {
            let judged = self.judge(run, &page);
            for ((index, entry), judged) in run.iter().zip(judged) {
                let Some(entry) = entry else {
                    self.raise(
                        Kind::Record,
                        format!("entry {index}"),
                        ("不是规定格式的条目", "it is no entry of the format"),
                        Evidence::default(),
                    )?;
                    continue;
                };
                if entry.kind == EntryKind::Erasure {
                    self.saw_erasure(*index, entry)?;
                } else if self.is_ours(entry) {
                    self.settle(*index, entry, page.remove(index), judged, &mut pending)?;
                } else {
                    self.state.hidden = self.state.hidden.saturating_add(1);
                }
            }
        }
        self.write(from, to, &mut pending)?;
        self.state.bodies = to;
        if self.state.erasing.len().saturating_add(self.state.unproved.len()) >= MOST_ERASING {
            return self.erase();
        }
        Ok(self.state.save(self.mirror)?)
    }

    fn judge(&self, run: &[(u64, Option<Entry>)], page: &Bodies) -> Vec<Option<Result<Sound, Fault>>> {
        let known = self.known();
        let partners = self.state.partners;
        run.par_iter()
            .map(|(index, entry)| {
                let entry = entry
                    .as_ref()
                    .filter(|entry| partners || entry.audience == Audience::Public)?;
                Some(judge(*index, entry, page.get(index)?, &known))
            })
            .collect()
    }

    /// By what bodies are judged now.
    pub(super) fn known(&self) -> Known<'_> {
        Known {
            issuer: &self.settings.trust.issuer,
            keys: self.keys.as_ref(),
            methods: &self.state.methods,
            after: self.after,
        }
    }

    /// Takes in one body that is ours, with its judgement; none where it was not given.
    pub(super) fn settle(
        &mut self,
        index: u64,
        entry: &Entry,
        body: Option<Vec<u8>>,
        judged: Option<Result<Sound, Fault>>,
        pending: &mut Pending,
    ) -> Result<(), Stop> {
        let (Some(body), Some(judged)) = (body, judged) else {
            if !self.is_withdrawn(&entry.digest)? {
                self.owe(index, entry, false);
            }
            return Ok(());
        };
        if judged == Err(Fault::Changed) {
            self.owe(index, entry, true);
            return Ok(());
        }
        if entry.kind == EntryKind::Keys {
            self.saw_keys(index, &body)?;
        }
        pending.insert(index, body);
        match judged {
            Ok(Sound::Other) | Err(Fault::Changed) => Ok(()),
            Ok(Sound::List(purpose, list, from)) => self.saw_list(index, (purpose, list, from), pending),
            Ok(Sound::Snapshot(state)) => self.saw_snapshot(index, &state),
            Ok(Sound::Withdrawal(digest)) => {
                self.state.saw_withdrawal(&digest, entry.audience);
                Ok(())
            }
            Err(Fault::Wrong(kind, why)) => {
                self.raise(kind, format!("entry {index}"), why, Evidence::default())
            }
        }
    }

    /// Notes that a body is owed.
    fn owe(&mut self, index: u64, entry: &Entry, changed: bool) {
        self.state.open.push(Open {
            index,
            digest: entry.digest.hex(),
            changed,
        });
    }

    /// Takes in a key document: signed by enough roots, and taking nothing back.
    fn saw_keys(&mut self, index: u64, body: &[u8]) -> Result<(), Stop> {
        if Succession::is_note(body) {
            return self.saw_succession(index, body);
        }
        let about = format!("entry {index}, key document");
        let document = match key_document(body, &self.settings.trust.issuer) {
            Ok(document) => document,
            Err(finding) => {
                let says = (finding.text(Lang::Zh), finding.text(Lang::En));
                return self.raise(Kind::Keys, about, says, Evidence::default());
            }
        };
        if let Some(newest) = self.keys.as_ref().filter(|_| self.state.keys < Some(index))
            && let Err(error) = newest.may_be_followed_by(&document)
        {
            // It is not gone on from: what it took back stays.
            return self.raise(Kind::Keys, about, error.to_string(), Evidence::default());
        }
        self.learn(index, document);
        Ok(())
    }

    /// A succession document is one of those in the trust folder: the roots have signed no other.
    fn saw_succession(&mut self, index: u64, body: &[u8]) -> Result<(), Stop> {
        let trust = self.settings.trust;
        let says = match Succession::open(body, &trust.issuer) {
            Ok(document) if trust.successions.contains(&document) => return Ok(()),
            Ok(_) => (
                "信任文件夹中没有这份日志接续文件".to_owned(),
                "the trust folder does not have this succession document".to_owned(),
            ),
            Err(error) => ("不是根密钥所签的日志接续文件".to_owned(), error.to_string()),
        };
        let about = format!("entry {index}, succession document");
        self.raise(Kind::Keys, about, says, Evidence::default())
    }

    fn learn(&mut self, index: u64, document: KeyDocument) {
        for method in &document.methods {
            let first = self.state.methods.entry(method.id.clone()).or_insert(index);
            *first = (*first).min(index);
        }
        if self.state.keys < Some(index) {
            self.state.keys = Some(index);
            self.keys = Some(document);
        }
    }

    /// Takes in a snapshot: it describes this log, at a head before it.
    fn saw_snapshot(&mut self, index: u64, said: &SnapshotState) -> Result<(), Stop> {
        let about = format!("entry {index}, snapshot of {}", said.audience.as_str());
        let size = said.log_size;
        let tiles = Tiles {
            mirror: self.mirror,
            size: self.size,
        };
        let same = size <= index && {
            let then = Edge::load(&tiles, size).map_err(|error| self.unread(error))?;
            then.root().as_bytes() == &said.log_root
        };
        if !same {
            let says = (
                format!("它所述 {size} 条的根不是本日志的"),
                format!("it describes {size} entries with a root that this log did not have"),
            );
            return self.raise(Kind::Snapshot, about, says, Evidence::default());
        }
        let name = said.audience.as_str().to_owned();
        if self
            .state
            .snapshots
            .get(&name)
            .is_none_or(|known| known.index < index)
        {
            self.state.snapshots.insert(
                name,
                KnownSnapshot {
                    index,
                    size,
                    done: false,
                },
            );
        }
        Ok(())
    }

    /// Writes the segments that entries `from..to` touch.
    fn write(&mut self, from: u64, to: u64, pending: &mut Pending) -> Result<(), Stop> {
        let mut number = from / WIDTH;
        while number.saturating_mul(WIDTH) < to {
            let first = number.saturating_mul(WIDTH);
            let mut bodies = match first < from {
                true => self.mirror.segment(number)?,
                false => Vec::new(),
            };
            bodies.resize(usize::try_from(from.saturating_sub(first)).unwrap_or(0), None);
            let end = to.min(first.saturating_add(WIDTH));
            bodies.extend((first.max(from)..end).map(|index| pending.remove(&index)));
            self.mirror.put_segment(number, &bodies)?;
            number = number.saturating_add(1);
        }
        Ok(())
    }
}

fn is_about_a_body(error: &FetchError) -> bool {
    matches!(error, FetchError::TooLong(..) | FetchError::Status(_, 500..))
}

/// Where a page that begins at `from` ends: with a segment where it can.
fn page_end(from: u64, step: u64, size: u64) -> u64 {
    let to = from.saturating_add(step);
    let whole = to - to % WIDTH;
    let to = if whole > from { whole } else { to };
    to.min(size)
}

/// The digest in an open item.
pub(super) fn digest(open: &Open) -> Option<Digest> {
    Digest::parse_hex(&open.digest).ok()
}

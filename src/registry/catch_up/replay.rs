//! The replay, in one transaction: entries, tiles and bodies bundle by bundle, then the head.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::log::checkpoint::Checkpoint as Head;
use crate::log::edge::Edge;
use crate::log::entries;
use crate::log::hash::{Hash, leaf_hash};
use crate::log::note::Note;
use crate::log::tile::{self, TILE_WIDTH, TileId};
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::registry::Registry;
use crate::registry::audit::{self, Act, HEAD};
use crate::registry::change;
use crate::registry::clock::{Clock as _, SystemClock};
use crate::registry::high_water::Mark;
use crate::registry::tiles::StoredTiles;
use crate::registry::witness;
use crate::store::log::body::{self as bodies, Body};
use crate::store::log::bundle::{self, Bundle};
use crate::store::log::checkpoint::{self, Checkpoint};
use crate::store::log::chunk::{self, Chunk, Intent};
use crate::store::log::tile::{self as tiles, Tile};
use crate::store::log::{cosigned, head, lease};
use crate::store::{self, Conn, StoreError};

use super::body::{self, What};
use super::lists::Lists;
use super::mirror::Mirror;
use super::numbers::Numbers;
use super::{CATCH_UP, CatchUpError, CaughtUp, fill, open};

/// Entries in a bundle.
const WIDTH: u64 = TILE_WIDTH as u64;

/// How long the log is kept from other writers: more than a replay takes, and given back after it.
const LEASE: TimeDelta = TimeDelta::hours(1);

/// Brings the database up to the head of a mirror.
///
/// # Errors
/// [`CatchUpError`]; the database is as it was then.
pub fn catch_up(
    registry: &Registry,
    mirror: &Mirror,
    allow_missing: bool,
    progress: &dyn Fn(u64, u64),
) -> Result<CaughtUp, CatchUpError> {
    let keys = registry.keys()?;
    let high_water = keys.high_water()?;
    let lock = high_water.lock()?;
    let (note, wanted) = signed_head(registry, mirror)?;
    let mark = high_water.read()?;
    let mut conn = registry.store.conn()?;
    let found = head::read(&mut conn)?;
    let from = store::unsigned("the log's size", found.stored_size)?;
    if found.stored_size != found.head_size {
        return Err(CatchUpError::Unfinished(
            "entries are stored beyond its head".into(),
        ));
    }
    let signed = mark.map_or(from, |mark| mark.size.max(from));
    if wanted.size < signed {
        return Err(CatchUpError::Behind {
            mirror: wanted.size,
            signed,
        });
    }
    open::none_in_part(&mut conn)?;
    let now = SystemClock.now().naive_utc();
    let holder = keys.holder(registry.random.as_ref())?;
    let fence = store::write(&mut conn, |conn| lease::take(conn, &holder, now, now + LEASE))?;
    let done = store::write(&mut conn, |conn| {
        let mut replay = Replay::begin(registry, conn, (from, mark))?;
        replay.filled = fill::bodies(conn, mirror, from)?;
        replay.all(conn, mirror, &wanted, progress)?;
        let done = replay.finish(conn, (&note, &wanted), allow_missing, fence)?;
        // Before the commit: a crash between the two leaves a mark that the next attempt reaches.
        high_water.raise(Mark {
            size: wanted.size,
            root: wanted.root,
        })?;
        Ok::<_, CatchUpError>(done)
    });
    let released = store::write(&mut conn, |conn| {
        lease::release(conn, fence, SystemClock.now().naive_utc())
    });
    let done = done?;
    released?;
    drop(lock);
    witness::after_publishing(registry)?;
    Ok(done)
}

/// The mirror's head, signed by this log's keys and cosigned where the policy demands it.
fn signed_head(registry: &Registry, mirror: &Mirror) -> Result<(Note, Head), CatchUpError> {
    let note = Note::parse(&mirror.checkpoint()?)?;
    let trust = registry.trust()?;
    note.open(trust.policy.logs())?;
    if let Some(witnesses) = &registry.witnesses
        && let Some(why) = witnesses.wrong(&note, true)
    {
        return Err(CatchUpError::Head(why));
    }
    let head = Head::of(&note)?;
    let origin = registry.keys()?.log()?.verifier().name().to_owned();
    if head.origin != origin {
        return Err(CatchUpError::Head(format!(
            "it is of {}, not of {origin}",
            head.origin
        )));
    }
    Ok((note, head))
}

struct Replay<'r> {
    registry: &'r Registry,
    edge: Edge,
    from: u64,
    mark: Option<Mark>,
    lists: Lists,
    numbers: Numbers,
    digest: Sha256,
    replayed: Vec<Body>,
    /// Entries without a body: the digest, and whether it is a public one.
    missing: Vec<(Digest, bool)>,
    /// Status lists and key documents among them.
    essential: u64,
    /// Digests of records that were withdrawn.
    erased: BTreeSet<Digest>,
    strangers: u64,
    /// Bodies that were lost before and are not any more.
    filled: u64,
}

impl<'r> Replay<'r> {
    fn begin(
        registry: &'r Registry,
        conn: &mut Conn,
        (from, mark): (u64, Option<Mark>),
    ) -> Result<Self, CatchUpError> {
        let edge = Edge::load(&StoredTiles::new(conn), from)
            .map_err(|error| CatchUpError::OtherHistory(format!("its own tiles: {error}")))?;
        Ok(Self {
            registry,
            edge,
            from,
            mark,
            lists: Lists::begin(conn, signed(from)?)?,
            numbers: Numbers::begin(conn)?,
            digest: Sha256::new(),
            replayed: Vec::new(),
            missing: Vec::new(),
            essential: 0,
            erased: BTreeSet::new(),
            strangers: 0,
            filled: 0,
        })
    }

    /// Every bundle from the one on in which this database's entries end.
    fn all(
        &mut self,
        conn: &mut Conn,
        mirror: &Mirror,
        wanted: &Head,
        progress: &dyn Fn(u64, u64),
    ) -> Result<(), CatchUpError> {
        self.compare_mark()?;
        let mut number = self.from / WIDTH;
        while self.edge.size() < wanted.size {
            let entries = mirror.entries(number, wanted.size)?;
            self.bundle(conn, mirror, number, &entries)?;
            number = number.saturating_add(1);
            progress(
                self.edge.size().saturating_sub(self.from),
                wanted.size.saturating_sub(self.from),
            );
        }
        if self.edge.root() != wanted.root {
            return Err(CatchUpError::OtherHistory("they give another root".into()));
        }
        Ok(())
    }

    fn bundle(
        &mut self,
        conn: &mut Conn,
        mirror: &Mirror,
        number: u64,
        entries: &[Vec<u8>],
    ) -> Result<(), CatchUpError> {
        let first = self.edge.size();
        let held = usize::try_from(first % WIDTH).unwrap_or(0);
        let new = entries.get(held..).unwrap_or_default();
        let mut sources = mirror.bodies(number)?;
        let mut rows = Vec::with_capacity(new.len());
        let mut versions = Vec::new();
        for (place, bytes) in (held..).zip(new) {
            let index = number
                .saturating_mul(WIDTH)
                .saturating_add(u64::try_from(place).unwrap_or(u64::MAX));
            let entry = Entry::decode(bytes)
                .map_err(|error| CatchUpError::OtherHistory(format!("entry {index}: {error}")))?;
            self.digest.update(bytes);
            if entry.kind == EntryKind::Erasure {
                self.erased.insert(entry.digest);
                continue;
            }
            let body = sources.get_mut(place).and_then(Option::take);
            let Some(body) = body.filter(|body| Digest::of(body) == entry.digest) else {
                if matches!(entry.kind, EntryKind::StatusList | EntryKind::Keys) {
                    self.essential = self.essential.saturating_add(1);
                }
                self.missing
                    .push((entry.digest, entry.audience == Audience::Public));
                continue;
            };
            let row = body::row(conn, signed(index)?, &entry, body)?;
            self.strangers = self.strangers.saturating_add(u64::from(row.stranger));
            if let Some(number) = &row.number {
                self.numbers.saw(number);
            }
            match row.what {
                What::List(version, bits) => versions.push((version, bits)),
                What::Record(Some(at)) => self.lists.saw(row.body.log_index, at),
                What::Record(None) | What::Other => {}
            }
            rows.push(row.body);
        }
        bodies::insert(conn, &rows)?;
        for (version, bits) in versions {
            self.lists.version(self.registry, conn, &version, bits)?;
        }
        // What is compared later needs no bytes.
        self.replayed.extend(
            rows.into_iter()
                .filter(|row| row.employer_id.is_some())
                .map(|row| Body {
                    bytes: Vec::new(),
                    ..row
                }),
        );
        let all: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let packed = entries::encode(&all).map_err(|error| CatchUpError::OtherHistory(error.to_string()))?;
        bundle::insert(
            conn,
            &[Bundle {
                bundle_index: signed(number)?,
                width: i64::try_from(entries.len()).unwrap_or(i64::MAX),
                entries: packed,
            }],
        )?;
        let leaves: Vec<Hash> = new.iter().map(|entry| leaf_hash(entry)).collect();
        self.grow(conn, &leaves)
    }

    /// Adds leaves, and compares with the signer's mark where it lies among them.
    fn grow(&mut self, conn: &mut Conn, leaves: &[Hash]) -> Result<(), CatchUpError> {
        let to_mark = self.mark.and_then(|mark| mark.size.checked_sub(self.edge.size()));
        let to_mark = to_mark.and_then(|count| usize::try_from(count).ok());
        let parts = match to_mark.and_then(|count| leaves.split_at_checked(count)) {
            Some((before, after)) => [before, after],
            None => [leaves, &[]],
        };
        let mut full = Vec::new();
        for part in parts {
            full.extend(self.edge.grow(part).into_iter().filter(|(id, _)| id.is_full()));
            self.compare_mark()?;
        }
        let rows = full.into_iter().map(tile_row).collect::<Result<Vec<_>, _>>()?;
        Ok(tiles::insert(conn, &rows)?)
    }

    fn compare_mark(&self) -> Result<(), CatchUpError> {
        match self.mark {
            Some(mark) if mark.size == self.edge.size() && mark.root != self.edge.root() => {
                Err(CatchUpError::OtherHistory(format!(
                    "the signer signed another root for {} entries",
                    mark.size
                )))
            }
            _ => Ok(()),
        }
    }

    /// The partial tiles of the right edge, as far as they are not stored.
    fn partial_tiles(&self, conn: &mut Conn) -> Result<(), CatchUpError> {
        for level in 0..8_u8 {
            let hashes = self.edge.partial(level);
            let Ok(width) = u16::try_from(hashes.len()) else {
                continue;
            };
            if width == 0 {
                continue;
            }
            let index = self
                .edge
                .size()
                .checked_shr(8 * (u32::from(level) + 1))
                .unwrap_or(0);
            let row = tile_row((TileId { level, index, width }, tile::encode(hashes)))?;
            let stored = tiles::all_widths(conn, row.level, row.tile_index)?;
            if !stored.iter().any(|known| known.width == row.width) {
                tiles::insert(conn, &[row])?;
            }
        }
        Ok(())
    }

    /// The journal, the head, the audit row, and what follows from the bodies.
    fn finish(
        self,
        conn: &mut Conn,
        (note, wanted): (&Note, &Head),
        allow_missing: bool,
        fence: i64,
    ) -> Result<CaughtUp, CatchUpError> {
        // What was withdrawn has no body anywhere.
        let lacking = || {
            self.missing
                .iter()
                .filter(|(digest, _)| !self.erased.contains(digest))
        };
        let count = |public: bool| lacking().filter(|(_, of_all)| *of_all == public).count();
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let (public, partners) = (number(count(true)), number(count(false)));
        let erased = number(self.erased.len());
        if public.saturating_add(partners) > 0 && !allow_missing {
            return Err(CatchUpError::Missing { public, partners });
        }
        // What is signed next rests on the newest of them.
        if self.essential > 0 {
            return Err(CatchUpError::Essential(self.essential));
        }
        // Its body may lie in the backup or in the mirror, and would be shown again.
        if erased > 0 {
            return Err(CatchUpError::Erased(erased));
        }
        let mut done = CaughtUp {
            from: self.from,
            to: wanted.size,
            missing: (public, partners),
            filled: self.filled,
            strangers: self.strangers,
            ..CaughtUp::default()
        };
        if wanted.size == self.from {
            if self.filled > 0 {
                done.held = change::settle_replayed(self.registry, conn, 0)?;
            }
            return Ok(done);
        }
        self.partial_tiles(conn)?;
        let at = self.registry.clock.now();
        let (from, to, now) = (signed(self.from)?, signed(wanted.size)?, at.naive_utc());
        let count = to.saturating_sub(from);
        let intent = Intent {
            first_index: from,
            count,
            batch_id: None,
            digest: self.digest.finalize().to_vec(),
            intended_at: now,
            fence,
        };
        chunk::intend(conn, &intent)?;
        let stored = Chunk {
            first_index: from,
            count,
            batch_id: None,
            ordinal: None,
            items: None,
        };
        chunk::insert(conn, &stored)?;
        // A backup from before a succession goes on under the successor's name.
        let held = head::read(conn)?.origin;
        match held == wanted.origin {
            true => head::advance_stored(conn, from, to)?,
            false => head::succeed(conn, (from, to), (&held, &wanted.origin))?,
        }
        // As the log signed it: cosignatures come with the next round.
        let text = by_the_log(self.registry, note)?;
        let row = Checkpoint {
            size: to,
            root: wanted.root.as_bytes().to_vec(),
            note: text,
            signed_at: now,
        };
        checkpoint::insert(conn, &row)?;
        head::advance_head(conn, from, to)?;
        let digest: [u8; 32] = Sha256::digest(&row.note).into();
        for act in [
            Act::system(CATCH_UP, format!("{from}-{to}")),
            // The moment at which this database has it; when it was signed is lost.
            Act::system(HEAD, to.to_string()),
        ] {
            let act = Act {
                after: Some(digest),
                ..act
            };
            audit::record(conn, &act, at)?;
        }
        match self.registry.witnesses {
            Some(_) => cosigned::wait(conn, to, now)?,
            None => checkpoint::serve(conn, to, now)?,
        }
        // Nor does anybody know the index of a record whose body is gone.
        self.lists.finish(conn, !self.missing.is_empty())?;
        self.numbers.finish(conn)?;
        done.open = open::settle(conn, &self.replayed)?;
        done.held = change::settle_replayed(self.registry, conn, from)?;
        Ok(done)
    }
}

/// The note with the lines of the log's own keys alone.
fn by_the_log(registry: &Registry, note: &Note) -> Result<String, CatchUpError> {
    let trust = registry.trust()?;
    let mut alone = Note::unsigned(note.text())?;
    for line in note.signatures() {
        let of_log = trust
            .policy
            .logs()
            .iter()
            .any(|key| key.id() == line.key_id && key.name() == line.name);
        if of_log {
            alone.add(line.clone());
        }
    }
    Ok(alone.to_string())
}

fn tile_row((id, hashes): (TileId, Vec<u8>)) -> Result<Tile, CatchUpError> {
    Ok(Tile {
        level: i64::from(id.level),
        tile_index: signed(id.index)?,
        width: i64::from(id.width),
        hashes,
    })
}

fn signed(value: u64) -> Result<i64, CatchUpError> {
    let larger = |_| StoreError::corrupt("the log's size", "more entries than the database can hold");
    Ok(i64::try_from(value).map_err(larger)?)
}

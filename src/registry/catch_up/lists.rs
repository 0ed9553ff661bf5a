//! Status lists behind replayed versions: the journal of changes that the sequencer proves the newest version
//! against, and which indices are handed out, so that none is given twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::credential::{self, StatusPointer};
use crate::record::status::{BitChange, Bitstring, Change, LENGTH, StatusPurpose, read_list};
use crate::registry::Registry;
use crate::registry::publish::shuffle;
use crate::store::log::body;
use crate::store::log::change::{self, ChangeRow, Requested};
use crate::store::log::status::{self, StatusList, StatusListVersion};
use crate::store::{Conn, StoreError};

use super::{CAUSE, CatchUpError};

/// Bodies read at a time when a bit's record is looked for.
const PART: i64 = 1024;

/// What was replayed of lists so far.
pub(super) struct Lists {
    newest: BTreeMap<(String, i64), Bitstring>,
    used: BTreeMap<i64, Vec<u32>>,
    /// Where the record of an index stands.
    places: BTreeMap<StatusPointer, i64>,
    /// Whether the records that this database had are among them.
    looked: bool,
    before: i64,
    waiting: Vec<ChangeRow>,
}

impl Lists {
    pub(super) fn begin(conn: &mut Conn, before: i64) -> Result<Self, CatchUpError> {
        Ok(Self {
            newest: BTreeMap::new(),
            used: BTreeMap::new(),
            places: BTreeMap::new(),
            looked: false,
            before,
            waiting: change::pending(conn)?,
        })
    }

    /// Notes a record's index.
    pub(super) fn saw(&mut self, index: i64, at: StatusPointer) {
        self.used.entry(i64::from(at.list)).or_default().push(at.index);
        self.places.insert(at, index);
    }

    /// Takes a version over: its row, its list where it is the first of it, and the bits that it changes.
    pub(super) fn version(
        &mut self,
        registry: &Registry,
        conn: &mut Conn,
        row: &StatusListVersion,
        bits: Bitstring,
    ) -> Result<(), CatchUpError> {
        if status::read(conn, row.number)?.is_none() {
            let mut order: Vec<u32> = (0..LENGTH).collect();
            shuffle(&mut order, registry.random.as_ref())?;
            let free_order = order.into_iter().flat_map(u32::to_be_bytes).collect();
            let (number, size) = (row.number, i64::from(LENGTH));
            status::create(
                conn,
                &StatusList {
                    number,
                    size,
                    used: 0,
                    free_order,
                },
            )?;
        }
        let key = (row.purpose.clone(), row.number);
        let older = match self.newest.remove(&key) {
            Some(bits) => bits,
            None => stored(conn, &key.0, row.number, self.before)?,
        };
        status::insert_version(conn, row)?;
        for index in 0..LENGTH {
            let (was, is) = (older.get(index).ok(), bits.get(index).ok());
            if let (Some(was), Some(is)) = (was, is)
                && was != is
            {
                self.journal(conn, row, index, is)?;
            }
        }
        self.newest.insert(key, bits);
        Ok(())
    }

    /// A change that a version shows: one that waited here, or one whose decision is lost.
    fn journal(
        &mut self,
        conn: &mut Conn,
        row: &StatusListVersion,
        index: u32,
        value: bool,
    ) -> Result<(), CatchUpError> {
        let known = self.waiting.iter().position(|waits| {
            waits.purpose == row.purpose
                && waits.number == row.number
                && waits.bit == i64::from(index)
                && waits.value == value
        });
        let id = match known {
            Some(place) => self.waiting.remove(place).id,
            None => {
                let odd = || {
                    CatchUpError::OtherHistory(format!(
                        "list {} at entry {} clears what is never cleared",
                        row.number, row.log_index
                    ))
                };
                let purpose = StatusPurpose::parse(&row.purpose).ok_or_else(odd)?;
                let list = u32::try_from(row.number).map_err(|_| odd())?;
                let at = StatusPointer { list, index };
                let to = Change::of(purpose, value).ok_or_else(odd)?;
                let wanted = Requested {
                    change: BitChange { at, to },
                    record_index: self.place(conn, at)?,
                    cause: CAUSE.to_owned(),
                    requested_at: row.valid_from,
                };
                change::request(conn, &wanted)?
            }
        };
        Ok(change::carry(conn, id, row.log_index)?)
    }

    /// Where the record of an index stands; -1 where its body is missing.
    fn place(&mut self, conn: &mut Conn, at: StatusPointer) -> Result<i64, CatchUpError> {
        if !self.looked && !self.places.contains_key(&at) {
            let mut from = 0;
            while from < self.before {
                let end = self.before.min(from.saturating_add(PART));
                for row in body::between(conn, from, end)? {
                    if let Some(at) = credential::read(&row.bytes).ok().and_then(|record| record.status) {
                        self.places.insert(at, row.log_index);
                    }
                }
                from = end;
            }
            self.looked = true;
        }
        Ok(self.places.get(&at).copied().unwrap_or(-1))
    }

    /// Notes which indices are handed out. Where bodies are missing nobody knows which others are: then no
    /// more are given from these lists, and the next record begins a new one.
    pub(super) fn finish(self, conn: &mut Conn, closed: bool) -> Result<(), CatchUpError> {
        for (number, _, _) in status::all(conn)? {
            let given = self.used.get(&number).map_or(&[][..], Vec::as_slice);
            if given.is_empty() && !closed {
                continue;
            }
            let Some(list) = status::read(conn, number)? else {
                continue;
            };
            let order = list.free_order.as_chunks::<4>().0;
            let used = usize::try_from(list.used).unwrap_or(0);
            let (before, free) = order.split_at_checked(used).ok_or_else(|| {
                StoreError::corrupt(format!("status_list {number}"), "it handed out more than it has")
            })?;
            let given: BTreeSet<[u8; 4]> = given.iter().map(|index| index.to_be_bytes()).collect();
            let rest = free.iter().filter(|index| !given.contains(*index));
            let whole: Vec<u8> = before
                .iter()
                .chain(&given)
                .chain(rest)
                .flatten()
                .copied()
                .collect();
            if whole.len() != list.free_order.len() {
                let why = format!("records of list {number} bear indices that were given before");
                return Err(CatchUpError::OtherHistory(why));
            }
            let used = match closed {
                true => list.size,
                false => list
                    .used
                    .saturating_add(i64::try_from(given.len()).unwrap_or(i64::MAX)),
            };
            status::reorder(conn, number, used, &whole)?;
        }
        Ok(())
    }
}

/// The bits of the newest version among the entries that this database had.
fn stored(conn: &mut Conn, purpose: &str, number: i64, before: i64) -> Result<Bitstring, CatchUpError> {
    let Some(version) = status::newest_version(conn, purpose, number, before)? else {
        return Ok(Bitstring::default());
    };
    let name = format!("body {}", version.log_index);
    let row = body::at(conn, version.log_index)?.ok_or_else(|| StoreError::corrupt(&*name, "it is gone"))?;
    let list = read_list(&row.bytes).map_err(|error| StoreError::corrupt(name, error))?;
    Ok(list.bits)
}

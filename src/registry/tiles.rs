//! The database as a source of tiles: as a reader gets them, or with all that is stored of each.

use std::cell::RefCell;

use crate::log::hash::Hash;
use crate::log::reader::HashReader;
use crate::log::tile;
use crate::store::{Conn, StoreError, log};

/// Reads tiles over one connection.
pub struct StoredTiles<'c> {
    conn: RefCell<&'c mut Conn>,
}

impl<'c> StoredTiles<'c> {
    /// Reads over `conn`.
    pub fn new(conn: &'c mut Conn) -> Self {
        Self {
            conn: RefCell::new(conn),
        }
    }
}

impl HashReader for StoredTiles<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError> {
        let name = || format!("tile {level}/{index}");
        let index_in_table = i64::try_from(index).map_err(|error| StoreError::corrupt(name(), error))?;
        let mut conn = self.conn.borrow_mut();
        let bytes = log::tile::read(&mut conn, i64::from(level), index_in_table, i64::from(width))?
            .ok_or_else(|| {
                StoreError::corrupt(name(), format!("no tile of at least {width} hashes is stored"))
            })?;
        tile::decode(&bytes).map_err(|error| StoreError::corrupt(name(), error))
    }
}

/// Reads tiles over one connection and holds every stored width of each against the one that it gives: a
/// narrower one is its beginning, it is the beginning of a wider one.
pub struct EveryWidth<'c> {
    conn: RefCell<&'c mut Conn>,
}

impl<'c> EveryWidth<'c> {
    /// Reads over `conn`.
    pub fn new(conn: &'c mut Conn) -> Self {
        Self {
            conn: RefCell::new(conn),
        }
    }
}

impl HashReader for EveryWidth<'_> {
    type Error = StoreError;

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, StoreError> {
        let name = |width: i64| format!("tile {level}/{index} width {width}");
        let wanted = i64::from(width);
        let index = i64::try_from(index).map_err(|error| StoreError::corrupt(name(wanted), error))?;
        let mut conn = self.conn.borrow_mut();
        let rows = log::tile::all_widths(&mut conn, i64::from(level), index)?;
        let found = rows
            .iter()
            .find(|row| row.width >= wanted)
            .ok_or_else(|| StoreError::corrupt(name(wanted), "it is not stored"))?;
        for row in &rows {
            let shared = found.hashes.len().min(row.hashes.len());
            let whole = i64::try_from(row.hashes.len() / 32) == Ok(row.width) && row.hashes.len() % 32 == 0;
            if !whole || row.hashes.get(..shared) != found.hashes.get(..shared) {
                let why = format!("it and the one of width {} contradict each other", found.width);
                return Err(StoreError::corrupt(name(row.width), why));
            }
        }
        let mut hashes =
            tile::decode(&found.hashes).map_err(|error| StoreError::corrupt(name(found.width), error))?;
        hashes.truncate(usize::from(width));
        Ok(hashes)
    }
}

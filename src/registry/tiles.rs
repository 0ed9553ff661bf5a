//! The database as a source of tiles.

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

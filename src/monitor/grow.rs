//! The tree: fetched in bundles of entries and tiles of hashes, computed from the entries, and compared with
//! what the log has signed before the mirror's checkpoint names it.

use std::collections::BTreeMap;

use super::alarm::{Evidence, Kind};
use super::fetch::{FetchError, Server};
use super::mirror::{MAX_BUNDLE, MAX_TILE, Tiles};
use super::round::{Round, Stop};
use super::segment::WIDTH;
use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::log::entries;
use crate::log::hash::{Hash, leaf_hash};
use crate::log::proof::verify_growth;
use crate::log::prover::consistency_proof;
use crate::log::reader::{HashReader, ReadError};
use crate::log::tile::{self, BundleId, TILE_WIDTH, TileId, width_at};

/// The server's tiles of a tree of `size` leaves.
struct Served<'s> {
    server: &'s Server,
    size: u64,
}

/// Why a tile of the server's is no use.
enum TileFault {
    Fetch(FetchError),
    Malformed(String),
}

impl HashReader for Served<'_> {
    type Error = (TileId, TileFault);

    fn tile(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, Self::Error> {
        let id = TileId {
            level,
            index,
            width: width_at(level, index, self.size),
        };
        let bytes = self.server.get(&format!("/log/{id}"), MAX_TILE);
        let bytes = bytes.map_err(|error| (id, TileFault::Fetch(error)))?;
        let malformed = |why: String| (id, TileFault::Malformed(why));
        let mut hashes = tile::decode(&bytes).map_err(|error| malformed(error.to_string()))?;
        if hashes.len() != usize::from(id.width) || id.width < width {
            return Err(malformed(format!(
                "it has {} hashes, not {}",
                hashes.len(),
                id.width
            )));
        }
        hashes.truncate(usize::from(width));
        Ok(hashes)
    }
}

impl Round<'_> {
    /// Whether the new tree extends the held one, by the server's own tiles.
    pub(super) fn continues(
        &mut self,
        held: &Checkpoint,
        new: &Checkpoint,
        evidence: &Evidence,
    ) -> Result<(), Stop> {
        if held.size == 0 {
            return Ok(());
        }
        let size = new.size;
        let (path, other) = {
            let tiles = Served {
                server: &self.server,
                size,
            };
            let path = consistency_proof(&tiles, held.size, size);
            let path = match path {
                Ok(path) => path,
                Err(error) => return Err(self.no_tile(error)),
            };
            if verify_growth(held.size, &held.root, size, &new.root, &path).is_ok() {
                return Ok(());
            }
            match Edge::load(&tiles, held.size) {
                Ok(edge) => (path, edge.root()),
                Err(error) => return Err(self.no_tile(error)),
            }
        };
        let about = format!("checkpoint {size}");
        if other != held.root && verify_growth(held.size, &other, size, &new.root, &path).is_ok() {
            let says = format!(
                "the tree that it names had another root at {} entries than the log has signed before",
                held.size
            );
            return Err(self.refuse(Kind::Fork, about, says, evidence.clone().with_path(&other, &path)));
        }
        let says = "its tiles do not lead to the root that the log has signed";
        Err(self.refuse(Kind::Tree, about, says, evidence.clone()))
    }

    fn no_tile(&mut self, error: ReadError<(TileId, TileFault)>) -> Stop {
        match error {
            ReadError::Source((id, TileFault::Fetch(error))) => self.unfetched(&id.to_string(), &error, true),
            ReadError::Source((id, TileFault::Malformed(why))) => {
                self.refuse(Kind::Tree, id.to_string(), why, Evidence::default())
            }
            // The reader holds itself to the width asked for, and the sizes were compared.
            other => Stop::Undecided(match other {
                ReadError::Width { level, index, .. } => format!("tile/{level}/{index}: another width"),
                _ => "a size beyond the tree".to_owned(),
            }),
        }
    }

    /// Fetches everything between the held tree and the new one into the mirror, and proves that it is the new
    /// one's. Until the checkpoint is replaced nobody sees any of it.
    pub(super) fn grow(&mut self, new: &Checkpoint) -> Result<(), Stop> {
        let old = self.size;
        let tiles = Tiles {
            mirror: self.mirror,
            size: old,
        };
        let mut edge = Edge::load(&tiles, old).map_err(|error| self.unread(error))?;
        let mut partial: BTreeMap<u8, (TileId, Vec<u8>)> = BTreeMap::new();
        let mut number = old / WIDTH;
        while number.saturating_mul(WIDTH) < new.size {
            let leaves = self.bundle(number, new.size)?;
            for (id, bytes) in edge.grow(&leaves) {
                if id.is_full() {
                    partial.remove(&id.level);
                    self.tile(id, &bytes)?;
                } else {
                    partial.insert(id.level, (id, bytes));
                }
            }
            number = number.saturating_add(1);
        }
        for (id, bytes) in partial.into_values() {
            self.tile(id, &bytes)?;
        }
        if edge.root() == new.root {
            return Ok(());
        }
        let says = "its entries do not give the root that the log has signed";
        Err(self.refuse(
            Kind::Tree,
            format!("checkpoint {}", new.size),
            says,
            Evidence::default(),
        ))
    }

    /// Fetches a bundle of the tree of `size`; the leaf hashes that the held tree does not have.
    fn bundle(&mut self, number: u64, size: u64) -> Result<Vec<Hash>, Stop> {
        let id = BundleId {
            index: number,
            width: width_at(0, number, size),
        };
        let about = id.to_string();
        let bytes = self.server.get(&format!("/log/{id}"), MAX_BUNDLE);
        let bytes = bytes.map_err(|error| self.unfetched(&about, &error, true))?;
        let entries = match entries::decode(&bytes) {
            Ok(entries) if entries.len() == usize::from(id.width) => entries,
            Ok(entries) => {
                let says = format!("it has {} entries, not {}", entries.len(), id.width);
                return Err(self.refuse(Kind::Tree, about, says, Evidence::default()));
            }
            Err(error) => return Err(self.refuse(Kind::Tree, about, error, Evidence::default())),
        };
        let held = self.mirror.bundle(number, self.size)?;
        if held.iter().zip(&entries).any(|(held, shown)| held != shown) {
            let says = "it has other entries than were shown before";
            return Err(self.refuse(Kind::Tree, about, says, Evidence::default()));
        }
        let new = entries
            .iter()
            .skip(held.len())
            .map(|entry| leaf_hash(entry))
            .collect();
        self.mirror.put(&about, &bytes)?;
        Ok(new)
    }

    /// Compares a tile with the server's, and keeps it.
    fn tile(&mut self, id: TileId, bytes: &[u8]) -> Result<(), Stop> {
        let about = id.to_string();
        let served = self.server.get(&format!("/log/{id}"), MAX_TILE);
        let served = served.map_err(|error| self.unfetched(&about, &error, true))?;
        if served != bytes {
            let says = "it is not what the entries give";
            return Err(self.refuse(Kind::Tree, about, says, Evidence::default()));
        }
        Ok(self.mirror.put(&about, bytes)?)
    }

    /// Takes away the partial forms of what has become full, now that no checkpoint needs them.
    pub(super) fn drop_partials(&self, old: u64, new: u64) -> Result<(), Stop> {
        for level in 0..8_u8 {
            let index = old.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
            let width = width_at(level, index, old);
            if width == 0 || width == TILE_WIDTH || width_at(level, index, new) != TILE_WIDTH {
                continue;
            }
            let width = TILE_WIDTH;
            self.mirror
                .drop_partials(&TileId { level, index, width }.to_string())?;
            if level == 0 {
                self.mirror
                    .drop_partials(&BundleId { index, width }.to_string())?;
            }
        }
        Ok(())
    }
}

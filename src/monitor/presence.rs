//! What every round looks at before it goes on from the mirror: that each file which the accepted head and
//! the state speak of is there with a size that it can have, and that the edge of the tree gives the head's root.

use std::fs;
use std::io;

use super::MonitorError;
use super::mirror::{MAX_BUNDLE, MAX_TILE, Mirror, Tiles, body_file};
use super::segment::{MAX_SEGMENT, WIDTH};
use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::log::hash::leaf_hash;
use crate::log::reader::HashReader as _;
use crate::log::tile::{BundleId, TileId, width_at};

/// A file of the mirror that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    /// The file, below the mirror's folder.
    pub(super) file: String,
    /// What is wrong, Chinese and English.
    pub(super) why: (String, String),
}

impl Damage {
    pub(super) fn new(file: impl Into<String>, zh: &str, en: impl ToString) -> Self {
        Self {
            file: file.into(),
            why: (zh.into(), en.to_string()),
        }
    }
}

/// The tiles of a level in a tree of `size` leaves.
pub(super) fn tiles_of(level: u8, size: u64) -> impl Iterator<Item = TileId> {
    (0_u64..)
        .map(move |index| TileId {
            level,
            index,
            width: width_at(level, index, size),
        })
        .take_while(|id| id.width > 0)
}

/// Every file that must be there: what is missing or has a size that it cannot have, and whether the tree's
/// edge and the newest bundle are the head's.
///
/// # Errors
/// [`MonitorError::Io`] where a file cannot be asked for.
pub(super) fn look(mirror: &Mirror, head: &Checkpoint, bodies: u64) -> Result<Vec<Damage>, MonitorError> {
    let (mut found, size) = (Vec::new(), head.size);
    for level in 0..8 {
        for id in tiles_of(level, size) {
            let bytes = u64::from(id.width).saturating_mul(MAX_TILE / WIDTH);
            found.extend(wrong_size(mirror, &id.to_string(), bytes, bytes)?);
            if level == 0 {
                let bundle = BundleId {
                    index: id.index,
                    width: id.width,
                };
                let least = u64::from(id.width).saturating_mul(2);
                found.extend(wrong_size(mirror, &bundle.to_string(), least, MAX_BUNDLE)?);
            }
        }
    }
    for number in 0..bodies.div_ceil(WIDTH) {
        let held = bodies.saturating_sub(number.saturating_mul(WIDTH)).min(WIDTH);
        let least = held.saturating_mul(4);
        found.extend(wrong_size(mirror, &body_file(number), least, MAX_SEGMENT)?);
    }
    found.extend(wrong_size(mirror, "checkpoint", 1, MAX_BUNDLE)?);
    if found.is_empty() {
        found.extend(edge(mirror, head)?);
    }
    Ok(found)
}

fn wrong_size(mirror: &Mirror, name: &str, least: u64, most: u64) -> Result<Option<Damage>, MonitorError> {
    let path = mirror.path(name);
    match fs::metadata(&path) {
        Ok(file) if file.is_file() && (least..=most).contains(&file.len()) => Ok(None),
        Ok(file) => {
            let en = format!("it has {} bytes, which it cannot have", file.len());
            Ok(Some(Damage::new(name, "文件大小不对", en)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Some(Damage::new(name, "文件缺失", "it is gone")))
        }
        Err(source) => Err(MonitorError::Io { path, source }),
    }
}

/// The partial tiles give the signed root, and the newest entries are those of the newest tile. Of partial tiles
/// that do not, each is named: which of them it is, the root does not tell.
fn edge(mirror: &Mirror, head: &Checkpoint) -> Result<Vec<Damage>, MonitorError> {
    let tiles = Tiles {
        mirror,
        size: head.size,
    };
    if head.size == 0 {
        return Ok(Vec::new());
    }
    if Edge::load(&tiles, head.size).is_ok_and(|edge| edge.root() != head.root) {
        let partial = (0..8).filter_map(|level| tiles_of(level, head.size).last());
        let wrong = |id: TileId| {
            let en = "the tree's edge, to which it belongs, does not give the root that the log has signed";
            Damage::new(id.to_string(), "它所在的边缘得不出日志所签的根", en)
        };
        return Ok(partial.filter(|id| !id.is_full()).map(wrong).collect());
    }
    let last = (head.size - 1) / WIDTH;
    let width = width_at(0, last, head.size);
    let entries = mirror.bundle(last, head.size)?;
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let same = tiles.tile(0, last, width)? == leaves;
    let bundle = BundleId { index: last, width }.to_string();
    let wrong = Damage::new(
        bundle,
        "条目与数据块不符",
        "its entries are not those of the tile",
    );
    Ok((!same).then_some(wrong).into_iter().collect())
}

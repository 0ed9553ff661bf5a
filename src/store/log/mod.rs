//! The log's tables: bodies, entries, tiles, checkpoints, the head, the writer's lease, status lists,
//! snapshots.
//!
//! It refuses to hash or sign: what is stored was computed elsewhere, and what is read is checked
//! elsewhere.

pub mod archive;
pub mod bare;
pub mod body;
pub mod bundle;
pub mod change;
pub mod checkpoint;
pub mod chunk;
pub mod cosigned;
pub mod erasure;
pub mod head;
pub mod lease;
pub mod snapshot;
pub mod status;
pub mod tile;
pub mod wal;

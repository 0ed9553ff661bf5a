//! Rebuilding a snapshot from the log's bodies and status lists, by whoever has them: the registry's own
//! check, or a monitor with a mirror. A monitor that finds it equal says so in a signed note.

use chrono::{DateTime, Utc};

use crate::log::edge::Edge;
use crate::log::note::Note;
use crate::rebuild::RebuildError;
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::snapshot::read_snapshot;
use crate::registry::Registry;
use crate::registry::keys::{KeysError, NoteSigner};
use crate::registry::tiles::StoredTiles;
use crate::store::log::{body, checkpoint, snapshot as stored};
use crate::verify::monitor::MonitorNote;

use super::SnapshotError;
use super::history::StoredHistory;

pub use crate::rebuild::differences;

/// A monitor's note that it has rebuilt the snapshot in the log of `origin` and found it equal, at `now`.
///
/// # Errors
/// [`KeysError`].
pub fn vouch(
    snapshot: &[u8],
    origin: &str,
    now: DateTime<Utc>,
    monitor: &NoteSigner,
) -> Result<String, KeysError> {
    let said = MonitorNote {
        origin: origin.to_owned(),
        snapshot: Digest::of(snapshot),
        rebuilt: now,
    };
    let text = said.text().map_err(|error| KeysError::Text(error.to_string()))?;
    let mut note = Note::unsigned(&text)?;
    monitor.sign(&mut note)?;
    Ok(note.to_string())
}

/// Rebuilds the newest snapshot of an audience from the registry's own database.
///
/// # Errors
/// [`SnapshotError`], its `Empty` while there is no snapshot.
pub fn check_newest(registry: &Registry, audience: Audience) -> Result<Vec<&'static str>, SnapshotError> {
    let mut conn = registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    let row = stored::newest(&mut conn, audience.as_str(), served)?.ok_or(SnapshotError::Empty)?;
    let index = row.log_index.ok_or(SnapshotError::Empty)?;
    let signed = body::at(&mut conn, index)?
        .ok_or_else(|| RebuildError::Damaged(index.unsigned_abs(), "its body is gone".into()))?;
    let said = read_snapshot(&signed.bytes).map_err(|error| RebuildError::Malformed(error.to_string()))?;
    let root = Edge::load(&StoredTiles::new(&mut conn), said.state.log_size)
        .map_err(|error| RebuildError::Malformed(error.to_string()))?
        .root();
    let scratch = super::scratch(registry);
    let mut history = StoredHistory::new(&mut conn);
    Ok(differences(&signed.bytes, root, &mut history, &scratch)?)
}

//! How far a demonstration has come, noted in the database.

use crate::registry::Registry;
use crate::store::{StoreError, StoreResult, setting};

/// What is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The empty registry.
    Made,
    /// Officers.
    Staffed,
    /// Wage-blacklist cases up to their publication.
    Listed,
    /// Employers, campaign, filings, evidence.
    Registered,
    /// Grades proposed.
    Proposed,
    /// Grades approved by another person.
    Approved,
    /// Grades published.
    Published,
    /// A listing waits for a second person.
    Pending,
    /// Everything.
    Done,
}

const ALL: [(Phase, &str); 9] = [
    (Phase::Made, "made"),
    (Phase::Staffed, "staffed"),
    (Phase::Listed, "listed"),
    (Phase::Registered, "registered"),
    (Phase::Proposed, "proposed"),
    (Phase::Approved, "approved"),
    (Phase::Published, "published"),
    (Phase::Pending, "pending"),
    (Phase::Done, "done"),
];

/// The phase last finished.
pub(super) fn read(registry: &Registry) -> StoreResult<Phase> {
    let noted = setting::get(&mut *registry.store.conn()?, "demo.phase")?;
    let Some(noted) = noted else {
        return Ok(Phase::Made);
    };
    ALL.iter()
        .find(|(_, name)| *name == noted)
        .map(|(phase, _)| *phase)
        .ok_or_else(|| StoreError::corrupt("setting demo.phase", format!("{noted:?} is no phase")))
}

/// Notes that a phase is finished.
pub(super) fn finish(registry: &Registry, phase: Phase) -> StoreResult<()> {
    let name = ALL
        .iter()
        .find(|(known, _)| *known == phase)
        .map_or("made", |(_, name)| name);
    setting::put(&mut *registry.store.conn()?, "demo.phase", name)
}

//! What can happen to a record's status. A bit that was set for good cannot be asked to be cleared:
//! there is no such change.

use super::super::credential::StatusPointer;
use super::{Bitstring, BitstringError, StatusPurpose};

/// One change of one record's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Withdrawn, for good.
    Revoke,
    /// Replaced by a newer record, for good.
    Replace,
    /// An objection or a review is pending.
    Suspend,
    /// It is no longer pending.
    Restore,
}

/// A change and the bit that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitChange {
    /// List and index of the record; the purpose follows from the change.
    pub at: StatusPointer,
    /// What happens.
    pub to: Change,
}

impl Change {
    /// Every change.
    pub const ALL: [Self; 4] = [Self::Revoke, Self::Replace, Self::Suspend, Self::Restore];

    /// The list whose bit says it.
    pub const fn purpose(self) -> StatusPurpose {
        match self {
            Self::Revoke => StatusPurpose::Revocation,
            Self::Replace => StatusPurpose::Refresh,
            Self::Suspend | Self::Restore => StatusPurpose::Suspension,
        }
    }

    /// What the bit becomes.
    pub const fn value(self) -> bool {
        !matches!(self, Self::Restore)
    }

    /// The change that makes a purpose's bit `value`; `None` for a bit that is never cleared.
    pub fn of(purpose: StatusPurpose, value: bool) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|change| change.purpose() == purpose && change.value() == value)
    }
}

impl Bitstring {
    /// Applies a change to the list of its purpose.
    ///
    /// # Errors
    /// [`BitstringError::Index`].
    pub fn apply(&mut self, change: BitChange) -> Result<(), BitstringError> {
        self.set(change.at.index, change.to.value())
    }
}

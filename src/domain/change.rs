//! Changes of what was published (人社部规〔2016〕1号 Art 12; domain.md A.4, A.5): a correction, a downgrade
//! on new evidence, a suspension while an objection or review is pending, and its end.
//!
//! Nothing published is edited: a new fact is a new record, and the old one only changes its status. What
//! is withdrawn or replaced stays so.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::grade::Grade;
use super::ruleset::Audience;

/// What is decided about a published record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Its facts were wrong: 更正.
    Correction,
    /// Evidence came in after publication that requires a lower grade: 降级.
    Downgrade,
    /// An objection or review is pending: 中止.
    Suspension,
    /// It is no longer pending, and the record stands: 恢复.
    Restoration,
}

/// What the lists say of a record, with what was decided and is not shown yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// Withdrawn.
    pub revoked: bool,
    /// Replaced by a newer record.
    pub replaced: bool,
    /// An objection or review is pending.
    pub suspended: bool,
}

/// What becomes of a record that another one takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is replaced, and the new record names it.
    Replaced,
    /// It is withdrawn, and nothing leads from one to the other: the new record is for other readers, and
    /// whoever may see only one of them must not learn of the other (records.md §1).
    Withdrawn,
}

/// Why a change is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChangeRefusal {
    /// It was withdrawn.
    #[error("the record was withdrawn: it can no longer be changed")]
    Revoked,
    /// It was replaced.
    #[error("a newer record has replaced this one: change the newer one")]
    Replaced,
    /// It is suspended already.
    #[error("the record is suspended already")]
    Suspended,
    /// It is not suspended.
    #[error("the record is not suspended: there is nothing to lift")]
    NotSuspended,
    /// The evidence does not give a lower grade.
    #[error(
        "on the evidence of today the grade is {computed}, not lower than the published {published}: record the new evidence first"
    )]
    NotLower {
        /// The grade that is out.
        published: Grade,
        /// The grade by rule.
        computed: Grade,
    },
    /// Nothing would change.
    #[error(
        "the register and the evidence of today give the facts that are published: correct them there first"
    )]
    Unchanged,
    /// Not that kind of record.
    #[error("only a grade is corrected or downgraded here; a listing changes with its case")]
    NotAGrade,
    /// It lapsed.
    #[error("the record's period has ended: there is nothing left to change")]
    Expired,
    /// A text that cannot stand in a record.
    #[error("reason and document number take at most 200 characters each, without control characters")]
    Unfit,
    /// No reason.
    #[error("a change needs a reason")]
    NoReason,
    /// No document number.
    #[error("a change needs the number of its document")]
    NoDocument,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Correction,
        Self::Downgrade,
        Self::Suspension,
        Self::Restoration,
    ];

    /// The name used in storage and interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Downgrade => "downgrade",
            Self::Suspension => "suspension",
            Self::Restoration => "restoration",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Its Chinese name.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Correction => "更正",
            Self::Downgrade => "降级",
            Self::Suspension => "中止",
            Self::Restoration => "恢复",
        }
    }

    /// Whether a new record comes of it.
    #[must_use]
    pub const fn supersedes(self) -> bool {
        matches!(self, Self::Correction | Self::Downgrade)
    }

    /// Whether a record of this status may be changed so.
    ///
    /// # Errors
    /// [`ChangeRefusal`] `Revoked`, `Replaced`, `Suspended` or `NotSuspended`.
    pub const fn may(self, status: Status) -> Result<(), ChangeRefusal> {
        match self {
            _ if status.revoked => Err(ChangeRefusal::Revoked),
            _ if status.replaced => Err(ChangeRefusal::Replaced),
            Self::Suspension if status.suspended => Err(ChangeRefusal::Suspended),
            Self::Restoration if !status.suspended => Err(ChangeRefusal::NotSuspended),
            _ => Ok(()),
        }
    }

    /// Whether a published grade may become the computed one by this change: a downgrade goes only
    /// downward; a correction of the facts follows them either way.
    ///
    /// # Errors
    /// [`ChangeRefusal::NotLower`].
    pub fn regrade(self, published: Grade, computed: Grade) -> Result<(), ChangeRefusal> {
        // A is the least in the order of grades, C the greatest.
        if self == Self::Downgrade && computed <= published {
            return Err(ChangeRefusal::NotLower { published, computed });
        }
        Ok(())
    }
}

/// What becomes of the old record, by the readers of the two.
#[must_use]
pub fn fate(old: Audience, new: Audience) -> Fate {
    if old == new {
        Fate::Replaced
    } else {
        Fate::Withdrawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ended_stays_ended() {
        let revoked = Status {
            revoked: true,
            ..Status::default()
        };
        let replaced = Status {
            replaced: true,
            ..Status::default()
        };
        for kind in ChangeKind::ALL {
            assert_eq!(kind.may(revoked), Err(ChangeRefusal::Revoked));
            assert_eq!(kind.may(replaced), Err(ChangeRefusal::Replaced));
            assert_eq!(ChangeKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(ChangeKind::parse("edit"), None);
    }

    #[test]
    fn a_suspension_is_lifted_once() {
        let suspended = Status {
            suspended: true,
            ..Status::default()
        };
        let table = [
            (ChangeKind::Suspension, Ok(()), Err(ChangeRefusal::Suspended)),
            (ChangeKind::Restoration, Err(ChangeRefusal::NotSuspended), Ok(())),
            (ChangeKind::Correction, Ok(()), Ok(())),
            (ChangeKind::Downgrade, Ok(()), Ok(())),
        ];
        for (kind, plain, under) in table {
            assert_eq!(kind.may(Status::default()), plain, "{kind:?}");
            assert_eq!(kind.may(suspended), under, "{kind:?}");
        }
    }

    #[test]
    fn a_downgrade_goes_down() {
        for published in Grade::ALL {
            for computed in Grade::ALL {
                let down = ChangeKind::Downgrade.regrade(published, computed);
                assert_eq!(down.is_ok(), computed > published, "{published} to {computed}");
                assert_eq!(ChangeKind::Correction.regrade(published, computed), Ok(()));
            }
        }
    }

    #[test]
    fn nothing_leads_from_one_audience_to_another() {
        use Audience::{Partners, Public};
        assert_eq!(fate(Public, Public), Fate::Replaced);
        assert_eq!(fate(Partners, Partners), Fate::Replaced);
        assert_eq!(fate(Public, Partners), Fate::Withdrawn);
        assert_eq!(fate(Partners, Public), Fate::Withdrawn);
    }
}

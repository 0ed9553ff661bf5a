//! Facts on file that must not change what the rules come to: other years, other matters, withdrawn filings.

use super::conduct::Conduct;
use super::dice::Dice;

/// A fact beside an employer's conduct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Noise {
    /// A filing was withdrawn: minor, and corrected.
    FilingWithdrawn,
    /// A case was handled the year before.
    HandledBefore,
    /// Two cases were handled the year before: with this year's one they would make three.
    HandledTwiceBefore,
    /// The fact lies in the review year, its decision in the next.
    DecidedLater,
    /// A case went to another department: no matter of labour security.
    TransferredElsewhere,
    /// A crowd gathered, but no violation was the cause.
    UnrelatedIncident,
    /// An inspection was obstructed two years before.
    ObstructedBefore,
    /// Took no part the year before.
    AbsentBefore,
    /// Took no part in the two years before last; a year with a filing lies between.
    AbsentLongBefore,
    /// One case with several documents.
    SeveralPapers,
}

/// What can stand beside a clean year.
const BESIDE_CLEAN: [Noise; 8] = [
    Noise::FilingWithdrawn,
    Noise::HandledBefore,
    Noise::DecidedLater,
    Noise::TransferredElsewhere,
    Noise::UnrelatedIncident,
    Noise::AbsentBefore,
    Noise::HandledTwiceBefore,
    Noise::ObstructedBefore,
];

/// What can stand beside a case.
const BESIDE_HANDLED: [Noise; 4] = [
    Noise::SeveralPapers,
    Noise::HandledTwiceBefore,
    Noise::FilingWithdrawn,
    Noise::DecidedLater,
];

/// What can stand beside an absence.
const BESIDE_ABSENT: [Noise; 3] = [
    Noise::AbsentLongBefore,
    Noise::FilingWithdrawn,
    Noise::HandledBefore,
];

/// The share of employers with noise, of a thousand, once every sort has occurred.
const SHARE: usize = 90;

impl Noise {
    /// Whether the employer must have existed some years before.
    pub(super) const fn needs_past(self) -> bool {
        matches!(
            self,
            Self::HandledBefore
                | Self::HandledTwiceBefore
                | Self::ObstructedBefore
                | Self::AbsentBefore
                | Self::AbsentLongBefore
        )
    }
}

/// Noise for each conduct in turn: every second one gets the next sort until each has occurred, then by chance.
pub(super) fn plan(dice: &mut Dice, conducts: &[Conduct]) -> Vec<Option<Noise>> {
    let mut seen = [0_usize; 3];
    conducts
        .iter()
        .map(|conduct| {
            let (count, sorts): (&mut usize, &[Noise]) = match conduct {
                Conduct::Clean => (&mut seen[0], &BESIDE_CLEAN),
                Conduct::Handled | Conduct::HandledTwice => (&mut seen[1], &BESIDE_HANDLED),
                Conduct::Absent => (&mut seen[2], &BESIDE_ABSENT),
                _ => return None,
            };
            *count += 1;
            if *count % 2 == 0
                && let Some(noise) = sorts.get(*count / 2 - 1)
            {
                return Some(*noise);
            }
            let place = dice.below(sorts.len());
            sorts.get(place).copied().filter(|_| dice.per_mille(SHARE))
        })
        .collect()
}

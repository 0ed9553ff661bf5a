//! What employers did in the year, planned so that the rules come to the published totals.
//!
//! The plan knows conduct, not ratings: so many employers that were not handled, so many that were handled
//! or stayed away, so many with a grave fact. The proportions are those that Chongqing published for 2020.

use super::dice::Dice;

/// Chongqing 2020: employers without any finding, with a lesser one, with a grave one.
const PUBLISHED: [usize; 3] = [4_467, 6_936, 94];

/// What an employer did in the review year and what was decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Conduct {
    /// Took part in the review; no violation was handled.
    Clean,
    /// Took no part in this year's review.
    Absent,
    /// Took no part this year and last year.
    AbsentTwice,
    /// One case was handled.
    Handled,
    /// Two cases were handled.
    HandledTwice,
    /// Took no part, and one case was handled.
    AbsentAndHandled,
    /// One case went to the police on suspicion of a crime, without result so far.
    TransferredToPolice,
    /// Unpaid wages brought a crowd together.
    MassIncident,
    /// Three cases were handled.
    HandledThrice,
    /// Handled for child labour.
    ChildLabour,
    /// Refused to carry out a rectification order.
    RefusedOrder,
    /// Obstructed an inspection.
    Obstructed,
    /// A court found a crime.
    Convicted,
    /// Took no part in three consecutive years.
    AbsentThrice,
    /// Handled for forced labour.
    ForcedLabour,
    /// Refused to carry out a handling decision.
    RefusedDecision,
    /// Refused to carry out a penalty decision.
    RefusedPenalty,
    /// Unpaid wages drove someone to an extreme act.
    ExtremeIncident,
    /// A violation had serious bad social effect without a gathering.
    PublicOutcry,
    /// Four cases were handled, and the last penalty was refused.
    HandledFourTimesAndRefused,
}

/// Lesser conduct: one of each first, as far as they go, then by weight.
const LESSER: [(u32, Conduct); 6] = [
    (740, Conduct::Absent),
    (135, Conduct::Handled),
    (45, Conduct::HandledTwice),
    (50, Conduct::AbsentTwice),
    (27, Conduct::AbsentAndHandled),
    (3, Conduct::TransferredToPolice),
];

/// Grave conduct, one of each kind of condition before a second way into any; then by weight.
const GRAVE: [(u32, Conduct); 13] = [
    (12, Conduct::MassIncident),
    (34, Conduct::HandledThrice),
    (4, Conduct::ChildLabour),
    (16, Conduct::RefusedOrder),
    (6, Conduct::Obstructed),
    (4, Conduct::Convicted),
    (8, Conduct::AbsentThrice),
    (1, Conduct::ForcedLabour),
    (8, Conduct::RefusedDecision),
    (8, Conduct::RefusedPenalty),
    (2, Conduct::ExtremeIncident),
    (2, Conduct::PublicOutcry),
    (4, Conduct::HandledFourTimesAndRefused),
];

/// How often each grave conduct comes before weights decide.
const GRAVE_ROUNDS: usize = 3;

/// How many employers of each sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Not handled.
    pub clean: usize,
    /// Handled, or stayed away.
    pub lesser: usize,
    /// With a grave fact.
    pub grave: usize,
}

impl Quota {
    /// The published proportions for `total` employers, by largest remainder: they add up to `total`, and
    /// are the published numbers themselves for 11,497.
    #[must_use]
    pub fn of(total: usize) -> Self {
        let whole: usize = PUBLISHED.iter().sum();
        let mut shares = PUBLISHED.map(|share| {
            let exact = share as u128 * total as u128;
            let floor = usize::try_from(exact / whole as u128).unwrap_or(usize::MAX);
            (floor, exact % whole as u128)
        });
        let mut order = [0_usize, 1, 2];
        // The sort is stable, so equal remainders go to the earlier sort.
        order.sort_by_key(|place| std::cmp::Reverse(shares.get(*place).map(|(_, rest)| *rest)));
        let missing = total.saturating_sub(shares.iter().map(|(floor, _)| floor).sum());
        for place in order.into_iter().take(missing) {
            if let Some((floor, _)) = shares.get_mut(place) {
                *floor += 1;
            }
        }
        let [(clean, _), (lesser, _), (grave, _)] = shares;
        Self { clean, lesser, grave }
    }
}

impl Conduct {
    /// In how many consecutive years up to the review year the employer stayed away.
    #[must_use]
    pub const fn years_absent(self) -> i32 {
        match self {
            Self::Absent | Self::AbsentAndHandled => 1,
            Self::AbsentTwice => 2,
            Self::AbsentThrice => 3,
            _ => 0,
        }
    }

    /// Whether unpaid wages led to an incident with serious bad social effect.
    #[must_use]
    pub const fn is_wage_incident(self) -> bool {
        matches!(self, Self::MassIncident | Self::ExtremeIncident)
    }

    /// Whether it belongs to the few grave ones.
    pub(super) fn is_grave(self) -> bool {
        GRAVE.iter().any(|(_, conduct)| *conduct == self)
    }
}

/// The conduct of `total` employers, clean ones first; the caller shuffles.
pub(super) fn plan(dice: &mut Dice, total: usize) -> Vec<Conduct> {
    let quota = Quota::of(total);
    let mut all = vec![Conduct::Clean; quota.clean];
    all.extend(draw(dice, &LESSER, 1, quota.lesser));
    all.extend(draw(dice, &GRAVE, GRAVE_ROUNDS, quota.grave));
    all
}

/// So many of `from`: some rounds of one each, then by weight.
fn draw(dice: &mut Dice, from: &[(u32, Conduct)], rounds: usize, count: usize) -> Vec<Conduct> {
    let certain = std::iter::repeat_n(from, rounds)
        .flatten()
        .map(|(_, conduct)| *conduct);
    let mut drawn: Vec<Conduct> = certain.take(count).collect();
    while drawn.len() < count {
        drawn.push(dice.weighted(from, Conduct::Absent));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_remainder() {
        let of = |total| {
            let Quota { clean, lesser, grave } = Quota::of(total);
            (clean, lesser, grave)
        };
        assert_eq!(of(11_497), (4_467, 6_936, 94));
        assert_eq!(of(22_994), (8_934, 13_872, 188));
        assert_eq!(of(0), (0, 0, 0));
        assert_eq!(of(1), (0, 1, 0));
        assert_eq!(of(100), (39, 60, 1));
        for total in 0..3000 {
            let (clean, lesser, grave) = of(total);
            assert_eq!(clean + lesser + grave, total);
        }
    }
}

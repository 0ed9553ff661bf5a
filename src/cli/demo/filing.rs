//! What came of each filing, by the employer's conduct.

use chrono::NaiveDate;

use super::campaign::Filing;
use super::conduct::Conduct;
use super::days::{self, WorkingDays};
use super::dice::Dice;
use crate::domain::campaign::filing::FilingState;
use crate::domain::campaign::{Campaign, Channel};

const CHANNELS: [(u32, Channel); 3] = [
    (860, Channel::Online),
    (60, Channel::OnSite),
    (80, Channel::Papers),
];

/// Results of those who took part and were not handled.
const CLEAN: [(u32, FilingState); 2] = [
    (880, FilingState::Passed),
    (120, FilingState::PassedAfterCorrection),
];

/// Results of those who were handled.
const HANDLED: [(u32, FilingState); 3] = [
    (450, FilingState::Passed),
    (480, FilingState::PassedAfterCorrection),
    (70, FilingState::Failed),
];

/// Results of the grave ones.
const GRAVE: [(u32, FilingState); 3] = [
    (100, FilingState::Passed),
    (400, FilingState::PassedAfterCorrection),
    (500, FilingState::Failed),
];

/// Of a thousand filings so many come in only after the order that follows the close.
const LATE: usize = 25;

/// Working days that the order after the close gives (监察条例 Art 30(2)).
const ORDER_DAYS: u32 = 10;

/// Draws the end of one filing.
pub(super) fn draw(
    dice: &mut Dice,
    days: &WorkingDays,
    campaign: &Campaign,
    employer: usize,
    conduct: Conduct,
) -> Filing {
    let (opens, closes) = (campaign.plan().opens, campaign.plan().closes);
    if conduct.years_absent() > 0 {
        let closed_on = absence_found(dice, closes);
        let state = FilingState::NotParticipated;
        return Filing {
            employer,
            state,
            channel: None,
            submitted_on: None,
            closed_on,
        };
    }
    let submitted_on = if dice.per_mille(LATE) {
        days::after(closes, dice.between(2, ORDER_DAYS))
    } else {
        // Most file near the end.
        let one = days.within(dice, opens, closes);
        one.max(days.within(dice, opens, closes))
    };
    let results: &[(u32, FilingState)] = match conduct {
        Conduct::Clean => &CLEAN,
        grave if grave.is_grave() => &GRAVE,
        _ => &HANDLED,
    };
    let state = dice.weighted(results, FilingState::Passed);
    let checked_on = days::after(submitted_on, dice.between(2, 12));
    let closed_on = match state {
        FilingState::Passed => checked_on,
        _ => days::after(checked_on, dice.between(8, 20)),
    };
    let channel = Some(dice.weighted(&CHANNELS, Channel::Online));
    Filing {
        employer,
        state,
        channel,
        submitted_on: Some(submitted_on),
        closed_on,
    }
}

/// When it was found that an employer took no part: after the order's days ran out.
pub(super) fn absence_found(dice: &mut Dice, closed: NaiveDate) -> NaiveDate {
    days::after(closed, ORDER_DAYS + dice.between(2, 9))
}

//! How many people employers employ: many small, few large.

use super::dice::Dice;

/// Which distribution a section follows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// Trade and services.
    Small,
    /// Production, building, transport.
    Large,
}

type Band = (u32, (u32, u32));

/// Weights of a thousand for each band of staff, for trade and services.
const SMALL: [Band; 8] = [
    (215, (1, 4)),
    (280, (5, 9)),
    (225, (10, 19)),
    (165, (20, 49)),
    (62, (50, 99)),
    (36, (100, 299)),
    (14, (300, 999)),
    (3, (1000, 2600)),
];

/// The same for production, building and transport.
const LARGE: [Band; 8] = [
    (75, (1, 4)),
    (140, (5, 9)),
    (185, (10, 19)),
    (255, (20, 49)),
    (150, (50, 99)),
    (128, (100, 299)),
    (54, (300, 999)),
    (13, (1000, 4800)),
];

/// Individual businesses that fall under the review.
const SHOP: [Band; 3] = [(700, (5, 9)), (240, (10, 19)), (60, (20, 40))];

/// Staff of a firm.
pub(super) fn firm(dice: &mut Dice, size: Size) -> u32 {
    let bands = match size {
        Size::Small => &SMALL,
        Size::Large => &LARGE,
    };
    draw(dice, bands)
}

/// Staff of a group of firms.
pub(super) fn group(dice: &mut Dice) -> u32 {
    dice.between_low(120, 2400)
}

/// Staff of a joint-stock company.
pub(super) fn joint_stock(dice: &mut Dice) -> u32 {
    dice.between_low(40, 900)
}

/// Staff of a building firm whose wages can bring a crowd to the gate.
pub(super) fn crew(dice: &mut Dice) -> u32 {
    dice.between_low(30, 400)
}

/// Staff of an individual business under the review.
pub(super) fn shop(dice: &mut Dice) -> u32 {
    draw(dice, &SHOP)
}

fn draw(dice: &mut Dice, bands: &[Band]) -> u32 {
    let (low, high) = dice.weighted(bands, (5, 9));
    dice.between_low(low, high)
}

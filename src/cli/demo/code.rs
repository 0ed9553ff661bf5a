//! Unified codes in the style of their time, each organisation code once.

use std::collections::HashSet;

use chrono::{Datelike as _, NaiveDate};

use super::dice::Dice;
use crate::domain::code::UnifiedCode;
use crate::domain::division::DivisionCode;
use crate::domain::employer::EmployerKind;

/// The symbols of GB 32100.
const SYMBOLS: &[char] = &[
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L',
    'M', 'N', 'P', 'Q', 'R', 'T', 'U', 'W', 'X', 'Y',
];

const DIGITS: &[char] = &['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// Since late 2015 the business register's own organisation codes begin with MA.
const SINCE_MA: i32 = 2016;

/// Hands out codes, none twice.
#[derive(Default)]
pub(super) struct Codes(HashSet<String>);

impl Codes {
    /// A code for an employer that `registered_at` registered; none only if a part were malformed.
    pub(super) fn next(
        &mut self,
        dice: &mut Dice,
        kind: EmployerKind,
        registered_at: DivisionCode,
        registered_on: NaiveDate,
    ) -> Option<UnifiedCode> {
        let kind = match kind {
            EmployerKind::Enterprise | EmployerKind::Branch => "91",
            EmployerKind::IndividualBusiness => "92",
        };
        let body = loop {
            let body = body(dice, kind, registered_on.year());
            if self.0.insert(body.clone()) {
                break body;
            }
        };
        UnifiedCode::from_parts(kind, registered_at.as_str(), &body).ok()
    }
}

/// Eight characters of an organisation code.
fn body(dice: &mut Dice, kind: &str, year: i32) -> String {
    let (start, symbols, length) = if kind == "92" || year >= SINCE_MA {
        let third = dice.pick(if year >= 2021 {
            &['A', 'B', 'C', 'D']
        } else {
            &['5', '6', '7', '5']
        });
        (format!("MA{third}"), SYMBOLS, 5)
    } else {
        (dice.pick(&["2", "3", "5", "6", "7"]).to_owned(), DIGITS, 7)
    };
    let rest = (0..length).map(|_| dice.pick(symbols));
    start.chars().chain(rest).collect()
}

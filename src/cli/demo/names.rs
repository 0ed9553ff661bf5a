//! Registered names that fit kind, place and trade. Uniqueness is the caller's.

use super::dice::Dice;
use super::industry::Sector;
use super::places::short_name;
use super::words;
use crate::domain::employer::Industry;

/// How a firm's name is put together.
#[derive(Debug, Clone, Copy)]
enum Form {
    Plain,
    OfTheCity,
    OfTheCounty,
    PlaceInBrackets,
    LimitedLiability,
    JointStock,
    Group,
}

const FORMS: [(u32, Form); 7] = [
    (600, Form::Plain),
    (110, Form::OfTheCity),
    (100, Form::OfTheCounty),
    (50, Form::PlaceInBrackets),
    (80, Form::LimitedLiability),
    (40, Form::JointStock),
    (20, Form::Group),
];

/// A trade name (字号) of two or three characters that no well-known firm bears.
pub(super) fn trade_name(dice: &mut Dice) -> String {
    loop {
        let first = dice.pick(words::FIRST);
        let second = dice.pick(words::SECOND);
        let third = if dice.per_mille(300) {
            dice.pick(words::THIRD)
        } else {
            ""
        };
        let doubled = first == second || second == third || first == third;
        let name = format!("{first}{second}{third}");
        if !doubled && !words::KNOWN.iter().any(|known| name.contains(known)) {
            return name;
        }
    }
}

/// A firm of the city, at home in `county`.
pub(super) fn firm(dice: &mut Dice, sector: &Sector, county: &str) -> String {
    let own = trade_name(dice);
    let trade = dice.pick(sector.trades);
    if sector.section == Industry::BusinessServices && dice.per_mille(120) {
        return format!("重庆{own}企业管理合伙企业（有限合伙）");
    }
    if sector.section == Industry::Research && dice.per_mille(100) {
        return format!("重庆{own}造价咨询事务所（普通合伙）");
    }
    match dice.weighted(&FORMS, Form::Plain) {
        Form::Plain => format!("重庆{own}{trade}有限公司"),
        Form::OfTheCity => format!("重庆市{own}{trade}有限公司"),
        Form::OfTheCounty => format!("重庆市{county}{own}{trade}有限公司"),
        Form::PlaceInBrackets => format!("{own}（重庆）{trade}有限公司"),
        Form::LimitedLiability => format!("重庆{own}{trade}有限责任公司"),
        Form::JointStock => format!("重庆{own}{trade}股份有限公司"),
        Form::Group => format!("重庆{own}{trade}集团有限公司"),
    }
}

/// A firm at home elsewhere; `home` is how names begin there.
pub(super) fn firm_from(dice: &mut Dice, sector: &Sector, home: &str) -> String {
    format!("{home}{}{}有限公司", trade_name(dice), dice.pick(sector.trades))
}

/// A branch of `parent` in `county`. A firm from elsewhere calls its branch after the city.
pub(super) fn branch(dice: &mut Dice, parent: &str, county: &str) -> String {
    if !parent.contains("重庆") {
        return format!("{parent}重庆分公司");
    }
    let county = short_name(county);
    match dice.below(12) {
        0 => format!("{parent}{county}第一分公司"),
        1 => format!("{parent}{county}第二分公司"),
        _ => format!("{parent}{county}分公司"),
    }
}

/// An individual business in `county`.
pub(super) fn shop(dice: &mut Dice, sector: &Sector, county: &str) -> String {
    let word = dice.pick(sector.shop_words);
    let own = if dice.per_mille(350) {
        let nickname = dice.pick(words::NICKNAMES);
        let surname = dice.pick(words::SURNAMES);
        if dice.per_mille(400) {
            format!("{surname}记")
        } else {
            format!("{nickname}{surname}")
        }
    } else {
        trade_name(dice)
    };
    let place = if dice.per_mille(250) { "重庆市" } else { "" };
    format!("{place}{county}{own}{word}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::demo::dice::Stream;
    use crate::cli::demo::industry::SECTORS;

    #[test]
    fn the_vocabulary_is_rich_and_bears_no_known_name() {
        let mut dice = Dice::new(3, Stream::Employers);
        let drawn: BTreeSet<String> = (0..20_000).map(|_| trade_name(&mut dice)).collect();
        assert!(drawn.len() > 5_000, "{}", drawn.len());
        for name in &drawn {
            assert!((2..=3).contains(&name.chars().count()), "{name}");
        }
        let trades: BTreeSet<&str> = SECTORS.iter().flat_map(|sector| sector.trades).copied().collect();
        assert!(trades.len() > 150, "{}", trades.len());
    }

    #[test]
    fn word_lists_hold_nothing_twice() {
        for list in [
            words::FIRST,
            words::SECOND,
            words::THIRD,
            words::KNOWN,
            words::SURNAMES,
        ] {
            assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len(), "{list:?}");
        }
        for sector in &SECTORS {
            assert_eq!(
                sector.shops > 0,
                !sector.shop_words.is_empty(),
                "{:?}",
                sector.section
            );
        }
    }
}

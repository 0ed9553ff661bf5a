//! Where employers are: Chongqing's counties by weight, and the few registered elsewhere.

use super::dice::Dice;
use crate::domain::division::{self, DivisionCode};

/// The city.
pub(super) const CITY: &str = "500000";

/// What lies directly below it: the districts' and the counties' nameless groupings.
const GROUPINGS: [&str; 2] = ["500100", "500200"];

/// Roughly each county's share of the city's employers.
const WEIGHTS: [(&str, u32); 38] = [
    ("500101", 50),
    ("500102", 40),
    ("500103", 55),
    ("500104", 18),
    ("500105", 60),
    ("500106", 65),
    ("500107", 75),
    ("500108", 58),
    ("500109", 38),
    ("500110", 25),
    ("500111", 28),
    ("500112", 110),
    ("500113", 42),
    ("500114", 15),
    ("500115", 28),
    ("500116", 45),
    ("500117", 36),
    ("500118", 40),
    ("500119", 18),
    ("500120", 38),
    ("500151", 28),
    ("500152", 20),
    ("500153", 26),
    ("500154", 28),
    ("500155", 20),
    ("500156", 12),
    ("500229", 5),
    ("500230", 15),
    ("500231", 18),
    ("500233", 16),
    ("500235", 20),
    ("500236", 16),
    ("500237", 12),
    ("500238", 8),
    ("500240", 11),
    ("500241", 13),
    ("500242", 11),
    ("500243", 12),
];

/// Homes of firms that work in the city and are registered elsewhere: division, and how names begin there.
const ELSEWHERE: [(&str, &str); 10] = [
    ("510107", "成都"),
    ("510104", "四川"),
    ("511002", "内江"),
    ("420106", "武汉"),
    ("430104", "长沙"),
    ("520102", "贵阳"),
    ("610113", "西安"),
    ("440305", "深圳"),
    ("310115", "上海"),
    ("330108", "杭州"),
];

/// A county of the city.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) code: DivisionCode,
    pub(super) name: &'static str,
}

/// Every county of the city, in code order.
pub(super) fn counties() -> Vec<Place> {
    let groupings = GROUPINGS.iter().filter_map(|code| DivisionCode::parse(code).ok());
    groupings
        .flat_map(division::children_of)
        .map(|county| Place {
            code: county.code,
            name: county.name,
        })
        .collect()
}

/// The counties with their weights, and the city itself should the table ever lack them.
pub(super) struct Map {
    weighted: Vec<(u32, Place)>,
    elsewhere: Vec<(DivisionCode, &'static str)>,
}

impl Map {
    pub(super) fn new() -> Self {
        let weight = |place: &Place| {
            let known = WEIGHTS.iter().find(|(code, _)| *code == place.code.as_str());
            known.map_or(10, |(_, weight)| *weight)
        };
        let elsewhere = ELSEWHERE
            .iter()
            .filter_map(|(code, name)| Some((DivisionCode::parse(code).ok()?, *name)));
        Self {
            weighted: counties()
                .into_iter()
                .map(|place| (weight(&place), place))
                .collect(),
            elsewhere: elsewhere.collect(),
        }
    }

    /// A county by weight; none only if the division table had no Chongqing.
    pub(super) fn county(&self, dice: &mut Dice) -> Option<Place> {
        let (_, first) = self.weighted.first()?;
        Some(dice.weighted(&self.weighted, *first))
    }

    /// A home outside the city.
    pub(super) fn elsewhere(&self, dice: &mut Dice) -> Option<(DivisionCode, &'static str)> {
        let place = dice.below(self.elsewhere.len());
        self.elsewhere.get(place).copied()
    }
}

/// A county's name as documents shorten it: 江北, 石柱, but 忠县.
pub(super) fn short_name(name: &str) -> &str {
    let plain = ["土家族苗族自治县", "苗族土家族自治县", "土家族自治县", "区", "县"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    if plain.chars().count() < 2 { name } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_eight_counties_each_with_a_weight() {
        let counties = counties();
        assert_eq!(counties.len(), 38);
        for place in counties {
            assert!(
                WEIGHTS.iter().any(|(code, _)| *code == place.code.as_str()),
                "{}",
                place.name
            );
        }
        for (code, _) in ELSEWHERE {
            assert!(division::find(code.parse().unwrap()).is_some(), "{code}");
        }
    }

    #[test]
    fn short_names() {
        for (name, short) in [
            ("江北区", "江北"),
            ("忠县", "忠县"),
            ("石柱土家族自治县", "石柱"),
            ("彭水苗族土家族自治县", "彭水"),
        ] {
            assert_eq!(short_name(name), short);
        }
    }
}

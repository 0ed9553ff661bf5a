//! The register: employers with names, codes, places, trades, sizes and ages.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};

use super::code::Codes;
use super::conduct::Conduct;
use super::days::{self, date};
use super::dice::Dice;
use super::headcount;
use super::industry::{self, SECTORS, Sector};
use super::names;
use super::noise::Noise;
use super::places::Map;
use crate::domain::employer::{Employer, EmployerKey, EmployerKind, EmployerName};

/// What an employer is in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Under review.
    Reviewed(Conduct, Option<Noise>),
    /// An individual business with too few workers.
    TooSmall,
    /// Registered in the review year.
    NewInYear,
    /// Registered after it.
    NewAfter,
}

/// Of a thousand: individual businesses under review; branches among firms; firms registered elsewhere.
const SHOPS: usize = 150;
const BRANCHES: usize = 70;
const FROM_ELSEWHERE: usize = 22;
/// Of a thousand local firms: registered in another county than they work in.
const NEXT_DOOR: usize = 45;

/// The oldest firms, in years before the review year.
const OLDEST: usize = 28;

/// A firm that can have branches.
struct Parent {
    name: String,
    sector: &'static Sector,
    since: NaiveDate,
}

/// Makes employers, no name and no code twice.
pub(super) struct Register<'a> {
    dice: &'a mut Dice,
    map: Map,
    codes: Codes,
    taken: HashSet<EmployerName>,
    parents: Vec<Parent>,
    firms: Vec<(u32, &'static Sector)>,
    shops: Vec<(u32, &'static Sector)>,
    year: i32,
}

static REGISTERED_SECTORS: [Sector; 18] = SECTORS;

impl<'a> Register<'a> {
    pub(super) fn new(dice: &'a mut Dice, year: i32) -> Self {
        Self {
            dice,
            map: Map::new(),
            codes: Codes::default(),
            taken: HashSet::new(),
            parents: Vec::new(),
            firms: REGISTERED_SECTORS
                .iter()
                .map(|sector| (sector.firms, sector))
                .collect(),
            shops: REGISTERED_SECTORS
                .iter()
                .map(|sector| (sector.shops, sector))
                .collect(),
            year,
        }
    }

    /// An employer that fits its part; none only if the division table had no county.
    pub(super) fn employer(&mut self, part: Part) -> Option<Employer> {
        let kind = self.kind(part);
        let registered_on = self.registered_on(part);
        loop {
            let made = match kind {
                EmployerKind::Enterprise => self.firm(part, registered_on),
                EmployerKind::Branch => self.branch(registered_on),
                EmployerKind::IndividualBusiness => self.shop(part, registered_on),
            }?;
            if self.taken.insert(made.name.clone()) {
                return Some(made);
            }
        }
    }

    fn kind(&mut self, part: Part) -> EmployerKind {
        let shop = match part {
            Part::TooSmall => true,
            Part::Reviewed(conduct, _) => !needs_firm(conduct) && self.dice.per_mille(SHOPS),
            Part::NewInYear | Part::NewAfter => self.dice.per_mille(2 * SHOPS),
        };
        if shop {
            EmployerKind::IndividualBusiness
        } else if !matches!(part, Part::Reviewed(conduct, _) if needs_firm(conduct))
            && self.dice.per_mille(BRANCHES)
        {
            EmployerKind::Branch
        } else {
            EmployerKind::Enterprise
        }
    }

    /// Young firms are commoner than old ones. Those with a past on file are old enough for it.
    fn registered_on(&mut self, part: Part) -> NaiveDate {
        let year = self.year;
        let (first, last) = match part {
            Part::NewInYear => (date(year, 1, 3), date(year, 12, 20)),
            Part::NewAfter => (date(year + 1, 1, 5), date(year + 1, 6, 20)),
            Part::TooSmall => self.in_some_year(2),
            Part::Reviewed(conduct, noise) => {
                let past = conduct.years_absent() > 1 || noise.is_some_and(Noise::needs_past);
                let plain = noise.is_none() && matches!(conduct, Conduct::Clean | Conduct::Absent);
                // A case decided early in the review year was filed in the year before.
                self.in_some_year(if past {
                    4
                } else if plain {
                    1
                } else {
                    2
                })
            }
        };
        let span = usize::try_from((last - first).num_days()).unwrap_or_default();
        let day = first
            .checked_add_days(Days::new(self.dice.below(span + 1) as u64))
            .unwrap_or(first);
        days::or_next(day)
    }

    /// A year at least `least` years before the review year, up to ten days before its end, so that the
    /// next working day still lies in it.
    fn in_some_year(&mut self, least: i32) -> (NaiveDate, NaiveDate) {
        let age = self.dice.below(OLDEST).min(self.dice.below(OLDEST));
        let year = self.year - least - i32::try_from(age).unwrap_or_default();
        (date(year, 1, 4), date(year, 12, 20))
    }

    fn firm(&mut self, part: Part, registered_on: NaiveDate) -> Option<Employer> {
        let sector = match part {
            Part::Reviewed(conduct, _) if conduct.is_wage_incident() => &industry::CONSTRUCTION,
            Part::Reviewed(Conduct::ChildLabour | Conduct::ForcedLabour, _) => &industry::MANUFACTURING,
            _ => self.dice.weighted(&self.firms, &industry::TRADE),
        };
        let county = self.map.county(self.dice)?;
        let abroad = if self.dice.per_mille(FROM_ELSEWHERE) {
            self.map.elsewhere(self.dice)
        } else {
            None
        };
        let (name, home) = match abroad {
            Some((home, prefix)) => (names::firm_from(self.dice, sector, prefix), home),
            None => {
                let next_door = self.dice.per_mille(NEXT_DOOR);
                let home = if next_door {
                    self.map.county(self.dice)?
                } else {
                    county
                };
                (names::firm(self.dice, sector, home.name), home.code)
            }
        };
        let staff = match part {
            Part::Reviewed(conduct, _) if conduct.is_wage_incident() => headcount::crew(self.dice),
            _ if name.contains("集团") => headcount::group(self.dice),
            _ if name.contains("股份") => headcount::joint_stock(self.dice),
            _ => headcount::firm(self.dice, sector.size),
        };
        if name.ends_with("公司") && !self.taken.contains(&EmployerName::parse(&name).ok()?) {
            self.parents.push(Parent {
                name: name.clone(),
                sector,
                since: registered_on,
            });
        }
        let kind = EmployerKind::Enterprise;
        Some(Employer {
            key: EmployerKey::Code(self.codes.next(self.dice, kind, home, registered_on)?),
            name: EmployerName::parse(&name).ok()?,
            kind,
            division: county.code,
            industry: sector.section,
            headcount: Some(staff),
            registered_on: Some(registered_on),
        })
    }

    /// A branch of an older firm of the register, or of one elsewhere.
    fn branch(&mut self, registered_on: NaiveDate) -> Option<Employer> {
        let county = self.map.county(self.dice)?;
        let place = self.dice.below(self.parents.len());
        let own = self
            .parents
            .get(place)
            .filter(|parent| parent.since < registered_on);
        let (parent, sector) = match own.map(|parent| (parent.name.clone(), parent.sector)) {
            Some(found) if self.dice.per_mille(750) => found,
            _ => {
                let sector: &'static Sector = self.dice.weighted(&self.firms, &industry::TRADE);
                let (_, prefix) = self.map.elsewhere(self.dice)?;
                (names::firm_from(self.dice, sector, prefix), sector)
            }
        };
        let name = names::branch(self.dice, &parent, county.name);
        let kind = EmployerKind::Branch;
        Some(Employer {
            key: EmployerKey::Code(self.codes.next(self.dice, kind, county.code, registered_on)?),
            name: EmployerName::parse(&name).ok()?,
            kind,
            division: county.code,
            industry: sector.section,
            headcount: Some(headcount::firm(self.dice, sector.size)),
            registered_on: Some(registered_on),
        })
    }

    fn shop(&mut self, part: Part, registered_on: NaiveDate) -> Option<Employer> {
        let sector = self.dice.weighted(&self.shops, &industry::TRADE);
        let county = self.map.county(self.dice)?;
        let name = names::shop(self.dice, sector, county.name);
        let staff = match part {
            Part::TooSmall => self.dice.between(1, 4),
            _ => headcount::shop(self.dice),
        };
        let kind = EmployerKind::IndividualBusiness;
        Some(Employer {
            key: EmployerKey::Code(self.codes.next(self.dice, kind, county.code, registered_on)?),
            name: EmployerName::parse(&name).ok()?,
            kind,
            division: county.code,
            industry: sector.section,
            headcount: Some(staff),
            registered_on: Some(registered_on),
        })
    }
}

/// Whether the story needs a firm of its own: a crew of builders, or a factory.
const fn needs_firm(conduct: Conduct) -> bool {
    conduct.is_wage_incident() || matches!(conduct, Conduct::ChildLabour | Conduct::ForcedLabour)
}

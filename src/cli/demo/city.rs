//! The whole city from a seed.

use thiserror::Error;

use super::authorities::{Officer, authorities, officers};
use super::campaign::{self, Filing};
use super::conduct::{self, Conduct};
use super::days::WorkingDays;
use super::dice::{Dice, Stream};
use super::evidence::Writer;
use super::population::{Part, Register};
use super::{documents, filing, noise};
use crate::domain::authority::Authority;
use crate::domain::campaign::{Campaign, ScopeDecision, Tally};
use crate::domain::employer::Employer;
use crate::domain::evidence::Evidence;

/// A city and its year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct City {
    /// The seed it came from.
    pub seed: u64,
    /// The city's authority first, then the counties', last the invented one.
    pub authorities: Vec<Authority>,
    /// Who works there.
    pub officers: Vec<Officer>,
    /// Every employer, those under review and the others mixed.
    pub employers: Vec<Employer>,
    /// What each employer did; none for those not under review. For choosing examples only: nothing that
    /// is published comes from it.
    pub conduct: Vec<Option<Conduct>>,
    /// The review campaign.
    pub campaign: Campaign,
    /// How many employers are in its scope, the denominator of coverage, and how many are not.
    pub tally: Tally,
    /// One decision for each employer, in their order.
    pub scope: Vec<ScopeDecision>,
    /// One filing for each employer in scope, in their order.
    pub filings: Vec<Filing>,
    /// Every fact, with the employer's place in the list; by employer, then by date.
    pub evidence: Vec<(usize, Evidence)>,
}

/// Why no city came out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// Five digits number the employers in evidence ids and keep them in order.
    #[error("a city has at most {MOST} employers under review, not {0}")]
    TooMany(usize),
    /// The division table has no Chongqing.
    #[error("the division table lacks the counties of Chongqing")]
    Divisions,
    /// No campaign can be planned for the year.
    #[error("no review campaign can be planned for {0}")]
    Year(i32),
}

/// The largest city.
const MOST: usize = 2_000_000;

/// Of a thousand individual businesses outside the review, those with a handled case on file.
const HANDLED_OUTSIDE: usize = 20;

/// Makes the city of `seed` with `reviewed` employers under review for `review_year`, and a fifth as many
/// outside the review.
///
/// # Errors
/// [`Error::TooMany`] above two million; [`Error::Divisions`] if the embedded table were cut; [`Error::Year`]
/// at the ends of time.
pub fn generate(seed: u64, reviewed: usize, review_year: i32) -> Result<City, Error> {
    if reviewed > MOST {
        return Err(Error::TooMany(reviewed));
    }
    let parts = parts(&mut Dice::new(seed, Stream::Conduct), reviewed);
    let employers = employers(&mut Dice::new(seed, Stream::Employers), &parts, review_year)?;
    let campaign = campaign::of_year(review_year).ok_or(Error::Year(review_year))?;
    let scope: Vec<ScopeDecision> = employers
        .iter()
        .map(|employer| campaign.scope(employer, None))
        .collect();
    let days = WorkingDays::of_years(review_year - 4, review_year + 1);
    let filings = filings(&mut Dice::new(seed, Stream::Filings), &days, &campaign, &parts);
    let mut writer = Writer {
        dice: &mut Dice::new(seed, Stream::Evidence),
        days: &days,
        year: review_year,
        drafts: Vec::new(),
        cases: 0,
    };
    write(&mut writer, &parts, &filings, &campaign);
    let evidence = documents::number(writer.drafts, |place| {
        employers.get(place).map(|employer| employer.division)
    });
    Ok(City {
        seed,
        authorities: authorities(),
        officers: officers(),
        conduct: parts.iter().map(|part| reviewed_conduct(*part)).collect(),
        employers,
        tally: scope.iter().collect(),
        campaign,
        scope,
        filings,
        evidence,
    })
}

/// Everyone's part, shuffled: the place in the list tells nothing.
fn parts(dice: &mut Dice, reviewed: usize) -> Vec<Part> {
    let conducts = conduct::plan(dice, reviewed);
    let noise = noise::plan(dice, &conducts);
    let under_review = conducts
        .into_iter()
        .zip(noise)
        .map(|(conduct, noise)| Part::Reviewed(conduct, noise));
    let outside = reviewed.div_ceil(5);
    let others = [
        (450, Part::TooSmall),
        (350, Part::NewInYear),
        (200, Part::NewAfter),
    ];
    let mut parts: Vec<Part> = under_review.collect();
    parts.extend((0..outside).map(|_| dice.weighted(&others, Part::TooSmall)));
    dice.shuffle(&mut parts);
    parts
}

fn employers(dice: &mut Dice, parts: &[Part], review_year: i32) -> Result<Vec<Employer>, Error> {
    let mut register = Register::new(dice, review_year);
    let made = parts
        .iter()
        .map(|part| register.employer(*part).ok_or(Error::Divisions));
    made.collect()
}

const fn reviewed_conduct(part: Part) -> Option<Conduct> {
    match part {
        Part::Reviewed(conduct, _) => Some(conduct),
        _ => None,
    }
}

fn filings(dice: &mut Dice, days: &WorkingDays, campaign: &Campaign, parts: &[Part]) -> Vec<Filing> {
    let reviewed = parts
        .iter()
        .enumerate()
        .filter_map(|(place, part)| Some((place, reviewed_conduct(*part)?)));
    reviewed
        .map(|(place, conduct)| filing::draw(dice, days, campaign, place, conduct))
        .collect()
}

fn write(writer: &mut Writer<'_>, parts: &[Part], filings: &[Filing], campaign: &Campaign) {
    for (place, part) in parts.iter().enumerate() {
        match part {
            Part::Reviewed(conduct, noise) => {
                writer.conduct(place, *conduct);
                if let Some(noise) = noise {
                    writer.noise(place, *noise);
                }
            }
            Part::TooSmall if writer.dice.per_mille(HANDLED_OUTSIDE) => writer.handled(place, writer.year, 1),
            _ => {}
        }
    }
    for filing in filings {
        writer.review(filing, campaign.plan().closes);
    }
}

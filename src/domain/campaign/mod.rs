//! The annual review (劳动保障年审, 书面审查): a campaign, who is in its scope, and the way of one filing.
//!
//! Places differ in everything but the stages (domain.md F.1), so the campaign carries its population
//! rule, window and channels as data. Whoever is left out is left out for a stated reason, and coverage
//! always has its denominator.

pub mod filing;
mod scope;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use scope::{KindRule, OutOfScope, PopulationRule, ScopeDecision, ScopeGap, Tally};

use super::authority::AuthorityId;
use super::division::DivisionCode;
use super::employer::Employer;
use super::grade::Grade;
use super::id::identifier;

identifier! {
    /// Identifies a review campaign.
    CampaignId
}

/// How an employer can file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 网上.
    Online,
    /// 上门: an officer fills in on site.
    OnSite,
    /// 资料送审: papers sent in.
    Papers,
}

/// A review campaign (年审批次).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Plan", into = "Plan")]
pub struct Campaign(Plan);

/// The data of a campaign, before it was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Its identifier.
    pub id: CampaignId,
    /// The authority that runs it.
    pub authority: AuthorityId,
    /// That authority's division: the campaign reaches there and below.
    pub division: DivisionCode,
    /// The year under review.
    pub review_year: i32,
    /// The first day for filing (Asia/Shanghai).
    pub opens: NaiveDate,
    /// The last day for filing.
    pub closes: NaiveDate,
    /// Who has to file.
    pub population: PopulationRule,
    /// How.
    pub channels: Vec<Channel>,
    /// The version of the form.
    pub form_version: String,
}

/// Why a plan is no campaign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CampaignError {
    /// It closes before it opens.
    #[error("the campaign closes on {closes}, before it opens on {opens}")]
    Window {
        /// First day.
        opens: NaiveDate,
        /// Last day.
        closes: NaiveDate,
    },
    /// The year under review is not over when it opens.
    #[error("the year {review_year} is not over on {opens}")]
    YearNotOver {
        /// The year under review.
        review_year: i32,
        /// First day.
        opens: NaiveDate,
    },
    /// Nobody is asked.
    #[error("the population rule names no kind of employer, or one twice")]
    Population,
    /// Nobody can answer.
    #[error("the campaign has no channel")]
    Channels,
}

impl Campaign {
    /// Checks a plan.
    ///
    /// # Errors
    /// A [`CampaignError`].
    pub fn new(plan: Plan) -> Result<Self, CampaignError> {
        let Plan {
            opens,
            closes,
            review_year,
            ..
        } = plan;
        if closes < opens {
            return Err(CampaignError::Window { opens, closes });
        }
        if opens.year() <= review_year {
            return Err(CampaignError::YearNotOver { review_year, opens });
        }
        if !plan.population.names_kinds_once() {
            return Err(CampaignError::Population);
        }
        if plan.channels.is_empty() {
            Err(CampaignError::Channels)
        } else {
            Ok(Self(plan))
        }
    }

    /// The data.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.0
    }

    /// Whether filings are taken on `date` as in time.
    #[must_use]
    pub fn is_open_on(&self, date: NaiveDate) -> bool {
        self.0.opens <= date && date <= self.0.closes
    }

    /// Whether an employer has to file, and why not. `last_grade` is the last published grade, where the
    /// population rule exempts by grade.
    #[must_use]
    pub fn scope(&self, employer: &Employer, last_grade: Option<Grade>) -> ScopeDecision {
        if self.0.division.covers(employer.division) {
            self.0.population.decide(employer, last_grade)
        } else {
            ScopeDecision::OutOfScope {
                reason: OutOfScope::Elsewhere {},
            }
        }
    }
}

impl TryFrom<Plan> for Campaign {
    type Error = CampaignError;
    fn try_from(plan: Plan) -> Result<Self, CampaignError> {
        Self::new(plan)
    }
}

impl From<Campaign> for Plan {
    fn from(campaign: Campaign) -> Self {
        campaign.0
    }
}

#[cfg(test)]
mod tests;

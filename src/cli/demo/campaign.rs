//! The review campaign of the city, and what became of each filing.

use chrono::NaiveDate;

use super::days::{self, date};
use super::places;
use crate::domain::authority::AuthorityId;
use crate::domain::campaign::filing::FilingState;
use crate::domain::campaign::{
    Campaign, CampaignId, Channel, KindRule, Plan, PopulationRule, ScopeDecision, ScopeGap,
};
use crate::domain::division::DivisionCode;
use crate::domain::employer::EmployerKind;

/// Individual businesses with fewer workers are left out (Hubei's minimum).
const SHOP_WORKERS: u32 = 5;

/// One employer's filing, at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    /// The employer's place in the city's list.
    pub employer: usize,
    /// Where it ended: one of the four final states.
    pub state: FilingState,
    /// How it came in; none where nothing came.
    pub channel: Option<Channel>,
    /// When it came in, perhaps only after the order that follows the close; none where nothing came.
    pub submitted_on: Option<NaiveDate>,
    /// When it came to its end.
    pub closed_on: NaiveDate,
}

impl Filing {
    /// Whether it came in only after the close of the campaign.
    #[must_use]
    pub fn is_late(&self, campaign: &Campaign) -> bool {
        self.submitted_on.is_some_and(|day| day > campaign.plan().closes)
    }
}

/// The campaign for `review_year`: filing from March to June of the next year; firms and branches of any
/// size, individual businesses from five workers, all registered for a year at the end of the review year.
/// None only if the parts contradicted each other.
pub(super) fn of_year(review_year: i32) -> Option<Campaign> {
    let kind = |kind, minimum_headcount| KindRule {
        kind,
        minimum_headcount,
    };
    let kinds = vec![
        kind(EmployerKind::Enterprise, None),
        kind(EmployerKind::Branch, None),
        kind(EmployerKind::IndividualBusiness, Some(SHOP_WORKERS)),
    ];
    let plan = Plan {
        id: CampaignId::new(format!("{}-{review_year}", places::CITY)).ok()?,
        authority: AuthorityId::new(places::CITY).ok()?,
        division: DivisionCode::parse(places::CITY).ok()?,
        review_year,
        opens: days::or_next(date(review_year + 1, 3, 1)),
        closes: days::or_next(date(review_year + 1, 6, 30)),
        population: PopulationRule {
            kinds,
            registered_by: Some(date(review_year - 1, 12, 31)),
            industries: None,
            exempt_last_grades: Vec::new(),
        },
        channels: vec![Channel::Online, Channel::OnSite, Channel::Papers],
        form_version: format!("{review_year}.1"),
    };
    Campaign::new(plan).ok()
}

/// Why an employer has to file or not, for officers.
#[must_use]
pub fn reason_zh(decision: &ScopeDecision) -> String {
    match decision {
        ScopeDecision::InScope {} => "属于年审范围".to_owned(),
        ScopeDecision::OutOfScope { reason } => reason.zh(),
        ScopeDecision::Undetermined {
            missing: ScopeGap::Headcount,
        } => "职工人数不明，待核实".to_owned(),
        ScopeDecision::Undetermined {
            missing: ScopeGap::RegisteredOn,
        } => "登记日期不明，待核实".to_owned(),
    }
}

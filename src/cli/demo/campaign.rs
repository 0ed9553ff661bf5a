//! The review campaign and what became of each filing.

use chrono::NaiveDate;

use super::scope::PopulationRule;
use crate::domain::authority::AuthorityId;

/// A review campaign (年审批次).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its id, such as `500000-2025`.
    pub id: String,
    /// Whose.
    pub authority: AuthorityId,
    /// The year under review.
    pub review_year: i32,
    /// First day of filing.
    pub opens_on: NaiveDate,
    /// Last day of filing.
    pub closes_on: NaiveDate,
    /// Who falls under it.
    pub population: PopulationRule,
    /// Which form.
    pub form_version: String,
    /// How many employers are in scope.
    pub denominator: usize,
}

/// How a filing came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// 网上申报.
    Online,
    /// 上门: an officer took it in on site.
    OnSite,
    /// 资料送审.
    Papers,
}

impl Channel {
    /// The name used in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::OnSite => "on_site",
            Self::Papers => "papers",
        }
    }
}

/// Where a filing ended (domain notes F.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FilingState {
    /// 合格.
    Passed,
    /// 整改后合格.
    PassedAfterCorrection,
    /// 不合格.
    Failed,
    /// 未参加.
    NotParticipated,
}

impl FilingState {
    /// The name used in storage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::PassedAfterCorrection => "passed_after_correction",
            Self::Failed => "failed",
            Self::NotParticipated => "not_participated",
        }
    }
}

/// One employer's filing, at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    /// The employer's place in the city's list.
    pub employer: usize,
    /// Where it ended.
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
        self.submitted_on.is_some_and(|day| day > campaign.closes_on)
    }
}

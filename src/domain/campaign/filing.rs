//! The way of one employer's filing through a review (domain.md F.2).
//!
//! An employer files only for itself. A result against the employer (failed, not participated) takes a
//! second person: not the one whose step it follows from.

mod machine;
mod refusal;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use refusal::FilingRefusal;

use super::{CampaignId, Channel};
use crate::domain::authority::{Actor, AuthorityId, PersonId, Role};
use crate::domain::division::DivisionCode;
use crate::domain::evidence::{EvidenceId, EvidenceKind};
use crate::domain::registration::EmployerKey;
use crate::domain::ruleset::RuleSetRef;

/// Where a filing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingState {
    /// Told to file.
    Notified,
    /// Begun, not handed in.
    Draft,
    /// Handed in.
    Submitted,
    /// Returned for supplement (补正).
    Returned,
    /// Handed in again.
    Resubmitted,
    /// The window closed with nothing handed in.
    NotFiled,
    /// Ordered to file by a date (监察条例 Art 30(2)).
    OrderedToFile,
    /// Handed in after the order.
    LateFiled,
    /// Complete; to be checked.
    Accepted,
    /// Checked at the desk.
    DeskChecked,
    /// To be checked on site.
    SiteCheck,
    /// Ordered to correct by a date.
    CorrectionOrdered,
    /// Checked again after the order.
    ReChecked,
    /// 合格; an end.
    Passed,
    /// 整改后合格; an end.
    PassedAfterCorrection,
    /// 不合格; an end.
    Failed,
    /// 未参加; an end.
    NotParticipated,
}

impl FilingState {
    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Passed | Self::PassedAfterCorrection | Self::Failed | Self::NotParticipated
        )
    }
}

/// A step of a filing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum FilingAction {
    /// Begins the form.
    Begin {},
    /// Hands it in, in time.
    Submit {
        /// How.
        channel: Channel,
    },
    /// Returns it for supplement; the reason says what is missing.
    Return {},
    /// Hands it in again.
    Resubmit {},
    /// Takes it as complete.
    Accept {},
    /// The window closed with nothing handed in.
    CloseWindow {},
    /// Orders to file by a date.
    OrderToFile {
        /// The last day.
        by: NaiveDate,
    },
    /// Hands it in after the order, by its last day or later.
    FileLate {
        /// How.
        channel: Channel,
    },
    /// Checks at the desk.
    DeskCheck {},
    /// Sends someone there.
    OrderSiteCheck {},
    /// Orders to correct by a date; the reason says what.
    OrderCorrection {
        /// The last day.
        by: NaiveDate,
    },
    /// Checks what was to be corrected.
    ReCheck {},
    /// Finds it in order.
    Pass {},
    /// Finds it not corrected: takes a second person and a reason.
    Fail {},
    /// Finds that no part was taken: takes a second person and a reason.
    DeclareNotParticipated {},
}

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// The employer itself.
    Employer(EmployerKey),
    /// An officer, also where it enters what an employer brought on paper.
    Officer(Actor),
    /// The registry's clock.
    Clock,
}

/// A step's circumstances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingStep {
    /// Who takes it.
    pub by: Party,
    /// When, UTC, whole seconds.
    pub at: DateTime<Utc>,
    /// The evidence for it.
    pub evidence: Vec<EvidenceId>,
    /// The reason given.
    pub reason: String,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingTransition {
    /// What was done.
    pub action: FilingAction,
    /// Where the filing stood.
    pub from: FilingState,
    /// Where it stands since.
    pub to: FilingState,
    /// The officer; none for the employer and the clock.
    pub person: Option<PersonId>,
    /// The role acted in.
    pub role: Option<Role>,
    /// The authority acted for.
    pub authority: Option<AuthorityId>,
    /// When, UTC, whole seconds.
    pub at: DateTime<Utc>,
    /// The rule set it was done under.
    pub rule_set: RuleSetRef,
    /// The evidence given.
    pub evidence: Vec<EvidenceId>,
    /// The reason given.
    pub reason: String,
}

/// One employer's filing in one campaign. Only [`Filing::apply`] changes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    campaign: CampaignId,
    employer: EmployerKey,
    division: DivisionCode,
    review_year: i32,
    state: FilingState,
    /// The last day of the order that runs, or ran last.
    due: Option<NaiveDate>,
    history: Vec<FilingTransition>,
}

impl Filing {
    /// The filing of an employer that was told to file.
    #[must_use]
    pub fn notified(campaign: &super::Campaign, employer: EmployerKey, division: DivisionCode) -> Self {
        Self {
            campaign: campaign.plan().id.clone(),
            employer,
            division,
            review_year: campaign.plan().review_year,
            state: FilingState::Notified,
            due: None,
            history: Vec::new(),
        }
    }

    /// Its campaign.
    #[must_use]
    pub const fn campaign(&self) -> &CampaignId {
        &self.campaign
    }

    /// The employer.
    #[must_use]
    pub const fn employer(&self) -> &EmployerKey {
        &self.employer
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> FilingState {
        self.state
    }

    /// The last day of the order that runs, or ran last.
    #[must_use]
    pub const fn due(&self) -> Option<NaiveDate> {
        self.due
    }

    /// Every step in order.
    #[must_use]
    pub fn history(&self) -> &[FilingTransition] {
        &self.history
    }

    /// The result as evidence for a grade; none before the end.
    #[must_use]
    pub const fn result(&self) -> Option<EvidenceKind> {
        let review_year = self.review_year;
        match self.state {
            FilingState::Passed => Some(EvidenceKind::ReviewPassed {
                review_year,
                after_correction: false,
            }),
            FilingState::PassedAfterCorrection => Some(EvidenceKind::ReviewPassed {
                review_year,
                after_correction: true,
            }),
            FilingState::Failed => Some(EvidenceKind::ReviewFailed { review_year }),
            FilingState::NotParticipated => Some(EvidenceKind::NonParticipation { review_year }),
            _ => None,
        }
    }
}

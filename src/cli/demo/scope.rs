//! Who falls under the review: the population rule and its decision, with the reason, for every employer.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::employer::{Employer, EmployerKind};

/// Firms and branches, and individual businesses from a number of workers; all registered by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PopulationRule {
    /// The last day of registration: a year at the end of the review year.
    pub registered_by: NaiveDate,
    /// Individual businesses with fewer workers are left out (Hubei's minimum: 5).
    pub individual_business_workers: u32,
}

/// Why an employer is in scope or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ScopeReason {
    /// A firm or branch.
    Firm,
    /// An individual business with workers enough.
    Workers {
        /// How many.
        workers: u32,
    },
    /// Registered after the last day.
    RegisteredLater {
        /// When.
        on: NaiveDate,
    },
    /// An individual business with too few workers.
    TooFewWorkers {
        /// How many.
        workers: u32,
    },
    /// The register lacks the day of registration or the number of workers.
    FactsMissing,
}

impl ScopeReason {
    /// Whether the employer has to file.
    #[must_use]
    pub const fn in_scope(self) -> bool {
        matches!(self, Self::Firm | Self::Workers { .. })
    }

    /// For officers.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Firm => "企业或者分支机构，登记满一年".to_owned(),
            Self::Workers { workers } => format!("个体工商户，从业人员{workers}人"),
            Self::RegisteredLater { on } => format!("{on}登记，至评价年度末不满一年"),
            Self::TooFewWorkers { workers } => format!("个体工商户，从业人员{workers}人，不足规定人数"),
            Self::FactsMissing => "登记日期或者从业人数不明".to_owned(),
        }
    }

    /// The same in English.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::Firm => "a firm or branch, registered for a year".to_owned(),
            Self::Workers { workers } => format!("an individual business with {workers} workers"),
            Self::RegisteredLater { on } => {
                format!("registered on {on}, less than a year by the end of the review year")
            }
            Self::TooFewWorkers { workers } => format!("an individual business with only {workers} workers"),
            Self::FactsMissing => "the day of registration or the number of workers is not known".to_owned(),
        }
    }
}

/// The decision on one employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeDecision {
    /// Its place in the city's list.
    pub employer: usize,
    /// Why it is in scope or not.
    pub reason: ScopeReason,
}

impl PopulationRule {
    /// Applies the rule.
    #[must_use]
    pub fn decide(&self, employer: &Employer) -> ScopeReason {
        match (employer.registered_on, employer.kind, employer.headcount) {
            (Some(on), _, _) if on > self.registered_by => ScopeReason::RegisteredLater { on },
            (None, _, _) | (_, EmployerKind::IndividualBusiness, None) => ScopeReason::FactsMissing,
            (_, EmployerKind::IndividualBusiness, Some(workers))
                if workers < self.individual_business_workers =>
            {
                ScopeReason::TooFewWorkers { workers }
            }
            (_, EmployerKind::IndividualBusiness, Some(workers)) => ScopeReason::Workers { workers },
            (_, EmployerKind::Enterprise | EmployerKind::Branch, _) => ScopeReason::Firm,
        }
    }
}

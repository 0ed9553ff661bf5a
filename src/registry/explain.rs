//! Why an employer has the grade that it has: recomputed from stored evidence, rule by rule, and what
//! it would be without a piece of it. Computes only; nothing is stored.

use crate::domain::evidence::{Dating, Evidence, EvidenceId};
use crate::domain::grade::{self, AssessError, Assessment};
use crate::domain::ruleset::RuleSet;
use crate::store::employer::{self, EmployerRow};
use crate::store::{StoreError, batch, evidence};

use super::Registry;
use super::batch::{self as batches, BatchError};

/// Why nothing can be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// No such employer.
    #[error("登记库中没有 {0} / no employer {0}")]
    Unknown(String),
    /// Nothing was ever proposed about it, and no rule set was named.
    #[error("{0} 不在任何评级批次中 / {0} is in no batch of grades")]
    NotAssessed(String),
    /// Evidence that it does not have.
    #[error("{code} 没有证据 {evidence} / has no evidence {evidence}; its evidence: {has}")]
    NoSuchEvidence {
        /// Unified code.
        code: String,
        /// What was asked for.
        evidence: String,
        /// What there is.
        has: String,
    },
    /// The rules refuse the evidence.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// A stored batch is unreadable.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A recomputed grade beside the proposed one.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Whom.
    pub employer: EmployerRow,
    /// The evidence on file, by date.
    pub evidence: Vec<Evidence>,
    /// By which day evidence counts under the rule set.
    pub dating: Dating,
    /// The grade that was proposed.
    pub proposed: String,
    /// The grade that the evidence gives now, without what was left out.
    pub computed: Assessment,
}

/// Recomputes an employer's newest grade without the evidence named.
///
/// # Errors
/// [`ExplainError`].
pub fn explain(registry: &Registry, code: &str, without: &[EvidenceId]) -> Result<Explained, ExplainError> {
    let mut conn = registry.store.conn()?;
    let row = employer::by_code(&mut conn, code)?.ok_or_else(|| ExplainError::Unknown(code.to_owned()))?;
    let about = batch::items_about(&mut conn, row.id, super::assessment::KIND)?;
    let (found, item) = about
        .into_iter()
        .next()
        .ok_or_else(|| ExplainError::NotAssessed(code.to_owned()))?;
    let rule_set: &RuleSet = batches::rule_set(&found)?;
    let before: Assessment = serde_json::from_str(&item.trace)
        .map_err(|error| StoreError::corrupt(format!("trace of {code}"), error))?;
    let mut file = evidence::of_employer(&mut conn, row.id)?;
    for id in without {
        let held = file.len();
        file.retain(|piece| piece.id != *id);
        if file.len() == held {
            let has = file
                .iter()
                .map(|piece| piece.id.to_string())
                .collect::<Vec<_>>()
                .join(", ");
            return Err(ExplainError::NoSuchEvidence {
                code: code.to_owned(),
                evidence: id.to_string(),
                has,
            });
        }
    }
    let computed = grade::assess(rule_set, before.year, &file)?;
    Ok(Explained {
        employer: row,
        evidence: file,
        dating: rule_set
            .integrity()
            .map_or(Dating::Decision, |rules| rules.dating),
        proposed: item.outcome,
        computed,
    })
}

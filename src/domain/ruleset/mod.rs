//! Rule sets: the law of a place in a period, as a versioned data file.
//!
//! Limits, thresholds and criteria differ by place and change by date, so none stands in code. Every
//! decision names the rule set it was made under by id, version and digest. A file is read strictly:
//! an unknown field, a duplicate, a dangling reference or an impossible number refuses the whole file.
//! The two-person rule is not data: no rule set can switch it off.

mod blacklist;
pub mod builtin;
mod check;
mod integrity;
mod review;
mod text;

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub use blacklist::{
    BlacklistRules, Clock, Clocks, EarlyRemoval, Floor, Limb, LimbTest, Reduced, Term, Threshold,
};
pub use integrity::{
    Condition, EvidenceFilter, EvidenceMatch, EvidenceSet, GradeNotes, IntegrityRules, Rule, Validity,
};
pub use review::{Retention, ReviewClocks, ReviewRules};
pub use text::{Approval, Audience, Effective, Flag, Instrument, Mark, Text};

use super::division::DivisionCode;

/// Why a file is not a rule set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleSetError {
    /// Not JSON of the right shape: an unknown or missing field, a duplicate, a wrong type.
    #[error("the rule set cannot be read: {0}")]
    Shape(String),
    /// The shape is right, the content contradicts itself.
    #[error("the rule set is inconsistent: {0}")]
    Content(String),
}

/// The file's shape. `rules` says by its tag which procedure the set governs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    version: String,
    title: Text,
    note: Text,
    /// Digits that a division must begin with; empty for the whole country.
    division_prefix: String,
    effective: Effective,
    instruments: Vec<Instrument>,
    flags: Vec<Flag>,
    approval: Approval,
    rules: Rules,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rules {
    IntegrityGrade(IntegrityRules),
    WageBlacklist(Box<BlacklistRules>),
    AnnualReview(Box<ReviewRules>),
}

/// A rule set, read and checked. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    file: File,
    canonical: Vec<u8>,
    digest: [u8; 32],
}

/// How a decision names its rule set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSetRef {
    /// The rule set's id, such as `cn-national`.
    pub id: String,
    /// Its version, such as `2016.1`.
    pub version: String,
    /// SHA-256 of its canonical bytes, 64 lower-case hexadecimal digits.
    pub digest: String,
}

impl RuleSet {
    /// Reads and checks a rule-set file.
    ///
    /// # Errors
    /// [`RuleSetError::Shape`] or [`RuleSetError::Content`] with what is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, RuleSetError> {
        let shape = |error: serde_json::Error| RuleSetError::Shape(error.to_string());
        // Every object is a struct to serde, so a duplicate member is refused here and the second
        // reading below cannot silently choose between two.
        let file: File = serde_json::from_slice(json).map_err(shape)?;
        check::file(&file)?;
        let value: serde_json::Value = serde_json::from_slice(json).map_err(shape)?;
        let canonical = serde_json_canonicalizer::to_vec(&value).map_err(shape)?;
        let digest = Sha256::digest(&canonical).into();
        Ok(Self(Arc::new(Inner {
            file,
            canonical,
            digest,
        })))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.file.id
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.file.version
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &Text {
        &self.0.file.title
    }

    /// What the reader should know about it as a whole.
    #[must_use]
    pub fn note(&self) -> &Text {
        &self.0.file.note
    }

    /// The canonical bytes (RFC 8785) of the file: what is published and digested.
    #[must_use]
    pub fn canonical(&self) -> &[u8] {
        &self.0.canonical
    }

    /// SHA-256 of [`canonical`](Self::canonical).
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest
    }

    /// How decisions name it.
    #[must_use]
    pub fn reference(&self) -> RuleSetRef {
        let digest = self.0.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        RuleSetRef {
            id: self.id().to_owned(),
            version: self.version().to_owned(),
            digest,
        }
    }

    /// The period in which decisions may be made under it.
    #[must_use]
    pub fn effective(&self) -> &Effective {
        &self.0.file.effective
    }

    /// Whether decisions of `date` (Asia/Shanghai) may be made under it.
    #[must_use]
    pub fn in_force_on(&self, date: NaiveDate) -> bool {
        self.0.file.effective.contains(date)
    }

    /// Whether it is the law of `division`.
    #[must_use]
    pub fn applies_to(&self, division: DivisionCode) -> bool {
        division.has_prefix(&self.0.file.division_prefix)
    }

    /// The instruments it implements.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.0.file.instruments
    }

    /// Every named decision on a point that the sources leave open.
    #[must_use]
    pub fn flags(&self) -> &[Flag] {
        &self.0.file.flags
    }

    /// The value of a flag; `None` for a name that the file does not define.
    #[must_use]
    pub fn flag(&self, id: &str) -> Option<bool> {
        self.flags()
            .iter()
            .find(|flag| flag.id == id)
            .map(|flag| flag.value)
    }

    /// Which roles record, propose, approve and publish.
    #[must_use]
    pub fn approval(&self) -> &Approval {
        &self.0.file.approval
    }

    /// The grade rules, where it is a rule set for grades.
    #[must_use]
    pub fn integrity(&self) -> Option<&IntegrityRules> {
        match &self.0.file.rules {
            Rules::IntegrityGrade(rules) => Some(rules),
            Rules::WageBlacklist(_) | Rules::AnnualReview(_) => None,
        }
    }

    /// The listing rules, where it is a rule set for the wage blacklist.
    #[must_use]
    pub fn blacklist(&self) -> Option<&BlacklistRules> {
        match &self.0.file.rules {
            Rules::WageBlacklist(rules) => Some(rules),
            Rules::IntegrityGrade(_) | Rules::AnnualReview(_) => None,
        }
    }

    /// The review rules, where it is a rule set for the annual review.
    #[must_use]
    pub fn review(&self) -> Option<&ReviewRules> {
        match &self.0.file.rules {
            Rules::AnnualReview(rules) => Some(rules),
            Rules::IntegrityGrade(_) | Rules::WageBlacklist(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;

//! A decision as proposed, approved and then published: the stored form of what will be signed.
//!
//! Its canonical JSON is what the approver approves (by the batch's digest) and what publication
//! compares before it signs. Only two things in a record are not in it, because the approval itself makes
//! them: the day of the decision, which the audit trail's row of the approval says, and the last day of
//! a listing, which follows from that day by the rule set whose digest the decision names.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::blacklist;
use crate::domain::change::ChangeKind;
use crate::domain::ruleset::{RuleSet, RuleSetRef};
use crate::domain::withdrawal::Cause;
use crate::record::credential as credentials;
use crate::record::credential::{Audience, Subject};
use crate::record::digest::{Digest, DigestError};
use crate::store::employer::EmployerRow;

use super::publish::Item;

/// What a batch decides about one employer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decision {
    /// An integrity grade.
    Grade(GradeDecision),
    /// A listing on the wage blacklist.
    Listing(ListingDecision),
    /// A change of a published record.
    Change(Box<ChangeDecision>),
    /// A withdrawal of a published record.
    Withdrawal(Box<WithdrawalDecision>),
}

/// The withdrawal of a published record, as proposed. Its reason stays in the authority's file: the record
/// that is published of it says nothing but a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalDecision {
    /// Whom it is about, as the register has it.
    pub employer: Named,
    /// Which record.
    pub record: RecordRef,
    /// Why display ends.
    pub cause: Cause,
    /// The reason.
    pub reason: String,
    /// Number of the decision.
    pub document_number: String,
    /// Who decides.
    pub decided_by: DecidedBy,
    /// Under which rules: those of the record.
    pub rule_set: RuleSetRef,
    /// The day on which the ground arose, Asia/Shanghai: the take-down clock runs from it.
    pub ended_on: NaiveDate,
    /// The listing procedure behind the record.
    pub case: Option<String>,
}

/// A change of a published record, as proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeDecision {
    /// Whom it is about, as the register has it.
    pub employer: Named,
    /// What is decided.
    pub change: ChangeKind,
    /// About which record.
    pub record: RecordRef,
    /// Why, in words that the record's readers may see.
    pub reason: String,
    /// Number of the decision.
    pub document_number: String,
    /// Who decides.
    pub decided_by: DecidedBy,
    /// Under which rules: those of the record.
    pub rule_set: RuleSetRef,
    /// The new fact, for a correction or a downgrade.
    pub replacement: Option<GradeDecision>,
}

/// A published record, named so that no other can be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordRef {
    /// Its UUID.
    pub id: String,
    /// SHA-256 of its stored bytes, hex.
    pub digest: String,
    /// Where it stands in the log.
    pub log_index: i64,
    /// Its type.
    pub kind: String,
    /// The grade, or `listed`.
    pub outcome: String,
    /// The year graded.
    pub year: Option<i64>,
    /// `public` or `partners`.
    pub audience: String,
}

/// Whom a decision is about, as it stood when proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Full name.
    pub name: String,
    /// Unified code.
    pub code: Option<String>,
    /// Registration number, where there is no code.
    pub registration: Option<String>,
    /// Division code.
    pub division: String,
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecidedBy {
    /// Full name.
    pub name: String,
    /// Division code.
    pub division: String,
}

/// A grade as proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeDecision {
    /// Whom.
    pub employer: Named,
    /// The year graded.
    pub year: u16,
    /// The grade's letter.
    pub grade: String,
    /// Ids of the rules that gave it.
    pub basis: Vec<String>,
    /// Number of the decision.
    pub document_number: String,
    /// Who decides.
    pub decided_by: DecidedBy,
    /// Under which rules.
    pub rule_set: RuleSetRef,
    /// Last day of validity, Asia/Shanghai.
    pub valid_until: NaiveDate,
    /// `public` or `partners`.
    pub audience: String,
}

/// A listing as proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListingDecision {
    /// Whom.
    pub employer: Named,
    /// The case it ends.
    pub case: String,
    /// Number of the decision.
    pub document_number: String,
    /// Who decides.
    pub decided_by: DecidedBy,
    /// Under which rules.
    pub rule_set: RuleSetRef,
    /// Limbs that are met.
    pub basis: Vec<String>,
    /// Workers owed.
    pub workers: u32,
    /// Owed, yuan with two decimals.
    pub amount: String,
    /// Number of the order to pay.
    pub pay_order: String,
    /// Last day to pay.
    pub pay_deadline: NaiveDate,
    /// Names of the persons listed with the employer.
    pub responsible_persons: Vec<String>,
    /// `public` or `partners`.
    pub audience: String,
}

/// Why a stored decision cannot become a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Neither a code nor a number.
    #[error("{0} has neither a unified code nor a registration number")]
    NoKey(String),
    /// A change that brings no record about.
    #[error("the change of record {0} brings no new record about")]
    NoRecord(String),
    /// A listing under rules that set no term.
    #[error("the listing in case {0} has no term under the rules that it names")]
    NoTerm(String),
    /// Read under other rules than it names.
    #[error("it names another rule set than its batch")]
    OtherRules,
    /// Not an audience.
    #[error("{0:?} is no audience")]
    Audience(String),
    /// The rule set's digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl From<&EmployerRow> for Named {
    fn from(row: &EmployerRow) -> Self {
        Self {
            name: row.name.clone(),
            code: row.code.clone(),
            registration: row.registration.clone(),
            division: row.division.clone(),
        }
    }
}

impl Decision {
    /// The grade, `listed`, the kind of change, or the cause of a withdrawal.
    #[must_use]
    pub fn outcome(&self) -> &str {
        match self {
            Self::Grade(decision) => &decision.grade,
            Self::Listing(_) => "listed",
            Self::Change(decision) => decision.change.as_str(),
            Self::Withdrawal(decision) => decision.cause.as_str(),
        }
    }

    /// Whom it is about.
    #[must_use]
    pub fn employer(&self) -> &Named {
        match self {
            Self::Grade(decision) => &decision.employer,
            Self::Listing(decision) => &decision.employer,
            Self::Change(decision) => &decision.employer,
            Self::Withdrawal(decision) => &decision.employer,
        }
    }

    /// Who decides.
    #[must_use]
    pub fn decided_by(&self) -> &DecidedBy {
        match self {
            Self::Grade(decision) => &decision.decided_by,
            Self::Listing(decision) => &decision.decided_by,
            Self::Change(decision) => &decision.decided_by,
            Self::Withdrawal(decision) => &decision.decided_by,
        }
    }

    /// The rules that it names.
    #[must_use]
    pub fn rule_set(&self) -> &RuleSetRef {
        match self {
            Self::Grade(decision) => &decision.rule_set,
            Self::Listing(decision) => &decision.rule_set,
            Self::Change(decision) => &decision.rule_set,
            Self::Withdrawal(decision) => &decision.rule_set,
        }
    }

    /// The kind of batch that carries such decisions.
    #[must_use]
    pub fn batch_kind(&self) -> &'static str {
        match self {
            Self::Grade(_) => super::assessment::KIND,
            Self::Listing(_) => super::blacklist::KIND,
            Self::Change(_) => super::change::KIND,
            Self::Withdrawal(_) => super::withdrawal::KIND,
        }
    }

    /// Gives the decision its number; a change or withdrawal carries that of the document that the officer named.
    pub fn set_document_number(&mut self, number: String) {
        match self {
            Self::Grade(decision) => decision.document_number = number,
            Self::Listing(decision) => decision.document_number = number,
            Self::Change(_) | Self::Withdrawal(_) => {}
        }
    }

    /// The number of a document of its own, which the registry does not give.
    #[must_use]
    pub fn own_number(&self) -> Option<&str> {
        match self {
            Self::Grade(_) | Self::Listing(_) => None,
            Self::Change(decision) => Some(&decision.document_number),
            Self::Withdrawal(decision) => Some(&decision.document_number),
        }
    }

    /// The record that says this, decided on `decided_on` under `rules`, the rule set that it names.
    ///
    /// # Errors
    /// [`DecisionError`], also for other rules than it names.
    pub fn into_item(
        self,
        employer_id: i64,
        decided_on: NaiveDate,
        rules: &RuleSet,
    ) -> Result<Item, DecisionError> {
        if *self.rule_set() != rules.reference() {
            return Err(DecisionError::OtherRules);
        }
        let last_day = self.last_day(decided_on, rules);
        let outcome = self.outcome().to_owned();
        match self {
            Self::Grade(decision) => Ok(Item {
                employer_id,
                audience: audience(&decision.audience)?,
                year: Some(i64::from(decision.year)),
                outcome,
                valid_until: Some(end_of_day(decision.valid_until)),
                subject: Subject::Grade(decision.into_facts(decided_on)?),
                supersedes: None,
            }),
            Self::Listing(decision) => Ok(Item {
                employer_id,
                audience: audience(&decision.audience)?,
                year: None,
                outcome,
                valid_until: last_day.map(end_of_day),
                subject: Subject::Blacklist(decision.into_facts(decided_on, last_day)?),
                supersedes: None,
            }),
            Self::Change(decision) => {
                let named = decision.record.id.clone();
                let new = decision.replacement.ok_or(DecisionError::NoRecord(named))?;
                Self::Grade(new).into_item(employer_id, decided_on, rules)
            }
            Self::Withdrawal(decision) => Err(DecisionError::NoRecord(decision.record.id)),
        }
    }
}

impl Decision {
    /// The last day of a listing decided on `decided_on`; `None` for other decisions.
    #[must_use]
    pub fn last_day(&self, decided_on: NaiveDate, rules: &RuleSet) -> Option<NaiveDate> {
        match self {
            Self::Grade(_) | Self::Change(_) | Self::Withdrawal(_) => None,
            Self::Listing(_) => rules
                .blacklist()
                .map(|rules| blacklist::last_day(rules, decided_on)),
        }
    }
}

impl GradeDecision {
    fn into_facts(self, decided_on: NaiveDate) -> Result<credentials::GradeFacts<'static>, DecisionError> {
        Ok(credentials::GradeFacts {
            employer: self.employer.into_facts()?,
            year: self.year,
            grade: self.grade.into(),
            basis: self.basis.into_iter().map(Into::into).collect(),
            document_number: self.document_number.into(),
            decided_on,
            decided_by: self.decided_by.into_facts(),
            rule_set: rule_set(&self.rule_set)?,
        })
    }
}

impl ListingDecision {
    fn into_facts(
        self,
        decided_on: NaiveDate,
        last_day: Option<NaiveDate>,
    ) -> Result<credentials::BlacklistFacts<'static>, DecisionError> {
        Ok(credentials::BlacklistFacts {
            employer: self.employer.into_facts()?,
            document_number: self.document_number.into(),
            decided_on,
            decided_by: self.decided_by.into_facts(),
            rule_set: rule_set(&self.rule_set)?,
            listed_on: decided_on,
            expires_on: last_day.ok_or(DecisionError::NoTerm(self.case))?,
            // Known only once the arrears are paid; a listing never begins with it.
            earliest_removal_on: None,
            workers: self.workers,
            amount: self.amount.into(),
            basis: self.basis.into_iter().map(Into::into).collect(),
            pay_order: credentials::PayOrder {
                number: self.pay_order.into(),
                deadline: self.pay_deadline,
            },
            responsible_persons: self.responsible_persons.into_iter().map(Into::into).collect(),
        })
    }
}

impl Named {
    fn into_facts(self) -> Result<credentials::Employer<'static>, DecisionError> {
        let id = match (self.code, self.registration) {
            (Some(code), _) => credentials::EmployerId::UnifiedCode(code.into()),
            (None, Some(number)) => credentials::EmployerId::RegistrationNumber(number.into()),
            (None, None) => return Err(DecisionError::NoKey(self.name)),
        };
        Ok(credentials::Employer {
            name: self.name.into(),
            id,
            division: self.division.into(),
        })
    }
}

impl DecidedBy {
    fn into_facts(self) -> credentials::Authority<'static> {
        credentials::Authority {
            name: self.name.into(),
            division: self.division.into(),
        }
    }
}

fn rule_set(named: &RuleSetRef) -> Result<credentials::RuleSetRef<'static>, DecisionError> {
    Ok(credentials::RuleSetRef {
        id: named.id.clone().into(),
        version: named.version.clone().into(),
        digest: Digest::parse_hex(&named.digest)?,
    })
}

fn audience(word: &str) -> Result<Audience, DecisionError> {
    Audience::parse(word).ok_or_else(|| DecisionError::Audience(word.to_owned()))
}

/// The last second of a day in Asia/Shanghai (UTC+8), as UTC.
fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    const EIGHT_HOURS_AND_ONE_SECOND: TimeDelta = TimeDelta::seconds(8 * 3600 + 1);
    let midnight_after = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
    (midnight_after - EIGHT_HOURS_AND_ONE_SECOND).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_fifteen_fifty_nine_utc() {
        let day = NaiveDate::from_ymd_opt(2027, 10, 31).unwrap();
        assert_eq!(end_of_day(day).to_rfc3339(), "2027-10-31T15:59:59+00:00");
    }
}

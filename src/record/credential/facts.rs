//! What a credential says about its subject, as plain text and dates, and the rules that keep it fit
//! to be signed: names in NFC, money as decimal yuan, codes of the right shape, no natural person's
//! number. Check digits, thresholds and grades are the domain's business.
//!
//! No value here can become a float or an integer of 2^53 or more.

use std::borrow::Cow;

use chrono::NaiveDate;
use unicode_normalization::is_nfc;

use super::RecordType;
use crate::record::canonical;
use crate::record::digest::Digest;

/// What one credential about an employer or a rule set says. (Status lists: [`crate::record::status`].)
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject<'a> {
    /// `IntegrityGrade`.
    Grade(GradeFacts<'a>),
    /// `WageBlacklistEntry`.
    Blacklist(BlacklistFacts<'a>),
    /// `RuleSetPublication`.
    RuleSet(RuleSetFacts<'a>),
    /// `RecordWithdrawal`.
    Withdrawal(WithdrawalFacts),
}

/// An employer as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employer<'a> {
    /// Full name, in NFC.
    pub name: Cow<'a, str>,
    /// How it is identified.
    pub id: EmployerId<'a>,
    /// Division code of the place of labour use, six digits; with a registration number, that of the
    /// registering authority.
    pub division: Cow<'a, str>,
}

/// An employer's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmployerId<'a> {
    /// Unified social credit code, 18 characters (GB 32100).
    UnifiedCode(Cow<'a, str>),
    /// Old registration number, 13 to 15 digits, unique within its division.
    RegistrationNumber(Cow<'a, str>),
}

/// A deciding authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority<'a> {
    /// Full name, in NFC.
    pub name: Cow<'a, str>,
    /// Division code, six digits.
    pub division: Cow<'a, str>,
}

/// The rule set that a decision was made under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetRef<'a> {
    /// Identifier, e.g. `cn-national`.
    pub id: Cow<'a, str>,
    /// Version, e.g. `2016.1`.
    pub version: Cow<'a, str>,
    /// SHA-256 of the rule set's canonical JSON.
    pub digest: Digest,
}

/// An integrity grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradeFacts<'a> {
    /// Who is graded.
    pub employer: Employer<'a>,
    /// The year whose conduct is graded.
    pub year: u16,
    /// The grade's letter or letters, e.g. `A` (scales differ by place: `A+`, `AAAAA`).
    pub grade: Cow<'a, str>,
    /// Ids of the rules that gave it, in the rule set's order.
    pub basis: Vec<Cow<'a, str>>,
    /// Number of the decision.
    pub document_number: Cow<'a, str>,
    /// Date of the decision, Asia/Shanghai.
    pub decided_on: NaiveDate,
    /// Who decided.
    pub decided_by: Authority<'a>,
    /// Under which rules.
    pub rule_set: RuleSetRef<'a>,
}

/// A listing for wage arrears (MOHRSS Order 45).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlacklistFacts<'a> {
    /// Who is listed.
    pub employer: Employer<'a>,
    /// Number of the listing decision.
    pub document_number: Cow<'a, str>,
    /// Date of the decision, Asia/Shanghai.
    pub decided_on: NaiveDate,
    /// Who decided.
    pub decided_by: Authority<'a>,
    /// Under which rules.
    pub rule_set: RuleSetRef<'a>,
    /// First day of the listing.
    pub listed_on: NaiveDate,
    /// Day on which the term ends.
    pub expires_on: NaiveDate,
    /// First day on which early removal may be granted; absent while the arrears are not corrected.
    pub earliest_removal_on: Option<NaiveDate>,
    /// How many workers are owed.
    pub workers: u32,
    /// How much, in yuan with two decimals, e.g. `42293.00`.
    pub amount: Cow<'a, str>,
    /// Ids of the limbs that are met, in the rule set's order.
    pub basis: Vec<Cow<'a, str>>,
    /// The order to pay that was not obeyed.
    pub pay_order: PayOrder<'a>,
    /// Names of the responsible persons listed with the employer. Never their ID numbers.
    pub responsible_persons: Vec<Cow<'a, str>>,
}

/// An order to pay by a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayOrder<'a> {
    /// Number of the order.
    pub number: Cow<'a, str>,
    /// Last day to pay, Asia/Shanghai.
    pub deadline: NaiveDate,
}

/// A published rule set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetFacts<'a> {
    /// Identifier, e.g. `cn-national`.
    pub id: Cow<'a, str>,
    /// Version, e.g. `2016.1`.
    pub version: Cow<'a, str>,
    /// First day in force.
    pub effective_from: NaiveDate,
    /// Last day in force, if known.
    pub effective_until: Option<NaiveDate>,
    /// The rule set's own canonical JSON object; its SHA-256 is the digest that decisions cite.
    pub content: Cow<'a, str>,
}

/// That a record was withdrawn: its digest and nothing else, neither a name nor a fact nor a reason
/// (records.md §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawalFacts {
    /// SHA-256 of the withdrawn record's stored bytes.
    pub withdraws: Digest,
}

/// Why facts are not fit to be signed. The name is that of the JSON member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// Empty, over 200 characters, with control or invisible direction characters, or not in NFC.
    #[error("\"{0}\" must be 1 to 200 characters in NFC without control characters")]
    Text(&'static str),
    /// A code, number or identifier of the wrong shape.
    #[error("\"{0}\" has the wrong shape")]
    Shape(&'static str),
    /// Not yuan with two decimals.
    #[error("\"amount\" must be yuan with two decimals, such as 42293.00")]
    Amount,
    /// A responsible person's name that holds a number.
    #[error("\"responsiblePersons\" must hold names without numbers")]
    PersonalNumber,
    /// Nothing gave the result.
    #[error("\"basis\" must name at least one rule")]
    NoBasis,
    /// The rule set's content is not a canonical JSON object.
    #[error("\"content\" must be a canonical JSON object")]
    Content,
}

impl Subject<'_> {
    /// The credential type that says this.
    pub fn record_type(&self) -> RecordType {
        match self {
            Self::Grade(_) => RecordType::IntegrityGrade,
            Self::Blacklist(_) => RecordType::WageBlacklistEntry,
            Self::RuleSet(_) => RecordType::RuleSetPublication,
            Self::Withdrawal(_) => RecordType::RecordWithdrawal,
        }
    }

    /// The employer that it is about; none for a rule set or a withdrawal.
    pub fn employer(&self) -> Option<&Employer<'_>> {
        match self {
            Self::Grade(facts) => Some(&facts.employer),
            Self::Blacklist(facts) => Some(&facts.employer),
            Self::RuleSet(_) | Self::Withdrawal(_) => None,
        }
    }

    /// Whether the facts are fit to be signed.
    ///
    /// # Errors
    /// The first [`FactError`] found.
    pub fn check(&self) -> Result<(), FactError> {
        match self {
            Self::Grade(facts) => facts.check(),
            Self::Blacklist(facts) => facts.check(),
            Self::RuleSet(facts) => facts.check(),
            Self::Withdrawal(_) => Ok(()),
        }
    }
}

impl GradeFacts<'_> {
    fn check(&self) -> Result<(), FactError> {
        self.employer.check()?;
        let letters = |text: &str| {
            (1..=8).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'+'))
        };
        shape("grade", letters(&self.grade))?;
        shape("gradeYear", (1000..=9999).contains(&self.year))?;
        basis(&self.basis)?;
        text("documentNumber", &self.document_number)?;
        self.decided_by.check()?;
        self.rule_set.check()
    }
}

impl BlacklistFacts<'_> {
    fn check(&self) -> Result<(), FactError> {
        self.employer.check()?;
        basis(&self.basis)?;
        text("documentNumber", &self.document_number)?;
        text("payOrder", &self.pay_order.number)?;
        if !is_yuan(&self.amount) {
            return Err(FactError::Amount);
        }
        for person in &self.responsible_persons {
            text("responsiblePersons", person)?;
            if person.chars().any(char::is_numeric) {
                return Err(FactError::PersonalNumber);
            }
        }
        self.decided_by.check()?;
        self.rule_set.check()
    }
}

impl RuleSetFacts<'_> {
    fn check(&self) -> Result<(), FactError> {
        shape("id", is_identifier(&self.id))?;
        shape("version", is_identifier(&self.version))?;
        canonical::scan(self.content.as_bytes())
            .map(|_| ())
            .map_err(|_| FactError::Content)
    }

    /// SHA-256 of the content, as decisions cite it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.content.as_bytes())
    }
}

impl Employer<'_> {
    fn check(&self) -> Result<(), FactError> {
        text("name", &self.name)?;
        shape("division", is_division(&self.division))?;
        match &self.id {
            EmployerId::UnifiedCode(code) => {
                let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
                shape("unifiedCode", code.len() == 18 && code.bytes().all(plain))
            }
            EmployerId::RegistrationNumber(number) => {
                let digits = number.bytes().all(|b| b.is_ascii_digit());
                shape("registrationNumber", (13..=15).contains(&number.len()) && digits)
            }
        }
    }
}

impl Authority<'_> {
    fn check(&self) -> Result<(), FactError> {
        text("decidedBy", &self.name)?;
        shape("decidedBy", is_division(&self.division))
    }
}

impl RuleSetRef<'_> {
    fn check(&self) -> Result<(), FactError> {
        shape("ruleSet", is_identifier(&self.id) && is_identifier(&self.version))
    }
}

fn shape(name: &'static str, good: bool) -> Result<(), FactError> {
    if good { Ok(()) } else { Err(FactError::Shape(name)) }
}

fn basis(rules: &[Cow<'_, str>]) -> Result<(), FactError> {
    if rules.is_empty() {
        return Err(FactError::NoBasis);
    }
    shape("basis", rules.iter().all(|rule| is_identifier(rule)))
}

/// Whether a text may stand in a record: 1 to 200 characters in NFC, none of them a control character or
/// invisible.
#[must_use]
pub fn is_public_text(words: &str) -> bool {
    text("text", words).is_ok()
}

/// Free text for the public.
pub(super) fn text(name: &'static str, text: &str) -> Result<(), FactError> {
    // ASCII and the unified ideographs are their own NFC; only other characters need the tables.
    let (mut count, mut common) = (0, true);
    for c in text.chars() {
        count += 1;
        common &= matches!(c, ' '..='~' | '\u{4e00}'..='\u{9fff}' | '（' | '）' | '〔' | '〕');
    }
    let good = (1..=200).contains(&count) && (common || !text.chars().any(is_hidden) && is_nfc(text));
    if good { Ok(()) } else { Err(FactError::Text(name)) }
}

/// Control characters and the invisible ones that join, split or turn text around.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_division(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Identifiers go into URLs unescaped: letters, digits, `-`, `_` and `.`.
fn is_identifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
}

fn is_yuan(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(yuan, fen)| {
        (1..=15).contains(&yuan.len())
            && digits(yuan)
            && fen.len() == 2
            && digits(fen)
            && (yuan == "0" || !yuan.starts_with('0'))
    })
}

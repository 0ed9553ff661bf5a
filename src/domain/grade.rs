//! The integrity grade: evidence and a rule set in, a grade with its reasons out.
//!
//! Deterministic and independent of the order of the evidence. A criterion whose facts are missing is
//! `undetermined`: it never makes a grade worse, and it is listed so that an officer looks before the
//! grade is proposed. A grade is only ever computed here; nothing assigns one.

mod evaluate;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::evidence::{Evidence, EvidenceId};
use super::ruleset::{Condition, Mark, Rule, RuleSet, RuleSetRef};

/// An integrity grade; A is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// Complied, and not handled for any violation.
    A,
    /// Handled for a violation, but no condition of C.
    B,
    /// Any of the conditions of C.
    C,
}

impl Grade {
    /// Every grade, best first.
    pub const ALL: [Self; 3] = [Self::A, Self::B, Self::C];

    /// The letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no grade.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a grade: A, B or C")]
pub struct UnknownGrade(pub String);

impl FromStr for Grade {
    type Err = UnknownGrade;
    fn from_str(text: &str) -> Result<Self, UnknownGrade> {
        Self::ALL
            .into_iter()
            .find(|grade| grade.as_str() == text)
            .ok_or_else(|| UnknownGrade(text.to_owned()))
    }
}

/// What a criterion came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleOutcome {
    /// The criterion holds.
    Met,
    /// It does not hold.
    NotMet,
    /// It would hold if facts that nobody determined yet turned out so.
    Undetermined,
    /// Its own facts are there, but a criterion of a worse grade is met and takes its place: handled for a
    /// violation (B) *and no condition of C*.
    Superseded,
}

/// How one criterion was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTrace {
    /// The rule's id.
    pub rule: String,
    /// The grade that it leads to.
    pub grade: Grade,
    /// What it came to.
    pub outcome: RuleOutcome,
    /// The evidence that counted or might count, in order of id.
    pub evidence: Vec<EvidenceId>,
    /// How many counted (pieces, cases or years), for a criterion that counts.
    pub found: Option<u32>,
    /// How many it needs.
    pub needed: Option<u32>,
    /// What is not determined: `evidence id: fact`.
    pub missing: Vec<String>,
    /// The criterion in Chinese.
    pub text_zh: String,
    /// The criterion in English.
    pub text_en: String,
    /// The provision, in Chinese.
    pub basis_zh: String,
    /// The provision, in English.
    pub basis_en: String,
    /// How far the criterion is confirmed.
    pub mark: Mark,
}

/// A computed grade with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// The rule set it was computed under.
    pub rule_set: RuleSetRef,
    /// The graded year.
    pub year: i32,
    /// The grade.
    pub grade: Grade,
    /// Ids of the met rules that lead to it.
    pub basis: Vec<String>,
    /// Ids of rules of a worse grade that missing facts leave open: an officer must look first.
    pub undetermined: Vec<String>,
    /// Every rule in the rule set's order.
    pub trace: Vec<RuleTrace>,
}

/// Why nothing was computed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssessError {
    /// The rule set governs another procedure.
    #[error("the rule set {0} has no grade rules")]
    NoGradeRules(String),
    /// Two different facts carry one id.
    #[error("two different pieces of evidence carry the id {0}")]
    Conflict(EvidenceId),
}

/// Computes the grade of one employer for `year` from its whole file; evidence of other years is looked
/// at only where a rule asks for consecutive years.
///
/// # Errors
/// [`AssessError`]; a piece given twice unchanged is no error and counts once.
pub fn assess(rule_set: &RuleSet, year: i32, evidence: &[Evidence]) -> Result<Assessment, AssessError> {
    let rules = rule_set
        .integrity()
        .ok_or_else(|| AssessError::NoGradeRules(rule_set.id().to_owned()))?;
    let mut file: BTreeMap<&EvidenceId, &Evidence> = BTreeMap::new();
    for piece in evidence {
        if file
            .insert(&piece.id, piece)
            .is_some_and(|earlier| earlier != piece)
        {
            return Err(AssessError::Conflict(piece.id.clone()));
        }
    }
    let scene = evaluate::Scene {
        rule_set,
        rules,
        year,
        file: file.into_values().collect(),
    };
    let mut trace: Vec<RuleTrace> = rules
        .rules
        .iter()
        .map(|rule| match rule.when {
            // Filled in below, once every other rule has spoken.
            Condition::Otherwise => traced(rule, &evaluate::Finding::default()),
            _ => traced(rule, &scene.examine(&rule.when)),
        })
        .collect();
    let worst = trace
        .iter()
        .filter(|rule| rule.outcome == RuleOutcome::Met)
        .map(|rule| rule.grade)
        .max();
    let grade = worst.unwrap_or(Grade::A);
    for (rule, line) in rules.rules.iter().zip(&mut trace) {
        if rule.when == Condition::Otherwise && worst.is_none() {
            line.outcome = RuleOutcome::Met;
        }
        if line.outcome == RuleOutcome::Met && line.grade < grade {
            line.outcome = RuleOutcome::Superseded;
        }
    }
    let ids = |outcome: RuleOutcome, of: fn(Grade, Grade) -> bool| {
        let lines = trace
            .iter()
            .filter(|line| line.outcome == outcome && of(line.grade, grade));
        lines.map(|line| line.rule.clone()).collect::<Vec<_>>()
    };
    let basis = ids(RuleOutcome::Met, |of, grade| of == grade);
    let undetermined = ids(RuleOutcome::Undetermined, |of, grade| of > grade);
    Ok(Assessment {
        rule_set: rule_set.reference(),
        year,
        grade,
        basis,
        undetermined,
        trace,
    })
}

fn traced(rule: &Rule, finding: &evaluate::Finding) -> RuleTrace {
    RuleTrace {
        rule: rule.id.clone(),
        grade: rule.grade,
        outcome: finding.outcome(),
        evidence: finding.evidence.iter().cloned().collect(),
        found: finding.counted.map(|(found, _)| found),
        needed: finding.counted.map(|(_, needed)| needed),
        missing: finding.missing.iter().cloned().collect(),
        text_zh: rule.text.zh.clone(),
        text_en: rule.text.en.clone(),
        basis_zh: rule.basis.zh.clone(),
        basis_en: rule.basis.en.clone(),
        mark: rule.mark,
    }
}

#[cfg(test)]
mod tests;

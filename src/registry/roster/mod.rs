//! Uploaded rosters: read by a process of its own, checked row by row.
//!
//! Rows are personal data: they pass through here and are neither printed nor put into an error.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::roster::{Checker, Finding, Intake, NoRoster, Person, RosterRules, Severity, Summary};
use crate::sheet::{Refusal, Worker};

/// Why a file is no roster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// The file was not read.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It was read and is no roster.
    #[error(transparent)]
    NoRoster(#[from] NoRoster),
}

impl RosterError {
    /// What it is and what to do, for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.zh(),
            Self::NoRoster(no_roster) => no_roster.zh(),
        }
    }

    /// What it is and what to do, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.en(),
            Self::NoRoster(no_roster) => no_roster.en(),
        }
    }
}

/// A roster's findings, in the order of its rows, and its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was counted.
    pub summary: Summary,
}

impl Checked {
    /// Whether the roster can be taken as it is.
    #[must_use]
    pub fn can_be_taken(&self) -> bool {
        let mends = |finding: &Finding| finding.found.severity() == Severity::Mend;
        !self.findings.iter().any(mends)
    }
}

/// A roster's day and what it is held against.
#[derive(Debug, Clone, Copy)]
pub struct Against {
    /// The limits of the law.
    pub rules: RosterRules,
    /// The day it speaks of (Asia/Shanghai).
    pub as_of: NaiveDate,
    /// The head-count of the filing's form, where it is filled in.
    pub headcount: Option<u32>,
}

/// Reads and checks an uploaded file; `each` sees every person in the order of the rows.
///
/// # Errors
/// [`RosterError`]: nothing of the roster stands then, whatever `each` saw.
pub fn check(
    worker: &Worker,
    bytes: &[u8],
    against: &Against,
    each: &mut dyn FnMut(Person),
) -> Result<Checked, RosterError> {
    let mut intake = Intake::new(Checker::new(against.rules, against.as_of));
    let mut findings = Vec::new();
    let mut no_roster = None;
    let read = worker.read(bytes, &mut |row| {
        match intake.row(row.number, &row.cells, &mut findings) {
            Ok(person) => person.into_iter().for_each(&mut *each),
            Err(error) => {
                no_roster = Some(error);
                // Ends the reading; what is told is the reason above.
                return Err(Refusal::Damaged);
            }
        }
        Ok(())
    });
    if let Some(error) = no_roster {
        return Err(error.into());
    }
    read?;
    findings.extend(intake.end(against.headcount)?);
    Ok(Checked {
        findings,
        summary: intake.summary(),
    })
}

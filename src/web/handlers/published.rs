//! What is published about one employer and exists for this viewer, read from the signed records
//! themselves. Nothing that the viewer may not see leaves this module, so no page can leak it.

use chrono::{DateTime, Utc};

use crate::record::credential::{self, BlacklistFacts, GradeFacts, Subject};
use crate::store::log::body::{self, Body};
use crate::store::{Conn, StoreError};
use crate::web::i18n::Lang;
use crate::web::pages::parts::{Badge, Tone};
use crate::web::standing::{Lists, Standing};
use crate::web::viewer::Viewer;

/// A record's frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The stored body.
    pub body: Body,
    /// The UUID as text.
    pub id: String,
    /// Begin of validity, UTC.
    pub valid_from: DateTime<Utc>,
    /// End of validity, UTC.
    pub valid_until: Option<DateTime<Utc>>,
    /// How it stands by the newest served status lists.
    pub standing: Standing,
}

impl Frame {
    /// Whether an objection or review is pending.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.standing == Standing::Suspended
    }

    /// Whether it is in force at a moment: within its period, and neither withdrawn nor replaced.
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.standing.is_current()
            && self.valid_from <= now
            && self.valid_until.is_none_or(|until| now <= until)
    }
}

/// A published grade.
#[derive(Debug, Clone)]
pub struct Graded {
    /// Its record.
    pub frame: Frame,
    /// What it says.
    pub facts: GradeFacts<'static>,
}

/// A published listing.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its record.
    pub frame: Frame,
    /// What it says.
    pub facts: BlacklistFacts<'static>,
}

impl Graded {
    /// Year and grade in short; grey and said so while it is suspended.
    #[must_use]
    pub fn badge(&self, lang: Lang) -> Badge {
        let letter = self.facts.grade.chars().next().unwrap_or('-');
        let badge = Badge::grade_of_year(lang, i32::from(self.facts.year), letter);
        if self.frame.is_suspended() {
            badge.suspended(lang)
        } else {
            badge
        }
    }
}

impl Listed {
    /// That it is listed; grey and said so while that is suspended.
    #[must_use]
    pub fn badge(&self, lang: Lang) -> Badge {
        let badge = Badge::new(Tone::C, lang.text().grades.listed);
        if self.frame.is_suspended() {
            badge.suspended(lang)
        } else {
            badge
        }
    }
}

/// Everything published about an employer for one viewer, newest first.
#[derive(Debug, Clone, Default)]
pub struct Published {
    /// Grades.
    pub grades: Vec<Graded>,
    /// Listings.
    pub listings: Vec<Listed>,
}

impl Published {
    /// Reads it, as of a log of `served` entries. A withdrawn record is there for officers and the
    /// employer itself only.
    ///
    /// # Errors
    /// [`StoreError`], also for a body that is no record of ours.
    pub fn read(
        conn: &mut Conn,
        viewer: &Viewer,
        employer: i64,
        served: i64,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let mut found = Self::default();
        let mut lists = Lists::new(served, now);
        for body in body::of_employer(conn, employer, served)? {
            if viewer.may_see(&body) {
                found.add(conn, &mut lists, viewer, body)?;
            }
        }
        Ok(found)
    }

    fn add(
        &mut self,
        conn: &mut Conn,
        lists: &mut Lists,
        viewer: &Viewer,
        body: Body,
    ) -> Result<(), StoreError> {
        let index = body.log_index;
        let corrupt = |why: String| StoreError::corrupt(format!("body {index}"), why);
        let bytes = body.bytes.clone();
        let record = credential::read(&bytes).map_err(|error| corrupt(error.to_string()))?;
        let standing = lists.standing(conn, &record)?;
        if standing == Standing::Withdrawn && !viewer.is_told_of_withdrawals(&body) {
            return Ok(());
        }
        let frame = Frame {
            standing,
            id: record
                .uuid()
                .map(|id| id.hyphenated().to_string())
                .unwrap_or_default(),
            valid_from: record.valid_from,
            valid_until: record.valid_until,
            body,
        };
        match record.facts().map_err(|error| corrupt(error.to_string()))? {
            Subject::Grade(facts) => self.grades.push(Graded {
                frame,
                facts: owned_grade(facts),
            }),
            Subject::Blacklist(facts) => self.listings.push(Listed {
                frame,
                facts: owned_listing(facts),
            }),
            Subject::RuleSet(_) | Subject::Withdrawal(_) => {}
        }
        Ok(())
    }

    /// The grade in force: of the newest year that has one.
    #[must_use]
    pub fn grade(&self, now: DateTime<Utc>) -> Option<&Graded> {
        let in_force = self.grades.iter().filter(|graded| graded.frame.in_force(now));
        in_force.max_by_key(|graded| (graded.facts.year, graded.frame.body.log_index))
    }

    /// The newest listing in force.
    #[must_use]
    pub fn listing(&self, now: DateTime<Utc>) -> Option<&Listed> {
        self.listings.iter().find(|listed| listed.frame.in_force(now))
    }

    /// For how many years without a gap the grade has been A, up to the one in force.
    #[must_use]
    pub fn years_in_a(&self, now: DateTime<Utc>) -> u16 {
        let Some(newest) = self.grade(now) else { return 0 };
        let is_a = |year: u16| {
            let of_year = self.grades.iter().find(|graded| {
                let ended = matches!(graded.frame.standing, Standing::Withdrawn | Standing::Superseded);
                graded.facts.year == year && !ended
            });
            of_year.is_some_and(|graded| graded.facts.grade == "A")
        };
        let mut years = 0;
        while is_a(newest.facts.year.saturating_sub(years)) && years < newest.facts.year {
            years = years.saturating_add(1);
        }
        years
    }
}

use std::borrow::Cow;

use crate::record::credential::{Authority, Employer, EmployerId, PayOrder, RuleSetRef};

fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn owned_authority(authority: Authority<'_>) -> Authority<'static> {
    Authority {
        name: own(authority.name),
        division: own(authority.division),
    }
}

fn owned_employer(employer: Employer<'_>) -> Employer<'static> {
    Employer {
        name: own(employer.name),
        id: match employer.id {
            EmployerId::UnifiedCode(code) => EmployerId::UnifiedCode(own(code)),
            EmployerId::RegistrationNumber(number) => EmployerId::RegistrationNumber(own(number)),
        },
        division: own(employer.division),
    }
}

fn owned_rules(rules: RuleSetRef<'_>) -> RuleSetRef<'static> {
    RuleSetRef {
        id: own(rules.id),
        version: own(rules.version),
        digest: rules.digest,
    }
}

fn owned_grade(facts: GradeFacts<'_>) -> GradeFacts<'static> {
    GradeFacts {
        employer: owned_employer(facts.employer),
        year: facts.year,
        grade: own(facts.grade),
        basis: facts.basis.into_iter().map(own).collect(),
        document_number: own(facts.document_number),
        decided_on: facts.decided_on,
        decided_by: owned_authority(facts.decided_by),
        rule_set: owned_rules(facts.rule_set),
    }
}

fn owned_listing(facts: BlacklistFacts<'_>) -> BlacklistFacts<'static> {
    BlacklistFacts {
        employer: owned_employer(facts.employer),
        document_number: own(facts.document_number),
        decided_on: facts.decided_on,
        decided_by: owned_authority(facts.decided_by),
        rule_set: owned_rules(facts.rule_set),
        listed_on: facts.listed_on,
        expires_on: facts.expires_on,
        earliest_removal_on: facts.earliest_removal_on,
        workers: facts.workers,
        amount: own(facts.amount),
        basis: facts.basis.into_iter().map(own).collect(),
        pay_order: PayOrder {
            number: own(facts.pay_order.number),
            deadline: facts.pay_order.deadline,
        },
        responsible_persons: facts.responsible_persons.into_iter().map(own).collect(),
    }
}

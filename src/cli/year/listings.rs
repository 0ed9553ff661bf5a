//! Wage-blacklist procedures of the year, step by step as the generator wrote them, each step an
//! officer's act by the use case that the web calls too. A listing is proposed in a batch of its own.

use std::error::Error;

use chrono::{DateTime, NaiveDate, Utc};

use super::story::{officer, rules};
use super::{Demo, register};
use crate::cli::demo::{Procedure, pending, zhuzhou};
use crate::domain::authority::Actor;
use crate::domain::blacklist::{Action, Decision, Step, Who};
use crate::domain::registration::EmployerKey;
use crate::domain::ruleset::RuleSet;
use crate::registry::blacklist::{self, Grounds};
use crate::registry::clock::date_in_shanghai;
use crate::registry::publish::Stops;
use crate::registry::{batch, release};
use crate::store::{self, batch as batches, employer, evidence};

type Told = Result<(), Box<dyn Error>>;

/// Takes the four Hunan procedures from the order to pay to the published listing.
pub(super) fn list(demo: &Demo, stops: &dyn Stops) -> Told {
    let first_order = NaiveDate::from_ymd_opt(2026, 1, 12).ok_or("no such date")?;
    let procedures = zhuzhou(first_order);
    let mut cases = Vec::new();
    for procedure in &procedures {
        cases.push(Listing::begin(demo, procedure, stops)?);
    }
    // One clock for all: the steps of the four are taken in the order of their time.
    let mut steps: Vec<(DateTime<Utc>, usize, usize)> = Vec::new();
    for (case, procedure) in procedures.iter().enumerate() {
        steps.extend(
            procedure
                .steps
                .iter()
                .enumerate()
                .map(|(nth, (_, step))| (step.at, case, nth)),
        );
    }
    steps.sort_unstable();
    for (at, case, nth) in steps {
        demo.clock.advance(at);
        if let Some(listing) = cases.get(case) {
            listing.take(nth)?;
        }
    }
    Ok(())
}

/// Leaves one procedure of the city, with its listing proposed, for a second person.
pub(super) fn leave_pending(demo: &Demo, real: DateTime<Utc>, stops: &dyn Stops) -> Told {
    let Some(procedure) = pending(&demo.city, date_in_shanghai(real)) else {
        return Ok(());
    };
    let listing = Listing::begin(demo, &procedure, stops)?;
    for (nth, (_, step)) in procedure.steps.iter().enumerate() {
        demo.clock.advance(step.at.min(real));
        listing.take(nth)?;
    }
    Ok(())
}

/// One procedure under way.
struct Listing<'a> {
    demo: &'a Demo,
    law: &'static RuleSet,
    procedure: &'a Procedure,
    employer: i64,
    stops: &'a dyn Stops,
}

impl<'a> Listing<'a> {
    /// Opens the case, with its employer and its evidence on file, unless an earlier run did.
    fn begin(demo: &'a Demo, procedure: &'a Procedure, stops: &'a dyn Stops) -> Result<Self, Box<dyn Error>> {
        let law = rules("cn-wage-blacklist", "2022.1")?;
        let mut conn = demo.registry.store.conn()?;
        let known = match &procedure.employer.key {
            EmployerKey::Code(code) => employer::by_code(&mut conn, code.as_str())?,
            EmployerKey::Registration { .. } => None,
        };
        let id = match known {
            Some(row) => row.id,
            None => {
                let id = employer::next_id(&mut conn)?;
                let row = register::row(id, &procedure.employer)?;
                store::write(&mut conn, |conn| {
                    employer::insert(conn, std::slice::from_ref(&row))
                })?;
                id
            }
        };
        let listing = Self {
            demo,
            law,
            procedure,
            employer: id,
            stops,
        };
        if store::blacklist::find(&mut conn, listing.case())?.is_none() {
            let facts: Vec<_> = procedure.evidence.iter().map(|item| (id, item.clone())).collect();
            store::write(&mut conn, |conn| evidence::insert(conn, &facts))?;
            drop(conn);
            let (_, first) = procedure.steps.first().ok_or("a procedure without steps")?;
            blacklist::open(&demo.registry, &listing.actor(first)?, id, &procedure.open())?;
        }
        Ok(listing)
    }

    fn case(&self) -> &str {
        self.procedure.case.as_str()
    }

    /// Takes the step at `nth`, unless an earlier run did.
    fn take(&self, nth: usize) -> Told {
        let case = blacklist::read(&mut *self.demo.registry.store.conn()?, self.case())?;
        let Some((action, step)) = self
            .procedure
            .steps
            .get(nth)
            .filter(|_| case.history().len() <= nth)
        else {
            return Ok(());
        };
        if matches!(step.who, Who::Clock) {
            blacklist::take_by_clock(&self.demo.registry, self.case(), self.law, action.clone())?;
            return Ok(());
        }
        let actor = self.actor(step)?;
        let lists = case
            .pending()
            .is_some_and(|pending| matches!(pending.decision, Decision::List { .. }));
        match action {
            Action::Propose {
                decision: Decision::List { persons },
            } => {
                let name = self.procedure.employer.name.as_str();
                let title = format!("列入拖欠农民工工资失信联合惩戒对象名单：{name}");
                let proposal = [(self.case().to_owned(), persons.clone(), step.reason.clone())];
                blacklist::propose_listings(&self.demo.registry, &actor, self.law, &title, &proposal)?;
            }
            Action::Approve {} if lists => {
                let row = self.batch()?;
                batch::approve(&self.demo.registry, &actor, &row.id, &row.digest, &step.reason)?;
            }
            Action::Publish {} => {
                let row = self.batch()?;
                release::publish(&self.demo.registry, &actor, &row.id, self.stops, &|_, _| ())?;
            }
            _ => {
                let grounds = Grounds {
                    reason: step.reason.clone(),
                    evidence: step.evidence.clone(),
                };
                blacklist::take(
                    &self.demo.registry,
                    &actor,
                    self.case(),
                    self.law,
                    action.clone(),
                    grounds,
                )?;
            }
        }
        Ok(())
    }

    /// The batch that carries this listing.
    fn batch(&self) -> Result<batches::BatchRow, Box<dyn Error>> {
        let mut conn = self.demo.registry.store.conn()?;
        let found = batches::items_about(&mut conn, self.employer, blacklist::KIND)?;
        Ok(found.into_iter().next().ok_or("the listing was not proposed")?.0)
    }

    /// The officer of a step, by the login that the generator put into the person's name.
    fn actor(&self, step: &Step) -> Result<Actor, Box<dyn Error>> {
        let Who::Officer(actor) = &step.who else {
            return Err("a step without an officer".into());
        };
        let login = actor.person.as_str().trim_start_matches("person:");
        officer(self.demo, login)
    }
}

//! The wage blacklist's cases: steps taken, a listing proposed in a batch, decided with the batch,
//! marked when the batch is out. The law itself is `domain::blacklist`.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::authority::Actor;
use crate::domain::blacklist::{self as law, Action, Case, Refusal, Step, Who};
use crate::domain::calendar::Calendar;
use crate::domain::evidence::EvidenceId;
use crate::domain::ruleset::RuleSet;
use crate::store::batch::{self, BatchRow};
use crate::store::blacklist::{self, CaseRow};
use crate::store::{self, Conn, StoreError, authority, employer};

use super::Registry;
use super::audit::{self, Act};
use super::batch::{self as batches, BatchError, Heading, Proposed};
use super::decision::{DecidedBy, Decision, ListingDecision, Named};

/// The kind of batch that lists.
pub const KIND: &str = "wage-blacklist";

/// Why a case did not move.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The law refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No such case.
    #[error("there is no case {0}")]
    Unknown(String),
    /// The case lacks something that a listing states.
    #[error("case {case} cannot be listed: {lacks}")]
    Incomplete {
        /// The case.
        case: String,
        /// What it lacks.
        lacks: &'static str,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a step rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grounds {
    /// The words given; required for decisions.
    pub reason: String,
    /// The evidence given; required for documents served and facts recorded.
    pub evidence: Vec<EvidenceId>,
}

impl Grounds {
    /// Words alone.
    #[must_use]
    pub fn reason(words: &str) -> Self {
        Self {
            reason: words.to_owned(),
            evidence: Vec::new(),
        }
    }
}

/// Opens a case of an authority against an employer.
///
/// # Errors
/// [`CaseError`].
pub fn open(registry: &Registry, actor: &Actor, employer_id: i64, case: &Case) -> Result<(), CaseError> {
    let row = CaseRow {
        id: case.id().as_str().to_owned(),
        employer_id,
        authority_id: actor.authority.as_str().to_owned(),
        state: state(case)?,
        body: body(case)?,
    };
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| {
        blacklist::insert(conn, &row)?;
        audit::record(conn, &Act::by(actor, "case.open", &row.id), registry.clock.now())?;
        Ok(())
    })
}

/// Takes an officer's step now.
///
/// # Errors
/// [`CaseError::Refused`] with the law's reason.
pub fn take(
    registry: &Registry,
    actor: &Actor,
    id: &str,
    rule_set: &RuleSet,
    action: Action,
    grounds: Grounds,
) -> Result<Case, CaseError> {
    let now = registry.clock.now();
    take_at(
        registry,
        id,
        rule_set,
        action,
        &step(actor, now, grounds),
        &Act::by(actor, "case.step", id),
    )
}

/// Takes a step that time alone brings about: a period ran out.
///
/// # Errors
/// [`CaseError::Refused`] when the period has not run out, or the step is an officer's.
pub fn take_by_clock(
    registry: &Registry,
    id: &str,
    rule_set: &RuleSet,
    action: Action,
) -> Result<Case, CaseError> {
    let step = Step {
        who: Who::Clock,
        at: registry.clock.now(),
        evidence: Vec::new(),
        reason: String::new(),
    };
    take_at(
        registry,
        id,
        rule_set,
        action,
        &step,
        &Act::system("case.step", id),
    )
}

fn take_at(
    registry: &Registry,
    id: &str,
    rule_set: &RuleSet,
    action: Action,
    step: &Step,
    act: &Act,
) -> Result<Case, CaseError> {
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| {
        let next = apply(conn, id, rule_set, action, step)?;
        audit::record(conn, act, step.at)?;
        Ok(next)
    })
}

fn apply(
    conn: &mut Conn,
    id: &str,
    rule_set: &RuleSet,
    action: Action,
    step: &Step,
) -> Result<Case, CaseError> {
    let row = blacklist::find(conn, id)?.ok_or_else(|| CaseError::Unknown(id.to_owned()))?;
    let next = parse(&row)?.apply(action, step, rule_set, Calendar::standard())?;
    blacklist::update(conn, id, &row.body, &state(&next)?, &body(&next)?)?;
    Ok(next)
}

/// Takes an officer's step inside a transaction of the caller's.
pub(super) fn step_with(
    conn: &mut Conn,
    actor: &Actor,
    id: &str,
    rule_set: &RuleSet,
    action: Action,
    now: DateTime<Utc>,
    grounds: Grounds,
) -> Result<Case, CaseError> {
    let next = apply(conn, id, rule_set, action, &step(actor, now, grounds))?;
    audit::record(conn, &Act::by(actor, "case.step", id), now)?;
    Ok(next)
}

/// A case as it stands.
///
/// # Errors
/// [`CaseError::Unknown`], [`CaseError::Store`].
pub fn read(conn: &mut Conn, id: &str) -> Result<Case, CaseError> {
    parse(&blacklist::find(conn, id)?.ok_or_else(|| CaseError::Unknown(id.to_owned()))?)
}

fn parse(row: &CaseRow) -> Result<Case, CaseError> {
    serde_json::from_str(&row.body)
        .map_err(|error| StoreError::corrupt(format!("case {}", row.id), error).into())
}

/// Proposes the listings of cases: each case's own proposal, and the batch that carries them, in one
/// transaction.
///
/// # Errors
/// [`BatchError`].
pub fn propose_listings(
    registry: &Registry,
    actor: &Actor,
    rule_set: &RuleSet,
    title: &str,
    cases: &[(String, Vec<law::ResponsiblePerson>, String)],
) -> Result<String, BatchError> {
    let heading = Heading {
        kind: KIND,
        title: title.to_owned(),
    };
    let now = registry.clock.now();
    batches::propose(registry, actor, &heading, rule_set, |conn| {
        let mut proposed = Vec::new();
        for (id, persons, reason) in cases {
            let decision = law::Decision::List {
                persons: persons.clone(),
            };
            let action = Action::Propose { decision };
            let case = apply(
                conn,
                id,
                rule_set,
                action,
                &step(actor, now, Grounds::reason(reason)),
            )?;
            audit::record(conn, &Act::by(actor, "case.step", id), now).map_err(CaseError::Store)?;
            proposed.push(listing(conn, actor, &case, rule_set, persons)?);
        }
        Ok(proposed)
    })
}

fn listing(
    conn: &mut Conn,
    actor: &Actor,
    case: &Case,
    rule_set: &RuleSet,
    persons: &[law::ResponsiblePerson],
) -> Result<Proposed, BatchError> {
    let id = case.id().as_str();
    let lacks = |lacks| CaseError::Incomplete {
        case: id.to_owned(),
        lacks,
    };
    let row = blacklist::find(conn, id)?.ok_or_else(|| CaseError::Unknown(id.to_owned()))?;
    let whom = employer::find(conn, row.employer_id)?.ok_or_else(|| lacks("its employer"))?;
    let decider = authority::find(conn, actor.authority.as_str())?.ok_or_else(|| lacks("its authority"))?;
    let trigger = case.trigger().ok_or_else(|| lacks("an examined trigger"))?;
    let facts = examined(case).ok_or_else(|| lacks("examined facts"))?;
    let (number, deadline) = pay_order(case).ok_or_else(|| lacks("an order to pay"))?;
    let decision = ListingDecision {
        employer: Named::from(&whom),
        case: id.to_owned(),
        document_number: String::new(),
        decided_by: DecidedBy {
            name: decider.name,
            division: decider.division,
        },
        rule_set: rule_set.reference(),
        basis: trigger
            .limbs
            .iter()
            .filter(|limb| limb.outcome.is_met())
            .map(|limb| limb.limb.clone())
            .collect(),
        workers: facts.workers.ok_or_else(|| lacks("the number of workers"))?,
        amount: facts.total.ok_or_else(|| lacks("the amount owed"))?.to_string(),
        pay_order: number,
        pay_deadline: deadline,
        responsible_persons: persons.iter().map(|person| person.name.clone()).collect(),
        audience: rule_set
            .blacklist()
            .map_or("partners", |rules| rules.audience.as_str())
            .to_owned(),
    };
    let trace = serde_json::to_string(trigger).map_err(|error| BatchError::Stored(error.to_string()))?;
    Ok(Proposed {
        employer_id: row.employer_id,
        decision: Decision::Listing(decision),
        trace,
    })
}

/// The facts that the trigger was last examined on.
fn examined(case: &Case) -> Option<&law::ArrearsFacts> {
    case.history().iter().rev().find_map(|step| match &step.action {
        Action::Examine { facts } => Some(facts),
        _ => None,
    })
}

fn pay_order(case: &Case) -> Option<(String, NaiveDate)> {
    case.history().iter().rev().find_map(|step| match &step.action {
        Action::ServePayOrder { number, pay_by, .. } => Some((number.clone(), *pay_by)),
        _ => None,
    })
}

/// Approves or turns down the listings of a batch that stands as `row` says, in the batch's own transaction.
pub(super) fn decide_cases(
    conn: &mut Conn,
    row: &BatchRow,
    actor: &Actor,
    now: DateTime<Utc>,
    approved: bool,
    reason: &str,
) -> Result<(), BatchError> {
    let rule_set = batches::rule_set(row)?;
    for item in batch::items(conn, &row.id, 0, row.size)? {
        let decision: Decision =
            serde_json::from_str(&item.decision).map_err(|error| BatchError::Stored(error.to_string()))?;
        if let Decision::Listing(listing) = decision {
            let action = match (approved, row.state.as_str()) {
                (true, _) => Action::Approve {},
                (false, "proposed") => Action::TurnDown {},
                // A case that went on by its own law meanwhile stands as it does.
                (false, _) if !read(conn, &listing.case)?.is_listed() => continue,
                (false, _) => Action::Unlist {},
            };
            let reason = if reason.trim().is_empty() {
                "同意"
            } else {
                reason
            };
            apply(
                conn,
                &listing.case,
                rule_set,
                action,
                &step(actor, now, Grounds::reason(reason)),
            )?;
        }
    }
    Ok(())
}

/// Notes what a writer that died just after its batch was published could not: the head had moved,
/// the cases still said that their listing waits.
pub(super) fn settle(registry: &Registry) -> Result<(), BatchError> {
    let mut conn = registry.store.conn()?;
    let listed = word(&law::State::Listed)?;
    for waiting in store::blacklist::in_state(&mut conn, &listed)? {
        for (row, _) in batch::items_about(&mut conn, waiting.employer_id, KIND)? {
            // What the case's own law or a missing account refuses now is for an officer to look at;
            // the record is out, and it must not keep others from being published.
            if row.state == "published"
                && let Err(error) = mark_published(registry, &row)
            {
                tracing::error!(batch = %row.id, %error, "a published listing's case was not marked");
            }
        }
    }
    Ok(())
}

/// Notes on every case of a published batch that its listing is out. Safe to repeat.
pub(super) fn mark_published(registry: &Registry, row: &BatchRow) -> Result<(), BatchError> {
    if row.kind != KIND {
        return Ok(());
    }
    let rule_set = batches::rule_set(row)?;
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), BatchError> {
        let whole = batch::find(conn, &row.id)?.ok_or_else(|| BatchError::Unknown(row.id.clone()))?;
        let publisher = whole
            .published_by
            .clone()
            .ok_or_else(|| BatchError::Stored(format!("batch {}: nobody published it", row.id)))?;
        let account = store::account::find(conn, &publisher)?
            .ok_or_else(|| BatchError::Stored(format!("batch {}: its publisher is gone", row.id)))?;
        let actor = batches::actor(conn, &account)?;
        for item in batch::items(conn, &row.id, 0, row.size)? {
            let decision: Decision = serde_json::from_str(&item.decision)
                .map_err(|error| BatchError::Stored(error.to_string()))?;
            if let Decision::Listing(listing) = decision
                && read(conn, &listing.case)?.state() == law::State::Listed
            {
                apply(
                    conn,
                    &listing.case,
                    rule_set,
                    Action::Publish {},
                    &step(&actor, now, Grounds::reason("公布")),
                )?;
            }
        }
        Ok(())
    })
}

fn step(actor: &Actor, at: DateTime<Utc>, grounds: Grounds) -> Step {
    Step {
        who: Who::Officer(actor.clone()),
        at,
        evidence: grounds.evidence,
        reason: grounds.reason,
    }
}

fn state(case: &Case) -> Result<String, StoreError> {
    word(&case.state())
}

/// The word by which a state is stored.
fn word(state: &law::State) -> Result<String, StoreError> {
    match serde_json::to_value(state) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        other => Err(StoreError::corrupt("case state", format!("{other:?}"))),
    }
}

fn body(case: &Case) -> Result<String, StoreError> {
    serde_json::to_string(case).map_err(|error| StoreError::corrupt("case", error))
}

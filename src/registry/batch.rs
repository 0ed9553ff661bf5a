//! Batches: proposed by one person, approved by another, published whole.
//!
//! What each step needs (role, jurisdiction, another person) is decided by `domain::batch`; here are
//! its transactions. The approver approves the digest that was shown; publication compares it again.

use sha2::{Digest as _, Sha256};

use crate::domain::authority::{AccountId, Actor, AuthorityId, PersonId, UnknownRole};
use crate::domain::batch::{self as rules, BatchMeta, BatchRefusal, BatchState, UnknownBatchState};
use crate::domain::change::ChangeRefusal;
use crate::domain::division::DivisionCode;
use crate::domain::id::IdError;
use crate::domain::ruleset::{Approval, RuleSet, RuleSetRef, builtin};
use crate::domain::withdrawal::WithdrawalRefusal;
use crate::store::account::{self, AccountRow};
use crate::store::batch::{self, BatchChange, BatchRow, ItemRow};
use crate::store::log::{checkpoint, chunk};
use crate::store::{self, Conn, StoreError, authority, document_number};

use super::Registry;
use super::audit::{self, Act};
use super::blacklist;
use super::decision::Decision;
use super::numbers::{self, Series};
use super::publish::{PublishError, shuffle};
use super::random::RandomError;
use super::withdrawal;

/// Why a step on a batch was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The rules refuse.
    #[error(transparent)]
    Refused(#[from] BatchRefusal),
    /// No such batch.
    #[error("there is no batch {0}")]
    Unknown(String),
    /// What was shown is not what is stored.
    #[error("the batch was not the one shown: look at it again before deciding")]
    OtherDigest,
    /// Nothing to decide.
    #[error("a batch needs at least one decision")]
    Empty,
    /// The same was proposed before.
    #[error("{0} was proposed already and is not rejected: a correction supersedes, it does not repeat")]
    Already(String),
    /// Another decision has this document number.
    #[error(
        "document number {0:?} is taken in this authority, or is one that the registry gives itself: type the number of this decision's own document"
    )]
    NumberTaken(String),
    /// Somebody else was faster.
    #[error("somebody else decided this batch meanwhile: look at it again")]
    Meanwhile,
    /// The rules of changing what is published refuse.
    #[error(transparent)]
    Change(#[from] ChangeRefusal),
    /// The rules of withdrawing refuse.
    #[error(transparent)]
    Withdrawal(#[from] WithdrawalRefusal),
    /// No such record that readers see.
    #[error("there is no published record {0}")]
    NoRecord(String),
    /// The case behind a listing refuses.
    #[error(transparent)]
    Case(#[from] blacklist::CaseError),
    /// The account cannot act as an officer.
    #[error("this account cannot decide: {0}")]
    NotAnOfficer(String),
    /// The database.
    #[error(transparent)]
    Store(StoreError),
    /// Publication.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A stored value is unreadable.
    #[error("stored {0}")]
    Stored(String),
}

impl From<StoreError> for BatchError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Moved(_) => Self::Meanwhile,
            other => Self::Store(other),
        }
    }
}

/// A decision to propose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// Whom, by our own number.
    pub employer_id: i64,
    /// What; its document number is filled in when it is proposed.
    pub decision: Decision,
    /// Why: the rule-by-rule trace, JSON.
    pub trace: String,
}

/// What a batch is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// `integrity-grade`, `wage-blacklist`, `record-change` or `record-withdrawal`.
    pub kind: &'static str,
    /// For people.
    pub title: String,
}

/// An officer's account as the rules see it.
///
/// # Errors
/// [`BatchError::NotAnOfficer`] for an employer's account or one whose roles cannot be read.
pub fn actor(conn: &mut Conn, account: &AccountRow) -> Result<Actor, BatchError> {
    let not = |why: String| BatchError::NotAnOfficer(why);
    let id = account
        .authority_id
        .as_deref()
        .ok_or_else(|| not("it belongs to an employer".into()))?;
    let row = authority::find(conn, id)?.ok_or_else(|| not(format!("authority {id} does not exist")))?;
    Ok(Actor {
        person: PersonId::new(&*account.person_id).map_err(|error: IdError| not(error.to_string()))?,
        account: AccountId::new(&*account.id).map_err(|error: IdError| not(error.to_string()))?,
        roles: account
            .roles
            .parse()
            .map_err(|error: UnknownRole| not(error.to_string()))?,
        authority: AuthorityId::new(&*row.id).map_err(|error: IdError| not(error.to_string()))?,
        division: row
            .division
            .parse::<DivisionCode>()
            .map_err(|error| not(error.to_string()))?,
    })
}

/// Proposes decisions, in a random order of their own: the log must not tell by its order who was
/// decided about. `decisions` is asked inside the transaction, while nobody else can propose decisions of
/// this authority and kind; they get their document numbers in another random order.
///
/// # Errors
/// [`BatchError`].
pub fn propose(
    registry: &Registry,
    actor: &Actor,
    heading: &Heading,
    rule_set: &RuleSet,
    decisions: impl FnOnce(&mut Conn) -> Result<Vec<Proposed>, BatchError>,
) -> Result<String, BatchError> {
    let meta = rules::propose(actor, actor.division, rule_set.reference(), rule_set.approval())?;
    let mut id = [0_u8; 16];
    registry.random.fill(&mut id)?;
    let id = uuid::Builder::from_random_bytes(id).into_uuid().to_string();
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), BatchError> {
        let decider = authority::find(conn, actor.authority.as_str())?
            .ok_or_else(|| BatchError::NotAnOfficer("its authority does not exist".into()))?;
        let series = Series::of(&decider, heading.kind, registry.clock.today());
        series.hold(conn)?;
        let mut decisions = decisions(conn)?;
        if decisions.is_empty() {
            return Err(BatchError::Empty);
        }
        let size = i64::try_from(decisions.len()).map_err(|_| PublishError::TooLarge)?;
        // A number that followed the register's order would tell the public between which two employers
        // one stands whose grade only partners may see.
        shuffle(&mut decisions, registry.random.as_ref())?;
        let typed = numbers::typed(conn, &decider, &decisions)?;
        // Those that come with the number of a document of their own draw none.
        let drawn = size.saturating_sub(i64::try_from(typed.len()).map_err(|_| PublishError::TooLarge)?);
        let numberless = decisions
            .iter_mut()
            .filter(|one| one.decision.own_number().is_none());
        for (number, proposed) in (series.take(conn, drawn)?..).zip(numberless) {
            proposed.decision.set_document_number(series.text(number));
        }
        // Nor does a number tell the place in the log.
        shuffle(&mut decisions, registry.random.as_ref())?;
        let items = items(&id, decisions)?;
        let digest = digest(items.iter());
        let row = BatchRow {
            id: id.clone(),
            kind: heading.kind.to_owned(),
            title: heading.title.clone(),
            authority_id: meta.authority.as_str().to_owned(),
            state: meta.state.as_str().to_owned(),
            size,
            digest: digest.to_vec(),
            rule_set: json(&meta.rule_set)?,
            proposed_by: actor.account.as_str().to_owned(),
            proposed_at: now.naive_utc(),
            decided_by: None,
            decided_at: None,
            decision_reason: None,
            published_by: None,
            published_at: None,
        };
        batch::insert(conn, &row, &items)?;
        for number in &typed {
            document_number::insert(conn, &decider.id, number, &id)?;
        }
        audit::record(conn, &act(actor, "batch.propose", &id, None, Some(digest)), now)?;
        Ok(())
    })?;
    Ok(id)
}

fn items(batch: &str, decisions: Vec<Proposed>) -> Result<Vec<ItemRow>, BatchError> {
    (0_i64..)
        .zip(decisions)
        .map(|(position, proposed)| {
            Ok(ItemRow {
                batch_id: batch.to_owned(),
                position,
                employer_id: proposed.employer_id,
                outcome: proposed.decision.outcome().to_owned(),
                decision: json(&proposed.decision)?,
                trace: proposed.trace,
            })
        })
        .collect()
}

/// Approves a batch whose digest is the one that was shown.
///
/// # Errors
/// [`BatchError`].
pub fn approve(
    registry: &Registry,
    actor: &Actor,
    id: &str,
    shown: &[u8],
    reason: &str,
) -> Result<(), BatchError> {
    decide(registry, actor, id, shown, reason, |meta, approval| {
        rules::approve(meta, actor, approval)
    })
}

/// Turns a batch down, with a reason: a proposed one, or an approved one of which nothing was released.
///
/// # Errors
/// [`BatchError`].
pub fn reject(
    registry: &Registry,
    actor: &Actor,
    id: &str,
    shown: &[u8],
    reason: &str,
) -> Result<(), BatchError> {
    decide(registry, actor, id, shown, reason, |meta, approval| {
        rules::reject(meta, actor, approval, reason)
    })
}

fn decide(
    registry: &Registry,
    actor: &Actor,
    id: &str,
    shown: &[u8],
    reason: &str,
    step: impl FnOnce(&BatchMeta, &Approval) -> Result<BatchMeta, BatchRefusal>,
) -> Result<(), BatchError> {
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), BatchError> {
        let row = batch::find(conn, id)?.ok_or_else(|| BatchError::Unknown(id.to_owned()))?;
        if row.digest != shown {
            return Err(BatchError::OtherDigest);
        }
        let rule_set = rule_set(&row)?;
        let decided = step(&meta(conn, &row)?, rule_set.approval())?;
        // The column alone does not say that nothing is signed yet.
        if !chunk::of_batch(conn, id)?.is_empty() {
            let found = BatchState::Publishing;
            return Err(BatchRefusal::State {
                found,
                step: "decided",
            }
            .into());
        }
        let change = BatchChange {
            state: Some(decided.state.as_str().to_owned()),
            decided_by: Some(actor.account.as_str().to_owned()),
            decided_at: Some(now.naive_utc()),
            decision_reason: Some(reason.trim().to_owned()),
            ..BatchChange::default()
        };
        batch::advance(conn, id, &row.state, &change)?;
        if row.kind == blacklist::KIND {
            blacklist::decide_cases(
                conn,
                &row,
                actor,
                now,
                decided.state == BatchState::Approved,
                reason,
            )?;
        }
        let approved = decided.state == BatchState::Approved;
        withdrawal::decide_cases(conn, &row, actor, now, approved, reason)?;
        let action = if decided.state == BatchState::Approved {
            "batch.approve"
        } else {
            "batch.reject"
        };
        audit::record(
            conn,
            &act(
                actor,
                action,
                id,
                Some(fixed(&row.digest)?),
                Some(fixed(&row.digest)?),
            ),
            now,
        )?;
        Ok(())
    })
}

/// Marks an approved batch as being published, or takes up an interrupted one.
///
/// # Errors
/// [`BatchError`].
pub fn begin_publishing(registry: &Registry, actor: &Actor, id: &str) -> Result<(), BatchError> {
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), BatchError> {
        let row = batch::find(conn, id)?.ok_or_else(|| BatchError::Unknown(id.to_owned()))?;
        let rule_set = rule_set(&row)?;
        let begun = rules::begin_publishing(&meta(conn, &row)?, actor, rule_set.approval())?;
        if row.state != begun.state.as_str() {
            let change = BatchChange {
                state: Some(begun.state.as_str().to_owned()),
                published_by: Some(actor.account.as_str().to_owned()),
                ..BatchChange::default()
            };
            batch::advance(conn, id, &row.state, &change)?;
        }
        audit::record(
            conn,
            &act(actor, "batch.publish", id, None, Some(fixed(&row.digest)?)),
            now,
        )?;
        Ok(())
    })
}

/// Takes a batch whose release was stopped before anything of it was stored back to `approved`: it cannot go
/// out as it is, and only from there can a second person turn it down.
pub(super) fn hold_back(registry: &Registry, row: &BatchRow) -> Result<(), BatchError> {
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), BatchError> {
        let held = rules::hold_back(&meta(conn, row)?)?;
        let change = BatchChange {
            state: Some(held.state.as_str().to_owned()),
            ..BatchChange::default()
        };
        batch::advance(conn, &row.id, &row.state, &change)?;
        let act = Act {
            after: Some(fixed(&row.digest)?),
            ..Act::system("batch.hold", &*row.id)
        };
        audit::record(conn, &act, registry.clock.now())?;
        Ok(())
    })
}

/// Whether any of a batch's entries is signed and not yet shown to readers.
///
/// # Errors
/// [`StoreError`].
pub fn awaits_witnesses(conn: &mut Conn, id: &str) -> Result<bool, StoreError> {
    let served = checkpoint::served_size(conn)?;
    let chunks = chunk::of_batch(conn, id)?;
    Ok(chunks
        .last()
        .is_some_and(|last| last.first_index.saturating_add(last.count) > served))
}

/// What decides who may do what with a stored batch.
///
/// # Errors
/// [`BatchError::Stored`] when the row cannot be read.
pub fn meta(conn: &mut Conn, row: &BatchRow) -> Result<BatchMeta, BatchError> {
    let stored = |what: &str| BatchError::Stored(format!("batch {}: {what}", row.id));
    let authority =
        authority::find(conn, &row.authority_id)?.ok_or_else(|| stored("its authority is gone"))?;
    Ok(BatchMeta {
        state: row
            .state
            .parse()
            .map_err(|error: UnknownBatchState| stored(&error.to_string()))?,
        authority: AuthorityId::new(&*row.authority_id).map_err(|error| stored(&error.to_string()))?,
        division: authority.division.parse().map_err(|_| stored("its division"))?,
        rule_set: serde_json::from_str(&row.rule_set).map_err(|error| stored(&error.to_string()))?,
        proposed_by: person(conn, &row.proposed_by)?,
        approved_by: row.decided_by.as_deref().map(|id| person(conn, id)).transpose()?,
    })
}

/// The natural person behind an account, as it is known now: two accounts that turn out to be one
/// person's count as one from then on, also for batches under way.
fn person(conn: &mut Conn, id: &str) -> Result<PersonId, BatchError> {
    let stored = |why: String| BatchError::Stored(format!("account {id}: {why}"));
    let found = account::find(conn, id)?.ok_or_else(|| stored("it is gone".into()))?;
    PersonId::new(found.person_id).map_err(|error| stored(format!("its person: {error}")))
}

/// The rule set that a batch was decided under, which must still have the digest that it had.
///
/// # Errors
/// [`BatchError::Stored`] when this program does not have that rule set.
pub fn rule_set(row: &BatchRow) -> Result<&'static RuleSet, BatchError> {
    let stored = |what: String| BatchError::Stored(format!("batch {}: {what}", row.id));
    let named: RuleSetRef = serde_json::from_str(&row.rule_set).map_err(|error| stored(error.to_string()))?;
    builtin::find(&named.id, &named.version)
        .filter(|found| found.reference().digest == named.digest)
        .ok_or_else(|| {
            stored(format!(
                "this program does not have its rule set {} {}",
                named.id, named.version
            ))
        })
}

/// SHA-256 over decisions in order, each behind its employer's number and its length.
pub(super) fn digest<'i>(items: impl Iterator<Item = &'i ItemRow>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for item in items {
        absorb(&mut hasher, item);
    }
    hasher.finalize().into()
}

/// Adds an item to that digest.
pub(super) fn absorb(hasher: &mut Sha256, item: &ItemRow) {
    let length = u64::try_from(item.decision.len()).unwrap_or(u64::MAX);
    hasher.update(item.employer_id.to_be_bytes());
    hasher.update(length.to_be_bytes());
    hasher.update(item.decision.as_bytes());
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, BatchError> {
    serde_json::to_string(value).map_err(|error| BatchError::Stored(error.to_string()))
}

fn fixed(digest: &[u8]) -> Result<[u8; 32], BatchError> {
    digest
        .try_into()
        .map_err(|_| BatchError::Stored("batch: its digest is not 32 bytes long".into()))
}

fn act(
    actor: &Actor,
    action: &'static str,
    subject: &str,
    before: Option<[u8; 32]>,
    after: Option<[u8; 32]>,
) -> Act {
    Act {
        before,
        after,
        ..Act::by(actor, action, subject)
    }
}

//! From an approved batch to published records: the rules re-checked, the digest compared, then the
//! ordered story of [`publish`](super::publish).

use chrono::{DateTime, NaiveDate, Utc};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::domain::authority::Actor;
use crate::domain::batch as batch_rules;
use crate::domain::blacklist::State;
use crate::domain::grade;
use crate::domain::ruleset::RuleSet;
use crate::record::digest::Digest;
use crate::store::authority::{self, AuthorityRow};
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::log::body::{self, Body};
use crate::store::log::{chunk as journal, head};
use crate::store::{Conn, PooledConn, audit, evidence};

use super::Registry;
use super::audit as trail;
use super::batch::{self as batches, BatchError};
use super::catch_up::Replayed;
use super::clock::date_in_shanghai;
use super::decision::{Decision, RecordRef};
use super::publish::{Item, Progress, PublishError, Publisher, Source, Stops};
use super::witness::{self, Standing};
use super::{blacklist, change, withdrawal};

/// Publishes an approved batch, or finishes one that was interrupted. Where the policy demands witnesses,
/// readers see it once a quorum has cosigned: the answer says whether they do.
///
/// # Errors
/// [`BatchError`]; what was stored stays, and the next run goes on from there.
pub fn publish(
    registry: &Registry,
    actor: &Actor,
    id: &str,
    stops: &dyn Stops,
    progress: Progress<'_>,
) -> Result<Standing, BatchError> {
    let mut publisher = Publisher::open(registry, stops)?;
    blacklist::settle(registry)?;
    withdrawal::settle(registry)?;
    // A batch that cannot be published stays approved: once `publishing` it can only go on.
    let conn = registry.store.conn()?;
    drop(Approved::check(
        registry,
        conn,
        find(registry, id)?,
        publisher.has_begun(id)?,
    )?);
    batches::begin_publishing(registry, actor, id)?;
    finish(registry, &mut publisher, id, progress)?;
    drop(publisher);
    Ok(witness::after_publishing(registry)?)
}

fn find(registry: &Registry, id: &str) -> Result<BatchRow, BatchError> {
    batch::find(&mut *registry.store.conn()?, id)?.ok_or_else(|| BatchError::Unknown(id.to_owned()))
}

/// What was brought to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    /// Batches that an earlier run left half published.
    pub batches: Vec<BatchRow>,
    /// Entries that an earlier run had stored and not signed.
    pub signed: u64,
}

/// Finishes every batch that an earlier run left half published, also one of which only the signature was missing.
///
/// # Errors
/// [`BatchError`].
pub fn finish_interrupted(
    registry: &Registry,
    stops: &dyn Stops,
    progress: Progress<'_>,
) -> Result<Finished, BatchError> {
    // Before the publisher is opened: what it signs at once may be all that a batch lacked.
    let (interrupted, before) = {
        let mut conn = registry.store.conn()?;
        let mut rows = batch::all(&mut conn)?;
        rows.retain(|row| row.state == "publishing");
        (rows, head::read(&mut conn)?.head_size)
    };
    let mut publisher = Publisher::open(registry, stops)?;
    blacklist::settle(registry)?;
    withdrawal::settle(registry)?;
    let after = head::read(&mut *registry.store.conn()?)?.head_size;
    // One batch that cannot go on must not keep the others from being finished.
    let mut first_error = None;
    for BatchRow { id, .. } in &interrupted {
        let open = find(registry, id)?.state == "publishing";
        if open && let Err(error) = finish(registry, &mut publisher, id, progress) {
            tracing::error!(batch = %id, %error, "an interrupted batch cannot be finished");
            first_error.get_or_insert(error);
        }
    }
    drop(publisher);
    witness::after_publishing(registry)?;
    let finished = Finished {
        batches: interrupted,
        signed: u64::try_from(after.saturating_sub(before)).unwrap_or(0),
    };
    first_error.map_or(Ok(finished), Err)
}

fn finish(
    registry: &Registry,
    publisher: &mut Publisher<'_>,
    id: &str,
    progress: Progress<'_>,
) -> Result<(), BatchError> {
    let row = find(registry, id)?;
    let mut conn = registry.store.conn()?;
    prove_approval(&mut conn, &row)?;
    let begun = publisher.has_begun(id)?;
    let mut source = match Approved::check(registry, conn, row.clone(), begun) {
        // Stopped after its release and before anything was stored, and the facts moved on: nothing can
        // finish it, so somebody must be able to turn it down.
        Err(error @ BatchError::Publish(PublishError::NotApproved { .. })) if !begun => {
            batches::hold_back(registry, &row)?;
            return Err(error);
        }
        checked => checked?,
    };
    let published = if source.row.kind == change::KIND {
        change::publish(registry, publisher, &mut source)
    } else if source.row.kind == withdrawal::KIND {
        withdrawal::publish(registry, publisher, &mut source)
    } else {
        publisher.publish(id, &mut source, progress)
    };
    match published {
        // What cannot be signed today cannot be tomorrow: it goes back to where it can be turned down.
        Err(error) if is_final(&error) && !publisher.has_begun(id)? => {
            batches::hold_back(registry, &row)?;
            return Err(error.into());
        }
        published => published?,
    }
    if source.row.kind == withdrawal::KIND {
        withdrawal::settle(registry)?;
    }
    blacklist::mark_published(registry, &source.row)?;
    Ok(())
}

/// Whether a batch fails by what it is, and not by what is around it.
const fn is_final(error: &PublishError) -> bool {
    matches!(
        error,
        PublishError::NotApproved { .. }
            | PublishError::NotLogged { .. }
            | PublishError::Issue(_)
            | PublishError::TooLarge
    )
}

/// Columns of a batch are not believed alone: another person's approval of this very digest must stand
/// in the audit trail, and what an earlier run intended must be the same batch.
fn prove_approval(conn: &mut Conn, row: &BatchRow) -> Result<(), BatchError> {
    batch_rules::finish_publishing(&batches::meta(conn, row)?)?;
    audited(conn, row)?;
    match journal::intended(conn, &row.id)? {
        Some(intent) if intent.digest != row.digest => {
            Err(differs(row, "an earlier run began to publish other decisions").into())
        }
        _ => Ok(()),
    }
}

/// Another person's approval of this very digest stands in the audit trail, and nobody turned it down since.
pub(super) fn audited(conn: &mut Conn, row: &BatchRow) -> Result<(), BatchError> {
    // The day of the decision is the approval's: the trail says it, a changed column does not.
    let approved = audit::about(conn, "batch.approve", &row.id)?.iter().any(|act| {
        act.digest == trail::digest(act)
            && Some(&act.actor) == row.decided_by.as_ref()
            && Some(act.at) == row.decided_at
            && act.after_digest.as_deref() == Some(row.digest.as_slice())
    });
    if !approved {
        return Err(differs(row, "the audit trail holds no approval of it").into());
    }
    if !audit::about(conn, "batch.reject", &row.id)?.is_empty() {
        return Err(differs(row, "the audit trail says that it was turned down").into());
    }
    Ok(())
}

/// The items of an approved batch.
pub(super) struct Approved {
    conn: PooledConn,
    row: BatchRow,
    decided_on: NaiveDate,
    rule_set: &'static RuleSet,
    /// SHA-256 of each item as it was checked: what is signed is what was checked, not a later reading.
    checked: Vec<[u8; 32]>,
    /// SHA-256 over all of them, computed here and equal to the approved one.
    digest: [u8; 32],
}

/// Items read and checked at a time.
const PART: i64 = 4096;

impl Approved {
    /// Compares every item with what was approved. Before anything of the batch is out (`begun` false),
    /// also every grade with the evidence as it is now, and every listing with its case; after that,
    /// new evidence is for a new decision, and this one must be finished.
    fn check(
        registry: &Registry,
        mut conn: PooledConn,
        row: BatchRow,
        begun: bool,
    ) -> Result<Self, BatchError> {
        let now = registry.clock.now();
        let decided_at = row
            .decided_at
            .ok_or_else(|| differs(&row, "nobody approved it"))?;
        let decided_on = date_in_shanghai(decided_at.and_utc());
        let rule_set = batches::rule_set(&row)?;
        let authority = authority::find(&mut conn, &row.authority_id)?;
        let replayed = match begun {
            true => None,
            false => Replayed::since(&mut conn, &row)?,
        };
        let mut hasher = Sha256::new();
        let mut checked = Vec::new();
        let mut from = 0;
        while from < row.size {
            let items = batch::items(&mut conn, &row.id, from, from.saturating_add(PART))?;
            if items.is_empty() {
                return Err(differs(&row, "items are missing").into());
            }
            for item in &items {
                batches::absorb(&mut hasher, item);
                checked.push(fingerprint(item));
            }
            items.par_iter().try_for_each(|item| {
                let decision = check_frame(&row, authority.as_ref(), rule_set, item)?;
                match begun {
                    true => Ok(()),
                    false => check_fit(&row, item.employer_id, decision, (decided_on, rule_set), now),
                }
            })?;
            if let Some(replayed) = &replayed {
                replayed.refuse(&mut conn, &row, &items)?;
            }
            if !begun {
                check_grades(&mut conn, &row, rule_set, &items)?;
                check_listings(&mut conn, &row, decided_on, &items)?;
                change::check(&mut conn, &row, &items)?;
                withdrawal::check(&mut conn, &row, &items)?;
            }
            from = from.saturating_add(PART);
        }
        let digest: [u8; 32] = hasher.finalize().into();
        if digest.as_slice() != row.digest {
            return Err(differs(&row, "its decisions give another digest").into());
        }
        Ok(Self {
            conn,
            row,
            decided_on,
            rule_set,
            checked,
            digest,
        })
    }

    /// The batch.
    pub(super) fn row(&self) -> &BatchRow {
        &self.row
    }

    /// What planning an item needs: the connection, the batch, the day of the decision.
    pub(super) fn parts(&mut self) -> (&mut Conn, &BatchRow, NaiveDate) {
        (&mut self.conn, &self.row, self.decided_on)
    }

    /// Items `from..to` and what they decide, equal to what was checked.
    pub(super) fn decisions(&mut self, from: i64, to: i64) -> Result<Vec<(ItemRow, Decision)>, PublishError> {
        let rows = batch::items(&mut self.conn, &self.row.id, from, to)?;
        if i64::try_from(rows.len()).ok() != Some(to.saturating_sub(from)) {
            return Err(differs(&self.row, "items are missing"));
        }
        let checked = self
            .checked
            .iter()
            .skip(usize::try_from(from).unwrap_or(usize::MAX));
        if !rows
            .iter()
            .zip(checked)
            .all(|(item, wanted)| fingerprint(item) == *wanted)
        {
            return Err(differs(&self.row, "an item changed after it was checked"));
        }
        rows.into_iter()
            .map(|item| {
                let decision = parse(&self.row, &item)?;
                Ok((item, decision))
            })
            .collect()
    }
}

/// A decision belongs to the batch that carries it: its kind, the rules and the authority that were asked
/// who may propose, approve and publish are those that the record will name.
fn check_frame(
    row: &BatchRow,
    authority: Option<&AuthorityRow>,
    rule_set: &RuleSet,
    item: &ItemRow,
) -> Result<Decision, PublishError> {
    let decision = parse(row, item)?;
    let differs = |what: &str| {
        let name = &decision.employer().name;
        Err(differs(
            row,
            &format!("the decision about {name} names another {what} than the batch"),
        ))
    };
    if decision.batch_kind() != row.kind {
        return differs("procedure");
    }
    // Officers were shown totals by this column.
    if decision.outcome() != item.outcome {
        return differs("outcome");
    }
    if *decision.rule_set() != rule_set.reference() {
        return differs("rule set");
    }
    if authority.is_none_or(|authority| authority.division != decision.decided_by().division) {
        return differs("authority");
    }
    Ok(decision)
}

/// What a decision brings about can be signed now.
fn check_fit(
    row: &BatchRow,
    employer: i64,
    decision: Decision,
    (decided_on, rule_set): (NaiveDate, &RuleSet),
    now: DateTime<Utc>,
) -> Result<(), PublishError> {
    let brings = match &decision {
        Decision::Grade(_) | Decision::Listing(_) => true,
        Decision::Change(change) => change.replacement.is_some(),
        Decision::Withdrawal(_) => false,
    };
    if !brings {
        return Ok(());
    }
    let name = decision.employer().name.clone();
    let wrong = |why: String| differs(row, &format!("the record about {name} cannot be signed: {why}"));
    let item = decision
        .into_item(employer, decided_on, rule_set)
        .map_err(|error| wrong(error.to_string()))?;
    item.check(now).map_err(|error| wrong(error.to_string()))
}

fn fingerprint(item: &ItemRow) -> [u8; 32] {
    Sha256::new()
        .chain_update(item.employer_id.to_be_bytes())
        .chain_update(&item.decision)
        .finalize()
        .into()
}

/// Recomputes each grade: evidence that came in since the approval stops the batch.
fn check_grades(
    conn: &mut Conn,
    row: &BatchRow,
    rule_set: &RuleSet,
    items: &[ItemRow],
) -> Result<(), PublishError> {
    let low = items.iter().map(|item| item.employer_id).min().unwrap_or(0);
    let high = items.iter().map(|item| item.employer_id).max().unwrap_or(0);
    let files = evidence::of_employers(conn, low, high)?;
    let none = Vec::new();
    items.par_iter().try_for_each(|item| {
        let Decision::Grade(decided) = parse(row, item)? else {
            return Ok(());
        };
        let file = files.get(&item.employer_id).unwrap_or(&none);
        let computed = grade::assess(rule_set, i32::from(decided.year), file)
            .map_err(|error| differs(row, &error.to_string()))?;
        if computed.grade.as_str() == decided.grade && computed.basis == decided.basis {
            Ok(())
        } else {
            Err(differs(
                row,
                &format!(
                    "{} was proposed as {} and is {} on the evidence of today",
                    decided.employer.name, decided.grade, computed.grade
                ),
            ))
        }
    })
}

/// A listing may be published only while its case stands as decided: an order that was revoked since, or
/// a removal, stops the batch.
fn check_listings(
    conn: &mut Conn,
    row: &BatchRow,
    decided_on: NaiveDate,
    items: &[ItemRow],
) -> Result<(), PublishError> {
    for item in items {
        let decision = parse(row, item)?;
        let rules = batches::rule_set(row).map_err(|error| differs(row, &error.to_string()))?;
        let last_day = decision.last_day(decided_on, rules);
        if let Decision::Listing(listing) = decision {
            let case =
                blacklist::read(conn, &listing.case).map_err(|error| differs(row, &error.to_string()))?;
            if case.state() != State::Listed || case.order_revoked_on().is_some() {
                return Err(differs(
                    row,
                    &format!("case {} no longer stands as decided", listing.case),
                ));
            }
            // What the case says of the term is not what was approved: it must only not contradict it.
            let term = case.listing().map(|term| (term.listed_on, Some(term.last_day)));
            if term != Some((decided_on, last_day)) {
                return Err(differs(
                    row,
                    &format!(
                        "case {} gives the listing another term than the decision does",
                        listing.case
                    ),
                ));
            }
        }
    }
    Ok(())
}

pub(super) fn parse(row: &BatchRow, item: &ItemRow) -> Result<Decision, PublishError> {
    serde_json::from_str(&item.decision)
        .map_err(|error| differs(row, &format!("item {}: {error}", item.position)))
}

/// The very record that a batch was decided about.
pub(super) fn named_record(conn: &mut Conn, row: &BatchRow, named: &RecordRef) -> Result<Body, PublishError> {
    body::at(conn, named.log_index)?
        .filter(|old| Digest::of(&old.bytes).hex() == named.digest && old.audience == named.audience)
        .ok_or_else(|| differs(row, &format!("record {} is not there as it was shown", named.id)))
}

pub(super) fn differs(row: &BatchRow, why: &str) -> PublishError {
    PublishError::NotApproved {
        batch: row.title.clone(),
        why: why.to_owned(),
    }
}

impl Source for Approved {
    fn len(&self) -> u64 {
        u64::try_from(self.checked.len()).unwrap_or(u64::MAX)
    }

    fn digest(&self) -> [u8; 32] {
        self.digest
    }

    fn items(&mut self, from: u64, to: u64) -> Result<Vec<Item>, PublishError> {
        let place = |value: u64| i64::try_from(value).map_err(|_| PublishError::TooLarge);
        self.decisions(place(from)?, place(to)?)?
            .into_iter()
            .map(|(item, decision)| {
                decision
                    .into_item(item.employer_id, self.decided_on, self.rule_set)
                    .map_err(|error| differs(&self.row, &error.to_string()))
            })
            .collect()
    }
}

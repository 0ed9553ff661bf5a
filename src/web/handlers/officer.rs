//! The officers' first page, and what officers' pages share: who acts, where, on which batch.

use crate::domain::authority::{Actor, ActorRefusal};
use crate::domain::batch::{self as rules, BatchMeta, BatchRefusal, BatchState};
use crate::domain::change::ChangeKind;
use crate::domain::ruleset::Approval;
use crate::domain::withdrawal::Cause;
use chrono::Datelike as _;

use crate::registry::batch::{self as batches, BatchError};
use crate::registry::change;
use crate::registry::clock::date_in_shanghai;
use crate::registry::withdrawal;
use crate::store::batch::{self, BatchRow};
use crate::store::{Conn, StoreError, account, authority, waiting};
use crate::web::answer::{Answer, Failure};
use crate::web::context::Context;
use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::batch::MayNot;
use crate::web::pages::officer_home::{BatchRow as Line, OfficerHomePage};
use crate::web::pages::parts::{Badge, Figure, Tone};
use crate::web::words;

use super::gone;

/// Names shown of those who may act next.
const NAMES: usize = 5;

/// The page.
///
/// # Errors
/// [`Failure`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let lang = context.lang;
    let actor = acting(context, &mut conn)?;
    let who = context.person().ok_or(Failure::Forbidden)?;
    let own = authority_name(&mut conn, actor.authority.as_str())?;
    let roles = words::roles(lang, &who.account.roles);
    let mut page = OfficerHomePage::new(lang, &own, &who.account.name, &roles);
    let (mut mine, mut others, mut published) = (0_u64, 0_u64, 0_u64);
    let this_year = date_in_shanghai(context.app.registry.clock.now()).year();
    for row in batch::all(&mut conn)? {
        let meta = batches::meta(&mut conn, &row)?;
        if !actor.division.covers(meta.division) {
            continue;
        }
        let may = rules::approve(&meta, &actor, batches::rule_set(&row)?.approval()).is_ok();
        let line = line(lang, &mut conn, &row, &meta, may)?;
        match meta.state {
            BatchState::Proposed if may => mine = mine.saturating_add(1),
            BatchState::Proposed => others = others.saturating_add(1),
            BatchState::Published => {
                published = published.saturating_add(records(&mut conn, &row, this_year)?);
            }
            BatchState::Approved | BatchState::Publishing | BatchState::Rejected => {}
        }
        match meta.state {
            BatchState::Proposed | BatchState::Approved | BatchState::Publishing => page.pending.push(line),
            BatchState::Published | BatchState::Rejected => page.decided.push(line),
        }
    }
    let office = &lang.text().office;
    let figure = |label: &str, value: u64, note: &str| Figure {
        label: label.to_owned(),
        value: grouped(value),
        note: note.to_owned(),
    };
    page.figures = vec![
        figure(office.figure_mine, mine, office.figure_batches),
        figure(office.figure_waiting, others, office.figure_batches),
        figure(office.figure_published, published, office.figure_published_note),
        withdrawals(context, &mut conn)?,
    ];
    context.page(&mut conn, &page)
}

/// How many records are to be taken down, and how many of them late. Shown to every officer: the clock is
/// the registry's.
fn withdrawals(context: &Context, conn: &mut Conn) -> Result<Figure, BatchError> {
    let office = &context.lang.text().office;
    let open = withdrawal::open(conn, context.app.registry.clock.today())?;
    let overdue = open.iter().filter(|one| one.overdue).count();
    Ok(Figure {
        label: office.figure_withdrawals.to_owned(),
        value: grouped(u64::try_from(open.len()).unwrap_or(u64::MAX)),
        note: fill(
            office.figure_withdrawals_note,
            &[("overdue", &overdue.to_string())],
        ),
    })
}

/// How many records a published batch brought out in a year (Asia/Shanghai). A suspension or its end
/// brings out none, nor does a withdrawal, and one that waits for the day's end is not out.
fn records(conn: &mut Conn, row: &BatchRow, year: i32) -> Result<u64, StoreError> {
    let at = row.published_at.map(|at| date_in_shanghai(at.and_utc()).year());
    if at != Some(year) || row.kind == withdrawal::KIND {
        return Ok(0);
    }
    let mut records = 0_i64;
    for (outcome, count) in batch::outcomes(conn, &row.id)? {
        if ChangeKind::parse(&outcome).is_none_or(ChangeKind::supersedes) {
            records = records.saturating_add(count);
        }
    }
    if row.kind == change::KIND && waiting::waits(conn, &row.id, 0)? {
        records = records.saturating_sub(1);
    }
    Ok(u64::try_from(records).unwrap_or(0))
}

fn line(lang: Lang, conn: &mut Conn, row: &BatchRow, meta: &BatchMeta, may: bool) -> Result<Line, Failure> {
    let office = &lang.text().office;
    let outcomes = batch::outcomes(conn, &row.id)?;
    let totals = outcomes
        .iter()
        .map(|(outcome, count)| {
            let count = u64::try_from(*count).unwrap_or(0);
            let mut letters = outcome.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None) => Badge::grade_count(lang, letter, count),
                _ if row.kind == withdrawal::KIND => {
                    let name = Cause::parse(outcome).map_or("", |cause| words::cause(lang, cause));
                    Badge::new(Tone::Warn, format!("{name} {}", grouped(count)))
                }
                _ => match ChangeKind::parse(outcome) {
                    Some(kind) => {
                        let name = words::change(lang, kind);
                        Badge::new(Tone::Warn, format!("{name} {}", grouped(count)))
                    }
                    // The remaining kind of batch lists employers; it has one outcome.
                    None => Badge::new(
                        Tone::C,
                        format!("{} {}", lang.text().batch.listed, grouped(count)),
                    ),
                },
            }
        })
        .collect();
    Ok(Line {
        url: url(&row.id),
        title: gone::title(lang, conn, row)?,
        authority: authority_name(conn, &row.authority_id)?,
        proposed_by: person_name(conn, &row.proposed_by)?,
        proposed_on: words::minute(row.proposed_at),
        items: grouped(u64::try_from(row.size).unwrap_or(0)),
        totals,
        state: state(lang, meta.state),
        next: match meta.state {
            BatchState::Proposed if may => office.next_you,
            BatchState::Proposed => office.next_other,
            BatchState::Approved | BatchState::Publishing => office.next_publish,
            BatchState::Published | BatchState::Rejected => office.next_done,
        }
        .to_owned(),
    })
}

/// The address of a batch.
#[must_use]
pub fn url(id: &str) -> String {
    format!("/officer/batches/{id}")
}

/// A state as a badge.
#[must_use]
pub fn state(lang: Lang, state: BatchState) -> Badge {
    let words = &lang.text().batch;
    match state {
        BatchState::Proposed => Badge::new(Tone::Warn, words.state_proposed),
        BatchState::Approved => Badge::new(Tone::Info, words.state_approved),
        BatchState::Rejected => Badge::new(Tone::Bad, words.state_rejected),
        BatchState::Publishing => Badge::new(Tone::Info, words.state_publishing),
        BatchState::Published => Badge::new(Tone::Good, words.state_published),
    }
}

/// The officer behind a request, as the rules see it.
///
/// # Errors
/// [`Failure::Forbidden`] for anybody else.
pub fn acting(context: &Context, conn: &mut Conn) -> Result<Actor, Failure> {
    let who = context.person().ok_or(Failure::Forbidden)?;
    match batches::actor(conn, &who.account) {
        Ok(actor) => Ok(actor),
        Err(BatchError::NotAnOfficer(_)) => Err(Failure::Forbidden),
        Err(error) => Err(error.into()),
    }
}

/// A batch of the officer's jurisdiction, with what the rules know of it.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Forbidden`] for one of elsewhere.
pub fn batch_of(conn: &mut Conn, actor: &Actor, id: &str) -> Result<(BatchRow, BatchMeta), Failure> {
    let row = batch::find(conn, id)?.ok_or(Failure::NotFound)?;
    let meta = batches::meta(conn, &row)?;
    if actor.division.covers(meta.division) {
        Ok((row, meta))
    } else {
        Err(Failure::Forbidden)
    }
}

/// Why an officer may not decide a batch; nothing where it may, or where nothing is to be decided.
///
/// # Errors
/// [`StoreError`].
pub fn may_not(
    conn: &mut Conn,
    refusal: &BatchRefusal,
    row: &BatchRow,
) -> Result<Option<MayNot>, StoreError> {
    Ok(match refusal {
        BatchRefusal::SamePerson(_) => Some(MayNot::Proposer),
        BatchRefusal::Actor(ActorRefusal::Role { .. }) => Some(MayNot::Role),
        BatchRefusal::Actor(ActorRefusal::Jurisdiction { .. }) => {
            Some(MayNot::Jurisdiction(authority_name(conn, &row.authority_id)?))
        }
        BatchRefusal::Level { .. } => Some(MayNot::Level),
        BatchRefusal::State { .. } | BatchRefusal::NoReason | BatchRefusal::NotApprovedByAnother => None,
    })
}

/// The names of those who may take a step on a batch.
///
/// # Errors
/// [`StoreError`].
pub fn who_may(
    conn: &mut Conn,
    meta: &BatchMeta,
    approval: &Approval,
    step: fn(&BatchMeta, &Actor, &Approval) -> Result<BatchMeta, BatchRefusal>,
) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for row in account::list(conn)? {
        if row.kind != "officer" || row.suspended_at.is_some() {
            continue;
        }
        // An account whose roles cannot be read may do nothing.
        if let Ok(actor) = batches::actor(conn, &row)
            && step(meta, &actor, approval).is_ok()
        {
            names.push(row.name);
        }
        if names.len() == NAMES {
            break;
        }
    }
    Ok(names)
}

/// An authority's name.
///
/// # Errors
/// [`StoreError`].
pub fn authority_name(conn: &mut Conn, id: &str) -> Result<String, StoreError> {
    Ok(authority::find(conn, id)?.map_or_else(|| id.to_owned(), |row| row.name))
}

/// A person's name by account.
///
/// # Errors
/// [`StoreError`].
pub fn person_name(conn: &mut Conn, id: &str) -> Result<String, StoreError> {
    Ok(account::find(conn, id)?.map_or_else(|| id.to_owned(), |row| row.name))
}

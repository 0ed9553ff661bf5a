//! A batch under review: its totals, who may decide, its items.

use actix_web::http::StatusCode;

use crate::domain::authority::Actor;
use crate::domain::batch::{self as rules, BatchMeta, BatchState};
use crate::domain::change::ChangeKind;
use crate::domain::ruleset::RuleSet;
use crate::domain::withdrawal::Cause;
use crate::registry::batch as batches;
use crate::registry::decision::ChangeDecision;
use crate::store::batch::{self, BatchRow};
use crate::store::{Conn, StoreError, unsigned};
use crate::web::answer::{Answer, Failure};
use crate::web::context::Context;
use crate::web::i18n::Lang;
use crate::web::pages::batch::{
    BatchPage, Decision, MayNot, Progress, Publication, Says, Step, Totals, next_actor,
};
use crate::web::pages::parts::{Choice, Fact, Notice, Tone};
use crate::web::words;

use super::home::divisions;
use super::{batch_case, batch_change, batch_items, gone, officer};

/// The page.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Forbidden`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let words = &context.lang.text().batch;
    let notice = match context.asked.parameter("done") {
        "approved" => Some(Notice::new(
            Tone::Good,
            words.approved_notice,
            words.approved_notice_text,
        )),
        "proposed" => Some(Notice::new(
            Tone::Info,
            context.lang.text().change.proposed_notice,
            context.lang.text().change.proposed_notice_text,
        )),
        "rejected" => Some(Notice::new(Tone::Info, words.rejected_notice, "")),
        "published" => Some(batch_change::published(
            context.lang,
            &mut conn,
            context.asked.place("id"),
        )?),
        _ => None,
    };
    let page = page(context, &mut conn, notice)?;
    context.page(&mut conn, &page)
}

/// The page again, after a form on it that was not carried out.
///
/// # Errors
/// [`Failure`].
pub fn again(
    context: &Context,
    status: StatusCode,
    notice: Option<Notice>,
    mend: impl FnOnce(&mut BatchPage),
) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let mut page = page(context, &mut conn, notice)?;
    mend(&mut page);
    let html = context.html_at(&mut conn, &officer::url(context.asked.place("id")), &page)?;
    Ok(Answer::with_status(status, html))
}

fn page(context: &Context, conn: &mut Conn, notice: Option<Notice>) -> Result<BatchPage, Failure> {
    let lang = context.lang;
    let actor = officer::acting(context, conn)?;
    let (row, meta) = officer::batch_of(conn, &actor, context.asked.place("id"))?;
    let rule_set = batches::rule_set(&row)?;
    let change = batch_change::of(conn, &row)?;
    let notice = match awaiting(lang, conn, &row, &meta)? {
        Some(notice) => Some(notice),
        None => batch_change::waits(lang, conn, &row)?.or(notice),
    };
    let csrf = context.person().map_or("", |who| who.csrf.as_str());
    let size = unsigned("a batch's size", row.size)?;
    let totals = counts(lang, conn, &row)?;
    let gone = gone::whole(conn, &row)?;
    let (items, pager) = batch_items::items(context, conn, &row, rule_set)?;
    let may = rules::approve(&meta, &actor, rule_set.approval());
    let why_not = match &may {
        // Said first to the proposer, who could not decide with any role.
        Err(_) if meta.state == BatchState::Proposed && meta.proposed_by == actor.person => {
            Some(MayNot::Proposer)
        }
        Err(refusal) if meta.state == BatchState::Proposed => officer::may_not(conn, refusal, &row)?,
        _ => None,
    };
    let forms = || Decision::new(lang, &officer::url(&row.id), csrf, &words::hex(&row.digest), size);
    let decision = match rules::may_reject(&meta, &actor, rule_set.approval()) {
        Ok(()) if may.is_ok() => Some(forms()),
        Ok(()) => Some(forms().only_return(lang)),
        Err(_) => None,
    };
    let division = context.asked.parameter("division");
    let case = batch_case::of(context, conn, &row)?;
    let mut page = BatchPage {
        single: row.size == 1,
        case,
        title: gone::title(lang, conn, &row)?,
        state: officer::state(lang, meta.state),
        steps: steps(lang, conn, &row, &meta, change.as_ref())?,
        notice,
        totals,
        facts: facts(lang, conn, &row, &meta, gone)?,
        next_actor: next(lang, conn, &row, &meta, rule_set)?,
        why_not: why_not.map(|reason| reason.notice(lang)),
        decision,
        publication: publication(lang, &row, &meta, &actor, rule_set, csrf),
        query: context.asked.parameter("query").to_owned(),
        grades: grades(lang, &row, context.asked.parameter("grade")),
        divisions: divisions(lang, conn, division)?,
        items,
        pager,
    };
    if let Some(change) = &change {
        batch_change::tell(lang, &mut page, change, gone);
    }
    if row.kind == crate::registry::withdrawal::KIND {
        batch_change::tell_withdrawal(lang, &mut page);
    }
    Ok(page)
}

/// Says that a published batch awaits witnesses: readers do not see it yet, and nobody needs to do anything.
fn awaiting(
    lang: Lang,
    conn: &mut Conn,
    row: &BatchRow,
    meta: &BatchMeta,
) -> Result<Option<Notice>, StoreError> {
    if meta.state != BatchState::Published || !batches::awaits_witnesses(conn, &row.id)? {
        return Ok(None);
    }
    let words = &lang.text().batch;
    Ok(Some(Notice::new(
        Tone::Warn,
        words.awaiting_notice,
        words.awaiting_notice_text,
    )))
}

fn publication(
    lang: Lang,
    row: &BatchRow,
    meta: &BatchMeta,
    actor: &Actor,
    rule_set: &RuleSet,
    csrf: &str,
) -> Option<Publication> {
    let may = rules::begin_publishing(meta, actor, rule_set.approval()).is_ok();
    may.then(|| Publication {
        url: format!("{}/publish", officer::url(&row.id)),
        csrf: csrf.to_owned(),
        follows: Says::of_records(lang).publish,
    })
}

fn counts(lang: Lang, conn: &mut Conn, row: &BatchRow) -> Result<Totals, StoreError> {
    let outcomes = batch::outcomes(conn, &row.id)?;
    let count = |wanted: &str| {
        let found = outcomes.iter().find(|(outcome, _)| outcome == wanted);
        found.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or(0))
    };
    if row.kind == crate::registry::change::KIND {
        let kind = |(kind, _): &(String, i64)| ChangeKind::parse(kind);
        let name = outcomes
            .first()
            .and_then(kind)
            .map_or("", |kind| words::change(lang, kind));
        return Ok(Totals::alike(lang, name, unsigned("a batch's size", row.size)?));
    }
    if row.kind == crate::registry::withdrawal::KIND {
        let cause = |(cause, _): &(String, i64)| Cause::parse(cause);
        let name = outcomes
            .first()
            .and_then(cause)
            .map_or("", |cause| words::cause(lang, cause));
        return Ok(Totals::alike(lang, name, unsigned("a batch's size", row.size)?));
    }
    Ok(match count("listed") {
        0 => Totals::of_grades(lang, [('A', count("A")), ('B', count("B")), ('C', count("C"))]),
        listed => Totals::alike(lang, lang.text().batch.listed, listed),
    })
}

fn steps(
    lang: Lang,
    conn: &mut Conn,
    row: &BatchRow,
    meta: &BatchMeta,
    change: Option<&ChangeDecision>,
) -> Result<Vec<Step>, StoreError> {
    let words = &lang.text().batch;
    let mut by = |id: Option<&String>, at: Option<chrono::NaiveDateTime>| -> Result<String, StoreError> {
        let name = id.map(|id| officer::person_name(conn, id)).transpose()?;
        let at = at.map(words::minute);
        Ok([name, at].into_iter().flatten().collect::<Vec<_>>().join(" · "))
    };
    let proposed = by(Some(&row.proposed_by), Some(row.proposed_at))?;
    let decided = by(row.decided_by.as_ref(), row.decided_at)?;
    let published = by(row.published_by.as_ref(), row.published_at)?;
    let (approval, publication) = match meta.state {
        BatchState::Proposed => (
            Step::new(Progress::Current, words.step_approved, words.waiting),
            Step::new(Progress::Ahead, words.step_published, ""),
        ),
        BatchState::Rejected => (
            Step::new(Progress::Stopped, words.step_rejected, &decided),
            Step::new(Progress::Ahead, words.step_published, ""),
        ),
        BatchState::Approved | BatchState::Publishing => (
            Step::new(Progress::Done, words.step_approved, &decided),
            Step::new(Progress::Current, words.step_published, words.waiting),
        ),
        BatchState::Published => (
            Step::new(Progress::Done, words.step_approved, &decided),
            Step::new(Progress::Done, words.step_published, &published),
        ),
    };
    // A person proposes a change or a withdrawal; where it takes a new grade, that is computed by rule then.
    let computed = match change.map(|change| change.change.supersedes()) {
        None => (row.kind != crate::registry::withdrawal::KIND).then_some(words.step_computed),
        Some(true) => Some(lang.text().change.computed_again),
        Some(false) => None,
    };
    let computed = computed.map(|label| Step::new(Progress::Done, label, &rules_of(meta)));
    let proposed = Step::new(Progress::Done, words.step_proposed, &proposed);
    Ok(computed
        .into_iter()
        .chain([proposed, approval, publication])
        .collect())
}

fn rules_of(meta: &BatchMeta) -> String {
    format!("{} · {}", meta.rule_set.id, meta.rule_set.version)
}

/// What a batch is; without the words that were written about a record that is `gone`.
fn facts(
    lang: Lang,
    conn: &mut Conn,
    row: &BatchRow,
    meta: &BatchMeta,
    gone: bool,
) -> Result<Vec<Fact>, StoreError> {
    let words = &lang.text().batch;
    let mut facts = vec![
        Fact::new(words.authority, officer::authority_name(conn, &row.authority_id)?),
        Fact::new(words.proposer, officer::person_name(conn, &row.proposed_by)?),
        Fact::new(words.proposed_on, words::minute(row.proposed_at)),
        Fact::new(words.rule_set, rules_of(meta)),
        Fact::new(words.digest, short(&row.digest)),
    ];
    if let Some(reason) = row
        .decision_reason
        .as_deref()
        .filter(|reason| !gone && !reason.is_empty())
    {
        let name = match meta.state {
            BatchState::Rejected => words.reason,
            _ => words.opinion,
        };
        facts.push(Fact::new(name, reason));
    }
    Ok(facts)
}

/// A digest that people compare: its first and last digits in groups of four.
fn short(digest: &[u8]) -> String {
    let group = |pair: &[u8]| words::hex(pair);
    let groups: Vec<String> = digest.chunks(2).map(group).collect();
    let first = groups.iter().take(4).cloned().collect::<Vec<_>>().join(" ");
    format!("{first} … {}", groups.last().cloned().unwrap_or_default())
}

fn next(
    lang: Lang,
    conn: &mut Conn,
    row: &BatchRow,
    meta: &BatchMeta,
    rule_set: &RuleSet,
) -> Result<String, StoreError> {
    let office = &lang.text().office;
    let approval = rule_set.approval();
    match meta.state {
        BatchState::Proposed => {
            let names = officer::who_may(conn, meta, approval, rules::approve)?;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Ok(next_actor(
                lang,
                &officer::authority_name(conn, &row.authority_id)?,
                &names,
            ))
        }
        BatchState::Approved | BatchState::Publishing => {
            let names = officer::who_may(conn, meta, approval, rules::begin_publishing)?;
            let separator = if lang == Lang::Chinese { "：" } else { ": " };
            Ok(format!(
                "{}{separator}{}",
                office.next_publish,
                names.join(lang.list_separator())
            ))
        }
        BatchState::Published | BatchState::Rejected => Ok(office.next_done.to_owned()),
    }
}

fn grades(lang: Lang, row: &BatchRow, present: &str) -> Vec<Choice> {
    let mut grades = vec![Choice::new("", lang.text().words.all_grades, present)];
    if row.kind == crate::registry::assessment::KIND {
        grades.extend(["A", "B", "C"].map(|letter| Choice::new(letter, letter, present)));
    }
    grades
}

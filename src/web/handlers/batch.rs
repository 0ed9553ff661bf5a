//! A batch under review: its totals, who may decide, its items.

use actix_web::http::StatusCode;

use crate::domain::authority::Actor;
use crate::domain::batch::{self as rules, BatchMeta, BatchState};
use crate::domain::change::ChangeKind;
use crate::domain::ruleset::RuleSet;
use crate::domain::withdrawal::Cause;
use crate::registry::batch as batches;
use crate::registry::decision::{ChangeDecision, Decision as Decided};
use crate::store::batch::{self, BatchRow, ReviewFilter, ReviewLine};
use crate::store::{Conn, StoreError, unsigned};
use crate::web::answer::{Answer, Failure};
use crate::web::context::Context;
use crate::web::i18n::{Lang, fill};
use crate::web::pages::batch::{
    BatchPage, Decision, ItemRow, MayNot, Progress, Publication, Says, Step, Totals, next_actor,
};
use crate::web::pages::parts::{Badge, Choice, Fact, Notice, Pager, Tone};
use crate::web::words;

use super::home::{below, divisions};
use super::{batch_change, gone, officer};

/// Items on a page.
const PAGE: u64 = 50;

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
    let (items, pager) = items(context, conn, &row, rule_set)?;
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
    let mut page = BatchPage {
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

fn items(
    context: &Context,
    conn: &mut Conn,
    row: &BatchRow,
    rule_set: &RuleSet,
) -> Result<(Vec<ItemRow>, Pager), Failure> {
    let asked = &context.asked;
    let number: u64 = asked.parameter("page").parse().unwrap_or(1).clamp(1, 1_000_000);
    let before = (number - 1).saturating_mul(PAGE);
    let filter = ReviewFilter {
        outcome: asked.parameter("grade"),
        query: asked.parameter("query"),
        division: below(asked.parameter("division")),
    };
    let offset = i64::try_from(before).unwrap_or(0);
    let (lines, total) = batch::review(conn, &row.id, filter, offset, i64::try_from(PAGE).unwrap_or(50))?;
    let total = u64::try_from(total).unwrap_or(0);
    let shown = u64::try_from(lines.len()).unwrap_or(0);
    let mut pager = Pager::new(
        context.lang,
        before.saturating_add(shown.min(1)),
        before.saturating_add(shown),
        total,
    );
    let address = |page: u64| {
        let mut address = format!("{}?page={page}", officer::url(&row.id));
        for name in ["query", "grade", "division"] {
            if !asked.parameter(name).is_empty() {
                address.push_str(&format!("&{name}={}", words::escaped(asked.parameter(name))));
            }
        }
        address + "#items"
    };
    pager.previous = (number > 1).then(|| address(number - 1));
    pager.next = (before.saturating_add(shown) < total).then(|| address(number + 1));
    let found = lines
        .iter()
        .map(|line| {
            let decided: Decided = serde_json::from_str(&line.decision)?;
            match gone::of_item(conn, row, line.employer_id, &decided)? {
                // That a name, a place or a grade finds it would tell what is kept back.
                Some(_) if filter != ReviewFilter::default() => Ok(None),
                Some(_) => Ok(Some(withdrawn_item(context.lang, row, line, &decided))),
                None => Ok(Some(item(context.lang, row, line, &decided, rule_set))),
            }
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let rows: Vec<ItemRow> = found.into_iter().flatten().collect();
    Ok((rows, pager))
}

fn item(lang: Lang, row: &BatchRow, line: &ReviewLine, decided: &Decided, rule_set: &RuleSet) -> ItemRow {
    let (basis, grade) = match decided {
        Decided::Grade(grade) => {
            let letter = grade.grade.chars().next().unwrap_or('-');
            (&grade.basis, Badge::grade(lang, letter))
        }
        Decided::Listing(listing) => (&listing.basis, Badge::new(Tone::C, lang.text().batch.listed)),
        Decided::Change(change) => {
            let what = words::change_of(lang, change);
            return record_item(lang, row, line, decided, what, &change.reason);
        }
        Decided::Withdrawal(withdrawal) => {
            let what = words::cause(lang, withdrawal.cause).to_owned();
            return record_item(lang, row, line, decided, what, &withdrawal.reason);
        }
    };
    // What will be signed, not what the register says by now: the digest that is approved is over this.
    let whom = decided.employer();
    let code = whom.code.as_ref().or(whom.registration.as_ref());
    ItemRow {
        url: format!("{}/items/{}", officer::url(&row.id), line.position),
        name: whom.name.clone(),
        code: code.cloned().unwrap_or_default(),
        division: words::division(&whom.division),
        grade,
        because: basis
            .iter()
            .map(|id| because(lang, rule_set, id))
            .collect::<Vec<_>>()
            .join(lang.list_separator()),
        open_label: fill(lang.text().batch.open_of, &[("name", &whom.name)]),
    }
}

/// A line about a record that was withdrawn since: its place and nothing else. Only the withdrawal itself has a
/// page still, with its days.
fn withdrawn_item(lang: Lang, row: &BatchRow, line: &ReviewLine, decided: &Decided) -> ItemRow {
    let gone = lang.text().batch.withdrawn;
    let url = officer::url(&row.id);
    ItemRow {
        url: match decided {
            Decided::Withdrawal(_) => format!("{url}/items/{}", line.position),
            _ => url,
        },
        name: line.position.saturating_add(1).to_string(),
        code: String::new(),
        division: String::new(),
        grade: Badge::new(Tone::None, gone),
        because: String::new(),
        open_label: gone.to_owned(),
    }
}

/// A decision about a published record: what becomes of it, and why.
fn record_item(
    lang: Lang,
    row: &BatchRow,
    line: &ReviewLine,
    decided: &Decided,
    what: String,
    why: &str,
) -> ItemRow {
    let whom = decided.employer();
    let code = whom.code.clone().or_else(|| whom.registration.clone());
    ItemRow {
        url: format!("{}/items/{}", officer::url(&row.id), line.position),
        name: whom.name.clone(),
        code: code.unwrap_or_default(),
        division: words::division(&whom.division),
        grade: Badge::new(Tone::Warn, what),
        because: why.to_owned(),
        open_label: fill(lang.text().batch.open_of, &[("name", &whom.name)]),
    }
}

/// A rule by id and words.
fn because(lang: Lang, rule_set: &RuleSet, id: &str) -> String {
    let rule = rule_set.integrity().and_then(|rules| {
        rules
            .rules
            .iter()
            .find(|rule| rule.id == id)
            .map(|rule| &rule.text)
    });
    let limb = rule_set.blacklist().and_then(|rules| {
        rules
            .limbs
            .iter()
            .find(|limb| limb.id == id)
            .map(|limb| &limb.text)
    });
    match (rule, limb) {
        (Some(text), _) => format!("{id} {}", words::text(lang, text)),
        (None, Some(text)) => words::text(lang, text).to_owned(),
        (None, None) => id.to_owned(),
    }
}

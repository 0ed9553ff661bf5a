//! One item of a batch: the decision proposed and why.

use crate::domain::blacklist::Trigger;
use crate::domain::grade::Assessment;
use crate::registry::batch as batches;
use crate::registry::decision::{ChangeDecision, Decision, GradeDecision, ListingDecision, Named};
use crate::store::batch::{self, BatchRow, ItemRow};
use crate::store::employer::{self, EmployerRow};
use crate::store::{Conn, evidence};
use crate::web::answer::{Answer, Failure};
use crate::web::context::Context;
use crate::web::i18n::{Lang, fill};
use crate::web::pages::batch_item::{BatchItemPage, EvidenceRow, conclusion, listing_conclusion};
use crate::web::pages::parts::{Badge, Fact, GradeMark, Notice, Tone};
use crate::web::words;

use super::{evidence as shown, gone, item_withdrawal, officer, trace};

/// The page.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Forbidden`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let actor = officer::acting(context, &mut conn)?;
    let (row, _) = officer::batch_of(&mut conn, &actor, context.asked.place("id"))?;
    let position: i64 = context
        .asked
        .place("position")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    let found = batch::items(&mut conn, &row.id, position, position.saturating_add(1))?;
    let item = found.into_iter().next().ok_or(Failure::NotFound)?;
    let decided: Decision = serde_json::from_str(&item.decision)?;
    if let Some(erased) = gone::of_item(&mut conn, &row, item.employer_id, &decided)? {
        let Decision::Withdrawal(decided) = decided else {
            return Err(Failure::NotFound);
        };
        let title = gone::title(context.lang, &mut conn, &row)?;
        let page = item_withdrawal::erased(context.lang, &row, &title, &decided, &erased);
        return context.page(&mut conn, &page);
    }
    let whom = employer::find(&mut conn, item.employer_id)?.ok_or(Failure::NotFound)?;
    let page = of(context.lang, &mut conn, &row, &item, &whom, decided)?;
    context.page(&mut conn, &page)
}

/// The page of an item whose record is not withdrawn.
///
/// # Errors
/// [`Failure`].
pub(super) fn of(
    lang: Lang,
    conn: &mut Conn,
    row: &BatchRow,
    item: &ItemRow,
    whom: &EmployerRow,
    decided: Decision,
) -> Result<BatchItemPage, Failure> {
    let page = frame(lang, row, item, whom, decided.employer());
    match decided {
        Decision::Grade(decided) => graded(lang, conn, page, item, &decided),
        Decision::Listing(decided) => listed(lang, page, row, item, &decided),
        Decision::Change(decided) => changed(lang, conn, page, item, *decided),
        Decision::Withdrawal(decided) => item_withdrawal::proposed(lang, page, row, &decided),
    }
}

/// What items of both kinds share.
fn frame(lang: Lang, row: &BatchRow, item: &ItemRow, whom: &EmployerRow, named: &Named) -> BatchItemPage {
    let words = &lang.text().words;
    let url = officer::url(&row.id);
    let at = |position: i64| format!("{url}/items/{position}");
    BatchItemPage {
        batch_title: row.title.clone(),
        // What will be signed, not what the register says by now: the digest that is approved is over this.
        name: named.name.clone(),
        code: named
            .code
            .clone()
            .or_else(|| named.registration.clone())
            .unwrap_or_default(),
        grade: None,
        badges: Vec::new(),
        conclusion: conclusion(lang, '-', &[]),
        trace_note: lang.text().item.trace_note,
        trace: Vec::new(),
        no_evidence: lang.text().item.no_evidence,
        evidence: Vec::new(),
        facts: vec![
            Fact::new(words.kind, words::kind(lang, &whom.kind)),
            Fact::new(words.division, words::full_division(&named.division)),
            Fact::new(
                words.industry,
                format!("{} {}", whom.industry, words::industry(lang, &whom.industry)),
            ),
        ],
        previous: (item.position > 0).then(|| at(item.position.saturating_sub(1))),
        next: (item.position.saturating_add(1) < row.size).then(|| at(item.position.saturating_add(1))),
        batch_url: url,
    }
}

fn graded(
    lang: Lang,
    conn: &mut Conn,
    page: BatchItemPage,
    item: &ItemRow,
    decided: &GradeDecision,
) -> Result<BatchItemPage, Failure> {
    let computed: Assessment = serde_json::from_str(&item.trace)?;
    let letter = decided.grade.chars().next().unwrap_or('-');
    let basis: Vec<&str> = decided.basis.iter().map(String::as_str).collect();
    let cited = |id: &str| {
        computed
            .trace
            .iter()
            .any(|rule| rule.evidence.iter().any(|other| other.as_str() == id))
    };
    let dating = crate::domain::evidence::Dating::Decision;
    let file = evidence::of_employer(conn, item.employer_id)?;
    let rows = file
        .iter()
        .filter(|piece| piece.year(dating) == i32::from(decided.year) || cited(piece.id.as_str()))
        .map(|piece| shown::row(lang, piece))
        .collect();
    let mut facts = page.facts;
    facts.push(Fact::new(
        lang.text().employer.document,
        decided.document_number.clone(),
    ));
    Ok(BatchItemPage {
        grade: Some(GradeMark::new(lang, letter)),
        badges: vec![Badge::grade_of_year(lang, i32::from(decided.year), letter)],
        conclusion: conclusion(lang, letter, &basis),
        trace: trace::of_grade(lang, &computed),
        evidence: rows,
        facts,
        ..page
    })
}

/// What becomes of a published record, why, and by which document.
pub(super) fn told(lang: Lang, what: &str, reason: &str, document: &str) -> Notice {
    let values = [("reason", reason), ("document", document)];
    Notice::new(
        Tone::Warn,
        what,
        fill(lang.text().change.conclusion_text, &values),
    )
}

fn changed(
    lang: Lang,
    conn: &mut Conn,
    page: BatchItemPage,
    item: &ItemRow,
    decided: ChangeDecision,
) -> Result<BatchItemPage, Failure> {
    let texts = &lang.text().change;
    let what = words::change_of(lang, &decided);
    let conclusion = told(lang, &what, &decided.reason, &decided.document_number);
    let url = format!("/records/{}", decided.record.id);
    let mut page = match &decided.replacement {
        Some(new) => graded(lang, conn, page, item, new)?,
        None => page,
    };
    page.facts.push(Fact::new(texts.record, url));
    if decided.replacement.is_none() {
        let letter = decided.record.outcome.chars().next().unwrap_or('-');
        page.grade = decided.record.year.map(|_| GradeMark::new(lang, letter));
        (page.trace_note, page.no_evidence) = (texts.trace_note, texts.no_evidence);
        page.facts
            .push(Fact::new(texts.document, decided.document_number));
    }
    Ok(BatchItemPage { conclusion, ..page })
}

fn listed(
    lang: Lang,
    page: BatchItemPage,
    row: &BatchRow,
    item: &ItemRow,
    decided: &ListingDecision,
) -> Result<BatchItemPage, Failure> {
    let text = lang.text();
    let trigger: Trigger = serde_json::from_str(&item.trace)?;
    let rule_set = batches::rule_set(row)?;
    let limbs: Vec<String> = decided
        .basis
        .iter()
        .map(|id| words::limb(lang, rule_set, id))
        .collect();
    let limbs: Vec<&str> = limbs.iter().map(String::as_str).collect();
    let amount = match lang {
        Lang::Chinese => format!("{} 人 · {} 元", decided.workers, decided.amount),
        Lang::English => format!("{} workers · {} yuan", decided.workers, decided.amount),
    };
    let order = EvidenceRow {
        id: decided.case.clone(),
        kind: text.item.pay_order.to_owned(),
        matter: amount.clone(),
        occurred_on: decided.pay_deadline.to_string(),
        document: decided.pay_order.clone(),
    };
    let mut facts = page.facts;
    facts.push(Fact::new(text.employer.amount, amount));
    let pay_by = decided.pay_deadline.to_string();
    let pay_order = [("number", decided.pay_order.as_str()), ("date", &pay_by)];
    facts.push(Fact::new(
        text.removal.pay_order,
        fill(text.removal.pay_order_text, &pay_order),
    ));
    if !decided.responsible_persons.is_empty() {
        let persons = decided.responsible_persons.join(lang.list_separator());
        facts.push(Fact::new(text.removal.responsible, persons));
    }
    facts.push(Fact::new(text.employer.document, decided.document_number.clone()));
    Ok(BatchItemPage {
        grade: None,
        badges: vec![Badge::new(Tone::C, text.employer.blacklist)],
        conclusion: listing_conclusion(lang, &limbs),
        trace_note: text.item.listing_trace_note,
        trace: trace::of_trigger(lang, rule_set, &trigger),
        evidence: vec![order],
        facts,
        ..page
    })
}

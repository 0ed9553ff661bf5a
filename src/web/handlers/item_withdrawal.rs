//! The item of a withdrawal: why display ended, on which day, by when the record had to be gone, and of which
//! case. Before it is out it names the record's employer; afterwards it has days and numbers alone.

use crate::domain::calendar::Calendar;
use crate::domain::withdrawal::due;
use crate::registry::batch as batches;
use crate::registry::clock::date_in_shanghai;
use crate::registry::decision::WithdrawalDecision;
use crate::store::batch::BatchRow;
use crate::store::log::erasure::ErasureRow;
use crate::web::answer::Failure;
use crate::web::i18n::{Lang, fill};
use crate::web::pages::batch_item::BatchItemPage;
use crate::web::pages::parts::{Badge, Fact, GradeMark, Notice, Tone};
use crate::web::words;

use super::item::told;
use super::officer;

/// While the record is shown.
///
/// # Errors
/// [`Failure`] where the batch names no rule set that is known.
pub(super) fn proposed(
    lang: Lang,
    page: BatchItemPage,
    row: &BatchRow,
    decided: &WithdrawalDecision,
) -> Result<BatchItemPage, Failure> {
    let texts = &lang.text().change;
    let last_day = due(batches::rule_set(row)?, Calendar::standard(), decided.ended_on).date;
    let letter = decided.record.outcome.chars().next().unwrap_or('-');
    let mut facts = page.facts;
    facts.push(Fact::new(texts.ended_on, decided.ended_on.to_string()));
    facts.push(Fact::new(texts.due_on, last_day.to_string()));
    facts.extend(of_record(lang, decided));
    Ok(BatchItemPage {
        conclusion: told(
            lang,
            words::cause(lang, decided.cause),
            &decided.reason,
            &decided.document_number,
        ),
        grade: decided.record.year.map(|_| GradeMark::new(lang, letter)),
        trace_note: texts.withdrawal_trace_note,
        no_evidence: texts.withdrawal_no_evidence,
        facts,
        ..page
    })
}

/// Once it is gone: neither name nor facts, nor the words that were written about them.
pub(super) fn erased(
    lang: Lang,
    row: &BatchRow,
    title: &str,
    decided: &WithdrawalDecision,
    erased: &ErasureRow,
) -> BatchItemPage {
    let texts = &lang.text().change;
    let taken_down = date_in_shanghai(erased.erased_at.and_utc());
    let mut facts = vec![
        Fact::new(texts.ended_on, erased.ended_on.to_string()),
        Fact::new(texts.due_on, erased.due_on.to_string()),
        Fact::new(texts.erased_on, taken_down.to_string()),
    ];
    facts.extend(of_record(lang, decided));
    let told = fill(texts.erased_text, &[("document", &decided.document_number)]);
    BatchItemPage {
        batch_url: officer::url(&row.id),
        batch_title: title.to_owned(),
        name: lang.text().batch.withdrawn.to_owned(),
        code: String::new(),
        grade: Some(GradeMark {
            tone: Tone::None,
            letter: "—".to_owned(),
            word: texts.erased_mark.to_owned(),
        }),
        badges: vec![Badge::new(Tone::None, words::cause(lang, decided.cause))],
        conclusion: Notice::new(Tone::Info, words::cause(lang, decided.cause), told),
        trace_note: texts.withdrawal_trace_note,
        trace: Vec::new(),
        no_evidence: texts.withdrawal_no_evidence,
        evidence: Vec::new(),
        facts,
        previous: None,
        next: None,
    }
}

fn of_record(lang: Lang, decided: &WithdrawalDecision) -> Vec<Fact> {
    let texts = &lang.text().change;
    let case = decided
        .case
        .as_ref()
        .map(|case| Fact::new(texts.case, case.clone()));
    let record = Fact::new(texts.record, format!("/records/{}", decided.record.id));
    let document = Fact::new(texts.document, decided.document_number.clone());
    case.into_iter().chain([record, document]).collect()
}

//! What the page of a batch says where the batch changes a published record: it was proposed by a person, has
//! a document of its own, may bring out no record at all, and a new one may wait for the day's end.

use crate::domain::change::ChangeKind;
use crate::registry::change;
use crate::registry::decision::{ChangeDecision, Decision as Decided};
use crate::registry::withdrawal;
use crate::store::batch::{self, BatchRow};
use crate::store::{Conn, StoreError, waiting};
use crate::web::answer::Failure;
use crate::web::i18n::Lang;
use crate::web::pages::batch::{BatchPage, Says};
use crate::web::pages::parts::{Fact, Notice, Tone};

/// The change that a batch decides; none for other kinds of batch. It has one item.
///
/// # Errors
/// [`Failure`].
pub(super) fn of(conn: &mut Conn, row: &BatchRow) -> Result<Option<ChangeDecision>, Failure> {
    if row.kind != change::KIND {
        return Ok(None);
    }
    let item = batch::items(conn, &row.id, 0, 1)?.into_iter().next();
    let item = item.ok_or_else(|| StoreError::corrupt(format!("batch {}", row.id), "it is empty"))?;
    Ok(match serde_json::from_str(&item.decision)? {
        Decided::Change(change) => Some(*change),
        Decided::Grade(_) | Decided::Listing(_) | Decided::Withdrawal(_) => None,
    })
}

/// Puts the change's own words on the page; not those about a record that is `gone`.
pub(super) fn tell(lang: Lang, page: &mut BatchPage, change: &ChangeDecision, gone: bool) {
    let words = &lang.text().change;
    says(lang, page, Says::of_change(lang, change.change));
    if gone {
        return;
    }
    page.facts.push(Fact::new(words.reason, change.reason.clone()));
    page.facts
        .push(Fact::new(words.document, change.document_number.clone()));
}

/// Puts the words of a withdrawal on the page.
pub(super) fn tell_withdrawal(lang: Lang, page: &mut BatchPage) {
    says(lang, page, Says::of_withdrawal(lang));
}

fn says(lang: Lang, page: &mut BatchPage, says: Says) {
    if let Some(publication) = page.publication.as_mut() {
        publication.follows = says.publish;
    }
    if let Some(decision) = page.decision.as_mut() {
        decision.follows = says.approve;
        decision.statement = lang.text().change.approve_statement.to_owned();
    }
}

/// That a new record waits, published though the batch is: readers do not see it before the day's end.
///
/// # Errors
/// [`StoreError`].
pub(super) fn waits(lang: Lang, conn: &mut Conn, row: &BatchRow) -> Result<Option<Notice>, StoreError> {
    if row.kind != change::KIND || !waiting::waits(conn, &row.id, 0)? {
        return Ok(None);
    }
    let words = &lang.text().change;
    Ok(Some(Notice::new(
        Tone::Warn,
        words.published_waiting,
        words.published_waiting_text,
    )))
}

/// What has been published, right after it was.
///
/// # Errors
/// [`StoreError`].
pub(super) fn published(lang: Lang, conn: &mut Conn, id: &str) -> Result<Notice, StoreError> {
    let (words, change) = (&lang.text().batch, &lang.text().change);
    let is_withdrawal = batch::find(conn, id)?.is_some_and(|row| row.kind == withdrawal::KIND);
    if is_withdrawal {
        let text = change.published_withdrawal;
        return Ok(Notice::new(Tone::Good, words.published_notice, text));
    }
    let outcomes = batch::outcomes(conn, id)?;
    let kind = outcomes
        .first()
        .and_then(|(outcome, _)| ChangeKind::parse(outcome));
    let text = match kind {
        Some(kind) if kind.supersedes() => change.published_new,
        Some(_) => change.published_status,
        None => words.published_notice_text,
    };
    Ok(Notice::new(Tone::Good, words.published_notice, text))
}

//! What officers' pages keep back once a record was withdrawn (records.md §8): names and facts in every item, of
//! whatever batch, that is about it, and in the batch's title. They are read in the archive, with a reason, and
//! nowhere else.

use crate::domain::withdrawal::Cause;
use crate::record::credential::RecordType;
use crate::registry::assessment;
use crate::registry::decision::{Decision as Decided, GradeDecision};
use crate::store::batch::{self, BatchRow};
use crate::store::log::body::{self, Body};
use crate::store::log::erasure::{self, ErasureRow};
use crate::store::{Conn, StoreError};
use crate::web::answer::Failure;
use crate::web::i18n::{Lang, fill};
use crate::web::words;

/// The erasure of the record that an item is about, or that it brought out.
///
/// # Errors
/// [`StoreError`].
pub(super) fn of_item(
    conn: &mut Conn,
    row: &BatchRow,
    employer: i64,
    decided: &Decided,
) -> Result<Option<ErasureRow>, StoreError> {
    let erased = erasure::of_employer(conn, employer)?;
    if erased.is_empty() {
        return Ok(None);
    }
    let shown = body::of_employer(conn, employer, i64::MAX)?;
    Ok(erased.into_iter().find(|one| is_about(row, decided, one, &shown)))
}

fn is_about(row: &BatchRow, decided: &Decided, erased: &ErasureRow, shown: &[Body]) -> bool {
    let of_batch = erased.origin_batch.as_deref() == Some(&*row.id);
    match decided {
        Decided::Withdrawal(decided) => erased.record_index == decided.record.log_index,
        Decided::Change(decided) => {
            let new = decided.replacement.as_ref();
            erased.record_index == decided.record.log_index
                || of_batch
                || new.is_some_and(|new| was_caught_up(row, grade(new), erased, shown))
        }
        // A batch may list an employer twice, in two cases.
        Decided::Listing(decided) => match &erased.case_id {
            Some(case) => *case == decided.case,
            None => of_batch || was_caught_up(row, LISTING, erased, shown),
        },
        Decided::Grade(decided) => of_batch || was_caught_up(row, grade(decided), erased, shown),
    }
}

/// What a record says, as the columns beside its body have it: type, year, grade.
type Said<'d> = (RecordType, Option<i64>, &'d str);

const LISTING: Said<'static> = (RecordType::WageBlacklistEntry, None, "listed");

fn grade(decided: &GradeDecision) -> Said<'_> {
    let year = i64::from(decided.year);
    (RecordType::IntegrityGrade, Some(year), &decided.grade)
}

/// A record that came back from a mirror knows its batch no more, nor does its erasure: it was the batch's where it
/// is of the type, went after the batch came, and no other one that is there says what the batch decided.
fn was_caught_up(row: &BatchRow, said: Said<'_>, erased: &ErasureRow, shown: &[Body]) -> bool {
    let (kind, year, outcome) = said;
    let still = |body: &Body| body.year == year && body.outcome.as_deref() == Some(outcome);
    erased.origin_batch.is_none()
        && erased.record_type == kind.as_str()
        && matches!(row.state.as_str(), "publishing" | "published")
        && row.proposed_at <= erased.erased_at
        && !shown.iter().any(still)
}

/// Whether a batch decides about a withdrawn record alone: then its own words, written about that one, go too.
///
/// # Errors
/// [`Failure`].
pub(super) fn whole(conn: &mut Conn, row: &BatchRow) -> Result<bool, Failure> {
    Ok(row.size == 1 && names_the_withdrawn(conn, row)?)
}

/// A batch's title. One that holds the name in a withdrawn record says what was done, and no more; of a
/// withdrawal also by which document, which is how the authority finds it.
///
/// # Errors
/// [`Failure`].
pub(super) fn title(lang: Lang, conn: &mut Conn, row: &BatchRow) -> Result<String, Failure> {
    // The grades of a year are titled by the year.
    if row.kind == assessment::KIND || !names_the_withdrawn(conn, row)? {
        return Ok(row.title.clone());
    }
    let gone = lang.text().batch.withdrawn;
    let Some(item) = batch::items(conn, &row.id, 0, 1)?.into_iter().next() else {
        return Ok(gone.to_owned());
    };
    Ok(match serde_json::from_str(&item.decision)? {
        Decided::Withdrawal(decided) => of_withdrawal(lang, decided.cause, &decided.document_number),
        Decided::Change(decided) => of_kind(lang, words::change(lang, decided.change)),
        Decided::Listing(_) => of_kind(lang, lang.text().batch.listed),
        Decided::Grade(_) => gone.to_owned(),
    })
}

fn of_kind(lang: Lang, kind: &str) -> String {
    fill(lang.text().batch.withdrawn_title, &[("kind", kind)])
}

fn of_withdrawal(lang: Lang, cause: Cause, document: &str) -> String {
    let values = [("cause", words::cause(lang, cause)), ("document", document)];
    fill(lang.text().batch.withdrawal_title, &values)
}

fn names_the_withdrawn(conn: &mut Conn, row: &BatchRow) -> Result<bool, Failure> {
    for item in batch::items(conn, &row.id, 0, row.size)? {
        let decided: Decided = serde_json::from_str(&item.decision)?;
        let named = row.size == 1 || row.title.contains(&decided.employer().name);
        if named && of_item(conn, row, item.employer_id, &decided)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

//! The case of a batch of one, on the batch's own page: whoever decides it need not look for it.

use crate::registry::decision::Decision as Decided;
use crate::store::batch::{self, BatchRow};
use crate::store::{Conn, employer};
use crate::web::answer::Failure;
use crate::web::context::{Context, employer_url};
use crate::web::pages::batch::Case;
use crate::web::pages::parts::Link;

use super::{gone, item, officer};

/// The case; none of a larger batch, and none once its record is withdrawn.
///
/// # Errors
/// [`Failure`].
pub(super) fn of(context: &Context, conn: &mut Conn, row: &BatchRow) -> Result<Option<Case>, Failure> {
    if row.size != 1 {
        return Ok(None);
    }
    let Some(found) = batch::items(conn, &row.id, 0, 1)?.into_iter().next() else {
        return Ok(None);
    };
    let decided: Decided = serde_json::from_str(&found.decision)?;
    if gone::of_item(conn, row, found.employer_id, &decided)?.is_some() {
        return Ok(None);
    }
    let whom = employer::find(conn, found.employer_id)?.ok_or(Failure::NotFound)?;
    let text = context.lang.text();
    let grounds = format!("{}/items/{}", officer::url(&row.id), found.position);
    let record = match &decided {
        Decided::Change(change) => Some(&change.record.id),
        Decided::Withdrawal(withdrawal) => Some(&withdrawal.record.id),
        Decided::Grade(_) | Decided::Listing(_) => None,
    };
    let mut links = vec![Link::new(grounds, text.batch.open_case, "file", true)];
    links.extend(record.map(|id| Link::new(format!("/records/{id}"), text.change.record, "shield", false)));
    links.push(Link::new(
        employer_url(&whom),
        text.batch.open_employer,
        "arrow",
        false,
    ));
    let page = item::of(context.lang, conn, row, &found, &whom, decided)?;
    Ok(Some(Case::of(page, links)))
}

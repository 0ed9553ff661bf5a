//! Search.

use std::sync::PoisonError;

use actix_web::http::StatusCode;

use crate::store::employer::{self, EmployerRow};
use crate::store::log::{body, change, checkpoint};
use crate::store::{Conn, StoreError, authority, campaign, search};
use crate::web::answer::{Answer, Failure};
use crate::web::context::{Context, employer_key, employer_url};
use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::home::{Hit, HomePage, Refused, Results};
use crate::web::pages::parts::{Badge, Choice, Figure, Pager, Span};
use crate::web::state::Figures;
use crate::web::words;

use super::published::Published;
use super::search::{Cursor, Wanted, tidied, wanted};

/// Hits on a page.
const PAGE: i64 = 20;

/// The front page, or what was found.
///
/// # Errors
/// [`Failure`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let query = tidied(context.asked.parameter("query"));
    let refused = |conn: &mut Conn, reason: &Refused| {
        let page = HomePage::refused(context.lang, &query, regions(context, conn)?, reason);
        Ok(Answer::with_status(
            StatusCode::UNPROCESSABLE_ENTITY,
            context.html(conn, &page)?,
        ))
    };
    let rows = match wanted(&query) {
        Wanted::Nothing => return front(context, &mut conn),
        Wanted::Refused(reason) => return refused(&mut conn, &reason),
        Wanted::Code(code, reason) => match (employer::by_code(&mut conn, &code)?, reason) {
            (Some(row), _) => return Ok(Answer::see(employer_url(&row))),
            (None, Some(reason)) => return refused(&mut conn, &reason),
            (None, None) => Vec::new(),
        },
        Wanted::Number(number) => employer::by_registration(&mut conn, &number)?,
        Wanted::Name => return by_name(context, &mut conn, &query),
    };
    if let [only] = rows.as_slice() {
        return Ok(Answer::see(employer_url(only)));
    }
    let total = u64::try_from(rows.len()).unwrap_or(0);
    let pager = Pager::new(context.lang, total.min(1), total, total);
    found(context, &mut conn, &query, &rows, total, pager)
}

fn front(context: &Context, conn: &mut Conn) -> Result<Answer, Failure> {
    let page = HomePage::fresh(context.lang, regions(context, conn)?, figures(context, conn)?);
    context.page(conn, &page)
}

fn by_name(context: &Context, conn: &mut Conn, query: &str) -> Result<Answer, Failure> {
    let division = context.asked.parameter("division");
    let at = Cursor::parse(context.asked.parameter("after"));
    let hits = search::by_name_or_initials(
        conn,
        query,
        below(division),
        context.viewer.reach(),
        at.after,
        PAGE,
    )?;
    let total = u64::try_from(hits.total).unwrap_or(0);
    let shown = at
        .shown
        .saturating_add(u64::try_from(hits.rows.len()).unwrap_or(0));
    let mut pager = Pager::new(context.lang, at.shown.saturating_add(1).min(shown), shown, total);
    let address = |after: Option<Cursor>| {
        let mut address = format!(
            "/?query={}&division={}",
            words::escaped(query),
            words::escaped(division)
        );
        if let Some(cursor) = after {
            address.push_str(&format!("&after={}", cursor.text()));
        }
        address
    };
    pager.next = hits.next.map(|after| address(Some(Cursor { after, shown })));
    found(context, conn, query, &hits.rows, total, pager)
}

fn found(
    context: &Context,
    conn: &mut Conn,
    query: &str,
    rows: &[EmployerRow],
    total: u64,
    pager: Pager,
) -> Result<Answer, Failure> {
    let served = checkpoint::served_size(conn)?;
    let items = rows
        .iter()
        .map(|row| hit(context, conn, query, row, served))
        .collect::<Result<_, StoreError>>()?;
    let results = Results::new(context.lang, query, total, items, pager);
    let page = HomePage::found(context.lang, query, regions(context, conn)?, results);
    context.page(conn, &page)
}

fn hit(
    context: &Context,
    conn: &mut Conn,
    query: &str,
    row: &EmployerRow,
    served: i64,
) -> Result<Hit, StoreError> {
    let lang = context.lang;
    let now = context.app.registry.clock.now();
    let published = Published::read(conn, &context.viewer, row.id, served, now)?;
    let mut badges = vec![match published.grade(now) {
        Some(graded) => graded.badge(lang),
        None => Badge::grade(lang, '-'),
    }];
    badges.extend(published.listing(now).map(|listing| listing.badge(lang)));
    Ok(Hit {
        url: employer_url(row),
        name: Span::marked(&row.name, query),
        code: Span::marked(&employer_key(row), query),
        meta: meta(lang, row),
        badges,
    })
}

fn meta(lang: Lang, row: &EmployerRow) -> Vec<String> {
    let mut meta = vec![words::division(&row.division), words::kind(lang, &row.kind)];
    if !row.may_be_personal() {
        meta.push(words::industry(lang, &row.industry));
    }
    meta
}

/// The divisions for which an authority acts here.
fn regions(context: &Context, conn: &mut Conn) -> Result<Vec<Choice>, StoreError> {
    divisions(context.lang, conn, context.asked.parameter("division"))
}

/// A choice among the divisions for which an authority acts here.
pub(super) fn divisions(lang: Lang, conn: &mut Conn, present: &str) -> Result<Vec<Choice>, StoreError> {
    let mut choices = vec![Choice::new("", lang.text().words.all_regions, present)];
    let mut seen = std::collections::BTreeSet::new();
    for row in authority::all(conn)? {
        if seen.insert(row.division.clone()) {
            choices.push(Choice::new(
                &row.division,
                &words::division(&row.division),
                present,
            ));
        }
    }
    Ok(choices)
}

/// The digits that a division's own and all below begin with.
pub(super) fn below(division: &str) -> &str {
    match division.strip_suffix("0000") {
        Some(province) => province,
        None => division.strip_suffix("00").unwrap_or(division),
    }
}

fn figures(context: &Context, conn: &mut Conn) -> Result<Vec<Figure>, StoreError> {
    let home = &context.lang.text().home;
    let year = campaign::all(conn)?.first().map_or(0, |row| row.review_year);
    let counted = counted(context, conn, year)?;
    let signed = checkpoint::newest_served(conn)?;
    let at = signed.map(|head| head.signed_at.and_utc());
    let figure = |label: &str, value: String, note: &str| Figure {
        label: label.to_owned(),
        value,
        note: note.to_owned(),
    };
    let size = u64::try_from(counted.size).unwrap_or(0);
    let (of_a, note_a) = grade_a(context.lang, counted.grade_a, year);
    Ok(vec![
        figure(home.figure_a, of_a, &note_a),
        figure(
            home.figure_listed,
            grouped(counted.listed),
            home.figure_listed_note,
        ),
        figure(home.figure_log, grouped(size), home.figure_log_note),
        figure(
            home.figure_as_of,
            at.map_or_else(|| "—".to_owned(), words::day),
            &at.map_or_else(String::new, |at| words::local(at, "%H:%M")),
        ),
    ])
}

/// How many employers have a published grade A, and of which year; in words while there is none, and
/// without a year before the first campaign.
fn grade_a(lang: Lang, count: u64, year: i64) -> (String, String) {
    let home = &lang.text().home;
    let note = match year {
        0 => String::new(),
        _ => fill(home.figure_a_note, &[("year", &year.to_string())]),
    };
    match count {
        0 => (home.figure_none.to_owned(), note),
        _ => (grouped(count), note),
    }
}

/// Counts of what is public, the same for every viewer: a partner-only record must not move a figure.
fn counted(context: &Context, conn: &mut Conn, year: i64) -> Result<Figures, StoreError> {
    let size = checkpoint::served_size(conn)?;
    let held = *context.app.figures.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(held) = held.filter(|held| held.size == size && held.year == year) {
        return Ok(held);
    }
    let count = |conn: &mut Conn, kind, outcome, year| {
        let all = body::count_public(conn, size, kind, outcome, year)?;
        let count = all.saturating_sub(change::count_ended(conn, size, kind, outcome, year)?);
        Ok::<_, StoreError>(u64::try_from(count).unwrap_or(0))
    };
    let fresh = Figures {
        size,
        year,
        grade_a: count(conn, "IntegrityGrade", "A", Some(year))?,
        listed: count(conn, "WageBlacklistEntry", "listed", None)?,
    };
    *context.app.figures.lock().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_registry_says_that_nothing_is_published_and_names_no_year() {
        let zh = |count, year| grade_a(Lang::Chinese, count, year);
        assert_eq!(zh(0, 0), ("尚未公布".to_owned(), String::new()));
        assert_eq!(zh(0, 2025), ("尚未公布".to_owned(), "2025 年度".to_owned()));
        assert_eq!(zh(1200, 2025).0, "1,200");
    }

    #[test]
    fn a_division_covers_what_begins_with_its_digits() {
        assert_eq!(below("500000"), "50");
        assert_eq!(below("430200"), "4302");
        assert_eq!(below("500105"), "500105");
        assert_eq!(below(""), "");
    }
}

//! Search by part of a name, from two characters.
//!
//! A name is indexed by its two-character pieces; a query's pieces narrow the rows, and the rows
//! must then contain the query itself. The same index holds the initials of the name's pinyin. It refuses
//! queries of one character: they would match half the register.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::employer::EmployerRow;
use super::initials;
use super::schema::employer;
use super::{Conn, StoreResult};

/// A page of hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// The page, by our own number.
    pub rows: Vec<EmployerRow>,
    /// How many there are in all.
    pub total: i64,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
}

/// Whom part of a name finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every employer.
    All,
    /// Individual businesses only by their whole name: the name, and the code that begins with 92, can be a
    /// person's, and a list of them by name part would be a list of people.
    LegalPersons,
}

/// The words of the index for a name: its two-character pieces as hexadecimal code points, so that no tokenizer
/// of any locale can split or fold them, and the pairs of its initials.
#[must_use]
pub fn grams(name: &str) -> String {
    let words: Vec<String> = pieces(name).into_iter().chain(initials::words(name)).collect();
    words.join(" ")
}

fn pieces(text: &str) -> BTreeSet<String> {
    let folded: Vec<char> = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .collect();
    folded
        .windows(2)
        .map(|pair| {
            pair.iter().fold(String::new(), |mut word, c| {
                // Writing to a String cannot fail.
                let _ = write!(word, "u{:x}", u32::from(*c));
                word
            })
        })
        .collect()
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The employers within `reach` whose name contains `text`, in `division` or below when given (a prefix
/// of the division code), from our own number `after` on.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_name(
    conn: &mut Conn,
    text: &str,
    division: &str,
    reach: Reach,
    after: i64,
    limit: i64,
) -> StoreResult<Hits> {
    let words: Vec<String> = pieces(text).into_iter().collect();
    if words.is_empty() {
        return Ok(Hits {
            rows: Vec::new(),
            total: 0,
            next: None,
        });
    }
    let ids = candidates(conn, &words, text, division, reach)?;
    page(conn, &ids, after, limit)
}

/// As [`by_name`], and after those the employers whose name has these letters as the initials of its pinyin.
/// Individual businesses are found by initials only by whom their name parts find them.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn by_name_or_initials(
    conn: &mut Conn,
    text: &str,
    division: &str,
    reach: Reach,
    after: i64,
    limit: i64,
) -> StoreResult<Hits> {
    let words: Vec<String> = pieces(text).into_iter().collect();
    let Some(typed) = initials::typed(text) else {
        return by_name(conn, text, division, reach, after, limit);
    };
    let mut places = candidates(conn, &words, text, division, reach)?;
    let named: BTreeSet<i64> = places.iter().copied().collect();
    let more = of_initials(conn, &typed, division, reach)?;
    let more = more.into_iter().filter(|id| !named.contains(id));
    places.extend(more.map(|id| id.saturating_add(BELOW_NAMES)));
    page(conn, &places, after, limit)
}

/// What is added to our own number of a hit by initials, so that it comes after every hit by name: 2^40, more
/// employers than there are.
const BELOW_NAMES: i64 = 1 << 40;

/// The hits at these ascending places that come after one of them.
fn page(conn: &mut Conn, places: &[i64], after: i64, limit: i64) -> StoreResult<Hits> {
    let total = i64::try_from(places.len()).unwrap_or(i64::MAX);
    let page: Vec<i64> = places
        .iter()
        .copied()
        .filter(|place| *place > after)
        .take(usize::try_from(limit).unwrap_or(0).saturating_add(1))
        .collect();
    let shown = usize::try_from(limit).unwrap_or(0);
    let next = if page.len() > shown {
        page.get(shown.saturating_sub(1)).copied()
    } else {
        None
    };
    let ids: Vec<i64> = page
        .into_iter()
        .take(shown)
        .map(|place| place % BELOW_NAMES)
        .collect();
    let mut rows: Vec<EmployerRow> = employer::table
        .filter(employer::id.eq_any(&ids))
        .select(EmployerRow::as_select())
        .load(conn)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(Hits { rows, total, next })
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

/// The employers within `reach` whose names have these initials next to each other, by our own number.
fn of_initials(conn: &mut Conn, typed: &[char], division: &str, reach: Reach) -> StoreResult<Vec<i64>> {
    let words = initials::wanted(typed);
    let below = format!("{}%", escape_like(division));
    let of_persons = match reach {
        Reach::All => "yes",
        Reach::LegalPersons => "no",
    };
    let rows: Vec<Named> = match conn {
        Conn::Sqlite(inner) => diesel::sql_query(
            "SELECT e.id AS id, e.name AS name FROM employer_search s JOIN employer e ON e.id = s.rowid
             WHERE employer_search MATCH ? AND e.division LIKE ? ESCAPE '\\'
               AND (? = 'yes' OR (e.kind <> 'individual_business' AND COALESCE(e.code, '') NOT LIKE '92%'))
             ORDER BY e.id",
        )
        .bind::<Text, _>(words.join(" AND "))
        .bind::<Text, _>(below)
        .bind::<Text, _>(of_persons)
        .load(inner)?,
        Conn::Postgres(inner) => diesel::sql_query(
            "SELECT e.id AS id, e.name AS name FROM employer e
             WHERE string_to_array(e.grams, ' ') @> string_to_array($1, ' ')
               AND e.division LIKE $2 ESCAPE '\\'
               AND ($3 = 'yes' OR (e.kind <> 'individual_business' AND COALESCE(e.code, '') NOT LIKE '92%'))
             ORDER BY e.id",
        )
        .bind::<Text, _>(words.join(" "))
        .bind::<Text, _>(below)
        .bind::<Text, _>(of_persons)
        .load(inner)?,
    };
    let found = rows.into_iter().filter(|row| initials::has(&row.name, typed));
    Ok(found.map(|row| row.id).collect())
}

/// Writes the words of every employer anew whose row was written by a program that made others; gives how many.
///
/// # Errors
/// [`StoreError::Database`](super::StoreError::Database).
pub fn reindex(conn: &mut Conn) -> StoreResult<usize> {
    let (mut last, mut written) = (i64::MIN, 0_usize);
    loop {
        let rows: Vec<(i64, String, String)> = employer::table
            .filter(employer::id.gt(last))
            .order(employer::id)
            .limit(ROWS)
            .select((employer::id, employer::name, employer::grams))
            .load(conn)?;
        let Some((id, ..)) = rows.last() else {
            return Ok(written);
        };
        last = *id;
        written = written.saturating_add(super::write(conn, |conn| rewrite(conn, &rows))?);
    }
}

/// Rows of one transaction of [`reindex`].
const ROWS: i64 = 2_000;

fn rewrite(conn: &mut Conn, rows: &[(i64, String, String)]) -> StoreResult<usize> {
    let mut written = 0_usize;
    for (id, name, old) in rows {
        let words = grams(name);
        if words != *old {
            let row = employer::table.filter(employer::id.eq(id));
            written =
                written.saturating_add(diesel::update(row).set(employer::grams.eq(words)).execute(conn)?);
        }
    }
    Ok(written)
}

fn candidates(
    conn: &mut Conn,
    words: &[String],
    text: &str,
    division: &str,
    reach: Reach,
) -> StoreResult<Vec<i64>> {
    let whole = escape_like(&text.split_whitespace().collect::<String>());
    let pattern = format!("%{whole}%");
    // What the name of an individual business must be like.
    let personal = match reach {
        Reach::All => pattern.clone(),
        Reach::LegalPersons => whole,
    };
    let below = format!("{}%", escape_like(division));
    let rows: Vec<Id> = match conn {
        Conn::Sqlite(inner) => diesel::sql_query(
            "SELECT e.id AS id FROM employer_search s JOIN employer e ON e.id = s.rowid
             WHERE employer_search MATCH ? AND e.name LIKE ? ESCAPE '\\' AND e.division LIKE ? ESCAPE '\\'
               AND (e.name LIKE ? ESCAPE '\\'
                    OR (e.kind <> 'individual_business' AND COALESCE(e.code, '') NOT LIKE '92%'))
             ORDER BY e.id",
        )
        .bind::<Text, _>(words.join(" AND "))
        .bind::<Text, _>(pattern)
        .bind::<Text, _>(below)
        .bind::<Text, _>(personal)
        .load(inner)?,
        Conn::Postgres(inner) => diesel::sql_query(
            "SELECT e.id AS id FROM employer e
             WHERE string_to_array(e.grams, ' ') @> string_to_array($1, ' ')
               AND e.name ILIKE $2 ESCAPE '\\' AND e.division LIKE $3 ESCAPE '\\'
               AND (e.name ILIKE $4 ESCAPE '\\'
                    OR (e.kind <> 'individual_business' AND COALESCE(e.code, '') NOT LIKE '92%'))
             ORDER BY e.id",
        )
        .bind::<Text, _>(words.join(" "))
        .bind::<Text, _>(pattern)
        .bind::<Text, _>(below)
        .bind::<Text, _>(personal)
        .load(inner)?,
    };
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A text in which the signs of a LIKE pattern stand for themselves, escaped by a backslash.
pub(super) fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_words_that_no_tokenizer_splits() {
        let words = grams("重庆A");
        assert!(words.starts_with("u5e86u61 u91cdu5e86 pycq pyqa "), "{words}");
        assert_eq!(grams("重"), "");
        assert_eq!(grams("重 庆"), grams("重庆"));
    }
}

//! Search by part of a name, from two characters.
//!
//! A name is indexed by its two-character pieces; a query's pieces narrow the rows, and the rows
//! must then contain the query itself. It refuses queries of one character: they would match half
//! the register.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::employer::EmployerRow;
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

/// The two-character pieces of a text, as words: hexadecimal code points, so that no tokenizer of
/// any locale can split or fold them.
#[must_use]
pub fn grams(text: &str) -> String {
    let mut words = String::new();
    for piece in pieces(text) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&piece);
    }
    words
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
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let page: Vec<i64> = ids
        .into_iter()
        .filter(|id| *id > after)
        .take(usize::try_from(limit).unwrap_or(0).saturating_add(1))
        .collect();
    let shown = usize::try_from(limit).unwrap_or(0);
    let next = if page.len() > shown {
        page.get(shown.saturating_sub(1)).copied()
    } else {
        None
    };
    let wanted: Vec<i64> = page.into_iter().take(shown).collect();
    let rows = employer::table
        .filter(employer::id.eq_any(wanted))
        .order(employer::id)
        .select(EmployerRow::as_select())
        .load(conn)?;
    Ok(Hits { rows, total, next })
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
        assert_eq!(grams("重庆A"), "u5e86u61 u91cdu5e86");
        assert_eq!(grams("重"), "");
        assert_eq!(grams("重 庆"), grams("重庆"));
    }
}

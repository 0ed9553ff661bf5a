//! The items of a batch under review, a page at a time: whom each is about, what is decided, and why.

use crate::domain::ruleset::RuleSet;
use crate::registry::decision::Decision as Decided;
use crate::store::Conn;
use crate::store::batch::{self, BatchRow, ReviewFilter, ReviewLine};
use crate::web::answer::Failure;
use crate::web::context::Context;
use crate::web::i18n::{Lang, fill};
use crate::web::pages::batch::ItemRow;
use crate::web::pages::parts::{Badge, Pager, Tone};
use crate::web::words;

use super::home::below;
use super::{gone, officer};

/// Items on a page.
const PAGE: u64 = 50;

/// The items that the filter takes, a page of them.
///
/// # Errors
/// [`Failure`].
pub(super) fn items(
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

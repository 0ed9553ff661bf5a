//! An employer's page. All that it says of grades and listings comes from [`Published`], which holds
//! only what exists for the viewer: an employer whose grade partners alone may see and one never
//! assessed give the public the same bytes there.

use chrono::{DateTime, Utc};

use crate::domain::grade::Assessment;
use crate::domain::ruleset::builtin;
use crate::registry::{assessment, change, export};
use crate::store::employer::{self, EmployerRow};
use crate::store::log::checkpoint;
use crate::store::{Conn, StoreError, batch};
use crate::verify::{
    Axis, Detail, Finding, Headline, Options, Outcome, State, Verdict as Found, Word, check_bundle,
};
use crate::web::answer::{Answer, Failure};
use crate::web::context::{Context, employer_key, employer_url};
use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::employer::{Blacklist, EmployerPage, Verdict, YearRow, objection, unsaid};
use crate::web::pages::parts::{AxisRow, Badge, Fact, GradeMark, Link, Tone, TraceRow};
use crate::web::standing::Standing;
use crate::web::words;

use super::published::{Frame, Graded, Listed, Published};
use super::{listing, officer, trace, verify};

/// The page.
///
/// # Errors
/// [`Failure::NotFound`] for an employer that is not in the register.
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let asked = context.asked.place("code");
    let row = match find(&mut conn, asked)? {
        Some(row) => row,
        None => match find(&mut conn, &asked.to_ascii_uppercase())? {
            Some(row) => return Ok(Answer::see(employer_url(&row))),
            None => return Err(Failure::NotFound),
        },
    };
    let page = page(context, &mut conn, &row)?;
    context.page(&mut conn, &page)
}

/// By unified code, or by `<division>-<registration number>`.
fn find(conn: &mut Conn, key: &str) -> Result<Option<EmployerRow>, StoreError> {
    match key.split_once('-') {
        Some((division, number)) => {
            let rows = employer::by_registration(conn, number)?;
            Ok(rows
                .into_iter()
                .find(|row| row.code.is_none() && row.division == division))
        }
        None => employer::by_code(conn, key),
    }
}

fn page(context: &Context, conn: &mut Conn, row: &EmployerRow) -> Result<EmployerPage, Failure> {
    let (lang, now) = (context.lang, context.app.registry.clock.now());
    let head = checkpoint::newest_served(conn)?;
    let served = head.as_ref().map_or(0, |head| head.size);
    let published = Published::read(conn, &context.viewer, row.id, served, now)?;
    let (grade, listing) = (published.grade(now), published.listing(now));
    let shown = grade
        .map(|grade| &grade.frame)
        .or(listing.map(|listing| &listing.frame));
    let checked = shown
        .map(|frame| check(context, conn, frame))
        .transpose()?
        .flatten();
    let words = lang.text();
    let letter = grade.map_or('-', |grade| letter(&grade.facts.grade));
    let (unsaid_heading, unsaid_lead, unsaid) = unsaid(lang, grade.is_some());
    let as_of = head.map_or(now, |head| head.signed_at.and_utc());
    Ok(EmployerPage {
        name: row.name.clone(),
        code_label: if row.code.is_some() {
            words.words.code.to_owned()
        } else {
            words.words.registration.to_owned()
        },
        code: row
            .code
            .clone()
            .or_else(|| row.registration.clone())
            .unwrap_or_else(|| employer_key(row)),
        division: words::division(&row.division),
        grade: match grade {
            Some(grade) if grade.frame.is_suspended() => GradeMark::new(lang, letter).suspended(lang),
            _ => GradeMark::new(lang, letter),
        },
        badges: badges(lang, &published, now),
        downloads: shown
            .map_or_else(Vec::new, |frame| downloads(lang, frame))
            .into_iter()
            .chain(changes(context, conn, grade, listing)?)
            .collect(),
        verdict: verdict(context, grade, listing, checked.as_ref()),
        years: published
            .grades
            .iter()
            .map(|graded| year(lang, graded, &published, now))
            .collect(),
        basis: grade.map_or_else(Vec::new, |grade| basis(lang, grade)),
        trace: grade.map_or(Ok(Vec::new()), |grade| own_trace(context, conn, grade))?,
        blacklist: match listing {
            Some(found) => listing::shown(lang, found),
            None => Blacklist::not_listed(lang),
        },
        unsaid_heading,
        unsaid_lead,
        unsaid,
        axes: checked.as_ref().map_or_else(Vec::new, |found| axes(lang, found)),
        objection: objection(lang, None),
        facts: facts(lang, row),
        personal: row.may_be_personal(),
        as_of: fill(
            words.words.as_of,
            &[("time", &words::local(as_of, "%Y-%m-%d %H:%M"))],
        ),
    })
}

/// What the register says of it; of an individual business no more than tells it apart.
fn facts(lang: Lang, row: &EmployerRow) -> Vec<Fact> {
    let labels = &lang.text().words;
    let mut facts = vec![
        Fact::new(labels.kind, words::kind(lang, &row.kind)),
        Fact::new(labels.division, words::full_division(&row.division)),
    ];
    if !row.may_be_personal() {
        let industry = format!("{} {}", row.industry, words::industry(lang, &row.industry));
        facts.push(Fact::new(labels.industry, industry));
    }
    facts
}

fn letter(grade: &str) -> char {
    grade.chars().next().unwrap_or('-')
}

fn badges(lang: Lang, published: &Published, now: DateTime<Utc>) -> Vec<Badge> {
    let grades = &lang.text().grades;
    let mut badges = Vec::new();
    badges.extend(published.listing(now).map(|listing| listing.badge(lang)));
    badges.extend(published.grade(now).map(|grade| grade.badge(lang)));
    if published.listing(now).is_none() {
        badges.push(Badge::new(Tone::None, grades.not_listed));
    }
    let years = published.years_in_a(now);
    let suspended = published
        .grade(now)
        .is_some_and(|grade| grade.frame.is_suspended());
    if years >= 2 && !suspended {
        badges.push(Badge::new(
            Tone::A,
            fill(grades.years_in_a, &[("n", &years.to_string())]),
        ));
    }
    badges
}

fn downloads(lang: Lang, frame: &Frame) -> Vec<Link> {
    let words = &lang.text().employer;
    let record = format!("/records/{}", frame.id);
    vec![
        Link::new(
            format!("{record}/bundle"),
            words.download_bundle,
            "download",
            true,
        ),
        Link::new(record, words.download_record, "file", false),
    ]
}

/// For officers: where a change of the records in force is proposed.
fn changes(
    context: &Context,
    conn: &mut Conn,
    grade: Option<&Graded>,
    listing: Option<&Listed>,
) -> Result<Vec<Link>, Failure> {
    if context.person().is_none_or(|who| who.account.kind != "officer") {
        return Ok(Vec::new());
    }
    let (actor, words) = (officer::acting(context, conn)?, &context.lang.text().change);
    let grade = grade.map(|grade| (&grade.frame, words.of_grade));
    let listing = listing.map(|listing| (&listing.frame, words.of_listing));
    let may = |(frame, _): &(&Frame, &str)| change::may_propose(&actor, &frame.body).is_ok();
    let link = |(frame, label): (&Frame, &str)| {
        let url = format!("/officer/records/{}/change", frame.id);
        Link::new(url, label, "arrow", false)
    };
    Ok(grade.into_iter().chain(listing).filter(may).map(link).collect())
}

/// The site's own check of a record by the program that everybody else uses; none where this server has
/// no trust folder.
fn check(context: &Context, conn: &mut Conn, frame: &Frame) -> Result<Option<Found>, Failure> {
    if context.app.registry.data.is_none() {
        return Ok(None);
    }
    let (_, trust) = verify::read(context)?;
    let bundle = export::bundle(conn, &frame.body)?;
    let options = Options::at(context.app.registry.clock.now());
    Ok(Some(check_bundle(&bundle, &trust, &options)?))
}

fn axes(lang: Lang, found: &Found) -> Vec<AxisRow> {
    let in_words = words::verifier(lang);
    let row = |(axis, finding): (Axis, &Finding)| {
        let tone = match finding.state {
            State::Holds => Tone::Good,
            State::Fails => Tone::Bad,
            State::Undecided => Tone::Warn,
            State::NotRequired => Tone::None,
        };
        AxisRow::new(
            tone,
            axis.name(in_words),
            finding.state.name(in_words),
            in_local_time(finding).text(in_words),
        )
    };
    found.findings().map(row).collect()
}

/// A finding whose times read as on the rest of the page and on the verification page.
fn in_local_time(finding: &Finding) -> Finding {
    let local = |at: DateTime<Utc>| words::local(at, "%Y-%m-%d %H:%M:%S +08:00");
    let detail = match &finding.detail {
        Detail::At(at) => Detail::Text(local(*at)),
        Detail::Between(from, until) => Detail::Text(format!("{} – {}", local(*from), local(*until))),
        other => other.clone(),
    };
    Finding::with(finding.state, finding.reason, detail)
}

fn verdict(
    context: &Context,
    grade: Option<&Graded>,
    listing: Option<&Listed>,
    checked: Option<&Found>,
) -> Verdict {
    let lang = context.lang;
    let first = listing
        .map(|listing| &listing.frame)
        .or(grade.map(|grade| &grade.frame));
    if first.is_some_and(Frame::is_suspended) {
        return told(context, Headline::Suspended);
    }
    if let Some(listing) = listing {
        return Verdict::listed(lang, &listing.facts.listed_on.to_string());
    }
    let Some(grade) = grade else {
        return Verdict::unpublished(lang);
    };
    let Some(found) = checked.filter(|found| found.outcome() == Outcome::Accepted) else {
        return doubtful(context, checked);
    };
    match found.outcome() {
        Outcome::Accepted if grade.frame.body.audience == "public" => {
            let index = u64::try_from(grade.frame.body.log_index).unwrap_or(0);
            Verdict::in_force(lang, &grade.facts.decided_by.name, &grouped(index))
        }
        _ => Verdict::own_only(lang),
    }
}

/// What is said of a record that the site's own check did not accept, in the verifier’s own words.
fn doubtful(context: &Context, checked: Option<&Found>) -> Verdict {
    told(context, checked.map_or(Headline::Incomplete, Found::headline))
}

fn told(context: &Context, headline: Headline) -> Verdict {
    let lang = context.lang;
    let tone = match headline.word() {
        Word::Valid => Tone::Good,
        Word::Lapsed | Word::Suspended | Word::Unverifiable => Tone::Warn,
        Word::Revoked | Word::Invalid => Tone::Bad,
    };
    let in_words = words::verifier(lang);
    let separator = if lang == Lang::Chinese { "：" } else { ": " };
    let text = format!(
        "{separator}{}",
        headline.said_of(context.app.registry.host.as_str(), in_words)
    );
    Verdict::plain(tone, headline.word().name(in_words), &text)
}

fn year(lang: Lang, graded: &Graded, published: &Published, now: DateTime<Utc>) -> YearRow {
    let words = &lang.text().employer;
    let current = published.grade(now);
    let is_current = current.is_some_and(|other| other.frame.id == graded.frame.id);
    YearRow {
        year: graded.facts.year.to_string(),
        grade: match Badge::grade(lang, letter(&graded.facts.grade)) {
            badge if graded.frame.is_suspended() => badge.suspended(lang),
            badge => badge,
        },
        authority: graded.facts.decided_by.name.to_string(),
        published_on: words::day(graded.frame.valid_from),
        state: if matches!(
            graded.frame.standing,
            Standing::Suspended | Standing::Superseded | Standing::Withdrawn
        ) {
            words::standing(lang, graded.frame.standing)
        } else if is_current {
            words.state_current
        } else if current.is_some_and(|other| other.facts.year >= graded.facts.year) {
            words.state_replaced
        } else {
            words.state_expired
        }
        .to_owned(),
    }
}

fn basis(lang: Lang, grade: &Graded) -> Vec<Fact> {
    let (words, facts) = (&lang.text().employer, &grade.facts);
    let rules = builtin::find(&facts.rule_set.id, &facts.rule_set.version);
    let named = format!("{} · {}", facts.rule_set.id, facts.rule_set.version);
    let rule_set = rules.map_or_else(
        || named.clone(),
        |rules| match lang {
            Lang::Chinese => format!("{}（{named}）", words::text(lang, rules.title())),
            Lang::English => format!("{} ({named})", words::text(lang, rules.title())),
        },
    );
    let until = grade.frame.valid_until.map_or_else(|| "—".to_owned(), words::day);
    vec![
        Fact::new(words.rule_set, rule_set),
        Fact::new(words.period, format!("{0}-01-01 — {0}-12-31", facts.year)),
        Fact::new(words.basis_items, facts.basis.join(lang.list_separator())),
        Fact::new(words.document, facts.document_number.to_string()),
        Fact::new(words.decided_on, facts.decided_on.to_string()),
        Fact::new(words.decided_by, facts.decided_by.name.to_string()),
        Fact::new(
            lang.text().axes.validity,
            format!("{} — {until}", words::day(grade.frame.valid_from)),
        ),
    ]
}

/// The rule-by-rule trace: for the employer's own account and for officers, as it was approved.
fn own_trace(context: &Context, conn: &mut Conn, grade: &Graded) -> Result<Vec<TraceRow>, Failure> {
    let Some(who) = context.person() else {
        return Ok(Vec::new());
    };
    let employer = grade.frame.body.employer_id;
    if who.account.kind != "officer" && (employer.is_none() || who.account.employer_id != employer) {
        return Ok(Vec::new());
    }
    let items = batch::items_about(conn, employer.unwrap_or_default(), assessment::KIND)?;
    let of_batch = |row: &batch::BatchRow| Some(&row.id) == grade.frame.body.batch_id.as_ref();
    let Some((_, item)) = items.into_iter().find(|(row, _)| of_batch(row)) else {
        return Ok(Vec::new());
    };
    let computed: Assessment = serde_json::from_str(&item.trace)?;
    Ok(trace::of_grade(context.lang, &computed))
}

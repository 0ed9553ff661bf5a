//! The JSON of employers and of what is published about them.
//!
//! Built from visible records alone: no other table is asked, so nothing here can hint at a record that
//! is not for this reader.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::division::{self, DivisionCode};
use crate::domain::employer::Industry;
use crate::record::credential::{self, BlacklistFacts, Credential, GradeFacts, Subject};
use crate::store::employer::EmployerRow;
use crate::store::log::body::{self, Body};
use crate::store::{Conn, StoreError};
use crate::web::i18n::Lang;
use crate::web::problem::Failure;
use crate::web::viewer::Viewer;

use super::records;
use crate::web::standing::{Lists, Standing};

/// Who an employer is. The head-count is not published.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    name: String,
    unified_code: Option<String>,
    registration_number: Option<String>,
    division: Place,
    kind: String,
    industry: Named,
    registered_on: NaiveDate,
}

#[derive(Serialize)]
struct Place {
    code: String,
    name: String,
}

#[derive(Serialize)]
struct Named {
    code: String,
    name: String,
}

/// Addresses, relative to this server.
#[derive(Serialize)]
pub(super) struct Links {
    #[serde(rename = "self")]
    this: String,
    page: Option<String>,
}

/// A grade of one year.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grade {
    pub(super) year: u16,
    grade: String,
    basis: Vec<String>,
    #[serde(flatten)]
    common: Common,
}

/// A listing for wage arrears, in force.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listing {
    listed_on: NaiveDate,
    expires_on: NaiveDate,
    earliest_removal_on: Option<NaiveDate>,
    workers: u32,
    amount: String,
    basis: Vec<String>,
    pay_order: PayOrder,
    responsible_persons: Vec<String>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Clone, Serialize)]
struct PayOrder {
    number: String,
    deadline: NaiveDate,
}

/// The decision behind a record.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Common {
    document_number: String,
    decided_on: NaiveDate,
    decided_by: Decider,
    rule_set: Rules,
    #[serde(flatten)]
    place: Placed,
}

/// How a record stands, and where it is.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Placed {
    valid_from: String,
    valid_until: Option<String>,
    state: Standing,
    audience: String,
    log_index: i64,
    links: RecordLinks,
}

#[derive(Clone, Serialize)]
struct Decider {
    name: String,
    division: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    id: String,
    version: String,
    digest_multibase: String,
}

#[derive(Clone, Serialize)]
struct RecordLinks {
    record: String,
    latest: String,
    bundle: String,
}

/// What a reader may see of an employer, newest year first.
#[derive(Default)]
pub(super) struct Published {
    pub(super) current: Option<Grade>,
    pub(super) history: Vec<Grade>,
    pub(super) listings: Vec<Listing>,
}

/// An employer's identity in a language.
pub(super) fn identity(row: &EmployerRow, lang: Lang) -> Identity {
    let industry = row.industry.parse::<Industry>().ok();
    let name = industry.map(|known| {
        if lang == Lang::English {
            known.en()
        } else {
            known.zh()
        }
    });
    Identity {
        name: row.name.clone(),
        unified_code: row.code.clone(),
        registration_number: row.registration.clone(),
        division: Place {
            name: DivisionCode::parse(&row.division)
                .map_or_else(|_| row.division.clone(), division::full_name),
            code: row.division.clone(),
        },
        kind: row.kind.clone(),
        industry: Named {
            code: row.industry.clone(),
            name: name.unwrap_or_default().to_owned(),
        },
        registered_on: row.registered_on,
    }
}

/// How an employer is named in an address and in a cursor.
pub(super) fn key(row: &EmployerRow) -> String {
    match (&row.code, &row.registration) {
        (Some(code), _) => code.clone(),
        (None, number) => format!("reg:{}:{}", row.division, number.as_deref().unwrap_or_default()),
    }
}

/// An employer's addresses.
pub(super) fn links(row: &EmployerRow) -> Links {
    Links {
        this: format!("/api/v1/employers/{}", key(row)),
        page: row.code.as_ref().map(|code| format!("/employers/{code}")),
    }
}

/// What `viewer` may see of an employer. Withdrawn records are left out, and so are listings that ended.
///
/// # Errors
/// [`Failure::Internal`].
pub(super) fn published(
    conn: &mut Conn,
    lists: &mut Lists,
    viewer: &Viewer,
    employer: i64,
    served: i64,
) -> Result<Published, Failure> {
    read(conn, lists, None, viewer, employer, served)
}

/// What `viewer` might have seen of an employer when the log had `served` entries, by the lists of `then`;
/// what was withdrawn by those of `now` is left out at every date (records.md §8).
///
/// # Errors
/// [`Failure::Internal`].
pub(super) fn published_then(
    conn: &mut Conn,
    then: &mut Lists,
    now: &mut Lists,
    viewer: &Viewer,
    employer: i64,
    served: i64,
) -> Result<Published, Failure> {
    read(conn, then, Some(now), viewer, employer, served)
}

fn read(
    conn: &mut Conn,
    lists: &mut Lists,
    mut newest: Option<&mut Lists>,
    viewer: &Viewer,
    employer: i64,
    served: i64,
) -> Result<Published, Failure> {
    let mut found = Published::default();
    let rows = if viewer.sees_all_of(employer) {
        body::of_employer(conn, employer, served)?
    } else {
        body::public_of_employer(conn, employer, served)?
    };
    for row in rows.iter().filter(|row| viewer.may_see(row)) {
        let record = credential::read(&row.bytes).map_err(|error| unreadable(row, &error))?;
        let state = lists.standing(conn, &record)?;
        let gone = match &mut newest {
            Some(newest) => newest.standing(conn, &record)? == Standing::Withdrawn,
            None => false,
        };
        if gone || state == Standing::Withdrawn {
            continue;
        }
        match record.facts().map_err(|error| unreadable(row, &error))? {
            Subject::Grade(facts) => found.history.push(grade(row, &record, &facts, state)),
            Subject::Blacklist(facts) if state.is_current() => {
                found.listings.push(listing(row, &record, &facts, state));
            }
            Subject::Blacklist(_) | Subject::RuleSet(_) | Subject::Withdrawal(_) => {}
        }
    }
    found
        .history
        .sort_by_key(|grade| std::cmp::Reverse((grade.year, grade.common.place.log_index)));
    found.current = found
        .history
        .iter()
        .find(|grade| grade.common.place.state.is_current())
        .cloned();
    Ok(found)
}

fn unreadable(row: &Body, why: &dyn std::fmt::Display) -> Failure {
    StoreError::corrupt(format!("body {}", row.log_index), why).into()
}

fn grade(row: &Body, record: &Credential<'_>, facts: &GradeFacts<'_>, state: Standing) -> Grade {
    Grade {
        year: facts.year,
        grade: facts.grade.to_string(),
        basis: facts.basis.iter().map(ToString::to_string).collect(),
        common: Common {
            document_number: facts.document_number.to_string(),
            decided_on: facts.decided_on,
            decided_by: decider(&facts.decided_by),
            rule_set: rules(&facts.rule_set),
            place: place(row, record, state),
        },
    }
}

fn listing(row: &Body, record: &Credential<'_>, facts: &BlacklistFacts<'_>, state: Standing) -> Listing {
    Listing {
        listed_on: facts.listed_on,
        expires_on: facts.expires_on,
        earliest_removal_on: facts.earliest_removal_on,
        workers: facts.workers,
        amount: facts.amount.to_string(),
        basis: facts.basis.iter().map(ToString::to_string).collect(),
        pay_order: PayOrder {
            number: facts.pay_order.number.to_string(),
            deadline: facts.pay_order.deadline,
        },
        responsible_persons: facts
            .responsible_persons
            .iter()
            .map(ToString::to_string)
            .collect(),
        common: Common {
            document_number: facts.document_number.to_string(),
            decided_on: facts.decided_on,
            decided_by: decider(&facts.decided_by),
            rule_set: rules(&facts.rule_set),
            place: place(row, record, state),
        },
    }
}

fn place(row: &Body, record: &Credential<'_>, state: Standing) -> Placed {
    let link = records::link(row).unwrap_or_default();
    Placed {
        valid_from: moment(record.valid_from),
        valid_until: record.valid_until.map(moment),
        state,
        audience: row.audience.clone(),
        log_index: row.log_index,
        links: RecordLinks {
            latest: format!("{link}/latest"),
            bundle: format!("{link}/bundle"),
            record: link,
        },
    }
}

fn decider(authority: &credential::Authority<'_>) -> Decider {
    Decider {
        name: authority.name.to_string(),
        division: authority.division.to_string(),
    }
}

fn rules(rules: &credential::RuleSetRef<'_>) -> Rules {
    Rules {
        id: rules.id.to_string(),
        version: rules.version.to_string(),
        digest_multibase: rules.digest.multibase(),
    }
}

/// A moment as answers spell it: UTC, whole seconds, `Z`.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

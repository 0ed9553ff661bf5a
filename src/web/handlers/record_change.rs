//! An officer proposes a change of a published record. The rules refuse; here is only said why.

use actix_web::http::StatusCode;
use uuid::Uuid;

use crate::domain::authority::ActorRefusal;
use crate::domain::batch::BatchRefusal;
use crate::domain::change::{ChangeKind, ChangeRefusal};
use crate::domain::withdrawal::{Cause, WithdrawalRefusal};
use crate::record::credential::{self, RecordType, Subject};
use crate::registry::batch::BatchError;
use crate::registry::blacklist::CaseError;
use crate::registry::change::{self, Wanted};
use crate::registry::withdrawal;
use crate::store::log::body::{self, Body};
use crate::store::log::checkpoint;
use crate::store::{Conn, StoreError, employer};
use crate::web::answer::{Answer, Failure};
use crate::web::context::{Context, employer_url};
use crate::web::i18n::Lang;
use crate::web::pages::parts::{Badge, Fact, Notice, Tone};
use crate::web::pages::record_change::{self, KindChoice, Offered, RecordChangePage};
use crate::web::standing::{Lists, Standing};
use crate::web::words;

use super::officer;

/// What is typed beyond this is cut; the rule itself is stricter, and says so.
const REASON: usize = 500;
const DOCUMENT: usize = 500;

/// The form.
///
/// # Errors
/// [`Failure::NotFound`], [`Failure::Forbidden`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let page = page(context, &mut conn, context.asked.parameter("kind"))?;
    context.page(&mut conn, &page)
}

/// Proposes it.
///
/// # Errors
/// [`Failure`].
pub fn propose(context: &Context) -> Result<Answer, Failure> {
    let asked = &context.asked;
    let actor = officer::acting(context, &mut *context.conn()?)?;
    let record = id(context)?;
    let cut = |name: &str, most: usize| asked.field(name).trim().chars().take(most).collect::<String>();
    let (reason, document) = (cut("reason", REASON), cut("document", DOCUMENT));
    let texts = &context.lang.text().change;
    let registry = &context.app.registry;
    let kind = ChangeKind::parse(asked.field("kind"));
    let cause = Cause::ALL
        .into_iter()
        .find(|cause| record_change::withdrawal(*cause) == asked.field("kind"));
    let proposed = if let Some(kind) = kind {
        let wanted = Wanted {
            record,
            kind,
            reason: &reason,
            document_number: &document,
        };
        change::propose(registry, &actor, wanted)
    } else if let Some(cause) = cause {
        let wanted = withdrawal::Wanted {
            record,
            cause,
            reason: &reason,
            document_number: &document,
            ended_on: None,
        };
        withdrawal::propose(registry, &actor, wanted)
    } else {
        return again(
            context,
            StatusCode::UNPROCESSABLE_ENTITY,
            texts.kind_missing,
            &reason,
            &document,
        );
    };
    let error = match proposed {
        Ok(batch) => return Ok(Answer::see(format!("{}?done=proposed", officer::url(&batch)))),
        Err(error) => error,
    };
    tracing::warn!(request = %asked.id, %error, "a change of a record was not proposed");
    let (status, text) = match &error {
        BatchError::Change(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refused(context.lang, refusal)),
        BatchError::Withdrawal(refusal) => {
            let text = not_withdrawn(context.lang, refusal);
            (StatusCode::UNPROCESSABLE_ENTITY, text)
        }
        BatchError::Case(CaseError::Refused(_) | CaseError::Incomplete { .. }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, texts.case_refuses)
        }
        BatchError::Already(_) => (StatusCode::CONFLICT, texts.already),
        BatchError::NumberTaken(_) => (StatusCode::CONFLICT, texts.number_taken),
        BatchError::Refused(_) => (
            StatusCode::FORBIDDEN,
            may_not(context.lang, &error).unwrap_or(texts.elsewhere),
        ),
        BatchError::NoRecord(_) => return Err(Failure::NotFound),
        _ => return Err(error.into()),
    };
    again(context, status, text, &reason, &document)
}

fn not_withdrawn(lang: Lang, refusal: &WithdrawalRefusal) -> &'static str {
    let texts = &lang.text().change;
    match refusal {
        WithdrawalRefusal::Gone => texts.revoked,
        WithdrawalRefusal::NoReason => texts.no_reason,
        WithdrawalRefusal::NoDocument => texts.no_document,
        WithdrawalRefusal::ByTime | WithdrawalRefusal::Future(_) => texts.kind_missing,
        WithdrawalRefusal::NotAListing | WithdrawalRefusal::NotARecord => texts.not_a_listing,
    }
}

fn refused(lang: Lang, refusal: &ChangeRefusal) -> &'static str {
    let texts = &lang.text().change;
    match refusal {
        ChangeRefusal::Revoked => texts.revoked,
        ChangeRefusal::Replaced => texts.replaced,
        ChangeRefusal::Suspended => texts.suspended,
        ChangeRefusal::NotSuspended => texts.not_suspended,
        ChangeRefusal::NotLower { .. } => texts.not_lower,
        ChangeRefusal::Unchanged => texts.unchanged,
        ChangeRefusal::NotAGrade => texts.not_a_grade,
        ChangeRefusal::Expired => texts.expired,
        ChangeRefusal::Unfit => texts.unfit,
        ChangeRefusal::NoReason => texts.no_reason,
        ChangeRefusal::NoDocument => texts.no_document,
    }
}

fn again(
    context: &Context,
    status: StatusCode,
    why: &str,
    reason: &str,
    document: &str,
) -> Result<Answer, Failure> {
    let mut conn = context.conn()?;
    let mut page = page(context, &mut conn, context.asked.field("kind"))?;
    if page.why_not.is_some() {
        let html = context.html_at(&mut conn, &page.url.clone(), &page)?;
        return Ok(Answer::with_status(status, html));
    }
    page.notice = Some(Notice::new(Tone::Warn, context.lang.text().change.not_taken, why));
    page.reason = reason.to_owned();
    page.document = document.to_owned();
    let html = context.html_at(&mut conn, &page.url.clone(), &page)?;
    Ok(Answer::with_status(status, html))
}

fn id(context: &Context) -> Result<Uuid, Failure> {
    Uuid::parse_str(context.asked.place("id")).map_err(|_| Failure::NotFound)
}

fn page(context: &Context, conn: &mut Conn, kind: &str) -> Result<RecordChangePage, Failure> {
    let id = id(context)?;
    let served = checkpoint::served_size(conn)?;
    let row = body::by_record_id(conn, id.as_bytes(), served)?.ok_or(Failure::NotFound)?;
    let whom = row.employer_id.map(|id| employer::find(conn, id)).transpose()?;
    let whom = whom.flatten().ok_or(Failure::NotFound)?;
    let (record, facts, standing) = described(context, conn, &row, served)?;
    let (lang, texts) = (context.lang, &context.lang.text().change);
    let actor = officer::acting(context, conn)?;
    let offered = offered(conn, &row, standing)?;
    let why_not = match (change::may_propose(&actor, &row), &offered) {
        (Err(error), _) => {
            let text = may_not(lang, &error).ok_or(error)?;
            Some(Notice::new(Tone::Warn, texts.may_not, text))
        }
        (Ok(()), Err(refusal)) => Some(Notice::new(Tone::Info, texts.not_now, refused(lang, refusal))),
        (Ok(()), Ok(_)) => None,
    };
    Ok(RecordChangePage {
        name: whom.name.clone(),
        employer_url: employer_url(&whom),
        record,
        state: state(lang, standing),
        facts,
        notice: None,
        why_not,
        url: format!("/officer/records/{}/change", id.hyphenated()),
        csrf: context.person().map_or_else(String::new, |who| who.csrf.clone()),
        kinds: KindChoice::of(lang, &offered.unwrap_or_default(), kind),
        reason: String::new(),
        document: String::new(),
    })
}

/// The kinds of change and the causes of a withdrawal that the record's state leaves, or why there is none.
fn offered(
    conn: &mut Conn,
    row: &Body,
    standing: Standing,
) -> Result<Result<Offered, ChangeRefusal>, StoreError> {
    let is = |wanted: RecordType| row.record_type.as_deref() == Some(wanted.as_str());
    let status = change::status(conn, row.log_index)?;
    let mut offered = Offered::default();
    let mut refusal = (standing == Standing::Expired).then_some(ChangeRefusal::Expired);
    for kind in ChangeKind::ALL {
        match kind.may(status) {
            Ok(()) if standing == Standing::Expired => {}
            Ok(()) if is(RecordType::IntegrityGrade) || !kind.supersedes() => offered.kinds.push(kind),
            Ok(()) => {}
            Err(refused) => refusal = Some(refused),
        }
    }
    if standing != Standing::Withdrawn {
        let fits = |cause: &Cause| is(RecordType::WageBlacklistEntry) || !cause.ends_a_listing();
        let decided = Cause::ALL.into_iter().filter(|cause| cause.is_decided());
        offered.causes = decided.filter(fits).collect();
    }
    Ok(match refusal {
        Some(refusal) if offered.kinds.is_empty() && offered.causes.is_empty() => Err(refusal),
        _ => Ok(offered),
    })
}

/// Why an officer may not propose, where that is the reason.
fn may_not(lang: Lang, error: &BatchError) -> Option<&'static str> {
    let texts = &lang.text().change;
    match error {
        BatchError::Refused(BatchRefusal::Actor(ActorRefusal::Role { .. })) => Some(texts.no_role),
        BatchError::Refused(_) => Some(texts.elsewhere),
        _ => None,
    }
}

fn described(
    context: &Context,
    conn: &mut Conn,
    row: &Body,
    served: i64,
) -> Result<(Badge, Vec<Fact>, Standing), Failure> {
    let (lang, now) = (context.lang, context.app.registry.clock.now());
    let wrong = |why: &dyn std::fmt::Display| StoreError::corrupt(format!("body {}", row.log_index), why);
    let record = credential::read(&row.bytes).map_err(|error| wrong(&error))?;
    let standing = Lists::new(served, now).standing(conn, &record)?;
    let facts = record.facts().map_err(|error| wrong(&error))?;
    let texts = &lang.text().employer;
    let (badge, number, by, on) = match facts {
        Subject::Grade(facts) => {
            let letter = facts.grade.chars().next().unwrap_or('-');
            let badge = Badge::grade_of_year(lang, i32::from(facts.year), letter);
            (
                badge,
                facts.document_number,
                facts.decided_by.name,
                facts.decided_on,
            )
        }
        Subject::Blacklist(facts) => {
            let badge = Badge::new(Tone::C, lang.text().grades.listed);
            (
                badge,
                facts.document_number,
                facts.decided_by.name,
                facts.decided_on,
            )
        }
        Subject::RuleSet(_) | Subject::Withdrawal(_) => return Err(Failure::NotFound),
    };
    let rows = vec![
        Fact::new(texts.document, number.to_string()),
        Fact::new(texts.decided_by, by.to_string()),
        Fact::new(texts.decided_on, on.to_string()),
    ];
    let badge = match standing {
        Standing::Suspended => badge.suspended(lang),
        _ => badge,
    };
    Ok((badge, rows, standing))
}

/// How a record stands, as a badge.
#[must_use]
pub fn state(lang: Lang, standing: Standing) -> Badge {
    let tone = match standing {
        Standing::Valid => Tone::Good,
        Standing::Suspended => Tone::Warn,
        Standing::Superseded | Standing::Expired | Standing::NotYetValid => Tone::None,
        Standing::Withdrawn => Tone::Bad,
    };
    Badge::new(tone, words::standing(lang, standing))
}

//! What an officer decides about a batch. The rules refuse; here is only said why.

use actix_web::http::StatusCode;

use crate::domain::batch::BatchRefusal;
use crate::registry::batch::{self as batches, BatchError};
use crate::registry::blacklist::CaseError;
use crate::registry::publish::{NoStops, PublishError};
use crate::registry::release;
use crate::registry::witness::Standing;
use crate::web::answer::{Answer, Failure};
use crate::web::context::Context;
use crate::web::pages::parts::{Notice, Tone};
use crate::web::words;

use super::{batch, officer};

/// Longest reason taken.
const REASON: usize = 500;

/// Approves a batch.
///
/// # Errors
/// [`Failure`].
pub fn approve(context: &Context) -> Result<Answer, Failure> {
    let asked = &context.asked;
    let actor = officer::acting(context, &mut *context.conn()?)?;
    let id = asked.place("id");
    officer::batch_of(&mut *context.conn()?, &actor, id)?;
    if asked.field("read") != "yes" {
        let missing = context.lang.text().batch.read_missing;
        return batch::again(context, StatusCode::UNPROCESSABLE_ENTITY, None, |page| {
            if let Some(decision) = page.decision.as_mut() {
                decision.read_error = Some(missing.to_owned());
            }
        });
    }
    let shown = words::unhex(asked.field("digest"));
    let done = batches::approve(&context.app.registry, &actor, id, &shown, "");
    after(context, done, "approved")
}

/// Turns a batch down.
///
/// # Errors
/// [`Failure`].
pub fn reject(context: &Context) -> Result<Answer, Failure> {
    let asked = &context.asked;
    let actor = officer::acting(context, &mut *context.conn()?)?;
    let id = asked.place("id");
    officer::batch_of(&mut *context.conn()?, &actor, id)?;
    let reason: String = asked.field("reason").trim().chars().take(REASON).collect();
    let shown = words::unhex(asked.field("digest"));
    let done = batches::reject(&context.app.registry, &actor, id, &shown, &reason);
    after(context, done, "rejected")
}

/// Publishes an approved batch, whole. 202 while witnesses have not cosigned: readers do not see it yet.
///
/// # Errors
/// [`Failure`].
pub fn publish(context: &Context) -> Result<Answer, Failure> {
    let actor = officer::acting(context, &mut *context.conn()?)?;
    let id = context.asked.place("id");
    officer::batch_of(&mut *context.conn()?, &actor, id)?;
    match release::publish(&context.app.registry, &actor, id, &NoStops, &|_, _| {}) {
        // The page itself says what it waits for.
        Ok(Standing::AwaitingWitnesses(_)) => batch::again(context, StatusCode::ACCEPTED, None, |_| {}),
        done => after(context, done.map(drop), "published"),
    }
}

fn after(context: &Context, done: Result<(), BatchError>, word: &str) -> Result<Answer, Failure> {
    let words = &context.lang.text().batch;
    let url = officer::url(context.asked.place("id"));
    let error = match done {
        Ok(()) => return Ok(Answer::see(format!("{url}?done={word}"))),
        Err(error) => error,
    };
    tracing::warn!(request = %context.asked.id, %error, "a step on a batch was refused");
    let warn = |title: &str, text: &str| Some(Notice::new(Tone::Warn, title, text));
    match error {
        BatchError::Refused(BatchRefusal::NoReason) => {
            let typed = context.asked.field("reason").to_owned();
            let missing = words.reason_missing.to_owned();
            batch::again(context, StatusCode::UNPROCESSABLE_ENTITY, None, |page| {
                if let Some(decision) = page.decision.as_mut() {
                    decision.reason = typed;
                    decision.reason_error = Some(missing);
                }
            })
        }
        BatchError::Refused(BatchRefusal::State { .. }) | BatchError::Meanwhile => {
            let notice = warn(words.changed, words.read_again);
            batch::again(context, StatusCode::CONFLICT, notice, |_| {})
        }
        BatchError::OtherDigest => {
            let notice = warn(words.changed, words.changed_text);
            batch::again(context, StatusCode::CONFLICT, notice, |_| {})
        }
        // The page itself says who may not and why.
        BatchError::Refused(_) | BatchError::Case(CaseError::Refused(_) | CaseError::Incomplete { .. }) => {
            let notice = Notice::new(Tone::Bad, words.why_not, "");
            batch::again(context, StatusCode::FORBIDDEN, Some(notice), |page| {
                if page.why_not.is_some() {
                    page.notice = None;
                }
            })
        }
        BatchError::Publish(error) => {
            let text = match error {
                PublishError::NotApproved { .. } => words.not_approved,
                _ => words.not_published_text,
            };
            let notice = Notice::new(Tone::Bad, words.not_published, text);
            batch::again(context, StatusCode::CONFLICT, Some(notice), |_| {})
        }
        error => Err(error.into()),
    }
}

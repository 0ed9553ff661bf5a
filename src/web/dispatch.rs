//! From a row and a handler to an answer: limits, who may ask, the form's token; then the handler on a
//! blocking thread. No handler checks these by itself, so none can forget.

use std::sync::Arc;

use actix_web::cookie::SameSite;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::authority::{Roles, UnknownRole};
use crate::store::StoreError;

use super::answer::{Answer, Failure, cookie};
use super::asked::{Asked, FORM_COOKIE};
use super::context::Context;
use super::i18n::LANG_PARAMETER;
use super::pages::shell::MODE_PARAMETER;
use super::route::{Audience, Route};
use super::state::App;
use super::viewer::Viewer;
use super::{csrf, words};

/// A page's work. It may block.
pub type Handler = fn(&Context) -> Result<Answer, Failure>;

/// A year, in seconds: how long a chosen language or layout is kept.
const A_YEAR: i64 = 366 * 24 * 3600;

/// Answers a request.
pub async fn answer(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Bytes,
    row: Route,
    handler: Handler,
) -> HttpResponse {
    let app = app.into_inner();
    let asked = Asked::of(&request, &body, app.trusted_proxy);
    let now = app.registry.clock.now();
    if let Err(seconds) = app.limiter.count(&asked.source, row.rate, now) {
        return too_often(&asked, seconds);
    }
    let id = asked.id.clone();
    let work = web::block(move || work(app, asked, row, handler)).await;
    work.unwrap_or_else(|error| {
        tracing::error!(request = %id, %error, "request was cut off");
        (
            Answer::with_status(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
            false,
        )
    })
    .respond()
}

trait Respond {
    fn respond(self) -> HttpResponse;
}

impl Respond for (Answer, bool) {
    fn respond(self) -> HttpResponse {
        self.0.respond(self.1)
    }
}

fn work(app: Arc<App>, asked: Asked, row: Route, handler: Handler) -> (Answer, bool) {
    let id = asked.id.clone();
    let context = match Context::new(app, asked) {
        Ok(context) => context,
        Err(error) => {
            tracing::error!(request = %id, %error, "no database");
            let text = "系统暂时不可用 / the service is temporarily unavailable";
            return (
                Answer::with_status(StatusCode::SERVICE_UNAVAILABLE, text.to_owned()),
                false,
            );
        }
    };
    let keep = row.audience == Audience::Public
        && !row.csrf
        && matches!(context.viewer, Viewer::Public)
        && row.path != "/sign-in";
    let given = allowed(&context, row).and_then(|stop| match stop {
        Some(stop) => Ok(stop),
        None => handler(&context),
    });
    let answer = given.unwrap_or_else(|failure| context.failed(&failure));
    (choices(&context, answer), keep)
}

/// Nothing where the request may go on; an answer where it leads to the sign-in page instead.
fn allowed(context: &Context, row: Route) -> Result<Option<Answer>, Failure> {
    let asked = &context.asked;
    if row.csrf {
        let token = match context.person() {
            Some(who) if row.audience != Audience::Public => who.csrf.as_str(),
            _ => asked.cookies.get(FORM_COOKIE).map_or("", String::as_str),
        };
        csrf::check(asked, token).map_err(Failure::Forged)?;
    }
    let roles = match row.audience {
        Audience::Public => return Ok(None),
        Audience::SignedIn => None,
        Audience::Officer(roles) => Some(roles),
    };
    let Some(who) = context.person() else {
        let next = if asked.is_post {
            "/officer"
        } else {
            &asked.path_and_query
        };
        return Ok(Some(Answer::see(format!(
            "/sign-in?next={}",
            words::escaped(next)
        ))));
    };
    let Some(roles) = roles else {
        return Ok(None);
    };
    let held: Roles =
        who.account.roles.parse().map_err(|error: UnknownRole| {
            StoreError::corrupt(format!("account {}", who.account.id), error)
        })?;
    if who.account.kind == "officer" && (roles.is_empty() || held.any_of(roles)) {
        Ok(None)
    } else {
        Err(Failure::Forbidden)
    }
}

/// Keeps a language or layout that the address chose.
fn choices(context: &Context, mut answer: Answer) -> Answer {
    let asked = &context.asked;
    if asked.query.contains_key(LANG_PARAMETER) {
        let value = context.lang.code();
        answer = answer.cookie(cookie(
            LANG_PARAMETER,
            value,
            SameSite::Lax,
            asked.https,
            Some(A_YEAR),
        ));
    }
    if asked.query.contains_key(MODE_PARAMETER) {
        let value = if asked.large() { "large" } else { "normal" };
        answer = answer.cookie(cookie(
            MODE_PARAMETER,
            value,
            SameSite::Lax,
            asked.https,
            Some(A_YEAR),
        ));
    }
    answer
}

fn too_often(asked: &Asked, seconds: i64) -> HttpResponse {
    tracing::warn!(request = %asked.id, "too many requests from one address");
    HttpResponse::TooManyRequests()
        .insert_header((header::RETRY_AFTER, seconds.to_string()))
        .content_type("text/plain; charset=utf-8")
        .body(format!(
            "请求过于频繁，请在 {seconds} 秒后再试 / too many requests, try again in {seconds} seconds\n"
        ))
}

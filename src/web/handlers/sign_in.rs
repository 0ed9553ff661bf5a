//! Sign-in and sign-out.

use actix_web::cookie::SameSite;
use actix_web::http::StatusCode;

use crate::registry::session::{self, SignInError};
use crate::store::{account, employer};
use crate::web::answer::{Answer, Failure, cookie};
use crate::web::asked::{Asked, FORM_COOKIE};
use crate::web::context::{Context, employer_url};
use crate::web::pages::sign_in::{SignInNotice, SignInPage};
use crate::web::viewer::SESSION_COOKIE;
use crate::web::words::hex;

/// The form.
///
/// # Errors
/// [`Failure`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let next = own_path(context.asked.parameter("next"));
    let notice = next.is_some().then_some(SignInNotice::Needed);
    form(context, StatusCode::OK, next.unwrap_or_default(), "", notice)
}

/// Somebody tries to sign in. The form's token was checked already.
///
/// # Errors
/// [`Failure`].
pub fn post(context: &Context) -> Result<Answer, Failure> {
    let asked = &context.asked;
    let (login, next) = (asked.field("account").trim(), own_path(asked.field("next")));
    let tried = session::sign_in(
        &context.app.registry,
        login,
        asked.field("password"),
        &asked.source,
    );
    let again = |status, notice| form(context, status, next.unwrap_or_default(), login, Some(notice));
    match tried {
        Ok(begun) => {
            let home = home_of(context, &begun.account)?;
            let to = next.map_or(home, str::to_owned);
            Ok(Answer::see(to)
                .cookie(session_cookie(asked, begun.token, None))
                .cookie(cookie(FORM_COOKIE, "", SameSite::Strict, asked.https, Some(0))))
        }
        Err(SignInError::Wrong) => again(StatusCode::UNPROCESSABLE_ENTITY, SignInNotice::Failed),
        Err(SignInError::TooMany(minutes)) => {
            let seconds = u64::try_from(minutes).unwrap_or(1).saturating_mul(60);
            Ok(
                again(StatusCode::TOO_MANY_REQUESTS, SignInNotice::SlowDown(seconds))?
                    .retry_after(minutes.saturating_mul(60)),
            )
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session.
///
/// # Errors
/// [`Failure`].
pub fn sign_out(context: &Context) -> Result<Answer, Failure> {
    if let Some(who) = context.person() {
        session::sign_out(&context.app.registry, who)?;
    }
    Ok(Answer::see("/").cookie(session_cookie(&context.asked, String::new(), Some(0))))
}

fn session_cookie(asked: &Asked, token: String, seconds: Option<i64>) -> actix_web::cookie::Cookie<'static> {
    cookie(SESSION_COOKIE, token, SameSite::Lax, asked.https, seconds)
}

/// The form with a token that the browser holds too. A token that it holds already stays, so that two
/// open tabs both work.
fn form(
    context: &Context,
    status: StatusCode,
    next: &str,
    account: &str,
    notice: Option<SignInNotice>,
) -> Result<Answer, Failure> {
    let held = context
        .asked
        .cookies
        .get(FORM_COOKIE)
        .filter(|token| token.len() == 64);
    let token = match held {
        Some(token) => token.clone(),
        None => {
            let mut bytes = [0_u8; 32];
            context.app.registry.random.fill(&mut bytes)?;
            hex(&bytes)
        }
    };
    let page = SignInPage::new(
        context.lang,
        token.clone(),
        next.to_owned(),
        account.to_owned(),
        notice,
    );
    let html = context.html_at(&mut *context.conn()?, "/sign-in", &page)?;
    let https = context.asked.https;
    Ok(Answer::with_status(status, html).cookie(cookie(FORM_COOKIE, token, SameSite::Strict, https, None)))
}

/// A path of this site; anything that a browser could read as another site is none.
fn own_path(next: &str) -> Option<&str> {
    let plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    (plain && next.starts_with('/') && !next.starts_with("//")).then_some(next)
}

fn home_of(context: &Context, id: &str) -> Result<String, Failure> {
    let mut conn = context.conn()?;
    let row = account::find(&mut conn, id)?;
    let employer = match row.and_then(|row| row.employer_id) {
        Some(id) => employer::find(&mut conn, id)?,
        None => None,
    };
    Ok(employer.map_or_else(|| "/officer".to_owned(), |row| employer_url(&row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(
            own_path("/officer/batches/1?page=2"),
            Some("/officer/batches/1?page=2")
        );
        for next in [
            "",
            "officer",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/\n/",
        ] {
            assert_eq!(own_path(next), None, "{next}");
        }
    }
}

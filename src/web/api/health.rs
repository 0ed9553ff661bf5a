//! Whether the process lives, and whether it should be sent requests.
//!
//! Says which check fails, never why: causes name paths and hosts, and go to the log. A missing quorum of
//! witnesses is said here and is no reason to send readers elsewhere: what they see is sound, only not new.

use actix_web::http::StatusCode;
use serde::Serialize;

use crate::registry::check::{self, CheckError};
use crate::store::StoreError;
use crate::store::log::{checkpoint, cosigned};
use crate::web::problem::Failure;
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::endpoint::Endpoint;

/// `/healthz`
pub(super) const LIVE: Endpoint = Endpoint {
    route: Route::public("/healthz"),
    run: live,
    about: "Whether the process answers",
    operation: "health",
    path: &[],
    query: &[],
    body: None,
    media: JSON,
    schema: Some("Health"),
    by_viewer: false,
    others: &[],
};

/// `/readyz`
pub(super) const READY: Endpoint = Endpoint {
    route: Route::public("/readyz"),
    run: ready,
    about: "Whether the database answers, the log's head verifies and the keys can be read",
    operation: "readiness",
    path: &[],
    query: &[],
    body: None,
    media: JSON,
    schema: Some("Readiness"),
    by_viewer: false,
    others: &[503],
};

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    status: &'static str,
    database: &'static str,
    head: &'static str,
    /// `elsewhere`: this machine reads only, and signs nothing.
    keys: &'static str,
    /// `no-quorum`: the alarm.
    witnesses: &'static str,
    /// How long no quorum of witnesses was reached.
    no_quorum_seconds: Option<i64>,
    /// Entries that are signed and that readers see once witnesses have cosigned.
    awaiting_witnesses: Option<i64>,
    checkpoint_age_seconds: Option<i64>,
}

fn live(_: &App, _: &Call) -> Result<Answer, Failure> {
    Answer::json(&Health { status: "ok" })
}

fn ready(app: &App, _: &Call) -> Result<Answer, Failure> {
    let age = checkpoint_age(app);
    let head = verified(app);
    let keys = match &app.registry.data {
        None => Ok("elsewhere"),
        Some(_) => app.registry.keys().and_then(|keys| keys.issuers().map(|_| "ok")),
    };
    let failed = |what: &str, why: &dyn std::fmt::Display| {
        tracing::error!(what, %why, "not ready");
        "fails"
    };
    let found = Readiness {
        database: age.as_ref().map_or_else(|why| failed("database", why), |_| "ok"),
        head: head.as_ref().map_or_else(|why| failed("head", why), |()| "ok"),
        keys: keys.unwrap_or_else(|why| failed("keys", &why)),
        witnesses: witnesses(app),
        no_quorum_seconds: no_quorum_seconds(app),
        awaiting_witnesses: awaiting(app).unwrap_or_else(|why| {
            tracing::error!(%why, "what awaits witnesses cannot be read");
            None
        }),
        checkpoint_age_seconds: age.ok().flatten(),
        status: "",
    };
    let ready = [found.database, found.head, found.keys]
        .iter()
        .all(|state| *state != "fails");
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let found = Readiness {
        status: if ready { "ok" } else { "fails" },
        ..found
    };
    Ok(Answer::json(&found)?.status(status))
}

fn witnesses(app: &App) -> &'static str {
    match (&app.registry.data, &app.registry.witnesses) {
        (None, _) => "elsewhere",
        (Some(_), None) => "not-required",
        (Some(_), Some(witnesses)) if witnesses.failing_since().is_some() => "no-quorum",
        (Some(_), Some(_)) => "ok",
    }
}

fn no_quorum_seconds(app: &App) -> Option<i64> {
    let since = app.registry.witnesses.as_ref()?.failing_since()?;
    Some((app.registry.clock.now() - since).num_seconds().max(0))
}

fn awaiting(app: &App) -> Result<Option<i64>, StoreError> {
    let mut conn = app.registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    Ok(cosigned::newest_awaiting(&mut conn, served)?.map(|(size, _)| size.saturating_sub(served)))
}

fn checkpoint_age(app: &App) -> Result<Option<i64>, StoreError> {
    let newest = checkpoint::newest_served(&mut *app.registry.store.conn()?)?;
    let now = app.registry.clock.now().naive_utc();
    Ok(newest.map(|head| (now - head.signed_at).num_seconds().max(0)))
}

/// The check of the head. A publication may raise the signer's mark between the check's two reads; a second
/// look then finds the entries.
fn verified(app: &App) -> Result<(), CheckError> {
    match check::head(&app.registry) {
        Err(CheckError::Older { .. }) => check::head(&app.registry).map(drop),
        other => other.map(drop),
    }
}

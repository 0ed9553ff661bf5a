//! One resource: its row in the route table, what it says of itself in the OpenAPI document, and the
//! function that answers. What is documented is what is checked: unknown query parameters are those
//! that are not listed here.

use std::sync::Arc;

use actix_web::guard::{Any, Get, Head};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::web::asked::Asked;
use crate::web::growth;
use crate::web::problem::{Failure, language, number};
use crate::web::rate::Left;
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::Answer;
use super::call::Call;

/// Answers a call. Runs on a thread that may block.
pub(super) type Run = fn(&App, &Call) -> Result<Answer, Failure>;

/// A parameter as documented.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) required: bool,
    /// JSON Schema type.
    pub(super) kind: &'static str,
}

impl Parameter {
    pub(super) const fn text(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            required: false,
            kind: "string",
        }
    }

    pub(super) const fn number(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            required: false,
            kind: "integer",
        }
    }

    pub(super) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }
}

/// A resource.
pub(super) struct Endpoint {
    pub(super) route: Route,
    pub(super) run: Run,
    /// What it is, in one sentence.
    pub(super) about: &'static str,
    /// Name of the operation, unique.
    pub(super) operation: &'static str,
    /// Parts of the path.
    pub(super) path: &'static [Parameter],
    /// Query parameters.
    pub(super) query: &'static [Parameter],
    /// Name of the request's schema among the components, where it is asked by `POST` with JSON.
    pub(super) body: Option<&'static str>,
    /// Media type of the answer.
    pub(super) media: &'static str,
    /// Name of the answer's schema among the components, for JSON of our own.
    pub(super) schema: Option<&'static str>,
    /// Whether the answer depends on who asks.
    pub(super) by_viewer: bool,
    /// Statuses besides 200, 400, 405, 429 and 500 that it can answer.
    pub(super) others: &'static [u16],
}

/// Largest body of a question, in bytes: a thousand codes of 27 characters take 30,000.
const BODY: usize = 64 * 1024;

/// Makes the resource reachable.
pub(super) fn attach(cfg: &mut ServiceConfig, endpoint: &'static Endpoint) {
    let asked = match endpoint.body {
        Some(_) => web::post(),
        None => web::route().guard(Any(Get()).or(Head())),
    };
    let route = asked.to(move |request: HttpRequest, payload: Payload, app: Data<App>| {
        serve(request, payload, app, endpoint)
    });
    cfg.service(
        web::resource(endpoint.route.path)
            .route(route)
            .default_service(web::to(move |request: HttpRequest, app: Data<App>| {
                other_method(request, app, endpoint)
            })),
    );
}

async fn serve(
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
    endpoint: &'static Endpoint,
) -> HttpResponse {
    let source = Asked::of(&request, b"", app.trusted_proxy).source;
    let now = app.registry.clock.now();
    let left = match app.limiter.count(&source, endpoint.route.rate, now) {
        Ok(left) => left,
        Err(seconds) => return refuse(&request, &app, &Failure::TooMany(seconds)),
    };
    let none_match = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let mut response = match answer(&request, payload, &app, endpoint, &source).await {
        Ok(answer) => answer.respond(none_match),
        Err(failure) => refuse(&request, &app, &failure),
    };
    tell(&mut response, left);
    response
}

async fn answer(
    request: &HttpRequest,
    payload: Payload,
    app: &Data<App>,
    endpoint: &'static Endpoint,
    source: &str,
) -> Result<Answer, Failure> {
    let mut call = Call::of(request, endpoint.query)?;
    if endpoint.body.is_some() {
        call.body = question(request, payload).await?;
    }
    let call = Arc::new(call);
    let run = |call: Arc<Call>| blocking(app.clone(), move |app| (endpoint.run)(app, &call));
    let answer = run(call.clone()).await?;
    // Nothing is held while it waits but a seat: no connection, no thread.
    match answer.waits() {
        Some((seen, seconds)) if growth::wait(app, source, seen, seconds).await => run(call).await,
        _ => Ok(answer),
    }
}

/// The body of a question: JSON, and not too long.
async fn question(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, Failure> {
    let media = request.headers().get(header::CONTENT_TYPE);
    let media = media.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case(super::answer::JSON) {
        return Err(Failure::NotJson);
    }
    match payload.to_bytes_limited(BODY).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(_)) => Err(Failure::Unread),
        Err(_) => Err(Failure::TooLong(BODY)),
    }
}

/// Says how much may still be asked.
fn tell(response: &mut HttpResponse, left: Left) {
    for (name, value) in left.fields() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}

async fn other_method(request: HttpRequest, app: Data<App>, endpoint: &'static Endpoint) -> HttpResponse {
    let known = if endpoint.body.is_some() {
        "POST"
    } else {
        "GET, HEAD"
    };
    refuse(&request, &app, &Failure::Method(known))
}

fn refuse(request: &HttpRequest, app: &App, failure: &Failure) -> HttpResponse {
    let id = number(request, app.registry.random.as_ref());
    failure.respond(language(request), &app.registry.host, &id)
}

/// Runs what talks to the database on a thread that may block.
async fn blocking<T: Send + 'static>(
    app: Data<App>,
    work: impl FnOnce(&App) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    web::block(move || work(&app))
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?
}

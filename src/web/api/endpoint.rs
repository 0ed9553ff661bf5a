//! One resource: its row in the route table, what it says of itself in the OpenAPI document, and the
//! function that answers. What is documented is what is checked: unknown query parameters are those
//! that are not listed here.

use actix_web::guard::{Any, Get, Head};
use actix_web::http::header;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::web::asked::Asked;
use crate::web::problem::{Failure, language, number};
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
    /// Media type of the answer.
    pub(super) media: &'static str,
    /// Name of the answer's schema among the components, for JSON of our own.
    pub(super) schema: Option<&'static str>,
    /// Whether the answer depends on who asks.
    pub(super) by_viewer: bool,
    /// Statuses besides 200, 400, 405, 429 and 500 that it can answer.
    pub(super) others: &'static [u16],
}

/// Makes the resource reachable.
pub(super) fn attach(cfg: &mut ServiceConfig, endpoint: &'static Endpoint) {
    let read = web::route()
        .guard(Any(Get()).or(Head()))
        .to(move |request: HttpRequest, app: Data<App>| serve(request, app, endpoint));
    cfg.service(
        web::resource(endpoint.route.path)
            .route(read)
            .default_service(web::to(other_method)),
    );
}

async fn serve(request: HttpRequest, app: Data<App>, endpoint: &'static Endpoint) -> HttpResponse {
    let call = within_rate(&request, &app, endpoint).and_then(|()| Call::of(&request, endpoint.query));
    let answer = match call {
        Ok(call) => blocking(app.clone(), move |app| (endpoint.run)(app, &call)).await,
        Err(failure) => Err(failure),
    };
    let none_match = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    match answer {
        Ok(answer) => answer.respond(none_match),
        Err(failure) => refuse(&request, &app, &failure),
    }
}

fn within_rate(request: &HttpRequest, app: &App, endpoint: &Endpoint) -> Result<(), Failure> {
    let source = Asked::of(request, b"", app.trusted_proxy).source;
    let now = app.registry.clock.now();
    app.limiter
        .count(&source, endpoint.route.rate, now)
        .map_err(Failure::TooMany)
}

async fn other_method(request: HttpRequest, app: Data<App>) -> HttpResponse {
    refuse(&request, &app, &Failure::Method)
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

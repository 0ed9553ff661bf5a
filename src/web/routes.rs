//! The route table of the pages. Registration is driven by it: [`configure`] looks every handler's row
//! up and fails at the start where there is none. The API's rows stand in `api::ROUTES`.

use actix_web::{HttpRequest, HttpResponse, guard, http::header, web};

use super::dispatch::{self, Handler};
use super::handlers::{batch, decide, employer, home, item, officer, record_change, sign_in, verify};
use super::route::{Audience, Rate, Route, RouteError, row};
use super::state::App;
use super::{answer::Failure, assets};

const fn officer_page(path: &'static str) -> Route {
    Route {
        audience: Audience::Officer(&[]),
        ..Route::public(path)
    }
}

/// A form of an officer. Which role it takes is the rule set's to say, so the rule decides and the page
/// shows why one may not; the table only asks for an officer.
const fn officer_form(path: &'static str) -> Route {
    Route {
        method: "POST",
        path,
        audience: Audience::Officer(&[]),
        csrf: true,
        rate: Rate::Write,
    }
}

/// Every page.
pub const ROUTES: &[Route] = &[
    Route::public("/"),
    Route::public("/employers/{code}"),
    Route::public("/verify"),
    Route::public("/trust"),
    Route::public("/assets/{name}"),
    Route::public("/sign-in"),
    Route {
        method: "POST",
        path: "/sign-in",
        audience: Audience::Public,
        csrf: true,
        rate: Rate::SignIn,
    },
    Route {
        method: "POST",
        path: "/sign-out",
        audience: Audience::SignedIn,
        csrf: true,
        rate: Rate::Write,
    },
    officer_page("/officer"),
    officer_page("/officer/batches/{id}"),
    officer_page("/officer/batches/{id}/items/{position}"),
    officer_form("/officer/batches/{id}/approve"),
    officer_form("/officer/batches/{id}/reject"),
    officer_form("/officer/batches/{id}/publish"),
    officer_page("/officer/records/{id}/change"),
    officer_form("/officer/records/{id}/change"),
];

/// Every page's handler.
const HANDLERS: &[(&str, &str, Handler)] = &[
    ("GET", "/", home::show),
    ("GET", "/employers/{code}", employer::show),
    ("GET", "/verify", verify::show),
    ("GET", "/trust", verify::trust),
    ("GET", "/sign-in", sign_in::show),
    ("POST", "/sign-in", sign_in::post),
    ("POST", "/sign-out", sign_in::sign_out),
    ("GET", "/officer", officer::show),
    ("GET", "/officer/batches/{id}", batch::show),
    ("GET", "/officer/batches/{id}/items/{position}", item::show),
    ("POST", "/officer/batches/{id}/approve", decide::approve),
    ("POST", "/officer/batches/{id}/reject", decide::reject),
    ("POST", "/officer/batches/{id}/publish", decide::publish),
    ("GET", "/officer/records/{id}/change", record_change::show),
    ("POST", "/officer/records/{id}/change", record_change::propose),
];

/// Handlers with their rows.
///
/// # Errors
/// [`RouteError`] for a handler without a row.
pub fn bound() -> Result<Vec<(Route, Handler)>, RouteError> {
    row(ROUTES, "GET", ASSETS)?;
    HANDLERS
        .iter()
        .map(|(method, path, handler)| Ok((row(ROUTES, method, path)?, *handler)))
        .collect()
}

const ASSETS: &str = "/assets/{name}";

/// Registers the pages.
pub fn configure(config: &mut web::ServiceConfig, bound: &[(Route, Handler)]) {
    config.route(ASSETS, web::get().to(asset));
    for (row, handler) in bound.iter().copied() {
        let guarded = match row.method {
            "GET" => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
            _ => web::route().guard(guard::Post()),
        };
        config.route(
            row.path,
            guarded.to(
                move |app: web::Data<App>, request: HttpRequest, body: web::Bytes| {
                    dispatch::answer(app, request, body, row, handler)
                },
            ),
        );
    }
}

/// What no route takes.
pub async fn missing(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let row = Route::public("");
    dispatch::answer(app, request, web::Bytes::new(), row, |_| Err(Failure::NotFound)).await
}

async fn asset(app: web::Data<App>, name: web::Path<String>) -> HttpResponse {
    match app.renderer.assets().get(&name) {
        Some(asset) => HttpResponse::Ok()
            .content_type(asset.media_type)
            .insert_header((header::CACHE_CONTROL, assets::CACHE_CONTROL))
            .body(asset.bytes.clone()),
        None => HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body("not found\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handler_has_a_row_and_every_row_a_handler() {
        let bound = bound().unwrap();
        assert_eq!(bound.len() + 1, ROUTES.len());
    }

    #[test]
    fn whatever_changes_something_needs_a_token() {
        for row in ROUTES {
            assert_eq!(row.csrf, row.method != "GET", "{} {}", row.method, row.path);
            assert!(!row.path.starts_with("/officer") || matches!(row.audience, Audience::Officer(_)));
        }
    }
}

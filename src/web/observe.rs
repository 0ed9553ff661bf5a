//! Around every request: its number, the headers that every answer carries, one line in the log.
//!
//! The line names the route's pattern, never the address: codes and names stay out of the logs.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};

use super::asked::RequestId;
use super::problem::fresh_number;
use super::state::App;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Headers of every answer. The referrer policy keeps `Origin` on our own forms.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Numbers, times and logs one request.
///
/// # Errors
/// What the handler could not answer itself.
pub async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = number(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let begun = Instant::now();
    let mut response = next.call(request).await?;
    let pattern = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "-".to_owned());
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request = %id, %method, route = %pattern, status = response.status().as_u16(), millis, "request");
    Ok(response)
}

fn number(request: &ServiceRequest) -> String {
    request
        .app_data::<web::Data<App>>()
        .map_or_else(String::new, |app| fresh_number(app.registry.random.as_ref()))
}

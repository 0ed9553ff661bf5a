//! The HTTP surface against a small registry in process.

mod audience;
mod changes;
mod dumps;
mod employers;
mod files;
mod fixture;
mod form;
mod lookup;
mod pages;
mod statement;

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::Data;
use actix_web::{App as Server, test};
use serde_json::Value;

use crate::web::viewer::SESSION_COOKIE;
use fixture::world;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Public,
    Partner,
    /// A person of employer B.
    OwnB,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers
            .get(name.as_ref())
            .map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

async fn ask(method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
    send(method, path, headers, Vec::new()).await
}

async fn send(method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    let app = Data::from(world().app.clone());
    let server = test::init_service(Server::new().app_data(app).configure(super::configure)).await;
    let mut request = test::TestRequest::default().method(method).uri(path);
    for (name, value) in headers {
        request = request.insert_header((*name, *value));
    }
    let response = test::call_service(&server, request.set_payload(body).to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    Reply {
        status,
        headers,
        body: test::read_body(response).await.to_vec(),
    }
}

async fn get(path: &str) -> Reply {
    ask(Method::GET, path, &[]).await
}

async fn get_as(who: As, path: &str) -> Reply {
    let (key, cookie) = (
        format!("Bearer {}", world().key),
        format!("{SESSION_COOKIE}={}", world().session),
    );
    match who {
        As::Public => get(path).await,
        As::Partner => ask(Method::GET, path, &[(header::AUTHORIZATION.as_str(), &key)]).await,
        As::OwnB => ask(Method::GET, path, &[(header::COOKIE.as_str(), &cookie)]).await,
    }
}

//! The HTTP server: binds, serves, stops in order on SIGTERM or Ctrl-C. Prints nothing.

use std::io;
use std::net::SocketAddr;

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Application, HttpServer, rt, web};

use crate::registry::Registry;
use crate::store::setting;

use super::observe::observe;
use super::render::Renderer;
use super::state::App;
use super::{api, routes};

/// Largest body of a request: forms are small.
const BODY: usize = 64 * 1024;
/// Seconds that requests under way have to finish.
const GRACE: u64 = 20;

/// How to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Whether a proxy in front is believed about the reader's scheme and address.
    pub trusted_proxy: bool,
}

/// Serves a registry until the process is told to stop. `announce` is given the bound addresses once.
///
/// # Errors
/// An address that cannot be bound; templates or routes that do not fit (a fault of the build).
pub fn run(
    registry: Registry,
    options: &Options,
    announce: impl FnOnce(&[SocketAddr]),
) -> io::Result<()> {
    let demo = setting::get(&mut *registry.store.conn().map_err(other)?, "demo.seed")
        .map_err(other)?
        .is_some();
    let renderer = Renderer::load().map_err(other)?;
    let bound = routes::bound().map_err(other)?;
    let app = web::Data::new(App {
        trusted_proxy: options.trusted_proxy,
        ..App::new(registry, renderer, demo)
    });
    let server = HttpServer::new(move || {
        Application::new()
            .app_data(app.clone())
            .app_data(web::PayloadConfig::new(BODY))
            .wrap(Compress::default())
            .wrap(from_fn(observe))
            .configure(api::configure)
            .configure(|config| routes::configure(config, &bound))
            .default_service(web::to(routes::missing))
    })
    .shutdown_timeout(GRACE)
    .bind(&options.listen)?;
    let addresses = server.addrs();
    rt::System::new().block_on(async move {
        let running = server.run();
        announce(&addresses);
        running.await
    })
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

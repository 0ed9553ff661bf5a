//! The witness over HTTP: `POST /add-checkpoint`, and `GET /` which says who it is.
//!
//! Bodies are bounded before they are read. It refuses to say more about a fault of its own than that it
//! has one: causes name paths, and go to the log.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, rt, web};

use crate::log::witness::{MAX_REQUEST, Refusal, SIZE_MEDIA};

use super::{Failure, Witness};

const TEXT: &str = "text/plain; charset=utf-8";
/// Seconds that requests under way have to finish.
const GRACE: u64 = 5;
/// The work is a hash and an fsync, one at a time.
const WORKERS: usize = 2;

/// Serves until the process is told to stop (SIGTERM, Ctrl-C). `announce` is given the bound addresses.
///
/// # Errors
/// An address that cannot be bound.
pub fn run(witness: Arc<Witness>, listen: &str, announce: impl FnOnce(&[SocketAddr])) -> io::Result<()> {
    let (server, addresses) = bind(witness, listen, true)?;
    rt::System::new().block_on(async move {
        announce(&addresses);
        server.await
    })
}

/// A witness inside this process, on a thread of its own; stopped on drop.
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// Starts a witness inside this process.
///
/// # Errors
/// An address that cannot be bound.
pub fn start(witness: Arc<Witness>, listen: &str) -> io::Result<Running> {
    let (sender, bound) = sync_channel(1);
    let listen = listen.to_owned();
    let thread = thread::Builder::new().name("witness".into()).spawn(move || {
        rt::System::new().block_on(async move {
            match bind(witness, &listen, false) {
                Ok((server, addresses)) => {
                    // Nobody waits for a server that nobody wants.
                    drop(sender.send(Ok((addresses, server.handle()))));
                    server.await
                }
                Err(error) => {
                    drop(sender.send(Err(error)));
                    Ok(())
                }
            }
        })
    })?;
    let gone = || io::Error::other("the witness's thread ended before it listened");
    let (addresses, handle) = bound.recv().map_err(|_| gone())??;
    let address = addresses.first().copied().ok_or_else(gone)?;
    Ok(Running {
        address,
        handle,
        thread: Some(thread),
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its submission prefix.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // At once: what was cosigned is durable, and a connection that is kept alive would be waited for.
        rt::System::new().block_on(self.handle.stop(false));
        if let Some(thread) = self.thread.take()
            && !matches!(thread.join(), Ok(Ok(())))
        {
            tracing::error!("a witness did not end in order");
        }
    }
}

fn bind(witness: Arc<Witness>, listen: &str, signals: bool) -> io::Result<(Server, Vec<SocketAddr>)> {
    let witness = web::Data::from(witness);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(witness.clone())
            .app_data(web::PayloadConfig::new(MAX_REQUEST))
            .route("/add-checkpoint", web::post().to(add_checkpoint))
            .route("/", web::get().to(about))
    })
    .workers(WORKERS)
    .shutdown_timeout(GRACE);
    let server = if signals { server } else { server.disable_signals() };
    let server = server.bind(listen)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}

async fn add_checkpoint(witness: web::Data<Witness>, body: web::Bytes) -> HttpResponse {
    let judged = web::block(move || witness.add_checkpoint(&body)).await;
    match judged {
        Ok(Ok(lines)) => HttpResponse::Ok().content_type(TEXT).body(lines),
        Ok(Err(Failure::Refused(Refusal::Stale(size)))) => HttpResponse::Conflict()
            .content_type(SIZE_MEDIA)
            .body(format!("{size}\n")),
        Ok(Err(Failure::Refused(refusal))) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            HttpResponse::build(status)
                .content_type(TEXT)
                .body(format!("{refusal}\n"))
        }
        Ok(Err(failure)) => fault(&failure),
        Err(error) => fault(&error),
    }
}

fn fault(why: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%why, "nothing was cosigned");
    HttpResponse::InternalServerError()
        .content_type(TEXT)
        .body("the witness cannot sign now\n")
}

async fn about(witness: web::Data<Witness>) -> HttpResponse {
    let mut text = format!(
        "chengxin witness (C2SP tlog-witness): POST add-checkpoint\n\nwitness {}\n",
        witness.verifier()
    );
    for (origin, seen) in witness.seen() {
        text.push_str(&format!("log {origin} {} {}\n", seen.size, seen.root.to_base64()));
    }
    HttpResponse::Ok().content_type(TEXT).body(text)
}

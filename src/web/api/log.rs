//! The log's files under the paths of C2SP tlog-tiles, and the newest key document.
//!
//! Serves nothing beyond the served checkpoint: what is stored but not yet served does not exist.

use crate::log::tile::{Resource, TILE_WIDTH, parse_path, width_at};
use crate::registry::key_document;
use crate::registry::static_log::{stored_bundle, stored_tile};
use crate::store::log::body::Body;
use crate::store::log::checkpoint;
use crate::store::{Conn, unsigned};
use crate::web::problem::Failure;
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::{Answer, Keep};
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
/// A checkpoint may be this many seconds old.
const CHECKPOINT_SECONDS: u32 = 5;
/// A partial tile gives way to a wider one.
const PARTIAL_SECONDS: u32 = 300;

const PATH: &[Parameter] = &[Parameter::text(
    "path",
    "index in groups of three digits, x001/x234/067, with .p/WIDTH for a partial one",
)
.required()];

/// `/log/checkpoint`
pub(super) const CHECKPOINT: Endpoint = Endpoint {
    route: Route::public("/log/checkpoint"),
    run: newest_checkpoint,
    about: "The newest served checkpoint (C2SP tlog-checkpoint)",
    operation: "logCheckpoint",
    path: &[],
    query: &[],
    body: None,
    media: TEXT,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

/// `/log/tile/entries/…`
pub(super) const ENTRIES: Endpoint = Endpoint {
    route: Route::public("/log/tile/entries/{path:.*}"),
    run: tile,
    about: "Up to 256 log entries, each behind its length (C2SP tlog-tiles)",
    operation: "logEntries",
    path: PATH,
    query: &[],
    body: None,
    media: BYTES,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

/// `/log/tile/…`
pub(super) const TILE: Endpoint = Endpoint {
    route: Route::public("/log/tile/{path:.*}"),
    run: tile,
    about: "A tile of up to 256 hashes of one level: LEVEL/INDEX (C2SP tlog-tiles)",
    operation: "logTile",
    path: PATH,
    query: &[],
    body: None,
    media: BYTES,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

/// `/log/keys`
pub(super) const KEYS: Endpoint = Endpoint {
    route: Route::public("/log/keys"),
    run: keys,
    about: "The newest key document: the signed note around the DID document, signed by the root keys",
    operation: "logKeys",
    path: &[],
    query: &[],
    body: None,
    media: TEXT,
    schema: None,
    by_viewer: false,
    others: &[304, 404],
};

fn newest_checkpoint(app: &App, _: &Call) -> Result<Answer, Failure> {
    let mut conn = app.registry.store.conn()?;
    let newest = checkpoint::newest_served(&mut conn)?.ok_or(Failure::NotFound)?;
    Ok(Answer::new(TEXT, newest.note)
        .keep(Keep::Seconds(CHECKPOINT_SECONDS))
        .tagged())
}

fn tile(app: &App, call: &Call) -> Result<Answer, Failure> {
    let path = call.path.strip_prefix("/log/").ok_or(Failure::NotFound)?;
    let resource = parse_path(path).map_err(|_| Failure::NotFound)?;
    let (level, index, width) = match resource {
        Resource::Tile(id) => (id.level, id.index, id.width),
        Resource::Bundle(id) => (0, id.index, id.width),
    };
    let mut conn = app.registry.store.conn()?;
    let served = unsigned("the served head's size", checkpoint::served_size(&mut conn)?)?;
    if width > width_at(level, index, served) {
        return Err(Failure::NotFound);
    }
    let bytes = match resource {
        Resource::Tile(id) => stored_tile(&mut conn, id)?,
        Resource::Bundle(id) => stored_bundle(&mut conn, id)?,
    };
    let keep = if width == TILE_WIDTH {
        Keep::ForEver
    } else {
        Keep::Seconds(PARTIAL_SECONDS)
    };
    Ok(Answer::new(BYTES, bytes).keep(keep).tagged())
}

fn keys(app: &App, _: &Call) -> Result<Answer, Failure> {
    let document = newest_keys(&mut *app.registry.store.conn()?)?;
    Ok(Answer::new(TEXT, document.bytes)
        .keep(Keep::Seconds(PARTIAL_SECONDS))
        .tagged())
}

/// The newest key document that readers can see.
pub(super) fn newest_keys(conn: &mut Conn) -> Result<Body, Failure> {
    let served = checkpoint::served_size(conn)?;
    key_document::newest_row(conn, served)?.ok_or(Failure::NotFound)
}

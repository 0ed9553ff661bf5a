//! Everything that entered the log, in its order, with its bodies, for mirrors: gap-free and kept for ever.
//!
//! A page is a stretch of the log below the served head. Where an entry stands, for whom it is and of which
//! kind is public in the log itself; here the public is given public entries alone, and nothing of another's
//! body is even read. A body that was withdrawn stays away, and its line says so.

use actix_web::http::header;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::log::entries;
use crate::log::tile::BundleId;
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::registry::static_log::stored_bundle;
use crate::store::log::body::{self, Held};
use crate::store::log::checkpoint;
use crate::store::{Conn, StoreError, unsigned};
use crate::web::problem::{Failure, Invalid, Reason};
use crate::web::route::Route;
use crate::web::state::App;

use super::answer::{Answer, JSON};
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};

const LIMIT: u32 = 250;
const MOST: u32 = 1000;
/// Longest wait in seconds: what a server that stops gives to requests under way.
const LONGEST: u32 = 20;
/// Entries in a bundle.
const WIDTH: u64 = 256;

/// `/api/v1/changes`
pub(super) const CHANGES: Endpoint = Endpoint {
    route: Route::public("/api/v1/changes"),
    run: changes,
    about: "What entered the log, in its order: records, withdrawals, status lists; for mirrors",
    operation: "changes",
    path: &[],
    query: &[
        Parameter::number(
            "since",
            "log index to go on from: `next` of the page before; 0 is the beginning",
        )
        .required(),
        Parameter::number("limit", "log entries looked at, 1 to 1000; 250 without it"),
        Parameter::number(
            "wait",
            "seconds to wait where nothing is new, 0 to 20; the answer comes as soon as the log is longer",
        ),
    ],
    body: None,
    media: JSON,
    schema: Some("ChangePage"),
    by_viewer: true,
    others: &[304, 401],
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    changes: Vec<Change>,
    next: i64,
    log_size: i64,
}

/// One entry of the log.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    log_index: i64,
    kind: &'static str,
    audience: &'static str,
    digest: String,
    /// Whether the body was withdrawn.
    erased: bool,
    /// The body where it is a credential: its exact bytes.
    credential: Option<Box<RawValue>>,
    /// The body where it is another text.
    text: Option<String>,
}

struct Wanted {
    since: i64,
    limit: i64,
    wait: u32,
}

impl Wanted {
    fn of(call: &Call) -> Result<Self, Failure> {
        let mut wrong = Vec::new();
        let mut number = |name, low: u32, high: u32, usual: Option<u32>| {
            let given = match (call.parameter(name), usual) {
                (Some(text), _) => text.parse().ok().filter(|found| (low..=high).contains(found)),
                (None, Some(usual)) => Some(usual),
                (None, None) => {
                    wrong.push(Invalid::query(name, Reason::Missing));
                    return 0;
                }
            };
            given.unwrap_or_else(|| {
                wrong.push(Invalid::query(name, Reason::Range(low, high)));
                0
            })
        };
        let since = number("since", 0, u32::MAX, None);
        let limit = number("limit", 1, MOST, Some(LIMIT));
        let wait = number("wait", 0, LONGEST, Some(0));
        if wrong.is_empty() {
            Ok(Self {
                since: i64::from(since),
                limit: i64::from(limit),
                wait,
            })
        } else {
            Err(Failure::Parameters(wrong))
        }
    }
}

fn changes(app: &App, call: &Call) -> Result<Answer, Failure> {
    let partners = call.viewer(app)?.is_told_as_partners();
    let wanted = Wanted::of(call)?;
    let mut conn = app.registry.store.conn()?;
    let served = checkpoint::served_size(&mut conn)?;
    if wanted.since > served {
        return Err(Invalid::query("since", Reason::Cursor).into());
    }
    let next = served.min(wanted.since.saturating_add(wanted.limit));
    let page = Page {
        changes: stretch(&mut conn, wanted.since, next, partners)?,
        next,
        log_size: served,
    };
    let link = format!(
        "</api/v1/changes?since={next}&limit={}>; rel=\"next\"",
        wanted.limit
    );
    let answer = Answer::json(&page)?
        .tagged()
        .by_viewer()
        .header(header::LINK, link);
    Ok(if wanted.since == served && wanted.wait > 0 {
        answer.unless_longer(served, wanted.wait)
    } else {
        answer
    })
}

/// What a reader is told of entries `from..to`.
fn stretch(conn: &mut Conn, from: i64, to: i64, partners: bool) -> Result<Vec<Change>, Failure> {
    let entries = logged(conn, from, to)?;
    let mut held = body::held_between(conn, from, to, partners)?
        .into_iter()
        .peekable();
    let mut told = Vec::new();
    for (at, entry) in (from..).zip(entries) {
        let body = held.next_if(|held| held.log_index == at);
        if partners || entry.audience == Audience::Public {
            told.push(change(at, &entry, body)?);
        }
    }
    Ok(told)
}

fn change(at: i64, entry: &Entry, body: Option<Held>) -> Result<Change, Failure> {
    let damaged = |why: &str| Failure::from(StoreError::corrupt(format!("body {at}"), why));
    let (mut credential, mut text) = (None, None);
    let erased = body.is_none() && entry.kind != EntryKind::Erasure;
    if let Some(body) = body {
        if Digest::of(&body.bytes) != entry.digest {
            return Err(damaged("its bytes are not those that were logged"));
        }
        let whole = String::from_utf8(body.bytes).map_err(|_| damaged("it is no text"))?;
        match entry.kind {
            EntryKind::Keys | EntryKind::Audit | EntryKind::Erasure => text = Some(whole),
            EntryKind::Record
            | EntryKind::StatusList
            | EntryKind::Snapshot
            | EntryKind::RuleSet
            | EntryKind::Draw => {
                credential = Some(RawValue::from_string(whole).map_err(|_| damaged("it is no JSON"))?);
            }
        }
    }
    Ok(Change {
        log_index: at,
        kind: entry.kind.as_str(),
        audience: entry.audience.as_str(),
        digest: entry.digest.hex(),
        erased,
        credential,
        text,
    })
}

/// Entries `from..to` of the log, all below the served head.
fn logged(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<Entry>, Failure> {
    let (from, to) = (unsigned("from", from)?, unsigned("to", to)?);
    let mut found = Vec::new();
    let mut index = from / WIDTH;
    while index.saturating_mul(WIDTH) < to {
        let first = index.saturating_mul(WIDTH);
        let width = u16::try_from(to.saturating_sub(first).min(WIDTH)).unwrap_or(256);
        let bytes = stored_bundle(conn, BundleId { index, width })?;
        let damaged = |why: &dyn std::fmt::Display| StoreError::corrupt(format!("entry bundle {index}"), why);
        for (at, entry) in (first..).zip(entries::decode(&bytes).map_err(|error| damaged(&error))?) {
            if at >= from {
                found.push(Entry::decode(entry).map_err(|error| damaged(&error))?);
            }
        }
        index = index.saturating_add(1);
    }
    Ok(found)
}

//! Dumps: the newest for the reader, its manifest and its files, in parts where asked (RFC 9110 §14).
//!
//! Only the newest is here, and none from a withdrawal on until the next is made. Partners' dumps do not
//! exist for others.

use std::ops::Range;

use actix_web::http::header;

use crate::record::credential::Audience;
use crate::registry::dump::{self, DumpError, Newest};
use crate::web::file::Part;
use crate::web::problem::Failure;
use crate::web::route::{Rate, Route};
use crate::web::state::App;

use super::answer::Answer;
use super::call::Call;
use super::endpoint::{Endpoint, Parameter};

const NOTE: &str = "text/plain; charset=utf-8";

/// `/api/v1/dumps/latest`
pub(super) const LATEST: Endpoint = Endpoint {
    route: Route::public("/api/v1/dumps/latest"),
    run: latest,
    about: "The signed manifest (a C2SP signed note around JSON) of the newest dump that the reader may have",
    operation: "latestDump",
    path: &[],
    query: &[],
    body: None,
    media: NOTE,
    schema: None,
    by_viewer: true,
    others: &[304, 401, 503],
};

/// `/api/v1/dumps/{dump}/{file}`
pub(super) const FILE: Endpoint = Endpoint {
    route: Route::public("/api/v1/dumps/{dump}/{file}").at_rate(Rate::Bulk),
    run: file,
    about: "A file of the newest dump; Range and If-Range go on with an interrupted one",
    operation: "dumpFile",
    path: &[
        Parameter::text("dump", "`id` of the newest manifest; an older dump is not kept").required(),
        Parameter::text("file", "a file's name in the manifest").required(),
    ],
    query: &[],
    body: None,
    media: "application/octet-stream",
    schema: None,
    by_viewer: true,
    others: &[206, 304, 401, 404, 416],
};

fn failed(error: &DumpError) -> Failure {
    Failure::Internal(error.to_string())
}

fn latest(app: &App, call: &Call) -> Result<Answer, Failure> {
    let audience = if call.viewer(app)?.is_told_as_partners() {
        Audience::Partners
    } else {
        Audience::Public
    };
    let found = newest(app, audience)?.ok_or(Failure::NotYet)?;
    Ok(Answer::new(NOTE, found.note).tagged().by_viewer())
}

fn newest(app: &App, audience: Audience) -> Result<Option<Newest>, Failure> {
    let mut conn = app.registry.store.conn()?;
    dump::newest(&app.registry, &mut conn, &app.dumps, audience).map_err(|error| failed(&error))
}

fn file(app: &App, call: &Call) -> Result<Answer, Failure> {
    let partners = call.viewer(app)?.is_told_as_partners();
    let audience = match call.part("dump").split('-').next().and_then(Audience::parse) {
        Some(Audience::Partners) if partners => Audience::Partners,
        Some(Audience::Public) => Audience::Public,
        _ => return Err(Failure::NotFound),
    };
    let found = newest(app, audience)?.filter(|found| found.manifest.id == call.part("dump"));
    let found = found.ok_or(Failure::NotFound)?;
    let file = found.manifest.file(call.part("file")).ok_or(Failure::NotFound)?;
    let tag = format!("\"{}\"", file.sha256);
    let asked = call
        .range
        .as_deref()
        .filter(|_| may_go_on(call.if_range.as_deref(), &tag));
    let wanted = match asked.map(|range| part(range, file.size)) {
        None | Some(Asked::Whole) => None,
        Some(Asked::Part(range)) => Some(range),
        Some(Asked::Beyond) => return Err(Failure::Range(file.size)),
    };
    let whole = 0..file.size;
    let body = Part::open(&found.path(&file.name), wanted.as_ref().unwrap_or(&whole))
        .map_err(|error| Failure::Internal(format!("dump: {error}")))?;
    let answer = Answer::file(media(&file.name), body, tag)
        .by_viewer()
        .header(header::ACCEPT_RANGES, "bytes")
        .header(
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}-{}\"", found.manifest.id, file.name),
        );
    Ok(match wanted {
        None => answer,
        Some(range) => answer.part(format!(
            "bytes {}-{}/{}",
            range.start,
            range.end.saturating_sub(1),
            file.size
        )),
    })
}

fn media(name: &str) -> &'static str {
    match name {
        dump::CSV => "text/csv; charset=utf-8; header=present",
        dump::LISTS => "application/x-ndjson",
        _ => "application/zstd",
    }
}

/// `If-Range` with a tag goes on only with the very same bytes; with anything else, whole again.
fn may_go_on(if_range: Option<&str>, tag: &str) -> bool {
    if_range.is_none_or(|known| known.trim() == tag)
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// Everything: a unit or a form that we do not serve is ignored (RFC 9110 §14.2).
    Whole,
    Part(Range<u64>),
    /// Nothing that there is.
    Beyond,
}

fn part(text: &str, size: u64) -> Asked {
    let Some((first, last)) = text
        .trim()
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Asked::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let range = match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(0) => return Asked::Beyond,
            Some(last) => size.saturating_sub(last)..size,
            None => return Asked::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => first..size,
            None => return Asked::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..size.min(last.saturating_add(1)),
            _ => return Asked::Whole,
        },
    };
    if range.start < size {
        Asked::Part(range)
    } else {
        Asked::Beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, expected) in [
            ("bytes=0-", Asked::Part(0..10)),
            ("bytes=3-4", Asked::Part(3..5)),
            ("bytes=3-99", Asked::Part(3..10)),
            ("bytes=-4", Asked::Part(6..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=10-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=4-3", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("lines=0-1", Asked::Whole),
            ("bytes=x-", Asked::Whole),
        ] {
            assert_eq!(part(text, 10), expected, "{text}");
        }
        assert_eq!(part("bytes=0-", 0), Asked::Beyond);
    }

    #[test]
    fn an_other_tag_begins_again() {
        assert!(may_go_on(None, "\"a\"") && may_go_on(Some("\"a\""), "\"a\""));
        assert!(!may_go_on(Some("\"b\""), "\"a\"") && !may_go_on(Some("W/\"a\""), "\"a\""));
    }
}

//! The tree: leaves from stored entries, every tile of every width, every head.

use std::collections::BTreeMap;

use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::log::entries;
use crate::log::hash::{Hash, leaf_hash};
use crate::log::key::VerifierKey;
use crate::log::note::Note;
use crate::log::tile::TileId;
use crate::log::tree::Frontier;
use crate::registry::Registry;
use crate::registry::origins::Origins;
use crate::store::log::head::Head;
use crate::store::log::{bundle, checkpoint, tile};
use crate::store::{Conn, StoreResult};

use super::bodies::{self, Known};
use super::intents::Intents;
use super::lists::Lists;
use super::{Damage, FsckError, MOST, Progress, Remembered, Report};

const WIDTH: i64 = 256;

/// What is told of every entry.
pub(super) struct Seen<'s> {
    pub(super) lists: &'s mut Lists,
    pub(super) intents: &'s mut Intents,
}

pub(super) fn check(
    conn: &mut Conn,
    (registry, mark): (&Registry, Option<&Remembered>),
    (found, origins): (&Head, &Origins),
    known: &Known<'_>,
    seen: &mut Seen<'_>,
    report: &mut Report,
    progress: Progress<'_>,
) -> Result<(), FsckError> {
    if found.head_size != found.stored_size {
        report.find(
            Damage::Log,
            "log_head 1",
            format!(
                "{} entries are stored, {} are under a signed head: run `chengxin publish`",
                found.stored_size, found.head_size
            ),
        );
    }
    // The trust folder names retired keys too, and needs no passphrase.
    let log_keys = match registry.data {
        Some(_) => registry.trust()?.policy.logs().to_vec(),
        None => Vec::new(),
    };
    let mut heads: BTreeMap<i64, checkpoint::Checkpoint> = checkpoint::all(conn)?
        .into_iter()
        .map(|row| (row.size, row))
        .collect();
    if !heads.contains_key(&found.head_size) {
        report.find(
            Damage::Log,
            format!("checkpoint {}", found.head_size),
            "the head is gone",
        );
    }
    let mut edge = Edge::new();
    let mut frontier = Frontier::new();
    check_heads(&mut heads, &frontier, origins, &log_keys, report);
    let mut first = 0;
    // A size that nothing ever wrote would keep this going for ages: what is listed is full by then.
    while first < found.stored_size && report.findings.len() < MOST {
        let end = found.stored_size.min(first.saturating_add(WIDTH));
        let leaves = check_bundle(conn, (first, end), known, seen, report)?;
        for leaf in &leaves {
            frontier.append(*leaf);
            check_heads(&mut heads, &frontier, origins, &log_keys, report);
        }
        for (id, bytes) in edge.grow(&leaves) {
            check_tile(conn, id, &bytes, report)?;
        }
        first = end;
        progress(unsigned(first), unsigned(found.stored_size));
    }
    for (size, _) in heads {
        report.find(
            Damage::Log,
            format!("checkpoint {size}"),
            "it covers more entries than are stored",
        );
    }
    report.entries = unsigned(found.head_size);
    report.root = frontier.root().to_base64();
    check_mark(mark, &edge, unsigned(found.stored_size), report);
    Ok(())
}

/// The leaves of one bundle, after its entries and bodies were compared.
fn check_bundle(
    conn: &mut Conn,
    (first, end): (i64, i64),
    known: &Known<'_>,
    seen: &mut Seen<'_>,
    report: &mut Report,
) -> StoreResult<Vec<Hash>> {
    let number = first / WIDTH;
    let name = format!("entry_bundle {number}");
    let width = end.saturating_sub(first);
    let all = bundle::all_widths(conn, number)?;
    let Some(widest) = all.iter().find(|row| row.width == width) else {
        report.find(
            Damage::Log,
            name,
            format!("no bundle of {width} entries is stored"),
        );
        return Ok(Vec::new());
    };
    let odd = || all.iter().filter(|row| !widest.entries.starts_with(&row.entries));
    if odd().next().is_some() {
        report.find(
            Damage::Log,
            &*name,
            "it and a narrower or wider one contradict each other",
        );
    }
    for narrower in odd() {
        report.find(
            Damage::Log,
            format!("{name}.p/{}", narrower.width),
            "it and the one of all entries contradict each other",
        );
    }
    let decoded = match entries::decode(&widest.entries) {
        Ok(decoded) if i64::try_from(decoded.len()) == Ok(width) => decoded,
        Ok(decoded) => {
            report.find(
                Damage::Log,
                name,
                format!("it holds {} entries, not {width}", decoded.len()),
            );
            return Ok(Vec::new());
        }
        Err(error) => {
            report.find(Damage::Log, name, error);
            return Ok(Vec::new());
        }
    };
    for (index, entry) in (first..).zip(&decoded) {
        seen.intents.saw(index, entry);
    }
    bodies::check(conn, first, &decoded, known, seen.lists, report)?;
    Ok(decoded.into_iter().map(leaf_hash).collect())
}

fn row_name(level: i64, index: i64, width: i64) -> String {
    format!("tile {level}/{index} width {width}")
}

/// Every stored width of a tile is a beginning of what the leaves give.
fn check_tile(conn: &mut Conn, id: TileId, expected: &[u8], report: &mut Report) -> StoreResult<()> {
    let index = i64::try_from(id.index).unwrap_or(i64::MAX);
    let rows = tile::all_widths(conn, i64::from(id.level), index)?;
    if !rows.iter().any(|row| row.width >= i64::from(id.width)) {
        report.find(
            Damage::Log,
            row_name(id.level.into(), index, id.width.into()),
            "it is gone",
        );
    }
    for row in rows {
        let same = expected.len().min(row.hashes.len());
        let whole = i64::try_from(row.hashes.len() / 32) == Ok(row.width);
        if !whole || expected.get(..same) != row.hashes.get(..same) {
            report.find(
                Damage::Log,
                row_name(row.level, row.tile_index, row.width),
                "it is not what the entries give",
            );
        }
    }
    Ok(())
}

/// Compares the head of exactly this size, if one was signed.
fn check_heads(
    heads: &mut BTreeMap<i64, checkpoint::Checkpoint>,
    frontier: &Frontier,
    origins: &Origins,
    keys: &[VerifierKey],
    report: &mut Report,
) {
    for (index, document) in origins.documents().filter(|(_, one)| one.size == frontier.size()) {
        if document.root != frontier.root() {
            let why = "it freezes the log at a root that the entries do not give";
            report.find(Damage::Log, format!("body {index}"), why);
        }
    }
    let Some(row) = heads.remove(&i64::try_from(frontier.size()).unwrap_or(-1)) else {
        return;
    };
    let name = format!("checkpoint {}", row.size);
    let root = frontier.root();
    if row.root != root.as_bytes() {
        report.find(Damage::Log, &*name, "its root is not what the entries give");
    }
    let opened = Note::parse(row.note.as_bytes())
        .map_err(|error| error.to_string())
        .and_then(|note| {
            if !keys.is_empty() {
                note.open(keys).map_err(|error| error.to_string())?;
            }
            Checkpoint::of(&note).map_err(|error| error.to_string())
        });
    match opened {
        Ok(said)
            if origins.may(row.size, &said.origin) && said.size == frontier.size() && said.root == root =>
        {
            report.signatures = report.signatures.saturating_add(u64::from(!keys.is_empty()));
        }
        Ok(_) => report.find(Damage::Log, name, "its note says another origin, size or root"),
        Err(why) => report.find(Damage::Log, name, why),
    }
}

/// The signer must not remember a larger log, nor another one.
fn check_mark(mark: Option<&Remembered>, edge: &Edge, stored: u64, report: &mut Report) {
    match mark {
        Some(Ok(Some(mark))) if mark.size > stored => {
            report.find(
                Damage::Log,
                "log_head 1",
                format!(
                    "the signer signed {} entries, {stored} are stored: this is an older copy",
                    mark.size
                ),
            );
        }
        Some(Ok(Some(mark))) if mark.size == stored && mark.root != edge.root() => {
            report.find(
                Damage::Log,
                "log_head 1",
                "the signer signed another root for this size",
            );
        }
        Some(Ok(None)) if stored > 0 => {
            let why =
                "the signer remembers no head: put the newest copy of the keys folder's high-water back";
            report.find(Damage::Log, "high-water", why);
        }
        Some(Err(error)) => report.find(Damage::Log, "high-water", error),
        Some(Ok(_)) | None => {}
    }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

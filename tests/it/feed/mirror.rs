//! What a bank keeps: bodies by digest and the newest status lists, from pages of changes and nothing else.

use std::collections::BTreeMap;

use chengxin::record::credential;
use chengxin::record::current::CurrentDigest;
use chengxin::record::digest::Digest;
use chengxin::record::status::{Bitstring, StatusPurpose, read_list};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::support::http::Visitor;
use crate::support::server::Server;

/// One entry of the log as it was told.
#[derive(Debug, Clone)]
pub struct Change {
    pub log_index: u64,
    pub kind: String,
    pub digest: String,
    pub body: Option<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    changes: Vec<Told>,
    next: u64,
    log_size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    log_index: u64,
    kind: String,
    digest: String,
    erased: bool,
    credential: Option<Box<RawValue>>,
    text: Option<String>,
}

/// Every change from the beginning, in pages of `limit`.
pub fn changes(visitor: &Visitor, server: &Server, limit: u64) -> Vec<Change> {
    let mut visitor = visitor.clone();
    let (mut found, mut since) = (Vec::new(), 0);
    loop {
        let answer = visitor.get(&server.url(&format!("/api/v1/changes?since={since}&limit={limit}")));
        assert_eq!(answer.status, 200);
        let page: Page = serde_json::from_slice(&answer.body).unwrap();
        found.extend(page.changes.into_iter().map(Change::from));
        since = page.next;
        if since == page.log_size {
            return found;
        }
    }
}

impl From<Told> for Change {
    fn from(told: Told) -> Self {
        let body = told.credential.map(|raw| raw.get().to_owned()).or(told.text);
        assert_eq!(
            body.is_none(),
            told.erased || told.kind == "erasure",
            "{}",
            told.log_index
        );
        if let Some(body) = &body {
            assert_eq!(
                Digest::of(body.as_bytes()).hex(),
                told.digest,
                "{}",
                told.log_index
            );
        }
        Self {
            log_index: told.log_index,
            kind: told.kind,
            digest: told.digest,
            body: body.map(String::into_bytes),
        }
    }
}

/// The mirror.
#[derive(Default)]
pub struct Mirror {
    bodies: BTreeMap<String, Vec<u8>>,
    lists: BTreeMap<(u32, StatusPurpose), (Digest, Bitstring)>,
}

impl Mirror {
    /// Begun from a dump.
    pub fn of_dump(lines: &[Vec<u8>], lists: &[u8]) -> Self {
        let mut mirror = Self::default();
        for line in lines {
            mirror.bodies.insert(Digest::of(line).hex(), line.clone());
        }
        lists
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .for_each(|line| mirror.list(line));
        mirror
    }

    pub fn apply(&mut self, change: &Change) {
        match (change.kind.as_str(), &change.body) {
            ("record" | "rule-set" | "draw", Some(body)) => {
                self.bodies.insert(change.digest.clone(), body.clone());
            }
            ("status-list", Some(body)) => self.list(body),
            ("erasure", _) => {
                self.bodies.remove(&change.digest);
            }
            _ => {}
        }
    }

    fn list(&mut self, bytes: &[u8]) {
        let list = read_list(bytes).unwrap();
        self.lists
            .insert((list.list, list.purpose), (Digest::of(bytes), list.bits));
    }

    /// Whether it holds a body, current or not.
    pub fn holds(&self, digest: &str) -> bool {
        self.bodies.contains_key(digest)
    }

    /// Digests of the newest lists.
    pub fn lists(&self) -> Vec<String> {
        self.lists.values().map(|(digest, _)| digest.hex()).collect()
    }

    /// Hex digests of what is current at a moment, sorted.
    pub fn current(&self, at: DateTime<Utc>) -> Vec<String> {
        let is_current = |body: &[u8]| {
            let record = credential::read(body).unwrap();
            let Some(pointer) = record.status else {
                return false;
            };
            let bit = |purpose| self.lists[&(pointer.list, purpose)].1.get(pointer.index).unwrap();
            !bit(StatusPurpose::Revocation)
                && !bit(StatusPurpose::Refresh)
                && record.valid_until.is_none_or(|until| until > at)
        };
        let current = self.bodies.iter().filter(|(_, body)| is_current(body));
        current.map(|(digest, _)| digest.clone()).collect()
    }
}

/// SHA-256 over the lines of sorted hex digests.
pub fn digest(sorted: &[String]) -> Digest {
    let mut lines = CurrentDigest::default();
    for digest in sorted {
        lines.push(Digest::parse_hex(digest).unwrap()).unwrap();
    }
    lines.finish()
}

/// The lines of a compressed file.
pub fn bodies(compressed: &[u8]) -> Vec<Vec<u8>> {
    let whole = zstd::decode_all(compressed).unwrap();
    let lines = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(<[u8]>::to_vec).collect()
}

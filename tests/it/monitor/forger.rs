//! Somebody who owns every key of a registry but two of its three roots' holders' good sense: a log made by
//! hand, of any entries and bodies, signed properly, and served on loopback with whatever lies a test tells.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use chengxin::log::checkpoint::Checkpoint;
use chengxin::log::edge::Edge;
use chengxin::log::entries;
use chengxin::log::hash::{Hash, leaf_hash};
use chengxin::log::key::{KeyKind, VerifierKey};
use chengxin::log::memory::MemoryTiles;
use chengxin::log::note::Note;
use chengxin::log::reader::HashReader as _;
use chengxin::log::tile::{self, Resource, parse_path};
use chengxin::rebuild::history::{History, HistoryError, Logged};
use chengxin::rebuild::{build, gather, tree::Nowhere};
use chengxin::record::credential::{
    Audience, Authority, Draft, Employer, EmployerId, GradeFacts, Host, RuleSetRef, StatusPointer, Subject,
    Template, WithdrawalDraft,
};
use chengxin::record::did::{KeyDocument, Method, method_id};
use chengxin::record::digest::Digest;
use chengxin::record::entry::{Entry, EntryKind};
use chengxin::record::proof::secure_document;
use chengxin::record::signer::{Signer as _, SoftwareSigner};
use chengxin::record::snapshot::SnapshotDraft;
use chengxin::record::status::{Bitstring, ListDraft, StatusPurpose, read_list};
use chengxin::record::{canonical, context};
use chengxin::verify::Succession;
use chengxin::verify::succession::write_file;
use chengxin::verify::trust::Issuer;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::temp::TempDir;

pub const HOST: &str = "credit.example";

/// When the log begins, UTC.
pub fn start() -> DateTime<Utc> {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

fn key(seed: u8, name: &str) -> (SoftwareSigner, VerifierKey) {
    let signer = SoftwareSigner::generate(&mut [seed; 32], name);
    let public = VerifierKey::new(name, KeyKind::Ed25519, &signer.public_key()).unwrap();
    (signer, public)
}

fn issuer_key(seed: u8) -> SoftwareSigner {
    let signer = SoftwareSigner::generate(&mut [seed; 32], "x");
    let method = method_id(&host(), &signer.public_key());
    signer.named(method)
}

fn host() -> Host {
    Host::parse(HOST).unwrap()
}

/// One entry and its body.
#[derive(Clone)]
pub struct Item {
    pub entry: Vec<u8>,
    pub body: Option<Vec<u8>>,
}

/// The log, which can be copied and continued in two ways.
#[derive(Clone, Default)]
pub struct Log {
    pub items: Vec<Item>,
    /// The clock, moved by hand.
    pub minutes: i64,
    /// Whether it goes on as `log2`.
    pub succeeded: bool,
}

impl Log {
    /// A key document and three lists, as a registry begins.
    pub fn new() -> Self {
        let mut log = Self::default();
        log.keys(&log.document(), 2);
        log.lists(&[]);
        log
    }

    pub fn now(&self) -> DateTime<Utc> {
        start() + TimeDelta::minutes(self.minutes)
    }

    pub fn size(&self) -> u64 {
        self.items.len() as u64
    }

    fn log(&mut self, audience: Audience, kind: EntryKind, body: Vec<u8>) -> u64 {
        let entry = Entry {
            audience,
            digest: Digest::of(&body),
            kind,
        };
        self.items.push(Item {
            entry: entry.encode(),
            body: Some(body),
        });
        self.minutes += 1;
        self.size() - 1
    }

    /// The document of the one issuer key.
    pub fn document(&self) -> KeyDocument {
        let signer = issuer_key(4);
        KeyDocument {
            host: host(),
            updated: self.now(),
            next_update: Some(self.now() + TimeDelta::days(30)),
            methods: vec![Method {
                id: signer.verification_method().to_owned(),
                key: chengxin::record::multikey::usable(&signer.public_key()).unwrap(),
                expires: None,
                revoked: None,
            }],
        }
    }

    /// Logs a key document that so many roots have signed.
    pub fn keys(&mut self, document: &KeyDocument, roots: u8) -> u64 {
        let text = String::from_utf8(document.to_canonical().unwrap()).unwrap();
        let mut note = Note::unsigned(&format!("{text}\n")).unwrap();
        for n in 1..=roots {
            let (signer, public) = key(n, &format!("{HOST}/root-{n}"));
            note.sign(&public, |message| signer.sign(message)).unwrap();
        }
        self.log(Audience::Public, EntryKind::Keys, note.to_string().into_bytes())
    }

    fn template(&self, signer: &SoftwareSigner) -> Template {
        Template::new(&host(), signer.verification_method(), self.now()).unwrap()
    }

    /// Logs a version of each list with these bits set.
    pub fn lists(&mut self, set: &[(StatusPurpose, u32)]) {
        for purpose in StatusPurpose::ALL {
            let at = self.now();
            self.list(purpose, set, at);
        }
    }

    /// Logs a version of one list of number 1.
    pub fn list(&mut self, purpose: StatusPurpose, set: &[(StatusPurpose, u32)], at: DateTime<Utc>) -> u64 {
        let mut bits = Bitstring::default();
        for (_, index) in set.iter().filter(|(of, _)| *of == purpose) {
            bits.set(*index, true).unwrap();
        }
        let draft = ListDraft {
            purpose,
            list: 1,
            bits,
            valid_from: at,
            valid_until: None,
        };
        let signer = issuer_key(4);
        let body = self.template(&signer).issue_list(&draft, &signer).unwrap();
        self.log(Audience::Public, EntryKind::StatusList, body)
    }

    /// Logs a grade of the employer number `n`, whose status has the index `n`.
    pub fn grade(&mut self, n: u32, audience: Audience) -> u64 {
        self.grade_by(n, audience, 4)
    }

    /// The same, signed by another key.
    pub fn grade_by(&mut self, n: u32, audience: Audience, seed: u8) -> u64 {
        let draft = Draft {
            id: Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_a4b3_0000 + u128::from(n)),
            valid_from: "2026-03-02T00:00:00Z".parse().unwrap(),
            valid_until: Some("2027-10-31T15:59:59Z".parse().unwrap()),
            subject: Subject::Grade(GradeFacts {
                employer: Employer {
                    name: "重庆江岸机械制造有限公司".into(),
                    id: EmployerId::UnifiedCode(format!("9150010500000{n:05}").into()),
                    division: "500105".into(),
                },
                year: 2025,
                grade: if audience == Audience::Public { "A" } else { "B" }.into(),
                basis: vec!["A".into()],
                document_number: format!("江北人社评〔2026〕第{n}号").into(),
                decided_on: "2026-02-28".parse().unwrap(),
                decided_by: Authority {
                    name: "江北区人力资源和社会保障局".into(),
                    division: "500105".into(),
                },
                rule_set: RuleSetRef {
                    id: "cn-national".into(),
                    version: "2016.1".into(),
                    digest: Digest::of(b"rule set"),
                },
            }),
            status: StatusPointer { list: 1, index: n },
            supersedes: None,
        };
        let signer = issuer_key(seed);
        let body = self.template(&signer).issue(&draft, &signer).unwrap();
        self.log(audience, EntryKind::Record, body)
    }

    /// Logs an entry whose body is nobody's business but partners'.
    pub fn hidden(&mut self) {
        let body = self.size().to_string().into_bytes();
        self.log(Audience::Partners, EntryKind::Record, body);
    }

    /// Logs an entry with a body that means nothing to a monitor.
    pub fn day(&mut self) -> u64 {
        let body = self.size().to_string().into_bytes();
        self.log(Audience::Public, EntryKind::Audit, body)
    }

    /// Logs that the body of an entry was withdrawn, as the issuer says, and gives it to nobody any more.
    pub fn erase(&mut self, index: u64) {
        self.withdraw(index, 4);
        self.erase_alone(index);
    }

    /// Logs the withdrawal of an entry's body, signed by a key.
    pub fn withdraw(&mut self, index: u64, seed: u8) -> u64 {
        let entry = Entry::decode(&self.items[index as usize].entry).unwrap();
        self.withdraw_for(index, seed, entry.audience)
    }

    /// The same, for an audience.
    pub fn withdraw_for(&mut self, index: u64, seed: u8, audience: Audience) -> u64 {
        let entry = Entry::decode(&self.items[index as usize].entry).unwrap();
        let draft = WithdrawalDraft {
            id: Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_ffff_0000 + u128::from(self.size())),
            valid_from: self.now(),
            withdraws: entry.digest,
        };
        let signer = issuer_key(seed);
        let body = self.template(&signer).issue_withdrawal(&draft, &signer).unwrap();
        self.log(audience, EntryKind::Record, body)
    }

    /// Logs an erasure, as the log's key alone can, and gives the body to nobody any more.
    pub fn erase_alone(&mut self, index: u64) {
        let item = &mut self.items[index as usize];
        item.body = None;
        let mut entry = Entry::decode(&item.entry).unwrap();
        entry.kind = EntryKind::Erasure;
        self.items.push(Item {
            entry: entry.encode(),
            body: None,
        });
    }

    /// Logs the snapshot of the public's view of what is logged so far; `lie` may change what it says.
    pub fn snapshot(&mut self, lie: fn(&mut chengxin::record::snapshot::State)) -> u64 {
        let (size, root) = (self.size(), self.root(self.size()));
        let scratch = std::env::temp_dir();
        let (mut all, lists) =
            gather(&mut self.clone(), size, self.now(), &[Audience::Public], &scratch).unwrap();
        let mut state = build(all.remove(0), lists, (size, root), &mut Nowhere).unwrap();
        lie(&mut state);
        let draft = SnapshotDraft {
            id: Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_0000_0000 + u128::from(size)),
            valid_from: self.now(),
            state,
        };
        let signer = issuer_key(4);
        let body = self.template(&signer).issue_snapshot(&draft, &signer).unwrap();
        self.log(Audience::Public, EntryKind::Snapshot, body)
    }

    /// Logs a version of the revocation list whose text a hostile issuer has changed and signed.
    pub fn changed_list(&mut self, change: impl Fn(&mut Value)) -> u64 {
        let mut other = self.clone();
        let index = other.list(StatusPurpose::Revocation, &[], self.now());
        let body = other.items[index as usize].body.clone().unwrap();
        let mut document: Value = serde_json::from_slice(&body).unwrap();
        document.as_object_mut().unwrap().remove("proof");
        change(&mut document);
        let created = self.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let secured = secure_document(&document, &created, &issuer_key(4)).unwrap();
        self.log(
            Audience::Public,
            EntryKind::StatusList,
            canonical::to_vec(&secured).unwrap(),
        )
    }

    fn tree(&self, size: u64) -> (Edge, MemoryTiles) {
        let (mut edge, mut tiles) = (Edge::new(), MemoryTiles::new());
        let leaves: Vec<Hash> = self.items[..size as usize]
            .iter()
            .map(|item| leaf_hash(&item.entry))
            .collect();
        for (id, bytes) in edge.grow(&leaves) {
            tiles.put(id, &bytes).unwrap();
        }
        (edge, tiles)
    }

    pub fn root(&self, size: u64) -> Hash {
        self.tree(size).0.root()
    }

    /// A head of any size and root, signed by the log.
    pub fn sign(size: u64, root: Hash) -> String {
        Self::sign_as(5, "log", size, root)
    }

    fn sign_as(seed: u8, log: &str, size: u64, root: Hash) -> String {
        let head = Checkpoint {
            origin: format!("{HOST}/{log}"),
            size,
            root,
        };
        let (signer, public) = key(seed, &head.origin);
        let mut note = Note::unsigned(&head.to_string()).unwrap();
        note.sign(&public, |message| signer.sign(message)).unwrap();
        note.to_string()
    }

    /// The head of everything.
    pub fn head(&self) -> String {
        let (size, root) = (self.size(), self.root(self.size()));
        match self.succeeded {
            true => Self::sign_as(6, "log2", size, root),
            false => Self::sign(size, root),
        }
    }

    /// The document that freezes the log at this size and root.
    pub fn freezing(&self, size: u64, root: Hash) -> Succession {
        Succession {
            host: host(),
            old_keys: vec![key(5, &format!("{HOST}/log")).1],
            new_key: key(6, &format!("{HOST}/log2")).1,
            size,
            root,
            frozen_at: self.now(),
        }
    }

    /// A succession document that two roots have signed.
    pub fn signed(document: &Succession) -> String {
        let mut note = Note::unsigned(&document.text().unwrap()).unwrap();
        for n in [1, 3] {
            let (signer, public) = key(n, &format!("{HOST}/root-{n}"));
            note.sign(&public, |message| signer.sign(message)).unwrap();
        }
        note.to_string()
    }

    /// Logs a document; the log goes on as `log2`.
    pub fn succeed(&mut self, document: &Succession) {
        self.log(
            Audience::Public,
            EntryKind::Keys,
            Self::signed(document).into_bytes(),
        );
        self.succeeded = true;
    }

    /// The trust folder once the roots have signed this document.
    pub fn trust_after(dir: &TempDir, document: &Succession) {
        let folder = Self::trust(dir);
        let policy = std::fs::read_to_string(folder.join("policy.txt")).unwrap();
        let policy = format!("log {}\n{policy}", document.new_key);
        std::fs::write(folder.join("policy.txt"), policy).unwrap();
        let notes = write_file(&[Self::signed(document)]).unwrap();
        std::fs::write(folder.join("successions.json"), notes).unwrap();
    }

    fn newest(&self, kind: EntryKind, is_it: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
        self.items.iter().rev().find_map(|item| {
            let body = item.body.as_ref()?;
            let fits = Entry::decode(&item.entry).is_ok_and(|entry| entry.kind == kind) && is_it(body);
            fits.then(|| body.clone())
        })
    }

    /// What an honest server says of this log; `None` for 404.
    pub fn answer(&self, path: &str) -> Option<Vec<u8>> {
        let (place, query) = path.split_once('?').unwrap_or((path, ""));
        if place == "/log/checkpoint" {
            return Some(self.head().into_bytes());
        }
        if place == "/log/keys" {
            return self.newest(EntryKind::Keys, |body| !Succession::is_note(body));
        }
        if let Some(list) = place.strip_prefix("/status/") {
            let named = |body: &[u8]| {
                read_list(body)
                    .is_ok_and(|found| format!("{}/{}", found.purpose.as_str(), found.list) == list)
            };
            return self.newest(EntryKind::StatusList, named);
        }
        if place == "/api/v1/changes" {
            return Some(self.changes(query));
        }
        match parse_path(place.strip_prefix("/log/")?).ok()? {
            Resource::Tile(id) => {
                let hashes = self.tree(self.size()).1.tile(id.level, id.index, id.width).ok()?;
                Some(tile::encode(&hashes))
            }
            Resource::Bundle(id) => {
                let first = id.index as usize * 256;
                let items = self.items.get(first..first + usize::from(id.width))?;
                let all: Vec<&[u8]> = items.iter().map(|item| item.entry.as_slice()).collect();
                Some(entries::encode(&all).unwrap())
            }
        }
    }

    fn changes(&self, query: &str) -> Vec<u8> {
        let number = |name: &str| -> usize {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(name));
            found.and_then(|text| text.parse().ok()).unwrap()
        };
        let (since, limit) = (number("since="), number("limit="));
        let end = (since + limit).min(self.items.len());
        let mut changes = Vec::new();
        for (index, item) in self.items.iter().enumerate().take(end).skip(since) {
            let Ok(entry) = Entry::decode(&item.entry) else {
                continue;
            };
            if entry.audience != Audience::Public {
                continue;
            }
            let text = item
                .body
                .as_ref()
                .map(|body| String::from_utf8(body.clone()).unwrap());
            let mut change =
                json!({"logIndex": index, "kind": entry.kind.as_str(), "erased": text.is_none()});
            if entry.kind == EntryKind::Keys {
                change["text"] = text.into();
            } else if let Some(text) = text {
                // Canonical, so that what serde_json writes are its bytes.
                change["credential"] = serde_json::from_str(&text).unwrap();
            }
            changes.push(change);
        }
        let page = json!({"changes": changes, "next": end, "logSize": self.items.len()});
        canonical::to_vec(&page).unwrap()
    }

    /// The trust folder of this registry.
    pub fn trust(dir: &TempDir) -> PathBuf {
        let folder = dir.join("trust");
        std::fs::create_dir_all(&folder).unwrap();
        let issuer = Issuer {
            host: host(),
            roots: (1..=3).map(|n| key(n, &format!("{HOST}/root-{n}")).1).collect(),
            threshold: 2,
            context_digest: context::digest(&host()),
            valid_until: "2046-01-01T00:00:00Z".parse().unwrap(),
        };
        let log = key(5, &format!("{HOST}/log")).1;
        std::fs::write(folder.join("policy.txt"), format!("log {log}\nquorum none\n")).unwrap();
        std::fs::write(folder.join("issuer.json"), issuer.to_json().unwrap()).unwrap();
        folder
    }
}

impl History for Log {
    fn lists(&mut self, _: u64) -> Result<Vec<Vec<u8>>, HistoryError> {
        let of = |purpose: StatusPurpose| {
            self.newest(EntryKind::StatusList, |body| {
                read_list(body).is_ok_and(|list| list.purpose == purpose)
            })
        };
        Ok(StatusPurpose::ALL.into_iter().filter_map(of).collect())
    }

    fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Logged>, HistoryError> {
        let items = self.items[from as usize..to as usize].iter();
        let logged = |item: &Item| Logged {
            entry: item.entry.clone(),
            body: item.body.clone(),
        };
        Ok(items.map(logged).collect())
    }
}

/// What a server answers: a status and a body. `None` never answers.
pub type Reply = Option<(u16, Vec<u8>)>;
type Lie = dyn Fn(&str, &Log) -> Reply + Send + Sync;

/// A server of the log, until it is dropped.
pub struct Stage {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    pub asked: Arc<Mutex<Vec<String>>>,
}

/// What an honest server replies.
pub fn honest(path: &str, log: &Log) -> Reply {
    match log.answer(path) {
        Some(body) => Some((200, body)),
        None => Some((404, Vec::new())),
    }
}

impl Stage {
    /// Serves a log honestly.
    pub fn of(log: &Log) -> Self {
        Self::lying(log, honest)
    }

    /// Serves a log, with a lie.
    pub fn lying(log: &Log, lie: impl Fn(&str, &Log) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, lie): (Arc<Log>, Arc<Lie>) = (Arc::new(log.clone()), Arc::new(lie));
        let (ending, told) = (stop.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let (log, lie, told) = (log.clone(), lie.clone(), told.clone());
                thread::spawn(move || drop(answer(&stream, &log, lie.as_ref(), &told)));
            }
        });
        Self { address, stop, asked }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn answer(stream: &TcpStream, log: &Log, lie: &Lie, told: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let mut line = String::new();
    while lines.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    told.lock().unwrap().push(path.clone());
    let Some((status, body)) = lie(&path, log) else {
        // Silence, until the other side gives up.
        line.clear();
        return lines.read_line(&mut line).map(drop);
    };
    let mut out = stream;
    let location = if status == 302 {
        "location: http://127.0.0.1:1/\r\n"
    } else {
        ""
    };
    write!(
        out,
        "HTTP/1.1 {status} X\r\n{location}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    )?;
    out.write_all(&body)
}

/// Everything below a folder, by path.
pub fn files(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, at: &Path, found: &mut std::collections::BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(at).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = std::collections::BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

//! A small registry in memory, for tests: keys, log, records, lists, and the bundles and bulk files that an
//! exporter would write. [`Plan`] says what is wrong with it.

pub mod statement;
pub mod succession;

use std::convert::Infallible;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use uuid::Uuid;

use super::bulk::{Header, Line};
use super::bundle::{Bundle, Checkpoints, Head, KeyItem, ListItem, Place};
use super::options::Options;
use super::trust::{Issuer, Trust};
use crate::log::checkpoint::Checkpoint;
use crate::log::cosignature::cosign;
use crate::log::edge::Edge;
use crate::log::hash::leaf_hash;
use crate::log::key::{KeyKind, VerifierKey};
use crate::log::memory::MemoryTiles;
use crate::log::note::Note;
use crate::log::policy::Policy;
use crate::log::proof::{Prover, consistency_proof, inclusion_proof};
use crate::record::context;
use crate::record::credential::{Audience, Host, Template, samples};
use crate::record::did::{KeyDocument, Method, method_id};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::multikey;
use crate::record::signer::{Signer, SoftwareSigner};
use crate::record::status::{Bitstring, ListDraft, StatusPurpose};

/// Records in the fixture's batch unless a plan says otherwise.
pub const RECORDS: usize = 20;
/// Log index of the first record.
pub const FIRST: u64 = 4;

/// How the little registry behaves.
#[derive(Clone)]
pub struct Plan {
    /// Last lines of `policy.txt`.
    pub quorum: &'static str,
    /// Which witnesses (1 to 3) cosign each of the five heads.
    pub witnesses: [&'static [u8]; 5],
    /// Times of the five heads: empty, first key document, lists, records, newest lists and keys.
    pub times: [DateTime<Utc>; 5],
    /// When the records say that they were signed.
    pub created: DateTime<Utc>,
    /// Bits of record 0 in the newest lists: revocation, suspension, refresh.
    pub bits: [bool; 3],
    /// `validFrom` of the newest lists.
    pub listed: DateTime<Utc>,
    /// `updated` of the newest key document.
    pub updated: DateTime<Utc>,
    /// `nextUpdate` of the newest key document.
    pub next_update: Option<DateTime<Utc>>,
    /// End of the issuer key in the newest key document: expires, revoked.
    pub key_end: [Option<DateTime<Utc>>; 2],
    /// How many roots sign key documents.
    pub roots: u8,
    /// What is done to record 0's bytes before they are logged.
    pub edit: fn(String) -> String,
    /// Who signs the newest lists: the issuer (42) or another seed.
    pub list_signer: u8,
    /// How many records the batch has.
    pub records: usize,
}

/// A time on the fixture's second day, 2026-10-09, UTC.
pub fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 9, hour, minute, 0).unwrap()
}

/// The time of verification unless a test says otherwise: 2026-10-10T06:00:00Z.
pub fn now() -> DateTime<Utc> {
    at(6, 0) + TimeDelta::days(1)
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            quorum: "group two 2 w1 w2 w3\nquorum two",
            witnesses: [&[1, 2]; 5],
            times: [at(1, 0), at(2, 0), at(8, 25), at(8, 35), at(20, 1)],
            created: samples::created(),
            bits: [false; 3],
            listed: at(20, 0),
            updated: at(19, 0),
            next_update: None,
            key_end: [None; 2],
            roots: 2,
            edit: |record| record,
            list_signer: 42,
            records: RECORDS,
        }
    }
}

impl Plan {
    /// A registry without witnesses.
    pub fn unwitnessed() -> Self {
        Self {
            quorum: "quorum none",
            witnesses: [&[]; 5],
            ..Self::default()
        }
    }
}

/// The registry and all that it has published.
pub struct World {
    /// The trust folder's `policy.txt`.
    pub policy: String,
    /// The trust folder's `issuer.json`.
    pub issuer: String,
    /// The trust folder's `successions.json`, where a log was followed by another.
    pub successions: Option<String>,
    /// The trust folder, read.
    pub trust: Trust,
    bodies: Vec<(EntryKind, Vec<u8>)>,
    store: MemoryTiles,
    edge: Edge,
    heads: Vec<(u64, String)>,
}

fn key(seed: u8, name: &str, kind: KeyKind) -> (SigningKey, VerifierKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let public = VerifierKey::new(name, kind, secret.verifying_key().as_bytes()).unwrap();
    (secret, public)
}

fn root(n: u8) -> (SigningKey, VerifierKey) {
    key(100 + n, &format!("registry.example/root-{n}"), KeyKind::Ed25519)
}

/// Log key `n`, from 1; the first is the one of [`World::new`].
pub fn log_key(n: u8) -> (SigningKey, VerifierKey) {
    key(109 + n, "registry.example/log", KeyKind::Ed25519)
}

fn witness(n: u8) -> (SigningKey, VerifierKey) {
    key(120 + n, &format!("witness-{n}.example"), KeyKind::Cosignature)
}

fn sign(secret: &SigningKey, message: &[u8]) -> Result<[u8; 64], Infallible> {
    Ok(secret.sign(message).to_bytes())
}

impl World {
    /// A log without entries, whose policy knows these log keys.
    pub fn empty(quorum: &str, logs: &[u8]) -> Self {
        let host = samples::host();
        let mut policy: String = logs.iter().map(|n| format!("log {}\n", log_key(*n).1)).collect();
        for n in 1..=3 {
            policy += &format!("witness w{n} {}\n", witness(n).1);
        }
        policy += &format!("{quorum}\n");
        let issuer = Issuer {
            host: host.clone(),
            roots: (1..=3).map(|n| root(n).1).collect(),
            threshold: 2,
            context_digest: context::digest(&host),
            valid_until: Utc.with_ymd_and_hms(2036, 1, 1, 0, 0, 0).unwrap(),
        };
        let issuer = issuer.to_json().unwrap();
        let trust = Trust::parse(policy.as_bytes(), issuer.as_bytes()).unwrap();
        let (bodies, store) = (Vec::new(), MemoryTiles::new());
        Self {
            policy,
            issuer,
            successions: None,
            trust,
            bodies,
            store,
            edge: Edge::new(),
            heads: Vec::new(),
        }
    }

    /// The same world in the hands of a reader whose trust folder is another registry's, of this host.
    pub fn to_another(&self, host: &str) -> Self {
        let host = Host::parse(host).unwrap();
        let (_, log) = key(90, &format!("{host}/log"), KeyKind::Ed25519);
        let issuer = Issuer {
            context_digest: context::digest(&host),
            roots: (1..=3)
                .map(|n| key(90 + n, &format!("{host}/root-{n}"), KeyKind::Ed25519).1)
                .collect(),
            host,
            ..self.trust.issuer.clone()
        };
        let (policy, issuer) = (format!("log {log}\nquorum none\n"), issuer.to_json().unwrap());
        let trust = Trust::parse(policy.as_bytes(), issuer.as_bytes()).unwrap();
        Self {
            policy,
            issuer,
            successions: None,
            trust,
            bodies: self.bodies.clone(),
            store: self.store.clone(),
            edge: self.edge.clone(),
            heads: self.heads.clone(),
        }
    }

    /// Runs the plan: five heads around one batch of records.
    pub fn new(plan: &Plan) -> Self {
        let host = samples::host();
        let mut world = Self::empty(plan.quorum, &[1]);
        world.head(plan, 0);
        world.publish(
            EntryKind::Keys,
            key_document(&host, plan.roots, at(0, 0), None, [None; 2]),
        );
        world.head(plan, 1);
        for purpose in StatusPurpose::ALL {
            world.publish(
                EntryKind::StatusList,
                list(&host, purpose, false, plan.created, 42),
            );
        }
        world.head(plan, 2);
        let signer = samples::signer();
        let template = Template::new(&host, signer.verification_method(), plan.created).unwrap();
        for n in 0..plan.records {
            let mut draft = samples::grade();
            draft.id = Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_a4b3_0000 + n as u128);
            draft.valid_from = at(0, 0);
            draft.status.index = (n % 131_072) as u32;
            let record = template.issue(&draft, &signer).unwrap();
            let record = match n {
                0 => (plan.edit)(String::from_utf8(record).unwrap()).into_bytes(),
                _ => record,
            };
            world.publish(EntryKind::Record, record);
        }
        world.head(plan, 3);
        for (purpose, bit) in StatusPurpose::ALL.into_iter().zip(plan.bits) {
            let list = list(&host, purpose, bit, plan.listed, plan.list_signer);
            world.publish(EntryKind::StatusList, list);
        }
        world.publish(
            EntryKind::Keys,
            key_document(&host, plan.roots, plan.updated, plan.next_update, plan.key_end),
        );
        world.head(plan, 4);
        world
    }

    /// Logs a body; its index.
    pub fn publish(&mut self, kind: EntryKind, body: Vec<u8>) -> u64 {
        self.bodies.push((kind, body));
        let leaf = leaf_hash(&self.entry(self.bodies.len() - 1));
        for (tile, bytes) in self.edge.grow(&[leaf]) {
            self.store.put(tile, &bytes).unwrap();
        }
        self.bodies.len() as u64 - 1
    }

    fn entry(&self, index: usize) -> Vec<u8> {
        let (kind, body) = &self.bodies[index];
        Entry {
            audience: Audience::Public,
            digest: Digest::of(body),
            kind: *kind,
        }
        .encode()
    }

    fn head(&mut self, plan: &Plan, number: usize) {
        self.sign_head(&[1], plan.witnesses[number], plan.times[number]);
    }

    /// Signs a head with these log keys and has it cosigned; its number.
    pub fn sign_head(&mut self, logs: &[u8], witnesses: &[u8], time: DateTime<Utc>) -> usize {
        let public = log_key(1).1;
        let (size, root) = (self.edge.size(), self.edge.root());
        let checkpoint = Checkpoint {
            origin: public.name().to_owned(),
            size,
            root,
        };
        let mut note = Note::unsigned(&checkpoint.to_string()).unwrap();
        for n in logs {
            let (secret, public) = log_key(*n);
            note.sign(&public, |message| sign(&secret, message)).unwrap();
        }
        for n in witnesses {
            let (secret, public) = witness(*n);
            let time = time.timestamp() as u64 + u64::from(*n);
            note.add(cosign(&note, &public, time, |message| sign(&secret, message)).unwrap());
        }
        self.heads.push((size, note.to_string()));
        self.heads.len() - 1
    }

    /// Where a body stands, with its path under the current head.
    pub fn place(&self, index: u64) -> Place {
        let inclusion = inclusion_proof(&self.store, index, self.edge.size()).unwrap();
        Place {
            entry: self.entry(index as usize),
            index,
            inclusion,
        }
    }

    fn heads(&self, numbers: &[usize]) -> Vec<Head> {
        let mut old = 0;
        let proof = |number: &usize| {
            let (size, note) = &self.heads[*number];
            let consistency = consistency_proof(&self.store, old, *size).unwrap();
            old = *size;
            Head {
                note: note.clone(),
                consistency,
            }
        };
        numbers.iter().map(proof).collect()
    }

    fn key(&self, index: u64) -> KeyItem {
        let note = String::from_utf8(self.bodies[index as usize].1.clone()).unwrap();
        KeyItem {
            note,
            place: self.place(index),
        }
    }

    fn list(&self, index: u64) -> ListItem {
        ListItem {
            credential: self.bodies[index as usize].1.clone(),
            place: self.place(index),
        }
    }

    /// Index of the newest lists' first.
    pub fn newest(&self) -> u64 {
        self.bodies.len() as u64 - 4
    }

    /// The bundle of one record of the batch.
    pub fn bundle(&self, record: usize) -> Bundle {
        let newest = self.newest();
        self.bundle_of(FIRST + record as u64, [2, 3, 4], &[0, newest + 3], newest)
    }

    /// The bundle of one of the newest status lists (0 to 2), as if it were the record.
    pub fn list_bundle(&self, list: u64) -> Bundle {
        let newest = self.newest();
        self.bundle_of(newest + list, [3, 4, 4], &[0, newest + 3], newest)
    }

    /// The bundle of the body at `index`: heads by number, key documents by index, the first of three lists
    /// by index. Paths lead to the newest head, which must be the last of the three.
    pub fn bundle_of(&self, index: u64, heads: [usize; 3], keys: &[u64], lists: u64) -> Bundle {
        let Ok([mut before, after, current]) = <[Head; 3]>::try_from(self.heads(&heads)) else {
            panic!("three heads")
        };
        before.consistency.clear();
        Bundle {
            record: self.bodies[index as usize].1.clone(),
            place: self.place(index),
            checkpoints: Checkpoints {
                before,
                after,
                current,
            },
            keys: keys.iter().map(|index| self.key(*index)).collect(),
            lists: (0..3).map(|n| self.list(lists + n)).collect(),
        }
    }

    /// Header and lines of a bulk file with the whole batch.
    pub fn bulk(&self) -> (Header, Vec<Line>) {
        self.bulk_under(&[0, 1, 2, 3, 4], self.newest())
    }

    fn bulk_under(&self, heads: &[usize], newest: u64) -> (Header, Vec<Line>) {
        let mut header = Header {
            checkpoints: self.heads(heads),
            ..Header::default()
        };
        let key = header.add_key(self.key(0));
        header.add_key(self.key(newest + 3));
        let lists = [0, 1, 2].map(|n| header.add_list(self.list(newest + n)));
        let mut prover = Prover::new(&self.store, self.edge.size());
        let lines = (FIRST..newest).map(|index| {
            let record = self.bodies[index as usize].1.clone();
            let inclusion = prover.inclusion(index).unwrap();
            let place = Place {
                entry: self.entry(index as usize),
                index,
                inclusion,
            };
            Line {
                before: 2,
                after: 3,
                place,
                key,
                lists,
                record,
            }
        });
        (header, lines.collect())
    }

    /// The bulk file's bytes.
    pub fn bulk_file(&self) -> Vec<u8> {
        self.bulk_of(&[0, 1, 2, 3, 4], self.newest())
    }

    /// The same with these heads, where the newest lists and keys begin at `newest`.
    fn bulk_of(&self, heads: &[usize], newest: u64) -> Vec<u8> {
        let (header, lines) = self.bulk_under(heads, newest);
        let mut file = header.to_line().unwrap();
        lines.iter().for_each(|line| line.write(&mut file));
        file
    }
}

/// Options at [`now`].
pub fn options() -> Options {
    Options::at(now())
}

fn key_document(
    host: &Host,
    roots: u8,
    updated: DateTime<Utc>,
    next_update: Option<DateTime<Utc>>,
    [expires, revoked]: [Option<DateTime<Utc>>; 2],
) -> Vec<u8> {
    let signer = samples::signer();
    let method = Method {
        id: signer.verification_method().to_owned(),
        key: multikey::usable(&signer.public_key()).unwrap(),
        expires,
        revoked,
    };
    let document = KeyDocument {
        host: host.clone(),
        updated,
        next_update,
        methods: vec![method],
    };
    signed_document(&document, &(1..=roots).collect::<Vec<_>>())
}

/// A key document's note, signed by these roots.
pub fn signed_document(document: &KeyDocument, roots: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(document.to_canonical().unwrap()).unwrap() + "\n";
    let mut note = Note::unsigned(&text).unwrap();
    for n in roots {
        let (secret, public) = root(*n);
        note.sign(&public, |message| sign(&secret, message)).unwrap();
    }
    if roots.is_empty() {
        // A note without signatures cannot be read at all; another key's does not help either.
        let (secret, public) = log_key(1);
        note.sign(&public, |message| sign(&secret, message)).unwrap();
    }
    note.to_string().into_bytes()
}

/// An issuer key of the fixture's registry, named after itself.
pub fn issuer_key(seed: u8) -> SoftwareSigner {
    let signer = SoftwareSigner::generate(&mut [seed; 32], "");
    let method = method_id(&samples::host(), &signer.public_key());
    signer.named(method)
}

/// A record of a grade, signed at a time; `n` makes it another one.
pub fn record_by(signer: &SoftwareSigner, n: u32, created: DateTime<Utc>) -> Vec<u8> {
    let mut draft = samples::grade();
    draft.id = Uuid::from_u128(0x0f0e_1d2c_3b4a_4958_8677_8695_a4b3_0000 + u128::from(n));
    draft.valid_from = created;
    draft.status.index = n;
    let template = Template::new(&samples::host(), signer.verification_method(), created).unwrap();
    template.issue(&draft, signer).unwrap()
}

/// A clear status list, signed at a time.
pub fn list_by(signer: &SoftwareSigner, purpose: StatusPurpose, at: DateTime<Utc>) -> Vec<u8> {
    let draft = ListDraft {
        purpose,
        list: 1,
        bits: Bitstring::default(),
        valid_from: at,
        valid_until: None,
    };
    let template = Template::new(&samples::host(), signer.verification_method(), at).unwrap();
    template.issue_list(&draft, signer).unwrap()
}

fn list(host: &Host, purpose: StatusPurpose, bit: bool, at: DateTime<Utc>, signer: u8) -> Vec<u8> {
    let mut bits = Bitstring::default();
    bits.set(0, bit).unwrap();
    let draft = ListDraft {
        purpose,
        list: 1,
        bits,
        valid_from: at,
        valid_until: None,
    };
    let name = samples::signer().verification_method().to_owned();
    let signer = SoftwareSigner::generate(&mut [signer; 32], name);
    let template = Template::new(host, signer.verification_method(), at).unwrap();
    template.issue_list(&draft, &signer).unwrap()
}

/// The policy of the fixture, read; for tests that vary it.
pub fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

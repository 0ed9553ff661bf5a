//! A bank's day: a mirror made of changes alone, the dump, and what the log's snapshot signed, all equal.

mod mirror;

use std::ops::Deref;
use std::thread;
use std::time::{Duration, Instant};

use chengxin::domain::change::ChangeKind;
use chengxin::domain::evidence::{EvidenceKind, Matter, Outcome};
use chengxin::domain::withdrawal::Cause;
use chengxin::log::key::{KeyKind, VerifierKey};
use chengxin::log::note::Note;
use chengxin::record::digest::Digest;
use chengxin::record::signer::Signer as _;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::dump::manifest::Manifest;
use chengxin::registry::publish::NoStops;
use chengxin::registry::{Registry, freshness, partner, withdrawal};
use chengxin::store::log::body::Body;
use diesel::{RunQueryDsl, sql_query};

use crate::status::story::new_evidence;
use crate::status::told::{Office, id};
use crate::support::city::City;
use crate::support::http::{Answer, Visitor};
use crate::support::server::Server;
use mirror::{Mirror, bodies, changes};

crate::on_both_databases!(
    a_mirror_a_dump_and_a_snapshot_agree,
    a_mirror_follows_what_changes,
    many_wait_and_all_are_told
);

/// A served city, a partner of it, and nobody in particular.
struct Open {
    office: Office,
    server: Server,
    key: String,
}

impl Deref for Open {
    type Target = Office;

    fn deref(&self) -> &Office {
        &self.office
    }
}

impl Open {
    fn new(label: &str, database: Option<&str>) -> Self {
        let city = City::new(label, database, 60);
        city.demo();
        city.run(&["dump"]).ok();
        let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
        let key = partner::add(&registry, "江北银行").unwrap();
        Self {
            server: Server::start(&city.data(), database),
            office: Office { city, registry },
            key,
        }
    }

    /// Somebody who asks, with a partner's key or without.
    fn visitor(&self, partner: bool) -> Visitor {
        if partner {
            Visitor::new().with_header("authorization", &format!("Bearer {}", self.key))
        } else {
            Visitor::new()
        }
    }

    #[track_caller]
    fn get(&self, partner: bool, path: &str) -> Answer {
        let answer = self.visitor(partner).get(&self.server.url(path));
        assert_eq!(
            answer.status,
            200,
            "{path}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        answer
    }

    /// The newest manifest, signed by the issuer.
    fn manifest(&self, partner: bool) -> Manifest {
        let note = self.get(partner, "/api/v1/dumps/latest").body;
        let issuer = self.registry.keys().unwrap().issuers().unwrap().remove(0);
        let name = format!("{}/dump", self.registry.host);
        let key = VerifierKey::new(&name, KeyKind::Ed25519, &issuer.public_key()).unwrap();
        let opened = Note::parse(&note).unwrap();
        let text = opened.open(&[key]).unwrap();
        let manifest = Manifest::of_note(&note).unwrap();
        assert_eq!(manifest.text().unwrap(), text, "canonical");
        manifest
    }

    /// A file of a dump, as the manifest says it is.
    fn file(&self, partner: bool, manifest: &Manifest, name: &str) -> Vec<u8> {
        let file = manifest.file(name).unwrap();
        let bytes = self.get(partner, &file.url).body;
        assert_eq!(u64::try_from(bytes.len()).unwrap(), file.size, "{name}");
        assert_eq!(Digest::of(&bytes).hex(), file.sha256, "{name}");
        bytes
    }
}

fn a_mirror_a_dump_and_a_snapshot_agree(database: Option<&str>) {
    let open = Open::new("feed", database);
    for partner in [false, true] {
        let manifest = open.manifest(partner);
        // Line by line, and small pages: each digest is of exactly the bytes that came.
        let all = changes(&open.visitor(partner), &open.server, 37);
        let mut mirror = Mirror::default();
        all.iter()
            .filter(|change| change.log_index < manifest.log_size)
            .for_each(|change| mirror.apply(change));
        let lines = bodies(&open.file(partner, &manifest, "records.ndjson.zst"));
        assert_eq!(u64::try_from(lines.len()).unwrap(), manifest.records);
        let dumped: Vec<String> = lines.iter().map(|line| Digest::of(line).hex()).collect();
        let mut sorted = dumped.clone();
        sorted.sort();
        assert_eq!(mirror.current(manifest.as_of), sorted, "partner {partner}");
        assert_eq!(mirror::digest(&sorted).multibase(), manifest.current_digest);

        // The snapshot that the log holds signs the same figure.
        let snapshot = all
            .iter()
            .find(|change| change.log_index == manifest.snapshot.log_index);
        let snapshot = snapshot.unwrap().body.clone().unwrap();
        assert_eq!(
            Digest::of(&snapshot).multibase(),
            manifest.snapshot.digest_multibase
        );
        let snapshot: serde_json::Value = serde_json::from_slice(&snapshot).unwrap();
        assert_eq!(
            snapshot["credentialSubject"]["currentDigest"],
            manifest.current_digest.as_str()
        );
        assert_eq!(
            snapshot["credentialSubject"]["audience"],
            manifest.audience.as_str()
        );

        // The table has the same records in the same order.
        let table = open.file(partner, &manifest, "records.csv");
        let table = String::from_utf8(table).unwrap();
        let rows: Vec<&str> = table
            .split("\r\n")
            .skip(1)
            .filter(|row| !row.is_empty())
            .collect();
        let digests: Vec<&str> = rows.iter().map(|row| row.split(',').nth(1).unwrap()).collect();
        assert_eq!(digests, dumped);

        // Going on from the dump needs nothing older than the dump.
        let mut later = Mirror::of_dump(&lines, &open.file(partner, &manifest, "status-lists.ndjson"));
        freshness::refresh(&open.registry, &NoStops).unwrap();
        let all = changes(&open.visitor(partner), &open.server, 1000);
        for change in all.iter().filter(|change| change.log_index >= manifest.log_size) {
            mirror.apply(change);
            later.apply(change);
        }
        assert_eq!(later.current(manifest.as_of), mirror.current(manifest.as_of));
        assert_eq!(later.lists(), mirror.lists());
    }
    audiences_are_apart(&open);
    in_parts(&open);
    open.city.run(&["log", "fsck"]).ok();
}

/// A withdrawal, a correction, and an A that is lost: a mirror that goes on from where it stood comes to what
/// one begun today comes to, to the next dump, and to what the log's next snapshot signs.
fn a_mirror_follows_what_changes(database: Option<&str>) {
    let open = Open::new("follows", database);
    let mut mirrors = [false, true].map(|partner| {
        let mut mirror = Mirror::default();
        let all = changes(&open.visitor(partner), &open.server, 1000);
        all.iter().for_each(|change| mirror.apply(change));
        (partner, mirror, all.last().unwrap().log_index)
    });
    let [withdrawn, corrected, lost] = changed(&open);
    let digest = |record: &Body| Digest::of(&record.bytes).hex();
    for (_, mirror, _) in &mirrors {
        assert!(mirror.holds(&digest(&withdrawn)), "until the change is read");
    }
    // The old dump is gone with the withdrawal; the snapshot is taken and the next one made.
    let old = open.visitor(true).get(&open.server.url("/api/v1/dumps/latest"));
    assert!(old.status == 503 || old.status == 200 && made_since(&open, &old));
    open.city.run(&["publish"]).ok();
    open.city.run(&["dump"]).ok();
    for (partner, mirror, last) in &mut mirrors {
        let all = changes(&open.visitor(*partner), &open.server, 37);
        let news: Vec<_> = all.iter().filter(|change| change.log_index > *last).collect();
        news.iter().for_each(|change| mirror.apply(change));
        // Told by its digest, three times at most: as the erasure, under signature, and as a line that stays.
        let erased = all.iter().filter(|change| change.kind == "erasure");
        let erased: Vec<&str> = erased.map(|change| change.digest.as_str()).collect();
        assert_eq!(erased, [digest(&withdrawn)]);
        let first = all
            .iter()
            .find(|change| change.digest == digest(&withdrawn) && change.kind == "record");
        assert!(first.unwrap().body.is_none(), "its line stays without its body");
        let names = |body: &Vec<u8>| {
            let text = String::from_utf8_lossy(body);
            text.contains("RecordWithdrawal") && text.contains(&Digest::of(&withdrawn.bytes).multibase())
        };
        let said = news.iter().filter_map(|change| change.body.as_ref());
        assert_eq!(said.filter(|body| names(body)).count(), 1);

        let manifest = open.manifest(*partner);
        let mut begun_today = Mirror::default();
        all.iter().for_each(|change| begun_today.apply(change));
        assert!(!mirror.holds(&digest(&withdrawn)));
        let current = mirror.current(manifest.as_of);
        assert_eq!(current, begun_today.current(manifest.as_of));
        assert_eq!(mirror.lists(), begun_today.lists());
        assert_eq!(mirror::digest(&current).multibase(), manifest.current_digest);
        let lines = bodies(&open.file(*partner, &manifest, "records.ndjson.zst"));
        let mut dumped: Vec<String> = lines.iter().map(|line| Digest::of(line).hex()).collect();
        dumped.sort();
        assert_eq!(dumped, current, "partner {partner}");
        for gone in [&withdrawn, &corrected, &lost] {
            assert!(!current.contains(&digest(gone)));
        }
        let newer = open.records(corrected.employer_id.unwrap());
        assert!(current.contains(&digest(newer.last().unwrap())));
    }
    open.city.run(&["log", "fsck"]).ok();
}

/// Whether the server made a dump again already, which the withdrawn record's erasure is part of.
fn made_since(open: &Open, answer: &Answer) -> bool {
    let erased = changes(&open.visitor(true), &open.server, 1000)
        .into_iter()
        .find(|change| change.kind == "erasure");
    Manifest::of_note(&answer.body).unwrap().log_size > erased.unwrap().log_index
}

/// Publishes the three changes; the records as they were.
fn changed(open: &Open) -> [Body; 3] {
    let [(_, withdrawn), (whom, corrected), (loser, lost)] = [0, 1, 2].map(|nth| open.graded("A", nth));
    let conn = &mut *open.registry.store.conn().unwrap();
    let renamed = format!(
        "UPDATE employer SET name = '重庆更名有限公司' WHERE id = {}",
        whom.id
    );
    sql_query(renamed).execute(conn).unwrap();
    new_evidence(
        &open.registry,
        &loser,
        EvidenceKind::Handled {
            outcome: Outcome::Penalty,
            matter: Matter::Wages,
        },
    );
    open.release(&open.propose(&corrected, ChangeKind::Correction).unwrap());
    open.release(&open.propose(&lost, ChangeKind::Downgrade).unwrap());
    let wanted = withdrawal::Wanted {
        record: id(&withdrawn),
        cause: Cause::Court,
        reason: "行政判决撤销",
        document_number: "（2026）渝行终1号",
        ended_on: None,
    };
    let proposed = withdrawal::propose(&open.registry, &open.actor("li.shencha"), wanted).unwrap();
    open.release(&proposed);
    [withdrawn, corrected, lost]
}

/// The public's dump holds no partner's record, and a partners' dump does not exist for it.
fn audiences_are_apart(open: &Open) {
    let (public, partners) = (open.manifest(false), open.manifest(true));
    assert!(public.records < partners.records);
    let url = |manifest: &Manifest| manifest.file("records.csv").unwrap().url.clone();
    let mut stranger = open.visitor(false);
    let hidden = stranger.get(&open.server.url(&url(&partners)));
    let unknown = stranger.get(&open.server.url("/api/v1/dumps/partners-0/records.csv"));
    assert_eq!((hidden.status, unknown.status), (404, 404));
    assert_eq!(hidden.header("content-type"), unknown.header("content-type"));
    assert_eq!(hidden.body.len(), unknown.body.len());
    open.get(true, &url(&public));
    // Nothing is there but what the newest manifests name.
    let before = partners.id;
    open.city.run(&["dump"]).ok();
    let after = open.manifest(true);
    assert_ne!(before, after.id);
    let gone = open
        .visitor(true)
        .get(&open.server.url(&format!("/api/v1/dumps/{before}/records.csv")));
    assert_eq!(gone.status, 404);
    let kept = std::fs::read_dir(open.city.data().join("dumps")).unwrap();
    assert_eq!(kept.count(), 4, "two folders and two manifests");
}

/// An interrupted file is gone on with.
fn in_parts(open: &Open) {
    let manifest = open.manifest(true);
    let file = manifest.file("records.ndjson.zst").unwrap();
    let whole = open.file(true, &manifest, "records.ndjson.zst");
    let get = |range: &str, if_range: &str| {
        let visitor = open.visitor(true).with_header("range", range);
        let mut visitor = if if_range.is_empty() {
            visitor
        } else {
            visitor.with_header("if-range", if_range)
        };
        // A client that could take a compressed stretch gets it as it lies nonetheless.
        visitor.get(&open.server.url(&file.url))
    };
    let half = file.size / 2;
    let tag = format!("\"{}\"", file.sha256);
    let first = get(&format!("bytes=0-{}", half - 1), "");
    let second = get(&format!("bytes={half}-"), &tag);
    assert_eq!((first.status, second.status), (206, 206));
    assert_eq!(first.header("etag"), tag);
    assert_eq!(
        second.header("content-range"),
        format!("bytes {half}-{}/{}", file.size - 1, file.size)
    );
    assert_eq!([first.body, second.body].concat(), whole);
    let other = get(&format!("bytes={half}-"), "\"another\"");
    assert_eq!((other.status, other.body), (200, whole));
    let beyond = get(&format!("bytes={}-", file.size), "");
    assert_eq!(
        (beyond.status, beyond.header("content-type")),
        (416, "application/problem+json")
    );
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", file.size));
}

/// More wait than there are connections and workers; others are answered meanwhile, and all who wait are told
/// when the log grows, long before their time is up.
fn many_wait_and_all_are_told(database: Option<&str>) {
    let open = Open::new("wait", database);
    let size = open.get(false, "/api/v1/changes?since=0&limit=1").json()["logSize"]
        .as_u64()
        .unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..30)
            .map(|number| {
                let mut visitor = open.visitor(number % 2 == 0);
                let url = open.server.url(&format!("/api/v1/changes?since={size}&wait=20"));
                scope.spawn(move || visitor.get(&url))
            })
            .collect();
        for _ in 0..20 {
            let answer = open.get(false, "/api/v1/employers?query=%E5%85%AC%E5%8F%B8");
            assert_eq!(answer.json()["logSize"], size);
        }
        freshness::refresh(&open.registry, &NoStops).unwrap();
        for waiter in waiters {
            let told = waiter.join().unwrap();
            assert_eq!(told.status, 200, "{}", told.text());
            let told = told.json();
            assert!(told["next"].as_u64().unwrap() > size, "{told}");
            assert_eq!(told["changes"][0]["logIndex"], size);
        }
    });
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "somebody waited to the end"
    );
}

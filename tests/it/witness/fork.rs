//! Somebody who owns the log key shows a second history: witnesses refuse it, and so does the verifier.

use std::fs;

use serde_json::Value;

use super::*;
use chengxin::log::checkpoint::Checkpoint as Head;
use chengxin::log::edge::Edge;
use chengxin::log::hash::{Hash, leaf_hash};
use chengxin::log::key::{KeyKind, VerifierKey};
use chengxin::log::memory::MemoryTiles;
use chengxin::log::note::Note;
use chengxin::log::prover::consistency_proof;
use chengxin::log::witness::AddCheckpoint;
use chengxin::record::signer::{SignError, Signer as _, SoftwareSigner};
use chengxin::registry::export;
use chengxin::registry::keys::KeysError;

use crate::support::command::verify;

/// The thief of a log key.
struct Thief {
    signer: SoftwareSigner,
    log: VerifierKey,
}

impl Thief {
    fn of(world: &Witnessed) -> Self {
        let pem = fs::read_to_string(world.data().keys().join("log.pem")).unwrap();
        let signer = SoftwareSigner::from_pkcs8_pem(&pem, "credit.example/log").unwrap();
        let log = VerifierKey::new("credit.example/log", KeyKind::Ed25519, &signer.public_key()).unwrap();
        Self { signer, log }
    }

    fn sign(&self, size: u64, root: Hash) -> Note {
        let head = Head {
            origin: self.log.name().to_owned(),
            size,
            root,
        };
        let mut note = Note::unsigned(&head.to_string()).unwrap();
        let sign = |message: &[u8]| -> Result<[u8; 64], SignError> { self.signer.sign(message) };
        note.sign(&self.log, sign).unwrap();
        note
    }
}

/// A tree of other entries.
fn other_tree(size: u64) -> (Hash, MemoryTiles) {
    let leaves: Vec<Hash> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let (mut edge, mut tiles) = (Edge::new(), MemoryTiles::new());
    for (id, bytes) in edge.grow(&leaves) {
        tiles.put(id, &bytes).unwrap();
    }
    (edge.root(), tiles)
}

fn post(url: &str, request: &AddCheckpoint) -> (u16, String, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent
        .post(format!("{url}/add-checkpoint"))
        .send(request.to_string())
        .unwrap();
    let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let status = answer.status().as_u16();
    (status, media, answer.body_mut().read_to_string().unwrap())
}

#[test]
fn a_second_history_is_refused_by_witnesses() {
    let world = Witnessed::new("fork", None);
    let thief = Thief::of(&world);
    let size = world.served().size.unsigned_abs();
    let (root, _) = other_tree(size);
    let request = |old, proof, checkpoint| AddCheckpoint {
        old,
        proof,
        checkpoint,
    };
    let url = world.trio.url(0);
    // The same size with another root.
    let (status, media, said) = post(&url, &request(size, Vec::new(), thief.sign(size, root)));
    assert_eq!(status, 409, "{said}");
    assert!(
        media.starts_with("text/plain") && said.contains("another root"),
        "{said}"
    );
    // A larger tree of the second history, with that history's own proof.
    let (larger, tiles) = other_tree(size + 5);
    let proof = consistency_proof(&tiles, size, size + 5).unwrap();
    let (status, _, said) = post(&url, &request(size, proof, thief.sign(size + 5, larger)));
    assert_eq!(status, 422, "{said}");
    // From a size that the witness has left behind: it says where it stands.
    let (smaller, _) = other_tree(size - 1);
    let (status, media, said) = post(
        &url,
        &request(size - 1, Vec::new(), thief.sign(size - 1, smaller)),
    );
    assert_eq!((status, media.as_str()), (409, "text/x.tlog.size"));
    assert_eq!(said, format!("{size}\n"));
    // The registry's own signer would not have signed it either.
    let keys = world.registry.keys().unwrap().log().unwrap();
    let head = Head {
        origin: thief.log.name().to_owned(),
        size,
        root,
    };
    assert!(matches!(keys.sign_head(&head, &NoStops), Err(KeysError::Mark(_))));
    // Nothing of this has changed what honest heads get.
    world.publish();
    assert_eq!(cosignatures(&world.served().note), 3);
    // An unknown log, a key that is not the log's, a body too large, another method.
    let foreign = thief
        .sign(1, root)
        .to_string()
        .replace("credit.example", "other.example");
    let foreign = request(0, Vec::new(), Note::parse(foreign.as_bytes()).unwrap());
    assert_eq!(post(&url, &foreign).0, 404);
    let mut forger = Thief::of(&world);
    forger.signer = SoftwareSigner::generate(&mut [9; 32], "x");
    forger.log = VerifierKey::new(
        "credit.example/log",
        KeyKind::Ed25519,
        &forger.signer.public_key(),
    )
    .unwrap();
    assert_eq!(post(&url, &request(0, Vec::new(), forger.sign(1, root))).0, 403);
    let ahead = request(size + 9, Vec::new(), thief.sign(size, root));
    assert_eq!(post(&url, &ahead).0, 400);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let send = |body: Vec<u8>| {
        let sent = agent.post(format!("{url}/add-checkpoint")).send(body);
        sent.unwrap().status().as_u16()
    };
    assert_eq!(send(b"old 1\n".to_vec()), 400);
    assert_eq!(send(vec![b'a'; 70_000]), 413);
    let who = agent
        .get(&url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    assert!(
        who.contains("witness-0.example+") && who.contains("credit.example/log "),
        "{who}"
    );
}

#[test]
fn a_second_history_is_refused_by_the_verifier() {
    let world = Witnessed::new("fork-verifier", None);
    let thief = Thief::of(&world);
    let served = world.served();
    let mut conn = world.registry.store.conn().unwrap();
    let record = body::newest_of_kind(&mut conn, "rule-set", served.size)
        .unwrap()
        .unwrap();
    let bundle: Value = serde_json::from_slice(&export::bundle(&mut conn, &record).unwrap()).unwrap();
    let judged = |bundle: &Value, code: i32| -> Value {
        let path = world
            .dir
            .write("bundle.json", serde_json::to_vec(bundle).unwrap());
        let trust = world.data().trust();
        let at = world.clock.now().to_rfc3339();
        let ran = verify([
            path.as_os_str(),
            "--trust".as_ref(),
            trust.as_os_str(),
            "--json".as_ref(),
            "--at".as_ref(),
            at.as_ref(),
        ]);
        serde_json::from_str(&ran.code(code).stdout).unwrap()
    };
    let axis = |verdict: &Value, name: &str| -> (String, String) {
        let axes = verdict["axes"].as_array().unwrap();
        let found = axes.iter().find(|axis| axis["axis"] == name).unwrap();
        let text = |member: &str| found[member].as_str().unwrap().to_owned();
        (text("state"), text("reason"))
    };
    let with_current = |note: String| {
        let mut bundle = bundle.clone();
        bundle["checkpoints"]["current"]["note"] = note.into();
        bundle
    };
    let honest = judged(&bundle, 0);
    for name in ["time", "witnessed", "backdating"] {
        assert_eq!(axis(&honest, name).0, "holds", "{name}: {honest}");
    }
    // The head of another history, of the same size.
    let (root, _) = other_tree(served.size.unsigned_abs());
    let fork = thief.sign(served.size.unsigned_abs(), root).to_string();
    let refused = judged(&with_current(fork), 1);
    let fails = |reason: &str| ("fails".to_owned(), reason.to_owned());
    assert_eq!(axis(&refused, "logged"), fails("checkpoints-inconsistent"));
    // The true head, shown before witnesses have seen it.
    let signed = checkpoint::at_size(&mut conn, served.size).unwrap().unwrap();
    let alone = judged(&with_current(signed.note), 1);
    assert_eq!(axis(&alone, "witnessed"), fails("quorum-missing"));
}

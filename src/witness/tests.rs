//! State, key file, and requests that come at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::log::hash::{Hash, leaf_hash};
use crate::log::note::Note;
use crate::log::prover::consistency_proof;
use crate::log::tree::Frontier;
use crate::log::witness::cosignatures;
use crate::log::{edge::Edge, memory::MemoryTiles};

const ORIGIN: &str = "registry.example/log";

/// A folder of one test, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(label: &str) -> Self {
        let path = std::env::temp_dir().join(format!("chengxin-witness-{label}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn log_secret() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn log_key() -> VerifierKey {
    VerifierKey::new(ORIGIN, KeyKind::Ed25519, log_secret().verifying_key().as_bytes()).unwrap()
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn head(size: u64) -> Note {
    let mut frontier = Frontier::new();
    leaves(size).into_iter().for_each(|leaf| frontier.append(leaf));
    let text = format!("{ORIGIN}\n{size}\n{}\n", frontier.root().to_base64());
    let mut note = Note::unsigned(&text).unwrap();
    let sign = |message: &[u8]| Ok::<_, SignError>(log_secret().sign(message).to_bytes());
    note.sign(&log_key(), sign).unwrap();
    note
}

fn request(old: u64, new: u64) -> String {
    let mut tiles = MemoryTiles::new();
    for (id, bytes) in Edge::new().grow(&leaves(new)) {
        tiles.put(id, &bytes).unwrap();
    }
    let request = AddCheckpoint {
        old,
        proof: consistency_proof(&tiles, old, new).unwrap(),
        checkpoint: head(new),
    };
    request.to_string()
}

fn witness(state: &Path, key: WitnessKey) -> Result<Witness, StateError> {
    let state = StateFile::open(state)?;
    Ok(Witness::new(key, vec![log_key()], state, Box::new(|| 1_800_000_000)).unwrap())
}

fn new_key(folder: &Folder) -> WitnessKey {
    WitnessKey::create(&folder.join("key"), "bank.example/witness", &mut [5; 32]).unwrap()
}

#[test]
fn remembers_across_restarts_and_never_starts_anew_by_itself() {
    let folder = Folder::new("state");
    let path = folder.join("state");
    let key = || WitnessKey::read(&folder.join("key")).unwrap();
    drop(new_key(&folder));
    assert!(matches!(
        witness(&path, key()).err(),
        Some(StateError::Missing(_))
    ));
    StateFile::create(&path).unwrap();
    assert!(matches!(StateFile::create(&path), Err(StateError::Exists(_))));
    let first = witness(&path, key()).unwrap();
    let lines = first.add_checkpoint(request(0, 7).as_bytes()).unwrap();
    let found = cosignatures(lines.as_bytes(), &head(7), first.verifier()).unwrap();
    assert_eq!(found[0].1, 1_800_000_000);
    // Another process must not sign from the same state.
    assert!(matches!(witness(&path, key()).err(), Some(StateError::Busy(_))));
    drop(first);
    let second = witness(&path, key()).unwrap();
    assert_eq!(second.seen()[ORIGIN].size, 7);
    assert!(matches!(
        second.add_checkpoint(request(0, 9).as_bytes()),
        Err(Failure::Refused(Refusal::Stale(7)))
    ));
    second.add_checkpoint(request(7, 9).as_bytes()).unwrap();
    second.add_checkpoint(request(9, 9).as_bytes()).unwrap();
    drop(second);
    for (text, line) in [
        ("", 1),
        ("x\n", 1),
        ("chengxin-witness-state/v1\na 1\n", 2),
        ("chengxin-witness-state/v1\na b c\n", 2),
    ] {
        fs::write(&path, text).unwrap();
        let error = witness(&path, key()).err();
        assert!(
            matches!(&error, Some(StateError::Damaged(_, at)) if *at == line),
            "{text:?}: {error:?}"
        );
    }
}

/// Many requests at once, each right for the state that it was made for: the state never goes back, and
/// exactly one of those that were made for the same state is cosigned.
#[test]
fn requests_at_once_never_roll_back() {
    let folder = Folder::new("race");
    let path = folder.join("state");
    StateFile::create(&path).unwrap();
    let witness = Arc::new(witness(&path, new_key(&folder)).unwrap());
    witness.add_checkpoint(request(0, 5).as_bytes()).unwrap();
    let threads: Vec<_> = (6..14_u64)
        .map(|new| {
            let witness = witness.clone();
            let body = request(5, new);
            thread::spawn(move || witness.add_checkpoint(body.as_bytes()).is_ok().then_some(new))
        })
        .collect();
    let cosigned: Vec<u64> = threads
        .into_iter()
        .filter_map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(cosigned.len(), 1, "{cosigned:?}");
    assert_eq!(witness.seen()[ORIGIN].size, cosigned[0]);
}

/// Nothing is signed that is not durable.
#[test]
fn a_state_that_cannot_be_written_signs_nothing() {
    let folder = Folder::new("disk");
    let path = folder.join("state");
    StateFile::create(&path).unwrap();
    let witness = witness(&path, new_key(&folder)).unwrap();
    // A folder where the new file should go: it cannot be created, whoever runs the test.
    fs::create_dir(folder.join("state.new")).unwrap();
    let first = witness.add_checkpoint(request(0, 5).as_bytes());
    assert!(matches!(first, Err(Failure::State(StateError::Io { .. }))));
    fs::remove_dir(folder.join("state.new")).unwrap();
    let second = witness.add_checkpoint(request(0, 5).as_bytes());
    assert!(matches!(second, Err(Failure::State(StateError::Broken(_)))));
    assert_eq!(witness.seen()[ORIGIN].size, 0);
}

#[test]
fn key_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("key");
    let path = folder.join("key");
    let made = new_key(&folder);
    let read = WitnessKey::read(&path).unwrap();
    assert_eq!(read.verifier(), made.verifier());
    assert_eq!(read.verifier().kind(), KeyKind::Cosignature);
    let again = WitnessKey::create(&path, "x", &mut [6; 32]).err();
    assert!(matches!(again, Some(WitnessKeyError::Exists(_))));
    let spaced = WitnessKey::create(&folder.join("b"), "a b", &mut [6; 32]).err();
    assert!(matches!(spaced, Some(WitnessKeyError::Name { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        WitnessKey::read(&path).err(),
        Some(WitnessKeyError::Exposed(_))
    ));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    assert!(matches!(
        WitnessKey::read(&path).err(),
        Some(WitnessKeyError::Form(_))
    ));
}

#[test]
fn logs_are_log_keys() {
    let folder = Folder::new("logs");
    let path = folder.join("state");
    StateFile::create(&path).unwrap();
    let key = new_key(&folder);
    let own = key.verifier().clone();
    let made = Witness::new(key, vec![own], StateFile::open(&path).unwrap(), Box::new(|| 0));
    assert!(matches!(made.err(), Some(WitnessError::NotALog(_))));
    let key = WitnessKey::read(&folder.join("key")).unwrap();
    let made = Witness::new(key, Vec::new(), StateFile::open(&path).unwrap(), Box::new(|| 0));
    assert!(matches!(made.err(), Some(WitnessError::NoLog)));
}

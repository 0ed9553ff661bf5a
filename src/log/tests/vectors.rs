//! Published vectors: transparency-dev/merkle, a real C2SP log of tessera, the example of signed-note.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::checkpoint::Checkpoint;
use super::super::edge::Edge;
use super::super::entries;
use super::super::hash::{Hash, empty_root, leaf_hash};
use super::super::key::VerifierKey;
use super::super::memory::MemoryTiles;
use super::super::note::Note;
use super::super::proof::{consistency_proof, verify_consistency, verify_growth, verify_inclusion};
use super::super::tile::{BundleId, Resource, TileId, parse_path};

/// The folder of vectors, or `None` with a word about it where they are not at hand.
fn folder(name: &str, count: usize) -> Option<PathBuf> {
    let root = std::env::var_os("CHENGXIN_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "CI without published vectors: {name}"
    );
    println!("SKIPPED published vectors: {name} ({count} not run)");
    None
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into)
        } else {
            into.push(path)
        }
    }
    into.sort();
}

/// Some vectors have a text in place of a hash; padded with zeros it stays what it was: a wrong value.
fn hash(value: &Value) -> Hash {
    let mut bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap();
    bytes.resize(32, 0);
    Hash::from_slice(&bytes).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value
        .as_array()
        .map(|list| list.iter().map(hash).collect())
        .unwrap_or_default()
}

#[test]
fn merkle_inclusion_and_consistency() {
    let Some(folder) = folder("merkle", 196) else {
        return;
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let mut counts = [0, 0];
    for path in &paths {
        let case: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let number = |name: &str| case[name].as_u64().unwrap();
        let proof = hashes(&case["proof"]);
        let inclusion = path.strip_prefix(&folder).unwrap().starts_with("inclusion");
        counts[usize::from(inclusion)] += 1;
        // A missing leaf or root cannot even be said with our types.
        if inclusion && (case["leafHash"].as_str() == Some("") || case["leafHash"].is_null()) {
            assert_eq!(case["wantErr"], true);
            continue;
        }
        let answer = match inclusion {
            true => verify_inclusion(
                &hash(&case["leafHash"]),
                number("leafIdx"),
                number("treeSize"),
                &proof,
                &hash(&case["root"]),
            ),
            false => verify_consistency(
                number("size1"),
                &hash(&case["root1"]),
                number("size2"),
                &hash(&case["root2"]),
                &proof,
            ),
        };
        assert_eq!(
            answer.is_err(),
            case["wantErr"].as_bool().unwrap(),
            "{}: {answer:?}",
            path.display()
        );
    }
    println!("{} consistency and {} inclusion vectors", counts[0], counts[1]);
    assert_eq!(counts.iter().sum::<usize>(), 196);
}

#[test]
fn tlog_tiles_regenerated_from_entries() {
    let Some(folder) = folder("tlog-tiles", 48) else {
        return;
    };
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let key = VerifierKey::parse(String::from_utf8(read("log.vkey")).unwrap().trim()).unwrap();
    assert_eq!(
        key.to_string(),
        String::from_utf8(read("log.vkey")).unwrap().trim()
    );
    let open = |name: &str| {
        let note = Note::parse(&read(name)).unwrap();
        assert_eq!(note.to_string().into_bytes(), read(name));
        let checkpoint = Checkpoint::parse(note.open(std::slice::from_ref(&key)).unwrap()).unwrap();
        assert_eq!(checkpoint.origin, key.name());
        checkpoint
    };

    let mut store = MemoryTiles::new();
    let mut edge = Edge::new();
    let mut old = open("checkpoint.0");
    assert_eq!((old.size, old.root), (0, empty_root()));
    let mut seen = 0;
    for size in 1..=15u16 {
        let bundle_id = BundleId {
            index: 0,
            width: size,
        };
        let bundle = read(&bundle_id.to_string());
        let all = entries::decode(&bundle).unwrap();
        assert_eq!(
            (all.len(), entries::encode(&all).unwrap()),
            (usize::from(size), bundle.clone())
        );
        let tiles = edge.grow(&[leaf_hash(all.last().unwrap())]);
        let [(id, bytes)] = tiles.as_slice() else {
            panic!("one tile changes")
        };
        assert_eq!(
            *id,
            TileId {
                level: 0,
                index: 0,
                width: size
            }
        );
        assert_eq!(*bytes, read(&id.to_string()), "{id}");
        assert_eq!(parse_path(&id.to_string()), Ok(Resource::Tile(*id)));
        store.put(*id, bytes).unwrap();
        let new = open(&format!("checkpoint.{size}"));
        assert_eq!((new.size, new.root), (size.into(), edge.root()));
        let path = consistency_proof(&store, old.size, new.size).unwrap();
        verify_growth(old.size, &old.root, new.size, &new.root, &path).unwrap();
        old = new;
        seen += 1;
    }
    assert_eq!((seen, open("checkpoint")), (15, old));

    // Every tile and bundle path of the folder is one that we would write.
    let mut paths = Vec::new();
    files(&folder.join("tile"), &mut paths);
    for path in &paths {
        let path = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        let again = match parse_path(path).unwrap() {
            Resource::Tile(tile) => tile.to_string(),
            Resource::Bundle(bundle) => bundle.to_string(),
        };
        assert_eq!(again, path);
    }
    assert_eq!(paths.len(), 30);
}

#[test]
fn signed_note_example() {
    let Some(folder) = folder("signed-note", 1) else {
        return;
    };
    let vkey = fs::read_to_string(folder.join("signed-note-example.vkey")).unwrap();
    let key = VerifierKey::parse(vkey.trim()).unwrap();
    let bytes = fs::read(folder.join("signed-note-example.txt")).unwrap();
    let note = Note::parse(&bytes).unwrap();
    assert_eq!(
        note.open(std::slice::from_ref(&key)),
        Ok("This is an example message.\n")
    );
    assert_eq!(note.to_string().into_bytes(), bytes);
    let other = String::from_utf8(bytes)
        .unwrap()
        .replace("example message", "exemple message");
    assert!(Note::parse(other.as_bytes()).unwrap().open(&[key]).is_err());
}

//! Golden files under `tests/vectors/bundle/`: a bundle, a bulk file and their trust folder, as a registry
//! without witnesses publishes them. Verifiers in other languages read them. Regenerated only on purpose:
//! `cargo test --no-default-features --lib verify::tests::golden -- --ignored`

use std::fs;
use std::path::{Path, PathBuf};

use super::super::fixture::{Plan, World};

fn files() -> Vec<(PathBuf, Vec<u8>)> {
    let world = World::new(&Plan::unwitnessed());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/bundle");
    vec![
        (
            folder.join("bundle.json"),
            world.bundle(0).to_canonical().unwrap(),
        ),
        (folder.join("bulk.ndjson"), world.bulk_file()),
        (folder.join("trust/policy.txt"), world.policy.into_bytes()),
        (folder.join("trust/issuer.json"), world.issuer.into_bytes()),
    ]
}

#[test]
fn files_are_what_we_write() {
    for (path, bytes) in files() {
        assert!(
            fs::read(&path).unwrap() == bytes,
            "{} has changed",
            path.display()
        );
    }
}

#[test]
#[ignore = "writes the golden files"]
fn write() {
    for (path, bytes) in files() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

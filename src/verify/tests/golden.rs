//! Golden files under `tests/vectors/bundle/`: a bundle, a bulk file and their trust folder, as a registry
//! without witnesses publishes them. Verifiers in other languages read them. Regenerated only on purpose:
//! `cargo test --no-default-features --lib verify::tests::golden -- --ignored`

use std::fs;
use std::path::{Path, PathBuf};

use super::super::fixture::statement::{EMPLOYER, Employers};
use super::super::fixture::{Plan, World};
use crate::record::digest::Digest;

fn files() -> Vec<(PathBuf, Vec<u8>)> {
    let mut world = World::new(&Plan::unwitnessed());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/bundle");
    let (bundle, bulk) = (world.bundle(0).to_canonical().unwrap(), world.bulk_file());
    let others = [
        "uscc:91500105MA5U000026",
        "uscc:91500105MA5U00003X",
        "reg:500105:500105000000017",
    ];
    let held = others.map(|name| (name, vec![Digest::of(name.as_bytes())]));
    let own = (EMPLOYER, (0..20).map(|record| world.digest(record)).collect());
    let employers = Employers::new(held.into_iter().chain([own]));
    world.take_snapshot(&employers, &[], |_| ());
    let statement = |name, records: &[usize]| {
        let statement = world.statement(&employers, name, records);
        statement.to_canonical().unwrap()
    };
    let (present, nothing) = (
        statement(EMPLOYER, &[0]),
        statement("uscc:91500105MA5U000042", &[]),
    );
    vec![
        (folder.join("bundle.json"), bundle),
        (folder.join("bulk.ndjson"), bulk),
        (folder.join("statement.json"), present),
        (folder.join("statement-nothing.json"), nothing),
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

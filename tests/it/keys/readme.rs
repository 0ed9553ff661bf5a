//! The commands of keys/README.md, run as they stand there.

use std::process::Command;

use chengxin::registry::Registry;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::keys::Unlock;
use serde_json::Value;

use super::{holds, signs_by_a_listed_key, soon};
use crate::support::command::{Ran, collect, run};
use crate::support::temp::TempDir;

const README: &str = include_str!("../../../keys/README.md");

/// The shell blocks by the heading above them.
fn blocks() -> Vec<(&'static str, String)> {
    let (mut heading, mut blocks, mut block) = ("", Vec::new(), None::<String>);
    for line in README.lines() {
        match (&mut block, line) {
            (None, "```sh") => block = Some(String::new()),
            (None, line) => heading = line.strip_prefix("## ").unwrap_or(heading),
            (Some(text), "```") => {
                blocks.push((heading, std::mem::take(text)));
                block = None;
            }
            (Some(text), line) => *text += &format!("{line}\n"),
        }
    }
    blocks
}

fn shell(dir: &TempDir, script: &str) -> Ran {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_chengxin"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    collect(
        Command::new("sh")
            .args(["-euc", script])
            .current_dir(dir.path())
            .env("PATH", path)
            .env_remove("RUST_LOG"),
    )
}

fn secret(dir: &TempDir, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.write(name, format!("{text}\n"));
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn the_ceremony_as_it_is_told() {
    let dir = TempDir::new("ceremony");
    dir.write(
        "authorities.csv",
        "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n",
    );
    secret(&dir, "signer.pass", "the signer's own passphrase");
    for n in 1..=3 {
        secret(
            &dir,
            &format!("holder-{n}.pass"),
            &format!("what only holder {n} knows"),
        );
    }
    let blocks = blocks();
    assert_eq!(blocks.len(), 13, "{blocks:?}");
    let open = || {
        let unlock = Unlock::with("the signer's own passphrase".to_owned().into());
        let data = DataDir::new(&dir.join("registry"));
        Registry::open(Some(&data), None).unwrap().unlocked_by(unlock)
    };
    let mut records = Vec::new();
    let mut signers = Vec::new();
    for (number, (heading, script)) in blocks.iter().enumerate() {
        println!("## {heading}\n{script}");
        if script.contains("--since") {
            // Times have whole seconds, and what was signed in the second of the theft is not believed.
            let signed_until = chrono::Utc::now().timestamp();
            while chrono::Utc::now().timestamp() == signed_until {
                std::thread::yield_now();
            }
        }
        let said = shell(&dir, script).ok();
        println!("{said}");
        if script.contains("keys succeed") {
            // Nothing is published between that and the import.
            continue;
        }
        let registry = open();
        let row = signs_by_a_listed_key(&registry, &number.to_string());
        signers.push((*heading, super::signed_by(&row)));
        records.push(row);
        for row in &records {
            holds(&registry, row, soon(&registry));
        }
    }
    signers.dedup_by_key(|(_, signer)| signer.clone());
    let changed: Vec<&str> = signers.iter().map(|(heading, _)| &heading[..1]).collect();
    assert_eq!(
        changed,
        ["1", "3", "4"],
        "the key changes with rotation and theft: {signers:?}"
    );

    let data = dir.join("registry").display().to_string();
    let pass = dir.join("signer.pass").display().to_string();
    run(["log", "fsck", "--data", &data]).ok();
    let list = run([
        "keys",
        "list",
        "--json",
        "--data",
        &data,
        "--passphrase-file",
        &pass,
    ])
    .ok();
    let list: Value = serde_json::from_str(&list).unwrap();
    let states: Vec<_> = list["issuer"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["state"].clone())
        .collect();
    assert_eq!(states, ["in-force", "revoked", "signing"]);
    let log: Vec<_> = list["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["signs"].clone())
        .collect();
    // The successor's key stands first: whoever reads the policy by eye takes that line.
    assert_eq!(log, [true, false, false]);
    assert!(
        list["roots"]
            .as_array()
            .unwrap()
            .iter()
            .all(|root| root["here"] == false)
    );
    let handed = std::fs::read_to_string(dir.join("trust-for-banks/policy.txt")).unwrap();
    assert_eq!(handed.matches("log credit.example/log+").count(), 2, "{handed}");
    let issuer = std::fs::read_to_string(dir.join("trust-for-banks/issuer.json")).unwrap();
    assert!(issuer.contains("2036-01-01T00:00:00Z"), "{issuer}");
}

//! Encrypted key files on the command line.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::command::{chengxin, collect, run};
use crate::support::skip;
use crate::support::temp::TempDir;

/// A folder of encrypted keys, and the file with their passphrase.
fn keys(label: &str) -> (TempDir, String, String) {
    let dir = TempDir::new(label);
    let pass = dir.write("pass", "correct horse\n");
    fs::set_permissions(&pass, fs::Permissions::from_mode(0o600)).unwrap();
    let (folder, pass) = (dir.join("keys").display().to_string(), pass.display().to_string());
    let words = [
        "keys",
        "generate",
        &folder,
        "--host",
        "credit.example",
        "--encrypt",
        "--passphrase-file",
        &pass,
    ];
    run(words).ok();
    (dir, folder, pass)
}

#[test]
fn openssl_reads_what_we_encrypt() {
    let (dir, _, pass) = keys("openssl");
    if Command::new("openssl").arg("version").output().is_err() {
        return skip("openssl_reads_what_we_encrypt", "openssl is not installed");
    }
    for name in ["root-1", "issuer", "log"] {
        let file = dir.join(&format!("keys/{name}.pem")).display().to_string();
        let read = |pass: &str| {
            collect(Command::new("openssl").args([
                "pkey",
                "-in",
                &file,
                "-passin",
                pass,
                "-noout",
                "-text_pub",
            ]))
        };
        let said = read(&format!("file:{pass}")).ok();
        assert!(said.contains("ED25519 Public-Key"), "{said}");
        read("pass:wrong").code(1);
    }
}

#[test]
fn a_passphrase_comes_from_a_file_or_a_descriptor() {
    let (dir, folder, pass) = keys("passphrase");
    let root = dir.join("keys/root-1.pem").display().to_string();
    let sealed = fs::read(&root).unwrap();
    let new = dir.write("new", "battery staple\n");
    let exposed = dir.write("exposed", "correct horse\n");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&exposed, fs::Permissions::from_mode(0o644)).unwrap();
    let (new, exposed) = (new.display().to_string(), exposed.display().to_string());
    let change = |given: &[&str]| {
        let words = ["keys", "passphrase", &root, "--new-passphrase-file", &new];
        collect(
            chengxin()
                .args(words)
                .args(given)
                .env("PASSPHRASE", "correct horse"),
        )
    };
    let refused = |given: &[&str], words: &str| {
        let said = change(given).code(1).stderr;
        assert!(said.contains(words), "{given:?}: {said}");
        assert_eq!(fs::read(&root).unwrap(), sealed, "nothing is written");
    };
    refused(&[], "--passphrase-file");
    refused(&["--passphrase-file", &new], "does not open");
    refused(&["--passphrase-file", &exposed], "chmod 600");
    refused(&["--passphrase-file", "/nowhere"], "/nowhere");
    change(&["--passphrase", "correct horse"]).code(2);

    let script = format!(
        "'{}' keys passphrase '{root}' --new-passphrase-file '{new}' --passphrase-fd 3 3<'{pass}'",
        env!("CARGO_BIN_EXE_chengxin")
    );
    collect(Command::new("sh").args(["-euc", &script])).ok();
    assert_ne!(fs::read(&root).unwrap(), sealed);
    let mode = fs::metadata(&root).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    change(&["--passphrase-file", &pass]).code(1);
    change(&["--passphrase-file", &new]).ok();
    // Another key keeps its own; and keys are never overwritten.
    run(["keys", "generate", &folder, "--host", "credit.example"]).code(1);
}

#[test]
fn encrypted_keys_are_opened_before_anything_is_served() {
    let (dir, _, pass) = keys("serve");
    let authorities = dir.write(
        "authorities.csv",
        "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n",
    );
    let data = dir.join("registry").display().to_string();
    let authorities = authorities.display().to_string();
    let wrong = dir.write("wrong", "short\n");
    fs::set_permissions(&wrong, fs::Permissions::from_mode(0o600)).unwrap();
    let wrong = wrong.display().to_string();
    let init = |pass: &str| {
        let words = [
            "--authority",
            &authorities,
            "--admin",
            "张三",
            "--encrypt",
            "--passphrase-file",
            pass,
        ];
        run(["init", "--data", &data, "--host", "credit.example"]
            .into_iter()
            .chain(words))
    };
    let refused = init(&wrong).code(1).stderr;
    assert!(refused.contains("8"), "{refused}");
    assert!(!dir.join("registry").exists(), "a refused init leaves nothing");
    init(&pass).ok();
    for words in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["publish"],
        &["keys", "list"],
    ] {
        let refused = run(words.iter().copied().chain(["--data", &data])).code(1).stderr;
        assert!(refused.contains("is encrypted"), "{words:?}: {refused}");
    }
    // Reading and checking need no private key.
    run(["log", "fsck", "--data", &data]).ok();
    run(["publish", "--data", &data, "--passphrase-file", &pass]).ok();
}

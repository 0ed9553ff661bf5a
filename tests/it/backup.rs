//! Backups: made while the registry publishes, restored onto an empty machine from either database into
//! either; damaged and hostile ones restore nothing; an older one does not publish.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use chengxin::registry::backup::{self, BackupError, Restored, Target};
use chengxin::registry::check::{self, CheckError};
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::{NoStops, PublishError};
use chengxin::registry::{Registry, freshness, fsck, snapshot};

use crate::faults::{number, text};
use crate::fsck::victim;
use crate::support::database::Database;
use crate::support::registry::Fixture;
use crate::support::temp::TempDir;
use crate::support::{command, skip};

crate::on_both_databases!(restored_into_either, made_while_others_publish);

fn open(data: &Path) -> Registry {
    Registry::open(Some(&DataDir::new(data)), None).unwrap()
}

/// Puts a keys folder where it belongs, as its keeper would.
fn put_keys(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("keys")).unwrap();
    for entry in fs::read_dir(from.join("keys")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join("keys").join(entry.file_name())).unwrap();
        }
    }
}

fn restore(file: &Path, data: &Path, database: Option<String>) -> Result<Restored, BackupError> {
    let target = Target {
        data: DataDir::new(data),
        database,
        with_keys: false,
    };
    backup::restore(file, &target, &|_, _| ())
}

#[track_caller]
fn sound(registry: &Registry) -> fsck::Report {
    let report = fsck::run(registry, &|_, _| ()).unwrap();
    assert_eq!(report.findings, []);
    report
}

/// Everything is there after restoring, byte for byte, and the registry goes on.
fn restored_into_either(database: Option<&str>) {
    let office = victim::city("backup", database);
    let (dir, here) = (&office.city.dir, office.city.data());
    let file = dir.join("one.backup");
    let made = backup::write(&office.registry, &file, false).unwrap();
    let whole = sound(&office.registry);
    assert_eq!(made.manifest.head.root, whole.root);
    assert_eq!(made.manifest.head.size, whole.entries);
    assert!(matches!(
        backup::write(&office.registry, &dir.join("two.backup"), true),
        Err(BackupError::Unencrypted(_))
    ));
    assert!(matches!(
        backup::write(&office.registry, &file, false),
        Err(BackupError::Io { .. })
    ));
    assert_eq!(backup::verify(&file).unwrap(), made.manifest);

    for (name, url) in [("sqlite", Ok(None)), ("postgres", Database::Postgres.url())] {
        let url = match url {
            Ok(url) => url,
            Err(why) => return skip("restored into PostgreSQL", &why),
        };
        let there = dir.join(name);
        let restored = restore(&file, &there, url.clone()).unwrap();
        assert_eq!(restored.report.findings, []);
        assert_eq!(restored.report.root, whole.root);
        assert_eq!((restored.newer, restored.keys), (None, false));
        let registry = open(&there);
        let again = dir.join(&format!("{name}.backup"));
        put_keys(&here, &there);
        let second = backup::write(&registry, &again, false).unwrap().manifest;
        assert_eq!(second.tables, made.manifest.tables, "every row is the same");
        assert_eq!(second.files, made.manifest.files);
        // It publishes on, under the same keys.
        freshness::refresh(&registry, &NoStops).unwrap();
        snapshot::take(&registry, &NoStops).unwrap();
        assert!(sound(&registry).entries > whole.entries);
        // Neither the folder nor the database is restored into twice.
        assert!(matches!(
            restore(&file, &there, url.clone()),
            Err(BackupError::Taken(_))
        ));
        if let Some(url) = url {
            assert!(matches!(
                restore(&file, &dir.join("elsewhere"), Some(url)),
                Err(BackupError::Taken(_))
            ));
            assert!(!dir.join("elsewhere").exists(), "nothing is left behind");
        }
    }
}

/// Each backup is of one moment, whatever is published meanwhile.
fn made_while_others_publish(database: Option<&str>) {
    let fixture = Fixture::new("meanwhile", database);
    let registry = &fixture.registry;
    let files: Vec<PathBuf> = (0..3).map(|n| fixture.dir.join(&format!("{n}.backup"))).collect();
    let (begun, stop) = (
        std::sync::mpsc::channel(),
        std::sync::atomic::AtomicBool::new(false),
    );
    std::thread::scope(|scope| {
        let publishing = scope.spawn(|| {
            let mut count = 0;
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                freshness::refresh(registry, &NoStops).unwrap();
                count += 1;
                begun.0.send(count).unwrap();
            }
            count
        });
        for file in &files {
            // Another publication has happened since the last backup.
            begun.1.recv().unwrap();
            backup::write(registry, file, false).unwrap();
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        assert!(publishing.join().unwrap() >= files.len());
    });
    for (n, file) in files.iter().enumerate() {
        let there = fixture.dir.join(&format!("there-{n}"));
        put_keys(&fixture.dir.join("registry"), &there);
        fs::remove_file(there.join("keys/high-water")).unwrap();
        let restored = restore(file, &there, None).unwrap();
        let found = &restored.report.findings;
        // A moment between the two transactions of a publication is one that the next publisher finishes.
        let unfinished = found
            .iter()
            .all(|one| one.row == "log_head 1" && one.why.contains("chengxin publish"));
        assert!(unfinished, "{found:?}");
        let registry = open(&there);
        freshness::refresh(&registry, &NoStops).unwrap();
        sound(&registry);
    }
}

/// A backup of yesterday beside today's signer: it is told, nothing is signed, and the mark stays.
#[test]
fn an_older_backup_does_not_publish() {
    let fixture = Fixture::new("older", None);
    let (registry, here) = (&fixture.registry, fixture.dir.join("registry"));
    let file = fixture.dir.join("yesterday.backup");
    let made = backup::write(registry, &file, false).unwrap();
    freshness::refresh(registry, &NoStops).unwrap();
    let mark = fs::read(here.join("keys/high-water")).unwrap();
    let there = fixture.dir.join("there");
    put_keys(&here, &there);
    let restored = restore(&file, &there, None).unwrap();
    assert!(
        restored
            .newer
            .is_some_and(|newer| newer.size > made.manifest.head.size)
    );
    assert_eq!(restored.report.exit_code(), 4);
    assert_eq!(
        fs::read(there.join("keys/high-water")).unwrap(),
        mark,
        "never an older one over a newer"
    );
    let older = open(&there);
    let told = freshness::refresh(&older, &NoStops).unwrap_err().to_string();
    assert!(
        told.contains("it is an older copy") && told.contains("log catch-up --from"),
        "{told}"
    );
    assert!(matches!(check::at_start(&older), Err(CheckError::Older { .. })));
    assert!(matches!(
        chengxin::registry::publish::publish_audit(&older, &NoStops),
        Err(PublishError::Check(CheckError::Older { .. }))
    ));
    let ran = command::run([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        there.to_str().unwrap(),
    ])
    .code(1);
    assert!(ran.stderr.contains("log catch-up --from"), "{}", ran.stderr);
    assert_eq!(fs::read(there.join("keys/high-water")).unwrap(), mark);
}

/// Restored without keys, the error says what to bring and from where; the key files are enough to publish.
#[test]
fn what_a_restored_registry_needs() {
    let fixture = Fixture::new("needs", None);
    let (here, there) = (fixture.dir.join("registry"), fixture.dir.join("there"));
    let file = fixture.dir.join("needs.backup").display().to_string();
    let data = there.display().to_string();
    let [flag, from] = fixture.data();
    command::run(["backup", flag.as_str(), from.as_str(), "-o", &file]).ok();
    let restored = command::run(["restore", &file, "--data", &data]).ok();
    assert!(
        restored.contains("log*.pem 和 issuer*.pem") && restored.contains("keys folder or your backup"),
        "{restored}"
    );
    let refused = command::run(["publish", "--data", &data]).code(1).stderr;
    for says in [
        "请从原登记机",
        "from the keys folder of the machine that signed",
        "log.pem",
        "archive.key",
    ] {
        assert!(refused.contains(says), "{says}: {refused}");
    }
    for name in ["log.pem", "issuer.pem", "archive.key"] {
        fs::copy(here.join("keys").join(name), there.join("keys").join(name)).unwrap();
    }
    command::run(["publish", "--data", &data]).ok();
    assert!(there.join("keys/holder").exists());
    command::run(["log", "fsck", "--data", &data]).ok();
}

/// Keys travel only encrypted, and only where both commands say so.
#[test]
fn keys_on_the_command_line() {
    let dir = TempDir::new("backup-keys");
    let pass = dir.write("pass", "correct horse battery\n");
    fs::set_permissions(&pass, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let authority = dir.write(
        "authorities.csv",
        "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n",
    );
    let path = |name: &str| dir.join(name).display().to_string();
    let (data, pass) = (path("registry"), pass.display().to_string());
    let passed = ["--passphrase-file", pass.as_str()];
    let run = |words: &[&str]| command::run([words, &passed[..]].concat());
    run(&[
        "init",
        "--data",
        &data,
        "--host",
        "credit.example",
        "--admin",
        "张三",
        "--authority",
        authority.to_str().unwrap(),
        "--encrypt",
    ])
    .ok();
    let (plain, sealed) = (path("plain.backup"), path("sealed.backup"));
    run(&["backup", "--data", &data, "-o", &plain]).ok();
    run(&["backup", "--data", &data, "-o", &sealed, "--with-keys"]).ok();
    run(&["backup", "--data", &data, "-o", &sealed]).code(1);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&sealed).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // The plain bytes of no key are in the plain one.
    let mut text = String::new();
    zstd::Decoder::new(fs::File::open(&plain).unwrap())
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(!text.contains("keys/") && text.contains("trust/policy.txt"));

    let there = path("there");
    command::run(["restore", &plain, "--data", &there, "--with-keys"]).code(1);
    assert!(!Path::new(&there).exists());
    let told = command::run(["restore", &plain, "--data", &there]).ok();
    assert!(
        told.contains("✔ 完好") && told.contains("private keys are not here"),
        "{told}"
    );
    assert!(!told.contains("archive.key"), "nothing was withdrawn: {told}");
    let there = path("with-keys");
    let told = command::run(["restore", &sealed, "--data", &there, "--with-keys"]).ok();
    assert!(!told.contains("private keys are not here"), "{told}");
    run(&["snapshot", "take", "--data", &there]).ok();
    run(&["log", "fsck", "--data", &there]).ok();
    command::run(["restore", &sealed, "--data", &there]).code(1);
}

/// Damaged or made by somebody else: refused before anything is written.
#[test]
fn hostile_backups_restore_nothing() {
    let fixture = Fixture::new("hostile", None);
    let file = fixture.dir.join("good.backup");
    backup::write(&fixture.registry, &file, false).unwrap();
    let whole = fs::read(&file).unwrap();
    let mut text = String::new();
    zstd::Decoder::new(whole.as_slice())
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let packed = |text: &str| {
        let mut out = zstd::Encoder::new(Vec::new(), 1).unwrap();
        out.write_all(text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let mut bad: Vec<(String, Vec<u8>)> = Vec::new();
    for place in (0..whole.len()).step_by(whole.len() / 40) {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x10;
        bad.push((format!("byte {place}"), flipped));
    }
    bad.push(("cut".into(), whole[..whole.len() / 2].to_vec()));
    bad.push(("empty".into(), Vec::new()));
    bad.push(("not ours".into(), packed("{\"type\":\"Other\"}\n")));
    let (first, rest) = text.split_once('\n').unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        packed(&text.replacen(from, to, 1))
    };
    bad.push((
        "another version".into(),
        replaced("\"version\":1", "\"version\":2"),
    ));
    bad.push((
        "a changed row".into(),
        replaced("重庆市人力资源和社会保障局", "重庆市人力资源和社会保障厅"),
    ));
    bad.push((
        "no manifest".into(),
        packed(text.rsplit_once("{\"manifest\"").unwrap().0),
    ));
    bad.push((
        "two manifests".into(),
        packed(&format!("{text}{}\n", text.lines().last().unwrap())),
    ));
    bad.push((
        "a row of no table".into(),
        packed(&format!("{first}\n[1]\n{rest}")),
    ));
    bad.push((
        "a file outside".into(),
        replaced("trust/policy.txt", "../policy.txt"),
    ));
    bad.push((
        "an unknown table".into(),
        replaced(
            "{\"table\":{\"name\":\"audit\"",
            "{\"table\":{\"name\":\"sqlite_master\"",
        ),
    ));
    bad.push((
        "sessions".into(),
        replaced(
            "{\"table\":{\"name\":\"audit\"",
            "{\"table\":{\"name\":\"session\"",
        ),
    ));
    bad.push((
        "an unknown column".into(),
        replaced("\"request_id\"", "\"x\\\") SELECT 1; --\""),
    ));
    bad.push((
        "a row that does not fit".into(),
        replaced("[\"host\",", "[[\"host\"],"),
    ));
    bad.push((
        "an endless line".into(),
        packed(&format!("{first}\n[{}", "1,".repeat(10 << 20))),
    ));
    for (what, bytes) in bad {
        let path = fixture.dir.write("bad.backup", bytes);
        let there = fixture.dir.join("there");
        let told = restore(&path, &there, None);
        assert!(
            matches!(told, Err(BackupError::Archive { .. } | BackupError::Io { .. })),
            "{what}: {told:?}"
        );
        assert!(!there.exists(), "{what}: something was written");
    }
}

/// Stopped between the two transactions of a publication: the backup is of that moment, and whoever
/// restores it finishes what was begun.
#[cfg(feature = "failpoints")]
#[test]
fn made_in_the_middle_of_a_publication() {
    use crate::support::stopped::Stopped;
    let office = victim::city("middle", None);
    let city = &office.city;
    for step in [
        "intent-journalled",
        "storing",
        "stored",
        "mark-raised",
        "moving-head",
    ] {
        let file = city.dir.join(&format!("{step}.backup"));
        let publishing = Stopped::at(&mut city.command(&["snapshot", "take"]), step, 1);
        city.run(&["backup", "-o", file.to_str().unwrap()]).ok();
        publishing.kill();
        let there = city.dir.join(step);
        put_keys(&city.data(), &there);
        let there = there.display().to_string();
        let ran = command::run(["restore", file.to_str().unwrap(), "--data", &there]);
        let unfinished = ran.stdout.contains("run `chengxin publish`");
        assert_eq!(
            ran.code,
            Some(if unfinished { 4 } else { 0 }),
            "{step}: {}",
            ran.stdout
        );
        assert_eq!(
            unfinished,
            step != "intent-journalled" && step != "storing",
            "{step}: {}",
            ran.stdout
        );
        command::run(["publish", "--data", &there]).ok();
        command::run(["log", "fsck", "--data", &there]).ok();
        // And so does the one that it was made of.
        city.run(&["publish"]).ok();
    }
    let conn = &mut city.database();
    assert!(number(conn, "SELECT COUNT(*) AS value FROM snapshot") > 0);
    assert!(!text(conn, "SELECT value AS name FROM setting WHERE key = 'host'").is_empty());
}

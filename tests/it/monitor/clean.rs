//! Registries in order, on both databases: a city after its year, with and without a partner's key, and after
//! it has grown; what was rebuilt is vouched for, and a bank's verdict says so.

use std::fs;

use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::NoStops;
use chengxin::registry::{Registry, freshness, partner, snapshot};
use serde_json::Value;

use super::forger::files;
use super::{clean, is, look};
use crate::support::city::City;
use crate::support::command::{collect, run, verify};
use crate::support::server::Server;

crate::on_both_databases!(a_city_is_watched, a_city_with_witnesses);

fn a_city_is_watched(database: Option<&str>) {
    let city = City::new("monitor", database, 60);
    let summary = city.demo();
    let registry = Registry::open(Some(&DataDir::new(&city.data())), database).unwrap();
    let key = city
        .dir
        .write("partner.key", partner::add(&registry, "江北银行").unwrap());
    let server = Server::start(&city.data(), database);
    let trust = city.data().join("trust");
    let (public, partners) = (city.dir.join("public"), city.dir.join("partners"));
    let secret = city.dir.join("monitor.key");
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "ed25519", "-out"])
        .arg(&secret)
        .status();
    assert!(made.unwrap().success());
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let secret = secret.display().to_string();
    let signing = ["--monitor-key", &secret, "--monitor-name", "monitor.example/1"];
    let key = key.display().to_string();
    let with_key = [&signing[..], &["--partner-key-file", &key]].concat();

    let first = look(server.address(), &public, &trust, &signing);
    clean(&first);
    let said = &first.1;
    assert_eq!(
        (&said["size"], &said["root"]),
        (&summary.size.into(), &summary.root.as_str().into())
    );
    assert_eq!(said["snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(said["snapshots"][0]["result"], "equal");
    let hidden = said["hidden"].as_u64().unwrap();
    assert!(hidden > 10, "{said}");
    let all = look(server.address(), &partners, &trust, &with_key);
    clean(&all);
    assert_eq!(
        (&all.1["hidden"], all.1["snapshots"].as_array().unwrap().len()),
        (&0.into(), 2)
    );
    assert!(
        all.1["snapshots"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["result"] == "equal")
    );

    // It grows; only what is new is fetched.
    freshness::refresh(&registry, &NoStops).unwrap();
    snapshot::take(&registry, &NoStops).unwrap();
    let second = look(server.address(), &public, &trust, &signing);
    clean(&second);
    assert_eq!(
        second.1["added"],
        second.1["size"].as_u64().unwrap() - summary.size as u64
    );
    assert_eq!(second.1["snapshots"][0]["result"], "equal");
    clean(&look(server.address(), &partners, &trust, &with_key));

    // The mirror is what the registry exports, to the byte.
    let exported = city.path("exported");
    city.run(&["export", "log", &exported]).ok();
    let (exported, mirrored) = (files(exported.as_ref()), files(&public));
    assert_eq!(exported.len(), 3);
    for (name, bytes) in &exported {
        assert_eq!(mirrored.get(name), Some(bytes), "{name}");
    }
    vouched(
        (&city, &summary.samples["A"]),
        &public,
        second.1["snapshots"][0]["note"].as_str().unwrap(),
        &secret,
    );
    city.run(&["log", "fsck"]).ok();
}

/// The monitor's note goes to the registry, and from there into statements.
fn vouched((city, code): (&City, &str), mirror: &std::path::Path, note: &str, secret: &str) {
    let note = mirror.join(note).display().to_string();
    let trust = city.data().join("trust");
    let said = run([
        "log",
        "monitor",
        "http://127.0.0.1:9",
        "--mirror",
        &mirror.display().to_string(),
        "--trust",
        &trust.display().to_string(),
        "--monitor-key",
        secret,
        "--monitor-name",
        "monitor.example/1",
    ]);
    let line = said.code(3).stderr;
    let verifier = line
        .lines()
        .find_map(|line| line.strip_prefix("trust/monitors.txt: "))
        .unwrap();
    fs::write(trust.join("monitors.txt"), format!("{verifier}\n")).unwrap();
    city.run(&["snapshot", "note", &note]).ok();
    let statement = city.path("statement.json");
    city.run(&["export", "statement", "--code", code, "-o", &statement])
        .ok();
    let verdict = verify([
        &statement,
        "--trust",
        &trust.display().to_string(),
        "--require-monitored",
        "--json",
    ])
    .ok();
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert!(verdict.to_string().contains("\"monitored\""), "{verdict}");
}

/// Under a quorum: heads are cosigned, lists are older than the witnesses' times, and a head that one machine
/// alone has signed is not accepted.
fn a_city_with_witnesses(database: Option<&str>) {
    let city = City::new("monitor-witnesses", database, 60);
    collect(city.demo_command().args(["--witnesses", "3"])).ok();
    let server = Server::start(&city.data(), database);
    let (mirror, trust) = (city.dir.join("mirror"), city.data().join("trust"));
    let round = look(server.address(), &mirror, &trust, &[]);
    clean(&round);
    let note = fs::read_to_string(mirror.join("checkpoint")).unwrap();
    assert!(
        note.lines().filter(|line| line.starts_with('—')).count() >= 3,
        "{note}"
    );
    // A day later nobody has cosigned it again.
    let later = chrono::Utc::now() + chrono::TimeDelta::hours(25);
    let stale = look(server.address(), &mirror, &trust, &["--at", &later.to_rfc3339()]);
    is(&stale, 25, "stale");
    assert!(
        stale.1["alarms"]
            .to_string()
            .contains("the head was last cosigned")
    );
}

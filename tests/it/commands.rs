//! What every command promises on the command line: help, refusals, exit codes.

use std::fs;

use crate::support::city::City;
use crate::support::command::{run, verify};
use crate::support::registry::Fixture;
use crate::support::temp::TempDir;

/// The subcommands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| {
            // The program's own commands stand under headings, two places further in.
            let line = line.strip_prefix("    ").or_else(|| line.strip_prefix("  "))?;
            let name = line.split(' ').next()?;
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            (is_name && name != "help").then(|| name.to_owned())
        })
        .collect()
}

#[test]
fn help_of_every_subcommand() {
    let top = listed(&run(["--help"]).ok());
    for expected in [
        "demo", "init", "serve", "migrate", "keys", "import", "publish", "export", "verify", "log", "partner",
    ] {
        assert!(
            top.iter().any(|name| name == expected),
            "no {expected} in {top:?}"
        );
    }
    assert_eq!(top.len(), 23, "{top:?}");
    let place = |name: &str| top.iter().position(|one| one == name);
    let story = [
        "demo", "init", "import", "publish", "serve", "verify", "log", "backup", "bench",
    ];
    assert!(story.map(place).is_sorted(), "{top:?}");
    for name in &top {
        let help = run([name.as_str(), "--help"]).ok();
        assert!(help.contains("Usage: chengxin"), "{help}");
        for inner in listed(&help) {
            let help = run([name.as_str(), &inner, "--help"]).ok();
            assert!(help.contains("Usage: chengxin"), "{help}");
        }
    }
    assert!(verify(["--help"]).ok().contains("--trust"));
    run(["no-such-command"]).code(2);
    run(Vec::<&str>::new()).code(2);
}

/// A real bureau is told what its registry lacks before others may rely on it.
#[test]
fn init_says_what_is_not_for_production() {
    let dir = TempDir::new("init-says");
    let authorities = dir.write(
        "a.csv",
        "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n",
    );
    let passphrase = dir.write("passphrase", "a long passphrase\n");
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    let init = |folder: &str, admin: &str, more: &[&str]| {
        let (data, authorities) = (
            dir.join(folder).display().to_string(),
            authorities.display().to_string(),
        );
        let words = [
            "init",
            "--data",
            &data,
            "--host",
            "registry.example",
            "--authority",
            &authorities,
            "--admin",
            admin,
        ];
        run(words.iter().chain(more))
    };
    for nobody in ["", "  ", "\u{7}"] {
        let refused = init("nobody", nobody, &[]).code(2).stderr;
        assert!(
            refused.contains("请填写管理员姓名") && refused.contains("administrator's name"),
            "{refused}"
        );
    }
    let said = init("plain", "张三", &[]).ok();
    for says in [
        "不可交给核验方",
        "not for verifiers yet",
        "quorum none",
        "--witness VKEY URL",
        "5 个私钥未加密",
        "5 private keys are not encrypted",
        "chengxin keys passphrase",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    let policy = fs::read_to_string(dir.join("plain/trust/policy.txt")).unwrap();
    assert!(
        policy
            .lines()
            .any(|line| line.starts_with("# NOT FOR PRODUCTION")),
        "{policy}"
    );
    chengxin::log::policy::Policy::parse(policy.as_bytes()).unwrap();
    let sealed = init(
        "sealed",
        "张三",
        &["--encrypt", "--passphrase-file", passphrase.to_str().unwrap()],
    )
    .ok();
    assert!(!sealed.contains("private keys are not encrypted"), "{sealed}");
}

#[test]
fn an_unknown_database_scheme_is_refused() {
    let dir = TempDir::new("scheme");
    let data = dir.join("registry").display().to_string();
    for url in ["mysql://h/d", "file.db", "sqlite3:x.db", ""] {
        for words in [
            &["demo", "--no-serve", "--employers", "10"][..],
            &["publish"],
            &["log", "fsck"],
            &["migrate"],
        ] {
            let words = words
                .iter()
                .copied()
                .chain(["--data", &data, "--database-url", url]);
            let refused = run(words).code(2).stderr;
            assert!(
                refused.contains("unknown database URL scheme"),
                "{url}: {refused}"
            );
        }
    }
    assert!(!dir.join("registry/chengxin.toml").exists());
}

#[test]
fn wrong_usage_is_2_and_failed_work_is_1() {
    let fixture = Fixture::new("usage", None);
    let [flag, data] = fixture.data();
    let path = |name: &str| fixture.dir.join(name).display().to_string();
    let (missing, nowhere) = (path("missing.csv"), path("nowhere"));
    let absent = "91500105MA0000QQ3R";
    let here: [&[&str]; 12] = [
        &["export", "bundle", "--code", "123"],
        &["export", "bundle", "--code", "91350100M000100Y44"],
        &["export", "bundle", "--code", absent, "--year", "last"],
        &["export", "record", "not-a-uuid"],
        &["export", "records", "--since", "-1"],
        &["export", "bulk", "--since", "x"],
        &["grade", "explain", "９１５"],
        &["grade", "explain", absent, "--without", ""],
        &["import", "employers", &missing],
        &["import", "blacklist", &missing],
        &["partner", "add", " "],
        &["serve", "--listen", "8080"],
    ];
    for words in here {
        let refused = run(words.iter().copied().chain([flag.as_str(), &data])).code(2);
        assert!(!refused.stderr.is_empty(), "{words:?} says nothing");
    }
    let registry = ["publish", "serve", "migrate"];
    for name in registry {
        let refused = run([name, "--data", &nowhere]).code(2).stderr;
        assert!(refused.contains("chengxin init"), "{name}: {refused}");
    }
    run(["demo", "--no-serve", "--employers", "0", "--data", &nowhere]).code(2);
    run(["bench", "verify", "--count", "0"]).code(2);
    run(["keys", "generate", &nowhere, "--host", "no host"]).code(2);
    let init = [
        "--host",
        "credit.example",
        "--authority",
        &missing,
        "--admin",
        "张三",
    ];
    run(["init", "--data", &nowhere].iter().chain(&init)).code(2);
    assert!(fs::metadata(&nowhere).is_err(), "nothing was made");
    // Well said, but there is no such thing: the work fails.
    let unknown = "0f0e0d0c-0b0a-4908-8706-050403020100";
    for words in [
        &["export", "record", unknown][..],
        &["account", "password", "nobody"],
        &["partner", "revoke", "无此银行"],
    ] {
        run(words.iter().copied().chain([flag.as_str(), &data])).code(1);
    }
    assert!(run(["--help"]).ok().contains("2 wrong usage"));
}

#[test]
fn init_makes_a_registry_once() {
    let dir = TempDir::new("init");
    let data = dir.join("registry").display().to_string();
    let authorities = dir.write(
        "authorities.csv",
        "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n500105,江北区人力资源和社会保障局,渝江北人社\n",
    );
    let authorities = authorities.display().to_string();
    let init = |file: &str| {
        run([
            "init",
            "--data",
            &data,
            "--host",
            "credit.example",
            "--authority",
            file,
            "--admin",
            "张三",
        ])
    };

    let bad = dir
        .write("bad.csv", "division,name,document_prefix\n999999,无此地,无\n")
        .display()
        .to_string();
    let refused = init(&bad).code(2).stderr;
    assert!(
        refused.contains("row 2") && refused.contains("999999"),
        "{refused}"
    );
    assert!(!dir.join("registry").exists(), "a refused init leaves nothing");

    let said = init(&authorities).ok();
    assert!(
        said.contains("口令 / password") && said.contains("credit.example"),
        "{said}"
    );
    run(["log", "fsck", "--data", &data]).ok();
    for key in ["root-1", "root-2", "root-3", "issuer", "log"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.join("registry/keys").join(format!("{key}.pem")))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }

    let folder = |name: &str| fs::read(dir.join("registry").join(name)).unwrap();
    let before: Vec<_> = [
        "chengxin.toml",
        "keys/log.pem",
        "keys/high-water",
        "trust/issuer.json",
    ]
    .map(folder)
    .into();
    let refused = init(&authorities).code(1).stderr;
    assert!(refused.contains("nothing was changed"), "{refused}");
    let after: Vec<_> = [
        "chengxin.toml",
        "keys/log.pem",
        "keys/high-water",
        "trust/issuer.json",
    ]
    .map(folder)
    .into();
    assert_eq!(before, after);
    // A real registry is no demonstration either.
    let refused = run(["demo", "--no-serve", "--data", &data]).code(1).stderr;
    assert!(refused.contains("no demonstration"), "{refused}");
}

#[test]
fn a_partner_gets_a_key_once() {
    let fixture = Fixture::new("partner", None);
    let [flag, data] = fixture.data();
    let add = || run(["partner", "add", "某银行", &flag, &data]);
    let said = add().ok();
    let key = said.lines().nth(1).unwrap_or_default();
    assert!(key.len() >= 32 && !key.contains(' '), "{said}");
    let database = fs::read(fixture.dir.join("registry/chengxin.db")).unwrap();
    assert!(
        !database.windows(key.len()).any(|window| window == key.as_bytes()),
        "the key itself is stored"
    );
    // The name is taken.
    add().code(1);
}

#[test]
fn exit_codes_of_verify() {
    let city = City::new("verify", None, 20);
    let code = city.demo().samples["A"].clone();
    let trust = city.data().join("trust").display().to_string();
    let check = |file: &str| {
        let said = run(["verify", file, "--trust", &trust]);
        // The small program says the same, word for word.
        let small = verify([file, "--trust", &trust]);
        assert_eq!((small.code, &small.stdout), (said.code, &said.stdout));
        said
    };

    let bundle = city.path("bundle.json");
    city.run(&["export", "bundle", "--code", &code, "-o", &bundle])
        .ok();
    check(&bundle).code(0);

    let text = fs::read_to_string(&bundle).unwrap();
    let changed = city.path("changed.json");
    fs::write(&changed, text.replace("\"grade\":\"A\"", "\"grade\":\"B\"")).unwrap();
    check(&changed).code(1);

    // A record without its proofs: nothing speaks against it, and nothing for it.
    let record = city.path("record.json");
    let first = city
        .records()
        .lines()
        .find(|line| line.contains(&code))
        .unwrap()
        .to_owned();
    fs::write(&record, first).unwrap();
    check(&record).code(3);

    let nonsense = city.path("nonsense.json");
    fs::write(&nonsense, "not JSON").unwrap();
    check(&nonsense).code(2);
    check(&city.path("missing.json")).code(2);
    run(["verify", &bundle, "--trust", &city.path("no-trust")]).code(2);

    // As of another day: long after, it has expired and its lists are stale.
    run([
        "verify",
        &bundle,
        "--trust",
        &trust,
        "--at",
        "2029-01-01T00:00:00Z",
    ])
    .code(1);
    run(["verify", &bundle, "--trust", &trust, "--at", "yesterday"]).code(2);
}

/// What is wrong with a file of authorities is told once, cell by cell, as wrong usage; nothing is made.
#[test]
fn a_bad_file_of_authorities() {
    let dir = TempDir::new("authorities");
    let (file, data) = (dir.join("authorities.csv"), dir.join("registry"));
    let init = |text: &str| {
        fs::write(&file, text).unwrap();
        let (file, data) = (file.display().to_string(), data.display().to_string());
        let words = [
            "init",
            "--host",
            "registry.example",
            "--admin",
            "管理员",
            "--authority",
            &file,
            "--data",
            &data,
        ];
        run(words).code(2).stderr
    };
    let said = init("division,name,document_prefix\n500000,市局,渝人社\n9999,甲局,\n");
    for part in [
        "第 3 行，列 division，“9999”：不是六位行政区划代码。请填写六位代码，如 500105。",
        "row 3, column division, \"9999\":",
        "第 3 行，列 document_prefix，“”：",
        "2 处问题，未建立登记系统",
    ] {
        assert_eq!(said.matches(part).count(), 1, "{part} in {said}");
    }
    let said = init("division,name\n500000,市局,渝人社\n");
    assert_eq!(said.matches("列 document_prefix").count(), 1, "{said}");
    assert!(!data.exists(), "nothing was made");
}

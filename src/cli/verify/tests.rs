mod hostile;
mod parsers;
mod reasons;

use std::fs;

use super::*;
use crate::verify::fixture::{Plan, World, at, now};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("chengxin-verify-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("trust")).unwrap();
        fs::create_dir_all(path.join("in/deeper")).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    fn trust(&self, world: &World) {
        self.put("trust/policy.txt", world.policy.as_bytes());
        self.put("trust/issuer.json", world.issuer.as_bytes());
    }

    fn run(&self, path: &str, change: impl FnOnce(&mut VerifyArgs)) -> (u8, String) {
        let mut args = VerifyArgs {
            path: self.0.join(path),
            trust: self.0.join("trust"),
            at: Some(now()),
            max_age: TimeDelta::hours(24),
            batch: false,
            require_monitored: false,
            json: false,
            lang: LangArg::Zh,
            signed_within: TimeDelta::days(1),
            decided_within: TimeDelta::days(90),
            logged_within: TimeDelta::days(1),
        };
        change(&mut args);
        let mut out = Vec::new();
        let code = run(&args, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_kind_of_input_and_every_exit_code() {
    let world = World::new(&Plan::unwitnessed());
    let folder = Folder::new("kinds");
    folder.trust(&world);
    let good = world.bundle(0).to_canonical().unwrap();
    folder.put("in/good.json", &good);
    folder.put(
        "in/flipped.json",
        String::from_utf8(good)
            .unwrap()
            .replace("有限公司", "有限公可")
            .as_bytes(),
    );
    folder.put("in/record.vc", &world.bundle(0).record);
    folder.put("in/deeper/bulk.ndjson", &world.bulk_file());
    folder.put("in/broken.json", b"{\"type\":");
    folder.put("in/README", b"not looked at");

    let (code, text) = folder.run("in/good.json", |_| ());
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("\n有效：") && text.contains("策略不要求") && text.contains("重庆江岸机械制造有限公司")
    );
    let (code, text) = folder.run("in/good.json", |args| args.lang = LangArg::En);
    assert_eq!(code, 0);
    assert!(
        text.contains("\nValid: ") && text.contains("not required by policy") && text.contains("grade A")
    );
    let (code, text) = folder.run("in/flipped.json", |_| ());
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("✗ 签名") && text.contains("\n签名无效："));
    let later = |args: &mut VerifyArgs| args.at = Some(now() + TimeDelta::hours(24));
    let (code, text) = folder.run("in/good.json", later);
    assert_eq!(code, 3);
    assert!(
        text.trim_end()
            .ends_with("\n无法验证：状态信息已过时，请取得新的证明包。"),
        "{text}"
    );
    let (_, text) = folder.run("in/good.json", |args| {
        later(args);
        args.lang = LangArg::En;
    });
    assert!(
        text.trim_end()
            .ends_with("\nCannot be verified: The status information is out of date; get a new bundle."),
        "{text}"
    );
    assert_eq!(folder.run("in/record.vc", |_| ()).0, 3);
    assert_eq!(folder.run("in/broken.json", |_| ()).0, 2);
    assert_eq!(folder.run("in/missing.json", |_| ()).0, 2);
    let (code, text) = folder.run("in/deeper/bulk.ndjson", |args| args.batch = true);
    assert_eq!(code, 0);
    assert!(text.contains("通过 20") && text.contains("batch"));
    assert_eq!(folder.run("in/good.json", |args| args.batch = true).0, 2);
    let (code, text) = folder.run("in", |_| ());
    assert_eq!(code, 1, "one that fails outweighs the rest");
    assert!(
        text.contains("共 5 个文件：通过 2，不通过 1，无法判定 1，无法读取 1；跳过其他文件 1 个"),
        "{text}"
    );
}

#[test]
fn json_is_for_machines() {
    let world = World::new(&Plan::default());
    let folder = Folder::new("json");
    folder.trust(&world);
    folder.put("in/good.json", &world.bundle(0).to_canonical().unwrap());
    folder.put("in/bulk.ndjson", &world.bulk_file());
    let value = |path: &str| -> serde_json::Value {
        serde_json::from_str(&folder.run(path, |args| args.json = true).1).unwrap()
    };
    let bundle = value("in/good.json");
    assert_eq!(
        (&bundle["exitCode"], &bundle["signatureCheck"]),
        (&0.into(), &"strict".into())
    );
    assert_eq!(bundle["axes"].as_array().unwrap().len(), 10);
    assert_eq!(bundle["axes"][3]["index"], 4);
    assert_eq!(bundle["record"]["grade"], "A");
    assert_eq!(bundle["headline"], "good");
    let bulk = value("in/bulk.ndjson");
    assert_eq!((&bulk["records"], &bulk["accepted"]), (&20.into(), &20.into()));
    assert_eq!(bulk["notRequired"], serde_json::json!([]));
    assert_eq!(value("in/none.json")["exitCode"], 2);
}

/// A million accepted records under a policy without witnesses say so as one bundle does.
#[test]
fn a_bulk_file_says_what_the_policy_left_unchecked() {
    let world = World::new(&Plan::unwitnessed());
    let folder = Folder::new("unwitnessed");
    folder.trust(&world);
    folder.put("in/bulk.ndjson", &world.bulk_file());
    let (code, json) = folder.run("in/bulk.ndjson", |args| args.json = true);
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(code, 0);
    assert_eq!(
        told["notRequired"],
        serde_json::json!(["time", "witnessed", "backdating"])
    );
    let (_, words) = folder.run("in/bulk.ndjson", |_| {});
    assert!(words.contains("信任策略未要求见证人"), "{words}");
}

#[test]
fn another_registrys_file_cannot_be_verified() {
    let world = World::new(&Plan::default());
    let folder = Folder::new("foreign");
    folder.put("in/bundle.json", &world.bundle(0).to_canonical().unwrap());
    folder.put("in/bulk.ndjson", &world.bulk_file());
    for (host, said) in [
        ("other.example", "无法验证：手头的信任文件夹属于 other.example，"),
        ("registry.example", "无法验证：文件自称出自 registry.example，但"),
    ] {
        folder.trust(&world.to_another(host));
        for file in ["in/bundle.json", "in/bulk.ndjson"] {
            let (code, text) = folder.run(file, |_| ());
            assert_eq!(code, 1);
            let last = text.trim_end().lines().next_back().unwrap();
            assert!(last.starts_with(said), "{text}");
        }
    }
}

#[test]
fn a_trust_folder_that_cannot_be_used() {
    let world = World::new(&Plan::default());
    let folder = Folder::new("trust");
    folder.put("in/good.json", &world.bundle(0).to_canonical().unwrap());
    let (code, text) = folder.run("in/good.json", |_| ());
    assert_eq!(code, 2);
    assert!(text.contains("policy.txt"));
    folder.trust(&world);
    folder.put("trust/policy.txt", b"quorum none\n");
    assert_eq!(folder.run("in/good.json", |_| ()).0, 2);
}

#[test]
fn allowances_are_the_readers() {
    // Signed five minutes before the earliest logged time, which lies ten minutes before the latest.
    let world = World::new(&Plan {
        created: at(8, 20),
        ..Plan::default()
    });
    let folder = Folder::new("allowances");
    folder.trust(&world);
    folder.put("in/good.json", &world.bundle(0).to_canonical().unwrap());
    let says = |change: fn(&mut VerifyArgs)| {
        let (code, text) = folder.run("in/good.json", |args| {
            args.json = true;
            change(args);
        });
        let verdict: serde_json::Value = serde_json::from_str(&text).unwrap();
        (code, verdict["axes"][9]["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(says(|_| ()), (0, "not-backdated".to_owned()));
    let early = (1, "decided-too-early".to_owned());
    assert_eq!(says(|args| args.decided_within = TimeDelta::days(10)), early);
    let early = (1, "created-too-early".to_owned());
    assert_eq!(says(|args| args.signed_within = TimeDelta::zero()), early);
    let wide = (3, "time-too-wide".to_owned());
    assert_eq!(says(|args| args.logged_within = TimeDelta::minutes(5)), wide);
}

#[test]
fn language_by_environment() {
    let of = |locales: [&str; 3]| LangArg::of_locale(locales.map(|name| Some(name.to_owned())));
    assert_eq!(of(["", "", "zh_CN.UTF-8"]), LangArg::Zh);
    assert_eq!(of(["", "", "en_US.UTF-8"]), LangArg::En);
    assert_eq!(of(["en_GB", "zh_CN", "zh_CN"]), LangArg::En);
    assert_eq!(of(["", "zh_TW", "en_US"]), LangArg::Zh);
    assert_eq!(of(["", "", "C.UTF-8"]), LangArg::Zh);
    assert_eq!(LangArg::of_locale([None, None, None]), LangArg::Zh);
    assert_eq!(
        LangArg::of_locale([None, None, Some("de_DE@euro".into())]),
        LangArg::En
    );
}

#[test]
fn times_and_ages() {
    assert_eq!(parse_age("24h"), Ok(TimeDelta::hours(24)));
    assert_eq!(parse_age("90s"), Ok(TimeDelta::seconds(90)));
    for bad in [
        "",
        "h",
        "24",
        "-1h",
        "1.5h",
        "9999999999999999999d",
        "999999999999999d",
        "１h",
    ] {
        assert!(parse_age(bad).is_err(), "{bad}");
    }
    assert_eq!(parse_time("2026-10-10T14:00:00+08:00").unwrap(), now());
    assert!(parse_time("2026-10-10").is_err());
}

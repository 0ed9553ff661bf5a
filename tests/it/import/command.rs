//! `chengxin import` and `chengxin quarantine list` as an operator runs them.

use super::EMPLOYERS;
use crate::support::command::run;
use crate::support::registry::Fixture;

fn args(fixture: &Fixture, words: &[&str]) -> Vec<String> {
    words
        .iter()
        .map(|word| (*word).to_owned())
        .chain(fixture.data())
        .collect()
}

#[test]
fn exit_codes_and_words() {
    let fixture = Fixture::new("import-command", None);
    let good = fixture.dir.write("e.csv", EMPLOYERS).display().to_string();
    let said = run(args(&fixture, &["import", "employers", &good])).ok();
    assert!(
        said.contains("3 行全部导入") && said.contains("all 3 rows imported"),
        "{said}"
    );

    let refused = run(args(&fixture, &["import", "employers", &good])).code(1);
    assert_eq!(refused.stdout, "");
    assert!(
        refused.stderr.contains("第 2 行，列 code") && refused.stderr.contains("nothing was imported"),
        "{}",
        refused.stderr
    );

    let json = run(args(&fixture, &["import", "employers", &good, "--json"]))
        .code(1)
        .stdout;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["problems"].as_array().unwrap().len(), 3);
    assert_eq!(report["problems"][0]["value"], "91350200776049653A");

    let list = fixture.dir.write(
        "list.csv",
        "published_by,published_on,list,employer\n甲局,2022-12,wage_blacklist,虚构丙建筑有限公司\n",
    );
    let said = run(args(
        &fixture,
        &["import", "blacklist", &list.display().to_string()],
    ))
    .ok();
    assert!(said.contains("1 need an officer"), "{said}");
    let shown = run(args(&fixture, &["quarantine", "list"])).ok();
    assert!(shown.contains("虚构丙建筑有限公司（list.csv 第 2 行"), "{shown}");
    assert!(shown.contains("1 rows need an officer"), "{shown}");

    let missing = run(args(&fixture, &["import", "evidence", "/nowhere/file.csv"])).code(2);
    assert!(missing.stderr.contains("/nowhere/file.csv"), "{}", missing.stderr);
}

/// The files of docs/import.md go in as they stand there, after another.
#[test]
fn the_examples_of_the_guide() {
    let fixture = Fixture::new("import-guide", None);
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/import.md")).unwrap();
    let files: Vec<&str> = guide
        .split("```csv\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(files.len(), 4);
    for (what, text) in ["employers", "evidence", "blacklist"].into_iter().zip(files) {
        let file = fixture
            .dir
            .write(&format!("{what}.csv"), text)
            .display()
            .to_string();
        let said = run(args(&fixture, &["import", what, &file])).ok();
        assert!(said.contains("行"), "{said}");
    }
}

/// An empty choice names the choices, an unknown column the Chinese headings, and one problem is one problem.
#[test]
fn problems_say_what_there_is() {
    let fixture = Fixture::new("import-says", None);
    let good = fixture.dir.write("e.csv", EMPLOYERS).display().to_string();
    run(args(&fixture, &["import", "employers", &good])).ok();
    let row =
        "code,type,matter,occurred_on,decided_on\n91350200776049653A,handled,wages,2025-03-01,2025-04-02\n";
    let file = fixture.dir.write("v.csv", row).display().to_string();
    let said = run(args(&fixture, &["import", "evidence", &file])).code(1).stderr;
    assert!(
        said.contains("可用：行政处罚、行政处理、责令改正、撤销立案")
            && said.contains("use one of penalty, handling_decision"),
        "{said}"
    );
    assert!(said.contains("1 problem,"), "{said}");
    let file = fixture
        .dir
        .write("v.csv", "code,typ\n1,2\n")
        .display()
        .to_string();
    let said = run(args(&fixture, &["import", "evidence", &file])).code(1).stderr;
    assert!(
        said.contains("统一社会信用代码、注册号、类型、处理结果"),
        "{said}"
    );
}

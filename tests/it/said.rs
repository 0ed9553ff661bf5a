//! What commands say to people: both languages, words instead of raw data, and codes as people type them.

use crate::support::city::City;
use crate::support::command::collect;
use crate::support::command::run;
use crate::support::registry::Fixture;

#[test]
fn a_grade_is_explained_in_words() {
    let city = City::new("said", None, 60);
    let told = collect(&mut city.demo_command()).ok();
    assert!(
        told.contains("服务 / serve") && told.contains(" serve --data "),
        "{told}"
    );
    let summary = city.demo();
    for code in summary.samples.values() {
        let said = city.run(&["grade", "explain", code]).ok();
        assert!(
            said.contains("年度审查的结果按所审查的年度计")
                && said.contains("count in the year under review"),
            "{said}"
        );
        assert!(!said.contains('{') && !said.contains("review_year"), "{said}");
    }
    let c = &summary.samples["C"];
    let said = city.run(&["grade", "explain", c]).ok();
    assert!(said.contains("计入 2025 年度 / counts in 2025"), "{said}");
    let json = city.run(&["grade", "explain", c, "--json"]).ok();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
    // As it was typed, copied out of a document or read to somebody.
    let wide: String = c
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
        .collect();
    for typed in [c.to_lowercase(), wide, format!("  {c} ")] {
        city.run(&["grade", "explain", &typed]).ok();
    }
}

#[test]
fn errors_are_in_both_languages() {
    let fixture = Fixture::new("errors-said", None);
    let [flag, data] = fixture.data();
    let file = fixture.dir.join("one.backup").display().to_string();
    let known = "0f0e1d2c-3b4a-4958-8677-8695a4b30001";
    run(["backup", &flag, &data, "-o", &file]).ok();
    for (words, zh, en) in [
        (
            &["account", "password", "nobody"][..],
            "没有账号 nobody",
            "there is no account nobody",
        ),
        (
            &["archive", "show", known, "--reason", "x"],
            "档案中没有已撤回的记录",
            "no withdrawn record",
        ),
        (
            &["export", "record", "xyz"],
            "记录编号应为 UUID",
            "a record's id is a UUID",
        ),
        (
            &["grade", "explain", "91350203M0001QAY9B"],
            "校验码",
            "check character should be",
        ),
        (
            &["export", "bundle", "--code", "123"],
            "代码应为 18 位，实为 3 位",
            "the code has 3 characters, not 18",
        ),
        (
            &["partner", "add", " "],
            "合作方名称为 1 至 100 个字符",
            "a partner's name is 1 to 100 characters",
        ),
    ] {
        let ran = run(words.iter().copied().chain([flag.as_str(), &data]));
        assert_ne!(ran.code, Some(0), "{words:?}");
        assert!(
            ran.stderr.contains(zh) && ran.stderr.contains(en),
            "{words:?}: {}",
            ran.stderr
        );
    }
    let said = run(["restore", &file, "--data", &data]).code(1).stderr;
    assert!(
        said.contains("不是空的，未恢复任何内容") && said.contains("is not empty; nothing was restored"),
        "{said}"
    );
    let init = [
        "init",
        "--data",
        &data,
        "--host",
        "h.example",
        "--admin",
        "x",
        "--authority",
    ];
    let authorities = fixture
        .dir
        .write("a.csv", "division,name,document_prefix\n500000,局,渝\n");
    let said = run(init.iter().copied().chain([authorities.to_str().unwrap()]))
        .code(1)
        .stderr;
    assert!(
        said.contains("中已有登记系统") && said.contains("holds a registry already"),
        "{said}"
    );
}

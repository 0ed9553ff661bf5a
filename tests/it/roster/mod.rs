//! `chengxin roster check`, as an employer runs it, on files with known faults and on hostile ones.

mod hostile;

use std::fs;

use serde_json::Value;

use crate::support::command::{Ran, chengxin, collect, run};
use crate::support::temp::TempDir;

const HEADINGS: &str = "姓名,性别,身份证号码,户籍地址,现住址,联系电话,用工形式,入职日期,劳动合同期限";
const GOOD: &str = "王小明,女,11010519491231002X,甲地,乙地,13800000000,全日制,2024-03-01,无固定期限";

fn check(folder: &TempDir, bytes: &[u8], more: &[&str]) -> Ran {
    let file = folder.path().join("roster");
    fs::write(&file, bytes).unwrap();
    collect(
        chengxin()
            .args(["roster", "check"])
            .arg(&file)
            .args(["--as-of", "2025-12-31"])
            .args(more),
    )
}

#[test]
fn a_roster_in_order_can_be_taken() {
    let folder = TempDir::new("roster");
    let csv = format!("某公司职工名册\r\n{HEADINGS}\r\n{GOOD}\r\n");
    let said = check(&folder, csv.as_bytes(), &["--headcount", "1"]).ok();
    assert!(
        said.contains("1 rows, 1 people present") && said.contains("可以上传"),
        "{said}"
    );
    assert!(!said.contains("王小明") && !said.contains("1949"), "{said}");
}

#[test]
fn what_must_be_mended_and_what_an_officer_looks_at() {
    let folder = TempDir::new("roster");
    // The last digits are lost, the sex differs, and the form counts five.
    let csv = format!(
        "{HEADINGS}\n{GOOD}\n{}\n{}\n",
        "李四,男,1.10105E+17,甲,乙,1,全日制,2025-01-02,无固定期限",
        "赵五,男,110105194912310046,甲,乙,1,全日制,2025-01-02,未签订",
    );
    let (gb18030, ..) = encoding_rs::GB18030.encode(&csv);
    let ran = check(&folder, &gb18030, &["--headcount", "5", "--json"]).code(1);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    let found: Vec<(Option<u64>, &str, &str)> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["finding"]["row"].as_u64(),
                one["finding"]["kind"].as_str().unwrap(),
                one["severity"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told["can_be_taken"], false);
    assert_eq!(
        found,
        [
            (Some(3), "lost_digits", "mend"),
            (Some(4), "sex_differs", "review"),
            (Some(4), "no_contract", "review"),
            (None, "headcount", "review"),
        ],
        "{}",
        ran.stdout
    );
    assert!(
        !ran.stdout.contains("李四") && !ran.stdout.contains("110105"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_is_no_roster_says_what_to_do() {
    let folder = TempDir::new("roster");
    for (bytes, words) in [
        ("甲,乙\n1,2\n", "没有找到表头"),
        ("姓名,性别,身份证号\n", "缺少“户籍地址”"),
        ("", "文件是空的"),
    ] {
        let ran = check(&folder, bytes.as_bytes(), &[]).code(2);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    let missing = folder.path().join("nowhere.xlsx");
    let ran = run([
        "roster".as_ref(),
        "check".as_ref(),
        missing.as_os_str(),
        "--as-of".as_ref(),
        "2025-12-31".as_ref(),
    ]);
    assert!(ran.code(2).stderr.contains("nowhere.xlsx"));
}

#[test]
fn the_template_filled_in_is_taken_and_every_finding_has_a_row_in_the_workbook() {
    let folder = TempDir::new("roster");
    let template = folder.path().join("template.xlsx");
    let write = |path: &std::path::Path| collect(chengxin().args(["roster", "template", "-o"]).arg(path));
    write(&template).ok();
    // A second time would overwrite what somebody filled in.
    assert!(write(&template).code(2).stderr.contains("template.xlsx"));
    let ran = check(&folder, &fs::read(&template).unwrap(), &[]).code(1);
    assert!(ran.stdout.contains("名册中没有任何职工"), "{}", ran.stdout);

    let findings = folder.path().join("findings.xlsx");
    let bad = "王小明,女,1.10105E+17,甲,乙,1,全日制,2024-03-01,无固定期限\n".repeat(50);
    let ran = check(
        &folder,
        format!("{HEADINGS}\n{bad}").as_bytes(),
        &["--findings", findings.to_str().unwrap()],
    )
    .code(1);
    assert!(ran.stdout.contains("还有30项"), "{}", ran.stdout);
    let mut rows = 0;
    chengxin::sheet::read(
        &fs::read(findings).unwrap(),
        &chengxin::sheet::Limits::STANDARD,
        &mut |_| {
            rows += 1;
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(rows, 51);
}

//! docs/import.md: every column, heading and value, out of the tables that imports read by, with example files
//! that go in. With CHENGXIN_REGENERATE=1 the file is written anew.

use std::fmt::Write as _;
use std::{env, fs};

use super::evidence::kind::{self, Terms, Values};
use super::table::{Column, Table};
use super::{Source, authorities, blacklist, employers, evidence};
use crate::domain::employer::{EmployerKind, Industry};

const PATH: &str = "docs/import.md";

const EMPLOYERS: &str = "\
code,registration,name,division,kind,industry,headcount,registered_on
91350200776049653A,,诚信（重庆）机械有限公司,500105,enterprise,C,120,2012-03-01
,500105000012345,重庆老牌商行,500103,企业,批发和零售业,8,2001年7月5日
";
const EVIDENCE: &str = "\
code,type,outcome,matter,form,of,to,review_year,after_correction,occurred_on,decided_on,document_number
91350200776049653A,handled,penalty,wages,,,,,,2025-03-01,2025-04-02,渝人社监罚〔2025〕1号
91350200776049653A,incident,,,mass,,,,,2025-05-01,,
91350200776049653A,refusal,,,,penalty,,,,2025-06-01,,
91350200776049653A,review_passed,,,,,,2025,yes,2025-12-01,,
";
const BLACKLIST: &str = "\
published_by,published_on,list,employer,code,workers,amount_yuan,deciding_authority
重庆市人力资源和社会保障局,2026-02,wage_blacklist,诚信（重庆）机械有限公司,91350200776049653A,27,310790,重庆市江北区人力资源和社会保障局
";
const AUTHORITIES: &str = "\
division,name,document_prefix
500000,重庆市人力资源和社会保障局,渝人社
500105,重庆市江北区人力资源和社会保障局,江北人社
";

/// What stands in a column, where its name does not say it.
const MEANINGS: &[(&str, &str)] = &[
    (
        "code",
        "unified social credit code, either case, full or half width. A row has a code or a registration number",
    ),
    (
        "registration",
        "registration number of 13 to 15 digits, where there is no code",
    ),
    ("name", "full name as registered (of an authority: its full name)"),
    (
        "division",
        "six digits of today's table of divisions, such as 500105",
    ),
    ("kind", "see below"),
    (
        "industry",
        "section of GB/T 4754: its letter or its Chinese name, see below",
    ),
    ("headcount", "people employed: 1200, 1,200 or 1200人"),
    ("registered_on", "day, not after today"),
    (
        "override_reason",
        "only for an issued code whose check character fails: why it is taken all the same",
    ),
    ("override_entered_by", "login of the officer who entered it"),
    (
        "override_approved_by",
        "login of an approver in force who is another natural person; both act for the employer's division",
    ),
    (
        "id",
        "your own number for the fact; derived from the row without it",
    ),
    (
        "type",
        "see below: it decides which of the next columns are filled",
    ),
    ("occurred_on", "day, not after today"),
    (
        "decided_on",
        "day of the document, not before `occurred_on`; required for `handled`",
    ),
    (
        "document_number",
        "required for `handled` with outcome `penalty` or `handling_decision`; once in the register",
    ),
    ("case_number", "number of the case"),
    ("published_by", "who published the list"),
    ("published_on", "month or day: 2022-12, 2022年12月, 2022-12-31"),
    (
        "list",
        "`wage_blacklist` (or 欠薪黑名单, 拖欠农民工工资黑名单, 拖欠农民工工资失信联合惩戒对象名单) opens a case; every other list waits for an officer",
    ),
    ("employer", "name as published; it never identifies anybody alone"),
    ("registered_elsewhere", "yes or no: 是, 否, yes, no, 1, 0"),
    ("workers", "number of people"),
    ("amount_yuan", "yuan: 761000, 761,000.50, 76.1万元"),
    ("amount_wan_yuan", "the same in ten thousands of yuan; not both"),
    ("deciding_authority", "full name of an authority of this registry"),
    ("document_prefix", "what its document numbers begin with"),
];

fn columns(out: &mut String, columns: &[Column]) {
    out.push_str("| column | 中文标题 / Chinese headings | required | what |\n|---|---|---|---|\n");
    for column in columns {
        let meaning = MEANINGS.iter().find(|(name, _)| *name == column.name);
        let meaning = meaning.map_or("detail of some types, see below", |(_, meaning)| meaning);
        let required = if column.required { "yes" } else { "" };
        writeln!(
            out,
            "| `{}` | {} | {required} | {meaning} |",
            column.name,
            column.also.join("、")
        )
        .unwrap();
    }
}

fn example(out: &mut String, text: &str) {
    write!(out, "\n```csv\n{text}```\n\n").unwrap();
}

fn terms(terms: Terms) -> String {
    let one = |(word, also): &(&str, &[&str])| format!("`{word}` ({})", also.join("、"));
    terms.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn types(out: &mut String) {
    out.push_str("| `type` | 中文 | its columns and their values |\n|---|---|---|\n");
    for (word, also) in kind::TYPES {
        let details: Vec<String> = kind::details(word)
            .iter()
            .map(|detail| {
                let must = if detail.required { "required" } else { "optional" };
                let values = match detail.values {
                    Values::Terms(list) => terms(list),
                    Values::Year => "four digits from 1995 to this year".to_owned(),
                    Values::YesNo => "yes or no (是, 否)".to_owned(),
                };
                format!("`{}`, {must}: {values}", detail.column)
            })
            .collect();
        let details = if details.is_empty() {
            "none".to_owned()
        } else {
            details.join("<br>")
        };
        writeln!(out, "| `{word}` | {} | {details} |", also.join("、")).unwrap();
    }
}

fn guide() -> String {
    let mut out = String::from(
        "# Files to import\n\nThis page is made from the tables that the program reads by (`src/registry/import`); a test holds it \
         against them.\n\nCSV with a heading row, UTF-8 or GB18030. Headings are the column's name or one of the Chinese ones, in any \
         order; 序号, 备注, `no`, `note` and `remarks` are passed over, and any other heading is refused. A day is 2026-03-02, \
         2026/3/2, 20260302 or 2026年3月2日. Either every row goes in or none does, and each problem names row, column, value, why, \
         and what to do; exit code 1 then. Nothing is graded, signed or served by being imported.\n\n",
    );
    out.push_str("## `chengxin import employers FILE.csv`\n\n");
    columns(&mut out, employers::COLUMNS);
    let kinds: Vec<String> = EmployerKind::ALL
        .iter()
        .map(|kind| format!("`{}` ({})", kind.as_str(), kind.zh()))
        .collect();
    writeln!(out, "\n`kind`: {}.", kinds.join(", ")).unwrap();
    let industries: Vec<String> = Industry::ALL
        .iter()
        .map(|one| format!("`{}` {}", one.letter(), one.zh()))
        .collect();
    writeln!(out, "\n`industry`: {}.", industries.join(", ")).unwrap();
    example(&mut out, EMPLOYERS);
    out.push_str("## `chengxin import evidence FILE.csv`\n\n");
    columns(&mut out, evidence::COLUMNS);
    out.push('\n');
    types(&mut out);
    example(&mut out, EVIDENCE);
    out.push_str("## `chengxin import blacklist FILE.csv`\n\nEvery row goes to the list “needs an officer” (`chengxin quarantine list`); \
                  one that has an employer's code and an authority of this registry also opens a case.\n\n");
    columns(&mut out, blacklist::COLUMNS);
    example(&mut out, BLACKLIST);
    out.push_str("## `chengxin init --authority FILE.csv`\n\nThe first row runs the registry.\n\n");
    columns(&mut out, authorities::COLUMNS);
    example(&mut out, AUTHORITIES);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

#[test]
fn the_page_is_what_the_tables_say() {
    let made = guide();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PATH);
    if env::var_os("CHENGXIN_REGENERATE").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == made,
        "{PATH} is not what the tables say: CHENGXIN_REGENERATE=1 writes it anew"
    );
}

/// The headings of an example are columns; that its rows go in is tested with a registry.
#[test]
fn the_examples_can_be_read() {
    let read = |text: &str, columns| {
        let source = Source::new("example.csv", text.as_bytes().to_vec());
        Table::read(&source, columns).unwrap().rows.len()
    };
    assert_eq!(read(EMPLOYERS, employers::COLUMNS), 2);
    assert_eq!(read(EVIDENCE, evidence::COLUMNS), 4);
    assert_eq!(read(BLACKLIST, blacklist::COLUMNS), 1);
    assert_eq!(read(AUTHORITIES, authorities::COLUMNS), 2);
}

/// What the page says is required is what reading demands.
#[test]
fn details_are_demanded_as_they_are_told() {
    let today = "2026-03-02".parse().unwrap();
    for (word, _) in kind::TYPES {
        let text = format!("type\n{word}\n");
        let source = Source::new("t.csv", text.into_bytes());
        const TYPE: &[Column] = &[Column::required("type", &[])];
        let mut table = Table::read(&source, TYPE).unwrap();
        let row = &mut table.rows[0];
        let read = kind::read(row, today);
        let mut demanded: Vec<String> = row
            .take_problems()
            .into_iter()
            .map(|problem| problem.column)
            .collect();
        demanded.sort_unstable();
        let mut told: Vec<&str> = kind::details(word)
            .iter()
            .filter(|one| one.required)
            .map(|one| one.column)
            .collect();
        told.sort_unstable();
        assert_eq!(demanded, told, "{word}");
        assert_eq!(read.is_some(), told.is_empty());
    }
}

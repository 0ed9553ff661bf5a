//! Chinese sentences in the sources have Chinese punctuation and do not change their language halfway.

use std::fs;
use std::path::Path;

use super::tree;

/// Lines that show how something is typed, or that hold headings of spreadsheets; not sentences.
const FORMS: [&str; 4] = [
    "reg:行政区划:注册号",
    "地址:端口",
    "金额(",
    "区划代码,名称,文号前缀",
];

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// A half-width `,` `;` `:` `!` or `?` of a Chinese sentence: something Chinese on its one side, and on the other
/// something Chinese or a value that is put in.
fn half_width(line: &str) -> Option<String> {
    let chars: Vec<char> = line.chars().collect();
    let near = |c: char| is_chinese(c) || "，。；：！？、（）“”〔〕".contains(c);
    let found = chars.windows(3).find(|three| {
        let [before, mark, after] = three else {
            return false;
        };
        let sides = (near(*before) && (near(*after) || *after == '{')) || (*before == '}' && near(*after));
        ",;:!?".contains(*mark) && sides
    });
    found.map(|three| three.iter().collect())
}

/// Five English words in a row, outside what stands after ` / ` (the second language of a bilingual line).
fn english(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let is_word = |word: &&str| {
        let bare = word.trim_end_matches([',', '.', ';', ':']);
        !bare.is_empty() && bare.chars().all(|c| c.is_ascii_lowercase())
    };
    let run = words.windows(5).find(|five| five.iter().all(is_word));
    run.map(|five| five.join(" "))
}

#[test]
fn the_scan_sees_what_it_should() {
    for (line, found) in [
        ("两次不同,未改动", true),
        ("前 {size} 条已签名,达到", true),
        ("等待:{names}", true),
        ("{} 中已有,沿用", true),
        ("两次不同，未改动 / they differ, nothing was changed", false),
        ("代码 A,B 级", false),
        ("状态: ok", false),
    ] {
        assert_eq!(half_width(line).is_some(), found, "{line}");
    }
    assert!(english("不是 JSON：the text is not a list").is_some());
    assert!(english("用 chengxin publish 再试").is_none());
}

#[test]
fn chinese_sentences_have_chinese_punctuation() {
    let mut wrong = Vec::new();
    for source in tree() {
        for line in source.product().lines() {
            if FORMS.iter().any(|form| line.contains(form)) {
                continue;
            }
            wrong
                .extend(half_width(line).map(|found| format!("{}: {found} in {}", source.path, line.trim())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn chinese_pages_and_reasons_hold_no_english_sentence() {
    let zh = tree()
        .into_iter()
        .find(|source| source.path == "src/web/i18n/zh.rs")
        .expect("the texts in Chinese");
    let mut wrong = Vec::new();
    for line in zh.product().lines() {
        wrong.extend(english(line).map(|found| format!("{found} in {}", line.trim())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One word for one idea: 撤回 is the act that ends a record's display, with its own 撤回声明 in the log; 撤销 is a
/// record's final status, or a decision that was quashed; nothing is 撤下.
const MIXED: [(&str, &str); 9] = [
    ("撤下", "撤回"),
    ("撤除", "撤回"),
    ("标为已撤回", "标为已撤销"),
    ("撤回状态", "撤销状态"),
    ("撤回列入", "撤销列入"),
    ("撤回立案", "撤销立案"),
    ("撤销声明", "撤回声明"),
    ("更正撤销", "更正撤回"),
    ("裁判撤销", "裁判撤回"),
];

/// The prose beside the sources.
fn documents(root: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            documents(&path, found);
        } else if [".md", ".hbs", ".js", ".json"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn a_withdrawal_has_one_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(String, String)> = tree()
        .into_iter()
        .map(|source| (source.path.clone(), source.product()))
        .collect();
    for folder in ["docs", "templates", "keys", "src/domain/rulesets"] {
        documents(&root.join(folder), &mut texts);
    }
    texts.push((
        "README.md".to_owned(),
        fs::read_to_string(root.join("README.md")).unwrap(),
    ));
    assert!(texts.iter().any(|(path, _)| path.ends_with("verify.md")));
    let mut wrong = Vec::new();
    for (path, text) in &texts {
        for (line, number) in text.lines().zip(1..) {
            let found = MIXED.iter().filter(|(mixed, _)| line.contains(mixed));
            wrong.extend(found.map(|(mixed, right)| format!("{path}:{number}: {mixed}, not {right}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

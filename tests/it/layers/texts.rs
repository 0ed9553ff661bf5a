//! Chinese sentences in the sources have Chinese punctuation and do not change their language halfway.

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

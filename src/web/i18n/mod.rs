//! Every text of the pages, in Chinese first and in English second.
//!
//! The keys are fields of [`Text`]; each language is one constant of that type (`zh`, `en`), so a
//! missing, unknown or doubled key does not compile. Rust code reads a field; templates write
//! `{{t.page.key}}`, resolved when the server starts. `{name}` in a text is filled by [`fill`].
//! Refuses to know about requests: the caller says which language is wanted.

mod en;
mod keys;
mod zh;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Serialize;

pub use keys::*;

/// Name of the cookie, and of the query parameter, that holds the chosen language.
pub const LANG_PARAMETER: &str = "lang";

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Lang {
    /// Simplified Chinese, the default.
    #[default]
    #[serde(rename = "zh-Hans")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Lang {
    /// Reads the value of the query parameter or of the cookie; anything unknown is `None`.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "zh" | "zh-Hans" | "zh-CN" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Value of the query parameter and of the cookie.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The other language, for the switch.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// What stands between the members of a list.
    #[must_use]
    pub fn list_separator(self) -> &'static str {
        match self {
            Self::Chinese => "、",
            Self::English => ", ",
        }
    }

    /// The texts of this language, for Rust code.
    #[must_use]
    pub fn text(self) -> &'static Text {
        match self {
            Self::Chinese => &zh::TEXT,
            Self::English => &en::TEXT,
        }
    }
}

/// The texts of one language by dotted key, for templates.
#[derive(Debug)]
pub struct TextByKey(BTreeMap<String, String>);

impl TextByKey {
    /// The text called `key`, such as `employer.history`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// The texts of one language by dotted key.
pub fn text(lang: Lang) -> &'static TextByKey {
    static CHINESE: OnceLock<TextByKey> = OnceLock::new();
    static ENGLISH: OnceLock<TextByKey> = OnceLock::new();
    let cell = match lang {
        Lang::Chinese => &CHINESE,
        Lang::English => &ENGLISH,
    };
    cell.get_or_init(|| TextByKey(by_key(lang.text())))
}

fn by_key(text: &Text) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    if let Ok(serde_json::Value::Object(groups)) = serde_json::to_value(text) {
        for (group, keys) in groups {
            if let serde_json::Value::Object(keys) = keys {
                for (key, value) in keys {
                    if let serde_json::Value::String(value) = value {
                        found.insert(format!("{group}.{key}"), value);
                    }
                }
            }
        }
    }
    found
}

/// Replaces each `{name}` of `text` by its value. A name without a value stays as it is written.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after_name)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out.push_str(value),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = after_name;
    }
    out.push_str(rest);
    out
}

/// A count with a thin group mark every three digits: `11,497`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}').map(|(name, _)| name))
            .collect()
    }

    /// Without placeholders; a text that then has no letters is of no language.
    fn bare(text: &str) -> String {
        let parts = text.split('{').enumerate();
        let bare = parts.map(|(n, part)| {
            if n == 0 {
                part
            } else {
                part.split_once('}').unwrap().1
            }
        });
        bare.collect()
    }

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        let chinese = by_key(Lang::Chinese.text());
        let english = by_key(Lang::English.text());
        assert!(chinese.len() > 200, "{}", chinese.len());
        assert!(chinese.keys().eq(english.keys()));
        for (key, text) in &chinese {
            assert_eq!(placeholders(text), placeholders(&english[key]), "{key}");
        }
    }

    #[test]
    fn no_text_is_empty_or_in_the_wrong_language() {
        // The switch names the other language in its own words.
        let exceptions = ["site.switch_lang", "site.seal"];
        for (key, text) in by_key(Lang::English.text()) {
            assert!(!text.trim().is_empty(), "{key}");
            assert!(
                exceptions.contains(&key.as_str()) || !is_chinese(&text),
                "{key}: {text}"
            );
        }
        for (key, text) in by_key(Lang::Chinese.text()) {
            let wordless = !bare(&text).chars().any(char::is_alphabetic);
            assert!(
                exceptions.contains(&key.as_str()) || wordless || is_chinese(&text),
                "{key}: {text}"
            );
        }
    }

    #[test]
    fn fills_names_and_leaves_the_unknown() {
        assert_eq!(fill("共 {n} 家，{x}", &[("n", "3")]), "共 3 家，{x}");
        assert_eq!(fill("{a}{b}", &[("a", "{b}"), ("b", "2")]), "{b}2");
        assert_eq!(fill("open {", &[]), "open {");
    }

    #[test]
    fn groups_digits_by_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (11497, "11,497"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}

//! The rule sets that come with the program.
//!
//! A published version is never edited; a change is a new file with a new version.

use std::sync::LazyLock;

use super::RuleSet;

const FILES: [&str; 3] = [
    include_str!("../rulesets/cn-national-2016.1.json"),
    include_str!("../rulesets/cn-500000-2020.2.json"),
    include_str!("../rulesets/cn-wage-blacklist-2022.1.json"),
];

/// A test reads every file, so leaving out what does not parse never hides one.
static ALL: LazyLock<Vec<RuleSet>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|file| RuleSet::parse(file.as_bytes()).ok())
        .collect()
});

/// Every built-in rule set.
#[must_use]
pub fn all() -> &'static [RuleSet] {
    &ALL
}

/// The built-in rule set of this id and version.
#[must_use]
pub fn find(id: &str, version: &str) -> Option<&'static RuleSet> {
    ALL.iter().find(|set| set.id() == id && set.version() == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_parses_and_is_named_once() {
        for file in FILES {
            if let Err(error) = RuleSet::parse(file.as_bytes()) {
                panic!("{error}");
            }
        }
        assert_eq!(all().len(), FILES.len());
        for set in all() {
            assert_eq!(find(set.id(), set.version()), Some(set));
            let twin = all()
                .iter()
                .filter(|o| o.id() == set.id() && o.version() == set.version())
                .count();
            assert_eq!(twin, 1);
        }
        assert!(find("cn-national", "9").is_none());
    }
}

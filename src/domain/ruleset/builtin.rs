//! The rule sets that come with the program.
//!
//! A published version is never edited; a change is a new file with a new version.

use std::sync::LazyLock;

use super::RuleSet;

const FILES: [&str; 5] = [
    include_str!("../rulesets/cn-national-2016.1.json"),
    include_str!("../rulesets/cn-500000-2020.2.json"),
    include_str!("../rulesets/cn-500000-2020.3.json"),
    include_str!("../rulesets/cn-wage-blacklist-2022.1.json"),
    include_str!("../rulesets/cn-annual-review-2013.1.json"),
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

/// Of each built-in rule set the newest version: what a new registry publishes. Earlier versions stay for the
/// records that were decided under them.
pub fn newest() -> impl Iterator<Item = &'static RuleSet> {
    // The files of one rule set stand in the order of their versions.
    let later = |at: usize, set: &RuleSet| ALL.iter().skip(at + 1).any(|other| other.id() == set.id());
    ALL.iter()
        .enumerate()
        .filter(move |(at, set)| !later(*at, set))
        .map(|(_, set)| set)
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

    #[test]
    fn a_new_version_leaves_the_earlier_one_as_it_was() {
        let newest: Vec<(&str, &str)> = newest().map(|set| (set.id(), set.version())).collect();
        assert_eq!(
            newest,
            [
                ("cn-national", "2016.1"),
                ("cn-500000", "2020.3"),
                ("cn-wage-blacklist", "2022.1"),
                ("cn-annual-review", "2013.1")
            ]
        );
        // Records carry this digest; a published version that no longer has it was edited.
        let published = find("cn-500000", "2020.2").unwrap();
        let digest: String = published
            .digest()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            digest,
            "2bb3a3a843fcac98ebd9d049d135832c15d23c629b5324970f197126eea9dc6f"
        );
    }

    /// What stands in for a rule that was not found says so wherever its ground is shown.
    #[test]
    fn stand_ins_are_called_stand_ins() {
        let rules = find("cn-500000", "2020.3").unwrap().integrity().unwrap();
        for id in ["L1", "L2"] {
            let rule = rules.rules.iter().find(|rule| rule.id == id).unwrap();
            for part in ["示范补充，并非重庆规定", "钦州市", "尚未查得原文"] {
                assert!(rule.basis.zh.contains(part), "{id}: {part}");
            }
            assert!(rule.basis.en.contains("no rule of Chongqing's"), "{id}");
        }
    }
}

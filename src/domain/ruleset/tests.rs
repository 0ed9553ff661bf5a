use super::*;
use crate::domain::money::Fen;

const NATIONAL: &str = include_str!("../rulesets/cn-national-2016.1.json");
const BLACKLIST: &str = include_str!("../rulesets/cn-wage-blacklist-2022.1.json");

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn edited(file: &str, from: &str, to: &str) -> Result<RuleSet, RuleSetError> {
    assert!(file.contains(from), "{from} is not in the file");
    RuleSet::parse(file.replacen(from, to, 1).as_bytes())
}

#[test]
fn an_unreadable_file_is_refused() {
    for (from, to) in [
        (r#""id": "cn-national""#, r#""id": "cn-national", "extra": 1"#),
        (
            r#""id": "cn-national""#,
            r#""id": "cn-national", "id": "cn-other""#,
        ),
        (r#""version": "2016.1","#, ""),
        (r#""count": 3"#, r#""count": 3.0"#),
        (r#""count": 3"#, r#""count": -3"#),
        (r#""count": 3"#, r#""count": 3, "within": "year""#),
        (r#""type": "refusal""#, r#""type": "refusal", "by": "x""#),
        (r#""type": "obstruction""#, r#""type": "obstruction", "by": "x""#),
        (r#""type": "obstruction""#, r#""type": "obstructed""#),
        (r#""from": "2017-01-01""#, r#""from": "2017-13-01""#),
        (r#""grade": "C""#, r#""grade": "D""#),
    ] {
        let error = edited(NATIONAL, from, to).unwrap_err();
        assert!(matches!(error, RuleSetError::Shape(_)), "{to}: {error}");
    }
}

#[test]
fn a_contradictory_file_is_refused() {
    for (file, from, to) in [
        (NATIONAL, r#""id": "C2""#, r#""id": "C1""#),
        (NATIONAL, r#""id": "C2""#, r#""id": """#),
        (NATIONAL, r#""of": "handled""#, r#""of": "unknown""#),
        (
            NATIONAL,
            r#""when": "order_to_correct_counts""#,
            r#""when": "unknown""#,
        ),
        (
            NATIONAL,
            r#""once_per_case_when": "once_per_case""#,
            r#""once_per_case_when": "unknown""#,
        ),
        (NATIONAL, r#""count": 3"#, r#""count": 0"#),
        (NATIONAL, r#""until": null"#, r#""until": "2017-01-01""#),
        (
            NATIONAL,
            r#""when": "otherwise""#,
            r#""when": {"any": ["otherwise"]}"#,
        ),
        (NATIONAL, r#""when": "otherwise""#, r#""when": {"all": []}"#),
        (NATIONAL, r#""month": 10"#, r#""month": 13"#),
        (NATIONAL, r#""division_prefix": """#, r#""division_prefix": "5""#),
        (
            NATIONAL,
            r#""grade": "A",
          "name""#,
            r#""grade": "B",
          "name""#,
        ),
        (
            BLACKLIST,
            r#""division_prefix": "43""#,
            r#""division_prefix": "44""#,
        ),
        (BLACKLIST, r#""one_worker": "6000.00""#, r#""one_worker": "0.00""#),
        (BLACKLIST, r#""flag": "one_year_floor""#, r#""flag": "unknown""#),
        (BLACKLIST, r#""months_at_least": 3"#, r#""months_at_least": 0"#),
        (BLACKLIST, r#""id": "ten_workers""#, r#""id": "one_worker""#),
        (BLACKLIST, r#""working_days": 15"#, r#""working_days": 0"#),
    ] {
        let error = edited(file, from, to).unwrap_err();
        assert!(matches!(error, RuleSetError::Content(_)), "{to}: {error}");
    }
}

#[test]
fn the_digest_names_the_meaning_not_the_spacing() {
    let set = RuleSet::parse(NATIONAL.as_bytes()).unwrap();
    let value: serde_json::Value = serde_json::from_str(NATIONAL).unwrap();
    let compact = RuleSet::parse(serde_json::to_string(&value).unwrap().as_bytes()).unwrap();
    assert_eq!(set.digest(), compact.digest());
    assert_eq!(
        set.canonical(),
        RuleSet::parse(set.canonical()).unwrap().canonical()
    );
    let reference = set.reference();
    assert_eq!(
        (reference.id.as_str(), reference.version.as_str()),
        ("cn-national", "2016.1")
    );
    assert_eq!(reference.digest.len(), 64);
    let other = edited(NATIONAL, r#""count": 3"#, r#""count": 4"#).unwrap();
    assert_ne!(other.digest(), set.digest());
}

#[test]
fn periods_are_half_open() {
    let set = edited(NATIONAL, r#""until": null"#, r#""until": "2027-01-01""#).unwrap();
    assert!(!set.in_force_on(date("2016-12-31")));
    assert!(set.in_force_on(date("2017-01-01")));
    assert!(set.in_force_on(date("2026-12-31")));
    assert!(!set.in_force_on(date("2027-01-01")));
}

#[test]
fn place_audience_and_validity() {
    let local = builtin::find("cn-500000", "2020.3").unwrap();
    assert!(local.applies_to("500105".parse().unwrap()));
    assert!(!local.applies_to("430200".parse().unwrap()));
    let rules = local.integrity().unwrap();
    use crate::domain::grade::Grade;
    assert_eq!(rules.audience(Grade::A), Audience::Public);
    assert_eq!(rules.audience(Grade::B), Audience::Partners);
    assert_eq!(rules.audience(Grade::C), Audience::Partners);
    assert_eq!(rules.valid_until(2025, date("2026-09-28")), date("2027-10-31"));
    let mut months = rules.clone();
    months.validity = Validity::Months { months: 12 };
    assert_eq!(months.valid_until(2025, date("2024-02-29")), date("2025-02-28"));
    months.validity = Validity::FixedDay {
        years_after: 1,
        month: 2,
        day: 29,
    };
    assert_eq!(months.valid_until(2026, date("2026-09-28")), date("2027-02-28"));
    assert!(local.blacklist().is_none());
}

#[test]
fn every_rule_and_flag_speaks_both_languages_and_names_its_source() {
    for set in builtin::all() {
        let mut texts = vec![set.title(), set.note()];
        texts.extend(set.flags().iter().map(|flag| &flag.note));
        if let Some(rules) = set.integrity() {
            texts.extend(rules.rules.iter().flat_map(|rule| [&rule.text, &rule.basis]));
            texts.extend(
                rules
                    .grades
                    .iter()
                    .flat_map(|grade| [&grade.name, &grade.consequence]),
            );
        }
        if let Some(rules) = set.blacklist() {
            texts.extend(rules.limbs.iter().flat_map(|limb| [&limb.text, &limb.basis]));
        }
        for text in texts {
            assert!(!text.zh.is_ascii(), "{text:?}");
            assert!(text.en.chars().any(|c| c.is_ascii_alphabetic()), "{text:?}");
        }
        assert!(
            set.instruments()
                .iter()
                .all(|instrument| !instrument.source.is_empty())
        );
    }
}

#[test]
fn local_amounts_by_longest_prefix_and_date() {
    let rules = builtin::find("cn-wage-blacklist", "2022.1")
        .unwrap()
        .blacklist()
        .unwrap();
    let amounts = |division: &str| {
        let row = rules.threshold(division.parse().unwrap(), date("2022-12-01"))?;
        Some((row.one_worker.fen() / 100, row.many_workers.fen() / 100))
    };
    for (division, pair) in [
        ("430200", (6_000, 40_000)),
        ("320400", (10_000, 60_000)),
        ("440300", (20_000, 100_000)),
        ("440305", (20_000, 100_000)),
        ("442000", (20_000, 100_000)),
        ("440200", (10_000, 60_000)),
        ("520100", (10_000, 50_000)),
        ("210100", (10_000, 50_000)),
        ("410100", (8_000, 40_000)),
        ("420100", (10_000, 50_000)),
    ] {
        assert_eq!(amounts(division), Some(pair), "{division}");
    }
    for nowhere in ["500105", "110101", "652300"] {
        assert_eq!(amounts(nowhere), None, "{nowhere} has no local amount");
    }
}

#[test]
fn an_amount_changes_by_date() {
    let file: serde_json::Value = serde_json::from_str(BLACKLIST).unwrap();
    let mut changed = file;
    let rows = changed["rules"]["wage_blacklist"]["thresholds"]
        .as_array_mut()
        .unwrap();
    let place = rows
        .iter()
        .position(|row| row["division_prefix"] == "43")
        .unwrap();
    let mut next = rows[place].clone();
    rows[place]["effective"]["until"] = "2026-01-01".into();
    next["effective"]["from"] = "2026-01-01".into();
    next["one_worker"] = "9000.00".into();
    rows.push(next);
    let set = RuleSet::parse(changed.to_string().as_bytes()).unwrap();
    let rules = set.blacklist().unwrap();
    let one = |day| {
        rules
            .threshold("430200".parse().unwrap(), date(day))
            .map(|row| row.one_worker)
    };
    assert_eq!(one("2013-12-31"), None);
    assert_eq!(one("2025-12-31"), Fen::from_yuan(6_000));
    assert_eq!(one("2026-01-01"), Fen::from_yuan(9_000));
}

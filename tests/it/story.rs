//! One year of a city as a newcomer runs it, the same story on both databases: totals, a record for
//! every employer, one bundle checked by a program that shares nothing with the server.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::support::command::{run, verify};
use crate::support::temp::TempDir;

crate::on_both_databases!(a_citys_year);

/// Real totals of Chongqing in 2020, which the demonstration scales.
const TOTALS: [(&str, usize); 3] = [("A", 4467), ("B", 6936), ("C", 94)];
const EMPLOYERS: usize = 500;

/// A registry on the command line.
struct City {
    dir: TempDir,
    registry: Vec<String>,
}

impl City {
    fn new(database: Option<&str>) -> Self {
        let dir = TempDir::new("year");
        let mut registry = vec!["--data".to_owned(), dir.join("registry").display().to_string()];
        if let Some(url) = database {
            registry.extend(["--database-url".to_owned(), url.to_owned()]);
        }
        Self { dir, registry }
    }

    fn run(&self, words: &[&str]) -> crate::support::command::Ran {
        run(words
            .iter()
            .map(|word| (*word).to_owned())
            .chain(self.registry.iter().cloned()))
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }
}

fn a_citys_year(database: Option<&str>) {
    let city = City::new(database);
    let employers = EMPLOYERS.to_string();
    let demo = ["demo", "--no-serve", "--employers", &employers];
    let said = city.run(&demo).ok();
    for (grade, count) in scaled(EMPLOYERS) {
        assert_eq!(
            number_after(&said, &format!("  {grade} ")),
            Some(count),
            "{grade} in\n{said}"
        );
    }
    one_grade_for_each_employer(&city);
    a_stranger_checks_a_bundle(&city, &said);
    city.run(&["log", "fsck"]).ok();

    // Run again on the same folder it says what is there and changes nothing.
    let before = records(&city);
    city.run(&demo).ok();
    assert_eq!(records(&city), before);
}

/// `employers` divided like the real totals, by largest remainder.
fn scaled(employers: usize) -> Vec<(&'static str, usize)> {
    let all: usize = TOTALS.iter().map(|(_, count)| count).sum();
    let mut shares: Vec<(&str, usize, usize)> = TOTALS
        .iter()
        .map(|(grade, count)| (*grade, count * employers / all, count * employers % all))
        .collect();
    let missing = employers - shares.iter().map(|(_, share, _)| share).sum::<usize>();
    shares.sort_by_key(|(_, _, rest)| std::cmp::Reverse(*rest));
    shares
        .iter_mut()
        .take(missing)
        .for_each(|(_, share, _)| *share += 1);
    shares
        .into_iter()
        .map(|(grade, share, _)| (grade, share))
        .collect()
}

#[test]
fn shares_add_up() {
    assert_eq!(scaled(11_497).iter().map(|(_, n)| n).sum::<usize>(), 11_497);
    assert!(scaled(11_497).contains(&("C", 94)));
    assert_eq!(scaled(100).iter().map(|(_, n)| n).sum::<usize>(), 100);
}

/// The first number after `label` at the beginning of a line.
fn number_after(text: &str, label: &str) -> Option<usize> {
    text.lines()
        .find_map(|line| line.strip_prefix(label)?.split_whitespace().next()?.parse().ok())
}

/// Every record as text, by line.
fn records(city: &City) -> String {
    let file = city.path("records.ndjson");
    city.run(&["export", "records", "-o", &file]).ok();
    fs::read_to_string(file).unwrap()
}

fn one_grade_for_each_employer(city: &City) {
    let mut grades: BTreeMap<String, usize> = BTreeMap::new();
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    for line in records(city).lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        if record["type"][1] == "IntegrityGrade" {
            let subject = &record["credentialSubject"];
            *grades
                .entry(subject["unifiedCode"].as_str().unwrap().to_owned())
                .or_default() += 1;
            *totals
                .entry(subject["grade"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    assert_eq!(grades.len(), EMPLOYERS);
    assert!(grades.values().all(|count| *count == 1));
    assert_eq!(
        totals,
        scaled(EMPLOYERS)
            .into_iter()
            .map(|(grade, n)| (grade.to_owned(), n))
            .collect()
    );
}

fn a_stranger_checks_a_bundle(city: &City, said: &str) {
    let sample = said
        .lines()
        .filter_map(|line| line.strip_prefix("  A  ")?.split_whitespace().next())
        .find(|word| word.len() == 18);
    let code = sample.unwrap_or_else(|| panic!("no sample of grade A in\n{said}"));
    let bundle = city.path("bundle.json");
    city.run(&["export", "bundle", "--code", code, "-o", &bundle])
        .ok();
    // The stranger has two things only: the file, and the trust folder got by another way.
    let stranger = TempDir::new("stranger");
    for file in ["policy.txt", "issuer.json"] {
        fs::copy(city.dir.join("registry/trust").join(file), stranger.join(file)).unwrap();
    }
    let check = |name: &str, bytes: &[u8]| {
        let path = stranger.write(name, bytes);
        verify([
            path.as_os_str(),
            "--trust".as_ref(),
            stranger.path().as_os_str(),
            "--json".as_ref(),
        ])
    };
    let good = fs::read(bundle).unwrap();
    check("good.json", &good).code(0);
    let flipped = String::from_utf8(good)
        .unwrap()
        .replace("\"grade\":\"A\"", "\"grade\":\"B\"");
    let verdict: Value =
        serde_json::from_str(&check("flipped.json", flipped.as_bytes()).code(1).stdout).unwrap();
    assert!(verdict.to_string().contains("signature"), "{verdict}");
}

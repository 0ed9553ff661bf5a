//! One year of a city as a newcomer runs it, the same story on both databases: totals, a record for
//! every employer, bundles checked by a program that shares nothing with the server, and nothing
//! more after a second run.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::city::City;
use crate::support::command::{Ran, verify};
use crate::support::temp::TempDir;

crate::on_both_databases!(a_citys_year);

const EMPLOYERS: usize = 200;

/// That the totals are the plan's on both databases is what makes them equal on both.
fn a_citys_year(database: Option<&str>) {
    let city = City::new("year", database, EMPLOYERS);
    let summary = city.demo();
    city.check(&summary);

    let stranger = Stranger::new(&city);
    let mut bundles = Vec::new();
    for grade in ["A", "B"] {
        let file = city.path("bundle.json");
        let code = &summary.samples[grade];
        city.run(&["export", "bundle", "--code", code, "-o", &file]).ok();
        let bundle = fs::read(file).unwrap();
        stranger.accepts(&bundle);
        stranger.refuses_flips(&bundle);
        bundles.push(bundle);
    }

    // Run again on the same folder it says what is there and changes nothing.
    let before = city.records();
    let again = city.demo();
    assert_eq!((&again.root, again.size), (&summary.root, summary.size));
    assert_eq!(city.records(), before);

    // The registry and its database are gone; what was handed out verifies as before.
    fs::rename(city.data(), city.dir.join("away")).unwrap();
    if database.is_none() {
        city.run(&["log", "fsck"]).code(2);
    }
    for bundle in &bundles {
        stranger.accepts(bundle);
    }
}

/// The size of the real city: about fifteen seconds in a dev build, so only `tests/run.sh` asks for it.
#[test]
fn the_whole_city() {
    if std::env::var_os("CHENGXIN_WHOLE_CITY").is_none() {
        println!("NOTE the whole city of 11,497 is left to tests/run.sh (CHENGXIN_WHOLE_CITY=1)");
        return;
    }
    let city = City::new("whole", None, 11_497);
    let summary = city.demo();
    let counts: Vec<usize> = summary.grades.values().copied().collect();
    assert_eq!(counts, [4467, 6936, 94]);
    city.check(&summary);
}

/// Somebody with two things only: a file, and the trust folder got by another way.
struct Stranger(TempDir);

impl Stranger {
    fn new(city: &City) -> Self {
        let dir = TempDir::new("stranger");
        for file in ["policy.txt", "issuer.json"] {
            fs::copy(city.data().join("trust").join(file), dir.join(file)).unwrap();
        }
        Self(dir)
    }

    fn check(&self, bytes: &[u8]) -> Ran {
        let path = self.0.write("bundle.json", bytes);
        let trust: &Path = self.0.path();
        verify([
            path.as_os_str(),
            "--trust".as_ref(),
            trust.as_os_str(),
            "--json".as_ref(),
        ])
    }

    #[track_caller]
    fn accepts(&self, bundle: &[u8]) {
        self.check(bundle).code(0);
    }

    /// One character of another value, in each part: the axis that answers for the part fails.
    #[track_caller]
    fn refuses_flips(&self, bundle: &[u8]) {
        let bundle = String::from_utf8(bundle.to_vec()).unwrap();
        let record = bundle.find("\"record\":{").unwrap();
        for (member, skip, axis) in [
            ("\"grade\":\"", 0, "signature"),
            ("\"documentNumber\":\"", 0, "signature"),
            ("\"proofValue\":\"z", 20, "signature"),
            ("\"inclusion\":[\"", 0, "logged"),
        ] {
            let from = if axis == "signature" { record } else { 0 };
            let found = bundle[from..]
                .find(member)
                .unwrap_or_else(|| panic!("no {member}"));
            let at = from + found + member.len() + skip;
            let old = bundle[at..].chars().next().unwrap();
            let new = if old == 'B' { 'C' } else { 'B' };
            let flipped = format!("{}{new}{}", &bundle[..at], &bundle[at + old.len_utf8()..]);
            let verdict = self.check(flipped.as_bytes()).code(1).stdout;
            let verdict: Value = serde_json::from_str(&verdict).unwrap();
            assert!(
                failed(&verdict).iter().any(|name| name == axis),
                "{member}: {verdict}"
            );
        }
    }
}

/// The axes that fail in a printed verdict.
fn failed(verdict: &Value) -> Vec<String> {
    let axes = verdict["axes"].as_array().unwrap_or_else(|| panic!("{verdict}"));
    axes.iter()
        .filter(|axis| axis["state"] == "fails")
        .map(|axis| axis["axis"].as_str().unwrap().to_owned())
        .collect()
}

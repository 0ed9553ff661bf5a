//! A demonstration city on the command line: run, stopped, run again, read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chengxin::store::{Conn, DatabaseUrl};
use serde_json::Value;

use super::command::{Ran, chengxin, collect};
use super::temp::TempDir;

/// The seed of every city of the tests; a failing test prints it.
const SEED: u64 = 20_260_302;

/// Real totals of Chongqing in 2020, which the demonstration scales.
const TOTALS: [(&str, usize); 3] = [("A", 4467), ("B", 6936), ("C", 94)];

/// One demonstration: its folder, its database, its size.
pub struct City {
    /// Holds the registry in `registry`, and whatever a test writes beside it.
    pub dir: TempDir,
    database: Option<String>,
    employers: usize,
}

/// What the closing summary says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Employers by grade.
    pub grades: BTreeMap<String, usize>,
    /// Entries by kind.
    pub kinds: BTreeMap<String, usize>,
    /// The log's size.
    pub size: usize,
    /// The root, base64.
    pub root: String,
    /// Codes of sample employers by grade.
    pub samples: BTreeMap<String, String>,
}

impl City {
    /// A city that is not there yet.
    pub fn new(label: &str, database: Option<&str>, employers: usize) -> Self {
        println!("seed {SEED}, {employers} employers");
        Self {
            dir: TempDir::new(label),
            database: database.map(str::to_owned),
            employers,
        }
    }

    /// The registry's folder.
    pub fn data(&self) -> PathBuf {
        self.dir.join("registry")
    }

    /// A path beside it, as text.
    pub fn path(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    /// A command about this registry, not started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = chengxin();
        command.args(words).arg("--data").arg(self.data());
        if let Some(url) = &self.database {
            command.args(["--database-url", url]);
        }
        command
    }

    /// A command about this registry, run to its end.
    pub fn run(&self, words: &[&str]) -> Ran {
        collect(&mut self.command(words))
    }

    /// The demonstration's command, not started.
    pub fn demo_command(&self) -> Command {
        let (employers, seed) = (self.employers.to_string(), SEED.to_string());
        self.command(&["demo", "--no-serve", "--employers", &employers, "--seed", &seed])
    }

    /// Runs the demonstration to its end.
    #[track_caller]
    pub fn demo(&self) -> Summary {
        Summary::parse(&collect(&mut self.demo_command()).ok())
    }

    /// A connection as a person with full access to the database has it.
    pub fn database(&self) -> Conn {
        let url = match &self.database {
            Some(url) => DatabaseUrl::parse(url).unwrap(),
            None => DatabaseUrl::sqlite(&self.data().join("chengxin.db")),
        };
        Conn::open(&url).unwrap()
    }

    /// Every record as text, one a line.
    pub fn records(&self) -> String {
        let file = self.path("records.ndjson");
        self.run(&["export", "records", "-o", &file]).ok();
        fs::read_to_string(file).unwrap()
    }

    /// Checks what any finished city of this size must be, however often it was stopped: the totals
    /// of the plan, one grade for each employer, an unbroken log with the root that the summary names.
    #[track_caller]
    pub fn check(&self, summary: &Summary) {
        assert_eq!(summary.grades, plan(self.employers));
        assert_eq!(summary.kinds.values().sum::<usize>(), summary.size, "{summary:?}");
        let mut graded: BTreeMap<String, usize> = BTreeMap::new();
        let mut totals: BTreeMap<String, usize> = BTreeMap::new();
        let mut listed = BTreeMap::new();
        for line in self.records().lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let subject = &record["credentialSubject"];
            let code = subject["unifiedCode"].as_str().unwrap_or_default().to_owned();
            match record["type"][1].as_str() {
                Some("IntegrityGrade") => {
                    *graded.entry(code).or_default() += 1;
                    *totals
                        .entry(subject["grade"].as_str().unwrap().to_owned())
                        .or_default() += 1;
                }
                Some("WageBlacklistEntry") => *listed.entry(code).or_insert(0) += 1,
                _ => {}
            }
        }
        assert_eq!(graded.len(), self.employers);
        assert!(graded.values().all(|count| *count == 1), "twice: {graded:?}");
        assert_eq!(totals, plan(self.employers));
        assert_eq!(listed.len(), 4, "{listed:?}");
        assert!(listed.values().all(|count| *count == 1), "twice: {listed:?}");
        let report: Value = serde_json::from_str(&self.run(&["log", "fsck", "--json"]).ok()).unwrap();
        assert_eq!(report["root"], summary.root.as_str());
        assert_eq!(report["entries"], summary.size);
    }

    /// Copies the registry's folder as it is now, the SQLite file included, to `name` beside it.
    pub fn save(&self, name: &str) {
        copy(&self.data(), &self.dir.join(name));
    }

    /// Puts the SQLite database of a saved folder back, and nothing else.
    pub fn restore_database(&self, name: &str) {
        for file in ["chengxin.db", "chengxin.db-wal", "chengxin.db-shm"] {
            let (from, to) = (self.dir.join(name).join(file), self.data().join(file));
            if to.exists() {
                fs::remove_file(&to).unwrap();
            }
            if from.exists() {
                fs::copy(from, to).unwrap();
            }
        }
    }

    /// Puts a saved folder back as it was.
    pub fn restore(&self, name: &str) {
        fs::remove_dir_all(self.data()).unwrap();
        copy(&self.dir.join(name), &self.data());
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            // Keeps the mode: a private key that others may read is refused.
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Summary {
    /// Reads what `demo` prints.
    #[track_caller]
    pub fn parse(text: &str) -> Self {
        let number = |label: &str| -> Option<usize> {
            text.lines()
                .find_map(|line| line.strip_prefix(label)?.split_whitespace().next()?.parse().ok())
        };
        let grades = TOTALS
            .iter()
            .map(|(grade, _)| {
                let count = number(&format!("  {grade} "));
                (
                    (*grade).to_owned(),
                    count.unwrap_or_else(|| panic!("no {grade} in\n{text}")),
                )
            })
            .collect();
        let kinds = text
            .lines()
            .skip_while(|line| !line.contains("log entries by kind"))
            .skip(1)
            .take_while(|line| !line.contains("sum"))
            .filter_map(|line| {
                let (kind, count) = line.trim().rsplit_once(char::is_whitespace)?;
                Some((kind.trim().to_owned(), count.parse().ok()?))
            })
            .collect();
        let size = text
            .lines()
            .find_map(|line| line.split_once("log size ")?.1.trim().parse().ok());
        let root = text
            .lines()
            .find_map(|line| Some(line.split_once("/ root ")?.1.trim().to_owned()));
        let samples = text
            .lines()
            .filter_map(|line| {
                let mut words = line.strip_prefix("  ")?.split_whitespace();
                let (grade, code) = (words.next()?, words.next()?);
                (grade.len() == 1 && code.len() == 18).then(|| (grade.to_owned(), code.to_owned()))
            })
            .collect();
        Self {
            grades,
            kinds,
            size: size.unwrap_or_else(|| panic!("no log size in\n{text}")),
            root: root.unwrap_or_else(|| panic!("no root in\n{text}")),
            samples,
        }
    }
}

/// `employers` divided like the real totals, by largest remainder.
pub fn plan(employers: usize) -> BTreeMap<String, usize> {
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
        .map(|(grade, share, _)| (grade.to_owned(), share))
        .collect()
}

#[test]
fn shares_add_up() {
    let real: Vec<(&str, usize)> = TOTALS.to_vec();
    let whole = plan(11_497);
    assert!(real.iter().all(|(grade, count)| whole[*grade] == *count));
    for employers in [60, 100, 200, 9000] {
        assert_eq!(plan(employers).values().sum::<usize>(), employers);
    }
}

//! The making of a registry, killed at each of its steps: nothing serves what is half made, and the same
//! command, run again, completes it or says precisely what to do.

use std::fs;
use std::process::Command;

use chengxin::domain::ruleset::builtin;
use chengxin::registry::Registry;
use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::{Making, Step};

use crate::support::city::City;
use crate::support::command::{chengxin, collect};
use crate::support::database::Database;
use crate::support::skip;
use crate::support::stopped::{Stopped, ends};
use crate::support::temp::TempDir;

use super::number;

/// A registry to be made by `chengxin init`.
struct Office {
    dir: TempDir,
    database: Option<String>,
}

impl Office {
    fn new(database: Option<&str>) -> Self {
        let dir = TempDir::new("init");
        let authorities = "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n";
        fs::write(dir.join("authorities.csv"), authorities).unwrap();
        Self {
            dir,
            database: database.map(str::to_owned),
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = chengxin();
        command.args(words).arg("--data").arg(self.dir.join("registry"));
        if let Some(url) = &self.database {
            command.args(["--database-url", url]);
        }
        command
    }

    fn init(&self, host: &str) -> Command {
        let mut command = self.command(&["init", "--host", host, "--admin", "管理员"]);
        command.arg("--authority").arg(self.dir.join("authorities.csv"));
        command
    }

    /// No server comes up on what is there.
    fn serves_nothing(&self, step: &str) {
        if step == "init-finished" && self.database.is_some() {
            // Whole, and to be read by any machine; only the folder with its keys lacks its settings.
            return;
        }
        let mut commands = vec![self.command(&["serve", "--listen", "127.0.0.1:0"])];
        // By the database alone, as a machine without keys reads it.
        let url = match &self.database {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.dir.join("registry/chengxin.db").display()),
        };
        let mut bare = chengxin();
        bare.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url]);
        if step != "init-finished" {
            commands.push(bare);
        }
        for mut command in commands {
            let refused = ends(&mut command);
            // 2 where the folder holds no registry yet, 1 where the database holds half of one.
            assert!(matches!(refused.code, Some(1 | 2)), "{step}: {}", refused.stdout);
            assert!(
                refused.stderr.contains("chengxin init"),
                "{step}: {}",
                refused.stderr
            );
        }
    }

    /// It is whole: one key document, each rule set once, one administrator, nothing damaged.
    fn is_whole(&self, step: &str) {
        ends(&mut self.command(&["log", "fsck"])).code(0);
        let data = DataDir::new(&self.dir.join("registry"));
        let registry = Registry::open(Some(&data), self.database.as_deref()).unwrap();
        let conn = &mut *registry.store.conn().unwrap();
        for (what, sql, wanted) in [
            (
                "keys",
                "SELECT COUNT(*) AS value FROM body WHERE kind = 'keys'",
                1,
            ),
            (
                "repeated rule sets",
                "SELECT COUNT(*) - COUNT(DISTINCT outcome) AS value FROM body WHERE kind = 'rule-set'",
                0,
            ),
            (
                "rule sets",
                "SELECT COUNT(*) AS value FROM body WHERE kind = 'rule-set'",
                i64::try_from(builtin::newest().count()).unwrap(),
            ),
            ("accounts", "SELECT COUNT(*) AS value FROM account", 1),
            ("authorities", "SELECT COUNT(*) AS value FROM authority", 1),
        ] {
            assert_eq!(number(conn, sql), wanted, "{what} after {step}");
        }
    }

    fn kill_and_finish(&self, step: &str, nth: usize) {
        println!("killed at {step}:{nth}");
        Stopped::at(&mut self.init("credit.example"), step, nth).kill();
        if step == "init-settings-written" {
            let told = ends(&mut self.init("credit.example")).code(1);
            assert!(
                told.stderr.contains("chengxin account password"),
                "{}",
                told.stderr
            );
            ends(&mut self.command(&["account", "password", "admin"])).code(0);
        } else {
            self.serves_nothing(step);
            let told = ends(&mut self.init("other.example")).code(1);
            assert!(
                told.stderr.contains("nothing was changed"),
                "{step}: {}",
                told.stderr
            );
            let made = ends(&mut self.init("credit.example")).code(0);
            assert!(made.stdout.contains("password"), "{step}: {}", made.stdout);
        }
        self.is_whole(step);
    }
}

#[test]
fn killed_at_each_step() {
    for step in Making::ALL {
        Office::new(None).kill_and_finish(&step.name(), 1);
    }
    // Between two rule sets.
    Office::new(None).kill_and_finish("init-rule-set-logged", 2);
}

/// The log's own first entries pass the steps of publication, the head of size 0 those of the signer.
#[test]
fn killed_while_the_first_entries_are_published() {
    for step in Step::ALL {
        let name = Making::Publishing(step).name();
        Office::new(None).kill_and_finish(&name, 1);
        Office::new(None).kill_and_finish(&name, 3);
    }
}

#[test]
fn killed_on_postgres() {
    for step in [Making::DatabaseFilled, Making::LogBegun, Making::Finished] {
        match Database::Postgres.url() {
            Ok(url) => Office::new(url.as_deref()).kill_and_finish(&step.name(), 1),
            Err(why) => return skip("init killed on PostgreSQL", &why),
        }
    }
}

#[test]
fn a_demonstration_killed_while_it_is_made() {
    for step in Making::ALL {
        let city = City::new("making", None, 20);
        Stopped::at(&mut city.demo_command(), &step.name(), 1).kill();
        if step != Making::SettingsWritten {
            let refused = ends(&mut city.command(&["serve", "--listen", "127.0.0.1:0"])).code(2);
            assert!(refused.stderr.contains("chengxin demo"), "{}", refused.stderr);
            let words = ["demo", "--no-serve", "--employers", "20", "--seed", "7"];
            let other = ends(&mut city.command(&words)).code(1);
            assert!(other.stderr.contains("nothing was changed"), "{}", other.stderr);
        }
        city.demo();
        collect(&mut city.command(&["log", "fsck"])).code(0);
    }
}

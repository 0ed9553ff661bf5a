//! The help of the program as a story, and an example for each command that has none of its own: make, fill,
//! decide and publish, serve, verify, keep, measure.

use clap::Command;

/// The commands in the order in which they are needed, under their headings.
const GROUPS: [(&str, &[&str]); 7] = [
    (
        "建立 / make",
        &["demo", "init", "keys", "account", "partner", "migrate"],
    ),
    ("录入 / fill", &["import", "quarantine", "roster"]),
    (
        "决定与发布 / decide and publish",
        &["grade", "publish", "withdraw", "snapshot"],
    ),
    ("服务 / serve", &["serve", "dump"]),
    ("核验 / verify", &["verify", "export", "log", "witness"]),
    ("保管 / keep", &["backup", "restore", "archive"]),
    ("度量 / measure", &["bench"]),
];

/// Examples by command.
const EXAMPLES: &[(&[&str], &str)] = &[
    (&["serve"], "chengxin serve --data DIR --listen 127.0.0.1:8080"),
    (
        &["publish"],
        "chengxin publish --data DIR              finish what was interrupted, publish what is due\n  chengxin publish --data DIR --waiting    also what waits for the day's end",
    ),
    (
        &["verify"],
        "chengxin verify bundle.json --trust DIR/trust\n  chengxin verify bulk.jsonl --trust DIR/trust --batch --max-age 90d",
    ),
    (&["dump"], "chengxin dump --data DIR"),
    (&["migrate"], "chengxin migrate --data DIR"),
    (
        &["backup"],
        "chengxin backup --data DIR -o registry-2026-11-25.backup",
    ),
    (
        &["export", "bundle"],
        "chengxin export bundle --data DIR --code 91350200776049653A -o bundle.json",
    ),
    (
        &["export", "statement"],
        "chengxin export statement --data DIR --code 91350200776049653A -o statement.json",
    ),
    (
        &["export", "record"],
        "chengxin export record 0f0e1d2c-3b4a-4958-8677-8695a4b30001 --data DIR -o record.json",
    ),
    (
        &["export", "records"],
        "chengxin export records --data DIR --since 0 -o records.jsonl",
    ),
    (
        &["export", "bulk"],
        "chengxin export bulk --data DIR -o bulk.jsonl",
    ),
    (
        &["export", "log"],
        "chengxin export log mirror --data DIR --bodies",
    ),
    (
        &["import", "employers"],
        "chengxin import employers employers.csv --data DIR\n\nThe file, with every column and value: docs/import.md.\n  code,name,division,kind,industry,headcount,registered_on\n  91350200776049653A,诚信（重庆）机械有限公司,500105,enterprise,C,120,2012-03-01",
    ),
    (
        &["import", "evidence"],
        "chengxin import evidence evidence.csv --data DIR\n\nThe file, with every type, its details and their values: docs/import.md.\n  code,type,outcome,matter,occurred_on,decided_on,document_number\n  91350200776049653A,handled,penalty,wages,2025-03-01,2025-04-02,渝人社监罚〔2025〕1号",
    ),
    (
        &["import", "blacklist"],
        "chengxin import blacklist list.csv --data DIR\n\nThe file, with every column and value: docs/import.md.\n  published_by,published_on,list,employer,code,workers,amount_yuan\n  重庆市人力资源和社会保障局,2026-02,wage_blacklist,诚信（重庆）机械有限公司,91350200776049653A,27,310790",
    ),
    (&["quarantine", "list"], "chengxin quarantine list --data DIR"),
    (&["partner", "add"], "chengxin partner add 江北银行 --data DIR"),
    (
        &["partner", "revoke"],
        "chengxin partner revoke 江北银行 --data DIR",
    ),
    (
        &["account", "password"],
        "chengxin account password li.shencha --data DIR",
    ),
    (&["snapshot", "take"], "chengxin snapshot take --data DIR"),
    (&["snapshot", "check"], "chengxin snapshot check --data DIR"),
    (
        &["snapshot", "note"],
        "chengxin snapshot note mirror/notes/DIGEST.note --data DIR",
    ),
    (
        &["keys", "generate"],
        "chengxin keys generate DIR/keys --host registry.example --encrypt",
    ),
    (&["keys", "list"], "chengxin keys list --data DIR"),
    (
        &["keys", "passphrase"],
        "chengxin keys passphrase DIR/keys/issuer.pem",
    ),
    (
        &["keys", "document"],
        "chengxin keys document --data DIR --prepare next.note",
    ),
    (
        &["keys", "rotate"],
        "chengxin keys rotate --data DIR --prepare next.note",
    ),
    (
        &["keys", "retire"],
        "chengxin keys retire METHOD --at 2027-01-01T00:00:00Z --data DIR --prepare next.note",
    ),
    (
        &["keys", "revoke"],
        "chengxin keys revoke METHOD --since 2026-11-01T00:00:00Z --data DIR --prepare next.note",
    ),
    (
        &["keys", "sign"],
        "chengxin keys sign next.note --root root-1.pem",
    ),
    (&["keys", "publish"], "chengxin keys publish next.note --data DIR"),
    (
        &["keys", "rotate-log"],
        "chengxin keys rotate-log --data DIR\n  chengxin keys rotate-log --data DIR --finish",
    ),
    (
        &["keys", "export-trust"],
        "chengxin keys export-trust --data DIR -o trust",
    ),
    (&["log", "held"], "chengxin log held --data DIR"),
    (
        &["log", "settle"],
        "chengxin log settle BATCH 0 1234 --reason 与原件核对一致 --data DIR",
    ),
    (&["withdraw", "list"], "chengxin withdraw list --data DIR"),
    (&["withdraw", "expire"], "chengxin withdraw expire --data DIR"),
    (
        &["archive", "show"],
        "chengxin archive show 0f0e1d2c-3b4a-4958-8677-8695a4b30001 --reason 行政复议 --data DIR",
    ),
    (
        &["restore"],
        "chengxin restore registry-2026-11-25.backup --data NEW\n\nExit codes: those of `chengxin log fsck`, which runs over what was restored; 1 nothing was restored.",
    ),
];

/// The program's command with its story and examples.
pub(super) fn told(mut command: Command) -> Command {
    for (path, text) in EXAMPLES {
        command = at(command, path, text);
    }
    let list = grouped(&command);
    command.help_template(format!(
        "{{before-help}}{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\nCommands:\n{list}\nOptions:\n{{options}}{{after-help}}"
    ))
}

fn at(command: Command, path: &[&str], text: &str) -> Command {
    match path {
        [] => command.after_help(format!("Example:\n  {text}")),
        [first, rest @ ..] if command.find_subcommand(first).is_some() => {
            command.mut_subcommand(*first, |inner| at(inner, rest, text))
        }
        _ => command,
    }
}

fn grouped(command: &Command) -> String {
    let line = |name: &&str| {
        let about = command.find_subcommand(name).and_then(Command::get_about);
        let about = about.map(ToString::to_string).unwrap_or_default();
        format!("    {name:<11} {about}\n")
    };
    let group = |(heading, names): &(&str, &[&str])| {
        let lines: String = names.iter().map(line).collect();
        format!("  {heading}\n{lines}")
    };
    GROUPS.iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::app::Cli;

    #[test]
    fn every_command_stands_in_one_group() {
        let command = Cli::command();
        let mut told: Vec<&str> = GROUPS
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        let mut there: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        told.sort_unstable();
        there.sort_unstable();
        assert_eq!(told, there);
    }

    #[test]
    fn examples_are_of_commands_that_are_there() {
        for (path, text) in EXAMPLES {
            let there = path.iter().try_fold(Cli::command(), |command, name| {
                command.find_subcommand(name).cloned()
            });
            assert!(there.is_some(), "no {path:?}");
            assert!(text.contains(&format!("chengxin {}", path.join(" "))), "{text}");
        }
    }

    /// Whatever does something has an example.
    #[test]
    fn every_command_has_an_example() {
        fn bare(command: &Command, path: &str, found: &mut Vec<String>) {
            let mut inner = command.get_subcommands().peekable();
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            if inner.peek().is_none() && !help.contains("chengxin ") {
                found.push(path.to_owned());
            }
            for next in inner {
                bare(next, &format!("{path} {}", next.get_name()), found);
            }
        }
        let mut found = Vec::new();
        bare(&told(Cli::command()), "chengxin", &mut found);
        let without = ["chengxin demo", "chengxin log fsck", "chengxin log catch-up"];
        found.retain(|path| {
            !without.contains(&path.as_str())
                && !path.starts_with("chengxin bench")
                && !path.starts_with("chengxin witness")
        });
        assert!(found.is_empty(), "{found:?}");
    }
}

//! What the year came to, and what to type next.

use std::error::Error;
use std::path::Path;

use super::DemoArgs;
use crate::cli::terminal::say;
use crate::registry::Registry;
use crate::registry::account::{self, Holder, NewAccount};
use crate::registry::assessment;
use crate::registry::check;
use crate::registry::data_dir::DataDir;
use crate::store::account as accounts;
use crate::store::employer::{self, EmployerRow};
use crate::store::log::{body, checkpoint};
use crate::store::{Conn, authority, batch, setting};

/// Prints the closing summary.
pub(super) fn print(registry: &Registry, data: &DataDir, args: &DemoArgs) -> Result<(), Box<dyn Error>> {
    check::at_start(registry)?;
    let mut conn = registry.store.conn()?;
    let head = checkpoint::newest_served(&mut conn)?.ok_or("nothing was published")?;
    say(format_args!("\n{} · {}\n", registry.name, registry.host));
    totals(&mut conn, head.size)?;
    let kinds = body::count_by_kind(&mut conn, head.size)?;
    say("日志条目 / log entries by kind");
    for (kind, count) in &kinds {
        say(format_args!("  {kind:<12} {count:>9}"));
    }
    let sum: i64 = kinds.iter().map(|(_, count)| count).sum();
    say(format_args!(
        "  {:<12} {sum:>9}   日志大小 / log size {}",
        "合计 / sum", head.size
    ));
    say(format_args!("根 / root     {}", root(&head.root)));
    let samples = samples(&mut conn)?;
    drop(conn);
    show_samples(&samples);
    how_to_verify(data, args, &samples);
    logins(registry, data, &samples)?;
    waiting(registry)
}

fn totals(conn: &mut Conn, size: i64) -> Result<(), Box<dyn Error>> {
    let outcomes = body::count_outcomes(conn, size)?;
    let count = |kind: &str, outcome: &str| {
        outcomes
            .iter()
            .find(|(found, is, _)| found.as_deref() == Some(kind) && is.as_deref() == Some(outcome))
            .map_or(0, |(_, _, count)| *count)
    };
    say("2025 年度等级 / grades of 2025");
    for (grade, name) in [("A", "守法诚信"), ("B", "基本诚信"), ("C", "非诚信")] {
        say(format_args!(
            "  {grade} {:>9}   {name}",
            count("IntegrityGrade", grade)
        ));
    }
    say(format_args!(
        "欠薪失信名单 / wage blacklist\n    {:>9}",
        count("WageBlacklistEntry", "listed")
    ));
    Ok(())
}

fn root(bytes: &[u8]) -> String {
    crate::log::hash::Hash::from_slice(bytes).map_or_else(String::new, |hash| hash.to_base64())
}

/// How many employers of a grade a sample is chosen from.
const CANDIDATES: i64 = 20;

/// The employer of each grade that was registered first, a legal person where there is one: the seed fixes
/// which that is, whereas the order of the log is drawn anew by every registry.
fn samples(conn: &mut Conn) -> Result<Vec<(EmployerRow, String)>, Box<dyn Error>> {
    let mut found = Vec::new();
    let grades = |row: &batch::BatchRow| row.kind == assessment::KIND && row.state == "published";
    let Some(published) = batch::all(conn)?.into_iter().find(grades) else {
        return Ok(found);
    };
    for grade in ["A", "B", "C"] {
        let filter = batch::ReviewFilter {
            outcome: grade,
            ..batch::ReviewFilter::default()
        };
        let (lines, _) = batch::review(conn, &published.id, filter, 0, CANDIDATES)?;
        let mut rows = Vec::new();
        for line in lines {
            rows.extend(employer::find(conn, line.employer_id)?);
        }
        // The site finds an individual business by its whole name only, so it would make a poor example.
        let chosen = rows.iter().position(|row| !row.may_be_personal()).unwrap_or(0);
        if chosen < rows.len() {
            found.push((rows.swap_remove(chosen), grade.to_owned()));
        }
    }
    Ok(found)
}

fn show_samples(samples: &[(EmployerRow, String)]) {
    say("\n样例单位 / sample employers");
    for (row, grade) in samples {
        let seen = if grade == "A" {
            "公开 / public"
        } else {
            "仅本单位和合作方 / the employer and partners only"
        };
        say(format_args!(
            "  {grade}  {}  {}  {seen}",
            row.code.as_deref().unwrap_or("-"),
            row.name
        ));
    }
}

fn how_to_verify(data: &DataDir, args: &DemoArgs, samples: &[(EmployerRow, String)]) {
    let Some((row, _)) = samples.first() else { return };
    let code = row.code.as_deref().unwrap_or_default();
    let folder = data.path().display();
    let database = args
        .database_url
        .as_ref()
        .map(|url| format!(" --database-url {url}"))
        .unwrap_or_default();
    // As it was called: `cargo run` puts nothing on the PATH.
    let program = std::env::args().next().unwrap_or_else(|| "chengxin".to_owned());
    say("\n离线核验 / verify offline");
    say(format_args!(
        "  {program} export bundle --data {folder}{database} --code {code} -o bundle.json"
    ));
    say(format_args!(
        "  {program} verify bundle.json --trust {}",
        show(&data.trust())
    ));
    say(format_args!("  {program} log fsck --data {folder}{database}"));
    say("\n服务 / serve, to sign in with the logins above");
    say(format_args!("  {program} serve --data {folder}"));
}

fn show(path: &Path) -> String {
    path.display().to_string()
}

/// Prints every officer's login, and an employer's. Passwords are shown once, by the run that
/// finished the year.
fn logins(
    registry: &Registry,
    data: &DataDir,
    samples: &[(EmployerRow, String)],
) -> Result<(), Box<dyn Error>> {
    say("\n登录 / sign in");
    let shown = setting::get(&mut *registry.store.conn()?, "demo.passwords")?.is_some();
    if !shown && let Some((row, _)) = samples.get(1) {
        employer_account(registry, row)?;
    }
    let all = accounts::list(&mut *registry.store.conn()?)?;
    for row in &all {
        let password = if shown {
            "(已显示过 / was shown once)".to_owned()
        } else {
            new_password(registry, &row.login)?.password
        };
        say(format_args!(
            "  {:<22} {password:<21} {}  {}  {}",
            row.login,
            row.name,
            duty(&row.roles),
            office(registry, row.authority_id.as_deref())?
        ));
    }
    if shown {
        say(format_args!(
            "  新口令 / a new password: chengxin account password LOGIN --data {}",
            data.path().display()
        ));
    } else {
        setting::put(&mut *registry.store.conn()?, "demo.passwords", "shown")?;
    }
    Ok(())
}

/// The name of an officer's authority.
fn office(registry: &Registry, id: Option<&str>) -> Result<String, Box<dyn Error>> {
    let Some(id) = id else { return Ok(String::new()) };
    Ok(authority::find(&mut *registry.store.conn()?, id)?.map_or_else(String::new, |row| row.name))
}

/// Says which batch waits, who proposed it and whose turn it is.
fn waiting(registry: &Registry) -> Result<(), Box<dyn Error>> {
    let mut conn = registry.store.conn()?;
    for row in batch::all(&mut conn)?
        .iter()
        .filter(|row| row.state == "proposed")
    {
        let who = accounts::find(&mut conn, &row.proposed_by)?.ok_or("a batch's proposer is gone")?;
        let (proposer, person) = (who.login, who.person_id);
        let others: Vec<String> = accounts::list(&mut conn)?
            .into_iter()
            .filter(|who| who.authority_id.as_deref() == Some(row.authority_id.as_str()))
            .filter(|who| who.person_id != person && who.roles.split(',').any(|role| role == "approver"))
            .map(|who| who.login)
            .collect();
        say(format_args!(
            "\n待审批 / waits for a second person: {}",
            row.title
        ));
        say(format_args!(
            "  {proposer} 提案，不能自己审批；{} 可以 / proposed by {proposer}, who cannot approve it; {} can",
            others.join(", "),
            others.join(", ")
        ));
    }
    Ok(())
}

fn new_password(registry: &Registry, login: &str) -> Result<NewAccount, account::AccountError> {
    account::reset_password(registry, login)
}

fn employer_account(registry: &Registry, row: &EmployerRow) -> Result<(), Box<dyn Error>> {
    let login = row.code.clone().unwrap_or_default();
    if accounts::by_login(&mut *registry.store.conn()?, &login)?.is_none() {
        account::create(registry, &login, &row.name, Holder::Employer { employer: row.id })?;
    }
    Ok(())
}

fn duty(roles: &str) -> String {
    match roles {
        "" => "单位用户 / employer".to_owned(),
        roles => roles
            .split(',')
            .filter_map(|role| role.parse::<crate::domain::authority::Role>().ok())
            .map(|role| format!("{} {role}", role.zh()))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

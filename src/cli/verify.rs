//! `verify PATH --trust DIR`: reads files and folders, asks [`crate::verify`], prints, decides the exit code.
//!
//! Exit codes: 0 every required axis holds, 1 one fails, 2 unusable input or trust folder, 3 one is undecided
//! and none fails. Over several files the order is 1, 2, 3, 0. Fetches nothing; no rule is decided here.

mod files;
mod print;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use clap::{Args, ValueEnum};

use crate::verify::succession::SUCCESSIONS_FILE;
use crate::verify::trust::{ISSUER_FILE, MONITORS_FILE, POLICY_FILE, Trust};
use crate::verify::{Allowances, Lang, Options, Reason, Refusal, SignatureCheck};

use files::Checked;

/// Input that has no verdict.
pub const UNUSABLE: u8 = 2;

/// Arguments of `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// A bundle, a bulk file, a bare record, a statement, or a folder of those
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// Trust folder with policy.txt and issuer.json, got from the registry by a way that you trust
    #[arg(long, value_name = "DIR")]
    pub trust: PathBuf,
    /// Judge as of this time (RFC 3339, such as 2026-10-10T06:00:00Z) instead of now
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub at: Option<DateTime<Utc>>,
    /// How old status lists and key documents may be (30s, 90m, 24h, 7d)
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = parse_age)]
    pub max_age: TimeDelta,
    /// Check signatures of a bulk file many at once: faster, and each verdict says so
    #[arg(long)]
    pub batch: bool,
    /// Demand that a monitor listed in the trust folder's monitors.txt has rebuilt a statement's tree
    #[arg(long)]
    pub require_monitored: bool,
    /// Print one JSON object a file
    #[arg(long)]
    pub json: bool,
    /// Language of the output; by LC_ALL, LC_MESSAGES or LANG if not given
    #[arg(long, value_enum, default_value_t = LangArg::of_environment())]
    pub lang: LangArg,
    /// How long before its logged time a record may have been signed
    #[arg(long, value_name = "AGE", default_value = "1d", value_parser = parse_age)]
    pub signed_within: TimeDelta,
    /// How long before its logged time a decision may have been taken
    #[arg(long, value_name = "AGE", default_value = "90d", value_parser = parse_age)]
    pub decided_within: TimeDelta,
    /// How far apart the earliest and the latest possible logged time may be
    #[arg(long, value_name = "AGE", default_value = "1d", value_parser = parse_age)]
    pub logged_within: TimeDelta,
}

/// Language choice on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// Chinese
    Zh,
    /// English
    En,
}

impl LangArg {
    /// The language that the environment asks for.
    pub(super) fn of_environment() -> Self {
        Self::of_locale(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
    }

    /// The first locale that is set decides (POSIX, Base Definitions 8.2): Chinese for `zh…`, and where no
    /// language is named (`C`, `POSIX`, nothing); English for any other.
    fn of_locale(locales: [Option<String>; 3]) -> Self {
        let locale = locales.into_iter().flatten().find(|locale| !locale.is_empty());
        let language = locale
            .as_deref()
            .and_then(|locale| locale.split(['_', '.', '@']).next());
        match language {
            None | Some("zh" | "C" | "POSIX") => LangArg::Zh,
            Some(_) => LangArg::En,
        }
    }
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::Zh => Lang::Zh,
            LangArg::En => Lang::En,
        }
    }
}

/// Runs the command; gives the process's exit code.
///
/// # Errors
/// Only when `out` cannot be written. Everything else is printed and has an exit code.
pub fn run(args: &VerifyArgs, out: &mut impl Write) -> io::Result<u8> {
    let lang = Lang::from(args.lang);
    let trust = match read_trust(&args.trust) {
        Ok(trust) => trust,
        Err(error) => {
            print::unusable(out, args.json, lang, &args.trust, &error)?;
            return Ok(UNUSABLE);
        }
    };
    let now = args
        .at
        .unwrap_or_else(|| DateTime::<Utc>::from(SystemTime::now()).trunc_subsecs(0));
    let options = Options {
        max_age: args.max_age,
        allowances: Allowances {
            created: args.signed_within,
            decided: args.decided_within,
            window: args.logged_within,
        },
        require_monitored: args.require_monitored,
        ..Options::at(now)
    };
    let check = if args.batch {
        SignatureCheck::Batch
    } else {
        SignatureCheck::Strict
    };
    let (paths, skipped) = match files::list(&args.path) {
        Ok(found) => found,
        Err(error) => {
            let refusal = Refusal::unreadable(Reason::InputUnreadable, &args.path, &error);
            print::unusable(out, args.json, lang, &args.path, &refusal)?;
            return Ok(UNUSABLE);
        }
    };
    let mut codes = Vec::new();
    let to = (lang, trust.issuer.host.as_str());
    for path in &paths {
        let checked = files::check(path, &trust, &options, check);
        codes.push(checked.exit_code());
        match &checked {
            Checked::Unusable(error) => print::unusable(out, args.json, lang, path, error)?,
            Checked::One(verdict) => print::verdict(out, args.json, to, path, verdict)?,
            Checked::Bulk(bulk) => print::bulk(out, args.json, to, path, bulk)?,
            Checked::Statement(verdict) => print::statement(out, args.json, to, path, verdict)?,
        }
    }
    if paths.is_empty() {
        print::unusable(out, args.json, lang, &args.path, &Refusal::new(Reason::NoRecords))?;
        codes.push(UNUSABLE);
    }
    if !args.json && (paths.len() > 1 || skipped > 0) {
        print::total(out, lang, &codes, skipped)?;
    }
    Ok(worst(&codes))
}

/// One that fails outweighs unusable input, which outweighs an undecided one.
fn worst(codes: &[u8]) -> u8 {
    [1, UNUSABLE, 3]
        .into_iter()
        .find(|code| codes.contains(code))
        .unwrap_or(0)
}

pub(super) fn read_trust(folder: &Path) -> Result<Trust, Refusal> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|error| Refusal::unreadable(Reason::TrustUnreadable, &path, &error))
    };
    // These two a folder need not have.
    let optional = |name: &str| {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Refusal::unreadable(Reason::TrustUnreadable, &path, &error)),
        }
    };
    let mut trust = Trust::parse(&read(POLICY_FILE)?, &read(ISSUER_FILE)?)?;
    if let Some(successions) = optional(SUCCESSIONS_FILE)? {
        trust = trust.with_successions(&successions)?;
    }
    match optional(MONITORS_FILE)? {
        Some(monitors) => Ok(trust.with_monitors(&monitors)?),
        None => Ok(trust),
    }
}

pub(super) fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|error| format!("not an RFC 3339 time such as 2026-10-10T06:00:00Z: {error}"))
}

pub(super) fn parse_age(text: &str) -> Result<TimeDelta, String> {
    let error = || "an age is a whole number and s, m, h or d, such as 24h".to_owned();
    let unit = text.chars().next_back().ok_or_else(error)?;
    let count: i64 = text
        .strip_suffix(unit)
        .and_then(|count| count.parse().ok())
        .ok_or_else(error)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(error()),
    };
    let age = count.checked_mul(seconds).and_then(TimeDelta::try_seconds);
    age.filter(|age| *age >= TimeDelta::zero()).ok_or_else(error)
}

#[cfg(test)]
mod tests;

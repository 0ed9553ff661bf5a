//! `chengxin log monitor`: a monitor of somebody else's registry. Needs no registry of its own.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use zeroize::Zeroizing;

use super::passphrase::Passphrase;
use super::terminal::{Outcome, Usage, say, warn};
use super::verify::{LangArg, parse_age, parse_time, read_trust};
use crate::log::key::{KeyKind, VerifierKey};
use crate::monitor::{self, Address, Mirror, MonitorError, Recheck, Report, Settings};
use crate::record::signer::{Signer, SoftwareSigner};
use crate::registry::clock::{Clock as _, SystemClock};
use crate::registry::keys::read_private;
use crate::verify::{Lang, Refusal};

/// Longest partner's key that is read, in bytes.
const MAX_KEY: usize = 4096;

/// What the exit codes mean.
pub(super) const HELP: &str = "Example:
  chengxin log monitor http://registry.example --mirror mirror --trust trust

Exit codes (the smallest of what was found; docs/monitor.md says what to do on each):
   0 all is well                      17 record: malformed, or by a wrong key
   1 mirror-damaged, or the monitor   18 list-cleared: a bit that is never cleared
     itself failed                    19 list-time: a status list goes back in time
   2 wrong usage or trust folder      20 list-malformed: a status list is unreadable
   3 undecided: could not be reached  21 keys: a key document is not the roots'
  10 fork: two histories              22 snapshot: not what the log gives
  11 rolled-back: fewer entries       23 erased-served: withdrawn, and handed out
  12 head: not the log's              24 oversized: beyond all bounds
  13 quorum: too few witnesses        25 stale: nothing new for too long
  14 tree: tiles or entries withheld  26 erased-unproved: no withdrawal bears it out
  15 body-changed: not what was logged
  16 body-missing: neither body nor erasure

What the log itself proves (10, 17 to 23) is reported in every round until its file is moved out of
DIR/alarms. DIR/checkpoint and DIR/tile may be served to everybody; DIR/private must not be.";

/// Arguments of `log monitor`.
#[derive(Debug, Args)]
pub(super) struct MonitorArgs {
    /// Where the registry is: http://HOST[:PORT][/PREFIX]
    #[arg(value_name = "URL", value_parser = Address::parse)]
    url: Address,
    /// The mirror's folder; made if it is not there. Whoever deletes it makes the monitor forget
    #[arg(long, value_name = "DIR")]
    mirror: PathBuf,
    /// Trust folder with policy.txt and issuer.json, got from the registry by a way that you trust
    #[arg(long, value_name = "DIR")]
    trust: PathBuf,
    /// Look once and end; without --every this is so anyway
    #[arg(long, conflicts_with = "every")]
    once: bool,
    /// Look again and again, so long apart (30s, 5m, 1h), until stopped
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    every: Option<TimeDelta>,
    /// A file with a partner's API key: partners' bodies are looked at too
    #[arg(long, value_name = "FILE")]
    partner_key_file: Option<PathBuf>,
    /// A private key (PKCS#8 PEM, Ed25519, mode 0600) that signs which snapshots were rebuilt
    #[arg(long, value_name = "FILE", requires = "monitor_name")]
    monitor_key: Option<PathBuf>,
    /// The monitor's name in its notes, a schema-less URL such as monitor.example/1
    #[arg(long, value_name = "NAME", requires = "monitor_key")]
    monitor_name: Option<String>,
    /// Check the whole mirror again first; without it, once a day, and at a start up to 262,144 entries
    #[arg(long)]
    recheck: bool,
    /// How old the head, the status lists and the key document may be
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = parse_age)]
    max_age: TimeDelta,
    /// How long one round may take; the next one goes on from where it was
    #[arg(long, value_name = "AGE", default_value = "6h", value_parser = parse_age)]
    longest: TimeDelta,
    /// By how many entries at most the log may grow between two rounds
    #[arg(long, value_name = "ENTRIES", default_value_t = monitor::MOST)]
    most: u64,
    /// Judge as of this time (RFC 3339) instead of now
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "every")]
    at: Option<DateTime<Utc>>,
    /// Print one JSON object a round
    #[arg(long)]
    json: bool,
    /// Language of the output; by LC_ALL, LC_MESSAGES or LANG if not given
    #[arg(long, value_enum, default_value_t = LangArg::of_environment())]
    lang: LangArg,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Runs the command.
pub(super) fn run(args: &MonitorArgs) -> Outcome {
    let lang = Lang::from(args.lang);
    let trust = read_trust(&args.trust)
        .map_err(|refusal: Refusal| Usage(format!("{}: {}", args.trust.display(), refusal.text(lang))))?;
    let signer = signer(args)?;
    if let Some(signer) = &signer {
        let key = VerifierKey::new(
            signer.verification_method(),
            KeyKind::Ed25519,
            &signer.public_key(),
        );
        let key = key.map_err(|error| Usage(format!("--monitor-name: {error}")))?;
        warn(format_args!("trust/monitors.txt: {key}"));
    }
    let mut settings = Settings {
        address: args.url.clone(),
        trust: &trust,
        partner: partner_key(args)?,
        voucher: signer.as_ref().map(|signer| -> &dyn Signer { signer }),
        recheck: if args.recheck {
            Recheck::Always
        } else {
            Recheck::AtStart
        },
        max_age: args.max_age,
        longest: args.longest.to_std().unwrap_or(Duration::ZERO),
        most: args.most,
    };
    let mirror = Mirror::open(&args.mirror)?;
    let now = || args.at.unwrap_or_else(|| SystemClock.now());
    loop {
        let report = match monitor::run(&mirror, &settings, &now) {
            Ok(report) => report,
            Err(error @ (MonitorError::TrustExpired(_) | MonitorError::OtherView(..))) => {
                return Err(Usage(error.to_string()).into());
            }
            Err(error) => return Err(error.into()),
        };
        match args.json {
            true => say(serde_json::to_string(&report)?),
            false => tell(&report, lang),
        }
        let Some(every) = args.every else {
            return Ok(report.exit_code());
        };
        settings.recheck = Recheck::Daily;
        std::thread::sleep(
            every
                .to_std()
                .unwrap_or(Duration::ZERO)
                .max(Duration::from_secs(1)),
        );
    }
}

fn signer(args: &MonitorArgs) -> Result<Option<SoftwareSigner>, Box<dyn std::error::Error>> {
    let Some((path, name)) = args.monitor_key.as_ref().zip(args.monitor_name.as_ref()) else {
        return Ok(None);
    };
    Ok(Some(read_private(path, name, &args.passphrase.unlock()?)?))
}

fn partner_key(args: &MonitorArgs) -> Result<Option<Zeroizing<String>>, Usage> {
    let Some(path) = &args.partner_key_file else {
        return Ok(None);
    };
    let text =
        std::fs::read_to_string(path).map_err(|error| Usage(format!("{}: {error}", path.display())))?;
    let key = Zeroizing::new(text);
    let plain = key.trim();
    let fine =
        !plain.is_empty() && plain.len() <= MAX_KEY && plain.bytes().all(|byte| byte.is_ascii_graphic());
    match fine {
        true => Ok(Some(Zeroizing::new(plain.to_owned()))),
        false => Err(Usage(format!(
            "{}: 应只含一个密钥 / must hold one key and nothing else",
            path.display()
        ))),
    }
}

fn tell(report: &Report, lang: Lang) {
    let pick = |zh: &'static str, en: &'static str| if lang == Lang::Zh { zh } else { en };
    for alarm in &report.alarms {
        let since = alarm.since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        say(format_args!(
            "✘ {} [{}]\n    {}, {} {since}, {} {}",
            plain(&alarm.text(lang)),
            alarm.kind.code(),
            plain(&alarm.about),
            pick("首次发现", "first seen"),
            pick("退出码", "exit code"),
            alarm.kind.exit_code(),
        ));
    }
    for why in &report.undecided {
        say(format_args!(
            "? {}: {}",
            pick("未能检验", "could not be looked at"),
            plain(why)
        ));
    }
    for snapshot in &report.snapshots {
        let result = match snapshot.result {
            "equal" => pick("重建一致", "rebuilt and equal"),
            "differs" => pick("重建不一致", "rebuilt and different"),
            _ => pick("未能重建", "not rebuilt"),
        };
        let more = snapshot
            .note
            .as_deref()
            .or(snapshot.why.as_deref())
            .unwrap_or_default();
        say(format_args!(
            "  {} {} @ {}: {result} {}",
            pick("快照", "snapshot"),
            snapshot.audience,
            snapshot.log_index,
            plain(more)
        ));
    }
    let word = match report.outcome() {
        "clean" => pick("✔ 未发现异常", "✔ all is well"),
        "undecided" => pick("? 无法判定", "? undecided"),
        _ => pick("✘ 警报", "✘ alarm"),
    };
    if report.first {
        say(pick(
            "  首次运行：以前没有可比较的日志头",
            "  first round: there was no earlier head to compare with",
        ));
    }
    if let Some((entries, at)) = report.rechecked() {
        say(format_args!(
            "  {} {entries} ({at})",
            pick(
                "镜像最近一次整体复核，条数",
                "entries that the last whole check of the mirror covered"
            )
        ));
    }
    say(format_args!(
        "{word}: {} {}, {} {}, {} {}, {} {}, {} {}",
        plain(&report.origin),
        report.size,
        pick("新增", "added"),
        report.added,
        pick("累计已检验", "checked so far"),
        report.checked,
        pick("非公开", "not public"),
        report.hidden,
        pick("根", "root"),
        report.root,
    ));
}

/// Without control characters: no server may steer a terminal.
fn plain(text: &str) -> String {
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(visible).collect()
}

//! What `verify` prints: a table for people, Chinese first, or JSON. Text from files loses its control
//! characters, so that no record can steer a terminal.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::record::credential::Audience;
use crate::verify::verdict::About;
use crate::verify::{
    Axis, Finding, Headline, Lang, Outcome, Reason, Refusal, Says, State, StatementVerdict, Verdict, Word,
};

use super::UNUSABLE;
use super::files::Bulk;

/// What a policy without witnesses leaves unchecked in every record.
const UNWITNESSED: [Axis; 3] = [Axis::Time, Axis::Witnessed, Axis::Backdating];

pub(super) fn unusable(
    out: &mut impl Write,
    json: bool,
    lang: Lang,
    path: &Path,
    refusal: &Refusal,
) -> io::Result<()> {
    if json {
        let line = json!({
            "file": path.display().to_string(),
            "reason": refusal.reason.code(),
            "zh": refusal.text(Lang::Zh),
            "en": refusal.text(Lang::En),
            "error": refusal.text(lang),
            "exitCode": UNUSABLE,
        });
        return writeln!(out, "{line}");
    }
    let word = Word::Unverifiable.name(lang);
    writeln!(
        out,
        "{}\n{word}  {}\n",
        plain(&path.display().to_string()),
        plain(&refusal.text(lang))
    )
}

pub(super) fn verdict(
    out: &mut impl Write,
    json: bool,
    (lang, host): (Lang, &str),
    path: &Path,
    verdict: &Verdict,
) -> io::Result<()> {
    let file = path.display().to_string();
    if json {
        return writeln!(out, "{}", with_file(&file, verdict)?);
    }
    writeln!(out, "{}", plain(&file))?;
    if let Some(id) = &verdict.id {
        writeln!(out, "  {}", plain(id))?;
    }
    if let Some(about) = &verdict.about {
        writeln!(out, "  {}", plain(&about_line(about, lang)))?;
    }
    writeln!(out)?;
    table(out, lang, verdict.findings())?;
    for warning in &verdict.warnings {
        writeln!(out, "  {}  {}", pick(lang, "提示", "Note"), warning.text(lang))?;
    }
    headline(out, (lang, host), verdict.headline())
}

/// The last line about a file; `host` is whose trust folder it was judged by.
fn headline(out: &mut impl Write, (lang, host): (Lang, &str), headline: Headline) -> io::Result<()> {
    let (word, sentence) = (headline.word().name(lang), headline.said_of(host, lang));
    writeln!(out, "\n{word}{}{sentence}\n", pick(lang, "：", ": "))
}

pub(super) fn statement(
    out: &mut impl Write,
    json: bool,
    (lang, host): (Lang, &str),
    path: &Path,
    verdict: &StatementVerdict,
) -> io::Result<()> {
    let file = path.display().to_string();
    if json {
        return writeln!(out, "{}", with_file(&file, verdict)?);
    }
    writeln!(out, "{}", plain(&file))?;
    if let Some(says) = &verdict.says {
        writeln!(out, "  {}", plain(&says_line(says, lang)))?;
    }
    writeln!(out)?;
    table(out, lang, verdict.findings())?;
    for warning in &verdict.snapshot.warnings {
        writeln!(out, "  {}  {}", pick(lang, "提示", "Note"), warning.text(lang))?;
    }
    headline(out, (lang, host), verdict.headline())
}

fn says_line(says: &Says, lang: Lang) -> String {
    let audience = match (says.audience, lang) {
        (Audience::Public, Lang::Zh) => "公开范围",
        (Audience::Public, Lang::En) => "public view",
        (Audience::Partners, Lang::Zh) => "合作单位范围",
        (Audience::Partners, Lang::En) => "partners' view",
    };
    let count = match (says.digests.len(), lang) {
        (0, Lang::Zh) => "无现行记录".to_owned(),
        (0, Lang::En) => "nothing".to_owned(),
        (count, Lang::Zh) => format!("现行记录 {count} 条"),
        (count, Lang::En) => format!("{count} current records"),
    };
    let as_of = says.as_of.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    format!("{} · {audience} · {as_of} · {count}", says.about)
}

fn table<'a>(
    out: &mut impl Write,
    lang: Lang,
    findings: impl Iterator<Item = (Axis, &'a Finding)>,
) -> io::Result<()> {
    for (axis, finding) in findings {
        let mark = match finding.state {
            State::Holds => '✓',
            State::Fails => '✗',
            State::Undecided => '?',
            State::NotRequired => '–',
        };
        let axis = padded(axis.name(lang), 16);
        let state = padded(finding.state.name(lang), pick(lang, 12, 24));
        writeln!(out, "  {mark} {axis}{state}{}", plain(&finding.text(lang)))?;
    }
    Ok(())
}

pub(super) fn bulk(
    out: &mut impl Write,
    json: bool,
    (lang, host): (Lang, &str),
    path: &Path,
    bulk: &Bulk,
) -> io::Result<()> {
    let (file, report) = (path.display().to_string(), &bulk.report);
    let outcome = report.outcome();
    if json {
        let verdicts: Result<Vec<Value>, io::Error> = bulk
            .odd
            .iter()
            .map(|(line, verdict)| {
                let mut value = serde_json::to_value(verdict)?;
                if let Value::Object(members) = &mut value {
                    members.insert("line".into(), (*line).into());
                }
                Ok(value)
            })
            .collect();
        let line = json!({
            "file": file,
            "records": report.records(),
            "accepted": report.accepted,
            "rejected": report.rejected,
            "undecided": report.undecided,
            "outcome": outcome.map(Outcome::code),
            "exitCode": outcome.map_or(UNUSABLE, Outcome::exit_code),
            "signatureCheck": bulk.check.code(),
            "notRequired": if bulk.unwitnessed { UNWITNESSED.map(Axis::code).to_vec() } else { Vec::new() },
            "verdicts": verdicts?,
        });
        return writeln!(out, "{line}");
    }
    writeln!(out, "{}", plain(&file))?;
    for (line, verdict) in &bulk.odd {
        let id = verdict.id.as_deref().unwrap_or("?");
        writeln!(out, "\n  {} {line}  {}", pick(lang, "第", "line"), plain(id))?;
        for (axis, finding) in verdict.findings() {
            if matches!(finding.state, State::Fails | State::Undecided) {
                let colon = pick(lang, "：", ": ");
                writeln!(
                    out,
                    "    {}{colon}{}",
                    axis.name(lang),
                    plain(&finding.text(lang))
                )?;
            }
        }
    }
    let (a, r, u) = (report.accepted, report.rejected, report.undecided);
    let counts = match lang {
        Lang::Zh => format!("共 {} 条：通过 {a}，不通过 {r}，无法判定 {u}", report.records()),
        Lang::En => format!(
            "{} records: {a} accepted, {r} rejected, {u} undecided",
            report.records()
        ),
    };
    let none = pick(lang, "文件中没有记录", "the file holds no record");
    writeln!(
        out,
        "\n{counts}\n{}{}",
        pick(lang, "验签方式：", "signature check: "),
        bulk.check.code()
    )?;
    if bulk.unwitnessed {
        let axes = UNWITNESSED
            .map(|axis| axis.name(lang))
            .join(pick(lang, "、", ", "));
        let said = match lang {
            Lang::Zh => format!("提示：{axes}策略不要求——{}", Reason::NotRequired.text(lang)),
            Lang::En => format!(
                "Note: {axes} not required by policy – {}",
                Reason::NotRequired.text(lang)
            ),
        };
        writeln!(out, "{said}")?;
    }
    // A file of another registry throughout: the folder is the wrong one, not the file.
    let mut said = bulk.odd.iter().map(|(_, verdict)| verdict.headline());
    if report.accepted + report.undecided == 0
        && let Some(first @ (Headline::Foreign | Headline::UnknownLog)) = said.next()
        && said.all(|other| other == first)
    {
        return headline(out, (lang, host), first);
    }
    writeln!(out, "{}\n", outcome.map_or(none, |outcome| outcome.name(lang)))
}

pub(super) fn total(out: &mut impl Write, lang: Lang, codes: &[u8], skipped: usize) -> io::Result<()> {
    let count = |wanted: u8| codes.iter().filter(|code| **code == wanted).count();
    let (all, accepted, rejected) = (codes.len(), count(0), count(1));
    let (undecided, unusable) = (count(3), count(UNUSABLE));
    match lang {
        Lang::Zh => writeln!(
            out,
            "共 {all} 个文件：通过 {accepted}，不通过 {rejected}，无法判定 {undecided}，无法读取 {unusable}；跳过其他文件 {skipped} 个"
        ),
        Lang::En => writeln!(
            out,
            "{all} files: {accepted} accepted, {rejected} rejected, {undecided} undecided, {unusable} unusable; {skipped} other files skipped"
        ),
    }
}

fn with_file(file: &str, verdict: &impl serde::Serialize) -> io::Result<Value> {
    let mut value = serde_json::to_value(verdict)?;
    if let Value::Object(members) = &mut value {
        members.insert("file".into(), file.into());
    }
    Ok(value)
}

fn about_line(about: &About, lang: Lang) -> String {
    let year = about.year.map(|year| match lang {
        Lang::Zh => format!("{year} 年度"),
        Lang::En => format!("year {year}"),
    });
    let grade = about.grade.as_ref().map(|grade| match lang {
        Lang::Zh => format!("{grade} 级"),
        Lang::En => format!("grade {grade}"),
    });
    let parts = [
        Some(about.record_type.to_owned()),
        about.name.clone(),
        about.code.clone(),
        year,
        grade,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn pick<T>(lang: Lang, zh: T, en: T) -> T {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// Without control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Padded to `width` columns, a Chinese character taking two.
fn padded(text: &str, width: usize) -> String {
    let columns: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(columns)))
}

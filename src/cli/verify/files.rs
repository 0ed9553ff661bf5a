//! From paths to verdicts: which files a path means, what kind each is, and reading no more than its limit.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::verify::bulk::MAX_HEADER;
use crate::verify::bundle::MAX_BUNDLE;
use crate::verify::trust::Trust;
use crate::verify::{
    BulkReport, BulkVerifier, Detail, Input, Options, Outcome, Reason, Refusal, SignatureCheck,
    StatementVerdict, Verdict, check_bundle, check_record, check_statement, identify,
};

use super::UNUSABLE;

/// Endings of the files that a folder is searched for.
const ENDINGS: [&str; 5] = ["json", "ndjson", "jsonl", "jsonld", "vc"];
/// How deep a folder is searched.
const MAX_DEPTH: usize = 16;
/// How many odd lines of a bulk file are kept to be shown.
const MAX_SHOWN: usize = 100;

/// What came out for one file.
pub(super) enum Checked {
    Unusable(Refusal),
    One(Box<Verdict>),
    Bulk(Bulk),
    Statement(Box<StatementVerdict>),
}

/// What came out for a bulk file.
pub(super) struct Bulk {
    pub(super) report: BulkReport,
    pub(super) check: SignatureCheck,
    /// The first odd lines with their numbers.
    pub(super) odd: Vec<(u64, Verdict)>,
    /// Whether the policy asks for no witnesses: then nobody but the registry vouches for any time.
    pub(super) unwitnessed: bool,
}

impl Checked {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Checked::Unusable(_) => UNUSABLE,
            Checked::One(verdict) => verdict.outcome().exit_code(),
            Checked::Statement(verdict) => verdict.outcome().exit_code(),
            Checked::Bulk(bulk) => bulk.report.outcome().map_or(UNUSABLE, Outcome::exit_code),
        }
    }
}

/// The files that a path means, sorted, and how many others were left out.
pub(super) fn list(path: &Path) -> io::Result<(Vec<PathBuf>, usize)> {
    if !fs::metadata(path)?.is_dir() {
        return Ok((vec![path.to_owned()], 0));
    }
    let (mut files, mut skipped) = (Vec::new(), 0);
    walk(path, MAX_DEPTH, &mut files, &mut skipped)?;
    files.sort();
    Ok((files, skipped))
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, skipped: &mut usize) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        let ending = path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if kind.is_dir() && depth > 0 {
            walk(&path, depth - 1, files, skipped)?;
        } else if kind.is_file() && ENDINGS.contains(&ending) {
            files.push(path);
        } else {
            *skipped += 1;
        }
    }
    Ok(())
}

pub(super) fn check(path: &Path, trust: &Trust, options: &Options, check: SignatureCheck) -> Checked {
    match try_check(path, trust, options, check) {
        Ok(checked) => checked,
        Err(error) => Checked::Unusable(error),
    }
}

fn try_check(
    path: &Path,
    trust: &Trust,
    options: &Options,
    check: SignatureCheck,
) -> Result<Checked, Refusal> {
    let unreadable = |error: io::Error| Refusal::unreadable(Reason::InputUnreadable, path, &error);
    let mut source = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
    let mut bytes = Vec::new();
    let first_line = source
        .by_ref()
        .take(MAX_HEADER as u64 + 1)
        .read_until(b'\n', &mut bytes);
    first_line.map_err(unreadable)?;
    if identify(&bytes, MAX_HEADER) == Ok(Input::Bulk) {
        return bulk(&bytes, source, trust, options, check);
    }
    if check == SignatureCheck::Batch {
        return Err(Refusal::new(Reason::BatchNotBulk));
    }
    let room = (MAX_BUNDLE as u64 + 2).saturating_sub(bytes.len() as u64);
    source.take(room).read_to_end(&mut bytes).map_err(unreadable)?;
    let verdict = match identify(&bytes, MAX_BUNDLE)? {
        Input::Bundle => check_bundle(&bytes, trust, options),
        Input::Record => check_record(&bytes, trust, options),
        Input::Statement => {
            let verdict = check_statement(&bytes, trust, options)?;
            return Ok(Checked::Statement(Box::new(verdict)));
        }
        Input::Bulk => {
            return Err(Refusal {
                reason: Reason::HeaderMalformed,
                detail: Detail::Error {
                    en: "it is spread over several lines".to_owned(),
                    zh: Some("首行被分成了几行".to_owned()),
                },
            });
        }
    };
    Ok(Checked::One(Box::new(verdict?)))
}

fn bulk(
    header: &[u8],
    lines: impl Read + Send,
    trust: &Trust,
    options: &Options,
    check: SignatureCheck,
) -> Result<Checked, Refusal> {
    let verifier = BulkVerifier::open(header, trust, options, check)?;
    let mut odd = Vec::new();
    let report = verifier.run(lines, |line, verdict| {
        if odd.len() < MAX_SHOWN {
            odd.push((line, verdict));
        }
    });
    let report = report?;
    if report.records() == 0 {
        return Err(Refusal::new(Reason::NoRecords));
    }
    Ok(Checked::Bulk(Bulk {
        report,
        check,
        odd,
        unwitnessed: trust.policy.quorum_of(&|_| false),
    }))
}

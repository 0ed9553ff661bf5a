//! Every reason code is produced by an input here, and told by `docs/verify.md` in both languages. A reason
//! that no input can produce is to be removed, not left out.

use std::fs;
use std::io::{self, BufReader, Read};
use std::path::Path;

use chrono::TimeDelta;

use super::super::UNUSABLE;
use super::{Folder, Plan, World, at, now};
use crate::log::hash::Hash;
use crate::record::digest::Digest;
use crate::record::entry::EntryKind;
use crate::verify::bundle::{Bundle, MAX_BUNDLE};
use crate::verify::check::judge_bundle;
use crate::verify::fixture::options;
use crate::verify::fixture::statement::{EMPLOYER, Employers};
use crate::verify::statement::judge_statement;
use crate::verify::trust::Trust;
use crate::verify::{
    Lang, Options, Reason, Refusal, SignatureCheck, Verdict, check_bulk, check_bundle, check_record,
};

use Reason as R;

/// Where other reasons are produced one by one: those of statements, of keys that change, and of
/// withdrawals.
const ELSEWHERE: [&str; 3] = [
    "src/verify/tests/statement.rs",
    "src/verify/tests/rotation.rs",
    "src/verify/tests/withdrawal.rs",
];

/// Every reason of a verdict, warnings included.
fn all(verdict: &Verdict) -> Vec<Reason> {
    let findings = verdict.findings().map(|(_, finding)| finding.reason);
    findings.chain(verdict.warnings.iter().copied()).collect()
}

fn planned(plan: Plan) -> Vec<Reason> {
    at_time(plan, &options())
}

fn at_time(plan: Plan, options: &Options) -> Vec<Reason> {
    let world = World::new(&plan);
    all(&judge_bundle(&world.bundle(0), &world.trust, options))
}

fn later(hours: i64) -> Vec<Reason> {
    at_time(plan(), &Options::at(now() + TimeDelta::hours(hours)))
}

fn plan() -> Plan {
    Plan::default()
}

fn edited(edit: fn(String) -> String) -> Vec<Reason> {
    planned(Plan { edit, ..plan() })
}

fn trusting(change: fn(&mut Trust)) -> Vec<Reason> {
    let mut world = World::new(&plan());
    change(&mut world.trust);
    all(&judge_bundle(&world.bundle(0), &world.trust, &options()))
}

fn changed(change: fn(&World, &mut Bundle)) -> Vec<Reason> {
    let world = World::new(&plan());
    let mut bundle = world.bundle(0);
    change(&world, &mut bundle);
    all(&judge_bundle(&bundle, &world.trust, &options()))
}

fn ended(key_end: [Option<chrono::DateTime<chrono::Utc>>; 2], third: &'static [u8]) -> Vec<Reason> {
    let mut witnesses = plan().witnesses;
    witnesses[3] = third;
    planned(Plan {
        key_end,
        witnesses,
        ..plan()
    })
}

fn marked(bits: [bool; 3]) -> Vec<Reason> {
    planned(Plan { bits, ..plan() })
}

fn timed(third: chrono::DateTime<chrono::Utc>) -> Vec<Reason> {
    let mut times = plan().times;
    times[2] = third;
    planned(Plan { times, ..plan() })
}

fn itself() -> Vec<Reason> {
    let world = World::new(&plan());
    all(&judge_bundle(&world.list_bundle(0), &world.trust, &options()))
}

fn bare() -> Vec<Reason> {
    let world = World::new(&plan());
    all(&check_record(&world.bundle(0).record, &world.trust, &options()).unwrap())
}

fn batch() -> Vec<Reason> {
    let world = World::new(&Plan {
        bits: [true, false, false],
        ..plan()
    });
    let mut seen = Vec::new();
    let check = SignatureCheck::Batch;
    let each = |_, verdict: Verdict| seen.extend(all(&verdict));
    check_bulk(
        world.bulk_file().as_slice(),
        &world.trust,
        &options(),
        check,
        each,
    )
    .unwrap();
    seen
}

/// The reasons of a statement about an employer that has a record.
fn stated() -> Vec<Reason> {
    let mut world = World::new(&plan());
    let employers = Employers::new([(EMPLOYER, vec![world.digest(0)])]);
    world.take_snapshot(&employers, &[1, 2], |_| ());
    let statement = world.statement(&employers, EMPLOYER, &[]);
    let verdict = judge_statement(&statement, &world.trust, &options());
    verdict.findings().map(|(_, finding)| finding.reason).collect()
}

/// Without witnesses, a log that was frozen one entry later than the newest head of this bundle.
fn frozen(current: fn(&World) -> String) -> Vec<Reason> {
    let mut world = World::new(&Plan::unwitnessed());
    let mut bundle = world.bundle(0);
    world.publish(EntryKind::Record, b"{}".to_vec());
    let head = world.sign_head(&[1], &[], at(20, 3));
    world.succeed(head, at(20, 5));
    bundle.checkpoints.current.note = current(&world);
    all(&judge_bundle(&bundle, &world.trust, &options()))
}

/// The refusal of a file given as a bundle.
fn refused(bytes: &[u8]) -> Vec<Reason> {
    let world = World::new(&plan());
    let error = check_bundle(bytes, &world.trust, &options()).unwrap_err();
    vec![Refusal::from(error).reason]
}

/// The refusal of a source given as a bulk file.
fn refused_bulk(source: impl Read + Send) -> Vec<Reason> {
    let world = World::new(&plan());
    let (source, check) = (BufReader::new(source), SignatureCheck::Strict);
    let error = check_bulk(source, &world.trust, &options(), check, |_, _| ()).unwrap_err();
    vec![Refusal::from(error).reason]
}

/// The refusal of a trust folder.
fn refused_trust(change: fn(&mut String, &mut String)) -> Vec<Reason> {
    let world = World::new(&plan());
    let (mut policy, mut issuer) = (world.policy, world.issuer);
    change(&mut policy, &mut issuer);
    let error = Trust::parse(policy.as_bytes(), issuer.as_bytes()).unwrap_err();
    vec![Refusal::from(error).reason]
}

/// What the command says about a path in a folder with these files.
fn said(files: &[(&str, &[u8])], path: &str, batch: bool, trusted: bool) -> Vec<Reason> {
    let world = World::new(&plan());
    let folder = Folder::new(&format!("reasons-{}-{batch}-{trusted}", path.replace('/', "-")));
    if trusted {
        folder.trust(&world);
    }
    for (name, bytes) in files {
        folder.put(name, bytes);
    }
    let (code, text) = folder.run(path, |args| (args.json, args.batch) = (true, batch));
    assert_eq!(code, UNUSABLE, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    let reason = Reason::ALL.iter().find(|reason| line["reason"] == reason.code());
    assert!(!line["zh"].as_str().unwrap().contains("{}"), "{line}");
    reason.into_iter().copied().collect()
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::TimedOut.into())
    }
}

type Case = (&'static [Reason], fn() -> Vec<Reason>);

/// Inputs, and the reasons that each of them must produce.
const CASES: &[Case] = &[
    (
        &[
            R::WellFormed,
            R::SignatureValid,
            R::KeyValid,
            R::Included,
            R::TimeProven,
            R::QuorumReached,
            R::InForce,
            R::Clear,
            R::Fresh,
            R::NotBackdated,
        ],
        || planned(plan()),
    ),
    (&[R::NotRequired, R::KeyTimeClaimed], || {
        planned(Plan::unwitnessed())
    }),
    (&[R::NotSupplied], bare),
    (&[R::SnapshotFresh, R::RecordsPresent, R::Asserted], stated),
    (&[R::TrustMonitors], || {
        let error = World::new(&plan()).trust.with_monitors(b"none\n").unwrap_err();
        vec![Refusal::from(error).reason]
    }),
    (&[R::NoStatus, R::StatusListItself], itself),
    (&[R::BatchChecked], batch),
    (&[R::Malformed, R::NotChecked], || {
        edited(|record| record.replace("\"gradeYear\":2025", "\"gradeYear\":\"2025\""))
    }),
    (&[R::SuiteUnknown], || {
        edited(|record| record.replace("eddsa-jcs-2022", "ecdsa-jcs-2019"))
    }),
    (&[R::ForeignIssuer], || {
        trusting(|trust| trust.issuer.host = "other.example".parse().unwrap())
    }),
    (&[R::ContextUnknown], || {
        trusting(|trust| trust.issuer.context_digest = Digest::of(b"another"))
    }),
    (&[R::TrustExpired], || {
        trusting(|trust| trust.issuer.valid_until = at(0, 0))
    }),
    (&[R::SignatureInvalid], || {
        edited(|record| record.replace("第1号", "第2号"))
    }),
    (&[R::RootsTooFew, R::NoTrustedKey], || {
        planned(Plan { roots: 1, ..plan() })
    }),
    (&[R::KeyDocumentMalformed], || {
        changed(|_, bundle| bundle.keys[0].note += "x")
    }),
    (&[R::KeyDocumentNotLogged], || {
        changed(|_, bundle| bundle.keys[1].place.index -= 1)
    }),
    (&[R::KeyNotListed], || {
        edited(|record| record.replace("#key-1", "#key-2"))
    }),
    (&[R::KeyExpired], || ended([Some(at(8, 35)), None], &[1, 2])),
    (&[R::KeyRevoked], || ended([None, Some(at(8, 35))], &[1, 2])),
    (&[R::KeyTimeUnknown], || ended([Some(now()), None], &[3])),
    (&[R::EntryDigest], || {
        changed(|world, bundle| bundle.place = world.place(5))
    }),
    (&[R::EntryKind], || {
        changed(|_, bundle| {
            let entry = String::from_utf8(bundle.place.entry.clone()).unwrap();
            bundle.place.entry = entry.replace("\"record\"", "\"keys\"").into_bytes();
        })
    }),
    (&[R::EntryMalformed], || {
        changed(|_, bundle| bundle.place.entry[0] = b'[')
    }),
    (&[R::InclusionInvalid], || {
        changed(|_, bundle| bundle.place.inclusion[0].0[0] ^= 1)
    }),
    (&[R::CheckpointInvalid], || {
        changed(|_, bundle| bundle.checkpoints.current.note += "x")
    }),
    (&[R::LogUnknown], || {
        trusting(|trust| trust.policy = World::new(&plan()).to_another("registry.example").trust.policy)
    }),
    (&[R::LogFrozen], || {
        frozen(|world| world.thiefs_head(99, Hash([7; 32]), &[], at(20, 30)))
    }),
    (&[R::FrozenUnproved], || frozen(|world| world.note_of(4))),
    (&[R::TrustSuccessions], || {
        let error = World::new(&plan()).trust.with_successions(b"{}").unwrap_err();
        vec![Refusal::from(error).reason]
    }),
    (&[R::CheckpointsInconsistent], || {
        changed(|_, bundle| bundle.checkpoints.after.consistency[0].0[0] ^= 1)
    }),
    (&[R::CheckpointsMisplaced], || {
        changed(|_, bundle| {
            let heads = &mut bundle.checkpoints;
            heads.current.consistency.clear();
            heads.before = heads.current.clone();
            heads.after = heads.current.clone();
        })
    }),
    (&[R::TimeContradictory], || timed(at(8, 36))),
    (&[R::TimeTooWide], || timed(at(8, 25) - TimeDelta::days(2))),
    (&[R::TimeUnknown, R::QuorumMissing], || ended([None, None], &[3])),
    (&[R::Expired], || later(24 * 400)),
    (&[R::NotYetValid], || {
        at_time(Plan::unwitnessed(), &Options::at(now() - TimeDelta::days(3)))
    }),
    (&[R::ClockBehind], || later(-24)),
    (&[R::Revoked], || marked([true, false, false])),
    (&[R::Suspended], || marked([false, true, false])),
    (&[R::Replaced], || marked([false, false, true])),
    (&[R::ListMissing], || {
        changed(|_, bundle| drop(bundle.lists.pop()))
    }),
    (&[R::ListMalformed], || {
        changed(|_, bundle| bundle.lists[0].credential = b"{}".to_vec())
    }),
    (&[R::ListNotLogged], || {
        changed(|_, bundle| bundle.lists[1].place.index = 1)
    }),
    (&[R::ListSignature], || {
        planned(Plan {
            list_signer: 43,
            ..plan()
        })
    }),
    (&[R::ListStale], || later(24)),
    (&[R::KeyDocumentStale], || {
        planned(Plan {
            updated: at(5, 0),
            ..plan()
        })
    }),
    (&[R::DatedAfterCheckpoint], || {
        planned(Plan {
            listed: at(21, 0),
            ..plan()
        })
    }),
    (&[R::CreatedTooEarly], || {
        planned(Plan {
            created: at(8, 24) - TimeDelta::days(1),
            ..plan()
        })
    }),
    (&[R::CreatedAfterLogged], || {
        planned(Plan {
            created: at(8, 36),
            ..plan()
        })
    }),
    (&[R::DecidedTooEarly], || {
        let mut options = options();
        options.allowances.decided = TimeDelta::days(10);
        at_time(plan(), &options)
    }),
    (&[R::InputNotJson], || refused(b"{\"type\":")),
    (&[R::InputUnknown], || refused(b"{\"type\":\"Other\"}")),
    (&[R::InputTooLong], || refused(&vec![b' '; MAX_BUNDLE + 2])),
    (&[R::InputTooLong], || {
        let (header, _) = World::new(&plan()).bulk();
        let line = io::repeat(b'x').take(5 << 20);
        refused_bulk(io::Cursor::new(header.to_line().unwrap()).chain(line))
    }),
    (&[R::HeaderMalformed], || {
        refused_bulk(&b"{\"type\":\"LabourCreditBulk\",\"version\":2}\n"[..])
    }),
    (&[R::InputUnreadable], || refused_bulk(Broken)),
    (&[R::InputUnreadable], || said(&[], "in/none.json", false, true)),
    (&[R::NoRecords], || said(&[], "in", false, true)),
    (&[R::NoRecords], || {
        let header = World::new(&plan()).bulk().0.to_line().unwrap();
        said(&[("in/bulk.ndjson", &header)], "in/bulk.ndjson", false, true)
    }),
    (&[R::BatchNotBulk], || {
        let record = World::new(&plan()).bundle(0).record;
        said(&[("in/record.vc", &record)], "in/record.vc", true, true)
    }),
    (&[R::TrustUnreadable], || {
        said(&[("in/record.vc", b"{}")], "in/record.vc", false, false)
    }),
    (&[R::TrustPolicy], || {
        refused_trust(|policy, _| policy.push_str("quorum two\n"))
    }),
    (&[R::TrustForeignLog], || {
        refused_trust(|_, issuer| *issuer = issuer.replace("registry.example\"", "other.example\""))
    }),
    (&[R::TrustIssuer], || {
        refused_trust(|_, issuer| *issuer = issuer.replace("\"threshold\": 2", "\"threshold\": 4"))
    }),
];

#[test]
fn every_case_says_its_reason() {
    for (wanted, produce) in CASES {
        let seen = produce();
        for reason in *wanted {
            assert!(seen.contains(reason), "{reason:?} is not among {seen:?}");
        }
    }
}

#[test]
fn every_reason_has_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = |name: &&str| fs::read_to_string(root.join(name)).ok();
    let sources: Vec<String> = ELSEWHERE.iter().filter_map(source).collect();
    for reason in Reason::ALL {
        let here = CASES.iter().any(|(wanted, _)| wanted.contains(reason));
        let name = format!("Reason::{reason:?}");
        let whole = |text: &str| {
            text.split(&name)
                .skip(1)
                .any(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        let elsewhere = sources.iter().any(|text| whole(text));
        assert!(
            here || elsewhere,
            "nothing produces {reason:?}: add a case or remove it"
        );
    }
}

/// The rows of the document's list of reasons: code, Chinese, English.
fn documented() -> Vec<String> {
    let document = include_str!("../../../../docs/verify.md");
    let rows = document
        .lines()
        .skip_while(|line| !line.contains("reasons:begin"));
    let rows = rows.take_while(|line| !line.contains("reasons:end"));
    rows.filter(|line| line.starts_with("| `"))
        .map(str::to_owned)
        .collect()
}

fn rows() -> Vec<String> {
    let row = |reason: &Reason| {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| reason.text(lang).replace("{}", "…"));
        format!("| `{}` | {zh} | {en} |", reason.code())
    };
    Reason::ALL.iter().map(row).collect()
}

/// Written anew by `cargo test --no-default-features --lib write_the_list_of_reasons -- --ignored`.
#[test]
fn the_document_lists_every_reason() {
    assert_eq!(documented(), rows());
}

#[test]
#[ignore = "writes docs/verify.md"]
fn write_the_list_of_reasons() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once("<!-- reasons:begin -->").unwrap();
    let (_, after) = rest.split_once("<!-- reasons:end -->").unwrap();
    let table = rows().join("\n");
    let head = "| code | 中文 | English |\n|---|---|---|";
    let whole = format!("{before}<!-- reasons:begin -->\n\n{head}\n{table}\n\n<!-- reasons:end -->{after}");
    fs::write(path, whole).unwrap();
}

#[test]
fn a_reason_repeats_no_more_than_a_person_reads() {
    let long = format!("{{\"{}\":1}}", "长".repeat(100_000));
    let world = World::new(&plan());
    let record = String::from_utf8(world.bundle(0).record).unwrap();
    let record = record.replacen('{', &format!("{{\"{}\":1,", "a".repeat(100_000)), 1);
    let verdict = check_record(record.as_bytes(), &world.trust, &options()).unwrap();
    assert!(verdict.finding(crate::verify::Axis::Syntax).text(Lang::En).len() < 2_000);
    let twice = long.replace(":1}", &format!(":1,\"{}\":1}}", "长".repeat(100_000)));
    let refusal = Refusal::from(check_bundle(twice.as_bytes(), &world.trust, &options()).unwrap_err());
    assert!(refusal.text(Lang::Zh).len() < 2_000);
}

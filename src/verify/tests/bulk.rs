//! Bulk files: the same verdicts as bundles, line by line, in any chunking.

use super::super::bulk::{Header, Line};
use super::super::fixture::{Plan, RECORDS, World, options};
use super::super::stream::{BulkReport, BulkVerifier, StreamError, check_bulk};
use super::super::{Axis, Outcome, Reason, SignatureCheck, State, Verdict};

fn split(file: &[u8]) -> (&[u8], &[u8]) {
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    (&file[..end], &file[end + 1..])
}

fn run(world: &World, file: &[u8], check: SignatureCheck) -> (BulkReport, Vec<(u64, Verdict)>) {
    let (header, lines) = split(file);
    let verifier = BulkVerifier::open(header, &world.trust, &options(), check).unwrap();
    let mut odd = Vec::new();
    let report = verifier
        .run(lines, |line, verdict| odd.push((line, verdict)))
        .unwrap();
    (report, odd)
}

#[test]
fn formats_round_trip() {
    let world = World::new(&Plan::default());
    let (header, lines) = world.bulk();
    let line = header.to_line().unwrap();
    assert_eq!(Header::parse(&line), Ok(header));
    let mut out = Vec::new();
    lines[3].write(&mut out);
    assert_eq!(Line::parse(&out[..out.len() - 1]), Ok(lines[3].clone()));
}

#[test]
fn all_lines_hold() {
    for plan in [Plan::default(), Plan::unwitnessed()] {
        let world = World::new(&plan);
        let file = world.bulk_file();
        let whole = check_bulk(
            file.as_slice(),
            &world.trust,
            &options(),
            SignatureCheck::Batch,
            |_, _| (),
        );
        assert_eq!(whole.unwrap().accepted, RECORDS as u64);
        assert!(
            check_bulk(
                &b"{}"[..],
                &world.trust,
                &options(),
                SignatureCheck::Strict,
                |_, _| ()
            )
            .is_err()
        );
        let (report, odd) = run(&world, &world.bulk_file(), SignatureCheck::Strict);
        assert_eq!(odd, []);
        assert_eq!(
            (report.accepted, report.outcome()),
            (RECORDS as u64, Some(Outcome::Accepted))
        );
    }
}

#[test]
fn the_odd_line_is_named() {
    let edit = |record: String| record.replace("第1号", "第2号");
    let world = World::new(&Plan {
        edit,
        bits: [false, true, false],
        ..Plan::default()
    });
    for check in [SignatureCheck::Strict, SignatureCheck::Batch] {
        let (report, odd) = run(&world, &world.bulk_file(), check);
        assert_eq!((report.accepted, report.rejected), (RECORDS as u64 - 1, 1));
        let [(2, verdict)] = odd.as_slice() else {
            panic!("{odd:?}")
        };
        assert_eq!(verdict.finding(Axis::Signature).reason, Reason::SignatureInvalid);
        assert_eq!(verdict.finding(Axis::Status).reason, Reason::Suspended);
        assert_eq!(verdict.finding(Axis::Logged).state, State::Holds);
        assert_eq!(verdict.signature_check, check);
    }
}

#[test]
fn a_bad_header_shows_on_every_line() {
    let world = World::new(&Plan {
        roots: 1,
        ..Plan::default()
    });
    let (report, _) = run(&world, &world.bulk_file(), SignatureCheck::Strict);
    assert_eq!(report.rejected, RECORDS as u64);
    let (mut header, _) = World::new(&Plan::default()).bulk();
    header.checkpoints.clear();
    let mut file = header.to_line().unwrap();
    World::new(&Plan::default()).bulk().1[0].write(&mut file);
    let (report, odd) = run(&world, &file, SignatureCheck::Strict);
    assert_eq!(
        (report.rejected, odd[0].1.finding(Axis::Logged).state),
        (1, State::Fails)
    );
}

#[test]
fn lines_are_refused_with_their_reason() {
    let world = World::new(&Plan::default());
    let (header, lines) = world.bulk();
    let verifier = BulkVerifier::open(
        &header.to_line().unwrap(),
        &world.trust,
        &options(),
        SignatureCheck::Strict,
    )
    .unwrap();
    let mut good = Vec::new();
    lines[0].write(&mut good);
    good.pop();
    let text = String::from_utf8(good).unwrap();
    assert_eq!(verifier.check_line(text.as_bytes()).outcome(), Outcome::Accepted);
    for bad in [
        text.replace("{\"after\":3", "{\"after\": 3"),
        text.replace("\"before\":2,", ""),
        text.replace("\"after\":3", "\"after\":-3"),
        text.replace("{\"after\"", "{\"a\":0,\"after\""),
        text.replace("\"entry\":\"", "\"entry\":\"="),
        String::new(),
    ] {
        let verdict = verifier.check_line(bad.as_bytes());
        assert_eq!(verdict.finding(Axis::Syntax).state, State::Fails, "{bad}");
    }
    for (from, to, reason) in [
        ("\"after\":3", "\"after\":9", Reason::CheckpointsMisplaced),
        ("\"before\":2", "\"before\":3", Reason::CheckpointsMisplaced),
        ("\"index\":4", "\"index\":5", Reason::InclusionInvalid),
    ] {
        let verdict = verifier.check_line(text.replace(from, to).as_bytes());
        assert_eq!(verdict.finding(Axis::Logged).reason, reason);
    }
    let mut other = lines[0].clone();
    other.lists[1] = other.lists[0];
    other.key = other.lists[0];
    let mut line = Vec::new();
    other.write(&mut line);
    line.pop();
    let verdict = verifier.check_line(&line);
    assert_eq!(verdict.finding(Axis::Status).reason, Reason::ListMissing);
    assert_eq!(verdict.finding(Axis::IssuerKey).reason, Reason::KeyNotListed);
}

#[test]
fn every_byte_of_a_line() {
    let world = World::new(&Plan::default());
    let (header, lines) = world.bulk();
    let header = header.to_line().unwrap();
    let mut line = Vec::new();
    lines[0].write(&mut line);
    line.pop();
    for check in [SignatureCheck::Strict, SignatureCheck::Batch] {
        let verifier = BulkVerifier::open(&header, &world.trust, &options(), check).unwrap();
        let mutants: Vec<Vec<u8>> = (0..line.len())
            .map(|place| {
                let mut line = line.clone();
                line[place] ^= 1;
                line
            })
            .collect();
        let mutants: Vec<&[u8]> = mutants.iter().map(Vec::as_slice).collect();
        for (place, verdict) in verifier.check_lines(&mutants).iter().enumerate() {
            assert_ne!(verdict.outcome(), Outcome::Accepted, "byte {place}");
        }
    }
}

#[test]
fn long_files_run_in_chunks() {
    let world = World::new(&Plan::unwitnessed());
    let file = world.bulk_file();
    let (header, lines) = split(&file);
    let verifier = BulkVerifier::open(header, &world.trust, &options(), SignatureCheck::Strict).unwrap();
    // 24 MB in more than one chunk, one bad line in the second, none ended by a newline at the end.
    let mut many = lines.repeat(400);
    many.extend_from_slice(b"{}\n");
    many.extend_from_slice(&lines[..lines.len() - 1]);
    let mut odd = Vec::new();
    let report = verifier.run(many.as_slice(), |line, _| odd.push(line)).unwrap();
    assert_eq!((report.accepted, report.rejected), (401 * RECORDS as u64, 1));
    assert_eq!(odd, [400 * RECORDS as u64 + 2]);
    assert_eq!(verifier.run(&b""[..], |_, _| ()).unwrap().outcome(), None);
    let endless = vec![b'x'; 20 << 20];
    assert!(verifier.run(endless.as_slice(), |_, _| ()).is_err());
}

/// A file's lines with honest mutations: one thing changed in some, proofs of neighbours exchanged.
fn mutated(world: &World) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (header, lines) = world.bulk();
    let mut texts: Vec<String> = lines
        .iter()
        .map(|line| {
            let mut out = Vec::new();
            line.write(&mut out);
            String::from_utf8(out).unwrap().trim_end().to_owned()
        })
        .collect();
    let value = |text: &str| {
        let start = text.find("\"proofValue\":\"").unwrap() + 14;
        start..start + text[start..].find('"').unwrap()
    };
    for (place, text) in texts.iter_mut().enumerate() {
        match place % 11 {
            1 => *text = text.replace("\"grade\":\"A\"", "\"grade\":\"B\""),
            3 => {
                let end = value(text).end;
                let last = if text[..end].ends_with('2') { "3" } else { "2" };
                text.replace_range(end - 1..end, last);
            }
            5 => *text = text.replacen("\"index\":", "\"index\":1", 1),
            7 => *text = text.replacen("\"inclusion\":[\"", "\"inclusion\":[\"A", 1),
            8 => *text = text.replace("\"created\":\"2026", "\"created\":\"2025"),
            _ => {}
        }
    }
    // Two proofs exchanged: both are the issuer's, neither fits.
    let swapped = [30, 31].map(|place: usize| texts[place][value(&texts[place])].to_owned());
    for (place, proof) in [(31, &swapped[0]), (30, &swapped[1])] {
        let range = value(&texts[place]);
        texts[place].replace_range(range, proof);
    }
    // Not in the log's order: neighbours have little in common.
    let mut lines: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    lines[50..].reverse();
    (header.to_line().unwrap(), lines)
}

#[test]
fn together_says_what_one_by_one_says() {
    let world = World::new(&Plan {
        records: 80,
        ..Plan::default()
    });
    let (header, lines) = mutated(&world);
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let open = |check| BulkVerifier::open(&header, &world.trust, &options(), check).unwrap();
    let (strict, batch) = (open(SignatureCheck::Strict), open(SignatureCheck::Batch));
    let alone: Vec<Verdict> = lines.iter().map(|line| strict.check_line(line)).collect();
    // All lines at once, and so few that no table pays.
    let few: Vec<Verdict> = lines
        .chunks(7)
        .flat_map(|lines| strict.check_lines(lines))
        .collect();
    assert_eq!(few, alone);
    assert_eq!(strict.check_lines(&lines), alone);
    for found in [
        batch.check_lines(&lines),
        lines
            .chunks(7)
            .flat_map(|lines| batch.check_lines(lines))
            .collect(),
    ] {
        for (place, (found, alone)) in found.iter().zip(&alone).enumerate() {
            assert_eq!(found.signature_check, SignatureCheck::Batch);
            assert!(found.warnings.contains(&Reason::BatchChecked));
            assert!(found.findings().eq(alone.findings()), "line {place}");
        }
    }
    let bad = |reason| {
        let found = |verdict: &&Verdict| verdict.findings().any(|(_, finding)| finding.reason == reason);
        alone.iter().filter(found).count()
    };
    assert!(bad(Reason::SignatureInvalid) >= 10 && bad(Reason::InclusionInvalid) >= 3);
    assert!(
        alone
            .iter()
            .filter(|verdict| verdict.outcome() == Outcome::Accepted)
            .count()
            >= 30
    );
}

#[test]
fn one_bad_signature_in_a_batch_is_named() {
    let world = World::new(&Plan {
        records: 40,
        edit: |record| record.replace("第1号", "第2号"),
        ..Plan::default()
    });
    let file = world.bulk_file();
    let (header, lines) = split(&file);
    let verifier = BulkVerifier::open(header, &world.trust, &options(), SignatureCheck::Batch).unwrap();
    let lines: Vec<&[u8]> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .collect();
    let bad: Vec<usize> = verifier
        .check_lines(&lines)
        .iter()
        .enumerate()
        .filter(|(_, verdict)| verdict.finding(Axis::Signature).state != State::Holds)
        .map(|(place, _)| place)
        .collect();
    assert_eq!(bad, [0]);
}

/// Fails once all is read.
struct Torn<'a>(&'a [u8]);

impl std::io::Read for Torn<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::other("torn")),
            read => Ok(read),
        }
    }
}

#[test]
fn findings_come_in_order_and_before_an_error() {
    let world = World::new(&Plan::unwitnessed());
    let file = world.bulk_file();
    let (header, lines) = split(&file);
    let verifier = BulkVerifier::open(header, &world.trust, &options(), SignatureCheck::Batch).unwrap();
    // Some ten chunks; every twenty-first line is bad.
    let many = [lines, b"{}\n"].concat().repeat(500);
    let mut odd = Vec::new();
    verifier.run(many.as_slice(), |line, _| odd.push(line)).unwrap();
    let step = RECORDS as u64 + 1;
    let right: Vec<u64> = (1..=500).map(|nth| nth * step + 1).collect();
    assert_eq!(odd, right);
    let mut before = Vec::new();
    let found = verifier.run(Torn(&many), |line, _| before.push(line));
    assert!(matches!(found, Err(StreamError::Read(_))));
    // All but those of the chunk that the source failed in.
    assert!(before.len() > 400 && right.starts_with(&before));
}
